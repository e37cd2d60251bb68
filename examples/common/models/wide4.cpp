// SPDX-License-Identifier: BSD-3-Clause
// Wide4 for each data set that it fits.
#include "../model_of.hpp"

template std::unique_ptr<examples::model> examples::make_model_of<seed::Wide4>(std::string_view);

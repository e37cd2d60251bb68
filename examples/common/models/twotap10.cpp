// SPDX-License-Identifier: BSD-3-Clause
// TwoTap10 for each data set that it fits.
#include "../model_of.hpp"

template std::unique_ptr<examples::model> examples::make_model_of<sparse::TwoTap10>(std::string_view);

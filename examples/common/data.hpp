// SPDX-License-Identifier: BSD-3-Clause
// Where do images come from, and how do they become input? Data sets by name, pictures from files, normalisation, and
// what is written into a model's file so that it can be used without asking again.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fovea/infer/shape.hpp>
#include <fovea/io/dataset.hpp>
#include <fovea/io/image.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/train/augment.hpp>

namespace examples {

/// Where Debian's package dataset-fashion-mnist puts Fashion-MNIST.
inline constexpr const char* fashion_package = "/usr/share/datasets/fashion-mnist";

/// The data set of that name below `directory`: its files lie there or in a folder of the customary name
/// (cifar-10-batches-bin, cifar-100-binary, fashion-mnist, m2nist). An empty directory means fashion_package for
/// "fashion". M2NIST has no customary division: its last 15 % become the test set.
/// \throws fovea::Error naming the files that were looked for
fovea::dataset_split load_data(std::string_view name, const std::string& directory);

/// What a saved model is: kept in the metadata of its .safetensors file.
struct model_card {
    std::string network;     ///< by name, as make_model takes it
    std::string data_set;    ///< the form of the network: whose input and number of classes it has
    std::string trained_on;  ///< for people
    std::vector<std::string> class_names;
    fovea::channel_normalisation normalisation;

    fovea::safetensors::metadata_map to_metadata() const;
    /// \throws fovea::FileError when the file was not written by fovea_train or fovea_demo
    static model_card from(const fovea::safetensors::file& file);
};

/// Images first ... last - 1 as the network sees them, N x C x H x W.
std::vector<float> network_input(const fovea::dataset& set, const fovea::channel_normalisation& normalisation,
                                 std::size_t first, std::size_t last);

/// A picture of any size as an image of a network's input size: the largest centred part of the same proportions, each
/// pixel the mean of the area that it covers; grey (0.299 R + 0.587 G + 0.114 B) where the network has one channel.
/// `invert` swaps light and dark, for dark things on a light ground where the network learned light on dark.
fovea::dataset image_for(const fovea::picture& from, const fovea::Shape& input, bool invert,
                         const std::vector<std::string>& class_names);

/// Throws unless a file can be written there later: the folder exists and may be written to.
void require_writable(const std::string& path, std::string_view option);

}  // namespace examples

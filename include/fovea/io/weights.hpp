// SPDX-License-Identifier: BSD-3-Clause
// How are a network's weights saved and loaded? As .safetensors under PyTorch's state_dict names.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <fovea/execute/weights.hpp>
#include <fovea/io/safetensors.hpp>

namespace fovea {

namespace detail {

template <class Net>
constexpr bool is_batch_counter(std::string_view name) {
    constexpr std::string_view counter = ".num_batches_tracked";
    if (!name.ends_with(counter)) {
        return false;
    }
    name.remove_suffix(counter.size());
    return std::any_of(layers_of<Net>.begin(), layers_of<Net>.end(), [&](const layer_info& l) {
        return l.kind == brick_kind::batch_norm && name == std::string_view(l.path);
    });
}

}  // namespace detail

/// Writes all tensors atomically: an error (full disk, no permission) throws FileError and leaves an older file as it
/// was.
template <class Net>
void save(const Weights<Net>& weights, const std::string& path, const safetensors::metadata_map& metadata = {}) {
    std::vector<safetensors::tensor_view> views;
    for (const tensor_info& t : detail::tensor_list<Net>) {
        views.push_back(
            safetensors::float_view(std::string(std::string_view(t.name)),
                                    {t.extents.begin(), t.extents.begin() + static_cast<std::ptrdiff_t>(t.rank)},
                                    weights[t]));
    }
    safetensors::write(path, views, metadata);
}

/// The weights of a parsed file. Throws FileError for the first tensor that is missing, too many, or of another shape
/// or dtype than the network's. PyTorch's `num_batches_tracked` counters are passed over: fovea's momentum is a
/// constant.
template <class Net>
Weights<Net> load(const safetensors::file& file) {
    for (const safetensors::tensor_view& entry : file.entries()) {
        const bool known = std::any_of(detail::tensor_list<Net>.begin(), detail::tensor_list<Net>.end(),
                                       [&](const tensor_info& t) { return entry.name == std::string_view(t.name); });
        if (!known && !detail::is_batch_counter<Net>(entry.name)) {
            throw FileError(file.path(), "tensor '" + entry.name + "'", "a tensor of this network",
                            "that name, of shape " + detail::shape_text(entry.shape),
                            "is the file from another network?");
        }
    }
    Weights<Net> weights;
    for (const tensor_info& t : detail::tensor_list<Net>) {
        const std::string name(std::string_view(t.name));
        const std::vector<std::size_t> shape(t.extents.begin(),
                                             t.extents.begin() + static_cast<std::ptrdiff_t>(t.rank));
        const safetensors::tensor_view* entry = file.find(name);
        if (entry == nullptr) {
            throw FileError(file.path(), "tensor '" + name + "'", detail::shape_text(shape), "no such tensor",
                            "is the file from another network?");
        }
        if (entry->shape != shape) {
            throw FileError(file.path(), "tensor '" + name + "' shape", detail::shape_text(shape),
                            detail::shape_text(entry->shape));
        }
        file.copy_floats(*entry, weights[t]);
    }
    return weights;
}

/// Reads a .safetensors file. Throws FileError that names file, field, expected and got.
template <class Net>
Weights<Net> load(const std::string& path) {
    return load<Net>(safetensors::read(path));
}

}  // namespace fovea

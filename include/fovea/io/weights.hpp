// SPDX-License-Identifier: BSD-3-Clause
// How are a network's weights saved and loaded? As .safetensors under PyTorch's state_dict names.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fovea/execute/weights.hpp>
#include <fovea/io/safetensors.hpp>
#include <fovea/io/weight_values.hpp>

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

/// The shape of a masked convolution's weight with all its taps, as a framework without patterns saves it; rank 0 for
/// tensors that have no other form.
template <class Net>
constexpr weight_shape full_shape(const tensor_info& t) {
    const layer_info& l = layers_of<Net>[t.layer];
    const bool masked = l.kind == brick_kind::conv && l.patterns.count > 0 && std::string_view(t.name).ends_with(".weight");
    if (!masked) {
        return {{}, 0};
    }
    const std::size_t in = l.input.channels / l.groups;
    return network_traits<Net>::trace.one_dimensional
               ? weight_shape{{l.output.channels, in, l.columns.kernel, 1}, 3}
               : weight_shape{{l.output.channels, in, l.rows.kernel, l.columns.kernel}, 4};
}

/// Keeps the taps that the layer has. What is left out must be 0: otherwise it is another network's weight.
inline void pick_taps(const layer_info& l, const std::vector<float>& full, std::span<float> compact,
                      const std::string& file, const std::string& name) {
    const std::size_t in = l.input.channels / l.groups, window = l.rows.kernel * l.columns.kernel;
    std::size_t at = 0;
    for (std::size_t o = 0; o < l.output.channels; ++o) {
        const tap_set taps = taps_of(l, o);
        for (std::size_t i = 0; i < in; ++i) {
            for (std::size_t k = 0; k < window; ++k) {
                const float v = full[(o * in + i) * window + k];
                if (taps.has(k)) {
                    compact[at++] = v;
                } else if (v != 0) {
                    throw FileError(file, "tensor '" + name + "'",
                                    "0 at the taps that are not in the layer's pattern",
                                    std::to_string(v) + " at output " + std::to_string(o) + ", input " + std::to_string(i) +
                                        ", row " + std::to_string(k / l.columns.kernel) + ", column " +
                                        std::to_string(k % l.columns.kernel),
                                    "are the weights from a network with another pattern?");
                }
            }
        }
    }
}

}  // namespace detail

/// Writes all tensors atomically: an error (full disk, no permission, weights that load() would refuse) throws FileError
/// and leaves an older file as it was.
template <class Net>
void save(const Weights<Net>& weights, const std::string& path, const safetensors::metadata_map& metadata = {},
          weight_values allowed = weight_values::finite) {
    detail::require_values(allowed, weights.values(), detail::tensor_list<Net>, path);
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
/// or dtype than the network's. A convolution with taps<> also reads a weight of all taps, O, I / groups, KH, KW, whose absent
/// ones are 0. PyTorch's `num_batches_tracked` counters are passed over: fovea's momentum is a
/// constant. Values that are not finite, and negative variances, are refused unless they are `allowed`.
template <class Net>
Weights<Net> load(const safetensors::file& file, weight_values allowed = weight_values::finite) {
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
        const detail::weight_shape full = detail::full_shape<Net>(t);
        if (entry->shape != shape && full.rank > 0 &&
            std::equal(entry->shape.begin(), entry->shape.end(), full.extents.begin(),
                       full.extents.begin() + static_cast<std::ptrdiff_t>(full.rank))) {
            std::vector<float> values(full.extents[0] * full.extents[1] * full.extents[2] * full.extents[3]);
            file.copy_floats(*entry, values);
            detail::pick_taps(detail::layers_of<Net>[t.layer], values, weights[t], file.path(), name);
            continue;
        }
        if (entry->shape != shape) {
            throw FileError(file.path(), "tensor '" + name + "' shape", detail::shape_text(shape),
                            detail::shape_text(entry->shape));
        }
        file.copy_floats(*entry, weights[t]);
    }
    detail::require_values(allowed, std::as_const(weights).values(), detail::tensor_list<Net>, file.path());
    return weights;
}

/// Reads a .safetensors file. Throws FileError that names file, field, expected and got.
template <class Net>
Weights<Net> load(const std::string& path, weight_values allowed = weight_values::finite) {
    return load<Net>(safetensors::read(path), allowed);
}

}  // namespace fovea

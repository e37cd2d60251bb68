// SPDX-License-Identifier: BSD-3-Clause
// Which work does a training step do? One operation a layer, nothing folded but ReLU into the BatchNorm before it; a
// constexpr array, and the layouts of the maps between the operations.
#pragma once

#include <array>

#include <fovea/plan/steps.hpp>

namespace fovea {

enum class train_kind : unsigned char { conv, dense, norm, activate, mean, max_pool, average_pool, dropout };

struct train_operation {
    train_kind kind = train_kind::conv;
    std::size_t layer = 0;
    bool relu = false;  ///< norm: a ReLU follows and is part of it
};

namespace detail {

template <std::size_t N>
struct operation_list {
    std::array<train_operation, N> operations{};
    std::array<Shape, N + 1> shapes{};  ///< operation k reads map k and writes map k + 1
    std::size_t count = 0;
};

/// Identity and a last Softmax (fused with the loss) need no operation.
template <std::size_t N>
constexpr operation_list<N> make_operations(const std::array<layer_info, N>& layers, Shape input) {
    operation_list<N> list{};
    list.shapes[0] = input;
    for (std::size_t i = 0; i < N; ++i) {
        const layer_info& l = layers[i];
        if (l.kind == brick_kind::identity || l.kind == brick_kind::softmax ||
            (l.kind == brick_kind::dropout && l.percent == 0)) {
            continue;
        }
        train_operation o{.layer = i};
        switch (l.kind) {
            case brick_kind::batch_norm:
                o.kind = train_kind::norm;
                if (i + 1 < N && layers[i + 1].kind == brick_kind::relu) {
                    o.relu = true;
                    ++i;
                }
                break;
            case brick_kind::dropout: o.kind = train_kind::dropout; break;
            default:
                switch (step_of(l)) {
                    case step_kind::conv: o.kind = train_kind::conv; break;
                    case step_kind::dense: o.kind = train_kind::dense; break;
                    case step_kind::mean: o.kind = train_kind::mean; break;
                    case step_kind::max_pool: o.kind = train_kind::max_pool; break;
                    case step_kind::average_pool: o.kind = train_kind::average_pool; break;
                    default: o.kind = train_kind::activate; break;
                }
        }
        list.operations[list.count++] = o;
        list.shapes[list.count] = layers[i].output;
    }
    return list;
}

constexpr bool value_by_value(train_kind k) {
    return k == train_kind::norm || k == train_kind::activate || k == train_kind::dropout;
}

/// Columns that the gradient of a convolution reads past the edges of its output map.
constexpr std::ptrdiff_t backward_reach_of(const layer_info& l) {
    if (!has_window(l.kind)) {
        return 0;
    }
    const std::ptrdiff_t span = signed_of(l.columns.span());
    const std::ptrdiff_t left = span - signed_of(l.columns.pad_before);
    const std::ptrdiff_t right = span - signed_of(l.columns.pad_after);
    return left > right ? (left > 0 ? left : 0) : (right > 0 ? right : 0);
}

}  // namespace detail

/// The plan of learner<Net>.
template <class Net>
struct train_plan {
    static constexpr const auto& layers = detail::layers_of<Net>;
    static constexpr auto list = detail::make_operations(layers, detail::network_traits<Net>::trace.input);
    static constexpr std::size_t count = list.count;

    static constexpr train_operation operation(std::size_t k) { return list.operations[k]; }

    /// The gap of each map: what the forward window of its reader and the backward one of its writer reach. Operations
    /// that work value by value have one layout on both sides.
    static constexpr std::array<map_layout, count + 1> maps = [] {
        std::array<std::ptrdiff_t, count + 1> gap{};
        for (std::size_t k = 0; k < count; ++k) {
            const layer_info& l = layers[list.operations[k].layer];
            const std::ptrdiff_t reach = detail::reach_of(l), back = detail::backward_reach_of(l);
            gap[k] = reach > gap[k] ? reach : gap[k];
            gap[k + 1] = back;
        }
        const auto level = [&](std::size_t k) {
            if (detail::value_by_value(list.operations[k].kind)) {
                gap[k] = gap[k + 1] = gap[k] > gap[k + 1] ? gap[k] : gap[k + 1];
            }
        };
        for (std::size_t k = 0; k < count; ++k) {
            level(k);
        }
        for (std::size_t k = count; k > 0; --k) {
            level(k - 1);
        }
        std::array<map_layout, count + 1> m{};
        for (std::size_t i = 0; i <= count; ++i) {
            m[i] = detail::layout_of(list.shapes[i], gap[i]);
        }
        return m;
    }();

    static constexpr std::ptrdiff_t largest_map = [] {
        std::ptrdiff_t largest = 0;
        for (const map_layout& m : maps) {
            largest = m.footprint() > largest ? m.footprint() : largest;
        }
        return largest;
    }();

    static constexpr conv_geometry geometry(std::size_t k) {
        return detail::geometry_of(layers[list.operations[k].layer], maps[k], maps[k + 1]);
    }

    /// Behind the last operation of the stretch that begins at k: a BatchNorm needs the whole batch before it goes on,
    /// so images run through a stretch one by one, while they are in the cache, and meet before every BatchNorm.
    static constexpr std::size_t stretch_end(std::size_t k) {
        std::size_t end = k + 1;
        while (end < count && list.operations[end].kind != train_kind::norm) {
            ++end;
        }
        return end;
    }
};

}  // namespace fovea

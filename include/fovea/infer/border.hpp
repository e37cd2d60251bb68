// SPDX-License-Identifier: BSD-3-Clause
// Where do the map's edges matter? Layers that already see everything, and taps that fall into the padding.
#pragma once

#include <fovea/infer/cost.hpp>
#include <fovea/infer/graph.hpp>
#include <fovea/infer/questions.hpp>

namespace fovea {
namespace detail {

/// Whether a layer adds to what its units see.
constexpr bool widens(const layer_info& l) {
    return l.positions && moves_field(l) && (l.rows.kernel > 1 || l.columns.kernel > 1);
}

/// The first layer with a kernel above 1 whose inputs see the whole input already along every
/// path, or the number of layers.
constexpr std::size_t border_layer_of(const graph& g, const Shape& input) {
    const auto sees_all = [&](std::size_t map) {
        const ReceptiveField f = map == 0 ? ReceptiveField{} : g.layers[map - 1].receptive_field;
        return f.height.least >= input.height && f.width.least >= input.width;
    };
    for (std::size_t i = 0; i < g.layers.size(); ++i) {
        if (widens(g.layers[i]) && sees_all(g.inputs_of(i)[0])) {
            return i;
        }
    }
    return g.layers.size();
}

/// Share of a layer's taps, over all units, that lie inside its input (of a transposed convolution: that are not
/// cropped). 1 without a window, and where the padding holds values of the map.
constexpr double valid_share(const layer_info& l) {
    return (has_window(l) || l.kind == brick_kind::deconv) && l.mode == padding_mode::zeros ? count_valid_taps(l).share
                                                                                            : 1;
}

/// The field along the path that sees least, or most, on each axis: where paths meet, one is taken.
constexpr Extent field_of_one_path(const graph& g, bool most, bool one_dimensional) {
    const auto places = places_of(g, [most](axis_path a, axis_path b) {
        const std::int64_t grid = std::lcm(a.grid, b.grid);
        a.scale(grid / a.grid);
        b.scale(grid / b.grid);
        return (b.hi - b.lo > a.hi - a.lo) == most ? b : a;
    });
    heap_array<bool> marks(g.layers.size() + 1);
    mark_roots(g, g.outputs, marks);
    Extent e;
    bool first = true;
    for (std::size_t map = 0; map < marks.size(); ++map) {
        if (marks[map]) {
            const std::size_t rows = field_of(places[map].rows).size, columns = field_of(places[map].columns).size;
            e.height = first || (rows > e.height) == most ? rows : e.height;
            e.width = first || (columns > e.width) == most ? columns : e.width;
            first = false;
        }
    }
    e.one_dimensional = one_dimensional;
    return e;
}

}  // namespace detail

/// The receptive field along the path that sees least, on each axis.
template <class Net>
inline constexpr auto minimal_receptive_field = detail::ask<Net>([](const auto& t) {
    return detail::field_of_one_path(detail::graph_of(t), false, t.one_dimensional);
});

/// The receptive field along the path that sees most, on each axis. receptive_field is the union over all paths: more
/// where they lie beside each other.
template <class Net>
inline constexpr auto maximal_receptive_field = detail::ask<Net>([](const auto& t) {
    return detail::field_of_one_path(detail::graph_of(t), true, t.one_dimensional);
});

/// Index into layers<Net> of the first convolution or pool whose inputs see the whole input already, along every path
/// and on every axis: it and what follows enlarge no field (Richter, Byttner, Krumnack, Schallner and Shenk 2021). The
/// number of layers where there is none.
template <class Net>
inline constexpr auto border_layer = detail::ask<Net>([](const auto& t) {
    return detail::border_layer_of(detail::graph_of(t), t.input);
});

/// For each of layers<Net> the share of its taps, over all units, that lie inside the map: the others multiply padding
/// (Chen et al. 2017, DeepLabv3, section 3.3).
template <class Net>
inline constexpr auto valid_tap_fractions = [] {
    if constexpr (detail::sound<Net>) {
        std::array<double, detail::layers_of<Net>.size()> shares{};
        for (std::size_t i = 0; i < shares.size(); ++i) {
            shares[i] = detail::valid_share(detail::layers_of<Net>[i]);
        }
        return shares;
    } else {
        return detail::refuse_network<Net>();
    }
}();

/// The same of position I of the network's list.
template <class Net, std::size_t I>
inline constexpr auto valid_tap_fraction = detail::ask_at<Net, I>(detail::valid_share);

}  // namespace fovea

// SPDX-License-Identifier: BSD-3-Clause
// How much of the receptive field counts? The spread of the tap paths over it.
#pragma once

#include <fovea/detail/constexpr_math.hpp>
#include <fovea/infer/graph.hpp>
#include <fovea/infer/questions.hpp>

namespace fovea {

struct axis_effect {
    double sigma = 0;  ///< standard deviation of the tap paths' ends, in input positions
    double ratio = 0;  ///< 4 sigma / receptive field: small where most of the field hardly counts
};
struct EffectiveField {
    axis_effect height{};
    axis_effect width{};
};

namespace detail {

/// The ends of all tap paths from a unit to the input: how many (count * 2^(512 * scale)), where, and how far apart.
/// Means are positions of unit 0; behind upsampling all phases are one histogram.
struct path_spread {
    double count = 1;
    int scale = 0;
    double row = 0;
    double column = 0;
    double row_variance = 0;
    double column_variance = 0;

    constexpr void times(double n) {
        count *= n;
        if (count > 0x1p512) {
            count *= 0x1p-512;
            ++scale;
        }
    }
    /// Two histograms as one: of the paths to a sum of maps.
    constexpr void add(path_spread other) {
        if (other.scale > scale) {
            std::swap(*this, other);
        }
        for (int i = other.scale; i < scale; ++i) {
            other.count *= 0x1p-512;
        }
        const double sum = count + other.count, share = sum > 0 ? other.count / sum : 0;
        const auto merge = [&](double& mean, double& variance, double mean_2, double variance_2) {
            const double apart = mean_2 - mean;
            mean += share * apart;
            variance = (1 - share) * variance + share * variance_2 + share * (1 - share) * apart * apart;
        };
        merge(row, row_variance, other.row, other.row_variance);
        merge(column, column_variance, other.column, other.column_variance);
        count = sum;
    }
};

/// Mean and variance of a layer's taps along its axes, in taps; `count` of them a unit.
struct tap_spread {
    double count = 1;
    double row = 0;
    double column = 0;
    double row_variance = 0;
    double column_variance = 0;
};
constexpr tap_spread spread_of_taps(const layer_info& l) {
    const std::size_t rows = l.rows.kernel, columns = l.columns.kernel;
    const auto r = static_cast<double>(rows), c = static_cast<double>(columns);
    if (l.patterns.count == 0) {
        return {r * c, (r - 1) / 2, (c - 1) / 2, (r * r - 1) / 12, (c * c - 1) / 12};
    }
    double n = 0, y1 = 0, x1 = 0, yy = 0, xx = 0;
    for_each_pattern(l, [&](const tap_set& taps, std::size_t with) {
        const auto channels = static_cast<double>(with);
        for (std::size_t i = 0; i < rows * columns; ++i) {
            if (taps.has(i)) {
                const auto y = static_cast<double>(i / columns), x = static_cast<double>(i % columns);
                n += channels;
                y1 += channels * y;
                x1 += channels * x;
                yy += channels * y * y;
                xx += channels * x * x;
            }
        }
    });
    const double y = y1 / n, x = x1 / n;
    return {n / static_cast<double>(l.output.channels), y, x, yy / n - y * y, xx / n - x * x};
}

constexpr void advance_axis(double& mean, double& variance, const axis_map& s, double tap, double tap_variance,
                            const axis_path& before) {
    const double jump = static_cast<double>(before.jump) / static_cast<double>(before.grid);
    const auto n = static_cast<double>(s.stride), d = static_cast<double>(s.dilation), pad = static_cast<double>(s.pad);
    switch (s.how) {
        case axis_map::identity: break;
        case axis_map::window:
            mean += (tap * d - pad) * jump;
            variance += tap_variance * d * d * jump * jump;
            break;
        case axis_map::transposed: {
            const double fine = jump / n;
            mean += (pad - tap * d) * fine;
            variance += tap_variance * d * d * fine * fine;
            break;
        }
        case axis_map::nearest:
            mean -= (n - 1) / (2 * n) * jump;
            variance += (n * n - 1) / (12 * n * n) * jump * jump;
            break;
        case axis_map::bilinear: {
            // Between two values with weights 1 - f and f: variance f (1 - f).
            double sum = 0;
            for (std::int64_t u = 0; u < s.stride; ++u) {
                const double centre = (static_cast<double>(2 * u + 1) - n) / (2 * n),
                             f = centre < 0 ? centre + 1 : centre;
                sum += f * (1 - f);
            }
            mean -= (n - 1) / (2 * n) * jump;
            variance += sum / n * jump * jump;
            break;
        }
    }
}

/// Of all maps of positions.
constexpr heap_array<path_spread> spreads_of(const graph& g, const heap_array<map_place>& places) {
    heap_array<path_spread> spreads(g.layers.size() + 1);
    for (std::size_t i = 0; i < g.layers.size(); ++i) {
        const layer_info& l = g.layers[i];
        path_spread& p = spreads[i + 1];
        std::size_t from = 0;
        bool first = true;
        for (std::size_t map : g.inputs_of(i)) {
            if (g.positions(map)) {
                if (first) {
                    p = spreads[map];
                } else {
                    p.add(spreads[map]);
                }
                from = map;
                first = false;
            }
        }
        if (!l.positions || !moves_field(l)) {
            continue;
        }
        const axis_map rows = axis_map_of(l, l.rows), columns = axis_map_of(l, l.columns);
        const tap_spread t = spread_of_taps(l);
        advance_axis(p.row, p.row_variance, rows, t.row, t.row_variance, places[from].rows);
        advance_axis(p.column, p.column_variance, columns, t.column, t.column_variance, places[from].columns);
        const bool transposed = l.kind == brick_kind::deconv;
        p.times(transposed ? t.count / static_cast<double>(rows.stride * columns.stride) : t.count);
    }
    return spreads;
}

constexpr EffectiveField effective_field_of(const graph& g, std::span<const std::size_t> targets,
                                            const ReceptiveField& field) {
    EffectiveField e;
    heap_array<bool> marks(g.layers.size() + 1);
    mark_roots(g, targets, marks);
    const auto places = places_of(g);
    const auto spreads = spreads_of(g, places);
    const auto largest = [](double& sigma, double variance) {
        const double root = square_root(variance);
        sigma = root > sigma ? root : sigma;
    };
    for (std::size_t map = 0; map < marks.size(); ++map) {
        if (marks[map]) {
            largest(e.height.sigma, spreads[map].row_variance);
            largest(e.width.sigma, spreads[map].column_variance);
        }
    }
    e.height.ratio = field.height.size > 0 ? 4 * e.height.sigma / static_cast<double>(field.height.size) : 0;
    e.width.ratio = field.width.size > 0 ? 4 * e.width.sigma / static_cast<double>(field.width.size) : 0;
    return e;
}

}  // namespace detail

/// Per axis the standard deviation of the ends of all tap paths from an output unit to the input, and 4 of it over the
/// receptive field (Luo et al. 2016): the field of equal positive weights. Exact: variances of taps add along a path,
/// and where maps are added the paths' histograms are (every channel counted alike, all phases behind upsampling). Of
/// the largest among Heads.
template <class Net>
inline constexpr auto effective_receptive_field = detail::ask<Net>([](const auto& t) {
    return detail::effective_field_of(detail::graph_of(t), t.outputs(), t.field);
});

}  // namespace fovea

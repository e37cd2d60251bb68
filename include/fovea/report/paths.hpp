// SPDX-License-Identifier: BSD-3-Clause
// Along how many paths of taps does each input position reach an output unit? Counted backwards through the graph.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <fovea/infer/graph.hpp>

namespace fovea {

/// Paths from the positions of the input to one unit of the last map of positions, far from the borders; summed over
/// the phases where strides make units differ. With patterns dealt over channels a tap counts by the share of channels
/// that have it. Largest value: 1. (With equal weights the gradient of a unit has this shape: Luo et al. 2016.)
struct path_histogram {
    std::int64_t top = 0;  ///< of the first row, from the unit's own position
    std::int64_t left = 0;
    std::size_t height = 0;  ///< 0: not counted, the field has more than `most` positions
    std::size_t width = 0;
    std::vector<double> share{};
    std::size_t phases = 1;
    std::size_t counted_phases = 1;  ///< of large strides only some

    double own_y = 0, own_x = 0;  ///< the unit's exact position, which may lie between two
    double mean_y = 0, mean_x = 0, variance_y = 0, variance_x = 0, covariance = 0;
    std::size_t seen = 0;  ///< positions with a path

    static constexpr std::size_t most = 4'000'000;
    double at(std::size_t y, std::size_t x) const { return share[y * width + x]; }
};

namespace detail {

/// Counts over a box of a map's positions.
struct path_box {
    std::int64_t top = 0;
    std::int64_t left = 0;
    std::int64_t height = 0;
    std::int64_t width = 0;
    std::vector<double> count{};

    bool empty() const { return count.empty(); }
    double& at(std::int64_t y, std::int64_t x) {
        return count[static_cast<std::size_t>((y - top) * width + (x - left))];
    }
    static path_box zeros(std::int64_t t, std::int64_t l, std::int64_t bottom, std::int64_t right) {
        path_box b{t, l, bottom - t + 1, right - l + 1, {}};
        b.count.resize(static_cast<std::size_t>(b.height * b.width));
        return b;
    }
};

inline void add_box(path_box& to, path_box from) {
    if (to.empty()) {
        to = std::move(from);
        return;
    }
    const std::int64_t t = std::min(to.top, from.top), l = std::min(to.left, from.left);
    const std::int64_t b = std::max(to.top + to.height, from.top + from.height) - 1;
    const std::int64_t r = std::max(to.left + to.width, from.left + from.width) - 1;
    if (t != to.top || l != to.left || b != to.top + to.height - 1 || r != to.left + to.width - 1) {
        path_box wider = path_box::zeros(t, l, b, r);
        std::swap(to, wider);
        add_box(to, std::move(wider));
    }
    for (std::int64_t y = 0; y < from.height; ++y) {
        const double* source = from.count.data() + y * from.width;
        double* target = &to.at(from.top + y, from.left);
        for (std::int64_t x = 0; x < from.width; ++x) {
            target[x] += source[x];
        }
    }
}

/// Share of the output channels that have each tap; empty where all have all.
inline std::vector<double> tap_shares(const layer_info& l) {
    std::vector<double> shares(l.rows.kernel * l.columns.kernel);
    bool whole = true;
    for_each_pattern(l, [&](const tap_set& taps, std::size_t channels) {
        whole = whole && taps.all;
        for (std::size_t t = 0; t < shares.size(); ++t) {
            shares[t] += taps.has(t) ? static_cast<double>(channels) / static_cast<double>(l.output.channels) : 0;
        }
    });
    return whole ? std::vector<double>{} : shares;
}

/// What the counts of a layer's output are for its input.
inline path_box through_layer(const layer_info& l, path_box from) {
    const axis_map rows = axis_map_of(l, l.rows), columns = axis_map_of(l, l.columns);
    if (rows == axis_map{} && columns == axis_map{}) {
        return from;
    }
    const tap_ranges taps = ranges_of(l);
    const unit_range high = sources_of(rows, {from.top, from.top + from.height - 1}, taps.rows);
    const unit_range wide = sources_of(columns, {from.left, from.left + from.width - 1}, taps.columns);
    if (high.empty() || wide.empty()) {
        return {};
    }
    path_box to = path_box::zeros(high.first, wide.first, high.last, wide.last);
    /// Adds a row of counts, times `share`, to what its units read along the columns.
    const auto add_row = [&](const double* source, double* target, const tap_set& of, double share) {
        for (std::int64_t x = 0; x < from.width; ++x) {
            for_each_source(columns, of, from.left + x,
                            [&](std::int64_t at) { target[at - wide.first] += share * source[x]; });
        }
    };
    const std::vector<double> shares = tap_shares(l);
    if (shares.empty()) {  // all taps: rows and columns one after the other
        path_box tall = path_box::zeros(high.first, from.left, high.last, from.left + from.width - 1);
        for (std::int64_t y = 0; y < from.height; ++y) {
            const double* source = from.count.data() + y * from.width;
            for_each_source(rows, {}, from.top + y, [&](std::int64_t at) {
                double* target = &tall.at(at, from.left);
                for (std::int64_t x = 0; x < from.width; ++x) {
                    target[x] += source[x];
                }
            });
        }
        for (std::int64_t y = high.first; y <= high.last; ++y) {
            add_row(&tall.at(y, from.left), &to.at(y, wide.first), {}, 1);
        }
        return to;
    }
    const auto only = [](std::size_t tap) { return tap_set::of({tap}); };
    for (std::int64_t y = 0; y < from.height; ++y) {
        for (std::size_t t = 0; t < shares.size(); ++t) {
            if (shares[t] > 0) {
                for_each_source(rows, only(t / l.columns.kernel), from.top + y, [&](std::int64_t at) {
                    add_row(from.count.data() + y * from.width, &to.at(at, wide.first), only(t % l.columns.kernel),
                            shares[t]);
                });
            }
        }
    }
    return to;
}

/// Counts at the input for the unit (y, x) of the given maps. Scaled so that they stay finite;
/// what is not zero stays so.
inline path_box paths_of_unit(const graph& g, const heap_array<bool>& roots, std::int64_t y, std::int64_t x) {
    std::vector<path_box> maps(g.layers.size() + 1);
    for (std::size_t m = 0; m < maps.size(); ++m) {
        if (roots[m]) {
            maps[m] = {y, x, 1, 1, {1.0}};
        }
    }
    for (std::size_t m = g.layers.size(); m > 0; --m) {
        if (maps[m].empty() || !g.layers[m - 1].positions) {
            continue;
        }
        path_box at = through_layer(g.layers[m - 1], std::move(maps[m]));
        maps[m] = {};
        if (at.empty()) {
            continue;
        }
        if (*std::max_element(at.count.begin(), at.count.end()) > 1e150) {
            const auto scale = [](path_box& b) {
                for (double& c : b.count) {
                    c = c > 0 ? std::max(c * 1e-150, std::numeric_limits<double>::min()) : 0;
                }
            };
            scale(at);
            std::for_each(maps.begin(), maps.end(), scale);
        }
        const auto inputs = g.inputs_of(m - 1);
        for (std::size_t n = 1; n < inputs.size(); ++n) {
            add_box(maps[inputs[n]], at);
        }
        add_box(maps[inputs[0]], std::move(at));
    }
    return std::move(maps[0]);
}

inline void moments_of(path_histogram& h) {
    double sum = 0;
    for (int pass = 0; pass < 2; ++pass) {
        for (std::size_t y = 0; y < h.height; ++y) {
            for (std::size_t x = 0; x < h.width; ++x) {
                const double c = h.at(y, x), dy = static_cast<double>(y) + static_cast<double>(h.top) - h.mean_y,
                             dx = static_cast<double>(x) + static_cast<double>(h.left) - h.mean_x;
                if (pass == 0) {
                    sum += c;
                    h.seen += c > 0 ? 1 : 0;
                    h.variance_y += c * dy;
                    h.variance_x += c * dx;
                } else {
                    h.variance_y += c * dy * dy;
                    h.variance_x += c * dx * dx;
                    h.covariance += c * dy * dx;
                }
            }
        }
        h.variance_y /= sum;
        h.variance_x /= sum;
        if (pass == 0) {
            h.mean_y = std::exchange(h.variance_y, 0.0);
            h.mean_x = std::exchange(h.variance_x, 0.0);
        }
    }
    h.covariance /= sum;
}

}  // namespace detail

/// `field`: of the network (see receptive_field).
inline path_histogram count_paths(const detail::graph& g, const ReceptiveField& field) {
    path_histogram h;
    if (field.height.size == 0 || field.width.size == 0 || field.height.size > path_histogram::most ||
        field.width.size > path_histogram::most || field.height.size * field.width.size > path_histogram::most) {
        return h;
    }
    const auto places = detail::places_of(g);
    detail::heap_array<bool> roots(g.layers.size() + 1);
    detail::mark_roots(g, g.outputs, roots);
    std::size_t last = 0;  // of several outputs the last one's phases and positions are taken
    for (std::size_t m = 0; m < roots.size(); ++m) {
        last = roots[m] ? m : last;
    }
    const auto phases_of = [](std::int64_t period) {
        return static_cast<std::size_t>(std::min<std::int64_t>(period, 1 << 16));
    };
    const std::size_t rows = phases_of(places[last].row_period), columns = phases_of(places[last].column_period);
    // All phases of small fields, the first, the last and some between of large ones.
    const std::size_t affordable = std::max<std::size_t>(4, 200'000'000 / (field.height.size * field.width.size * 64));
    const auto counted = [&](std::size_t phases, std::size_t others) {
        return others * phases <= affordable ? phases : std::min<std::size_t>(phases, 4);
    };
    const std::size_t some_rows = counted(rows, columns), some_columns = counted(columns, rows);
    h.phases = rows * columns;
    h.counted_phases = some_rows * some_columns;
    const auto phase = [](std::size_t n, std::size_t some, std::size_t all) {
        return static_cast<std::int64_t>(some < 2 ? 0 : n * (all - 1) / (some - 1));
    };
    const detail::own_positions own_row(places[last].rows), own_column(places[last].columns);
    detail::path_box all;
    for (std::size_t r = 0; r < some_rows; ++r) {
        for (std::size_t c = 0; c < some_columns; ++c) {
            const std::int64_t y = phase(r, some_rows, rows), x = phase(c, some_columns, columns);
            detail::path_box one = detail::paths_of_unit(g, roots, y, x);
            one.top -= own_row(y);
            one.left -= own_column(x);
            detail::add_box(all, std::move(one));
        }
    }
    if (all.empty()) {
        return h;
    }
    h.top = all.top;
    h.left = all.left;
    h.own_y = -own_row.rest();
    h.own_x = -own_column.rest();
    h.height = static_cast<std::size_t>(all.height);
    h.width = static_cast<std::size_t>(all.width);
    h.share = std::move(all.count);
    const double peak = *std::max_element(h.share.begin(), h.share.end());
    for (double& s : h.share) {
        s = s > 0 ? std::max(s / peak, std::numeric_limits<double>::min()) : 0;
    }
    detail::moments_of(h);
    return h;
}

}  // namespace fovea

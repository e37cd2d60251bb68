// SPDX-License-Identifier: BSD-3-Clause
// Along how many paths of taps does each input position reach an output unit? Counted backwards through the graph.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <fovea/infer/graph.hpp>
#include <fovea/infer/trace.hpp>

namespace fovea {

/// A network's layers and edges without its type; maps are numbered as in its trace: 0 is the input, i + 1 the output
/// of layer i.
struct network_graph {
    std::vector<layer_info> layers{};
    std::vector<std::size_t> edges{};
    std::size_t first_output = 0;
    std::size_t output_count = 1;
    Shape input{};
    bool one_dimensional = false;

    std::span<const std::size_t> inputs_of(std::size_t layer) const {
        return {edges.data() + layers[layer].first_input, layers[layer].input_count};
    }
    std::span<const std::size_t> outputs() const { return {edges.data() + first_output, output_count}; }
    const Shape& shape(std::size_t map) const { return map == 0 ? input : layers[map - 1].output; }
};

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

/// Which input of a layer does a tap of an output read, along one axis?
struct axis_reader {
    brick_kind kind = brick_kind::identity;
    bool bilinear = false;
    std::int64_t taps = 1, dilation = 1, stride = 1, pad = 0;

    static axis_reader of(const layer_info& l, const axis_window& w) {
        axis_reader r{l.kind, l.bilinear};
        r.stride = static_cast<std::int64_t>(w.stride);
        if (l.kind == brick_kind::upsample) {
            r.taps = l.bilinear && r.stride > 1 ? 2 : 1;
        } else {
            r.taps = static_cast<std::int64_t>(w.kernel);
            r.dilation = static_cast<std::int64_t>(w.dilation);
            r.pad = static_cast<std::int64_t>(w.pad_before);
        }
        return r;
    }
    /// False where the tap meets no input.
    bool read(std::int64_t output, std::int64_t tap, std::int64_t& input) const {
        switch (kind) {
            case brick_kind::deconv: {
                const std::int64_t at = output + pad - tap * dilation;
                input = floor_of(at, stride);
                return input * stride == at;
            }
            case brick_kind::upsample: {
                if (!bilinear) {
                    input = floor_of(output, stride);
                    return true;
                }
                const std::int64_t twice = 2 * output + 1 - stride;  // (output + 1/2) / n - 1/2, in 1/2n
                input = floor_of(twice, 2 * stride) + tap;
                return tap == 0 || (twice % (2 * stride) != 0);
            }
            default: input = output * stride - pad + tap * dilation; return true;
        }
    }
    void bounds(std::int64_t first, std::int64_t last, std::int64_t& lo, std::int64_t& hi) const {
        lo = std::numeric_limits<std::int64_t>::max();
        hi = std::numeric_limits<std::int64_t>::min();
        for (std::int64_t o = first; o <= last; ++o) {
            for (std::int64_t k = 0, i = 0; k < taps; ++k) {
                if (read(o, k, i)) {
                    lo = std::min(lo, i);
                    hi = std::max(hi, i);
                }
            }
        }
    }
};

/// Share of the output channels that have each tap; empty where all have all.
inline std::vector<double> tap_shares(const layer_info& l) {
    std::vector<double> shares;
    const std::size_t n = l.patterns.count;
    for (std::size_t p = 0; p < n && p < l.output.channels; ++p) {
        const tap_set taps = taps_of(l, p);
        if (taps.all && n == 1) {
            return {};
        }
        shares.resize(l.rows.kernel * l.columns.kernel);
        const double channels = static_cast<double>((l.output.channels + n - 1 - p) / n);
        for (std::size_t t = 0; t < shares.size(); ++t) {
            shares[t] += taps.has(t) ? channels / static_cast<double>(l.output.channels) : 0;
        }
    }
    return shares;
}

/// What the counts of a layer's output are for its input.
inline path_box through_layer(const layer_info& l, path_box from) {
    if (!moves_field(l)) {
        return from;
    }
    const axis_reader rows = axis_reader::of(l, l.rows), columns = axis_reader::of(l, l.columns);
    std::int64_t top = 0, bottom = 0, left = 0, right = 0;
    rows.bounds(from.top, from.top + from.height - 1, top, bottom);
    columns.bounds(from.left, from.left + from.width - 1, left, right);
    if (top > bottom || left > right) {
        return {};
    }
    const std::vector<double> shares = tap_shares(l);
    const auto add_columns = [&](const double* source, double* target, std::int64_t tap, double share) {
        std::int64_t i = 0;
        for (std::int64_t x = 0; x < from.width; ++x) {
            if (columns.read(from.left + x, tap, i)) {
                target[i - left] += share * source[x];
            }
        }
    };
    std::int64_t i = 0;
    path_box to = path_box::zeros(top, left, bottom, right);
    if (!shares.empty()) {
        for (std::int64_t y = 0; y < from.height; ++y) {
            for (std::size_t t = 0; t < shares.size(); ++t) {
                const auto tap = static_cast<std::int64_t>(t);
                if (shares[t] > 0 && rows.read(from.top + y, tap / columns.taps, i)) {
                    add_columns(from.count.data() + y * from.width, &to.at(i, left), tap % columns.taps, shares[t]);
                }
            }
        }
        return to;
    }
    // All taps: rows and columns one after the other.
    path_box tall = path_box::zeros(top, from.left, bottom, from.left + from.width - 1);
    for (std::int64_t y = 0; y < from.height; ++y) {
        for (std::int64_t k = 0; k < rows.taps; ++k) {
            if (rows.read(from.top + y, k, i)) {
                const double* source = from.count.data() + y * from.width;
                double* target = &tall.at(i, from.left);
                for (std::int64_t x = 0; x < from.width; ++x) {
                    target[x] += source[x];
                }
            }
        }
    }
    for (std::int64_t y = 0; y < to.height; ++y) {
        for (std::int64_t k = 0; k < columns.taps; ++k) {
            add_columns(tall.count.data() + y * tall.width, &to.at(top + y, left), k, 1);
        }
    }
    return to;
}

/// The maps of positions at which the receptive field is taken: the outputs, or what GAP and Dense behind them read.
inline std::vector<std::size_t> last_position_maps(const network_graph& g) {
    std::vector<bool> wanted(g.layers.size() + 1);
    std::vector<std::size_t> maps;
    for (std::size_t o : g.outputs()) {
        wanted[o] = true;
    }
    for (std::size_t m = g.layers.size() + 1; m-- > 0;) {
        if (!wanted[m]) {
            continue;
        }
        if (m == 0 || g.layers[m - 1].positions) {
            maps.push_back(m);
        } else {
            for (std::size_t from : g.inputs_of(m - 1)) {
                wanted[from] = true;
            }
        }
    }
    return maps;
}

/// Counts at the input for the unit (y, x) of the given maps. Scaled so that they stay finite; what is not zero stays
/// so.
inline path_box paths_of_unit(const network_graph& g, const std::vector<std::size_t>& from, std::int64_t y,
                              std::int64_t x) {
    std::vector<path_box> maps(g.layers.size() + 1);
    for (std::size_t m : from) {
        add_box(maps[m], {y, x, 1, 1, {1.0}});
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

/// After how many units do all layers' strides meet again, along one axis?
template <class Axis>
std::size_t phases_of(const network_graph& g, step_ratio unit, Axis axis) {
    std::size_t phases = 1;
    const auto meet = [&](step_ratio map) {
        if (map.numerator > 0) {
            const std::size_t up = unit.numerator * map.denominator, down = unit.denominator * map.numerator;
            phases = std::min<std::size_t>(std::lcm(phases, down / std::gcd(up, down)), 1 << 16);
        }
    };
    meet(step_ratio{});
    for (const layer_info& l : g.layers) {
        if (l.positions) {
            meet(axis(l.receptive_field).stride);
        }
    }
    return phases;
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
inline path_histogram count_paths(const network_graph& g, const ReceptiveField& field) {
    path_histogram h;
    if (field.height.size == 0 || field.width.size == 0 || field.height.size > path_histogram::most ||
        field.width.size > path_histogram::most || field.height.size * field.width.size > path_histogram::most) {
        return h;
    }
    const std::vector<std::size_t> from = detail::last_position_maps(g);
    const std::size_t rows =
        detail::phases_of(g, field.height.stride, [](const ReceptiveField& f) { return f.height; });
    const std::size_t columns =
        detail::phases_of(g, field.width.stride, [](const ReceptiveField& f) { return f.width; });
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
    const auto places = detail::places_of({g.layers, g.edges, g.outputs()});
    const detail::own_positions own_row(places[from[0]].rows), own_column(places[from[0]].columns);
    detail::path_box all;
    for (std::size_t r = 0; r < some_rows; ++r) {
        for (std::size_t c = 0; c < some_columns; ++c) {
            const std::int64_t y = phase(r, some_rows, rows), x = phase(c, some_columns, columns);
            detail::path_box one = detail::paths_of_unit(g, from, y, x);
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

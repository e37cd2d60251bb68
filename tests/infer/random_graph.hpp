// SPDX-License-Identifier: BSD-3-Clause
// Random graphs of layers as plain records, and what their units see when every tap is followed one by one: written
// from the layers' definitions, without the library's set arithmetic.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <fovea/infer/support.hpp>

namespace graphs {

using fovea::axis_window;
using fovea::brick_kind;
using fovea::layer_info;
using fovea::padding_rule;
using fovea::detail::tap_pattern;
using position = std::pair<long, long>;

inline const std::vector<std::vector<tap_pattern>>& pattern_lists() {
    using p = tap_pattern;
    static const std::vector<std::vector<p>> lists{
        {{.shape = p::cross}},
        {{.shape = p::diagonal}, {.shape = p::antidiagonal}},
        {{.shape = p::horizontal, .ends = true}, {.shape = p::vertical, .ends = true}},
        {{.shape = p::horizontal}},
        {{.shape = p::mask, .rows = "101 010 101"}},
        {{.shape = p::mask, .rows = "111 100 000"}},
        {{.shape = p::diagonal, .ends = true}, {.shape = p::full}},
    };
    return lists;
}

struct random_graph {
    std::vector<layer_info> layers;
    std::vector<std::size_t> edges;
    std::vector<std::size_t> outputs;
    bool one_dimensional = false;

    fovea::detail::graph view() const { return {layers, edges, outputs}; }
};

struct choices {
    bool strides = true;
    bool resampling = true;  ///< Deconv and Upsample
    bool masks = true;
    bool joins = true;
    bool one_dimensional = false;
    bool only_masks = false;  ///< convolutions with patterns, two steps of padding at most
    int layers = 8;
};

class generator {
public:
    explicit generator(std::uint64_t seed) : bits_(seed) {}

    int below(int n) { return static_cast<int>(bits_() % static_cast<std::uint64_t>(n)); }
    bool once_in(int n) { return below(n) == 0; }

    random_graph make(const choices& c) {
        random_graph g;
        g.one_dimensional = c.one_dimensional;
        scales_.assign(1, scale{ratio{1, 1}, ratio{1, 1}});
        const int count = 1 + below(c.layers);
        for (int i = 0; i < count; ++i) {
            layer_info l;
            l.first_input = g.edges.size();
            const auto maps = static_cast<int>(scales_.size());
            const std::size_t from = once_in(4) && c.joins ? static_cast<std::size_t>(below(maps)) : scales_.size() - 1;
            g.edges.push_back(from);
            scale to = scales_[from];
            if (c.joins && i > 0 && once_in(3)) {
                l.kind = once_in(2) ? brick_kind::add : brick_kind::concat;
                for (std::size_t m = 0; m < scales_.size(); ++m) {
                    if (scales_[m] == to && once_in(2) && g.edges.size() < l.first_input + 4) {
                        g.edges.push_back(m);
                    }
                }
            } else {
                to = fill(l, c, to);
            }
            l.input_count = g.edges.size() - l.first_input;
            l.output = {2, 1, 1};
            g.layers.push_back(l);
            scales_.push_back(to);
        }
        g.outputs.push_back(g.layers.size());
        if (c.joins && once_in(4)) {
            g.outputs.push_back(static_cast<std::size_t>(below(static_cast<int>(scales_.size()))));
        }
        return g;
    }

private:
    using ratio = std::pair<long, long>;
    using scale = std::array<ratio, 2>;

    axis_window window(int widest, int strides) {
        axis_window w;
        w.kernel = static_cast<std::size_t>(1 + below(widest));
        w.dilation = static_cast<std::size_t>(once_in(2) ? 1 : 1 + below(4));
        w.stride = static_cast<std::size_t>(strides > 1 && once_in(3) ? 1 + below(strides) : 1);
        w.pad_before = static_cast<std::size_t>(below(static_cast<int>(w.span()) + 2));
        return w;
    }
    fovea::detail::tap_patterns pattern() {
        const auto& lists = pattern_lists();
        const auto& list = lists[static_cast<std::size_t>(below(static_cast<int>(lists.size())))];
        return {list.data(), list.size()};
    }
    static ratio scaled(ratio r, long up, long down) {
        r.first *= up;
        r.second *= down;
        const long common = std::gcd(r.first, r.second);
        return {r.first / common, r.second / common};
    }
    scale fill(layer_info& l, const choices& c, scale from) {
        if (c.only_masks) {
            l.kind = brick_kind::conv;
            l.rows = l.columns = {.kernel = 3, .dilation = static_cast<std::size_t>(1 + below(4)), .pad_before = 1};
            l.patterns = pattern();
            return from;
        }
        if (once_in(5)) {
            l.kind = brick_kind::activation;
            l.act = fovea::activation::relu;
            return from;
        }
        // Enough for a set of every position; more than one phase in eight is refused.
        const bool fine = from[1].second >= 4, coarse = from[1].first >= 8;
        if (c.resampling && !fine && once_in(3)) {
            if (once_in(2)) {
                l.kind = brick_kind::upsample;
                l.bilinear = once_in(2);
                l.columns.stride = static_cast<std::size_t>(1 + below(4));
                l.rows.stride = c.one_dimensional ? 1 : l.columns.stride;
            } else {
                l.kind = brick_kind::deconv;
                l.columns = window(4, 4);
                l.rows = c.one_dimensional ? axis_window{} : window(4, 4);
                l.padding = once_in(4) ? padding_rule::causal : padding_rule::same;
            }
            return {scaled(from[0], 1, static_cast<long>(l.rows.stride)),
                    scaled(from[1], 1, static_cast<long>(l.columns.stride))};
        }
        constexpr brick_kind kinds[] = {brick_kind::conv, brick_kind::conv, brick_kind::conv, brick_kind::max_pool,
                                        brick_kind::median_pool};
        l.kind = kinds[below(5)];
        const int strides = c.strides && !coarse ? 4 : 1;
        l.columns = window(5, strides);
        l.rows = c.one_dimensional ? axis_window{} : window(5, strides);
        l.padding = once_in(4) ? padding_rule::causal : padding_rule::same;
        if (c.masks && l.kind == brick_kind::conv && !c.one_dimensional && once_in(2)) {
            l.patterns = pattern();
            l.rows.kernel = l.columns.kernel = 3;
        }
        return {scaled(from[0], static_cast<long>(l.rows.stride), 1),
                scaled(from[1], static_cast<long>(l.columns.stride), 1)};
    }

    std::mt19937_64 bits_;
    std::vector<scale> scales_;
};

inline long floor_div(long a, long b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }

/// Units of the map before that unit o reads, with their weights: all-ones kernels; bilinear has its own.
inline std::vector<std::pair<long, double>> read_by(const layer_info& l, const axis_window& w, long o) {
    const long k = static_cast<long>(w.kernel), d = static_cast<long>(w.dilation), s = static_cast<long>(w.stride),
               p = static_cast<long>(w.pad_before);
    std::vector<std::pair<long, double>> from;
    if (l.kind == brick_kind::upsample) {
        if (!l.bilinear) {
            return {{floor_div(o, s), 1.0}};
        }
        const double centre = (static_cast<double>(o) + 0.5) / static_cast<double>(s) - 0.5;
        const long left = static_cast<long>(std::floor(centre + 1e-9));
        const double part = centre - static_cast<double>(left);
        from.emplace_back(left, 1 - part);
        if (part > 1e-9) {
            from.emplace_back(left + 1, part);
        }
        return from;
    }
    if (l.kind == brick_kind::deconv) {
        // Input i adds to outputs i * s - p + t * d.
        for (long i = floor_div(o, s) - k * d - p - 2; i <= floor_div(o, s) + p + 2; ++i) {
            for (long t = 0; t < k; ++t) {
                if (i * s - p + t * d == o) {
                    from.emplace_back(i, 1.0);
                }
            }
        }
        return from;
    }
    for (long t = 0; t < k; ++t) {
        from.emplace_back(o * s - p + t * d, 1.0);
    }
    return from;
}

inline bool has_kernel(const layer_info& l) {
    return l.kind == brick_kind::conv || l.kind == brick_kind::max_pool || l.kind == brick_kind::median_pool ||
           l.kind == brick_kind::deconv || l.kind == brick_kind::upsample;
}

/// The adjoint: how many tap paths lead from a unit of `map` to each position of the input.
inline std::map<position, double> paths_from(const random_graph& g, std::size_t map, position unit) {
    std::vector<std::map<position, double>> at(map + 1);
    at[map][unit] = 1;
    for (std::size_t i = map; i-- > 0;) {
        const layer_info& l = g.layers[i];
        for (std::size_t n = 0; n < l.input_count; ++n) {
            auto& to = at[g.edges[l.first_input + n]];
            for (const auto& [o, weight] : at[i + 1]) {
                if (!has_kernel(l)) {
                    to[o] += weight;
                    continue;
                }
                const auto rows = read_by(l, l.rows, o.first), columns = read_by(l, l.columns, o.second);
                for (std::size_t y = 0; y < rows.size(); ++y) {
                    for (std::size_t x = 0; x < columns.size(); ++x) {
                        double taps = 1;
                        if (l.patterns.count > 0) {
                            taps = 0;
                            for (std::size_t c = 0; c < l.output.channels; ++c) {
                                taps += fovea::taps_of(l, c).has(y * l.columns.kernel + x)
                                            ? 1.0 / static_cast<double>(l.output.channels)
                                            : 0;
                            }
                        }
                        if (taps > 0) {
                            to[{rows[y].first, columns[x].first}] += weight * taps * rows[y].second * columns[x].second;
                        }
                    }
                }
            }
        }
    }
    return at[0];
}

/// Positions that stand for a unit, each by its own rule: the tap (the middle one, the one before the middle of an even
/// window, the last one when causal; held by Upsample and Deconv), the place (strided windows and resampling by their
/// exact middle), the centre (all windows by their exact middle).
enum class rule { tap, place, centre };

inline double position_of(const random_graph& g, std::size_t map, double o, axis_window layer_info::*axis, rule by) {
    while (map > 0) {
        const layer_info& l = g.layers[map - 1];
        const axis_window& w = l.*axis;
        const auto s = static_cast<double>(w.stride), p = static_cast<double>(w.pad_before);
        const bool causal = l.padding == padding_rule::causal;
        const bool exact = by == rule::centre || (by == rule::place && w.stride > 1);
        const double middle = exact ? static_cast<double>(w.span()) / 2 : static_cast<double>(w.span() / 2);
        if (l.kind == brick_kind::upsample) {
            o = exact ? (o + 0.5) / s - 0.5 : o / s;
        } else if (l.kind == brick_kind::deconv) {
            o = (o + p - (causal ? 0.0 : middle)) / s;
        } else if (has_kernel(l)) {
            o = o * s - p + (causal ? static_cast<double>(w.span()) : middle);
        }
        map = g.edges[l.first_input];
    }
    return o;
}

/// Whether a map's units lie finer than those of any map that leads to it.
inline bool resampled(const random_graph& g, std::size_t map, axis_window layer_info::*axis) {
    if (map == 0) {
        return false;
    }
    const layer_info& l = g.layers[map - 1];
    bool is = (l.kind == brick_kind::upsample || l.kind == brick_kind::deconv) && (l.*axis).stride > 1;
    for (std::size_t n = 0; n < l.input_count; ++n) {
        is = is || resampled(g, g.edges[l.first_input + n], axis);
    }
    return is;
}

/// What a map's units see along an axis over all phases: from where they stand, exactly.
struct seen_along {
    double first = 0;
    double last = 0;
    bool any = false;
};
inline seen_along seen(const random_graph& g, std::size_t map, axis_window layer_info::*axis, long rows, long columns,
                       rule by) {
    seen_along s;
    for (long r = 0; r < rows; ++r) {
        for (long c = 0; c < columns; ++c) {
            const bool along_rows = axis == &layer_info::rows;
            const double own = position_of(g, map, static_cast<double>(along_rows ? r : c), axis, by);
            for (const auto& [at, weight] : paths_from(g, map, {r, c})) {
                const double offset = static_cast<double>(along_rows ? at.first : at.second) - own;
                s = {s.any ? std::min(s.first, offset) : offset, s.any ? std::max(s.last, offset) : offset, true};
            }
        }
    }
    return s;
}

}  // namespace graphs

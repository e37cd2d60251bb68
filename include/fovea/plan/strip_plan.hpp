// SPDX-License-Identifier: BSD-3-Clause
// How does an image of any size pass through a network in bounded memory? In strips of constant width, a few rows a
// pass: each map holds just the rows that its readers still need.
#pragma once

#include <array>

#include <fovea/plan/step_plan.hpp>

namespace fovea {

/// The constants of a strip. More rows held than needed make it rarer that rows are moved to the front.
struct strip_shape {
    std::ptrdiff_t columns = 0;  ///< those of the halo included
    std::ptrdiff_t rows = 8;     ///< of each map, a pass
    std::ptrdiff_t slack = 1;    ///< times what the windows above and below a row need
    constexpr bool operator==(const strip_shape&) const = default;
};

namespace detail {

/// Strips speak of rows in the image, of which no map holds all: their layouts have this height, and an image at most
/// as many rows.
inline constexpr std::ptrdiff_t strip_height = std::ptrdiff_t{1} << (sizeof(std::ptrdiff_t) == 8 ? 24 : 15);

/// No step works in place, branches have maps of their own, and the image has extents of its own.
inline constexpr step_options strip_options{.in_place = false, .fixed_extents = false};

/// What a strip cannot do.
enum class strip_fault : unsigned char { none, one_dimension, stride, whole_map, extents, padding, kernel };

struct strip_problem {
    strip_fault what = strip_fault::none;
    std::size_t layer = 0;
};

template <std::size_t N, std::size_t M>
constexpr strip_problem find_strip_problem(const traced<N, M>& t) {
    if (t.one_dimensional) {
        return {strip_fault::one_dimension, 0};
    }
    for (std::size_t i = 0; i < N; ++i) {
        const layer_info& l = t.layers[i];
        const brick_view view = facts_of(l).view;
        if (sees_whole_map(l)) {
            return {strip_fault::whole_map, i};
        }
        if (view == brick_view::transposed || view == brick_view::resampled || l.rows.stride != 1 ||
            l.columns.stride != 1) {
            return {strip_fault::stride, i};
        }
        if (l.output.height != l.input.height || l.output.width != l.input.width) {
            return {strip_fault::extents, i};
        }
        if (pads_with_values(l)) {
            return {strip_fault::padding, i};
        }
        if (!does_nothing(l) && !facts_of(step_of(l, strip_options)).in_strips) {
            return {strip_fault::kernel, i};
        }
    }
    return {};
}

template <class Net>
struct strip_work {
    static constexpr auto list = make_steps(network_traits<Net>::trace, strip_options);
};

/// Rows and columns that the outputs see of each map, and what follows for the order of the work: map m is `lead[m]`
/// rows ahead of the outputs, and holds `behind[m]` rows besides those of one pass.
template <class Net>
struct strip_reach : step_plan_base<Net, strip_work<Net>> {
    using base = step_plan_base<Net, strip_work<Net>>;
    using base::layer;
    using base::list;
    using base::map_count;
    using base::output_count;
    using base::output_map;
    using base::reads;
    using base::step;
    using base::step_count;

    /// Rows of read n that step k sees above and below its own.
    static constexpr bool sees_window(std::size_t k, std::size_t n) {
        return has_window(layer(k)) && !laid_out_alike(step(k), n);
    }
    static constexpr std::ptrdiff_t above(std::size_t k, std::size_t n = 0) {
        return sees_window(k, n) ? signed_of(layer(k).rows.pad_before) : 0;
    }
    static constexpr std::ptrdiff_t below(std::size_t k, std::size_t n = 0) {
        return sees_window(k, n) ? signed_of(layer(k).rows.pad_after) : 0;
    }

    struct values {
        std::array<std::ptrdiff_t, map_count> lead{}, behind{}, left{}, right{}, gap{};
    };
    static constexpr values of = [] {
        values v{};
        for (std::size_t k = step_count; k > 0; --k) {
            const layer_info l = layer(k - 1);
            const std::size_t out = step(k - 1).out_map;
            for (std::size_t n = 0; n < step(k - 1).read_count; ++n) {
                const std::size_t m = reads(k - 1)[n];
                const bool window = sees_window(k - 1, n);
                raise_to(v.lead[m], v.lead[out] + below(k - 1, n));
                raise_to(v.left[m], v.left[out] + (window ? signed_of(l.columns.pad_before) : 0));
                raise_to(v.right[m], v.right[out] + (window ? signed_of(l.columns.pad_after) : 0));
                raise_to(v.gap[m], window ? reach_of(l) : 0);
            }
        }
        for (std::size_t k = 0; k < step_count; ++k) {
            for (std::size_t n = 0; n < step(k).read_count; ++n) {
                const std::size_t m = reads(k)[n];
                raise_to(v.behind[m], v.lead[m] - v.lead[step(k).out_map] + above(k, n));
            }
        }
        for (std::size_t o = 0; o < output_count; ++o) {
            raise_to(v.behind[output_map(o)], v.lead[output_map(o)]);
        }
        // Maps of one layout hold as many rows, too.
        level(v.gap, [](auto one_layout) { base::each_alike(one_layout); });
        level(v.behind, [](auto one_layout) { base::each_alike(one_layout); });
        return v;
    }();

    static constexpr std::ptrdiff_t lead = of.lead[0];
    static constexpr std::ptrdiff_t halo_left = of.left[0];
    static constexpr std::ptrdiff_t halo_right = of.right[0];

    static constexpr std::ptrdiff_t rows_of(std::size_t map, const strip_shape& s) {
        return s.rows + of.behind[map] * (1 + s.slack);
    }
    static constexpr map_layout layout(std::size_t map, const strip_shape& s) {
        map_layout m = make_map_layout(signed_of(list.shapes[map].channels), rows_of(map, s), s.columns, of.gap[map]);
        m.height = strip_height;
        return m;
    }
    /// Elements of all maps, and of the rows on their way in and out.
    static constexpr std::ptrdiff_t elements(const strip_shape& s) {
        std::ptrdiff_t n = 0;
        for (std::size_t m = 0; m < map_count; ++m) {
            n += layout(m, s).footprint();
        }
        return n + staged(s);
    }
    static constexpr std::ptrdiff_t staged(const strip_shape& s) {
        std::ptrdiff_t channels = signed_of(list.shapes[0].channels);
        for (std::size_t o = 0; o < output_count; ++o) {
            channels += signed_of(list.shapes[output_map(o)].channels);
        }
        return channels * s.rows * s.columns;
    }

    static constexpr std::ptrdiff_t column_quantum = 64;
    /// The narrowest strip is worth a quantum of columns.
    static constexpr std::ptrdiff_t least_columns = round_up(halo_left + halo_right + column_quantum, column_quantum);
    /// A halo that costs a fifth, or 512 columns. Wider strips compute less twice, but their rows fall out of the
    /// caches: Segment's layers run at 0.75 of the multiply-add peak on 704 columns, at 0.65 on 1,024.
    static constexpr std::ptrdiff_t most_columns = [] {
        const std::ptrdiff_t wide = round_up((halo_left + halo_right) * 11 / 2, column_quantum);
        return wide < 512 ? 512 : wide;
    }();

    /// Time relative to that without halos and moved rows: a moved row costs a hundredth of a computed one.
    static constexpr double cost(const strip_shape& s) {
        double moved = 0, rows = 0;
        for (std::size_t m = 0; m < map_count; ++m) {
            const auto channels = static_cast<double>(list.shapes[m].channels);
            const auto behind = static_cast<double>(of.behind[m]);
            moved += channels * behind / (static_cast<double>(s.slack) * behind + static_cast<double>(s.rows));
            rows += channels;
        }
        return static_cast<double>(s.columns) / static_cast<double>(s.columns - halo_left - halo_right) *
               (1 + 0.01 * moved / rows);
    }

    /// Of a pass; threads meet behind every step, which should be worth it.
    static constexpr std::ptrdiff_t least_rows(std::ptrdiff_t threads) { return threads > 1 ? 8 * threads : 4; }

    /// The cheapest shape of at most `bytes`, for `threads` that share the rows of a pass; no columns if there is none.
    /// columns: 0 for any.
    static constexpr strip_shape choose(std::ptrdiff_t bytes, std::ptrdiff_t threads, std::ptrdiff_t columns) {
        strip_shape best{};
        double best_cost = 1e30;
        const std::ptrdiff_t first = columns > 0 ? columns : least_columns;
        const std::ptrdiff_t last = columns > 0 ? columns : most_columns;
        for (std::ptrdiff_t rows = least_rows(threads); rows <= 16 * threads; rows *= 2) {
            for (std::ptrdiff_t slack = 0; slack <= 4; ++slack) {
                // Both memory and speed grow with the width: the widest that fits.
                std::ptrdiff_t low = 0, high = (last - first) / column_quantum + 1;
                while (low < high) {
                    const std::ptrdiff_t middle = (low + high) / 2;
                    const strip_shape s{first + middle * column_quantum, rows, slack};
                    if (elements(s) * static_cast<std::ptrdiff_t>(sizeof(float)) <= bytes) {
                        low = middle + 1;
                    } else {
                        high = middle;
                    }
                }
                if (low > 0) {
                    const strip_shape s{first + (low - 1) * column_quantum, rows, slack};
                    if (cost(s) < best_cost * 0.99) {  // more memory must pay
                        best_cost = cost(s);
                        best = s;
                    }
                }
            }
        }
        return best;
    }
    /// What the smallest shape takes, in bytes.
    static constexpr std::ptrdiff_t least_bytes(std::ptrdiff_t threads, std::ptrdiff_t columns) {
        return elements({columns > 0 ? columns : least_columns, least_rows(threads), 0}) *
               static_cast<std::ptrdiff_t>(sizeof(float));
    }
};

}  // namespace detail

/// The plan of Tiled<Net>: as engine_plan, but no steps are chained, and a map is a buffer of rows.
template <class Net, strip_shape Shape>
struct strip_plan : detail::strip_reach<Net> {
    using reach = detail::strip_reach<Net>;
    using reach::list;
    using reach::map_count;
    static constexpr strip_shape shape = Shape;

    static constexpr std::array<detail::map_slice, map_count> slices = [] {
        std::array<detail::map_slice, map_count> s{};
        for (std::size_t m = 0; m < map_count; ++m) {
            s[m].whole = m;
        }
        return s;
    }();
    static constexpr std::array<map_layout, map_count> maps = [] {
        std::array<map_layout, map_count> l{};
        for (std::size_t m = 0; m < map_count; ++m) {
            l[m] = reach::layout(m, Shape);
        }
        return l;
    }();
    /// Element at which the first value of a map's buffer lies; behind the last map's guard the size of all.
    static constexpr std::array<std::ptrdiff_t, map_count> first = [] {
        std::array<std::ptrdiff_t, map_count> f{};
        std::ptrdiff_t at = 0;
        for (std::size_t m = 0; m < map_count; ++m) {
            f[m] = at + maps[m].guard;
            at += maps[m].footprint();
        }
        return f;
    }();
    static constexpr conv_geometry geometry(std::size_t k) {
        const plan_step& s = list.steps[k];
        return detail::geometry_of(reach::layer(k), maps[s.in_map], maps[s.out_map]);
    }
};

}  // namespace fovea

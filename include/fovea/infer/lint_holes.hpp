// SPDX-License-Identifier: BSD-3-Clause
// Which dilations leave holes in what a unit sees, and which would not? Two rules of lint_rules.hpp, an exact one and a
// rule of thumb, and what all rules look at.
#pragma once

#include <fovea/infer/lint_forms.hpp>
#include <fovea/infer/support.hpp>
#include <fovea/infer/synthesis.hpp>

namespace fovea::detail {

/// What the rules look at.
struct lint_subject {
    graph layers{};
    Shape input{};
    bool one_dimensional = false;
    bool support_known = false;  ///< too large otherwise: then nothing is said of gridding
    Support support{};
    std::size_t subnets = 1;
};

struct lint_record {
    lint_form form{};
    std::size_t layer = 0;
    std::size_t other = 0;  ///< a layer that the words name besides
    lint_numbers numbers{};
};

/// Takes findings; only counts them without a place to put them.
struct lint_sink {
    lint_record* at = nullptr;
    std::size_t count = 0;

    constexpr void put(lint_form form, std::size_t layer, const layer_info& l, std::initializer_list<std::size_t> own,
                       std::size_t other = 0) {
        if (at != nullptr) {
            const auto number = [](std::size_t n) { return n > 0x7fffffff ? 0x7fffffff : static_cast<int>(n); };
            lint_record& r = at[count];
            r = {form,
                 layer,
                 other,
                 {number(layer), number(l.rows.kernel), number(l.columns.kernel), number(l.rows.dilation),
                  number(l.columns.dilation)}};
            std::size_t i = 5;
            for (std::size_t n : own) {
                r.numbers[i++] = number(n);
            }
        }
        ++count;
    }
};

/// One of the two axes.
struct axis_choice {
    axis_window layer_info::*window;
    axis_field ReceptiveField::*field;
};
inline constexpr axis_choice row_axis{&layer_info::rows, &ReceptiveField::height};
inline constexpr axis_choice column_axis{&layer_info::columns, &ReceptiveField::width};

constexpr axis_field field_at(const graph& g, std::size_t map, axis_field ReceptiveField::*axis) {
    return map == 0 ? axis_field{} : g.layers[map - 1].receptive_field.*axis;
}

/// Whether a layer lies on the path that sees most on this axis, from the output that sees most.
constexpr heap_array<bool> widest_path(const graph& g, const axis_choice& axis) {
    heap_array<bool> on(g.layers.size());
    const auto widest = [&](std::span<const std::size_t> maps) {
        std::size_t best = maps[0];
        for (std::size_t m : maps) {
            best = field_at(g, m, axis.field).size > field_at(g, best, axis.field).size ? m : best;
        }
        return best;
    };
    for (std::size_t map = widest(g.outputs); map > 0; map = widest(g.inputs_of(map - 1))) {
        on[map - 1] = true;
    }
    return on;
}

/// The taps of a layer along an axis as `count` positions `step` units of its input apart; 1 where it has no window.
struct tap_row {
    std::size_t count = 1;
    std::size_t step = 1;
};
constexpr tap_row taps_along(const layer_info& l, const axis_choice& axis) {
    const axis_window& w = l.*axis.window;
    if (l.kind == brick_kind::upsample) {
        return {l.bilinear && w.stride > 1 ? std::size_t{2} : std::size_t{1}, 1};
    }
    if (l.kind == brick_kind::deconv) {
        return {w.span() / w.stride + 1, 1};
    }
    if (!has_window(l)) {
        return {};
    }
    if (l.patterns.count == 0) {
        return {w.kernel, w.dilation};
    }
    // The union over the channels: the largest gap is the step.
    heap_array<bool> taken(w.kernel);
    const std::size_t taps = l.rows.kernel * l.columns.kernel;
    const tap_set seen = taps_of_any_output(l);
    for (std::size_t i = 0; i < taps; ++i) {
        if (seen.has(i)) {
            taken[axis.window == &layer_info::rows ? i / l.columns.kernel : i % l.columns.kernel] = true;
        }
    }
    std::size_t first = w.kernel, last = 0, gap = 0;
    for (std::size_t i = 0; i < w.kernel; ++i) {
        if (taken[i]) {
            gap = first < w.kernel && i - last > gap ? i - last : gap;
            first = first < w.kernel ? first : i;
            last = i;
        }
    }
    return gap == 0 ? tap_row{} : tap_row{(last - first) / gap + 1, gap * w.dilation};
}

/// Whether some row (or column) of the support's box is seen nowhere.
constexpr bool has_unseen_columns(const Support& s) {
    const std::size_t words = words_for(s.width);
    for (std::size_t w = 0; w < words; ++w) {
        bit_word seen = 0;
        for (std::size_t y = 0; y < s.height; ++y) {
            seen |= s.row(y)[w];
        }
        const std::size_t left = s.width - w * word_bits;
        if (seen != (left >= word_bits ? ~bit_word{0} : (bit_word{1} << left) - 1)) {
            return true;
        }
    }
    return false;
}
constexpr bool has_unseen_rows(const Support& s) {
    for (std::size_t y = 0; y < s.height; ++y) {
        bool seen = false;
        for (bit_word w : s.row(y)) {
            seen = seen || w != 0;
        }
        if (!seen) {
            return true;
        }
    }
    return false;
}

/// A layer that leaves holes on an axis.
struct hole_maker {
    std::size_t apart = 0;     ///< input positions between its taps; 0: it leaves none
    std::size_t before = 0;    ///< positions in a row that the finer layers see
    std::size_t dilation = 0;  ///< the largest that leaves none, if the others are mended too; 0: even 1 does
};

/// Layers by rising distance of their taps in the input (dilation times the strides before); the field R of the finer
/// ones is contiguous, and stays so if the distance is at most R. Exact for full kernels on one path, whatever their
/// order: the position R can be reached by no finer layer.
constexpr heap_array<hole_maker> hole_makers(const graph& g, const axis_choice& axis, bool sought) {
    heap_array<hole_maker> makers(g.layers.size());
    if (!sought) {
        return makers;
    }
    heap_array<tap_row> rows(g.layers.size());
    heap_array<std::size_t> apart(g.layers.size());
    const auto on = widest_path(g, axis);
    for (std::size_t i = 0; i < on.size(); ++i) {
        if (on[i] && g.layers[i].positions) {
            rows[i] = taps_along(g.layers[i], axis);
            const stride_ratio jump = field_at(g, g.inputs_of(i)[0], axis.field).stride;
            apart[i] =
                rows[i].count > 1 ? (rows[i].step * jump.numerator + jump.denominator - 1) / jump.denominator : 0;
        }
    }
    std::size_t field = 1;
    for (std::size_t done = 0;;) {
        std::size_t next = 0;
        for (std::size_t i = 0; i < on.size(); ++i) {
            next = apart[i] > done && (next == 0 || apart[i] < next) ? apart[i] : next;
        }
        if (next == 0) {
            return makers;
        }
        for (std::size_t i = 0; i < on.size(); ++i) {
            if (apart[i] != next) {
                continue;
            }
            std::size_t distance = next;
            if (next > field) {
                const std::size_t dilation = (g.layers[i].*axis.window).dilation;
                const std::size_t one = next / dilation > 0 ? next / dilation : 1;
                makers[i] = {next, field, field / one};
                distance = field / one > 0 ? field / one * one : next;
            }
            field += (rows[i].count - 1) * distance;
        }
        done = next;
    }
}

constexpr void lint_gridding(const lint_subject& s, lint_sink& out) {
    if (!s.support_known || s.support.count() == 0) {
        return;
    }
    const graph& g = s.layers;
    const std::size_t box = s.support.height * s.support.width, holes = box - s.support.count();
    const bool rows = !s.one_dimensional && has_unseen_rows(s.support), columns = has_unseen_columns(s.support);
    if (!rows && !columns && s.subnets <= 1) {
        return;
    }
    const auto by_row = hole_makers(g, row_axis, rows), by_column = hole_makers(g, column_axis, columns);
    bool found = false;
    for (std::size_t i = 0; i < g.layers.size(); ++i) {
        const hole_maker &y = by_row[i], &x = by_column[i];
        const bool row_decides = x.apart == 0 || (y.apart > 0 && y.dilation < x.dilation);
        const hole_maker& m = row_decides ? y : x;
        if (m.apart > 0) {
            out.put(m.dilation > 0 ? lint_form::gridding : lint_form::gridding_stride, i, g.layers[i],
                    {m.apart, m.before, m.dilation, holes, box, s.subnets});
            found = true;
        }
    }
    if (found) {
        return;
    }
    std::size_t finest = g.layers.size(), least = 0;
    for (std::size_t i = 0; i < g.layers.size(); ++i) {
        const layer_info& l = g.layers[i];
        const std::size_t d = l.rows.dilation + l.columns.dilation;
        if (l.kind == brick_kind::conv && l.positions && l.rows.span() + l.columns.span() > 0 &&
            (finest == g.layers.size() || d < least)) {
            finest = i;
            least = d;
        }
    }
    if (finest < g.layers.size()) {
        out.put(lint_form::gridding_lattice, finest, g.layers[finest], {0, 0, 0, holes, box, s.subnets});
    }
}

/// M_n = r_n, M_i = max(M_{i+1} - 2 r_i, 2 r_i - M_{i+1}, r_i); gives M_2 (Wang et al. 2018, equation 2).
constexpr std::size_t hdc_distance(const std::size_t* dilations, std::size_t n) {
    auto m = static_cast<std::int64_t>(dilations[n - 1]);
    for (std::size_t i = n - 1; i-- > 1;) {
        const auto r = static_cast<std::int64_t>(dilations[i]);
        const std::int64_t a = m - 2 * r, b = 2 * r - m;
        m = a > b ? a : b;
        m = m > r ? m : r;
    }
    return static_cast<std::size_t>(m);
}

constexpr bool passes_hdc(const std::size_t* dilations, std::size_t n, std::size_t kernel, std::size_t factor) {
    return factor == 1 && (n < 2 || hdc_distance(dilations, n) <= kernel);
}

constexpr void lint_hdc(const lint_subject& s, const axis_choice& axis, lint_sink& out) {
    const graph& g = s.layers;
    const auto on = widest_path(g, axis);
    heap_array<std::size_t> layer(g.layers.size()), dilation(g.layers.size());
    for (std::size_t i = 0; i < on.size();) {
        // A stretch: up to a window of another kind, kernel or stride. It is looked at when it is complete.
        std::size_t n = 0, kernel = 0, factor = 0;
        for (; i < on.size(); ++i) {
            const layer_info& l = g.layers[i];
            const axis_window& w = l.*axis.window;
            if (!on[i] || !moves_field(l) || (l.kind == brick_kind::conv && w.kernel == 1 && w.stride == 1)) {
                continue;
            }
            if (l.kind != brick_kind::conv || w.stride > 1 || w.kernel == 1 || (n > 0 && w.kernel != kernel)) {
                break;
            }
            kernel = w.kernel;
            factor = std::gcd(factor, w.dilation);
            layer[n] = i;
            dilation[n++] = w.dilation;
        }
        // The layer that ended a stretch begins the next one if it only has another kernel.
        const bool other_kernel = n > 0 && i < on.size() && g.layers[i].kind == brick_kind::conv &&
                                  (g.layers[i].*axis.window).stride == 1 && (g.layers[i].*axis.window).kernel > 1;
        i += other_kernel ? 0 : 1;
        for (std::size_t first = 0, end = 0; first < n; first = end) {
            for (end = first + 1; end < n && dilation[end] >= dilation[end - 1]; ++end) {
            }
            const std::size_t count = end - first;
            std::size_t* d = dilation.data() + first;
            if (count < 2 || passes_hdc(d, count, kernel, factor)) {
                continue;
            }
            const std::size_t distance = hdc_distance(d, count);
            // The smallest step down of one layer that passes, the group's own common factor included.
            std::size_t best = count, best_to = 0;
            std::size_t sum = 0;
            for (std::size_t j = 0; j < count; ++j) {
                const std::size_t was = d[j];
                sum += was;
                for (std::size_t to = was; to-- > 1 && (best == count || was - to < d[best] - best_to);) {
                    d[j] = to;
                    std::size_t common = 0;
                    for (std::size_t m = 0; m < n; ++m) {
                        common = std::gcd(common, dilation[m]);
                    }
                    const bool passes = passes_hdc(d, count, kernel, common);
                    d[j] = was;
                    if (passes) {
                        best = j;
                        best_to = to;
                    }
                }
            }
            const std::size_t at = layer[first];
            if (best < count) {
                out.put(lint_form::hdc_rule, at, g.layers[at], {distance, kernel, factor, count, best_to},
                        layer[first + best]);
            } else {
                const std::size_t field = 1 + (kernel - 1) * sum, largest = largest_field(count, kernel);
                out.put(lint_form::hdc_schedule, at, g.layers[at],
                        {distance, kernel, factor, count, field < largest ? field : largest});
            }
        }
    }
}

}  // namespace fovea::detail

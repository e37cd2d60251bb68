// SPDX-License-Identifier: BSD-3-Clause
// Which layers deserve a warning, and what is the smallest change that mends them? Plain functions over a network's
// records; they know no types, so that tests can ask them about graphs made at run time.
#pragma once

#include <fovea/infer/cost.hpp>
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
            const step_ratio jump = field_at(g, g.inputs_of(i)[0], axis.field).stride;
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

/// For images that become maps: the last window before an output has dilation 1 on some path, or neighbouring outputs
/// come from disjoint units (DRN, Yu et al. 2017, section 4). Time is left aside: WaveNets end with their largest
/// dilation.
constexpr void lint_drn_tail(const lint_subject& s, lint_sink& out) {
    const graph& g = s.layers;
    if (s.one_dimensional) {
        return;
    }
    // Of each map the last window before it with the smallest dilation; the number of layers: none.
    const std::size_t none = g.layers.size();
    heap_array<std::size_t> last(none + 1);
    last[0] = none;
    const auto dilation = [&](std::size_t i) {
        const layer_info& l = g.layers[i];
        if (l.kind == brick_kind::deconv || l.kind == brick_kind::upsample) {
            return std::size_t{1};
        }
        return l.rows.dilation > l.columns.dilation ? l.rows.dilation : l.columns.dilation;
    };
    for (std::size_t i = 0; i < none; ++i) {
        const layer_info& l = g.layers[i];
        last[i + 1] = none;
        if (moves_field(l) && (l.rows.kernel * l.columns.kernel > 1 || l.kind == brick_kind::upsample)) {
            last[i + 1] = i;
            continue;
        }
        for (std::size_t map : g.inputs_of(i)) {
            const std::size_t here = last[map];
            if (here < none && (last[i + 1] == none || dilation(here) < dilation(last[i + 1]))) {
                last[i + 1] = here;
            }
        }
    }
    for (std::size_t map : g.outputs) {
        if (map > 0 && g.positions(map) && g.layers[map - 1].output.positions() > 1 && last[map] < none) {
            const std::size_t d = dilation(last[map]);
            if (d > 1) {
                out.put(lint_form::drn_tail, last[map], g.layers[last[map]], {d / 2});
            }
        }
    }
}

/// MACs that meet data if a convolution's dilation were at most `most`, with padding in proportion.
constexpr std::size_t executed_macs_at(const layer_info& l, std::size_t most) {
    layer_info changed = l;
    for (const axis_choice& axis : {row_axis, column_axis}) {
        axis_window& w = changed.*axis.window;
        if (w.dilation > most) {
            w.pad_before = w.pad_before * most / w.dilation;
            w.pad_after = w.pad_after * most / w.dilation;
            w.dilation = most;
        }
    }
    return executed_macs(changed);
}
constexpr std::size_t larger_dilation(const layer_info& l) {
    return l.rows.dilation > l.columns.dilation ? l.rows.dilation : l.columns.dilation;
}
/// Rounded to the nearest, or by another `round`; in floating point, since products overflow.
constexpr std::size_t percent_of(std::size_t part, std::size_t whole, double round = 0.5) {
    return static_cast<std::size_t>(100.0 * static_cast<double>(part) / static_cast<double>(whole) + round);
}
constexpr bool at_least_half(std::size_t part, std::size_t whole) { return part >= whole - part; }

/// The largest dilation below `dilation` for which `holds`, which smaller ones keep; 0: none.
template <class Holds>
constexpr std::size_t largest_dilation(std::size_t dilation, Holds holds) {
    std::size_t low = 0, high = dilation;
    while (high - low > 1) {
        const std::size_t middle = (low + high) / 2;
        (holds(middle) ? low : high) = middle;
    }
    return low;
}

/// A dilated layer of which less than half meets data: with 3x3 kernels on N x N maps from a dilation of about 0.44 N.
/// At dilation N only the centre is left (DeepLabv3, Chen et al. 2017, section 3.3 and figure 4); the half is our
/// threshold.
constexpr std::size_t aspp_dilation(const layer_info& l) {
    if (l.kind != brick_kind::conv || larger_dilation(l) == 1 || l.rows.span() + l.columns.span() == 0 || l.macs == 0 ||
        at_least_half(executed_macs(l), l.macs)) {
        return 0;
    }
    return largest_dilation(larger_dilation(l),
                            [&](std::size_t d) { return at_least_half(executed_macs_at(l, d), l.macs); });
}
constexpr void lint_aspp_rate(const lint_subject& s, lint_sink& out) {
    for (std::size_t i = 0; i < s.layers.layers.size(); ++i) {
        const layer_info& l = s.layers.layers[i];
        const std::size_t most = aspp_dilation(l);
        const auto centre_only = [](const axis_window& w, std::size_t extent) {
            return w.kernel == 1 || w.dilation >= extent;
        };
        if (most > 0) {
            out.put(centre_only(l.rows, l.input.height) && centre_only(l.columns, l.input.width)
                        ? lint_form::aspp_centre
                        : lint_form::aspp_rate,
                    i, l, {percent_of(executed_macs(l), l.macs, 0.0), l.input.height, l.input.width, most});
        }
    }
}

/// On each axis on which it has a window, the field of all maps that it reads covers the input already on the path that
/// sees least (Richter et al. 2021). One finding: the first such layer; smaller inputs are then the question.
constexpr void lint_unproductive(const lint_subject& s, lint_sink& out) {
    const graph& g = s.layers;
    std::size_t first = g.layers.size(), count = 0, rows = 0, columns = 0;
    const auto least = [&](std::size_t i, axis_field ReceptiveField::*axis) {
        return field_at(g, g.inputs_of(i)[0], axis).least;
    };
    for (std::size_t i = 0; i < g.layers.size(); ++i) {
        const layer_info& l = g.layers[i];
        if (!has_window(l) || !l.positions || l.rows.span() + l.columns.span() == 0) {
            continue;
        }
        const std::size_t y = least(i, &ReceptiveField::height), x = least(i, &ReceptiveField::width);
        if ((l.rows.span() == 0 || y >= s.input.height) && (l.columns.span() == 0 || x >= s.input.width)) {
            first = count == 0 ? i : first;
            ++count;
            // One more than the window's input sees, on the axes that it has.
            rows = l.rows.span() > 0 && y >= rows ? y + 1 : rows;
            columns = l.columns.span() > 0 && x >= columns ? x + 1 : columns;
        }
    }
    if (count > 0) {
        rows = rows > s.input.height ? rows : s.input.height;
        columns = columns > s.input.width ? columns : s.input.width;
        out.put(lint_form::unproductive_layer, first, g.layers[first],
                {count - 1, least(first, &ReceptiveField::height), least(first, &ReceptiveField::width), s.input.height,
                 s.input.width, rows, columns});
    }
}

/// More than a quarter of all MACs; our threshold. One finding: the layer that wastes most.
constexpr void lint_padding_waste(const lint_subject& s, lint_sink& out) {
    std::size_t all = 0, wasted = 0, worst = 0, most = 0;
    for (std::size_t i = 0; i < s.layers.layers.size(); ++i) {
        const layer_info& l = s.layers.layers[i];
        const std::size_t waste = l.macs - executed_macs(l);
        all += l.macs;
        wasted += waste;
        worst = waste > most ? i : worst;
        most = waste > most ? waste : most;
    }
    const auto is_fine = [&](std::size_t waste) { return waste <= all / 4; };
    if (is_fine(wasted)) {
        return;
    }
    const layer_info& l = s.layers.layers[worst];
    const auto rest = [&](std::size_t d) {
        return wasted - most + (l.kind == brick_kind::conv ? l.macs - executed_macs_at(l, d) : most);
    };
    const std::size_t d = largest_dilation(larger_dilation(l), [&](std::size_t to) { return is_fine(rest(to)); });
    const bool dilated = l.kind == brick_kind::conv && larger_dilation(l) > 1;
    out.put(d > 0     ? lint_form::padding_waste
            : dilated ? lint_form::padding_waste_all
                      : lint_form::padding_waste_plain,
            worst, l, {percent_of(wasted, all), percent_of(most, l.macs), d, percent_of(rest(d > 0 ? d : 1), all)});
}

/// Whether a window's units do not stand at its kernel's centre although a fixed padding of half the window gives the
/// same shape.
constexpr bool is_shifted(const layer_info& l) {
    if (!has_window(l) || l.padding == padding_rule::causal) {
        return false;
    }
    const auto kept = [](const axis_window& w, std::size_t extent, std::size_t output) {
        const std::size_t padded = extent + 2 * (w.span() / 2);
        return padded > w.span() && (padded - w.span() - 1) / w.stride + 1 == output;
    };
    return (l.rows.pad_before != l.rows.span() / 2 || l.columns.pad_before != l.columns.span() / 2) &&
           kept(l.rows, l.input.height, l.output.height) && kept(l.columns, l.input.width, l.output.width);
}

/// Whether that padding moves the units of the layer by a gap.
constexpr bool closes(const graph& g, const layer_info& l, const centre_gap& gap) {
    const std::size_t from = g.edges[l.first_input];
    const auto moves = [&](const axis_window& w, axis_field ReceptiveField::*axis, std::int64_t by) {
        const step_ratio jump = field_at(g, from, axis).stride;
        const auto more = static_cast<std::int64_t>(w.span() / 2) - static_cast<std::int64_t>(w.pad_before);
        return more * static_cast<std::int64_t>(jump.numerator) * gap.parts ==
               by * static_cast<std::int64_t>(jump.denominator);
    };
    return moves(l.rows, &ReceptiveField::height, gap.rows) && moves(l.columns, &ReceptiveField::width, gap.columns);
}

/// Joins of maps whose units stand at different positions: the difference breaks the residual's identity by as much
/// (Araujo et al. 2019, "alignment").
constexpr void lint_alignment(const lint_subject& s, lint_sink& out) {
    const graph& g = s.layers;
    heap_array<std::size_t> shifted(g.layers.size() + 1);  // the next such map before each, along first inputs; 0: none
    for (std::size_t i = 0; i < g.layers.size(); ++i) {
        const layer_info& l = g.layers[i];
        const std::size_t first = g.edges[l.first_input];
        shifted[i + 1] = is_shifted(l) ? i + 1 : shifted[first];
        if (l.aligned) {
            continue;
        }
        const auto window = [&](std::size_t map, const centre_gap& gap) {
            for (map = shifted[map]; map > 0 && !closes(g, g.layers[map - 1], gap);) {
                map = shifted[g.edges[g.layers[map - 1].first_input]];
            }
            return map;
        };
        const centre_gap& gap = l.apart;
        std::size_t map = window(l.apart_map, gap);
        map = map > 0 ? map : window(first, {-gap.rows, -gap.columns, gap.parts});
        const auto rows = static_cast<std::size_t>(gap.high()), columns = static_cast<std::size_t>(gap.wide()),
                   parts = static_cast<std::size_t>(gap.parts);
        if (map > 0) {
            const layer_info& w = g.layers[map - 1];
            out.put(parts == 1 ? lint_form::misaligned_pad : lint_form::misaligned_part_pad, i, l,
                    {rows, columns, w.rows.span() / 2, w.columns.span() / 2, parts}, map - 1);
        } else {
            out.put(parts == 1 ? lint_form::misaligned_other : lint_form::misaligned_part, i, l,
                    {rows, columns, 0, 0, parts});
        }
    }
}

/// From 2 N positions on, the outermost tap meets the N x N map from nowhere. Time is left aside: causal windows are as
/// long as the history that they are to see, and an Input<C, T> may be a short piece of it. What aspp_rate says is not
/// said again.
constexpr void lint_window_past_map(const lint_subject& s, lint_sink& out) {
    for (std::size_t i = 0; i < s.layers.layers.size() && !s.one_dimensional; ++i) {
        const layer_info& l = s.layers.layers[i];
        const auto past = [](const axis_window& w, std::size_t extent) { return w.span() + 1 > 2 * extent; };
        const auto most = [&](const axis_window& w, std::size_t extent) {
            return past(w, extent) ? (2 * extent - 2) / w.dilation + 1 : w.kernel;
        };
        const std::size_t height = l.input.height, width = l.input.width;
        if (has_window(l) && (past(l.rows, height) || past(l.columns, width)) && aspp_dilation(l) == 0) {
            out.put(lint_form::window_past_map, i, l,
                    {l.rows.span() + 1, l.columns.span() + 1, height, width, most(l.rows, height),
                     most(l.columns, width)});
        }
    }
}

/// The layer that makes a map, past those that pass their input on while running; the number of layers: none.
constexpr std::size_t maker_of(const graph& g, std::size_t map) {
    while (map > 0) {
        if (facts_of(g.layers[map - 1]).family != brick_family::pass) {
            return map - 1;
        }
        map = g.inputs_of(map - 1)[0];
    }
    return g.layers.size();
}

/// Softmax gives a class at most r / (r + C - 1), r being e to the power of its inputs' range: of ten classes behind a
/// Sigmoid 23 %, behind a Tanh 45 %.
constexpr void lint_softmax(const lint_subject& s, lint_sink& out) {
    const graph& g = s.layers;
    for (std::size_t i = 0; i < g.layers.size(); ++i) {
        const layer_info& l = g.layers[i];
        if (l.kind != brick_kind::softmax) {
            continue;
        }
        const std::size_t classes = l.input.channels, before = maker_of(g, g.inputs_of(i)[0]);
        if (classes == 1) {
            out.put(lint_form::softmax_of_one, i, l, {});
        } else if (before < g.layers.size()) {
            const activation a = g.layers[before].act;
            if (a == activation::sigmoid || a == activation::tanh || g.layers[before].kind == brick_kind::gate) {
                const double e = 2.718281828459045, r = a == activation::sigmoid ? e : e * e;
                const auto percent = static_cast<std::size_t>(100 * r / (r + static_cast<double>(classes - 1)) + 0.5);
                out.put(lint_form::squashed_softmax, before, g.layers[before], {classes, percent});
            } else if (a == activation::relu) {
                out.put(lint_form::clipped_softmax, before, g.layers[before], {});
            }
        }
    }
}

constexpr void lint_mean_of_one(const lint_subject& s, lint_sink& out) {
    for (std::size_t i = 0; i < s.layers.layers.size(); ++i) {
        const layer_info& l = s.layers.layers[i];
        if (l.kind == brick_kind::global_average_pool && !s.layers.positions(s.layers.inputs_of(i)[0])) {
            out.put(lint_form::mean_of_one, i, l, {});
        }
    }
}

/// Of equal names the last one before counts, so that in a Repeat all but the last may be unread: any reader will do.
constexpr void lint_unread_tap(const lint_subject& s, lint_sink& out) {
    const auto layers = s.layers.layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (layers[i].name != "Tap") {
            continue;
        }
        bool read = false;
        for (std::size_t j = i + 1; j < layers.size(); ++j) {
            read = read || (layers[j].name != "Tap" && layers[j].label == layers[i].label);
        }
        if (!read) {
            out.put(lint_form::unread_tap, i, layers[i], {});
        }
    }
}

/// Of pictures: at most four columns, and at least eight rows and channels. Of time: at most two steps of 64 channels
/// and more.
constexpr void lint_channels_last(const lint_subject& s, lint_sink& out) {
    const Shape& i = s.input;
    if (s.one_dimensional ? i.width <= 2 && i.channels >= 64 : i.width <= 4 && i.height >= 8 && i.channels >= 8) {
        out.put(s.one_dimensional ? lint_form::time_first : lint_form::channels_last, 0, s.layers.layers[0],
                {i.channels, i.height, i.width});
    }
}

/// All rules, in the order of enum lint.
constexpr void find_lints(const lint_subject& s, lint_sink& out) {
    lint_gridding(s, out);
    const std::size_t before = out.count;
    lint_hdc(s, column_axis, out);
    if (!s.one_dimensional && out.count == before) {
        lint_hdc(s, row_axis, out);
    }
    lint_drn_tail(s, out);
    lint_aspp_rate(s, out);
    lint_unproductive(s, out);
    lint_padding_waste(s, out);
    lint_alignment(s, out);
    lint_window_past_map(s, out);
    lint_softmax(s, out);
    lint_mean_of_one(s, out);
    lint_unread_tap(s, out);
    lint_channels_last(s, out);
}

}  // namespace fovea::detail

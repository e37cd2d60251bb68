// SPDX-License-Identifier: BSD-3-Clause
// Which layers deserve a warning, and what is the smallest change that mends them? Plain functions over a network's
// records; they know no types, so that tests can ask them about graphs made at run time.
#pragma once

#include <fovea/infer/cost.hpp>
#include <fovea/infer/lint_holes.hpp>

namespace fovea::detail {

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
        const stride_ratio jump = field_at(g, from, axis).stride;
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

// SPDX-License-Identifier: BSD-3-Clause
// How does a network look as a table? One line a layer, built at compile time.
#pragma once

#include <fovea/infer/questions.hpp>

namespace fovea {

namespace detail {

struct columns {
    static constexpr std::size_t brick = 8, output = 48, field = 60, parameters = 71, macs = 86, width = 96;
};

template <class Text, class Write>
constexpr void right_aligned(Text& line, std::size_t column, Write write) {
    text<32> cell;
    write(cell);
    line.pad_to(line.size() + 1 < column - cell.size() ? column - cell.size() : line.size() + 1);
    line.put(cell);
}

template <class Text>
constexpr void put_extent(Text& line, std::size_t height, std::size_t width, bool one_dimensional) {
    if (!one_dimensional) {
        line.put_number(height).put('x');
    }
    line.put_number(width);
}

/// "Conv 3x3 dil 2 groups 4": only what differs from the defaults, the kernel aside.
template <class Text>
constexpr void put_brick(Text& line, const layer_info& l, bool one_d) {
    line.put(l.name);
    const auto option = [&](std::string_view name, std::size_t h, std::size_t w) {
        if (w != 1 || (!one_d && h != 1)) {
            line.put(' ').put(name).put(' ');
            if (one_d || h == w) {
                line.put_number(w);
            } else {
                line.put_number(h).put('x').put_number(w);
            }
        }
    };
    if (!l.label.empty()) {
        line.put(' ').put(l.label);
    }
    if (l.kind == brick_kind::upsample) {
        line.put(" by ");
        put_extent(line, l.rows.stride, l.columns.stride, one_d);
        line.put(l.bilinear ? " bilinear" : "");
    }
    const brick_view view = facts_of(l).view;
    if (view == brick_view::window || view == brick_view::transposed) {
        if (l.name != "Conv1x1") {
            line.put(' ');
            put_extent(line, l.rows.kernel, l.columns.kernel, one_d);
        }
        option("dil", l.rows.dilation, l.columns.dilation);
        option("stride", l.rows.stride, l.columns.stride);
        if (l.padding == padding_rule::valid) {
            line.put(" valid");
        } else if (l.padding == padding_rule::causal) {
            line.put(" causal");
        } else if (l.padding == padding_rule::fixed) {
            line.put(" pad ");
            put_extent(line, l.rows.pad_before, l.columns.pad_before, one_d);
        }
        constexpr std::string_view modes[] = {"", " reflect", " replicate", " circular"};
        line.put(modes[static_cast<int>(l.mode)]);
    }
    if (has_sums(l) && !sees_whole_map(l)) {
        if (l.patterns.count > 0) {
            line.put(" taps ").put_number(taps_of_all_outputs(l) / l.output.channels);
            line.put('/').put_number(l.rows.kernel * l.columns.kernel);
        }
        if (l.groups > 1 && !l.is_fixed && l.name != "DepthwiseConv") {
            line.put(" groups ").put_number(l.groups);
        }
    }
    if (has_sums(l) && !l.bias && !l.is_fixed) {
        line.put(" no_bias");
    }
    if (l.kind == brick_kind::dropout) {
        line.put(' ').put_number(static_cast<std::uint64_t>(l.percent)).put('%');
    }
}

template <class Text>
constexpr void put_line(Text& text, const layer_info& l, bool one_d) {
    detail::text<columns::width> line;
    line.put(' ').put(l.path);
    line.pad_to(columns::brick - 1).put(' ');
    put_brick(line, l, one_d);
    right_aligned(line, columns::output, [&](auto& c) {
        c.put_number(l.output.channels).put('x');
        put_extent(c, l.output.height, l.output.width, one_d);
    });
    right_aligned(line, columns::field, [&](auto& c) {
        const ReceptiveField& f = l.receptive_field;
        put_extent(c, f.height.size, f.width.size, one_d);
    });
    right_aligned(line, columns::parameters, [&](auto& c) { c.put_grouped(l.parameters); });
    right_aligned(line, columns::macs, [&](auto& c) { c.put_grouped(l.macs); });
    text.put(line).put('\n');
}

/// The lines of some layers: a constant of its own, because clang allows 1,048,576 operations in one
/// and a line takes some 1,500.
template <class Net, std::size_t First, std::size_t Count>
inline constexpr auto table_lines = [] {
    const auto& t = network_traits<Net>::trace;
    text<Count*(columns::width + 1)> out;
    for (std::size_t i = First; i < First + Count; ++i) {
        put_line(out, t.layers[i], t.one_dimensional);
    }
    return out;
}();

template <class Net>
struct table {
    static constexpr std::size_t layers = network_traits<Net>::trace.layers.size();
    static constexpr std::size_t lines = layers + 4;
    static constexpr std::size_t at_once = 200;

    template <std::size_t... Part>
    static constexpr auto make(std::index_sequence<Part...>) {
        const auto& t = network_traits<Net>::trace;
        const bool one_d = t.one_dimensional;
        text<lines*(columns::width + 1)> out;
        text<columns::width> head;
        head.put(" layer").pad_to(columns::brick).put("brick");
        right_aligned(head, columns::output, [](auto& c) { c.put("output"); });
        right_aligned(head, columns::field, [](auto& c) { c.put("field"); });
        right_aligned(head, columns::parameters, [](auto& c) { c.put("params"); });
        right_aligned(head, columns::macs, [](auto& c) { c.put("MACs"); });
        out.put(head).put('\n');
        text<columns::width> first;
        first.pad_to(columns::brick).put("Input");
        right_aligned(first, columns::output, [&](auto& c) {
            c.put_number(t.input.channels).put('x');
            put_extent(c, t.input.height, t.input.width, one_d);
        });
        out.put(first).put('\n');
        const std::string_view parts[] = {
            table_lines<Net, Part * at_once, (layers - Part * at_once < at_once ? layers - Part * at_once : at_once)>.view()...};
        for (std::string_view part : parts) {
            out.put(part);
        }
        text<columns::width> total;
        total.put(" total").pad_to(columns::brick);
        right_aligned(total, columns::field, [&](auto& c) {
            const ReceptiveField& f = t.field;
            put_extent(c, f.height.size, f.width.size, one_d);
        });
        right_aligned(total, columns::parameters, [&](auto& c) { c.put_grouped(parameter_count<Net>); });
        right_aligned(total, columns::macs, [&](auto& c) { c.put_grouped(mac_count<Net>); });
        out.put(total).put('\n');
        return out;
    }
    static constexpr auto value = make(std::make_index_sequence<(layers + at_once - 1) / at_once>{});
};

}  // namespace detail

/// The table of layers: path, brick, output (C x H x W), receptive field, trainable parameters, MACs.
template <class Net>
inline constexpr auto summary = [] {
    if constexpr (detail::sound<Net>) {
        return detail::table<Net>::value.view();
    } else {
        return detail::refuse_network<Net>();
    }
}();

template <class Net>
constexpr std::string_view describe() {
    return summary<Net>;
}

namespace detail {
template <class Net>
struct report_type {
    template <class Stream>
    friend Stream& operator<<(Stream& out, report_type) {
        out << summary<Net>;
        return out;
    }
};
}  // namespace detail

/// `std::cout << report<Net>` prints the table.
template <class Net>
inline constexpr auto report = detail::ask<Net>([](const auto&) { return detail::report_type<Net>{}; });

}  // namespace fovea

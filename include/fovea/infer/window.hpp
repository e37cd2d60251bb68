// SPDX-License-Identifier: BSD-3-Clause
// How does a window meet its map: which output has it, which padding, which taps, and what do its units see?
#pragma once

#include <initializer_list>

#include <fovea/infer/layer.hpp>
#include <fovea/infer/mistake.hpp>

namespace fovea::detail {

/// What is known of a map besides its shape.
struct map_path {
    axis_path rows{};
    axis_path columns{};
    bool positions = true;
};

constexpr mistake refusal_of(refusal what, std::initializer_list<std::size_t> numbers = {}) {
    mistake m{.what = what};
    std::size_t i = 0;
    for (std::size_t n : numbers) {
        m.numbers[i++] = static_cast<long long>(n);
    }
    return m;
}

/// What is wrong with the patterns of a convolution, if anything.
constexpr mistake check_patterns(const layer_info& l) {
    const std::size_t rows = l.rows.kernel, columns = l.columns.kernel;
    for (std::size_t p = 0; p < l.patterns.count; ++p) {
        const tap_pattern& pattern = l.patterns.list[p];
        if (pattern.shape == tap_pattern::full) {
            continue;
        }
        if (rows * columns > tap_set::most) {
            return refusal_of(refusal::taps_too_many, {rows * columns, tap_set::most});
        }
        if (pattern.shape == tap_pattern::mask) {
            const mask_extent e = extent_of(pattern.rows);
            if (!e.clean) {
                return refusal_of(refusal::taps_characters);
            }
            if (e.rows != rows || e.columns != columns) {
                return refusal_of(refusal::taps_size, {e.rows, e.columns, rows, columns});
            }
            if (resolve_taps(pattern, rows, columns) == tap_set::none()) {
                return refusal_of(refusal::taps_none);
            }
        }
    }
    return mistake{};
}

/// Rows and columns between the first and the last tap of any channel.
struct tap_ranges {
    tap_range rows;
    tap_range columns;
};
constexpr tap_ranges ranges_of(const layer_info& l) {
    const std::size_t rows = l.rows.kernel, columns = l.columns.kernel;
    if (l.patterns.count == 0) {
        return {{0, rows - 1}, {0, columns - 1}};
    }
    tap_ranges r{{rows - 1, 0}, {columns - 1, 0}};
    for_each_pattern(l, [&](const tap_set& s, std::size_t) {
        for (std::size_t i = 0; i < rows * columns; ++i) {
            if (s.has(i)) {
                const std::size_t y = i / columns, x = i % columns;
                r.rows = {y < r.rows.first ? y : r.rows.first, y > r.rows.last ? y : r.rows.last};
                r.columns = {x < r.columns.first ? x : r.columns.first, x > r.columns.last ? x : r.columns.last};
            }
        }
    });
    return r;
}

constexpr mistake resolve_window(layer_info& l, const brick_spec& s, bool one_dimensional, map_path& path) {
    const Shape input = l.input;
    axis_values kernel = s.kernel, dilation = s.dilation, stride = s.stride, pad = s.pad, more = s.output_pad;
    if (one_dimensional) {
        for (axis_values* a : {&kernel, &dilation, &stride, &pad, &more}) {
            if (a->count > 1) {
                return refusal_of(refusal::two_axes_in_one_dimension,
                                  {static_cast<std::size_t>(a->height), static_cast<std::size_t>(a->width)});
            }
            a->height = a == &pad || a == &more ? 0 : 1;
        }
    }
    if (s.kind == brick_kind::deconv) {
        const bool extended = more.height > 0 || more.width > 0;
        const auto too_far = [](int n, int st, int di) { return n >= st && n >= di; };
        if (extended && (s.padding == padding_rule::same || s.padding == padding_rule::causal ||
                         (more.height > 0 && too_far(more.height, stride.height, dilation.height)) ||
                         (more.width > 0 && too_far(more.width, stride.width, dilation.width)))) {
            return refusal_of(refusal::output_padding,
                              {static_cast<std::size_t>(more.height), static_cast<std::size_t>(more.width),
                               static_cast<std::size_t>(stride.height), static_cast<std::size_t>(stride.width)});
        }
    }
    std::size_t rows = 0, columns = 0;
    const auto resolve = s.kind == brick_kind::deconv ? &resolve_transposed_axis : &resolve_axis;
    l.rows = resolve(input.height, kernel.height, dilation.height, stride.height, pad.height, s.padding, rows);
    l.columns = resolve(input.width, kernel.width, dilation.width, stride.width, pad.width, s.padding, columns);
    l.output.height = rows;
    l.output.width = columns;
    if (s.kind == brick_kind::deconv && (rows == 0 || columns == 0)) {
        return refusal_of(refusal::padding_crops_all,
                          {l.rows.pad_before, l.columns.pad_before, input.height, input.width});
    }
    if (rows == 0 || columns == 0) {
        return refusal_of(refusal::window_exceeds_input,
                          {l.rows.span() + 1, l.columns.span() + 1, input.height + l.rows.pad_before + l.rows.pad_after,
                           input.width + l.columns.pad_before + l.columns.pad_after});
    }
    if (s.kind == brick_kind::deconv) {
        l.output.height += static_cast<std::size_t>(more.height);
        l.output.width += static_cast<std::size_t>(more.width);
    }
    if (s.mode != padding_mode::zeros) {
        const auto most = [&](const axis_window& w) { return w.pad_before > w.pad_after ? w.pad_before : w.pad_after; };
        const std::size_t less = s.mode == padding_mode::reflect ? 1 : 0;
        if (s.mode != padding_mode::replicate &&
            (most(l.rows) + less > input.height || most(l.columns) + less > input.width)) {
            return refusal_of(s.mode == padding_mode::reflect ? refusal::reflected_padding : refusal::circular_padding,
                              {most(l.rows), most(l.columns), input.height, input.width});
        }
    }
    if (is_pool(s)) {
        if (s.mode == padding_mode::zeros &&
            (sees_only_padding(l.rows, input.height, rows) || sees_only_padding(l.columns, input.width, columns))) {
            return refusal_of(refusal::window_of_padding, {l.rows.span() + 1, l.columns.span() + 1, l.rows.pad_before,
                                                           l.columns.pad_before, input.height, input.width});
        }
    } else {
        l.groups = s.groups == 0 ? input.channels : static_cast<std::size_t>(s.groups);
        l.output.channels = s.out == 0 ? input.channels : static_cast<std::size_t>(s.out);
        if (s.is_fixed) {
            l.output.channels = input.channels * static_cast<std::size_t>(s.out);
        }
        l.bias = s.bias;
        if (input.channels % l.groups != 0) {
            return refusal_of(refusal::groups_of_input, {l.groups, input.channels});
        }
        if (l.output.channels % l.groups != 0) {
            return refusal_of(s.groups == 0 ? refusal::depthwise_output : refusal::groups_of_output,
                              {l.groups, l.output.channels});
        }
        l.patterns = s.patterns;
        if (const mistake m = check_patterns(l)) {
            return m;
        }
    }
    if (path.positions) {
        if (s.kind == brick_kind::deconv) {
            path.rows = through_transposed(path.rows, l.rows, s.padding);
            path.columns = through_transposed(path.columns, l.columns, s.padding);
        } else {
            const tap_ranges r = ranges_of(l);
            path.rows = through_window(path.rows, l.rows, s.padding, r.rows);
            path.columns = through_window(path.columns, l.columns, s.padding, r.columns);
        }
    }
    return mistake{};
}

}  // namespace fovea::detail

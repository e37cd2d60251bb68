// SPDX-License-Identifier: BSD-3-Clause
// Which rows and columns does a window touch? Kernel rows of an output row, and the x-phases of a strided window.
#pragma once

#include <numeric>

#include <fovea/execute/kernels/tile.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Kernel rows [first, last) that lie inside the image.
struct kernel_rows {
    std::ptrdiff_t first;
    std::ptrdiff_t last;
    constexpr bool operator==(const kernel_rows&) const = default;
};

/// Those of output row y. Skipping the others saves their products: a sixth at dilation 8 on 32 rows.
template <conv_geometry G>
constexpr kernel_rows kernel_rows_of(std::ptrdiff_t y) {
    const std::ptrdiff_t top = y * G.stride_height - G.pad_top;
    std::ptrdiff_t first = top >= 0 ? 0 : ceil_div(-top, G.dilation_height);
    std::ptrdiff_t last = floor_div(G.in.height - 1 - top, G.dilation_height) + 1;
    last = last > G.kernel_height ? G.kernel_height : last;
    first = first > last ? last : first;
    return last <= 0 ? kernel_rows{0, 0} : kernel_rows{first, last};
}

/// The rows [y, end) that begin at y and share its kernel rows.
template <conv_geometry G>
constexpr std::ptrdiff_t same_kernel_rows_end(std::ptrdiff_t y, std::ptrdiff_t row_end) {
    const kernel_rows k = kernel_rows_of<G>(y);
    std::ptrdiff_t end = y + 1;
    while (end < row_end && kernel_rows_of<G>(end) == k) {
        ++end;
    }
    return end;
}

/// The same convolution in the smallest window: no empty rows or columns around its taps, those between them as a
/// dilation where they are evenly spaced. Pads may become negative; the order of the taps stays.
constexpr conv_geometry trimmed(const conv_geometry& g) {
    if (g.taps.all) {
        return g;
    }
    struct axis {
        std::ptrdiff_t first = -1;
        std::ptrdiff_t count = 0;
        std::ptrdiff_t step = 0;
        constexpr void add(std::ptrdiff_t k) {
            first = first < 0 ? k : first;
            step = std::gcd(step, k - first);
            count = step > 0 ? (k - first) / step + 1 : 1;
        }
    };
    axis rows;
    axis columns;
    for (std::ptrdiff_t k = 0; k < g.kernel_height * g.kernel_width; ++k) {
        if (g.taps.has(k)) {
            rows.add(k / g.kernel_width);
        }
    }
    for (std::ptrdiff_t k = 0; k < g.kernel_height * g.kernel_width; ++k) {
        if (g.taps.has(k % g.kernel_height * g.kernel_width + k / g.kernel_height)) {
            columns.add(k / g.kernel_height);
        }
    }
    conv_geometry t = g;
    t.kernel_height = rows.count;
    t.kernel_width = columns.count;
    t.dilation_height = rows.step > 0 ? rows.step * g.dilation_height : 1;
    t.dilation_width = columns.step > 0 ? columns.step * g.dilation_width : 1;
    t.pad_top = g.pad_top - rows.first * g.dilation_height;
    t.pad_left = g.pad_left - columns.first * g.dilation_width;
    t.taps = tap_set::none();
    for (std::ptrdiff_t k = 0; k < rows.count * columns.count; ++k) {
        if (g.has_tap(rows.first + k / columns.count * rows.step, columns.first + k % columns.count * columns.step)) {
            t.taps.add(k);
        }
    }
    t.taps = t.taps.within(static_cast<std::size_t>(rows.count * columns.count));
    return t;
}

/// Where the weight of a convolution lies that connects input channel i with output channel o of a group over present
/// tap t: at first + group * group_step + o * out_step + i * in_step + t * tap_step.
template <class T>
struct weight_source {
    const T* first;
    std::ptrdiff_t group_step;
    std::ptrdiff_t out_step;
    std::ptrdiff_t in_step;
    std::ptrdiff_t tap_step;
};

/// The order in which kernels read weights: [group][block of output channels][kernel row][input channel][tap of the
/// row][output channel of the block]. Blocks are so many times `unit` channels; zeros stand for those beyond the last.
struct weight_order {
    std::ptrdiff_t groups;
    std::ptrdiff_t out_channels;
    std::ptrdiff_t in_channels;
    cover blocks;
    std::ptrdiff_t unit;
    const std::ptrdiff_t* begin;  ///< tap_rows::begin
    std::ptrdiff_t rows;
};

/// One function for all layers: nothing here is worth an instantiation.
template <class T>
[[gnu::noinline]] void pack_weights(const weight_order& order, const weight_source<T>& from, T* packed) noexcept {
    for (std::ptrdiff_t g = 0; g < order.groups; ++g) {
        std::ptrdiff_t o0 = 0;
        for (std::ptrdiff_t b = 0; b < order.blocks.count; ++b) {
            const std::ptrdiff_t size = order.blocks.size_of(b) * order.unit;
            for (std::ptrdiff_t r = 0; r < order.rows; ++r) {
                for (std::ptrdiff_t i = 0; i < order.in_channels; ++i) {
                    for (std::ptrdiff_t t = order.begin[r]; t < order.begin[r + 1]; ++t) {
                        const T* w = from.first + g * from.group_step + i * from.in_step + t * from.tap_step;
                        for (std::ptrdiff_t o = o0; o < o0 + size; ++o) {
                            *packed++ = o < order.out_channels ? w[o * from.out_step] : T(0);
                        }
                    }
                }
            }
            o0 += size;
        }
    }
}

/// ky * kernel_width + kx of every present tap, ascending.
template <conv_geometry G>
constexpr auto tap_positions() {
    std::array<std::ptrdiff_t, static_cast<std::size_t>(G.tap_count())> p{};
    for (std::ptrdiff_t k = 0, n = 0; k < G.kernel_height * G.kernel_width; ++k) {
        if (G.taps.has(k)) {
            p[static_cast<std::size_t>(n++)] = k;
        }
    }
    return p;
}

/// The taps of G; offset(kx) is that of kernel column kx from the output's own column.
template <conv_geometry G, class Offset>
constexpr auto tap_rows_of(Offset offset) {
    tap_rows<static_cast<std::size_t>(G.kernel_height), static_cast<std::size_t>(G.tap_count())> t;
    std::size_t n = 0;
    for (std::ptrdiff_t ky = 0; ky < G.kernel_height; ++ky) {
        for (std::ptrdiff_t kx = 0; kx < G.kernel_width; ++kx) {
            if (G.has_tap(ky, kx)) {
                t.offset[n++] = offset(kx);
            }
        }
        t.begin[static_cast<std::size_t>(ky) + 1] = static_cast<std::ptrdiff_t>(n);
    }
    t.find_kinds();
    return t;
}

/// A strided window reads every stride-th column. The columns of equal remainder ("phase") are copied side by side, so
/// that a tap is again one shifted load. Value j of phase f is column j * stride + f of the image.
template <class T, conv_geometry G>
struct column_phases {
    static constexpr std::ptrdiff_t stride = G.stride_width;
    static constexpr std::ptrdiff_t taps = G.kernel_width;

    static constexpr std::ptrdiff_t column(std::ptrdiff_t k) { return k * G.dilation_width - G.pad_left; }
    static constexpr std::ptrdiff_t phase(std::ptrdiff_t k) {
        return column(k) - floor_div(column(k), stride) * stride;
    }
    static constexpr std::ptrdiff_t shift(std::ptrdiff_t k) { return floor_div(column(k), stride); }

    static constexpr std::ptrdiff_t lead = shift(0) < 0 ? round_up(-shift(0), lanes<T>) : 0;
    static constexpr std::ptrdiff_t pitch =
        round_up(lead + ceil_div(G.out.width, lanes<T>) * lanes<T> + (shift(taps - 1) > 0 ? shift(taps - 1) : 0),
                 lanes<T>);

    /// Position of a phase among those that some tap reads, -1 if none does.
    static constexpr std::array<std::ptrdiff_t, static_cast<std::size_t>(stride)> slot = [] {
        std::array<std::ptrdiff_t, static_cast<std::size_t>(stride)> s{};
        s.fill(-1);
        for (std::ptrdiff_t k = 0; k < G.kernel_height * taps; ++k) {
            if (G.taps.has(k)) {
                s[static_cast<std::size_t>(phase(k % taps))] = 0;
            }
        }
        std::ptrdiff_t n = 0;
        for (auto& v : s) {
            v = v == 0 ? n++ : v;
        }
        return s;
    }();
    static constexpr std::ptrdiff_t count = [] {
        std::ptrdiff_t n = 0;
        for (const auto v : slot) {
            n += v >= 0 ? 1 : 0;
        }
        return n;
    }();
    static constexpr std::ptrdiff_t row_size = count * pitch;

    /// Offset of tap k from output column 0 in a split row.
    static constexpr std::ptrdiff_t offset(std::ptrdiff_t k) {
        return slot[static_cast<std::size_t>(phase(k))] * pitch + lead + shift(k);
    }

    template <std::ptrdiff_t F>
    static void split_phase(const T* row, T* to) {
        constexpr std::ptrdiff_t have = G.in.width > F ? ceil_div(G.in.width - F, stride) : 0;
        constexpr std::ptrdiff_t used = have < pitch - lead ? have : pitch - lead;
        if constexpr (stride == 2) {  // lead and pitch are whole vectors; what is read behind a row lies in the guard
            for (std::ptrdiff_t j = 0; j < lead; j += lanes<T>) {
                store(to + j, batch<T>(T(0)));
            }
            std::ptrdiff_t j = 0;
            for (; j < used; j += lanes<T>) {
                const batch<T> v = alternate_lanes<F>(load(row + 2 * j), load(row + 2 * j + lanes<T>));
                store(to + lead + j, j + lanes<T> <= used ? v : keep_first(v, used - j));
            }
            for (; lead + j < pitch; j += lanes<T>) {
                store(to + lead + j, batch<T>(T(0)));
            }
        } else {
            for (std::ptrdiff_t j = 0; j < lead; ++j) {
                to[j] = T(0);
            }
            for (std::ptrdiff_t j = 0; j < used; ++j) {
                to[lead + j] = row[j * stride + F];
            }
            for (std::ptrdiff_t j = lead + used; j < pitch; ++j) {
                to[j] = T(0);
            }
        }
    }

    template <std::size_t... F>
    static void split_row(const T* row, T* to, std::index_sequence<F...>) {
        (
            [&] {
                if constexpr (slot[F] >= 0) {
                    split_phase<static_cast<std::ptrdiff_t>(F)>(row, to + slot[F] * pitch);
                }
            }(),
            ...);
    }

    /// Rows [first, last) of all channels; channel_step elements lie between channels of the copy.
    static void split(const T* in, std::ptrdiff_t first, std::ptrdiff_t last, T* to, std::ptrdiff_t channel_step) {
        for (std::ptrdiff_t c = 0; c < G.in.channels; ++c) {
            for (std::ptrdiff_t y = first; y < last; ++y) {
                split_row(in + c * G.in.plane + y * G.in.pitch, to + c * channel_step + (y - first) * row_size,
                          range<stride>{});
            }
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels

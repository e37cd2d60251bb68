// SPDX-License-Identifier: BSD-3-Clause
// What is the gradient of a convolution's weights, in Winograd's domain? The forward pass is y = A^T [(G w) * (B^T d)],
// so dw = G^T [sum over tiles of (A dy) * (B^T d)]: a tile of 4 x 4 output gradients and 3 x 3 weights takes 36
// products instead of 144.
//
// The transformed inputs are those of conv_winograd. One side's channels run along the lanes of the products; that
// side is transposed, so that no sum over lanes is left to do.
#pragma once

#include <fovea/execute/kernels/conv_winograd.hpp>
#include <fovea/train/kernels/conv_backward_weights.hpp>

namespace fovea::kernels {

inline namespace FOVEA_KERNELS_ISA {

/// A dy, the transpose of transform_output.
template <winograd_axis X, class V>
FOVEA_INLINE void transform_gradient(const V* y, V* p) {
    constexpr std::ptrdiff_t n = X.points(), m = X.outputs;
    p[0] = y[0];
    if constexpr (X.inside) {
        p[0] = y[1], p[1] = y[0] + y[1], p[2] = y[0];
    } else if constexpr (n > 1) {
        V even = y[0], odd = y[1];
        if constexpr (m > 2) {
            even += y[2];
        }
        if constexpr (m > 3) {
            odd += y[3];
        }
        p[1] = even + odd;
        p[2] = even - odd;
        if constexpr (n > 4) {
            V even2 = y[0], odd2 = 2 * y[1];
            if constexpr (m > 2) {
                even2 += 4 * y[2];
            }
            if constexpr (m > 3) {
                odd2 += 8 * y[3];
            }
            p[3] = even2 + odd2;
            if constexpr (n > 5) {
                p[4] = even2 - odd2;
            }
        }
        p[n - 1] = y[m - 1];
    }
}

/// Rows become columns: log2(N) times, vectors i and i + N / 2 are dealt into each other.
template <class V, std::size_t N, std::size_t... I>
FOVEA_INLINE void transpose(V (&v)[N], std::index_sequence<I...>) {
    constexpr std::size_t half = N / 2;
    constexpr auto n = static_cast<std::ptrdiff_t>(N);
    for (std::size_t round = 1; round < N; round *= 2) {
        V w[N];
        ((w[2 * I] = pick_runs<n, 1, in_turns<0, n>>(v[I], v[I + half]),
          w[2 * I + 1] = pick_runs<n, 1, in_turns<1, n>>(v[I], v[I + half])),
         ...);
        for (std::size_t i = 0; i < N; ++i) {
            v[i] = w[i];
        }
    }
}

/// dweights += , dbias += for one image; the contract of conv_backward_weights. Errors are at most 1e-4 of the layer's
/// largest sum of |dout| |in|.
template <class T, conv_geometry G, winograd_tile W>
struct winograd_weight_gradient {
    static_assert(winograd_gradient_fits(G, W));
    using forward = conv_winograd<T, G, activation::none, W>;
    using vector = typename forward::piece;
    using whole_vector = typename short_vector<T, lanes<T>>::type;
    static constexpr winograd_axis vertical = forward::vertical, horizontal = forward::horizontal;
    static constexpr std::ptrdiff_t in_channels = G.in_per_group(), out_channels = G.out_per_group();
    static constexpr std::ptrdiff_t points = forward::points, taps = G.kernel_height * G.kernel_width;
    static constexpr std::ptrdiff_t short_lanes = forward::short_lanes, phases = forward::across.phases;

    /// Which side fills its vectors better runs along the lanes.
    static constexpr bool inputs_in_lanes = gradient_inputs_in_lanes(G, lanes<T>);
    static constexpr std::ptrdiff_t lane_channels = inputs_in_lanes ? in_channels : out_channels;
    static constexpr std::ptrdiff_t other_channels = inputs_in_lanes ? out_channels : in_channels;
    static constexpr std::ptrdiff_t lane_vectors = ceil_div(lane_channels, lanes<T>);
    static constexpr std::ptrdiff_t padded = lane_vectors * lanes<T>;

    // Register tiles: vectors of lane channels by other channels.
    static constexpr cover vectors = cover_with(lane_vectors, vector_registers == 32 ? 3 : 2);
    static constexpr std::ptrdiff_t most_others = [] {
        const std::ptrdiff_t p = vectors.largest();
        const std::ptrdiff_t most = (vector_registers - p - (fused_multiply_add ? 2 : 3)) / p;
        return most < 12 ? most : 12;
    }();
    static constexpr cover others = cover_with(other_channels, most_others);

    // Memory behind the input's: transformed gradients [product][output channel][tile], the lanes' side
    // [product][tile][channel], sums [product][other channel][lane channel].
    static constexpr std::ptrdiff_t tile_pitch = forward::tile_pitch;
    static constexpr std::ptrdiff_t gradient_plane = forward::odd_lines(out_channels * tile_pitch);
    /// Tiles of `rows` tile rows; those behind a row's end, and of rows that only fill a vector, have gradients of
    /// zero.
    static constexpr std::ptrdiff_t tiles_of(std::ptrdiff_t rows) {
        return forward::together > 1 ? forward::vectors_of(rows) * lanes<T> : rows * forward::row_tiles;
    }
    static constexpr std::ptrdiff_t most_tiles = round_up(tiles_of(forward::band_rows), lanes<T>);
    static constexpr std::ptrdiff_t transposed_plane = forward::odd_lines(most_tiles * padded);
    static constexpr std::ptrdiff_t sum_plane = forward::odd_lines(other_channels * padded);
    static constexpr std::ptrdiff_t gradient_at = round_up(forward::scratch_size, map_quantum);
    static constexpr std::ptrdiff_t transposed_at = gradient_at + points * gradient_plane;
    static constexpr std::ptrdiff_t sums_at = transposed_at + transposed_plane;
    /// A run: pieces of bands that are summed before the way back to weights, 1024 tiles or one piece.
    static constexpr std::ptrdiff_t pieces = ceil_div(forward::units, forward::band_rows) * forward::panels;
    static constexpr std::ptrdiff_t run_pieces = most_tiles < 1024 ? 1024 / most_tiles : 1;
    static constexpr std::ptrdiff_t own_at = sums_at + points * sum_plane;
    using own_sums = sums_of_runs<T, G, in_channels * taps, ceil_div(pieces, run_pieces)>;
    static constexpr std::ptrdiff_t scratch_size = own_at + own_sums::size;

    /// dbias may be nullptr.
    static void run(const T* in, const T* dout, T* dweights, T* dbias, T* scratch) noexcept {
        forward::clear(scratch);
        T* own = own_sums::begin(dweights, scratch + own_at);
        for (std::ptrdiff_t g = 0; g < G.groups; ++g) {
            std::ptrdiff_t piece = 0;
            for (std::ptrdiff_t u = 0; u < forward::units; u += forward::band_rows) {
                const std::ptrdiff_t rows =
                    forward::units - u < forward::band_rows ? forward::units - u : forward::band_rows;
                for (std::ptrdiff_t panel = 0; panel < forward::panels; ++panel) {
                    forward::transform_band(in + g * in_channels * G.in.plane, scratch, u, rows, panel);
                    transform_gradients(dout + g * out_channels * G.out.plane, scratch + gradient_at, u, rows, panel);
                    add_products(scratch, tiles_of(rows), piece % run_pieces == 0);
                    if (++piece % run_pieces == 0 || piece == pieces) {
                        finish(scratch + sums_at, own + g * out_channels * in_channels * taps);
                        own_sums::end_run(own, (piece - 1) / run_pieces);
                    }
                }
            }
        }
        own_sums::finish(own, dweights);
        if (dbias != nullptr) {
            channel_sums<T, G.out>::run(dout, dbias);
        }
    }

private:
    // --- A dy A^T of all tiles of a band.

    static void transform_gradients(const T* dout, T* to, std::ptrdiff_t u, std::ptrdiff_t rows,
                                    std::ptrdiff_t panel) noexcept {
        for (std::ptrdiff_t o = 0; o < out_channels; ++o) {
            for (std::ptrdiff_t r = 0; r < round_up(rows, forward::together); ++r) {
                const T* row[static_cast<std::size_t>(vertical.outputs)];
                for (std::ptrdiff_t i = 0; i < vertical.outputs; ++i) {
                    const std::ptrdiff_t y = forward::row_of(u + r) + i * G.dilation_height;
                    row[i] = r < rows && y < G.out.height ? dout + o * G.out.plane + y * G.out.pitch : nullptr;
                }
                for (std::ptrdiff_t t = 0; t < forward::panel_tiles; t += short_lanes) {
                    transform_tiles(row, panel, t, to + o * tile_pitch + forward::tile_at(r, t));
                }
            }
        }
    }

    static void transform_tiles(const T* const* rows, std::ptrdiff_t panel, std::ptrdiff_t t, T* to) noexcept {
        constexpr std::ptrdiff_t m = vertical.outputs, n = vertical.points();
        vector half[static_cast<std::size_t>(n)][static_cast<std::size_t>(horizontal.outputs)];
        vector d[static_cast<std::size_t>(m)][static_cast<std::size_t>(horizontal.outputs)];
        for (std::ptrdiff_t i = 0; i < m; ++i) {
            for (std::ptrdiff_t j = 0; j < horizontal.outputs; ++j) {
                d[i][j] = rows[i] != nullptr ? load_column(rows[i], panel, t, j) : vector{};
            }
            if constexpr (forward::shuffled_runs) {
                deal_runs<short_lanes, G.dilation_width, horizontal.outputs>(d[i]);
            }
        }
        for (std::ptrdiff_t j = 0; j < horizontal.outputs; ++j) {
            vector y[static_cast<std::size_t>(m)], p[static_cast<std::size_t>(n)];
            for (std::ptrdiff_t i = 0; i < m; ++i) {
                y[i] = d[i][j];
            }
            transform_gradient<vertical>(y, p);
            for (std::ptrdiff_t k = 0; k < n; ++k) {
                half[k][j] = p[k];
            }
        }
        for (std::ptrdiff_t k = 0; k < n; ++k) {
            vector p[static_cast<std::size_t>(horizontal.points())];
            transform_gradient<horizontal>(half[k], p);
            for (std::ptrdiff_t j = 0; j < horizontal.points(); ++j) {
                store_as(to + (k * horizontal.points() + j) * gradient_plane, p[j]);
            }
        }
    }

    /// Columns j of tiles t, t + 1, ..., or, to be dealt, what lies in a row; zeros beyond the map.
    FOVEA_INLINE static vector load_column(const T* row, std::ptrdiff_t panel, std::ptrdiff_t t, std::ptrdiff_t j) {
        vector v = {};
        const std::ptrdiff_t first = forward::column_of(panel), next = forward::column_of(panel + 1);
        const std::ptrdiff_t end = next < G.out.width ? next : G.out.width;
        if constexpr (forward::shuffled_runs || forward::whole_runs) {
            const std::ptrdiff_t x =
                first + (forward::shuffled_runs
                             ? t * horizontal.outputs + j * short_lanes
                             : (t / phases * horizontal.outputs + j) * G.dilation_width + t % phases);
            if (x + short_lanes <= (forward::panels == 1 ? G.out.pitch : end)) {
                return load_as<vector>(row + x);
            }
            for (std::ptrdiff_t l = 0; l < short_lanes && x + l < end; ++l) {
                v[l] = row[x + l];
            }
        } else {
            for (std::ptrdiff_t l = 0; l < short_lanes; ++l) {
                const std::ptrdiff_t x =
                    first + ((t + l) / phases * horizontal.outputs + j) * G.dilation_width + (t + l) % phases;
                v[l] = x < end ? row[x] : T(0);
            }
        }
        return v;
    }

    // --- Products, summed over tiles.

    static void add_products(T* scratch, std::ptrdiff_t tiles, bool first) noexcept {
        const T* inputs = scratch + forward::input_at;
        const T* gradients = scratch + gradient_at;
        T* transposed = scratch + transposed_at;
        for (std::ptrdiff_t p = 0; p < points; ++p) {
            const T* in = inputs + p * forward::input_plane;
            const T* out = gradients + p * gradient_plane;
            to_lanes(inputs_in_lanes ? in : out, transposed, tiles);
            const T* other = inputs_in_lanes ? out : in;
            T* sums = scratch + sums_at + p * sum_plane;
            each_block<vectors>([&]<std::ptrdiff_t P>(constant<P>, std::ptrdiff_t v) {
                multiply_all<P>(transposed + v * lanes<T>, other, tiles, sums + v * lanes<T>, first);
            });
        }
    }

    /// [channel][tile] becomes [tile][channel], zeros for channels that only fill a vector.
    static void to_lanes(const T* from, T* to, std::ptrdiff_t tiles) noexcept {
        constexpr auto n = static_cast<std::size_t>(lanes<T>);
        for (std::ptrdiff_t c = 0; c < lane_channels; c += lanes<T>) {
            for (std::ptrdiff_t t = 0; t < tiles; t += lanes<T>) {
                whole_vector v[n];
                for (std::ptrdiff_t i = 0; i < lanes<T>; ++i) {
                    v[i] =
                        c + i < lane_channels ? load_as<whole_vector>(from + (c + i) * tile_pitch + t) : whole_vector{};
                }
                transpose(v, range<lanes<T> / 2>{});
                for (std::ptrdiff_t i = 0; i < lanes<T>; ++i) {
                    store_as(to + (t + i) * padded + c, v[i]);
                }
            }
        }
    }

    template <std::ptrdiff_t P>
    static void multiply_all(const T* lane_side, const T* other, std::ptrdiff_t tiles, T* sums, bool first) noexcept {
        each_block<others>([&]<std::ptrdiff_t O>(constant<O>, std::ptrdiff_t o) {
            multiply<P, O>(lane_side, other + o * tile_pitch, tiles, sums + o * padded, first);
        });
    }

    template <std::ptrdiff_t P, std::ptrdiff_t O>
    [[gnu::noinline]] static void multiply(const T* lane_side, const T* other, std::ptrdiff_t tiles, T* sums,
                                           bool first) noexcept {
        batch<T> acc[static_cast<std::size_t>(P * O)];
        const auto place = [&](std::ptrdiff_t n) __attribute__((always_inline)) {
            return sums + n / P * padded + n % P * lanes<T>;
        };
        for_each_index<P * O>([&](auto n)
                                  __attribute__((always_inline)) { acc[n] = first ? batch<T>(T(0)) : load(place(n)); });
        FOVEA_NO_UNROLL
        for (std::ptrdiff_t t = 0; t < tiles; ++t, lane_side += padded, ++other) {
            fmadd_tile<P, O>(acc, lane_side, other, tile_pitch);
        }
        for_each_index<P * O>([&](auto n) __attribute__((always_inline)) { store(place(n), acc[n]); });
    }

    // --- G^T m G of every pair of channels.

    template <winograd_axis X, class Get, std::size_t... I>
    FOVEA_INLINE static whole_vector share(std::ptrdiff_t tap, Get get, std::index_sequence<I...>) {
        whole_vector sum = {};
        ((sum += static_cast<T>(weight_share(X, static_cast<std::ptrdiff_t>(I), tap)) * get(I)), ...);
        return sum;
    }

    static void finish(const T* sums, T* dweights) noexcept {
        constexpr range<vertical.points()> down;
        constexpr range<horizontal.points()> across;
        for (std::ptrdiff_t o = 0; o < other_channels; ++o) {
            for (std::ptrdiff_t c = 0; c < lane_channels; c += lanes<T>) {
                alignas(64) T values[static_cast<std::size_t>(taps * lanes<T>)];
                const T* from = sums + o * padded + c;
                for (std::ptrdiff_t y = 0; y < G.kernel_height; ++y) {
                    whole_vector half[static_cast<std::size_t>(horizontal.points())];
                    for (std::ptrdiff_t j = 0; j < horizontal.points(); ++j) {
                        half[j] = share<vertical>(
                            y,
                            [&](std::size_t i) __attribute__((always_inline)) {
                                return load_as<whole_vector>(
                                    from + (static_cast<std::ptrdiff_t>(i) * horizontal.points() + j) * sum_plane);
                            },
                            down);
                    }
                    for (std::ptrdiff_t x = 0; x < G.kernel_width; ++x) {
                        store_as(values + (y * G.kernel_width + x) * lanes<T>,
                                 share<horizontal>(
                                     x, [&](std::size_t j) __attribute__((always_inline)) { return half[j]; }, across));
                    }
                }
                const std::ptrdiff_t left = lane_channels - c < lanes<T> ? lane_channels - c : lanes<T>;
                for (std::ptrdiff_t l = 0; l < left; ++l) {
                    T* to = dweights + (inputs_in_lanes ? o * in_channels + c + l : (c + l) * in_channels + o) * taps;
                    for (std::ptrdiff_t k = 0; k < taps; ++k) {
                        to[k] += values[k * lanes<T> + l];
                    }
                }
            }
        }
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels

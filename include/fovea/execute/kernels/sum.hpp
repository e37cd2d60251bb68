// SPDX-License-Identifier: BSD-3-Clause
// How are many values added up? Floats in short runs, the runs in double: the error of a sum is at most 1e-6 of the sum
// of the magnitudes, however many there are. In one float for each lane it grows with them: 1e-3 at 2048 x 2048.
//
// The order is a map's own: it depends neither on threads nor on what the values are.
#pragma once

#include <array>

#include <fovea/execute/kernels/simd.hpp>
#include <fovea/plan/geometry.hpp>

namespace fovea::kernels {
inline namespace FOVEA_KERNELS_ISA {

/// Additions in a row before a float is rounded for good: their errors come to at most 8.5 * 2^-24 = 5.1e-7.
inline constexpr std::ptrdiff_t run_length = 16;

/// Sums of runs, lane by lane.
template <class T>
struct wide_sum {
    static constexpr auto size = static_cast<std::size_t>(lanes<T>);
    double lane[size]{};

    FOVEA_INLINE void add(batch<T> run) {
        alignas(64) T values[size];
        store(values, run);
        for (std::size_t i = 0; i < size; ++i) {
            lane[i] += static_cast<double>(values[i]);
        }
    }
    FOVEA_INLINE batch<T> rounded() const {
        alignas(64) T values[size];
        for (std::size_t i = 0; i < size; ++i) {
            values[i] = static_cast<T>(lane[i]);
        }
        return load(values);
    }
    double total() const {
        double sum = 0;
        for (const double l : lane) {
            sum += l;
        }
        return sum;
    }
};

#if defined(FOVEA_KERNELS_AVX512)
/// In two registers: through memory, the sums of BatchNorm take 1.2 times as long.
template <>
struct wide_sum<float> {
    batch<double> low = batch<double>(0.0), high = batch<double>(0.0);

    FOVEA_INLINE void add(batch<float> run) {
        const __m512 v = run;
        low += batch<double>(_mm512_maskz_cvtps_pd(all, __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7)));
        high += batch<double>(_mm512_maskz_cvtps_pd(all, __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15)));
    }
    FOVEA_INLINE batch<float> rounded() const {
        const __m256 a = _mm512_maskz_cvtpd_ps(all, low), b = _mm512_maskz_cvtpd_ps(all, high);
        return batch<float>(
            __m512(__builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)));
    }
    double total() const { return reduce_add(low) + reduce_add(high); }

private:
    static constexpr auto all = static_cast<__mmask8>(-1);
};
#endif

/// The sum of at most Most vectors, lane by lane.
template <class T, std::ptrdiff_t Most>
class lane_sum {
public:
    FOVEA_INLINE void add(batch<T> v) {
        run_ += v;
        end_run();
    }
    FOVEA_INLINE void add_product(batch<T> a, batch<T> b) {
        run_ = fmadd(a, b, run_);
        end_run();
    }
    FOVEA_INLINE batch<T> value() {
        if constexpr (Most > run_length) {
            runs_.add(run_);
            return runs_.rounded();
        } else {
            return run_;
        }
    }

private:
    FOVEA_INLINE void end_run() {
        if constexpr (Most > run_length) {
            if (++count_ % run_length == 0) {
                runs_.add(run_);
                run_ = batch<T>(T(0));
            }
        }
    }

    batch<T> run_ = batch<T>(T(0));
    wide_sum<T> runs_{};
    std::ptrdiff_t count_ = 0;
};

/// N sums over a channel. add(sums, place, columns left) adds what the vector at `place` holds to sums[0], ...,
/// sums[N - 1]; four vectors side by side, or one below the other where rows are short, hide an addition's latency.
template <class T, map_layout M, std::size_t N>
struct channel_sum {
    static constexpr std::ptrdiff_t row = ceil_div(M.width, lanes<T>);
    static constexpr std::ptrdiff_t across = row < 4 ? row : 4, down = 4 / across;
    static constexpr std::ptrdiff_t row_steps = ceil_div(row, across);
    static constexpr std::ptrdiff_t run_rows = down * (row_steps < run_length ? run_length / row_steps : 1);
    static constexpr std::ptrdiff_t run_columns = row_steps <= run_length ? row : across * run_length;

    template <class Add>
    FOVEA_INLINE static std::array<double, N> of(Add add) {
        if constexpr (M.height <= run_rows && row == run_columns) {
            const auto sums = run(add, 0, 0);
            return each([&](std::size_t n)
                            __attribute__((always_inline)) { return static_cast<double>(reduce_add(sums[n])); });
        } else {
            wide_sum<T> wide[N];
            for (std::ptrdiff_t y = 0; y < M.height; y += run_rows) {
                for (std::ptrdiff_t x = 0; x < row; x += run_columns) {
                    const auto sums = run(add, y, x);
                    for (std::size_t n = 0; n < N; ++n) {
                        wide[n].add(sums[n]);
                    }
                }
            }
            return each([&](std::size_t n) { return wide[n].total(); });
        }
    }

private:
    template <class F>
    FOVEA_INLINE static std::array<double, N> each(F f) {
        return [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
            return std::array<double, N>{f(I)...};
        }
        (std::make_index_sequence<N>{});
    }

    /// The run whose first vector is number x of row y.
    template <class Add>
    FOVEA_INLINE static std::array<batch<T>, N> run(Add add, std::ptrdiff_t y, std::ptrdiff_t x) {
        const std::ptrdiff_t bottom = M.height - y < run_rows ? M.height : y + run_rows;
        const std::ptrdiff_t right = row == run_columns || row - x < run_columns ? row : x + run_columns;
        batch<T> sums[4][N];
        for (auto& s : sums) {
            for (auto& sum : s) {
                sum = batch<T>(T(0));
            }
        }
        for (; y + down <= bottom; y += down) {
            add_rows(add, sums, y, x, right, range<across>{}, range<down>{}, range<row % across>{});
        }
        if constexpr (M.height % down != 0) {
            for (; y < bottom; ++y) {
                add_rows(add, sums, y, x, right, range<across>{}, range<1>{}, range<0>{});
            }
        }
        std::array<batch<T>, N> total;
        for (std::size_t n = 0; n < N; ++n) {
            total[n] = (sums[0][n] + sums[1][n]) + (sums[2][n] + sums[3][n]);
        }
        return total;
    }

    template <class Add, std::size_t... A, std::size_t... D, std::size_t... Rest>
    FOVEA_INLINE static void add_rows(Add add, batch<T> (&sums)[4][N], std::ptrdiff_t y, std::ptrdiff_t x,
                                      std::ptrdiff_t right, std::index_sequence<A...>, std::index_sequence<D...>,
                                      std::index_sequence<Rest...>) {
        const auto one = [&](std::size_t across, std::size_t down) __attribute__((always_inline)) {
            const std::ptrdiff_t at = (x + static_cast<std::ptrdiff_t>(across)) * lanes<T>;
            add(sums[down * sizeof...(A) + across], (y + static_cast<std::ptrdiff_t>(down)) * M.pitch + at, M.width - at);
        };
        const auto columns = [&](std::size_t down) __attribute__((always_inline)) { (one(A, down), ...); };
        for (; x + across <= right; x += across) {
            (columns(D), ...);
        }
        if constexpr (sizeof...(Rest) > 0) {
            if (x < right) {
                (one(Rest, 0), ...);
            }
        }
    }
};

template <class T, map_layout M>
FOVEA_INLINE double sum_of_channel(const T* channel) {
    const auto add = [&](batch<T>* sums, std::ptrdiff_t at, std::ptrdiff_t)
        __attribute__((always_inline)) { sums[0] += load(channel + at); };
    return channel_sum<T, M, 1>::of(add)[0];
}

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea::kernels

// SPDX-License-Identifier: BSD-3-Clause
// How does a network run on an image of any size, in bounded memory? Tiled<Net>: strips of columns, a few rows a pass
// through all layers, the rows that later ones still need kept; every bit as if the whole image had been in memory.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include <fovea/detail/aligned.hpp>
#include <fovea/detail/error.hpp>
#include <fovea/detail/thread_pool.hpp>
#include <fovea/detail/xtensor.hpp>
#include <fovea/execute/input.hpp>
#include <fovea/execute/kernels/pool_edges.hpp>
#include <fovea/execute/packed_steps.hpp>
#include <fovea/execute/tiled_options.hpp>
#include <fovea/plan/image_area.hpp>

namespace fovea {

namespace detail {
namespace execute {
inline namespace FOVEA_KERNELS_ISA {

/// Pools have kernels that see the image's edges, not those of the buffer.
template <class Net, strip_shape Shape>
struct tiled_work {
    using plan = strip_plan<Net, Shape>;
    template <std::size_t K>
    using step = execute::step<Net, K, conv_algorithm{}, plan>;
    template <std::size_t K>
    static constexpr bool is_pool = plan::step(K).kind == step_kind::max_pool
                                    || plan::step(K).kind == step_kind::average_pool;
    template <std::size_t K>
    using pool_kernel = kernels::pool_edges<float, plan::geometry(K), plan::step(K).kind == step_kind::average_pool>;
    template <std::size_t K>
    static constexpr std::ptrdiff_t scratch_size = [] {
        if constexpr (is_pool<K>) {
            return pool_kernel<K>::scratch_size;
        } else {
            return step<K>::scratch_size;
        }
    }();
    template <std::size_t K>
    static constexpr bool runs = true;
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace execute
}  // namespace detail

inline namespace FOVEA_KERNELS_ISA {

/// Runs a network on images of any height and width, which need not fit into memory.
///
///     using Net = Network<Input<3, 64, 64>, ...>;           // the extents are an example; every layer keeps them
///     Tiled<Net, threads<2>, memory_limit<200'000'000>> tiled(weights);
///     xt::xtensor<float, 3> y = tiled(x);                   // x: C x H x W, y: C' x H x W
///     tiled.run(height, width, read, write, progress);      // callbacks instead of arrays
///
/// The result equals that of Engine on the network with Input<C, H, W>, to the bit, whatever the strips and threads:
/// beyond the image's edges every layer sees zeros, and halos are the receptive field. Images less high than the
/// highest window (its rows less one, dilation included) are refused with an Error.
///
/// All memory is allocated by the constructor, memory_use() bytes of it. One caller at a time. Moves as an Engine does.
template <class Net, class... Options>
class Tiled {
    static constexpr detail::tiled_options options = detail::tiled_options_of<Options...>();
    using reach = detail::strip_reach<Net>;
    static constexpr strip_shape shape =
        reach::choose(static_cast<std::ptrdiff_t>(options.bytes) - detail::strip_overhead<Net>(options.threads),
                      static_cast<std::ptrdiff_t>(options.threads), static_cast<std::ptrdiff_t>(options.columns));
    using work = detail::execute::tiled_work<Net, shape>;
    using plan = typename work::plan;
    using steps = detail::execute::packed_steps<Net, work>;
    friend steps;
    static constexpr std::size_t map_count = plan::map_count;

public:
    static constexpr std::size_t outputs = plan::output_count;
    static constexpr std::size_t input_channels = input_shape<Net>.channels;
    template <std::size_t Output = 0>
    static constexpr std::size_t output_channels = output_shape<Net, Output>.channels;
    /// Columns of a strip and rows of a pass: the largest area that a callback is asked for.
    static constexpr std::size_t strip_width = static_cast<std::size_t>(shape.columns);
    static constexpr std::size_t strip_rows = static_cast<std::size_t>(shape.rows);
    /// Columns that a strip computes for its neighbours' sake, on either side.
    static constexpr std::size_t halo_left = static_cast<std::size_t>(plan::halo_left);
    static constexpr std::size_t halo_right = static_cast<std::size_t>(plan::halo_right);
    /// The least height of an image.
    static constexpr std::size_t least_height = [] {
        std::ptrdiff_t most = 1;
        for (std::size_t k = 0; k < plan::step_count; ++k) {
            const std::ptrdiff_t span =
                plan::step(k).kind == step_kind::conv ? reach::above(k) + reach::below(k) : std::ptrdiff_t{0};
            most = span > most ? span : most;
        }
        return static_cast<std::size_t>(most);
    }();

    /// Bytes that an object allocates, never more than memory_limit.
    static constexpr std::size_t memory_use() {
        return sizeof(float) *
               (steps::size + map_elements() + staged_elements() + options.threads * steps::scratch_size);
    }

    explicit Tiled(const Weights<Net>& weights)
        : packed_(steps::size),
          maps_(map_elements()),
          staged_(staged_elements()),
          scratch_(options.threads * steps::scratch_size),
          pool_(options.threads) {
        static_assert(memory_use() <= options.bytes);
        steps::pack_all(weights, packed_.data());
    }

    /// read(area, to): fills `to` with C x rows x columns values, row-major, of that area of the image.
    /// write(area, from): takes C' x rows x columns values of that area of the result; with Heads write(head, area,
    /// from). Both run on the caller's thread, strip by strip from the left, rows from the top. Areas that are read
    /// overlap by the halo, those that are written do not. progress(tiled_progress), if given, may return false to
    /// stop. Whatever these throw reaches the caller; the object can be used again. Returns whether all was written.
    template <class Read, class Write, class Progress = detail::no_progress>
    bool run(std::size_t height, std::size_t width, Read&& read, Write&& write, Progress&& progress = {}) {
        check_extents(height, width);
        const auto w = static_cast<std::ptrdiff_t>(width);
        const std::ptrdiff_t spare = w - shape.columns;
        const std::ptrdiff_t useful = shape.columns - plan::halo_left - plan::halo_right;
        const std::ptrdiff_t strips = spare <= 0 ? 1 : 1 + (spare + useful - 1) / useful;
        const auto begin_of = [&](std::ptrdiff_t s) { return strips == 1 ? 0 : spare * s / (strips - 1); };
        for (std::ptrdiff_t s = 0; s < strips; ++s) {
            strip_state state{.image_rows = static_cast<std::ptrdiff_t>(height), .column = begin_of(s)};
            state.columns = std::min(shape.columns, w);
            state.first = s == 0 ? 0 : plan::halo_left;
            state.last = s + 1 == strips ? state.columns : begin_of(s + 1) + plan::halo_left - state.column;
            tiled_progress report{static_cast<std::size_t>(s), static_cast<std::size_t>(strips), 0, height};
            if (!run_strip(state, read, write, progress, report)) {
                return false;
            }
        }
        return true;
    }

    /// The whole result of an image in memory, C x H x W.
    template <class X>
    xt::xtensor<float, 3> operator()(const X& x) requires(outputs == 1) {
        if constexpr (detail::takes_or_refuse<X, 3>()) {
            return run_on(x);
        } else {
            return {};
        }
    }

private:
    template <class X>
    xt::xtensor<float, 3> run_on(const X& x) {
        if (x.dimension() != 3 || x.shape()[0] != input_channels) {
            detail::raise(Error("fovea: Tiled: input shape: expected [" + std::to_string(input_channels) +
                                ", height, width], got another rank or number of channels"));
        }
        const xt::xtensor<float, 3> copy_if_needed = [&] {
            if constexpr (std::is_same_v<X, xt::xtensor<float, 3>>) {
                return xt::xtensor<float, 3>{};
            } else {
                return xt::xtensor<float, 3>(x);
            }
        }();
        const float* from = nullptr;
        if constexpr (std::is_same_v<X, xt::xtensor<float, 3>>) {
            from = x.data();
        } else {
            from = copy_if_needed.data();
        }
        const std::size_t height = x.shape()[1], width = x.shape()[2];
        xt::xtensor<float, 3> y({output_channels<>, height, width});
        run(
            height, width,
            [&](const image_area& a, float* to) {
                for (std::size_t c = 0; c < input_channels; ++c) {
                    for (std::size_t r = 0; r < a.rows; ++r, to += a.columns) {
                        std::copy_n(from + (c * height + a.row + r) * width + a.column, a.columns, to);
                    }
                }
            },
            [&](const image_area& a, const float* values) {
                for (std::size_t c = 0; c < output_channels<>; ++c) {
                    for (std::size_t r = 0; r < a.rows; ++r, values += a.columns) {
                        std::copy_n(values, a.columns, y.data() + (c * height + a.row + r) * width + a.column);
                    }
                }
            });
        return y;
    }

    /// Where a strip stands. Map m has rows [base[m], done[m]).
    struct strip_state {
        std::ptrdiff_t image_rows = 0;
        std::ptrdiff_t column = 0;   ///< of the image, of the strip's first one
        std::ptrdiff_t columns = 0;  ///< of the image
        std::ptrdiff_t first = 0;    ///< columns [first, last) of the strip are right
        std::ptrdiff_t last = 0;
        std::array<std::ptrdiff_t, map_count> base{};
        std::array<std::ptrdiff_t, map_count> done{};
        std::array<std::ptrdiff_t, outputs> written{};
    };

    /// What a pass does, known before it begins.
    struct pass_work {
        std::array<std::ptrdiff_t, map_count> drop{};  ///< rows to be forgotten at the buffer's front
        std::array<std::ptrdiff_t, map_count> base{};
        std::array<std::ptrdiff_t, map_count> begin{};  ///< rows [begin, end) are made
        std::array<std::ptrdiff_t, map_count> end{};
        bool moves = false;
    };

    static void check_extents(std::size_t height, std::size_t width) {
        if (height < least_height || width < 1) {
            detail::raise(
                Error("fovea: Tiled: image extents: expected at least [" + std::to_string(least_height) +
                      ", 1], got [" + std::to_string(height) + ", " + std::to_string(width) +
                      "]; the highest window of the network does not fit, use Engine with an Input of this size"));
        }
        if (height >= static_cast<std::size_t>(detail::strip_height) || width >= (std::uint64_t{1} << 32)) {
            detail::raise(Error("fovea: Tiled: image extents: expected less than [" +
                                std::to_string(detail::strip_height) + ", 4294967296], got [" + std::to_string(height) +
                                ", " + std::to_string(width) + "]"));
        }
    }

    static constexpr std::size_t map_elements() {
        return static_cast<std::size_t>(reach::elements(shape) - reach::staged(shape));
    }
    static constexpr std::size_t staged_elements() { return static_cast<std::size_t>(reach::staged(shape)); }

    /// Rows of map m that are there after pass p.
    static std::ptrdiff_t rows_after(std::ptrdiff_t pass, std::size_t m, std::ptrdiff_t image_rows) {
        return std::clamp(shape.rows * (pass + 1) - (plan::lead - plan::of.lead[m]), std::ptrdiff_t{0}, image_rows);
    }

    static pass_work plan_pass(const strip_state& s, std::ptrdiff_t pass) {
        pass_work w;
        std::array<std::ptrdiff_t, map_count> keep{};
        keep.fill(std::numeric_limits<std::ptrdiff_t>::max());
        for (std::size_t k = 0; k < plan::step_count; ++k) {
            for (std::size_t n = 0; n < plan::step(k).read_count; ++n) {
                const std::size_t m = plan::reads(k)[n];
                keep[m] = std::min(keep[m], s.done[plan::step(k).out_map] - reach::above(k, n));
            }
        }
        for (std::size_t o = 0; o < outputs; ++o) {
            keep[plan::output_map(o)] = std::min(keep[plan::output_map(o)], s.written[o]);
        }
        for (std::size_t m = 0; m < map_count; ++m) {
            w.begin[m] = s.done[m];
            w.end[m] = rows_after(pass, m, s.image_rows);
            w.base[m] = s.base[m];
            if (w.end[m] - s.base[m] > reach::rows_of(m, shape)) {
                w.base[m] = std::clamp(keep[m], s.base[m], s.done[m]);
                w.drop[m] = w.base[m] - s.base[m];
                w.moves = w.moves || w.base[m] < s.done[m];
            }
        }
        return w;
    }

    template <class Read, class Write, class Progress>
    bool run_strip(strip_state& s, Read& read, Write& write, Progress& progress, tiled_progress& report) {
        // Left padding of row 0, and gaps that no kernel has written yet.
        std::fill(maps_.data(), maps_.data() + map_elements(), 0.0F);
        for (std::ptrdiff_t pass = 0; s.written[0] < s.image_rows || s.written != full(s.image_rows); ++pass) {
            const pass_work w = plan_pass(s, pass);
            if (w.end[0] > w.begin[0]) {
                read(area(w.begin[0], w.end[0], s.column, s.columns), staged_.data());
            }
            pool_.run([&](std::size_t member) { run_pass(s, w, member); });
            s.base = w.base;
            s.done = w.end;
            write_rows(s, pass, write, std::make_index_sequence<outputs>{});
            report.rows = static_cast<std::size_t>(*std::min_element(s.written.begin(), s.written.end()));
            if constexpr (std::is_void_v<decltype(progress(std::as_const(report)))>) {
                progress(std::as_const(report));
            } else if (!progress(std::as_const(report))) {
                return false;
            }
        }
        return true;
    }
    static constexpr std::array<std::ptrdiff_t, outputs> full(std::ptrdiff_t rows) {
        std::array<std::ptrdiff_t, outputs> f{};
        f.fill(rows);
        return f;
    }
    static image_area area(std::ptrdiff_t row, std::ptrdiff_t row_end, std::ptrdiff_t column, std::ptrdiff_t columns) {
        return {static_cast<std::size_t>(row), static_cast<std::size_t>(row_end - row),
                static_cast<std::size_t>(column), static_cast<std::size_t>(columns)};
    }

    /// Pointers at row 0 of the image, or at a row `shift` before it.
    struct frame {
        const Tiled* tiled;
        const std::array<std::ptrdiff_t, map_count>* base;
        std::ptrdiff_t shift;
        float* operator()(std::size_t m) const noexcept {
            return const_cast<float*>(tiled->maps_.data()) + plan::first[m] -
                   ((*base)[m] + shift) * plan::maps[m].pitch;
        }
    };

    void run_pass(const strip_state& s, const pass_work& w, std::size_t member) noexcept {
        if (w.moves) {
            move_maps(s, w, member, std::make_index_sequence<map_count>{});
            pool_.wait_for_all();
        }
        copy_in(s, w, member);
        pool_.wait_for_all();
        steps::run_all(*this, s, w, member);
    }

    std::ptrdiff_t share(std::ptrdiff_t n, std::size_t member) const noexcept {
        return n * static_cast<std::ptrdiff_t>(member) / static_cast<std::ptrdiff_t>(pool_.size());
    }

    template <std::size_t... M>
    void move_maps(const strip_state& s, const pass_work& w, std::size_t member, std::index_sequence<M...>) noexcept {
        (move_map<M>(s, w, member), ...);
    }
    /// Members share the channels.
    template <std::size_t M>
    void move_map(const strip_state& s, const pass_work& w, std::size_t member) noexcept {
        constexpr map_layout l = plan::maps[M];
        if (w.drop[M] == 0) {
            return;
        }
        const auto kept = static_cast<std::size_t>((s.done[M] - w.base[M]) * l.pitch);
        for (std::ptrdiff_t c = share(l.channels, member); c < share(l.channels, member + 1); ++c) {
            float* plane = maps_.data() + plan::first[M] + c * l.plane;
            std::memmove(plane, plane + w.drop[M] * l.pitch, kept * sizeof(float));
        }
    }

    void copy_in(const strip_state& s, const pass_work& w, std::size_t member) noexcept {
        constexpr map_layout l = plan::maps[0];
        const std::ptrdiff_t rows = w.end[0] - w.begin[0];
        float* to = maps_.data() + plan::first[0] + (w.begin[0] - w.base[0]) * l.pitch;
        for (std::ptrdiff_t c = 0; c < l.channels; ++c) {
            for (std::ptrdiff_t y = share(rows, member); y < share(rows, member + 1); ++y) {
                std::copy_n(staged_.data() + (c * rows + y) * s.columns, s.columns, to + c * l.plane + y * l.pitch);
            }
        }
    }

    template <std::size_t K>
    void run_step(const strip_state& s, const pass_work& w, std::size_t member) noexcept {
        using step = typename work::template step<K>;
        constexpr plan_step p = plan::step(K);
        constexpr map_layout l = plan::maps[p.out_map];
        const std::ptrdiff_t rows = w.end[p.out_map] - w.begin[p.out_map];
        if (rows == 0) {
            return;  // for all members
        }
        const std::ptrdiff_t begin = w.begin[p.out_map] + share(rows, member);
        const std::ptrdiff_t end = w.begin[p.out_map] + share(rows, member + 1);
        const float* packed = packed_.data() + steps::at[K];
        float* scratch = scratch_.data() + member * steps::scratch_size;
        const frame top{this, &w.base, 0};
        if (begin < end) {
            if constexpr (work::template is_pool<K>) {
                work::template pool_kernel<K>::run(top(p.in_map), top(p.out_map), scratch, begin, end, s.image_rows,
                                                   s.columns);
            } else if constexpr (p.kind == step_kind::conv) {
                // Kernels bound their window by row 0 and by the layout's height. Rows that see the image's bottom are
                // counted from there.
                const std::ptrdiff_t split = std::clamp(s.image_rows - reach::below(K), begin, end);
                const frame bottom{this, &w.base, detail::strip_height - s.image_rows};
                if (begin < split) {
                    step::run(top, packed, scratch, begin, split);
                }
                if (split < end) {
                    step::run(bottom, packed, scratch, split + bottom.shift, end + bottom.shift);
                }
            } else {
                step::run(top, packed, scratch, begin, end);
            }
            if (s.columns < shape.columns) {
                float* map = top(p.out_map);
                for (std::ptrdiff_t c = 0; c < l.channels; ++c) {
                    for (std::ptrdiff_t y = begin; y < end; ++y) {
                        std::fill_n(map + c * l.plane + y * l.pitch + s.columns, shape.columns - s.columns, 0.0F);
                    }
                }
            }
        }
        pool_.wait_for_all();
    }

    template <class Write, std::size_t... O>
    void write_rows(strip_state& s, std::ptrdiff_t pass, Write& write, std::index_sequence<O...>) {
        float* to = staged_.data() + plan::maps[0].channels * shape.rows * shape.columns;
        (write_output<O>(s, pass, write, to), ...);
    }
    template <std::size_t O, class Write>
    void write_output(strip_state& s, std::ptrdiff_t pass, Write& write, float*& staged) {
        constexpr std::size_t m = plan::output_map(O);
        constexpr map_layout l = plan::maps[m];
        const std::ptrdiff_t begin = s.written[O];
        const std::ptrdiff_t end = std::clamp(shape.rows * (pass + 1) - plan::lead, begin, s.image_rows);
        float* const first = staged;
        staged += l.channels * shape.rows * shape.columns;
        if (begin == end) {
            return;
        }
        const std::ptrdiff_t columns = s.last - s.first;
        const float* from = maps_.data() + plan::first[m] + (begin - s.base[m]) * l.pitch + s.first;
        float* to = first;
        for (std::ptrdiff_t c = 0; c < l.channels; ++c) {
            for (std::ptrdiff_t y = 0; y < end - begin; ++y, to += columns) {
                std::copy_n(from + c * l.plane + y * l.pitch, columns, to);
            }
        }
        s.written[O] = end;
        const image_area a = area(begin, end, s.column + s.first, columns);
        if constexpr (outputs == 1) {
            write(a, static_cast<const float*>(first));
        } else {
            write(O, a, static_cast<const float*>(first));
        }
    }

    detail::aligned_array<float> packed_;
    detail::aligned_array<float> maps_;
    detail::aligned_array<float> staged_;
    detail::aligned_array<float> scratch_;
    detail::thread_pool pool_;
};

/// A network that cannot be run in strips, or not with these options: the one error has been reported, the code around
/// it still compiles.
template <class Net, class... Options>
    requires(!detail::tiles_or_refuse<Net, Options...>())
class Tiled<Net, Options...> {
public:
    static constexpr std::size_t outputs = detail::network_traits<Net>::trace.output_count;
    static constexpr std::size_t input_channels = input_shape<Net>.channels;
    template <std::size_t Output = 0>
    static constexpr std::size_t output_channels = output_shape<Net, Output>.channels;
    static constexpr std::size_t strip_width = 1, strip_rows = 1, halo_left = 0, halo_right = 0, least_height = 1;
    static constexpr std::size_t memory_use() { return 0; }

    explicit Tiled(const Weights<Net>&) {}
    template <class... Arguments>
    bool run(std::size_t, std::size_t, Arguments&&...) {
        return false;
    }
    template <class X>
    xt::xtensor<float, 3> operator()(const X&) {
        return {};
    }
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea

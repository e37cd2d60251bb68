// SPDX-License-Identifier: BSD-3-Clause
// How is a network run? Engine<Net>: everything that can be done before an input arrives is done in the constructor.
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <utility>

#include <fovea/detail/aligned.hpp>
#include <fovea/detail/thread_pool.hpp>
#include <fovea/detail/xtensor.hpp>
#include <fovea/execute/chain.hpp>
#include <fovea/execute/choose.hpp>
#include <fovea/execute/fold.hpp>
#include <fovea/execute/input.hpp>
#include <fovea/execute/kernels/map.hpp>
#include <fovea/execute/options.hpp>
#include <fovea/execute/packed_steps.hpp>

namespace fovea {

namespace detail {

/// The tensors of an engine.
template <class Net, class... Options>
struct engine_tensors {
    static constexpr std::size_t rank =
        (network_traits<Net>::trace.one_dimensional ? 2 : 3) + (engine_options_of<Options...>().batched ? 1 : 0);
    static constexpr std::size_t outputs = network_traits<Net>::trace.output_count;
    using input_type = xt::xtensor<float, rank>;
    /// One tensor; with Heads an array of them.
    using output_type =
        std::conditional_t<outputs == 1, xt::xtensor<float, rank>, std::array<xt::xtensor<float, rank>, outputs>>;
    /// Where run() writes each output.
    using output_pointers = std::array<float*, outputs>;
};

namespace execute {
inline namespace FOVEA_KERNELS_ISA {

template <class Net, class... Options>
struct engine_work {
    using plan = plan_of<Net, Options...>;
    template <std::size_t K>
    using step = execute::step<Net, K, algorithm_of<Net, K, Options...>, plan>;
    template <std::size_t K>
    static constexpr std::ptrdiff_t scratch_size = scratch_of<Net, plan, K, step<K>>;
    template <std::size_t K>
    static constexpr bool runs = plan::chain(K).length > 0;
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace execute
}  // namespace detail

inline namespace FOVEA_KERNELS_ISA {

/// Runs a network on float32 inputs.
///
///     Engine<Net> engine(weights);                        // folds BatchNorm, packs weights, allocates
///     auto&& y = engine(x);         // x: xtensor C x H x W; y: C' x H' x W', owned by the engine
///
///     Engine<Net, batch<32>, threads<2>> many(weights);   // x: N x C x H x W
///
/// A network with Heads has a tuple of outputs: auto&& [a, b] = engine(x), one for each head in order.
///
/// After construction a call allocates nothing, takes no lock and throws nothing; an input of another shape is a broken
/// precondition and ends the program with a message. An engine serves one caller at a time; use one per thread.
///
/// Engines can be moved between calls, with their memory and threads, for a few pointers; not copied. One that was
/// moved from can be destroyed or assigned to, nothing else; a result that it returned is gone.
template <class Net, class... Options>
class Engine {
    static constexpr detail::engine_options options = detail::engine_options_of<Options...>();
    using tensor_types = detail::engine_tensors<Net, Options...>;
    using work = detail::execute::engine_work<Net, Options...>;
    using plan = typename work::plan;
    using steps = detail::execute::packed_steps<Net, work>;
    friend steps;
    static constexpr std::size_t rank = tensor_types::rank;
    /// Few inputs and many threads: the threads share the rows of each layer; else each takes inputs of its own.
    static constexpr bool share_rows = options.threads > 1 && options.batch < options.threads;
    static constexpr std::size_t lanes_in_flight = share_rows ? 1 : options.threads;

public:
    static constexpr std::size_t outputs = tensor_types::outputs;
    using input_type = typename tensor_types::input_type;
    using output_type = typename tensor_types::output_type;
    using output_pointers = typename tensor_types::output_pointers;

    explicit Engine(const Weights<Net>& weights)
        : packed_(steps::size),
          arena_(lanes_in_flight * static_cast<std::size_t>(plan::arena_size)),
          scratch_(options.threads * steps::scratch_size),
          staging_(input_extents()),
          pool_(options.threads) {
        for (std::size_t o = 0; o < outputs; ++o) {
            output(o).resize(extents(plan::trace.shape(plan::trace.outputs()[o])));
        }
        steps::pack_all(weights, packed_.data());
    }

    /// The shape that operator() takes and the one it returns.
    static constexpr std::array<std::size_t, rank> input_extents() { return extents(input_shape<Net>); }
    template <std::size_t Output = 0>
    static constexpr std::array<std::size_t, rank> output_extents() {
        return extents(output_shape<Net, Output>);
    }

    /// Runs the network; the result stays valid until the next call.
    template <class X>
    const output_type& operator()(const X& x) noexcept {
        if constexpr (detail::takes_or_refuse<X, rank>()) {
            run_on(x);
        }
        return output_;
    }

    /// The same on plain memory, row-major: `x` of batch * C * H * W floats, `y` of batch * C' * H' * W'.
    void run(const float* x, float* y) noexcept requires(outputs == 1) { run(x, output_pointers{y}); }
    /// With Heads: a pointer for each.
    void run(const float* x, const output_pointers& y) noexcept {
        if constexpr (share_rows) {
            for (std::size_t n = 0; n < options.batch; ++n) {
                run_one(x + n * input_shape<Net>.size(), y, n);
            }
        } else {
            pool_.for_each(options.batch, [&](std::size_t n, std::size_t member) {
                team alone{arena_.data() + member * static_cast<std::size_t>(plan::arena_size),
                           scratch_.data() + member * steps::scratch_size, 0, 1, nullptr};
                run_steps(alone, x + n * input_shape<Net>.size(), y, n);
            });
        }
    }

private:
    template <class X>
    void run_on(const X& x) noexcept {
        check_shape(x);
        if constexpr (requires { x.data(); } && X::static_layout == xt::layout_type::row_major) {
            run(x.data() + data_offset(x), pointers());
        } else {
            // A view or an expression is evaluated into an input of our own.
            std::copy(x.template begin<xt::layout_type::row_major>(), x.template end<xt::layout_type::row_major>(),
                      staging_.begin());
            run(staging_.data(), pointers());
        }
    }

    /// One thread's view of the work on one input: its share of the units (rows) is [h * member / size, h * (member +
    /// 1) / size).
    struct team {
        float* arena;
        float* scratch;
        std::size_t member;
        std::size_t size;
        detail::thread_pool* pool;
        void wait() const noexcept {
            if (pool != nullptr) {
                pool->wait_for_all();
            }
        }
        std::ptrdiff_t begin(std::ptrdiff_t rows) const noexcept {
            return rows * static_cast<std::ptrdiff_t>(member) / static_cast<std::ptrdiff_t>(size);
        }
        std::ptrdiff_t end(std::ptrdiff_t rows) const noexcept {
            return rows * static_cast<std::ptrdiff_t>(member + 1) / static_cast<std::ptrdiff_t>(size);
        }
    };

    void run_one(const float* x, const output_pointers& y, std::size_t n) noexcept {
        pool_.run([&](std::size_t member) {
            team t{arena_.data(), scratch_.data() + member * steps::scratch_size, member, pool_.size(), &pool_};
            run_steps(t, x, y, n);
        });
    }

    static constexpr std::array<std::size_t, rank> extents(const Shape& s) {
        std::array<std::size_t, rank> e{};
        std::size_t at = 0;
        if (options.batched) {
            e[at++] = options.batch;
        }
        e[at++] = s.channels;
        if (rank - at == 2) {
            e[at++] = s.height;
        }
        e[at] = s.width;
        return e;
    }

    template <class X>
    static std::ptrdiff_t data_offset(const X& x) noexcept {
        if constexpr (requires { x.data_offset(); }) {
            return static_cast<std::ptrdiff_t>(x.data_offset());
        } else {
            return 0;
        }
    }

    template <class X>
    static void check_shape(const X& x) noexcept {
        constexpr auto want = input_extents();
        bool same = x.dimension() == rank;
        for (std::size_t i = 0; same && i < rank; ++i) {
            same = static_cast<std::size_t>(x.shape()[i]) == want[i];
        }
        if (same) {
            return;
        }
        std::fputs("fovea: Engine: input shape: expected [", stderr);
        for (std::size_t i = 0; i < rank; ++i) {
            std::fprintf(stderr, "%s%zu", i == 0 ? "" : ", ", want[i]);
        }
        std::fputs("], got [", stderr);
        for (std::size_t i = 0; i < x.dimension(); ++i) {
            std::fprintf(stderr, "%s%zu", i == 0 ? "" : ", ", static_cast<std::size_t>(x.shape()[i]));
        }
        std::fputs("]; reshape it, or use batch<N>\n", stderr);
        std::abort();
    }

    template <std::size_t K>
    void run_step(const team& t) noexcept {
        const float* const packed = packed_.data();
        constexpr std::size_t last = K + plan::chain(K).length - 1;
        constexpr std::size_t written = plan::step(last).out_map;
        constexpr bool fresh = [] {
            bool read = false;
            for (std::size_t m : plan::reads(last)) {
                read = read || m == written;
            }
            // What lies around a slice belongs to its neighbours.
            return !read && plan::slices[written].whole == written;
        }();
        if (fresh && t.member == 0) {
            kernels::clear_guards<float, plan::maps[written]>(t.arena + plan::offset(written));
        }
        const auto maps = [&t](std::size_t m) { return t.arena + plan::offset(m); };
        if constexpr (last > K) {
            using links = detail::execute::chain<Net, plan, K>;
            if constexpr (share_rows && requires { links::fetch(maps, 0, 0); }) {
                links::fetch(maps, t.begin(links::units), t.end(links::units));
            }
            links::run(
                maps, [packed](std::size_t k) { return packed + steps::at[k]; }, t.scratch, t.begin(links::units),
                t.end(links::units));
        } else {
            using step = typename work::template step<K>;
            constexpr std::ptrdiff_t units = step::units;
            if constexpr (share_rows) {
                step::fetch(maps, t.begin(units), t.end(units));
            }
            step::run(maps, packed + steps::at[K], t.scratch, t.begin(units), t.end(units));
        }
        t.wait();
    }

    void run_steps(const team& t, const float* x, const output_pointers& y, std::size_t n) noexcept {
        constexpr map_layout in = plan::maps[0];
        float* first = t.arena + plan::offset(0);
        kernels::clear_gaps<float, in>(first, t.begin(in.height), t.end(in.height), t.member == 0);
        kernels::copy_in<float, in>(x, first, t.begin(in.height), t.end(in.height));
        t.wait();
        steps::run_all(*this, t);
        copy_outputs(t, y, n, std::make_index_sequence<outputs>{});
    }

    template <std::size_t... O>
    static void copy_outputs(const team& t, const output_pointers& y, std::size_t n,
                             std::index_sequence<O...>) noexcept {
        (copy_output<plan::output_map(O)>(t, y[O] + n * output_shape<Net, O>.size()), ...);
    }
    template <std::size_t Map>
    static void copy_output(const team& t, float* y) noexcept {
        constexpr map_layout out = plan::maps[Map];
        kernels::copy_out<float, out>(t.arena + plan::offset(Map), y, t.begin(out.height), t.end(out.height));
    }

    xt::xtensor<float, rank>& output([[maybe_unused]] std::size_t o) noexcept {
        if constexpr (outputs == 1) {
            return output_;
        } else {
            return output_[o];
        }
    }
    output_pointers pointers() noexcept {
        output_pointers p{};
        for (std::size_t o = 0; o < outputs; ++o) {
            p[o] = output(o).data();
        }
        return p;
    }

    detail::aligned_array<float> packed_;
    detail::aligned_array<float> arena_;
    detail::aligned_array<float> scratch_;
    output_type output_;
    input_type staging_;
    detail::thread_pool pool_;
};

/// An engine of a refused network, or with refused options: the one error has been reported, the code
/// around it still compiles.
template <class Net, class... Options>
    requires(!detail::execute::runs_or_refuse<Net, Options...>())
class Engine<Net, Options...> {
    using tensor_types = detail::engine_tensors<Net, Options...>;

public:
    static constexpr std::size_t outputs = tensor_types::outputs;
    using input_type = typename tensor_types::input_type;
    using output_type = typename tensor_types::output_type;
    using output_pointers = typename tensor_types::output_pointers;

    explicit Engine(const Weights<Net>&) {}
    static constexpr std::array<std::size_t, tensor_types::rank> input_extents() { return {}; }
    template <std::size_t Output = 0>
    static constexpr std::array<std::size_t, tensor_types::rank> output_extents() {
        return {};
    }
    template <class X>
    const output_type& operator()(const X&) noexcept {
        return output_;
    }
    template <class Output>
    void run(const float*, const Output&) noexcept {}

private:
    output_type output_;
};

}  // namespace FOVEA_KERNELS_ISA
}  // namespace fovea

// SPDX-License-Identifier: BSD-3-Clause
// What does a file hold that is compiled for one instruction set? level_of<Net, Options...>: an engine as a table of
// functions. Only for the files that fovea_add_model makes, since their symbols are made local.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fovea/execute/engine.hpp>
#include <fovea/execute/model.hpp>

#if defined(FOVEA_MODEL_ISOLATED)
// The static initialisers of such a file contain its instructions, too, so the linker script (isolate.ld)
// takes them off the list that runs at the start of every program, whatever the processor. They are run
// when a level has been chosen.
extern "C" {
[[gnu::visibility("hidden")]] extern void (*const fovea_initialisers_begin[])();
[[gnu::visibility("hidden")]] extern void (*const fovea_initialisers_end[])();
}
#endif

namespace fovea::detail {

inline bool initialise_level() {
#if defined(FOVEA_MODEL_ISOLATED)
    for (auto* f = fovea_initialisers_begin; f != fovea_initialisers_end; ++f) {
        (*f)();
    }
#endif
    return true;
}

template <class Engine, class Net, std::size_t Batch>
struct level_engine {
    static void* create(const float* values) {
        [[maybe_unused]] static const bool initialised = initialise_level();
        Weights<Net> weights;
        std::copy_n(values, weights.values().size(), weights.values().begin());
        return new Engine(weights);
    }
    static void destroy(void* engine) noexcept { delete static_cast<Engine*>(engine); }

    static void run(void* engine, const float* x, float* y) noexcept {
        run_heads(*static_cast<Engine*>(engine), x, y, std::make_index_sequence<Engine::outputs>{});
    }

private:
    template <std::size_t... O>
    static void run_heads(Engine& e, const float* x, float* y, std::index_sequence<O...>) noexcept {
        const std::size_t sizes[] = {Batch * output_shape<Net, O>.size()...};
        typename Engine::output_pointers to{};
        for (std::size_t o = 0; o < Engine::outputs; ++o) {
            to[o] = y;
            y += sizes[o];
        }
        e.run(x, to);
    }
};

template <class Net, class... Options>
constexpr model_level level_of(const char* name) {
    using engine = level_engine<Engine<Net, Options...>, Net, engine_options_of<Options...>().batch>;
    return {name, &engine::create, &engine::run, &engine::destroy};
}

}  // namespace fovea::detail

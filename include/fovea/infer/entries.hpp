// SPDX-License-Identifier: BSD-3-Clause
// Which leaf bricks does a network's list of types hold, and where? Opens the containers into one flat list.
#pragma once

#include <cstddef>

#include <fovea/declare/compose.hpp>
#include <fovea/declare/network.hpp>
#include <fovea/declare/spec.hpp>
#include <fovea/infer/mistake.hpp>

namespace fovea::detail {

/// A leaf as written, or the structural mistake found in its place.
struct entry {
    const brick_spec* spec = nullptr;
    refusal fault = refusal::none;
    std::size_t depth = 0;
    int where[deepest_path] = {};
};

template <class T>
inline constexpr bool is_input = false;
template <int... E>
inline constexpr bool is_input<Input<E...>> = true;

/// Containers: how many children, and which. The primary template is a leaf or no brick at all.
template <class T>
struct container_traits {
    static constexpr bool is_container = false;
    static constexpr std::size_t leaves = 1;
};

struct entry_writer {
    entry* at;
    int where[deepest_path] = {};
    std::size_t depth = 0;

    constexpr void put(const brick_spec* spec, refusal fault) {
        at->spec = spec;
        at->fault = fault;
        at->depth = depth < deepest_path ? depth : deepest_path;
        if (depth > deepest_path) {
            at->fault = refusal::too_deep;
        }
        for (std::size_t i = 0; i < at->depth; ++i) {
            at->where[i] = where[i];
        }
        ++at;
    }
    constexpr void enter(int position) {
        if (depth < deepest_path) {
            where[depth] = position;
        }
        ++depth;
    }
    constexpr void leave() { --depth; }
};

template <class T>
constexpr void write_entries(entry_writer& w) {
    if constexpr (container_traits<T>::is_container) {
        container_traits<T>::write(w);
    } else if constexpr (leaf_brick<T>) {
        w.put(&brick_traits<T>::spec, refusal::none);
    } else {
        w.put(nullptr, is_input<T> ? refusal::input_inside : refusal::not_a_brick);
    }
}

/// What leaf counts saturate at, so that Repeat in Repeat cannot overflow: 2^32 - 1, times any N below 2^31 fits.
inline constexpr std::size_t uncountable = 0xffff'ffff;

// Arrays and loops instead of folds: clang refuses folds of more than 256 operands.
template <class... Bricks>
constexpr std::size_t leaves_of() {
    constexpr std::size_t counts[] = {container_traits<Bricks>::leaves..., 0};
    std::size_t sum = 0;
    for (std::size_t c : counts) {
        sum += c;
    }
    return sum < uncountable ? sum : uncountable;
}

template <class... Bricks>
constexpr void write_list(entry_writer& w) {
    constexpr void (*writers[])(entry_writer&) = {&write_entries<Bricks>..., nullptr};
    for (int i = 0; i < static_cast<int>(sizeof...(Bricks)); ++i) {
        w.enter(i);
        writers[i](w);
        w.leave();
    }
}

template <class... Bricks>
struct container_traits<Sequential<Bricks...>> {
    static constexpr bool is_container = true;
    static constexpr std::size_t leaves = sizeof...(Bricks) == 0 ? 1 : leaves_of<Bricks...>();
    static constexpr void write(entry_writer& w) {
        if constexpr (sizeof...(Bricks) == 0) {
            w.put(nullptr, refusal::empty_container);
        } else {
            write_list<Bricks...>(w);
        }
    }
};

template <int N, class... Bricks>
struct container_traits<Repeat<N, Bricks...>> {
    static constexpr bool is_container = true;
    static constexpr bool sound = N > 0 && sizeof...(Bricks) > 0;
    static constexpr std::size_t product = static_cast<std::size_t>(N > 0 ? N : 1) * leaves_of<Bricks...>();
    static constexpr std::size_t leaves = !sound ? 1 : product < uncountable ? product : uncountable;
    static constexpr void write(entry_writer& w) {
        if constexpr (!sound) {
            w.put(nullptr, N > 0 ? refusal::empty_container : refusal::repeat_count);
        } else {
            for (int i = 0; i < N; ++i) {
                w.enter(i);
                if constexpr (sizeof...(Bricks) == 1) {
                    (write_entries<Bricks>(w), ...);
                } else {
                    write_list<Bricks...>(w);
                }
                w.leave();
            }
        }
    }
};

}  // namespace fovea::detail

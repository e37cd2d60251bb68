// SPDX-License-Identifier: BSD-3-Clause
// What does a network's list of types hold, in data-flow order? Opens the containers into one flat list: bricks, and
// where the data forks and joins.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <fovea/declare/compose.hpp>
#include <fovea/declare/network.hpp>
#include <fovea/declare/spec.hpp>
#include <fovea/detail/text.hpp>
#include <fovea/infer/mistake.hpp>

namespace fovea::detail {

enum class entry_op : unsigned char {
    leaf,  ///< a brick: reads the current map
    fork,  ///< the current map is read by several branches
    next,  ///< a branch ends, the next one begins at the fork
    join,  ///< the last branch ends; `spec` says how they meet
    heads  ///< the last branch ends; all of them are outputs
};

struct entry {
    entry_op op = entry_op::leaf;
    refusal fault = refusal::none;
    const brick_spec* spec = nullptr;
    std::size_t path_at = 0;  ///< the brick's path in the list's text
    std::size_t path_size = 0;
    std::size_t shared = 0;  ///< layers back to the one whose weights this one uses; 0: its own
};

/// How much of everything a type adds. Saturates, so that Repeat in Repeat cannot overflow: 2^32 - 1 times any N below
/// 2^31 fits.
struct tally {
    std::size_t layers = 0;   ///< records: bricks and joins
    std::size_t entries = 0;  ///< with forks and branch ends
    std::size_t edges = 0;    ///< maps read by all layers
    static constexpr std::size_t most = 0xffff'ffff;

    constexpr tally& add(const tally& t, std::size_t times = 1) {
        layers = clamp(layers + t.layers * times);
        entries = clamp(entries + t.entries * times);
        edges = clamp(edges + t.edges * times);
        return *this;
    }
    static constexpr std::size_t clamp(std::size_t n) { return n < most ? n : most; }
};

inline constexpr tally one_leaf{1, 1, 1};

template <class T>
inline constexpr bool is_input = false;
template <int... E>
inline constexpr bool is_input<Input<E...>> = true;

/// What stands in a path. Outside of the function, where every call would count their characters again.
inline constexpr std::string_view role_names[] = {"", "body", "shortcut", "branches.", "heads."};

/// Writes entries, or the places of layers, or only counts the characters and steps of paths, or
/// looks for one entry's place.
struct entry_writer {
    entry* at = nullptr;
    char* chars = nullptr;
    place* places = nullptr;            ///< of all layers, one behind the other
    std::size_t* places_end = nullptr;  ///< of each layer
    std::size_t written = 0;            ///< characters
    std::size_t placed = 0;             ///< places
    std::size_t index = 0;              ///< entries
    std::size_t shared = 0;
    std::size_t layer = 0;  ///< layers so far
    text<deepest_path * 14> path{};
    std::size_t ends[deepest_path] = {};  ///< of the path, without the level's own text
    std::size_t depth = 0;
    std::size_t sought = static_cast<std::size_t>(-1);
    mistake* found = nullptr;
    place where[deepest_path] = {};

    constexpr void put(entry_op op, const brick_spec* spec, refusal fault = refusal::none) {
        if (found != nullptr && index == sought) {
            found->depth = depth < deepest_path ? depth : deepest_path;
            for (std::size_t i = 0; i < found->depth; ++i) {
                found->where[i] = where[i];
            }
        }
        const bool named = op == entry_op::leaf || op == entry_op::join;
        const std::size_t size = named ? path.size() : 0;
        if (at != nullptr) {
            entry& e = at[index];
            e.op = op;
            e.spec = spec;
            e.fault = depth > deepest_path ? refusal::too_deep : fault;
            e.path_at = written;
            e.path_size = size;
            e.shared = shared;
            for (std::size_t i = 0; i < size; ++i) {
                chars[written + i] = path.chars[i];
            }
        }
        if (named && places != nullptr) {
            for (std::size_t i = 0; i < depth && i < deepest_path; ++i) {
                places[placed + i] = where[i];
            }
            places_end[layer] = placed + depth;
        }
        written += size;
        placed += named ? depth : 0;
        layer += named ? 1 : 0;
        ++index;
    }
    constexpr void put_leaf(const brick_spec* spec, refusal fault = refusal::none) { put(entry_op::leaf, spec, fault); }

    constexpr void enter(role as, int position) {
        if (depth < deepest_path) {
            ends[depth] = path.length;
            where[depth] = {position, as};
            if (depth > 0) {
                path.put('.');
            }
            if (as != role::item) {
                path.put(role_names[static_cast<int>(as)]);
            }
            if (as != role::body && as != role::shortcut) {
                path.put_number(static_cast<std::uint64_t>(position));
            }
        }
        ++depth;
    }
    constexpr void leave() {
        --depth;
        if (depth < deepest_path) {
            path.length = ends[depth];
        }
    }
};

/// Containers: how much they add, and what. The primary template is a leaf or no brick at all.
template <class T>
struct container_traits {
    static constexpr tally size = [] {
        tally t = one_leaf;
        if constexpr (leaf_brick<T>) {
            constexpr brick_kind k = brick_traits<T>::spec.kind;
            t.edges += k == brick_kind::add || k == brick_kind::concat ? 1 : 0;
        }
        return t;
    }();
    static constexpr void write(entry_writer& w) {
        if constexpr (leaf_brick<T>) {
            w.put_leaf(&brick_traits<T>::spec);
        } else {
            w.put_leaf(nullptr, is_input<T> ? refusal::input_inside : refusal::not_a_brick);
        }
    }
};

// Arrays and loops instead of folds: clang refuses folds of more than 256 operands.
template <class... Bricks>
constexpr tally size_of() {
    constexpr tally sizes[] = {container_traits<Bricks>::size..., tally{}};
    tally sum;
    for (const tally& t : sizes) {
        sum.add(t);
    }
    return sum;
}

template <class... Bricks>
constexpr void write_list(entry_writer& w) {
    constexpr void (*writers[])(entry_writer&) = {&container_traits<Bricks>::write..., nullptr};
    for (int i = 0; i < static_cast<int>(sizeof...(Bricks)); ++i) {
        w.enter(role::item, i);
        writers[i](w);
        w.leave();
    }
}

template <class... Bricks>
struct container_traits<Sequential<Bricks...>> {
    static constexpr tally size = sizeof...(Bricks) == 0 ? one_leaf : size_of<Bricks...>();
    static constexpr void write(entry_writer& w) {
        if constexpr (sizeof...(Bricks) == 0) {
            w.put_leaf(nullptr, refusal::empty_container);
        } else {
            write_list<Bricks...>(w);
        }
    }
};

template <int N, class... Bricks>
struct container_traits<Repeat<N, Bricks...>> {
    static constexpr bool sound = N > 0 && sizeof...(Bricks) > 0;
    static constexpr tally size = sound ? tally{}.add(size_of<Bricks...>(), static_cast<std::size_t>(N)) : one_leaf;
    static constexpr void write(entry_writer& w) {
        if constexpr (!sound) {
            w.put_leaf(nullptr, N > 0 ? refusal::empty_container : refusal::repeat_count);
        } else {
            for (int i = 0; i < N; ++i) {
                w.enter(role::item, i);
                if constexpr (sizeof...(Bricks) == 1) {
                    (container_traits<Bricks>::write(w), ...);
                } else {
                    write_list<Bricks...>(w);
                }
                w.leave();
            }
        }
    }
};

template <brick_kind Kind>
inline constexpr brick_spec join_spec{.kind = Kind, .name = facts_of(Kind).name};

template <class Body, class Shortcut>
struct container_traits<Residual<Body, Shortcut>> {
    static constexpr bool passes = std::is_same_v<Shortcut, Identity>;
    /// fork, body, next, shortcut, join; the join reads two maps.
    static constexpr tally size =
        tally{1, 3, 2}.add(container_traits<Body>::size).add(passes ? tally{} : container_traits<Shortcut>::size);
    static constexpr void write(entry_writer& w) {
        w.put(entry_op::fork, nullptr);
        w.enter(role::body, 0);
        container_traits<Body>::write(w);
        w.leave();
        w.put(entry_op::next, nullptr);
        if constexpr (!passes) {
            w.enter(role::shortcut, 0);
            container_traits<Shortcut>::write(w);
            w.leave();
        }
        w.put(entry_op::join, &join_spec<brick_kind::add>);
    }
};

/// Branches as they run: SharedWeights gives several.
template <class Branch>
struct branch_traits {
    static constexpr std::size_t count = 1;
    static constexpr tally size = container_traits<Branch>::size;
    static constexpr refusal fault = refusal::none;
    static constexpr void write(entry_writer& w, role as, int& position) {
        if (position > 0) {
            w.put(entry_op::next, nullptr);
        }
        w.enter(as, position++);
        container_traits<Branch>::write(w);
        w.leave();
    }
};
template <class... Branches>
struct branch_traits<SharedWeights<Branches...>> {
    static constexpr std::size_t count = sizeof...(Branches);
    static constexpr tally size = size_of<Branches...>();
    static constexpr refusal fault = [] {
        constexpr tally sizes[] = {container_traits<Branches>::size..., tally{}};
        for (std::size_t i = 1; i < count; ++i) {
            if (sizes[i].layers != sizes[0].layers) {
                return refusal::shared_structure;
            }
        }
        return count < 2 ? refusal::branch_count : refusal::none;
    }();
    static constexpr void write(entry_writer& w, role as, int& position) {
        const std::size_t first = w.layer, outer = w.shared;
        const auto one = [&](void (*branch)(entry_writer&, role, int&)) {
            w.shared = w.layer - first > 0 ? w.layer - first : outer;
            branch(w, as, position);
        };
        (one(&branch_traits<Branches>::write), ...);
        w.shared = outer;
    }
};

/// fork, branches with `next` between them, and what ends them; `least` branches are needed.
template <entry_op End, const brick_spec* Join, role As, std::size_t Least, class... Branches>
struct fork_traits {
    static constexpr std::size_t count = (std::size_t{0} + ... + branch_traits<Branches>::count);
    static constexpr refusal fault = [] {
        refusal f = count < Least ? refusal::branch_count : refusal::none;
        ((f = f == refusal::none ? branch_traits<Branches>::fault : f), ...);
        return f;
    }();
    static constexpr tally size = [] {
        if (fault != refusal::none) {
            return one_leaf;
        }
        tally t{End == entry_op::join ? std::size_t{1} : 0, count + 1, count};
        (t.add(branch_traits<Branches>::size), ...);
        return t;
    }();
    static constexpr void write(entry_writer& w) {
        if constexpr (fault != refusal::none) {
            w.put_leaf(nullptr, fault);
        } else {
            w.put(entry_op::fork, nullptr);
            int position = 0;
            (branch_traits<Branches>::write(w, As, position), ...);
            w.put(End, Join);
        }
    }
};

template <class... Branches>
struct container_traits<Parallel<Sum, Branches...>>
    : fork_traits<entry_op::join, &join_spec<brick_kind::add>, role::branch, 2, Branches...> {};
template <class... Branches>
struct container_traits<Parallel<Concat, Branches...>>
    : fork_traits<entry_op::join, &join_spec<brick_kind::concat>, role::branch, 2, Branches...> {};
template <class... Branches>
struct container_traits<Heads<Branches...>> : fork_traits<entry_op::heads, nullptr, role::head, 1, Branches...> {};

struct refused_container {
    static constexpr tally size = one_leaf;
};
template <class Join, class... Branches>
struct container_traits<Parallel<Join, Branches...>> : refused_container {
    static constexpr void write(entry_writer& w) { w.put_leaf(nullptr, refusal::join_kind); }
};
template <class... Branches>
struct container_traits<SharedWeights<Branches...>> : refused_container {
    static constexpr void write(entry_writer& w) { w.put_leaf(nullptr, refusal::stray_shared); }
};

template <class... Bricks>
struct container_traits<Gated<Bricks...>> {
    /// A join of one branch: the halves of its channels meet.
    static constexpr tally size = sizeof...(Bricks) == 0 ? one_leaf : tally{1, 2, 1}.add(size_of<Bricks...>());
    static constexpr void write(entry_writer& w) {
        if constexpr (sizeof...(Bricks) == 0) {
            w.put_leaf(nullptr, refusal::empty_container);
        } else {
            w.put(entry_op::fork, nullptr);
            write_list<Bricks...>(w);
            w.put(entry_op::join, &join_spec<brick_kind::gate>);
        }
    }
};

}  // namespace fovea::detail

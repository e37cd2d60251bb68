// SPDX-License-Identifier: BSD-3-Clause
// Which work does a training step do, on which maps? Nothing is folded but ReLU into the BatchNorm before it; constexpr
// arrays of operations, the layouts of the maps between them, and the places of the maps' gradients.
#pragma once

#include <array>

#include <fovea/plan/arena.hpp>
#include <fovea/plan/step_plan.hpp>

namespace fovea {

enum class train_kind : unsigned char {
    conv,
    deconv,
    dense,
    norm,
    activate,
    mean,
    max_pool,
    average_pool,
    median_pool,
    upsample,
    dropout,
    gate,
    pad,   ///< a copy with a border that is not zero, for the window behind it
    copy,  ///< into the channels of `out` from `channel` on: a share of a concatenation, the first map of a sum
    add,   ///< to what `out` holds: the other maps of a sum
};

/// Reads one map and writes one; a join is an operation for each map that it reads.
struct train_operation {
    train_kind kind = train_kind::conv;
    std::size_t layer = 0;
    std::size_t in = 0;  ///< maps
    std::size_t out = 0;
    std::size_t channel = 0;  ///< copy
    bool relu = false;        ///< norm: a ReLU follows and is part of it
    bool trained = false;     ///< there are parameters in it or before it, so it has a backward pass
    bool passes = false;      ///< there are parameters before it, so its input has a gradient
    bool adds = false;        ///< to that gradient, of which an operation behind this one has written a part
};

/// One of a network's outputs, with its loss.
struct train_head {
    std::size_t map = 0;
    Shape shape{};
    bool shares_gradient = false;  ///< is the same map as a head before it
};

namespace detail {

/// N layers with E inputs in all: an operation for each, and a pad before each window.
template <std::size_t N, std::size_t E>
struct operation_list {
    std::array<train_operation, N + E> operations{};
    std::array<Shape, 2 * N + 1> shapes{};  ///< of the maps; map 0 is the network's input
    std::array<std::size_t, N + 1>
        map_of{};  ///< which map holds the network's map v (0: input, i + 1: output of layer i)
    std::size_t count = 0;
    std::size_t maps = 1;
};

/// Fused with the loss or nothing at all.
constexpr bool leaves_alone(const layer_info& l) {
    return l.kind == brick_kind::dropout ? l.percent == 0 : l.kind == brick_kind::softmax || does_nothing(l);
}

constexpr train_kind train_kind_of(const layer_info& l) {
    if (l.kind == brick_kind::dropout) {
        return train_kind::dropout;
    }
    switch (step_of(l)) {
        case step_kind::conv: return train_kind::conv;
        case step_kind::dense: return train_kind::dense;
        case step_kind::deconv: return train_kind::deconv;
        case step_kind::scale_shift: return train_kind::norm;
        case step_kind::activate: return train_kind::activate;
        case step_kind::mean: return train_kind::mean;
        case step_kind::max_pool: return train_kind::max_pool;
        case step_kind::average_pool: return train_kind::average_pool;
        case step_kind::median_pool: return train_kind::median_pool;
        case step_kind::upsample: return train_kind::upsample;
        case step_kind::gate: return train_kind::gate;
        case step_kind::softmax:  // see leaves_alone()
        case step_kind::pad:      // see make_operations()
        case step_kind::add:
        case step_kind::concat: break;
    }
    missing_rule();
}

/// What is true of the operations of a kind.
struct operation_facts {
    bool value_by_value;  ///< one layout on both sides
    bool forgets_output;  ///< its gradient does not ask for what it gave: a ReLU behind it may write over that
    bool learns;          ///< it has the parameters of its layer, if there are any
};
constexpr operation_facts facts_of(train_kind k) {
    switch (k) {
        case train_kind::conv: return {false, true, true};
        case train_kind::deconv: return {false, true, true};
        case train_kind::dense: return {false, false, true};
        case train_kind::norm: return {true, true, true};
        case train_kind::activate: return {true, false, true};
        case train_kind::mean: return {false, false, true};
        case train_kind::max_pool: return {false, false, true};
        case train_kind::average_pool: return {false, false, true};
        case train_kind::median_pool: return {false, false, true};
        case train_kind::upsample: return {false, false, true};
        case train_kind::dropout: return {true, false, true};
        case train_kind::gate: return {false, false, true};
        case train_kind::pad: return {false, false, false};
        case train_kind::copy: return {false, true, false};
        case train_kind::add: return {false, false, false};
    }
    missing_rule();
}

/// Which operations have a gradient, and which add to one that is there already.
template <std::size_t N, std::size_t E>
constexpr void mark_gradients(operation_list<N, E>& list, const traced<N, E>& t) {
    std::array<bool, 2 * N + 1> wanted{}, written{};
    for (std::size_t k = 0; k < list.count; ++k) {
        train_operation& o = list.operations[k];
        const bool learns = facts_of(o.kind).learns && t.layers[t.layers[o.layer].owner].parameters > 0;
        o.passes = wanted[o.in];
        o.trained = o.passes || learns;
        wanted[o.out] = wanted[o.out] || o.trained;
    }
    for (std::size_t v : t.outputs()) {
        written[list.map_of[v]] = true;  // by the loss
    }
    for (std::size_t k = list.count; k > 0; --k) {
        train_operation& o = list.operations[k - 1];
        if (o.passes && o.in != o.out) {
            o.adds = written[o.in];
            written[o.in] = true;
        }
    }
}

template <std::size_t N, std::size_t E>
constexpr operation_list<N, E> make_operations(const traced<N, E>& t) {
    operation_list<N, E> list{};
    list.shapes[0] = t.input;
    const map_uses<N> found = uses_of_maps(t, leaves_alone);
    const auto& same = found.same;
    const auto& uses = found.uses;
    std::array<std::size_t, 2 * N + 1> writer{};  // of a map: the operation that began it
    for (std::size_t i = 0; i < N; ++i) {
        const layer_info& l = t.layers[i];
        const auto inputs = t.inputs_of(i);
        const std::size_t first = list.map_of[inputs[0]];
        const auto own_map = [&](std::size_t v) { return list.map_of[v] > 0 && uses[same[v]] == 1; };
        const auto new_map = [&](const Shape& s) {
            list.shapes[list.maps] = s;
            writer[list.maps] = list.count;
            return list.maps++;
        };
        const auto put = [&](train_kind kind, std::size_t in, std::size_t out, std::size_t channel = 0) {
            list.operations[list.count++] = {.kind = kind, .layer = i, .in = in, .out = out, .channel = channel};
            list.map_of[i + 1] = out;
        };
        if (leaves_alone(l)) {
            list.map_of[i + 1] = first;
        } else if (train_operation& before = list.operations[writer[first]];
                   l.act == activation::relu && before.kind == train_kind::norm && own_map(inputs[0]) &&
                   same[inputs[0]] == before.layer + 1) {
            before.relu = true;
            list.map_of[i + 1] = first;
        } else if (l.act == activation::relu && own_map(inputs[0]) &&
                   facts_of(list.operations[writer[first]].kind).forgets_output) {
            put(train_kind::activate, first, first);
            writer[first] = list.count - 1;  // its gradient needs what is there now
        } else if (l.kind == brick_kind::add) {
            // What the sum alone reads becomes the sum, but for activations, whose gradient needs it as it was.
            std::size_t base = inputs.size();
            for (std::size_t n = 0; n < inputs.size() && base == inputs.size(); ++n) {
                const std::size_t m = list.map_of[inputs[n]];
                base = own_map(inputs[n]) && list.operations[writer[m]].kind != train_kind::activate ? n : base;
            }
            const std::size_t sum = base < inputs.size() ? list.map_of[inputs[base]] : new_map(l.output);
            for (std::size_t n = 0; n < inputs.size(); ++n) {
                if (n != base) {
                    put(n == 0 && base == inputs.size() ? train_kind::copy : train_kind::add, list.map_of[inputs[n]],
                        sum);
                }
            }
        } else if (l.kind == brick_kind::concat) {
            const std::size_t whole = new_map(l.output);
            std::size_t channel = 0;
            for (std::size_t v : inputs) {
                put(train_kind::copy, list.map_of[v], whole, channel);
                channel += t.shape(v).channels;
            }
        } else if (pads_with_values(l)) {
            const std::size_t padded = new_map(padded_shape(l));
            put(train_kind::pad, first, padded);
            put(train_kind_of(l), padded, new_map(l.output));
        } else {
            put(train_kind_of(l), first, new_map(l.output));
        }
    }
    mark_gradients(list, t);
    return list;
}

/// Columns that an operation's kernels read past the edges of its input, and of its output's gradient.
struct train_reach {
    std::ptrdiff_t in = 0;
    std::ptrdiff_t out = 0;
};
constexpr train_reach reach_of(train_kind k, const layer_info& l) {
    const auto most = [](std::ptrdiff_t a, std::ptrdiff_t b) { return a > b ? a : b; };
    const conv_geometry g = geometry_of(l, layout_of(l.input, 0), layout_of(l.output, 0));
    const std::ptrdiff_t forth = most(g.reach_left(), g.reach_right()), back = most(g.transposed_reach(), 0);
    switch (k) {
        case train_kind::conv: return {forth, back};
        case train_kind::deconv: return {back, forth};
        case train_kind::max_pool:
        case train_kind::average_pool:
        case train_kind::median_pool: return {forth, 0};
        case train_kind::dense:
        case train_kind::norm:
        case train_kind::activate:
        case train_kind::mean:
        case train_kind::upsample:
        case train_kind::dropout:
        case train_kind::gate:
        case train_kind::pad:
        case train_kind::copy:
        case train_kind::add: return {};
    }
    missing_rule();
}

}  // namespace detail

namespace detail {
template <class Net>
struct train_work {
    static constexpr auto list = make_operations(network_traits<Net>::trace);
};
}  // namespace detail

/// The plan of learner<Net>.
template <class Net>
struct train_plan : detail::plan_base<Net, detail::train_work<Net>> {
    using base = detail::plan_base<Net, detail::train_work<Net>>;
    using base::layers;
    using base::list;
    using base::map_count;
    using base::trace;
    static constexpr std::size_t count = list.count;

    static constexpr train_operation operation(std::size_t k) { return list.operations[k]; }

    static constexpr std::size_t head_count = base::output_count;
    static constexpr std::array<train_head, head_count> heads = [] {
        std::array<train_head, head_count> all{};
        for (std::size_t h = 0; h < head_count; ++h) {
            const std::size_t v = trace.outputs()[h];
            train_head own{.map = base::output_map(h), .shape = trace.shape(v)};
            for (std::size_t e = 0; e < h; ++e) {
                own.shares_gradient = own.shares_gradient || all[e].map == own.map;
            }
            all[h] = own;
        }
        return all;
    }();

    /// The layer of an operation as its kernels see it.
    static constexpr layer_info layer(std::size_t k) {
        const train_operation& o = list.operations[k];
        const layer_info& l = layers[o.layer];
        return detail::pads_with_values(l) && o.kind != train_kind::pad ? detail::on_padded_map(l) : l;
    }

    /// The gap of each map: what the kernels of its readers and its writer reach. Operations that work value by value
    /// have one layout on both sides.
    static constexpr std::array<map_layout, map_count> maps = [] {
        std::array<std::ptrdiff_t, map_count> gap{};
        for (std::size_t k = 0; k < count; ++k) {
            const train_operation& o = list.operations[k];
            const detail::train_reach reach = detail::reach_of(o.kind, layer(k));
            detail::raise_to(gap[o.in], reach.in);
            detail::raise_to(gap[o.out], reach.out);
        }
        detail::level(gap, [](auto one_layout) {
            const auto of_operation = [&](const train_operation& o) {
                if (detail::facts_of(o.kind).value_by_value) {
                    one_layout(o.in, o.out);
                }
            };
            // They form trees: what all need reaches the root on the way back, then everything from there.
            for (std::size_t k = count; k > 0; --k) {
                of_operation(list.operations[k - 1]);
            }
            for (std::size_t k = 0; k < count; ++k) {
                of_operation(list.operations[k]);
            }
        });
        std::array<map_layout, map_count> m{};
        for (std::size_t i = 0; i < map_count; ++i) {
            m[i] = detail::layout_of(list.shapes[i], gap[i]);
        }
        return m;
    }();

    static constexpr conv_geometry geometry(std::size_t k) {
        const train_operation& o = list.operations[k];
        return detail::geometry_of(layer(k), maps[o.in], maps[o.out]);
    }

    /// A BatchNorm needs the whole batch before it goes on, so images run through a stretch of operations one by one,
    /// while they are in the cache, and meet before every BatchNorm. Stretch s begins with operation stretches[s], a
    /// norm but for the first.
    static constexpr std::size_t stretch_count = [] {
        std::size_t n = 1;
        for (std::size_t k = 0; k < count; ++k) {
            n += list.operations[k].kind == train_kind::norm ? 1U : 0U;
        }
        return n;
    }();
    static constexpr std::array<std::size_t, stretch_count + 1> stretches = [] {
        std::array<std::size_t, stretch_count + 1> s{};
        std::size_t n = 0;
        for (std::size_t k = 0; k < count; ++k) {
            if (list.operations[k].kind == train_kind::norm) {
                s[++n] = k;
            }
        }
        s[++n] = count;
        return s;
    }();

    /// Of each operation.
    static constexpr std::array<std::size_t, count> stretch_of = [] {
        std::array<std::size_t, count> of{};
        std::size_t s = 0;
        for (std::size_t k = 0; k < count; ++k) {
            s += list.operations[k].kind == train_kind::norm ? 1U : 0U;
            of[k] = s;
        }
        return of;
    }();
    static constexpr bool is_output(std::size_t map) {
        bool is = false;
        for (const train_head& h : heads) {
            is = is || h.map == map;
        }
        return is;
    }

    /// Maps that no image keeps: what a norm writes and its own stretch alone reads. A thread has one such map at a
    /// time and makes it again on the way back, from the norm's input, which is needed then anyway: cheaper than
    /// memory.
    static constexpr std::array<bool, map_count> made_again = [] {
        std::array<bool, map_count> again{};
        std::array<std::size_t, map_count> writers{}, stretch{};
        for (std::size_t k = 0; k < count; ++k) {
            const train_operation& o = list.operations[k];
            again[o.out] = ++writers[o.out] == 1 && o.kind == train_kind::norm && !is_output(o.out);
            stretch[o.out] = stretch_of[k];
        }
        for (std::size_t k = 0; k < count; ++k) {
            const train_operation& o = list.operations[k];
            again[o.in] = again[o.in] && o.kind != train_kind::norm && stretch_of[k] == stretch[o.in];
        }
        return again;
    }();
    /// Elements of the largest of them.
    static constexpr std::ptrdiff_t largest_made_again = [] {
        std::ptrdiff_t largest = 0;
        for (std::size_t m = 0; m < map_count; ++m) {
            largest = made_again[m] && maps[m].footprint() > largest ? maps[m].footprint() : largest;
        }
        return largest;
    }();

    /// Where the gradients of one image's maps lie: a map's lives from the first operation that writes it, on the way
    /// back, to the one that wrote the map. One that does not outlive a stretch lies among a thread's, in the caches.
    struct gradient_places {
        std::array<std::ptrdiff_t, map_count> at{};  ///< of the first value
        std::array<bool, map_count> exists{};
        std::array<bool, map_count> passing{};  ///< a thread's
        std::ptrdiff_t size = 0;                ///< of an image's
        std::ptrdiff_t passing_size = 0;        ///< of a thread's
        std::ptrdiff_t largest_sum = 0;         ///< elements of the largest map to which a gradient is added
    };
    static constexpr std::array<bool, map_count> stays_in_stretch = [] {
        std::array<bool, map_count> stays{};
        std::array<std::size_t, map_count> stretch{};
        for (std::size_t m = 1; m < map_count; ++m) {
            stays[m] = !is_output(m);
            stretch[m] = count;  // none yet
        }
        for (std::size_t k = 0; k < count; ++k) {
            const train_operation& o = list.operations[k];
            const bool norm = o.kind == train_kind::norm;
            // A norm goes with the stretch before it: its own sums over the batch come first. For these, and then for
            // its input's gradient, what it wrote is read twice.
            const std::size_t own = stretch_of[k] - (norm ? 1 : 0);
            stays[o.out] = stays[o.out] && !norm;
            for (const std::size_t m : {o.in, o.out}) {
                stays[m] = stays[m] && (stretch[m] == count || stretch[m] == own);
                stretch[m] = own;
            }
        }
        return stays;
    }();
    static constexpr gradient_places gradients = [] {
        gradient_places g;
        std::array<map_life, map_count> lives{}, kept{}, passing{};
        std::array<std::size_t, map_count> order{}, number{};  // as they begin, which is quick to place
        std::size_t begun = 0, kept_count = 0, passing_count = 0;
        const auto begin = [&](std::size_t m, std::size_t when) {
            if (!g.exists[m]) {
                g.exists[m] = true;
                order[begun++] = m;
                lives[m] = {when, when, maps[m].footprint()};
            }
        };
        std::array<bool, map_count> wanted{};
        for (std::size_t k = 0; k < count; ++k) {
            wanted[list.operations[k].out] = wanted[list.operations[k].out] || list.operations[k].trained;
        }
        for (const train_head& h : heads) {
            if (wanted[h.map]) {
                begin(h.map, 0);
            }
        }
        for (std::size_t k = count; k > 0; --k) {
            const train_operation& o = list.operations[k - 1];
            if (!o.trained) {
                continue;
            }
            lives[o.out].last = count + 1 - k;
            if (o.passes) {
                begin(o.in, count + 1 - k);
                lives[o.in].last = count + 1 - k;
                if (o.adds && maps[o.in].footprint() > g.largest_sum) {
                    g.largest_sum = maps[o.in].footprint();
                }
            }
        }
        for (std::size_t n = 0; n < begun; ++n) {
            const std::size_t m = order[n];
            g.passing[m] = stays_in_stretch[m];
            number[m] = g.passing[m] ? passing_count : kept_count;
            (g.passing[m] ? passing[passing_count++] : kept[kept_count++]) = lives[m];
        }
        const arena_plan<map_count> image = place_maps(kept, kept_count), thread = place_maps(passing, passing_count);
        g.size = image.size;
        g.passing_size = thread.size;
        for (std::size_t m = 0; m < map_count; ++m) {
            g.at[m] = g.exists[m] ? (g.passing[m] ? thread : image).offsets[number[m]] + maps[m].guard : 0;
        }
        return g;
    }();

    /// Before it nothing is trained.
    static constexpr std::size_t first_trained = [] {
        std::size_t k = 0;
        while (k < count && !list.operations[k].trained) {
            ++k;
        }
        return k;
    }();
};

}  // namespace fovea

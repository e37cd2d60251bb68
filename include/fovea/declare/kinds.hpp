// SPDX-License-Identifier: BSD-3-Clause
// Which kinds of brick are there, and what is true of each? One row a kind, one row an activation. The stages behind
// ask these facts, and their switches have no default: a row without a rule does not compile.
#pragma once

#include <string_view>

#include <fovea/detail/missing_rule.hpp>

namespace fovea {

/// Bricks that are drawn alike.
enum class brick_family : unsigned char {
    conv,
    up,  ///< more positions than before
    pool,
    join,  ///< of several maps, or of halves of one
    dense,
    activation,
    norm,
    pass,  ///< gives what it gets while the network runs
};

/// Which units of its input does a unit of the output see?
enum class brick_view : unsigned char {
    position,    ///< those at its own position
    window,      ///< those under a window over the input
    transposed,  ///< those that the window of a convolution leads to it
    resampled,   ///< the nearest ones, if there are more positions than before
    whole_map,   ///< all
};

/// What a brick learns.
enum class brick_weights : unsigned char {
    none,
    sums,    ///< the factors of weighted sums, `out` of them, each with a bias if it has `bias`
    norm,    ///< a factor and a summand a channel, beside running statistics
    slopes,  ///< what facts_of(activation) says
    own,     ///< what a user's brick lists
};

/// The values that an activation is given besides its input.
enum class activation_slopes : unsigned char {
    none,
    fixed,        ///< those of its type: brick_spec::constants
    per_channel,  ///< one a channel, which are trained
};

// Enumerator, name where a brick has no other, family, view, weights. `tap` is a name for its input, `add` the sum of
// several maps (Residual, Parallel<Sum, ...>, AddFrom), `concat` their channels one after the other (Parallel<Concat,
// ...>, ConcatFrom), `gate` the tanh of the first half of the channels times the sigmoid of the second (Gated).
// clang-format off
#define FOVEA_BRICK_KINDS(ROW)                                                \
    ROW(identity,            "Identity",   pass,       position,   none)      \
    ROW(conv,                "Conv",       conv,       window,     sums)      \
    ROW(dense,               "Dense",      dense,      whole_map,  sums)      \
    ROW(batch_norm,          "BatchNorm",  norm,       position,   norm)      \
    ROW(activation,          "Activation", activation, position,   slopes)    \
    ROW(softmax,             "Softmax",    activation, position,   none)      \
    ROW(global_average_pool, "GAP",        pool,       whole_map,  none)      \
    ROW(max_pool,            "MaxPool",    pool,       window,     none)      \
    ROW(average_pool,        "AvgPool",    pool,       window,     none)      \
    ROW(median_pool,         "MedianPool", pool,       window,     none)      \
    ROW(dropout,             "Dropout",    pass,       position,   none)      \
    ROW(deconv,              "Deconv",     up,         transposed, sums)      \
    ROW(upsample,            "Upsample",   up,         resampled,  none)      \
    ROW(tap,                 "Tap",        pass,       position,   none)      \
    ROW(add,                 "Sum",        join,       position,   none)      \
    ROW(concat,              "Concat",     join,       position,   none)      \
    ROW(gate,                "Gate",       join,       position,   none)

// Enumerator, name, slopes.
#define FOVEA_ACTIVATIONS(ROW)                   \
    ROW(relu,       "ReLU",      none)           \
    ROW(leaky_relu, "LeakyReLU", fixed)          \
    ROW(prelu,      "PReLU",     per_channel)    \
    ROW(sigmoid,    "Sigmoid",   none)           \
    ROW(tanh,       "Tanh",      none)           \
    ROW(silu,       "SiLU",      none)
// clang-format on

/// What a leaf brick does: one enumerator for each rule that the later stages know.
enum class brick_kind : unsigned char {
#define FOVEA_ROW(KIND, ...) KIND,
    FOVEA_BRICK_KINDS(FOVEA_ROW)
#undef FOVEA_ROW
        user,  ///< a program's own: its facts are in its layer's record
};

/// The function of an `activation` brick, value by value.
enum class activation : unsigned char {
    none,
#define FOVEA_ROW(NAME, ...) NAME,
    FOVEA_ACTIVATIONS(FOVEA_ROW)
#undef FOVEA_ROW
};

struct brick_facts {
    std::string_view name;
    brick_family family;
    brick_view view;
    brick_weights weights;
};
namespace detail {
/// A table, not a switch: clang allows 1,048,576 steps in a constant, and a network asks several times a layer. A kind
/// without a row is no constant.
inline constexpr brick_facts brick_rows[] = {
#define FOVEA_ROW(KIND, NAME, FAMILY, VIEW, WEIGHTS) \
    {NAME, brick_family::FAMILY, brick_view::VIEW, brick_weights::WEIGHTS},
    FOVEA_BRICK_KINDS(FOVEA_ROW)
#undef FOVEA_ROW
};
}  // namespace detail
constexpr const brick_facts& facts_of(brick_kind k) { return detail::brick_rows[static_cast<int>(k)]; }

struct activation_facts {
    std::string_view name;
    activation_slopes slopes;
};
constexpr activation_facts facts_of(activation a) {
    switch (a) {
        case activation::none: return {"Identity", activation_slopes::none};
#define FOVEA_ROW(FUNCTION, NAME, SLOPES) \
    case activation::FUNCTION: return {NAME, activation_slopes::SLOPES};
            FOVEA_ACTIVATIONS(FOVEA_ROW)
#undef FOVEA_ROW
    }
    detail::missing_rule();
}

}  // namespace fovea

// SPDX-License-Identifier: BSD-3-Clause
// Asks every question of `Net`, most of them several times: one mistake must stay one error however much is asked.
#include <string_view>

static_assert(receptive_field<Net> < 100'000 && receptive_field<Net>.height.size > 0);
static_assert(receptive_field_at<Net, 0> < 100'000);
static_assert(output_shape<Net>.channels < 100'000 && shape_at<Net, 0>.channels < 100'000);
static_assert(input_shape<Net>.size() < 100'000'000);
static_assert(parameter_count<Net> + buffer_count<Net> < 1'000'000'000);
static_assert(mac_count<Net> >= executed_mac_count<Net>);
static_assert(activation_bytes<Net> / sizeof(float) < 1'000'000'000);
static_assert(layer_count<Net> == layers<Net>.size());
static_assert(lookahead<Net> < 100'000 && total_stride<Net> <= 100'000);
static_assert(output_count<Net> >= 1 && state_bytes<Net> < 1'000'000'000);
static_assert(is_aligned<Net> || !is_aligned<Net>);
static_assert(is_causal<Net> || !is_causal<Net>);
static_assert(sees_whole_input<Net> || !sees_whole_input<Net>);
static_assert(lints<Net>.size() < 100'000 && (is_free_of<Net> || lints<Net>.size() > 0));
static_assert(tensors<Net>.size() < 100'000 && summary<Net>.size() < 1'000'000);

#ifndef CORRECTED
// What a user believed of the network; true or not, it is not what is wrong first.
static_assert(receptive_field<Net> == 31);
static_assert(receptive_field<Net> == Extent{31, 33});
static_assert(31 < receptive_field<Net> && receptive_field<Net> < 31);
static_assert(output_shape<Net> == Shape{10, 1, 1});
static_assert(output_shape<Net> == Shape{11, 1, 1});
static_assert(parameter_count<Net> * 4 == 1'000 && parameter_count<Net> == 7);
static_assert(is_causal<Net> && !is_causal<Net>);
static_assert(sees_whole_input<Net> && is_aligned<Net>);
static_assert(layers<Net>[5].aligned && total_stride<Net>.height.numerator == 1);
static_assert(!sees_whole_input<Net>);
static_assert(layers<Net>[5].receptive_field.width.size == 3 && layers<Net>[5].name == "Conv");
static_assert(tensors<Net>[7].name == "3.weight" && summary<Net> == "a table");
#endif

inline constexpr std::size_t weight_count = parameter_count<Net>;
inline constexpr Shape shape = output_shape<Net>;
inline constexpr std::string_view text = summary<Net>;

/// As much of a stream as the answers need; <iostream> would be a fourth of the time to compile.
struct sink {
    sink& operator<<(std::string_view) { return *this; }
    sink& operator<<(std::size_t) { return *this; }
};

inline void use(sink& out) {
    for (const auto& l : layers<Net>) {
        out << l.path << l.name << l.output.channels;
    }
    out << report<Net> << describe<Net>() << summary<Net> << weight_count << shape.channels << text;
}

FOVEA_PRINT_NETWORK(Net)

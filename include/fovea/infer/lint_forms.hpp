// SPDX-License-Identifier: BSD-3-Clause
// In which words does a lint speak? One sentence and one remedy a form, for texts and for what the compiler prints.
#pragma once

#include <array>

#include <fovea/detail/text.hpp>

namespace fovea {

/// What a network can be warned of. None of these stops a compilation; thresholds are at
/// the rules (infer/lint_rules.hpp).
enum class lint : unsigned char {
    gridding,            ///< input positions between the taps that no path reaches; exact
    hdc_rule,            ///< hybrid dilated convolution (Wang et al. 2018); a rule of thumb, gridding is exact
    drn_tail,            ///< an output map right behind a dilated layer (Yu, Koltun and Funkhouser 2017)
    aspp_rate,           ///< a dilation so large for its map that most taps meet padding (Chen et al. 2017)
    unproductive_layer,  ///< windows over maps whose units see all of the input already (Richter et al. 2021)
    padding_waste,       ///< a large share of all MACs multiplies padding
    misaligned_centres,  ///< maps that meet while their units stand at different positions (Araujo et al. 2019)
    window_past_map,     ///< a window of more than twice the map's extent: its outer taps meet nothing but padding
    softmax_of_one,      ///< Softmax over one channel is 1 everywhere
    squashed_softmax,    ///< Softmax of values that were cut to a range before
    mean_of_one,         ///< GAP behind Dense or GAP, where there is one position
    unread_tap,          ///< a Tap that no AddFrom, ConcatFrom or From names
    channels_last,       ///< an Input whose extents look like rows, columns, channels
};

// X(form, lint, its name, place, sentence, remedy). \path: of the layer, \other: of another one; %c1 x %c2: its kernel,
// %c3 x %c4: its dilation, from %c5 the form's own numbers; %% is a percent sign. The assembler prints the same
// literals, so: no quotes, braces or bars.
#define FOVEA_LINT_WINDOW "layer \\path (%c1x%c2 dil %c3x%c4)"
#define FOVEA_LINT_JOIN "layer \\path (join)"
#define FOVEA_LINT_BRICK "layer \\path"
#define FOVEA_LINT_FORMS(X)                                                                                          \
    X(gridding, gridding, "gridding", FOVEA_LINT_WINDOW,                                                             \
      "its taps lie %c5 input positions apart, but the finer layers see %c6 in a row at most: %c8 of %c9 "           \
      "positions of the field are not seen, independent networks: %c10",                                             \
      "dilation %c7")                                                                                                \
    X(gridding_stride, gridding, "gridding", FOVEA_LINT_WINDOW,                                                      \
      "its input's units lie %c5 input positions apart, but the layers before see %c6 in a row at most: %c8 of %c9 " \
      "positions of the field are not seen, independent networks: %c10",                                             \
      "a kernel of at least the stride in the layers before")                                                        \
    X(gridding_lattice, gridding, "gridding", FOVEA_LINT_WINDOW,                                                     \
      "the taps of all layers lie on one lattice: %c8 of %c9 positions of the field are not seen, independent "      \
      "networks: %c10",                                                                                              \
      "dilation 1 and all taps in this layer, the finest")                                                           \
    X(hdc_rule, hdc_rule, "HDC rule", FOVEA_LINT_WINDOW,                                                             \
      "the %c8 layers of rising dilation from here on have M2 = %c5, should be at most "                             \
      "their kernel %c6, and the common factor %c7, should be 1 (a rule of thumb; gridding is exact)",               \
      "dilation %c9 in layer \\other")                                                                                  \
    X(hdc_schedule, hdc_rule, "HDC rule", FOVEA_LINT_WINDOW,                                                         \
      "the %c8 layers of rising dilation from here on have M2 = %c5, should be at most "                             \
      "their kernel %c6, and the common factor %c7, should be 1 (a rule of thumb; gridding is exact)",               \
      "the dilations of dilations_for<%c9, %c8, %c6>")                                                               \
    X(drn_tail, drn_tail, "DRN tail", FOVEA_LINT_WINDOW,                                                             \
      "it is the last window before an output map, so neighbouring outputs share no tap of it",                      \
      "append convolutions of dilation %c5, halved down to 1, without residuals around them")                        \
    X(aspp_rate, aspp_rate, "ASPP rate", FOVEA_LINT_WINDOW,                                                          \
      "only %c5 %% of its MACs meet the %c6x%c7 map, the others padding", "dilation at most %c8")                    \
    X(aspp_centre, aspp_rate, "ASPP rate", FOVEA_LINT_WINDOW,                                                        \
      "only its centre meets the %c6x%c7 map, %c5 %% of its MACs: it is a 1x1 convolution", "dilation at most %c8")  \
    X(unproductive_layer, unproductive_layer, "unproductive layer", FOVEA_LINT_WINDOW,                               \
      "on every path its input's units see %c6x%c7 already, all of the %c8x%c9 input; windows behind it for which "  \
      "that holds: %c5",                                                                                             \
      "leave them out, or take inputs of at least %c10x%c11")                                                        \
    X(padding_waste, padding_waste, "padding waste", FOVEA_LINT_WINDOW,                                              \
      "%c5 %% of the network's MACs multiply padding, most of them here: %c6 %% of this layer's",                    \
      "dilation %c7 here leaves %c8 %%")                                                                             \
    X(padding_waste_all, padding_waste, "padding waste", FOVEA_LINT_WINDOW,                                          \
      "%c5 %% of the network's MACs multiply padding, most of them here: %c6 %% of this layer's",                    \
      "a larger input, or `valid` in some layers; dilation 1 here alone leaves %c8 %%")                              \
    X(padding_waste_plain, padding_waste, "padding waste", FOVEA_LINT_WINDOW,                                        \
      "%c5 %% of the network's MACs multiply padding, most of them here: %c6 %% of this layer's",                    \
      "a larger input, a smaller kernel, or `valid` in some layers")                                                 \
    X(misaligned_pad, misaligned_centres, "misaligned centres", FOVEA_LINT_JOIN,                                     \
      "units of the maps that meet here stand %c5 rows and %c6 columns apart in the input",                          \
      "pad<%c7, %c8> in layer \\other")                                                                                 \
    X(misaligned_other, misaligned_centres, "misaligned centres", FOVEA_LINT_JOIN,                                   \
      "units of the maps that meet here stand %c5 rows and %c6 columns apart in the input",                          \
      "the same kernels, strides and padding on all branches")                                                       \
    X(misaligned_part_pad, misaligned_centres, "misaligned centres", FOVEA_LINT_JOIN,                                \
      "units of the maps that meet here stand %c5/%c9 rows and %c6/%c9 columns apart in the input",                \
      "pad<%c7, %c8> in layer \\other")                                                                               \
    X(misaligned_part, misaligned_centres, "misaligned centres", FOVEA_LINT_JOIN,                                    \
      "units of the maps that meet here stand %c5/%c9 rows and %c6/%c9 columns apart in the input",                \
      "the same kernels, strides and padding on all branches")      \
    X(window_past_map, window_past_map, "window past the map", FOVEA_LINT_WINDOW,                                    \
      "its window of %c5x%c6 is more than twice the %c7x%c8 map: its outer taps meet nothing but padding",           \
      "a kernel of at most %c9x%c10")                                                                                \
    X(softmax_of_one, softmax_of_one, "Softmax of one", FOVEA_LINT_BRICK,                                            \
      "over one channel every value becomes 1", "Sigmoid, or two channels")                                          \
    X(squashed_softmax, squashed_softmax, "squashed Softmax", FOVEA_LINT_BRICK,                                      \
      "the Softmax behind it gives none of its %c5 classes more than %c6 %%", "leave it out: Softmax takes any numbers") \
    X(clipped_softmax, squashed_softmax, "squashed Softmax", FOVEA_LINT_BRICK,                                       \
      "the Softmax behind it sees no value below 0, so that it cannot rule a class out by one",                      \
      "leave it out: Softmax takes any numbers")                                                                     \
    X(mean_of_one, mean_of_one, "mean of one", FOVEA_LINT_BRICK,                                                     \
      "behind a Dense or GAP there is one position, and the mean of it is the value itself",                         \
      "GAP before them, or leave it out")                                                                            \
    X(unread_tap, unread_tap, "unread Tap", FOVEA_LINT_BRICK,                                                        \
      "no AddFrom, ConcatFrom or From behind it says this name", "the brick that was to read it, or leave it out")   \
    X(channels_last, channels_last, "channels last", "Input",                                                        \
      "these are %c5 channels of %c6x%c7 positions; extents stand as channels, rows, columns",                       \
      "Input<%c7, %c5, %c6>")                                                                                        \
    X(time_first, channels_last, "channels last", "Input",                                                           \
      "these are %c5 channels of %c7 time steps; extents stand as channels, time", "Input<%c7, %c5>")

namespace detail {

enum class lint_form : unsigned char {
#define FOVEA_LINT_FORM(FORM, LINT, NAME, PLACE, SENTENCE, REMEDY) FORM,
    FOVEA_LINT_FORMS(FOVEA_LINT_FORM)
#undef FOVEA_LINT_FORM
};

struct lint_words {
    lint rule;
    std::string_view name;
    std::string_view sentence;
    std::string_view remedy;
};
inline constexpr lint_words lint_texts[] = {
#define FOVEA_LINT_FORM(FORM, LINT, NAME, PLACE, SENTENCE, REMEDY) {lint::LINT, NAME, SENTENCE, REMEDY},
    FOVEA_LINT_FORMS(FOVEA_LINT_FORM)
#undef FOVEA_LINT_FORM
};
constexpr const lint_words& words_of(lint_form f) { return lint_texts[static_cast<std::size_t>(f)]; }

/// Layer, its kernel and dilation, and up to seven numbers of the form.
using lint_numbers = std::array<int, 12>;

/// The words with the numbers and the other layer's path in their places.
template <std::size_t Capacity>
constexpr text<Capacity> fill_in(std::string_view words, const lint_numbers& numbers, std::string_view other) {
    text<Capacity> t;
    std::size_t from = 0;
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] != '%' && words[i] != '\\') {
            continue;
        }
        t.put(words.substr(from, i - from));
        if (words[i] == '\\') {
            t.put(other);
            from = i + std::string_view("\\other").size();
            continue;
        }
        if (words[++i] == '%') {
            from = i;
            continue;
        }
        std::size_t n = 0;
        for (++i; i < words.size() && words[i] >= '0' && words[i] <= '9'; ++i) {
            n = 10 * n + static_cast<std::size_t>(words[i] - '0');
        }
        t.put_number(static_cast<std::uint64_t>(numbers[n]));
        from = i--;
    }
    return t.put(words.substr(from));
}

}  // namespace detail

/// "gridding", "HDC rule", ...
constexpr std::string_view name_of(lint rule) {
    for (const detail::lint_words& w : detail::lint_texts) {
        if (w.rule == rule) {
            return w.name;
        }
    }
    return {};
}

}  // namespace fovea

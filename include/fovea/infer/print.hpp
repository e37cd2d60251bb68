// SPDX-License-Identifier: BSD-3-Clause
// How does the compiler print the table, and its lints, while it builds? Write, once, at namespace scope of a source
// file:
//
//     FOVEA_PRINT_NETWORK(Dilated4)
//
// It uses the assembler's `.print` directive: one clean line a layer on standard output, in order, with the path that
// its weights have, the same on g++ and clang, no warning, nothing in the program but an empty function. Its operands
// are integers of 32 bits, so large counts are printed in millions. Two limits: nothing is printed by -fsyntax-only,
// and a file that uses it must not be compiled with g++ -flto (the linker's plug-in would read the lines as file
// names).
#pragma once

#include <fovea/infer/lints.hpp>
#include <fovea/infer/questions.hpp>

#if defined(__GNUC__)

namespace fovea::detail {

constexpr int printable(std::size_t n) { return n > 0x7fffffff ? 0x7fffffff : static_cast<int>(n); }

/// A count in ones below 100,000, else in thousands, millions or billions (10^9) with two decimals.
struct short_count {
    int unit;
    int whole;
    int tenths;
    int hundredths;
};
constexpr short_count shorten(std::size_t n) {
    std::size_t scale = 1;
    int unit = 0;
    while (n / scale >= (unit == 0 ? 100'000u : 1'000u) && unit < 3) {
        scale *= 1'000;
        ++unit;
    }
    if (unit == 0) {
        return {unit, printable(n), 0, 0};
    }
    const std::size_t rounded = (n + scale / 200) / (scale / 100);
    return {unit, printable(rounded / 100), static_cast<int>(rounded / 10 % 10), static_cast<int>(rounded % 10)};
}

// Formats must be literals, so each dimension and unit has its own; the operands are the same for all.
#define FOVEA_PRINT_LINE(MACRO, FORMAT)                                                                           \
    __asm__ volatile(".macro " MACRO "\n\t.print \"[fovea] " FORMAT "\"\n\t.endm" ::"i"(index),                   \
                     "i"(printable(l.output.channels)), "i"(printable(l.output.height)),                          \
                     "i"(printable(l.output.width)), "i"(printable(l.receptive_field.height.size)),               \
                     "i"(printable(l.receptive_field.width.size)), "i"(printable(l.parameters)), "i"(macs.whole), \
                     "i"(macs.tenths), "i"(macs.hundredths), "i"(printable(l.rows.kernel)),                       \
                     "i"(printable(l.columns.kernel)), "i"(printable(l.rows.dilation)),                           \
                     "i"(printable(l.columns.dilation)), "i"(printable(l.rows.stride)),                           \
                     "i"(printable(l.columns.stride)), "i"(printable(l.groups)), "i"(l.percent))
#define FOVEA_PRINT_UNITS(MACRO, BRICK, OUTPUT, FIELD)                                                     \
    if constexpr (macs.unit == 0) {                                                                        \
        FOVEA_PRINT_LINE(MACRO, BRICK "\tout " OUTPUT "\tfield " FIELD "\tparams %c6\tMACs %c7");          \
    } else if constexpr (macs.unit == 1) {                                                                 \
        FOVEA_PRINT_LINE(MACRO, BRICK "\tout " OUTPUT "\tfield " FIELD "\tparams %c6\tMACs %c7.%c8%c9 k"); \
    } else if constexpr (macs.unit == 2) {                                                                 \
        FOVEA_PRINT_LINE(MACRO, BRICK "\tout " OUTPUT "\tfield " FIELD "\tparams %c6\tMACs %c7.%c8%c9 M"); \
    } else {                                                                                               \
        FOVEA_PRINT_LINE(MACRO, BRICK "\tout " OUTPUT "\tfield " FIELD "\tparams %c6\tMACs %c7.%c8%c9 G"); \
    }
#define FOVEA_PRINT_EXTENTS(MACRO, BRICK)                         \
    if constexpr (one_d) {                                        \
        FOVEA_PRINT_UNITS(MACRO, BRICK, " %c1x%c3", " %c5")       \
    } else {                                                      \
        FOVEA_PRINT_UNITS(MACRO, BRICK, "%c1x%c2x%c3", "%c4x%c5") \
    }
#define FOVEA_PRINT_BRICK(BRICK) FOVEA_PRINT_EXTENTS("fovea_line path, other", BRICK)
// A brick that has a name and no more: the name is an argument, as a literal.
#define FOVEA_PRINT_NAMED(TABS) FOVEA_PRINT_EXTENTS("fovea_named path, other, brick", "\\path\t\\brick" TABS)
#define FOVEA_PRINT_NAME(NAME) \
    __asm__ volatile(".macro fovea_line path, other\n\tfovea_named \\path, \\other, " NAME "\n\t.endm" ::);
// Bricks take 32 to 39 characters, outputs, fields and parameters 8 to 15: then tabs keep the columns straight.
#define FOVEA_PRINT_WINDOW(NAME, SPACE)                                                                \
    if constexpr (one_d) {                                                                             \
        FOVEA_PRINT_BRICK("\\path\t" NAME " %c11 dil %c13 stride %c15" SPACE "  ")                     \
    } else if constexpr (l.rows.dilation == l.columns.dilation && l.rows.stride == l.columns.stride) { \
        FOVEA_PRINT_BRICK("\\path\t" NAME " %c10x%c11 dil %c12 stride %c14" SPACE)                     \
    } else {                                                                                           \
        FOVEA_PRINT_BRICK("\\path\t" NAME " %c10x%c11 dil %c12x%c13 stride %c14x%c15" SPACE)           \
    }

// A path is no literal either: the assembler puts it together. Macro fovea_step<i> adds its word and calls the next
// one, the last calls fovea_line, which prints. Where a path begins, the one before it becomes `other`.

template <place P, bool First, int I>
[[gnu::always_inline]] inline void define_step() {
#define FOVEA_PRINT_STEP(WORD)                                                                                   \
    if constexpr (First) {                                                                                       \
        __asm__ volatile(".macro fovea_step%c0 path, other\n\tfovea_step%c1 " WORD ", \\path\n\t.endm" ::"i"(I), \
                         "i"(I + 1), "i"(P.index));                                                              \
    } else {                                                                                                     \
        __asm__ volatile(".macro fovea_step%c0 path, other\n\tfovea_step%c1 \\path\\()." WORD                    \
                         ", \\other\n\t.endm" ::"i"(I),                                                          \
                         "i"(I + 1), "i"(P.index));                                                              \
    }
    if constexpr (P.as == role::body) {
        FOVEA_PRINT_STEP("body")
    } else if constexpr (P.as == role::shortcut) {
        FOVEA_PRINT_STEP("shortcut")
    } else if constexpr (P.as == role::branch) {
        FOVEA_PRINT_STEP("branches.%c2")
    } else if constexpr (P.as == role::head) {
        FOVEA_PRINT_STEP("heads.%c2")
    } else {
        FOVEA_PRINT_STEP("%c2")
    }
#undef FOVEA_PRINT_STEP
}

template <class Net, std::size_t Layer, std::size_t From, std::size_t... D>
[[gnu::always_inline]] inline void define_path(std::index_sequence<D...>) {
    (define_step<place_of_layer<Net, Layer>.where[D], D == 0, static_cast<int>(From + D)>(), ...);
}

template <int I>
[[gnu::always_inline]] inline void forget_step() {
    __asm__ volatile(".purgem fovea_step%c0" ::"i"(I));
}
template <std::size_t... D>
[[gnu::always_inline]] inline void call_steps(std::index_sequence<D...>) {
    __asm__ volatile(".macro fovea_step%c0 path, other\n\tfovea_line \\path, \\other\n\t.endm\n\tfovea_step0" ::"i"(
        static_cast<int>(sizeof...(D))));
    (forget_step<static_cast<int>(D)>(), ...);
    forget_step<static_cast<int>(sizeof...(D))>();
    __asm__ volatile(".purgem fovea_line");
}

/// Prints fovea_line with the layer's path.
template <class Net, std::size_t Layer>
[[gnu::always_inline]] inline void print_line_of() {
    constexpr std::size_t depth = place_of_layer<Net, Layer>.depth;
    define_path<Net, Layer, 0>(std::make_index_sequence<depth>{});
    call_steps(std::make_index_sequence<depth>{});
}
/// The same with another layer's path besides.
template <class Net, std::size_t Layer, std::size_t Other>
[[gnu::always_inline]] inline void print_line_of_two() {
    constexpr std::size_t before = place_of_layer<Net, Other>.depth, depth = place_of_layer<Net, Layer>.depth;
    define_path<Net, Other, 0>(std::make_index_sequence<before>{});
    define_path<Net, Layer, before>(std::make_index_sequence<depth>{});
    call_steps(std::make_index_sequence<before + depth>{});
}

/// Windows, by name: what stands between the name and the output is aligned by hand.
template <class Net, int index>
[[gnu::always_inline]] inline void print_window() {
    constexpr const layer_info& l = network_traits<Net>::trace.layers[static_cast<std::size_t>(index)];
    constexpr bool one_d = network_traits<Net>::trace.one_dimensional;
    constexpr short_count macs = shorten(l.macs);
    if constexpr (l.kind == brick_kind::conv) {
        if constexpr (l.name == "Conv1x1" && l.groups == 1 && l.columns.stride == 1 && l.rows.stride == 1) {
            FOVEA_PRINT_BRICK("\\path\tConv1x1                         ")
        } else if constexpr (l.name == "DepthwiseConv") {
            FOVEA_PRINT_WINDOW("DepthwiseConv", "")
        } else if constexpr (l.groups > 1) {
            FOVEA_PRINT_WINDOW("Conv groups %c16,", "")
        } else {
            FOVEA_PRINT_WINDOW("Conv", "         ")
        }
    } else if constexpr (l.kind == brick_kind::deconv) {
        FOVEA_PRINT_WINDOW("Deconv", "       ")
    } else if constexpr (l.kind == brick_kind::median_pool) {
        FOVEA_PRINT_WINDOW("MedianPool", "   ")
    } else if constexpr (l.kind == brick_kind::max_pool) {
        FOVEA_PRINT_WINDOW("MaxPool", "      ")
    } else {
        static_assert(l.kind == brick_kind::average_pool, "print_window() has a line for this kind");
        FOVEA_PRINT_WINDOW("AvgPool", "      ")
    }
}

/// The others: one line for all, and the name.
template <class Net, int index>
[[gnu::always_inline]] inline void print_named() {
    constexpr const layer_info& l = network_traits<Net>::trace.layers[static_cast<std::size_t>(index)];
    constexpr bool one_d = network_traits<Net>::trace.one_dimensional;
    constexpr short_count macs = shorten(l.macs);
    constexpr std::size_t size = (l.act == activation::none ? facts_of(l).name : facts_of(l.act).name).size();
    if constexpr (size < 8) {
        FOVEA_PRINT_NAMED("\t\t\t\t")
    } else {
        static_assert(size < 16, "names are aligned up to 15 characters");
        FOVEA_PRINT_NAMED("\t\t\t")
    }
    if constexpr (l.kind != brick_kind::activation) {
#define FOVEA_ROW(KIND, NAME, ...)              \
    if constexpr (l.kind == brick_kind::KIND) { \
        FOVEA_PRINT_NAME(NAME)                  \
    }
        FOVEA_BRICK_KINDS(FOVEA_ROW)
#undef FOVEA_ROW
    } else {
#define FOVEA_ROW(FUNCTION, NAME, ...)             \
    if constexpr (l.act == activation::FUNCTION) { \
        FOVEA_PRINT_NAME(NAME)                     \
    }
        FOVEA_ACTIVATIONS(FOVEA_ROW)
#undef FOVEA_ROW
    }
}

template <class Net, int index>
[[gnu::always_inline]] inline void print_layer() {
    constexpr const layer_info& l = network_traits<Net>::trace.layers[static_cast<std::size_t>(index)];
    constexpr bool one_d = network_traits<Net>::trace.one_dimensional;
    constexpr short_count macs = shorten(l.macs);
    constexpr brick_view view = facts_of(l).view;
    constexpr bool named = l.kind != brick_kind::upsample && l.kind != brick_kind::dropout;
    if constexpr (view == brick_view::window || view == brick_view::transposed) {
        print_window<Net, index>();
    } else if constexpr (named) {
        print_named<Net, index>();
    } else if constexpr (l.kind == brick_kind::upsample) {
        FOVEA_PRINT_BRICK("\\path\tUpsample by %c15                   ")
    } else {
        FOVEA_PRINT_BRICK("\\path\tDropout %c17 %%                    ")
    }
    print_line_of<Net, static_cast<std::size_t>(index)>();
    if constexpr (named && view != brick_view::window && view != brick_view::transposed) {
        __asm__ volatile(".purgem fovea_named");
    }
}

template <class Net>
[[gnu::always_inline]] inline void print_total() {
    constexpr const auto& trace = network_traits<Net>::trace;
    constexpr bool one_d = trace.one_dimensional;
    constexpr layer_info l{.output = trace.shape(trace.outputs()[0]),
                           .receptive_field = trace.field,
                           .parameters = parameter_count<Net>};
    constexpr short_count macs = shorten(mac_count<Net>);
    constexpr int index = printable(trace.layers.size());
    FOVEA_PRINT_BRICK("total\t%c0 layers                        ")
    __asm__ volatile("fovea_line\n\t.purgem fovea_line");
}

template <class Net, int... I>
[[gnu::always_inline]] inline void print_layers(std::integer_sequence<int, I...>) {
    // A list, not a fold: clang refuses folds of more than 256 operands.
    [[maybe_unused]] const int in_order[] = {(print_layer<Net, I>(), 0)...};
    print_total<Net>();
}

template <class Net, std::size_t index>
[[gnu::always_inline]] inline void print_lint() {
    constexpr const lint_record& r = lint_records<Net>::list[index];
    constexpr const lint_numbers& n = r.numbers;
#define FOVEA_PRINT_LINT(FORM, LINT, NAME, PLACE, SENTENCE, REMEDY)                                              \
    if constexpr (r.form == lint_form::FORM) {                                                                   \
        __asm__ volatile(".macro fovea_line path, other\n\t.print \"[fovea] lint " NAME ": " PLACE ": " SENTENCE \
                         "; remedy: " REMEDY "\"\n\t.endm" ::"i"(n[0]),                                          \
                         "i"(n[1]), "i"(n[2]), "i"(n[3]), "i"(n[4]), "i"(n[5]), "i"(n[6]), "i"(n[7]), "i"(n[8]), \
                         "i"(n[9]), "i"(n[10]), "i"(n[11]));                                                     \
    }
    FOVEA_LINT_FORMS(FOVEA_PRINT_LINT)
#undef FOVEA_PRINT_LINT
    print_line_of_two<Net, r.layer, r.other>();
}

template <class Net, std::size_t... I>
[[gnu::always_inline]] inline void print_lints(std::index_sequence<I...>) {
    [[maybe_unused]] const int in_order[] = {(print_lint<Net, I>(), 0)..., 0};
}

template <class Net>
[[gnu::always_inline]] inline void print_network() {
    if constexpr (sound<Net>) {
        print_layers<Net>(
            std::make_integer_sequence<int, static_cast<int>(network_traits<Net>::trace.layers.size())>{});
        print_lints<Net>(std::make_index_sequence<lint_records<Net>::count>{});
    } else {
        static_cast<void>(refuse_network<Net>());
    }
}

#undef FOVEA_PRINT_LINE
#undef FOVEA_PRINT_UNITS
#undef FOVEA_PRINT_EXTENTS
#undef FOVEA_PRINT_BRICK
#undef FOVEA_PRINT_NAMED
#undef FOVEA_PRINT_NAME
#undef FOVEA_PRINT_WINDOW

}  // namespace fovea::detail

#define FOVEA_PRINT_JOIN_(A, B) A##B
#define FOVEA_PRINT_JOIN(A, B) FOVEA_PRINT_JOIN_(A, B)
#define FOVEA_PRINT_NETWORK(...)                                            \
    namespace {                                                             \
    [[gnu::used]] void FOVEA_PRINT_JOIN(fovea_print_network_, __LINE__)() { \
        __asm__ volatile(".print \"[fovea] " #__VA_ARGS__ "\"");            \
        ::fovea::detail::print_network<__VA_ARGS__>();                      \
    }                                                                       \
    }
#else
#define FOVEA_PRINT_NETWORK(...)
#endif

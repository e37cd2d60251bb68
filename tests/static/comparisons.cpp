// SPDX-License-Identifier: BSD-3-Clause
// How do the answers compare? A field or an extent with an integer (all axes agree) or with an Extent; and what a
// refused
// network answers.
#include <fovea/dsl.hpp>

using namespace fovea;

namespace {

constexpr Extent square{31, 31}, tall{31, 7}, wide{7, 31};
static_assert(square == 31 && square != 30 && square == 31U && square == 31L && 31 == square);
static_assert(tall != 31 && tall != 7 && wide != 31 && wide != 7 && tall == Extent{31, 7} && tall != wide);
// An order holds when it holds on both axes; neither < nor >= holds in between.
static_assert(square < 32 && !(square < 31) && square <= 31 && !(square <= 30));
static_assert(square > 30 && !(square > 31) && square >= 31 && !(square >= 32));
static_assert(tall <= 31 && !(tall <= 30) && !(tall <= 7) && tall >= 7 && !(tall >= 8) && !(tall < 31) && tall < 32);
static_assert(wide > 6 && !(wide > 7) && !(wide > 30) && wide <= 31 && !(wide <= 7));
// Signed integers are compared by value, not after conversion.
static_assert(square != -1 && square > -1 && !(square < -1) && square != static_cast<long>(-225));
// In 1-D the height does not take part.
constexpr Extent time{1, 31, true};
static_assert(time == 31 && time < 32 && time > 30 && time >= 31 && time <= 31 && time != 1 && !(time < 31));
static_assert(Extent{1, 31} != 31 && !(Extent{1, 31} > 30) && !(Extent{1, 31} >= 31));
static_assert(Extent{} == 1);

constexpr ReceptiveField field = receptive_field<Network<Input<1, 64, 64>, Conv<ker<5, 9>, stride<2, 1>>>>;
static_assert(field == Extent{5, 9} && field != Extent{9, 5} && field != 5 && field != 9 && field >= 5 && field <= 9);
static_assert(!(field > 5) && field > 4 && field < 10 && !(field < 9) && !(field >= 6) && !(field <= 8));
static_assert(field.size() == Extent{5, 9} && field.stride() == Extent{2, 1} && field.stride() != 1);
static_assert(field == receptive_field<Network<Input<3, 32, 64>, Conv<stride<2, 1>, ker<5, 9>>>> );
static_assert(!(field == receptive_field<Network<Input<3, 32, 64>, Conv<ker<5, 9>>>>));  // same size, other stride

static_assert(field.stride() <= 2 && !(field.stride() <= 1) && field.stride() >= 1 && !(field.stride() >= 2));
static_assert(Stride{{1, 2}, {1, 2}} <= 1 && !(Stride{{1, 2}, {1, 2}} >= 1) && Stride{{1, 2}, {1, 2}} >= 0);
static_assert(Stride{{3, 2}, {3, 2}} >= 1 && !(Stride{{3, 2}, {3, 2}} <= 1) && Stride{{3, 2}, {3, 2}} >= -1);

constexpr ReceptiveField in_time = receptive_field<Network<Input<1, 64>, Conv<ker<9>>>>;
static_assert(in_time == 9 && in_time != 1 && in_time > 8 && in_time.one_dimensional && in_time.height.size == 1);
static_assert(in_time.size() == 9 && in_time.stride() == 1 && in_time.width.size == 9 && in_time == Extent{1, 9});

static_assert(Shape{3, 4, 5} == Shape{3, 4, 5} && Shape{3, 4, 5} != Shape{3, 5, 4} && Shape{3, 4, 5} != Shape{5, 4, 3});
static_assert(Shape{3, 4, 5}.size() == 60 && Shape{3, 4, 5}.positions() == 20 && Shape{3} == Shape{3, 1, 1});

// Answers are plain values of the documented types.
using Net = Network<Input<1, 9, 9>, Conv<out<2>>, BatchNorm>;
static_assert(std::same_as<decltype(parameter_count<Net>), const std::size_t>);
static_assert(std::same_as<decltype(output_shape<Net>), const Shape>);
static_assert(std::same_as<decltype(receptive_field<Net>), const ReceptiveField>);
static_assert(std::same_as<decltype(layers<Net>), const std::array<layer_info, 2>>);
static_assert(std::same_as<decltype(tensors<Net>), const std::array<tensor_info, 6>>);
static_assert(std::same_as<decltype(summary<Net>), const std::string_view>);
static_assert(std::same_as<decltype(is_causal<Net>), const bool> &&
    std::same_as<decltype(sees_whole_input<Net>), const bool>);
static_assert(std::same_as<decltype(total_stride<Net>), const Stride>);

// What stands in for the answers about a refused network agrees with everything (tests/compile_fail asks it of
// networks).
using detail::harmless;
constexpr harmless h{};
static_assert(h == 1 && h == 2 && h != 2 && 3 == h && h < 1 && h > 1 && 1 <= h && 1 >= h && h == Shape{1, 2, 3} &&
    h == h);
static_assert(h && !h && h.height.size == 3 && h.width && !(h == 3) && !(h.size < 3) &&
    h[3].receptive_field.height.size == 3 && h.size() == 4);
static_assert(h * 4 + 1 == 7 && 7 - h / 2 == h % 3 && static_cast<std::size_t>(h) == 0 && h.begin() == h.end());

// Which mistakes are found, and where: the first one in data-flow order.
template <class N>
constexpr detail::mistake error = detail::network_traits<N>::trace.error;
using Two = Network<Input<3, 8, 8>, Conv<valid>, Sequential<ReLU, Conv<ker<9>, valid>>, Conv<groups<2>>>;
static_assert(error<Two>.what == detail::refusal::window_exceeds_input && error<Two>.depth == 2);
static_assert(error<Two>.where[0] == detail::place{1} && error<Two>.where[1] == detail::place{1} &&
     error<Two>.numbers[0] == 9 &&
    error<Two>.numbers[2] == 6);
static_assert(!detail::sound<Two> && detail::sound<Net>);
static_assert(!detail::sound<int> && !detail::sound<Conv<>> && !detail::sound<Network<>> &&
    !detail::sound<Network<Input<>>>);
static_assert(leaf_brick<Conv<>> && leaf_brick<BatchNorm> && !leaf_brick<out<3>> && !leaf_brick<int> &&
    !leaf_brick<Sequential<ReLU>>);

}  // namespace

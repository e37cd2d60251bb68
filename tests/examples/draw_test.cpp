// SPDX-License-Identifier: BSD-3-Clause
// Does the drawing of the examples stay inside the picture, and can its colours and letters be told apart?
#include <cmath>
#include <set>

#include <catch.hpp>

#include "../../examples/common/draw.hpp"

using namespace examples;
using fovea::black, fovea::make_picture, fovea::white;

namespace {

picture shades(std::size_t width, std::size_t height) {
    picture p = make_picture(width, height);
    for (std::size_t i = 0; i < p.size(); ++i) {
        p.data()[i] = static_cast<std::uint8_t>(1 + 5 * i);
    }
    return p;
}

colour at(const picture& p, std::size_t x, std::size_t y) { return {p(y, x, 0), p(y, x, 1), p(y, x, 2)}; }

std::size_t count_of(const picture& p, colour c) {
    std::size_t count = 0;
    for (std::size_t y = 0; y < p.shape()[0]; ++y) {
        for (std::size_t x = 0; x < p.shape()[1]; ++x) {
            count += at(p, x, y) == c;
        }
    }
    return count;
}

}  // namespace

TEST_CASE("draw: enlarge and paste") {
    const picture small = shades(5, 3);
    const picture large = enlarge(small, 4);
    CHECK(large.shape()[0] == 12);
    CHECK(large.shape()[1] == 20);
    CHECK(at(large, 19, 11) == at(small, 4, 2));
    CHECK(at(large, 7, 4) == at(small, 1, 1));
    picture canvas = make_picture(10, 10, white);
    paste(canvas, small, 7, 8);  // only 3 x 2 fit
    CHECK(at(canvas, 9, 9) == at(small, 2, 1));
    CHECK(at(canvas, 6, 9) == white);
    paste(canvas, small, 100, 100);
    fill_rectangle(canvas, 8, 0, 1000, 1, black);
    CHECK(count_of(canvas, black) == 2);
}

TEST_CASE("draw: text has distinct glyphs, scales and is clipped") {
    std::set<std::array<std::uint8_t, 7>> glyphs(font.begin(), font.end());
    CHECK(glyphs.size() == 95);
    picture once = make_picture(40, 10);
    draw_text(once, 1, 1, "fovea", white);
    picture twice = make_picture(80, 20);
    draw_text(twice, 2, 2, "fovea", white, 2);
    CHECK((enlarge(once, 2) == twice));
    CHECK(count_of(once, white) > 40);
    CHECK(text_width("fovea", 2) == 60);
    picture corner = make_picture(4, 4);
    draw_text(corner, 2, 2, "\xc3\xa9 any text", white, 3);
    draw_text(corner, 50, 50, "outside", white);
}

TEST_CASE("draw: labels take the colours of the palette, which differ") {
    const xt::xtensor<int, 2> labels{{0, 10, 255}, {3, 14, 0}};
    const picture p = picture_of_labels(labels, 2, 3);
    CHECK(at(p, 2, 0) == white);
    CHECK(at(p, 1, 0) == class_palette[10]);
    CHECK(at(p, 0, 1) == at(p, 1, 1));
    for (std::size_t i = 0; i < class_palette.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            double square = 0;
            for (std::size_t c = 0; c < 3; ++c) {
                square += std::pow(int{class_palette[i][c]} - int{class_palette[j][c]}, 2);
            }
            CHECK(std::sqrt(square) > 80);
        }
    }
}

TEST_CASE("draw: an image of a data set") {
    fovea::dataset set;
    set.images = xt::xtensor<std::uint8_t, 4>{{{{1, 2}}, {{3, 4}}, {{5, 6}}}};  // 1 x 3 x 1 x 2
    CHECK(at(picture_of(set, 0), 1, 0) == colour{2, 4, 6});
    set.images = xt::xtensor<std::uint8_t, 4>{{{{1, 2}}}};
    CHECK(at(picture_of(set, 0), 1, 0) == colour{2, 2, 2});
}

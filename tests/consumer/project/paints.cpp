// SPDX-License-Identifier: BSD-3-Clause
// Does fovea::pictures write and read a picture, with libpng and without what training needs?
#include <fovea/io/image.hpp>

int main() {
    const fovea::picture written = fovea::make_picture(3, 2, {7, 8, 9});
    fovea::write_png("small.png", written);
    return fovea::read_picture("small.png") == written ? 0 : 1;
}

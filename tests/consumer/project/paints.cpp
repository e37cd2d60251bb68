// SPDX-License-Identifier: BSD-3-Clause
// Does fovea::pictures write and read a picture, with libpng and without what training needs?
#include <fovea/io/image.hpp>

int main() {
    const fovea::picture written = fovea::picture::from_shape({2, 3, 3}, 7);
    fovea::write_png("small.png", written);
    return fovea::read_picture("small.png") == written ? 0 : 1;
}

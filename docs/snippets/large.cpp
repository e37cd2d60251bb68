// SPDX-License-Identifier: BSD-3-Clause
// The code of docs/large-images.md: an .npy file of bytes, segmented in 2 MB.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

#include <fovea/fovea.hpp>
#include <fovea/io/npy_mapped.hpp>

using namespace fovea;

// [network]
using Net = Network<Input<1, 64, 64>,  // the extents are an example: every layer keeps them
    Conv<out<8>>, BatchNorm, ReLU,
    Conv<out<12>, dil<4>>, BatchNorm, ReLU,
    Conv1x1<3>, Softmax>;
static_assert(claim<receptive_field<Net>, 11>);  // the halo of a strip: five columns on either side
// [network]

int main() {
    {
        npy::mapped_result<std::uint8_t> picture("picture.npy", 1, 300, 700);
        std::vector<std::uint8_t> row(700);
        for (std::size_t y = 0; y < 300; ++y) {
            for (std::size_t x = 0; x < 700; ++x) {
                row[x] = static_cast<std::uint8_t>((x * y) % 251);
            }
            picture({y, 1, 0, 700}, row.data());
        }
        picture.finish();
    }
    Weights<Net> weights;
    std::size_t k = 0;
    for (float& w : weights.values()) {
        w = 0.1F * static_cast<float>(k++ % 7);
    }

    // [memory]
    Tiled<Net, threads<2>, memory_limit<2'000'000>> tiled(weights);  // any size from here on
    xt::xtensor<float, 3> image({1, 100, 333}, 0.5F);
    const xt::xtensor<float, 3> answer = tiled(image);               // 3 x 100 x 333
    // [memory]

    // [files]
    const npy::mapped_image<std::uint8_t> picture("picture.npy");
    npy::mapped_result<std::uint8_t> classes("classes.npy", 1, picture.height(), picture.width());
    std::vector<std::uint8_t> bytes(tiled.strip_rows * tiled.strip_width);
    const auto read = [&](const image_area& a, float* to) {          // channels x a.rows x a.columns values
        picture(a, bytes.data());
        std::transform(bytes.data(), bytes.data() + a.rows * a.columns, to, [](std::uint8_t b) { return b / 255.0F; });
    };
    const auto write = [&](const image_area& a, const float* from) {
        const std::size_t n = a.rows * a.columns;
        for (std::size_t i = 0; i < n; ++i) {
            const float p[] = {from[i], from[n + i], from[2 * n + i]};
            bytes[i] = static_cast<std::uint8_t>(std::max_element(p, p + 3) - p);
        }
        classes(a, bytes.data());
    };
    const auto show = [](const tiled_progress& p) {
        std::fprintf(stderr, "\r%.0f %%", 100 * p.fraction());
        return true;                                                 // false stops
    };
    if (tiled.run(picture.height(), picture.width(), read, write, show)) {
        classes.finish();                                            // only now is classes.npy there
    }
    // [files]
    const npy::mapped_image<std::uint8_t> written("classes.npy");
    return answer.shape()[2] == 333 && written.width() == 700 && tiled.memory_use() <= 2'000'000 ? 0 : 1;
}

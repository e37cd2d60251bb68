// SPDX-License-Identifier: BSD-3-Clause
// Are parts of mapped .npy files read and written where they belong, and is a bad file, or a full disk, refused?
#include <numeric>

#include <fovea/io/npy_mapped.hpp>

#include "support.hpp"

using namespace fovea;
using namespace io_test;

TEST_CASE("A mapped image gives its areas, and a mapped result takes them") {
    const scratch dir;
    auto x = xt::xtensor<float, 3>::from_shape({3, 41, 1500});
    std::iota(x.begin(), x.end(), 0.0F);
    npy::save(dir / "x.npy", x);
    const npy::mapped_image<float> image(dir / "x.npy");
    REQUIRE((image.channels() == 3 && image.height() == 41 && image.width() == 1500));
    npy::mapped_result<float> result(dir / "y.npy", 3, 41, 1500);
    std::vector<float> part(3 * 41 * 1500);
    for (std::size_t row = 0; row < 41; row += 7) {
        for (std::size_t column = 0; column < 1500; column += 400) {
            const image_area a{row, std::min<std::size_t>(7, 41 - row), column,
                               std::min<std::size_t>(400, 1500 - column)};
            image(a, part.data());
            const std::size_t last = 3 * a.rows * a.columns - 1;
            CHECK((part[0] == x(0, row, column) && part[last] == x(2, row + a.rows - 1, column + a.columns - 1)));
            result(a, part.data());
        }
    }
    CHECK(!std::filesystem::exists(dir / "y.npy"));  // until it is complete
    result.finish();
    CHECK(get(dir / "y.npy") == get(dir / "x.npy"));  // to the byte what save writes
    CHECK(dir.names().size() == 2);
}

TEST_CASE("A mapped image refuses what it cannot read") {
    const scratch dir;
    npy::save(dir / "four.npy", xt::xtensor<float, 4>::from_shape({1, 2, 3, 4}));
    const FileError shape = refusal([&] { npy::mapped_image<float>(dir / "four.npy"); });
    CHECK((shape.field == "shape" && shape.got == "[1, 2, 3, 4]"));
    const FileError dtype = refusal([&] { npy::mapped_image<unsigned char>(dir / "four.npy"); });
    CHECK((dtype.field == "dtype" && dtype.expected == "|u1" && dtype.got == "<f4"));
    npy::save(dir / "none.npy", xt::xtensor<float, 2>::from_shape({0, 4}));
    CHECK(refusal([&] { npy::mapped_image<float>(dir / "none.npy"); }).field == "shape");
    npy::save(dir / "two.npy", xt::xtensor<float, 2>::from_shape({3, 4}));
    CHECK(npy::mapped_image<float>(dir / "two.npy").channels() == 1);
    const std::string bytes = get(dir / "two.npy");
    put(dir / "short.npy", bytes.substr(0, bytes.size() - 1));
    CHECK(refusal([&] { npy::mapped_image<float>(dir / "short.npy"); }).field == "data");
    std::string fortran = bytes;
    fortran.replace(fortran.find("False"), 5, "True ");
    put(dir / "fortran.npy", fortran);
    CHECK(refusal([&] { npy::mapped_image<float>(dir / "fortran.npy"); }).field == "fortran_order");
    CHECK(refusal([&] { npy::mapped_image<float>(dir / "absent.npy"); }).field == "open");
}

TEST_CASE("A mapped result that is not finished leaves the old file, and a full disk is told at once") {
    const scratch dir;
    put(dir / "y.npy", "old");
    {
        npy::mapped_result<float> result(dir / "y.npy", 1, 10, 10);
        const std::vector<float> part(100, 1.0F);
        result({0, 10, 0, 10}, part.data());
    }
    CHECK(get(dir / "y.npy") == "old");
    {
        const full_disk_after full(10'000);
        const FileError e = refusal([&] { npy::mapped_result<float>(dir / "y.npy", 1, 100, 100); });
        CHECK((e.field == "write" && e.expected == "40128 bytes on the disk"));
    }
    CHECK(get(dir / "y.npy") == "old");
    CHECK(dir.names().size() == 1);
    CHECK(refusal([&] { npy::mapped_result<float>(dir / "y.npy", 1, 0, 100); }).field == "shape");
    CHECK(refusal([&] { npy::mapped_result<float>(dir / "y.npy", std::size_t{1} << 40, 1 << 20, 1 << 20); }).field ==
          "shape");
    CHECK(refusal([&] { npy::mapped_result<float>(dir.path(), 1, 2, 3); }).field == "write");
    CHECK(refusal([&] { npy::mapped_result<float>(dir / "absent/y.npy", 1, 2, 3); }).field == "write");
}

// SPDX-License-Identifier: BSD-3-Clause
// Are data sets read as they lie on the disk, and wrong ones refused? Small files made here, and the real ones where
// FOVEA_DATA points to them.
#include <numeric>

#include <zlib.h>

#include <fovea/io/cifar.hpp>
#include <fovea/io/idx.hpp>
#include <fovea/io/m2nist.hpp>

#include "support.hpp"

using namespace fovea;
using namespace io_test;

namespace {

std::string gzip(const std::string& bytes) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string packed(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

std::string idx(std::vector<std::size_t> shape, const std::string& data, char type = 8) {
    std::string bytes{'\0', '\0', type, static_cast<char>(shape.size())};
    for (const std::size_t extent : shape) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes += static_cast<char>(extent >> shift);
        }
    }
    return bytes + data;
}

std::string ramp(std::size_t count) {
    std::string bytes(count, '\0');
    std::iota(bytes.begin(), bytes.end(), '\0');
    return bytes;
}

void put_names(const std::string& path, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += "class " + std::to_string(i) + "\r\n";
    }
    put(path, text + "\n");
}

/// `count` records whose labels are i % 10 (and, before it, i % 7) and whose pixels are all i.
std::string records(std::size_t count, bool two_labels = false) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) {
        if (two_labels) {
            bytes += static_cast<char>(i % 7);
        }
        bytes += static_cast<char>(i % 10);
        for (char plane = 0; plane < 3; ++plane) {
            bytes += std::string(1024, static_cast<char>(i + static_cast<std::size_t>(plane)));
        }
    }
    return bytes;
}

void put_cifar10(const scratch& dir) {
    put_names(dir / "batches.meta.txt", 10);
    for (char number = '1'; number <= '5'; ++number) {
        put(dir / (std::string("data_batch_") + number + ".bin"), records(static_cast<std::size_t>(number - '0')));
    }
    put(dir / "test_batch.bin", records(4));
}

xt::xtensor<std::uint8_t, 3> digit_map(std::size_t count) {
    auto map = xt::xtensor<std::uint8_t, 3>::from_shape({count, 64, 84});
    for (std::size_t i = 0; i < map.size(); ++i) {
        map.data()[i] = static_cast<std::uint8_t>(i * 7 % 11);
    }
    return map;
}

template <class T>
xt::xtensor<T, 4> one_hot(const xt::xtensor<std::uint8_t, 3>& map) {
    xt::xtensor<T, 4> masks = xt::zeros<T>({map.shape()[0], map.shape()[1], map.shape()[2], std::size_t{11}});
    for (std::size_t i = 0; i < map.size(); ++i) {
        masks.data()[i * 11 + map.data()[i]] = T{1};
    }
    return masks;
}

}  // namespace

TEST_CASE("idx: images and labels, plain or gzipped") {
    const scratch dir;
    const std::string images = idx({3, 4, 5}, ramp(60));
    const std::string zeros(1000, '\0');
    const std::string two = gzip(images.substr(0, 20)) + gzip(images.substr(20));
    for (const std::string& bytes : {images, gzip(images), gzip(images) + zeros, two, gzip("") + two + zeros,
                                     gzip(images.substr(0, 20)) + zeros + gzip(images.substr(20))}) {
        put(dir / "a", bytes);
        const auto read = load_idx_images(dir / "a");
        CHECK(read.shape()[2] == 5);
        CHECK(read(2, 3, 4) == 59);
    }
    put(dir / "b", gzip(idx({3}, ramp(3))));
    CHECK((load_idx_labels(dir / "b") == xt::xtensor<std::uint8_t, 1>{0, 1, 2}));
    const dataset set = load_idx(dir / "a", dir / "b", {"x", "y", "z"});
    CHECK(set.size() == 3);
    CHECK(set.channels() == 1);
    CHECK(set.height() == 4);
    CHECK(set.width() == 5);
    CHECK(!set.is_per_pixel());
    CHECK(set.images(1, 0, 2, 3) == 33);
    CHECK(set.labels(2, 0, 0) == 2);

    put(dir / "none", gzip(idx({0, 28, 28}, "")));
    put(dir / "none.labels", idx({0}, ""));
    const dataset none = load_idx(dir / "none", dir / "none.labels", {"x"});
    CHECK((none.size() == 0 && none.height() == 28));

    put(dir / "c", idx({4}, ramp(4)));
    CHECK(contains(refusal([&] { load_idx(dir / "a", dir / "c", {"x", "y", "z"}); }).got, "[4]"));
    put(dir / "d", idx({3}, std::string("\0\7\0", 3)));
    const FileError error = refusal([&] { load_idx(dir / "a", dir / "d", {"x", "y", "z"}); });
    CHECK(error.field == "label of image 1");
    CHECK(error.expected == "0 to 2");
    CHECK(error.got == "7");
}

TEST_CASE("idx: hostile and broken files are refused with the field that is wrong") {
    const scratch dir;
    const std::string good = idx({3, 4, 5}, ramp(60));
    const std::string packed = gzip(good);
    std::string wrong_sum = packed;
    wrong_sum[wrong_sum.size() - 6] = static_cast<char>(wrong_sum[wrong_sum.size() - 6] ^ 1);
    const std::string bomb = gzip(good + std::string(10'000'000, '\0'));
    struct {
        std::string bytes;
        const char* field;
    } const cases[] = {
        {"", "header"},
        {std::string(3, '\0'), "header"},
        {"text, not data", "magic"},
        {idx({3, 4, 5}, ramp(60), 13), "element type"},
        {idx({60}, ramp(60)), "dimensions"},
        {good.substr(0, 15), "header"},
        {good.substr(0, good.size() - 1), "data"},
        {good + "x", "data"},
        {idx({3, 0, 5}, ""), "extents"},
        {idx({0, 4, 5}, "x"), "data"},
        {idx({0xffffffff, 0xffffffff, 0xffffffff}, ramp(60)), "extents"},
        {idx({0xffffffff, 28, 28}, ramp(60)), "data"},  // 3 TB, refused before anything is allocated
        {gzip(idx({0xffffffff, 28, 28}, ramp(60))), "data"},
        {packed.substr(0, packed.size() - 1), "gzip data"},
        {packed.substr(0, packed.size() / 2), "gzip data"},
        {packed + "x", "gzip data"},
        {packed + std::string(100, '\0') + "x", "gzip data"},
        {packed + packed.substr(0, 2), "gzip data"},
        {packed + gzip("").substr(0, 19), "gzip data"},
        {packed + packed, "data"},
        {wrong_sum, "gzip data"},
        {gzip(good.substr(0, 40)), "data"},
        {bomb, "data"},
    };
    for (const auto& [bytes, field] : cases) {
        put(dir / "a", bytes);
        const FileError error = refusal([&] { load_idx_images(dir / "a"); });
        CAPTURE(error.what());
        CHECK(error.field == field);
    }
    CHECK(contains(refusal([&] { load_fashion(dir.path()); }).file, "train-images-idx3-ubyte"));
}

TEST_CASE("cifar: labels and planes are taken apart") {
    const scratch dir;
    put_cifar10(dir);
    const dataset_split set = load_cifar10(dir.path());
    CHECK(set.train.size() == 15);
    CHECK(set.test.size() == 4);
    CHECK(set.train.class_names[9] == "class 9");
    CHECK(set.train.labels(14, 0, 0) == 4);
    CHECK(set.train.images(14, 0, 0, 0) == 4);
    CHECK(set.train.images(14, 2, 31, 31) == 6);
    CHECK(set.train.images(10, 1, 0, 0) == 1);

    put(dir / "train.bin", records(9, true));
    put(dir / "test.bin", records(2, true));
    put_names(dir / "fine_label_names.txt", 100);
    put_names(dir / "coarse_label_names.txt", 20);
    const dataset_split fine = load_cifar100(dir.path());
    CHECK(fine.train.labels(8, 0, 0) == 8);
    CHECK(fine.train.class_count() == 100);
    const dataset_split coarse = load_cifar100(dir.path(), cifar100_labels::coarse);
    CHECK(coarse.train.labels(8, 0, 0) == 1);
    CHECK(coarse.train.class_count() == 20);
    CHECK((coarse.train.images == fine.train.images));
}

TEST_CASE("cifar: wrong files are refused") {
    const scratch dir;
    put_cifar10(dir);
    const auto load = [&] { return load_cifar10(dir.path()); };
    put(dir / "data_batch_3.bin", records(3).substr(1));
    FileError error = refusal(load);
    CHECK(error.file == dir / "data_batch_3.bin");
    CHECK(error.field == "file size");
    CHECK(contains(error.expected, "3073"));
    CHECK(error.got == "9218 bytes");
    put(dir / "data_batch_3.bin", "");
    CHECK(contains(refusal(load).remedy, "empty"));
    std::string label = records(3);
    label[3073] = 10;
    put(dir / "data_batch_3.bin", label);
    error = refusal(load);
    CHECK(error.field == "label of image 1");
    CHECK(error.got == "10");
    std::filesystem::remove(dir / "data_batch_3.bin");
    CHECK(refusal(load).field == "open");
    put_names(dir / "batches.meta.txt", 9);
    CHECK(refusal(load).field == "lines");
}

TEST_CASE("m2nist: a label map and masks of any number type give the same labels") {
    const scratch dir;
    const auto map = digit_map(2);
    npy::save(dir / "combined.npy", map);
    const auto check = [&](auto masks) {
        npy::save(dir / "segmented.npy", masks);
        const dataset set = load_m2nist(dir.path());
        CHECK((set.labels == map));
        CHECK(set.is_per_pixel());
        CHECK(set.class_count() == 11);
        CHECK(set.images(1, 0, 63, 83) == map(1, 63, 83));
    };
    check(map);
    auto ignored = map;
    ignored(1, 2, 3) = ignore_label;
    npy::save(dir / "segmented.npy", ignored);
    CHECK((load_m2nist(dir.path()).labels == ignored));
    check(one_hot<std::uint8_t>(map));
    check(one_hot<std::int64_t>(map));
    check(one_hot<float>(map));
    check(one_hot<double>(map));
    check(one_hot<bool>(map));
}

TEST_CASE("m2nist: wrong files are refused") {
    const scratch dir;
    auto map = digit_map(2);
    npy::save(dir / "combined.npy", map);
    const auto load = [&] { return load_m2nist(dir.path()); };
    CHECK(refusal(load).field == "open");
    auto masks = one_hot<float>(map);
    masks(1, 2, 3, map(1, 2, 3)) = 0;
    npy::save(dir / "segmented.npy", masks);
    CHECK(refusal(load).field == "image 1, row 2, column 3");
    npy::save(dir / "segmented.npy", digit_map(3));
    CHECK(contains(refusal(load).expected, "[2, 64, 84]"));
    npy::save(dir / "segmented.npy", xt::xtensor<float, 3>(map));
    CHECK(refusal(load).field == "dtype");
    map(0, 0, 1) = ignore_label;
    map(1, 0, 1) = 11;
    npy::save(dir / "segmented.npy", map);
    CHECK(refusal(load).field == "label of image 1, pixel 1");
    npy::save(dir / "combined.npy", xt::xtensor<std::uint8_t, 3>(xt::zeros<std::uint8_t>({2, 84, 64})));
    CHECK(refusal(load).field == "shape");
}

TEST_CASE("A subset copies images and labels") {
    const scratch dir;
    put_cifar10(dir);
    const dataset all = load_cifar10(dir.path()).train;
    const dataset part = subset(all, 5, 9);
    CHECK(part.size() == 4);
    CHECK((part.images == xt::view(all.images, xt::range(5, 9))));
    CHECK((part.labels == xt::view(all.labels, xt::range(5, 9))));
    CHECK(subset(all, 10, 1000).size() == 5);
    CHECK(subset(all, 1000, 2000).size() == 0);
}

TEST_CASE("The real data sets have their known sizes and class counts") {
    const auto counts = [](const dataset& set) {
        std::vector<std::size_t> histogram(set.class_count());
        for (const std::uint8_t label : set.labels) {
            ++histogram[label];
        }
        return histogram;
    };
    if (const auto path = real_data("cifar-10-batches-bin")) {
        const dataset_split set = load_cifar10(*path);
        CHECK(counts(set.train) == std::vector<std::size_t>(10, 5000));
        CHECK(counts(set.test) == std::vector<std::size_t>(10, 1000));
        CHECK(set.train.class_names[0] == "airplane");
    }
    if (const auto path = real_data("fashion-mnist")) {
        const dataset_split set = load_fashion(*path);
        CHECK(counts(set.train) == std::vector<std::size_t>(10, 6000));
        CHECK(counts(set.test) == std::vector<std::size_t>(10, 1000));
    }
    if (const auto path = real_data("m2nist")) {
        const dataset set = load_m2nist(*path);
        CHECK(set.size() == 5000);
        CHECK(counts(set)[m2nist_background] > set.labels.size() / 2);
    }
}

// SPDX-License-Identifier: BSD-3-Clause
// How are MNIST and its kin read? IDX files of bytes, plain or gzipped, as the MNIST page by LeCun, Cortes and Burges
// describes them: 00 00 <type> <dimensions>, then the extents as big-endian 32-bit numbers, then the data.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <zlib.h>

#include <fovea/detail/error.hpp>
#include <fovea/detail/xtensor.hpp>
#include <fovea/io/atomic_file.hpp>
#include <fovea/io/dataset.hpp>

namespace fovea {

namespace detail {

/// Reads the bytes of a file, unpacked if they begin as gzip does. A gzip file is one or several packed streams and, as
/// tapes and blocks need them, zeros behind each.
class unpacking_reader {
public:
    explicit unpacking_reader(const std::string& path) : path_(path), packed_(read_file(path)) {
        gzip_ = starts_stream(0);
        // zlib wants 32 bits; 16 + 15 = a gzip wrapper with the largest window
        if (gzip_ && (packed_.size() > std::numeric_limits<uInt>::max() || inflateInit2(&stream_, 16 + 15) != Z_OK)) {
            throw FileError(path_, "file size", "less than 4 GiB of gzip data",
                            std::to_string(packed_.size()) + " bytes");
        }
        stream_.next_in = reinterpret_cast<Bytef*>(packed_.data());
        stream_.avail_in = static_cast<uInt>(packed_.size());
    }
    unpacking_reader(const unpacking_reader&) = delete;
    unpacking_reader& operator=(const unpacking_reader&) = delete;
    ~unpacking_reader() {
        if (gzip_) {
            inflateEnd(&stream_);
        }
    }

    /// Fills as much of `to` as there is and returns that many bytes.
    std::size_t read(std::span<std::byte> to) {
        if (!gzip_) {
            const std::size_t count = std::min(to.size(), packed_.size() - position_);
            std::copy_n(packed_.begin() + static_cast<std::ptrdiff_t>(position_), count, to.begin());
            position_ += count;
            return count;
        }
        return unpack(stream_, ended_, to);
    }

    /// How many bytes are left, counted up to `most`. Packed ones are unpacked, to nowhere, by a copy of the state.
    std::size_t remaining(std::size_t most) {
        if (!gzip_) {
            return std::min(most, packed_.size() - position_);
        }
        z_stream copy{};
        if (inflateCopy(&copy, &stream_) != Z_OK) {
            throw std::bad_alloc();
        }
        const std::unique_ptr<z_stream, int (*)(z_stream*)> release(&copy, &inflateEnd);
        bool ended = ended_;
        std::array<std::byte, 1 << 14> nowhere;
        std::size_t count = 0;
        for (std::size_t got = 1; got > 0; count += got) {
            got = unpack(copy, ended, std::span(nowhere).first(std::min(nowhere.size(), most - count)));
        }
        return count;
    }

private:
    bool starts_stream(std::size_t at) const {
        return at + 2 <= packed_.size() && packed_[at] == std::byte{0x1f} && packed_[at + 1] == std::byte{0x8b};
    }

    std::size_t unpack(z_stream& stream, bool& ended, std::span<std::byte> to) const {
        std::size_t done = 0;
        while (done < to.size() && !ended) {
            const auto room = static_cast<uInt>(std::min<std::size_t>(to.size() - done, 1u << 30));
            stream.next_out = reinterpret_cast<Bytef*>(to.data() + done);
            stream.avail_out = room;
            const int status = inflate(&stream, Z_NO_FLUSH);
            done += room - stream.avail_out;
            if (status == Z_STREAM_END) {
                ended = !start_next(stream);
            } else if (status != Z_OK) {
                fail(status == Z_BUF_ERROR ? "a truncated one" : stream.msg ? stream.msg : "an error");
            }
        }
        return done;
    }

    /// Behind the end of a stream: is there another one?
    bool start_next(z_stream& stream) const {
        while (stream.avail_in > 0 && *stream.next_in == 0) {
            ++stream.next_in;
            --stream.avail_in;
        }
        if (stream.avail_in == 0) {
            return false;
        }
        if (!starts_stream(packed_.size() - stream.avail_in)) {
            fail("other bytes behind its end");
        }
        inflateReset(&stream);
        return true;
    }

    [[noreturn]] void fail(std::string got) const {
        throw FileError(path_, "gzip data", "an intact stream", std::move(got));
    }

    std::string path_;
    std::vector<std::byte> packed_;
    std::size_t position_ = 0;
    z_stream stream_{};
    bool gzip_ = false;
    bool ended_ = false;
};

/// Reads an IDX file of unsigned bytes with `Rank` dimensions.
template <std::size_t Rank>
xt::xtensor<std::uint8_t, Rank> load_idx(const std::string& path) {
    unpacking_reader in(path);
    const auto fail = [&](std::string field, std::string expected, std::string got, std::string remedy = {}) {
        throw FileError(path, std::move(field), std::move(expected), std::move(got), std::move(remedy));
    };
    std::array<std::uint8_t, 4 + 4 * Rank> head{};
    const std::size_t got = in.read(std::as_writable_bytes(std::span(head)));
    if (got >= 4 && (head[0] != 0 || head[1] != 0)) {
        fail("magic", "00 00", std::to_string(head[0]) + " " + std::to_string(head[1]), "this is not an IDX file");
    }
    if (got >= 4 && head[2] != 8) {
        fail("element type", "8 (unsigned bytes)", std::to_string(head[2]));
    }
    if (got >= 4 && head[3] != Rank) {
        fail("dimensions", std::to_string(Rank), std::to_string(head[3]),
             Rank == 3 ? "are these the labels?" : "are these the images?");
    }
    if (got != head.size()) {
        fail("header", std::to_string(head.size()) + " bytes", std::to_string(got), "the file is truncated");
    }
    std::array<std::size_t, Rank> shape{};
    std::size_t bytes = 1;
    bool fits = true;
    for (std::size_t axis = 0; axis < Rank; ++axis) {
        const std::uint8_t* p = head.data() + 4 + 4 * axis;
        shape[axis] = std::size_t{p[0]} << 24 | std::size_t{p[1]} << 16 | std::size_t{p[2]} << 8 | p[3];
        const bool may_be_empty = axis == 0;  // a file of no images or labels; not images of no pixels
        fits = fits && (shape[axis] != 0 || may_be_empty) && checked_multiply(bytes, shape[axis]);
    }
    if (!fits) {
        fail("extents", "those of images with pixels, and fewer than 2^64 bytes", shape_text(shape));
    }
    if (const std::size_t data = in.remaining(bytes + 1); data != bytes) {  // before anything is allocated
        fail("data", std::to_string(bytes) + " bytes for " + shape_text(shape),
             data < bytes ? std::to_string(data) + " bytes" : "more",
             data < bytes ? "the file is truncated" : "the file has trailing bytes");
    }
    auto result = xt::xtensor<std::uint8_t, Rank>::from_shape(shape);
    in.read(std::as_writable_bytes(std::span(result.data(), bytes)));
    return result;
}

}  // namespace detail

/// The images of an IDX file (plain or .gz) as (N, H, W).
inline xt::xtensor<std::uint8_t, 3> load_idx_images(const std::string& path) { return detail::load_idx<3>(path); }

/// The labels of an IDX file (plain or .gz) as (N).
inline xt::xtensor<std::uint8_t, 1> load_idx_labels(const std::string& path) { return detail::load_idx<1>(path); }

/// Images and labels that belong together, as a data set of one channel.
inline dataset load_idx(const std::string& image_path, const std::string& label_path,
                        std::vector<std::string> class_names) {
    dataset set;
    set.class_names = std::move(class_names);
    const auto images = load_idx_images(image_path);
    const auto labels = load_idx_labels(label_path);
    const std::size_t count = images.shape()[0];
    if (labels.size() != count) {
        throw FileError(label_path, "extents",
                        "[" + std::to_string(count) + "], a label for each image of " + image_path,
                        "[" + std::to_string(labels.size()) + "]");
    }
    detail::check_labels(label_path, labels.data(), count, 1, set.class_count());
    set.images = detail::byte_images(count, 1, images.shape()[1], images.shape()[2]);
    std::copy_n(images.data(), images.size(), set.images.data());
    set.labels.resize({count, 1, 1});
    std::copy_n(labels.data(), count, set.labels.data());
    return set;
}

/// MNIST's four files in `directory`, each plain or with .gz: `train-images-idx3-ubyte`, `t10k-labels-idx1-ubyte` ...
inline dataset_split load_mnist(const std::string& directory,
                                const std::vector<std::string>& class_names = {"0", "1", "2", "3", "4", "5", "6", "7",
                                                                               "8", "9"}) {
    const auto find = [&](const std::string& name) {
        const std::string path = directory + "/" + name;
        return !detail::file_exists(path) && detail::file_exists(path + ".gz") ? path + ".gz" : path;
    };
    return {load_idx(find("train-images-idx3-ubyte"), find("train-labels-idx1-ubyte"), class_names),
            load_idx(find("t10k-images-idx3-ubyte"), find("t10k-labels-idx1-ubyte"), class_names)};
}

/// Fashion-MNIST (Xiao, Rasul and Vollgraf 2017): 60,000 + 10,000 grey images of 28 x 28, 10 classes. Debian's package
/// dataset-fashion-mnist puts it into /usr/share/datasets/fashion-mnist.
inline dataset_split load_fashion(const std::string& directory) {
    return load_mnist(directory, {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker",
                                  "Bag", "Ankle boot"});
}

}  // namespace fovea

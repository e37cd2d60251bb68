// SPDX-License-Identifier: BSD-3-Clause
// How is an image read and written that does not fit into memory? Parts of .npy files, mapped:
// callbacks for Tiled::run.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include <fovea/detail/system.hpp>
#include <fovea/io/npy.hpp>
#include <fovea/plan/image_area.hpp>

namespace fovea::npy {
namespace detail {

namespace system = fovea::detail::system;

/// A whole file in the address space, as long as the object lives.
class mapping {
public:
    mapping(const std::string& path, int file, std::size_t bytes, bool writable)
        : bytes_(bytes), first_(system::map(file, bytes, writable)) {
        if (first_ == nullptr) {
            throw FileError(path, "map", std::to_string(bytes) + " bytes of address space",
                            system::last_error().message());
        }
    }
    mapping(mapping&& other) noexcept : bytes_(other.bytes_), first_(std::exchange(other.first_, nullptr)) {}
    mapping& operator=(mapping&&) = delete;
    ~mapping() { unmap(); }

    std::byte* data() const noexcept { return first_; }
    void release(std::size_t begin, std::size_t end) const noexcept { system::release(first_, begin, end); }
    std::error_code sync() const noexcept { return system::sync_map(first_, bytes_); }
    void unmap() noexcept {
        if (first_ != nullptr) {
            system::unmap(std::exchange(first_, nullptr), bytes_);
        }
    }

private:
    std::size_t bytes_;
    std::byte* first_;
};

/// Copies rows of an area between the file's C x H x W values and dense ones.
template <class T, class Copy>
void for_each_row(const image_area& a, std::size_t channels, std::size_t height, std::size_t width, Copy copy) {
    for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t r = 0; r < a.rows; ++r) {
            copy(((c * height + a.row + r) * width + a.column) * sizeof(T), (c * a.rows + r) * a.columns);
        }
    }
}

}  // namespace detail

/// A C x H x W (or H x W) array of T in a .npy file, read part by part. The header is checked as by `load`; data in
/// Fortran order are refused. The file must not shrink while it is read: the system would end the program (SIGBUS).
template <class T>
class mapped_image {
public:
    explicit mapped_image(const std::string& path) : mapped_image(reader(path)) {}

    std::size_t channels() const noexcept { return channels_; }
    std::size_t height() const noexcept { return height_; }
    std::size_t width() const noexcept { return width_; }

    /// Fills `to` with channels x rows x columns values of an area inside the image.
    void operator()(const image_area& a, T* to) const {
        detail::for_each_row<T>(a, channels_, height_, width_, [&](std::size_t from, std::size_t at) {
            std::memcpy(to + at, map_.data() + offset_ + from, a.columns * sizeof(T));
        });
        for (std::size_t c = 0; c < channels_; ++c) {
            const std::size_t row = c * height_ + a.row;
            map_.release(offset_ + row * width_ * sizeof(T), offset_ + (row + a.rows) * width_ * sizeof(T));
        }
    }

private:
    explicit mapped_image(const reader& in)
        : map_(in.path(), in.file().descriptor(), in.file().size(), false),
          offset_(in.file().size() - in.file().remaining()) {
        in.template demand_dtype<T>();
        const npy::header& head = in.header();
        const std::size_t rank = head.shape.size();
        if (rank < 2 || rank > 3 || head.count == 0) {
            throw FileError(in.path(), "shape", "[channels, height, width] or [height, width], none of them 0",
                            fovea::detail::shape_text(head.shape));
        }
        if (head.fortran_order) {
            throw FileError(in.path(), "fortran_order", "False", "True", "save np.ascontiguousarray(array)");
        }
        channels_ = rank == 3 ? head.shape[0] : 1;
        height_ = head.shape[rank - 2];
        width_ = head.shape[rank - 1];
    }

    detail::mapping map_;
    std::size_t offset_;
    std::size_t channels_ = 0;
    std::size_t height_ = 0;
    std::size_t width_ = 0;
};

/// A C x H x W array of T that is written part by part into a .npy file, which appears with finish(), complete. Until
/// then, and for good if finish() is not called, a file of that name stays as it was.
template <class T>
class mapped_result {
public:
    /// Reserves the whole file on the disk: a full disk is an error here, not later.
    mapped_result(const std::string& path, std::size_t channels, std::size_t height, std::size_t width)
        : path_(path),
          channels_(channels),
          height_(height),
          width_(width),
          header_(detail::header_of(dtype_of<T>(), std::array{channels, height, width})),
          file_(path),
          map_(path, file_.file(), reserve(), true) {
        std::memcpy(map_.data(), header_.data(), header_.size());
    }

    /// Stores channels x rows x columns values of an area inside the array.
    void operator()(const image_area& a, const T* from) const {
        detail::for_each_row<T>(a, channels_, height_, width_, [&](std::size_t to, std::size_t at) {
            std::memcpy(map_.data() + header_.size() + to, from + at, a.columns * sizeof(T));
        });
        for (std::size_t c = 0; c < channels_; ++c) {
            const std::size_t row = c * height_ + a.row;
            map_.release(header_.size() + row * width_ * sizeof(T),
                         header_.size() + (row + a.rows) * width_ * sizeof(T));
        }
    }

    /// The end of writing: parts are no longer taken.
    void finish() {
        fovea::detail::demand_written(path_, map_.sync(), "all data on the disk", fovea::detail::old_file_is_whole);
        map_.unmap();
        file_.finish();
    }

private:
    std::size_t reserve() const {
        std::size_t bytes = sizeof(T);
        for (const std::size_t extent : {channels_, height_, width_}) {
            if (extent == 0 || !fovea::detail::checked_multiply(bytes, extent) || bytes > (std::size_t{1} << 62)) {
                throw FileError(path_, "shape", "extents that are not 0 and whose product fits",
                                fovea::detail::shape_text(std::array{channels_, height_, width_}));
            }
        }
        bytes += header_.size();
        fovea::detail::demand_written(path_, detail::system::reserve(file_.file(), bytes),
                                      std::to_string(bytes) + " bytes on the disk", fovea::detail::old_file_is_whole);
        return bytes;
    }

    std::string path_;
    std::size_t channels_;
    std::size_t height_;
    std::size_t width_;
    std::string header_;
    fovea::detail::replacement_file file_;
    detail::mapping map_;
};

}  // namespace fovea::npy

// SPDX-License-Identifier: BSD-3-Clause
// Where do the figures of every epoch go? A CSV file with one row an epoch, which after a resume is the one that an
// uninterrupted run would have written (seconds aside).
#pragma once

#include <cerrno>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fovea/detail/error.hpp>
#include <fovea/detail/number_text.hpp>
#include <fovea/io/atomic_file.hpp>
#include <fovea/train/history.hpp>

namespace fovea {

/// Appends a row an epoch, each on the disk when append() returns.
class csv_log {
public:
    static constexpr std::string_view header =
        "epoch,train_loss,train_accuracy,val_loss,val_accuracy,learning_rate,seconds\n";

    /// Writes the header and the rows of `history` (the epochs up to the checkpoint that a run resumes from; none for a
    /// fresh run), so rows past the checkpoint and a half-written last row are gone.
    /// \throws FileError if the file exists and is not such a log (it is left alone), or cannot be written
    csv_log(std::string path, std::span<const epoch_record> history) : path_{std::move(path)} {
        refuse_foreign_file();
        rewrite(history);
    }

    /// Appends `history.back()`. After a failure (disk full) the file ends with a whole row, and the next call, which
    /// may be in a later epoch, writes the whole of `history` again. \throws FileError if the disk does not take it
    void append(std::span<const epoch_record> history) {
        if (damaged_) {
            rewrite(history);
            return;
        }
        damaged_ = true;
        const detail::descriptor file{::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)};
        if (file.get() < 0) {
            fail("a file that can be appended to", errno);
        }
        struct stat before {};
        if (::fstat(file.get(), &before) != 0) {
            fail("a readable file", errno);
        }
        const std::string text = row(history.back());
        std::size_t written = 0;
        while (written < text.size()) {
            const auto count = ::write(file.get(), text.data() + written, text.size() - written);
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count <= 0) {
                const int error = count < 0 ? errno : ENOSPC;
                static_cast<void>(::ftruncate(file.get(), before.st_size) ==
                                  0);  // no half row; the error above is the story
                fail(std::to_string(text.size() - written) + " more bytes on the disk", error);
            }
            written += static_cast<std::size_t>(count);
        }
        damaged_ = false;
    }

    /// True if the last append() failed, so that the file lacks rows.
    bool incomplete() const noexcept { return damaged_; }

    /// One line, numbers exact to the bit; empty fields where there was no validation.
    static std::string row(const epoch_record& r) {
        using detail::exact_text;
        std::string text =
            std::to_string(r.epoch) + "," + exact_text(r.train_loss) + "," + exact_text(r.train_accuracy) + ",";
        text += r.validated ? exact_text(r.validation_loss) + "," + exact_text(r.validation_accuracy) : ",";
        return text + "," + exact_text(r.learning_rate) + "," + detail::fixed_text(r.seconds, 2) + "\n";
    }

private:
    void refuse_foreign_file() const {
        struct stat status {};
        if (::stat(path_.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) {
            return;
        }
        input_file file{path_};
        std::string start(std::min(file.size(), header.size()), '\0');
        file.read(std::as_writable_bytes(std::span{start}), "header");
        if (!header.starts_with(start)) {  // a header that a full disk cut short is ours, too
            throw FileError{path_, "header", std::string{header.substr(0, header.size() - 1)},
                            "'" + start.substr(0, start.find('\n')) + "'",
                            "this is not a training log and is left alone; choose another file name"};
        }
    }

    void rewrite(std::span<const epoch_record> history) {
        damaged_ = true;
        write_atomically(path_, [&](file_writer& out) {
            out.write(header);
            for (const epoch_record& r : history) {
                out.write(row(r));
            }
        });
        damaged_ = false;
    }

    [[noreturn]] void fail(std::string expected, int error) const {
        throw FileError{path_, "write", std::move(expected), detail::errno_text(error)};
    }

    std::string path_;
    bool damaged_ = false;
};

}  // namespace fovea

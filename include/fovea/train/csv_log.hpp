// SPDX-License-Identifier: BSD-3-Clause
// Where do the figures of every epoch go? A CSV file with one row an epoch, which after a resume is the one that an
// uninterrupted run would have written (seconds aside).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fovea/detail/error.hpp>
#include <fovea/detail/joined.hpp>
#include <fovea/detail/number_text.hpp>
#include <fovea/detail/system.hpp>
#include <fovea/io/atomic_file.hpp>
#include <fovea/train/history.hpp>

namespace fovea {

/// Appends a row an epoch, each on the disk when append() returns.
class csv_log {
public:
    /// "epoch,train_loss,train_accuracy,val_loss,val_accuracy,learning_rate,seconds" and a newline: the metrics by
    /// their names.
    static std::string header(std::span<const figure> metrics) {
        std::string text = "epoch";
        for (const char* of : {"train_", "val_"}) {
            text += detail::joined({",", of, "loss"});
            for (const figure& m : metrics) {
                text += detail::joined({",", of, m.name});
            }
        }
        return text + ",learning_rate,seconds\n";
    }

    /// Writes the header and the rows of `history` (the epochs up to the checkpoint that a run resumes from; none for a
    /// fresh run), so rows past the checkpoint and a half-written last row are gone.
    /// \throws FileError if the file exists and is not such a log (it is left alone), or cannot be written
    csv_log(std::string path, std::span<const figure> metrics, std::span<const epoch_record> history)
        : path_{std::move(path)}, header_{header(metrics)} {
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
        const std::string text = row(history.back());
        const auto bytes = std::as_bytes(std::span{text});
        if (const detail::descriptor stream = detail::open_stream(path_)) {
            detail::write_all(path_, stream.get(), bytes, "");
        } else {
            append_to_file(bytes);
        }
        damaged_ = false;
    }

    /// True if the last append() failed, so that the file lacks rows.
    bool incomplete() const noexcept { return damaged_; }

    /// One line, numbers exact to the bit; empty fields where there was no validation.
    static std::string row(const epoch_record& r) {
        using detail::exact_text;
        std::string text = std::to_string(r.epoch) + "," + exact_text(r.train_loss);
        for (const double m : r.train_metrics) {
            text += "," + exact_text(m);
        }
        text += r.validated ? "," + exact_text(r.validation_loss) : ",";
        for (std::size_t i = 0; i < r.train_metrics.size(); ++i) {
            text += r.validated ? "," + exact_text(r.validation_metrics[i]) : ",";
        }
        return text + "," + exact_text(r.learning_rate) + "," + detail::fixed_text(r.seconds, 2) + "\n";
    }

private:
    void refuse_foreign_file() const {
        const auto status = detail::system::status_of(path_);
        if (status.kind != detail::system::file_kind::regular || status.size == 0) {
            return;
        }
        input_file file{path_};
        std::string start(std::min(file.size(), header_.size()), '\0');
        file.read(std::as_writable_bytes(std::span{start}), "header");
        if (!header_.starts_with(start)) {  // a header that a full disk cut short is ours, too
            throw FileError{path_, "header", header_.substr(0, header_.size() - 1),
                            "'" + start.substr(0, start.find('\n')) + "'",
                            "this is not a training log and is left alone; choose another file name"};
        }
    }

    void rewrite(std::span<const epoch_record> history) {
        damaged_ = true;
        write_atomically(path_, [&](file_writer& out) {
            out.write(header_);
            for (const epoch_record& r : history) {
                out.write(row(r));
            }
        });
        damaged_ = false;
    }

    void append_to_file(std::span<const std::byte> bytes) const {
        const auto before = detail::system::status_of(path_);
        detail::demand_regular(path_, "write", "a regular file", before.kind);
        const detail::descriptor file{detail::system::open_to_append(path_)};
        if (!file) {
            throw FileError{path_, "write", "a file that can be appended to", detail::system::last_error().message()};
        }
        try {
            detail::write_all(path_, file.get(), bytes, "the file ends with the row before");
        } catch (const FileError&) {
            static_cast<void>(detail::system::truncate(file.get(), before.size));
            throw;
        }
    }

    std::string path_;
    std::string header_;
    bool damaged_ = false;
};

}  // namespace fovea

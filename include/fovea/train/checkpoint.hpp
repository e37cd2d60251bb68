// SPDX-License-Identifier: BSD-3-Clause
// What must be kept so that a stopped run goes on as if nothing had happened, and how is it kept safe? The whole state
// of training in one file with a checksum, replaced atomically, and the one before it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <zlib.h>

#include <fovea/detail/error.hpp>
#include <fovea/detail/system.hpp>
#include <fovea/io/atomic_file.hpp>
#include <fovea/train/history.hpp>

namespace fovea {

/// Named facts that must be the same when a run is resumed: "batch" -> "32". Compared one by one, for the error's sake.
using fingerprint = std::vector<std::pair<std::string, std::string>>;

/// The state of training between two steps.
template <class T>
struct training_state {
    struct named_array {
        std::string name;
        std::vector<T> values;

        friend bool operator==(const named_array&, const named_array&) = default;
    };
    /// The weights of the best epoch so far.
    struct best_weights {
        std::uint64_t epoch = 0;
        double metric = 0.0;
        std::vector<T> parameters;
        std::vector<T> buffers;

        friend bool operator==(const best_weights&, const best_weights&) = default;
    };

    std::string network;          ///< tensor names and shapes, or a hash of them
    fingerprint options;          ///< what the numbers depend on: seed, batch, optimiser, data ...
    std::uint64_t step = 0;       ///< steps done since the start of training
    std::vector<double> running;  ///< sums of the epoch that is under way; empty before its first step
    double running_seconds = 0.0;
    std::vector<epoch_record> history;  ///< the finished epochs
    std::vector<T> parameters;
    std::vector<T> buffers;
    std::uint64_t optimiser_steps = 0;
    std::vector<named_array> optimiser;
    std::optional<best_weights> best;

    friend bool operator==(const training_state&, const training_state&) = default;
};

namespace detail {

/// CRC-32 as in gzip and PNG.
inline std::uint32_t crc32_of(std::span<const std::byte> bytes, std::uint32_t start = 0) {
    return static_cast<std::uint32_t>(::crc32_z(start, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

class state_writer {
public:
    template <class V>
        requires std::is_arithmetic_v<V>
    void number(V value) { raw(std::as_bytes(std::span{&value, 1})); }
    void text(std::string_view value) { array(std::span{value.data(), value.size()}); }
    template <class V>
    void array(std::span<const V> values) {
        number(static_cast<std::uint64_t>(values.size()));
        raw(std::as_bytes(values));
    }
    void raw(std::span<const std::byte> bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
    /// What `write` writes, under a name.
    template <class Write>
    void section(std::string_view name, Write write) {
        text(name);
        const std::size_t length_at = bytes_.size();
        number(std::uint64_t{0});
        write();
        const std::uint64_t length = bytes_.size() - length_at - sizeof(std::uint64_t);
        std::memcpy(bytes_.data() + length_at, &length, sizeof length);
    }
    void reserve(std::size_t size) { bytes_.reserve(size); }
    std::size_t size() const { return bytes_.size(); }
    std::vector<std::byte> release() { return std::move(bytes_); }

private:
    std::vector<std::byte> bytes_;
};

/// Reads what state_writer wrote; every length is checked against what is left before anything is allocated.
class state_reader {
public:
    state_reader(const std::string& file, std::span<const std::byte> bytes) : file_{file}, bytes_{bytes} {}

    template <class V>
        requires std::is_arithmetic_v<V> V number(const char* field) {
            V value{};
            std::memcpy(&value, take(sizeof value, field).data(), sizeof value);
            return value;
        }
    std::string text(const char* field) {
        const auto bytes = take(length(1, field), field);
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    template <class V>
    std::vector<V> array(const char* field) {
        const std::size_t count = length(sizeof(V), field);
        std::vector<V> values(count);
        if (count > 0) {
            std::memcpy(values.data(), take(count * sizeof(V), field).data(), count * sizeof(V));
        }
        return values;
    }
    /// A count of items of at least `item_bytes` each, `most` if they take more memory than bytes in the file.
    std::size_t length(std::size_t item_bytes, const char* field,
                       std::size_t most = std::numeric_limits<std::size_t>::max()) {
        const auto count = number<std::uint64_t>(field);
        most = std::min(most, bytes_.size() / item_bytes);
        if (count > most) {
            throw FileError{file_, field, "at most " + std::to_string(most) + " entries", std::to_string(count),
                            "the checkpoint is damaged"};
        }
        return static_cast<std::size_t>(count);
    }
    std::size_t remaining() const { return bytes_.size(); }
    /// The bytes of a section, whose name was read.
    state_reader section(const char* name) { return {file_, take(length(1, name), name)}; }

private:
    std::span<const std::byte> take(std::size_t size, const char* field) {
        if (size > bytes_.size()) {
            throw FileError{file_, field, std::to_string(size) + " bytes", std::to_string(bytes_.size()) + " bytes",
                            "the checkpoint is damaged"};
        }
        const auto taken = bytes_.first(size);
        bytes_ = bytes_.subspan(size);
        return taken;
    }

    const std::string& file_;
    std::span<const std::byte> bytes_;
};

inline constexpr std::string_view checkpoint_magic =
    "fovea\x1A"
    "CK";  // 0x1A: a text tool stops here
inline constexpr std::uint32_t checkpoint_version = 2;

}  // namespace detail

/// The bytes of a checkpoint file, little-endian: magic (8), version (u32), bytes per number (u32), bytes of content
/// (u64), content, CRC-32 of all of these (u32). The content is sections: a name, and the bytes of what it holds.
/// Arrays, texts and sections have their length (u64) in front. What is to be kept besides is a section more: a file
/// that has one that its reader does not know is refused by the section's name.
template <class T>
std::vector<std::byte> checkpoint_bytes(const training_state<T>& s) {
    detail::state_writer body;
    std::size_t numbers =
        s.parameters.size() + s.buffers.size() + (s.best ? s.best->parameters.size() + s.best->buffers.size() : 0);
    for (const auto& array : s.optimiser) {
        numbers += array.values.size();
    }
    std::size_t metrics = 0;
    for (const epoch_record& r : s.history) {
        metrics += r.train_metrics.size() + r.validation_metrics.size();
    }
    body.reserve(numbers * sizeof(T) + s.history.size() * sizeof(epoch_record) + metrics * sizeof(double) + 4096);
    body.raw(std::as_bytes(std::span{detail::checkpoint_magic}));
    body.number(detail::checkpoint_version);
    body.number(static_cast<std::uint32_t>(sizeof(T)));
    const std::size_t length_at = body.size();
    body.number(std::uint64_t{0});

    body.section("run", [&] {
        body.text(s.network);
        body.number(static_cast<std::uint64_t>(s.options.size()));
        for (const auto& [name, value] : s.options) {
            body.text(name);
            body.text(value);
        }
    });
    body.section("progress", [&] {
        body.number(s.step);
        body.array(std::span{s.running});
        body.number(s.running_seconds);
    });
    body.section("history", [&] {
        body.number(static_cast<std::uint64_t>(s.history.size()));
        for (const epoch_record& r : s.history) {
            body.number(r.epoch);
            body.number(static_cast<std::uint8_t>(r.validated));
            for (const double value : {r.train_loss, r.validation_loss, r.learning_rate, r.seconds}) {
                body.number(value);
            }
            body.array(std::span{r.train_metrics});
            body.array(std::span{r.validation_metrics});
        }
    });
    body.section("weights", [&] {
        body.array(std::span{s.parameters});
        body.array(std::span{s.buffers});
    });
    body.section("optimiser", [&] {
        body.number(s.optimiser_steps);
        body.number(static_cast<std::uint64_t>(s.optimiser.size()));
        for (const auto& array : s.optimiser) {
            body.text(array.name);
            body.array(std::span{array.values});
        }
    });
    if (s.best) {
        body.section("best", [&] {
            body.number(s.best->epoch);
            body.number(s.best->metric);
            body.array(std::span{s.best->parameters});
            body.array(std::span{s.best->buffers});
        });
    }

    std::vector<std::byte> bytes = body.release();
    const std::uint64_t content = bytes.size() - length_at - sizeof(std::uint64_t);
    std::memcpy(bytes.data() + length_at, &content, sizeof content);
    const std::uint32_t crc = detail::crc32_of(bytes);
    const auto tail = std::as_bytes(std::span{&crc, 1});
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    return bytes;
}

namespace detail {

/// At most 100 characters of `text` from shortly before position `at`: two long texts, where they begin to differ.
inline std::string excerpt(const std::string& text, std::size_t at) {
    const std::size_t start = at > 30 ? at - 30 : 0;
    return (start > 0 ? "..." : "") + text.substr(std::min(start, text.size()), 100) +
           (start + 100 < text.size() ? "..." : "");
}

template <class T>
void read_run(state_reader& in, training_state<T>& s) {
    s.network = in.text("network");
    s.options.resize(in.length(16, "options", 10'000));
    for (auto& [name, value] : s.options) {
        name = in.text("option name");
        value = in.text("option value");
    }
}
template <class T>
void read_progress(state_reader& in, training_state<T>& s) {
    s.step = in.number<std::uint64_t>("step");
    s.running = in.array<double>("sums");
    s.running_seconds = in.number<double>("seconds");
}
template <class T>
void read_history(state_reader& in, training_state<T>& s) {
    s.history.resize(in.length(57, "history") /* 8 + 1 + 4 * 8 + 2 * 8 */);
    for (epoch_record& r : s.history) {
        r.epoch = in.number<std::uint64_t>("epoch");
        r.validated = in.number<std::uint8_t>("validated") != 0;
        for (double* value : {&r.train_loss, &r.validation_loss, &r.learning_rate, &r.seconds}) {
            *value = in.number<double>("epoch's figures");
        }
        r.train_metrics = in.array<double>("epoch's metrics");
        r.validation_metrics = in.array<double>("epoch's metrics");
    }
}
template <class T>
void read_weights(state_reader& in, training_state<T>& s) {
    s.parameters = in.array<T>("parameters");
    s.buffers = in.array<T>("buffers");
}
template <class T>
void read_optimiser(state_reader& in, training_state<T>& s) {
    s.optimiser_steps = in.number<std::uint64_t>("optimiser steps");
    s.optimiser.resize(in.length(16, "optimiser", 10'000));
    for (auto& array : s.optimiser) {
        array.name = in.text("optimiser array name");
        array.values = in.array<T>("optimiser array");
    }
}
template <class T>
void read_best(state_reader& in, training_state<T>& s) {
    s.best.emplace();
    s.best->epoch = in.number<std::uint64_t>("best epoch");
    s.best->metric = in.number<double>("best metric");
    s.best->parameters = in.array<T>("best parameters");
    s.best->buffers = in.array<T>("best buffers");
}

}  // namespace detail

/// The state in `bytes`; `file` is for messages. \throws FileError for anything that checkpoint_bytes<T> did not write
template <class T>
training_state<T> parse_checkpoint(std::span<const std::byte> bytes, const std::string& file) {
    constexpr std::size_t head = 8 + 4 + 4 + 8;
    if (bytes.size() < head + 4 || std::memcmp(bytes.data(), detail::checkpoint_magic.data(), 8) != 0) {
        throw FileError{file, "magic", "a fovea checkpoint", std::to_string(bytes.size()) + " bytes of something else"};
    }
    detail::state_reader in{file, bytes.subspan(8, bytes.size() - 12)};
    const auto version = in.number<std::uint32_t>("version");
    const auto scalar = in.number<std::uint32_t>("bytes per number");
    const auto content = in.number<std::uint64_t>("length");
    std::uint32_t stored = 0;
    std::memcpy(&stored, bytes.data() + bytes.size() - 4, 4);
    const std::uint32_t actual = detail::crc32_of(bytes.first(bytes.size() - 4));
    if (version == detail::checkpoint_version && content != in.remaining()) {
        throw FileError{file, "length", std::to_string(content) + " bytes of content", std::to_string(in.remaining()),
                        "the checkpoint is truncated or damaged"};
    }
    if (stored != actual) {
        throw FileError{file, "CRC-32", std::to_string(stored), std::to_string(actual), "the checkpoint is damaged"};
    }
    if (version != detail::checkpoint_version) {
        throw FileError{file, "version", std::to_string(detail::checkpoint_version), std::to_string(version),
                        "resume with the version of fovea that wrote it"};
    }
    if (scalar != sizeof(T)) {
        throw FileError{file, "bytes per number", std::to_string(sizeof(T)), std::to_string(scalar)};
    }

    training_state<T> s;
    struct section {
        const char* name;
        bool needed;
        void (*read)(detail::state_reader&, training_state<T>&);
        bool seen = false;
    } sections[] = {{"run", true, &detail::read_run<T>},
                    {"progress", true, &detail::read_progress<T>},
                    {"history", true, &detail::read_history<T>},
                    {"weights", true, &detail::read_weights<T>},
                    {"optimiser", true, &detail::read_optimiser<T>},
                    {"best", false, &detail::read_best<T>}};
    while (in.remaining() != 0) {
        const std::string name = in.text("section's name");
        const auto known =
            std::find_if(std::begin(sections), std::end(sections), [&](const section& c) { return name == c.name; });
        if (known == std::end(sections) || known->seen) {
            throw FileError{file, "section '" + detail::excerpt(name, 0) + "'",
                            known == std::end(sections) ? "one of this version's" : "one",
                            known == std::end(sections) ? "one that it does not know" : "two",
                            known == std::end(sections) ? "resume with the version of fovea that wrote it"
                                                        : "the checkpoint is damaged"};
        }
        known->seen = true;
        detail::state_reader own = in.section(known->name);
        known->read(own, s);
        if (own.remaining() != 0) {
            throw FileError{file, "section '" + name + "'", "nothing behind its last field",
                            std::to_string(own.remaining()) + " bytes", "the checkpoint is damaged"};
        }
    }
    for (const section& c : sections) {
        if (c.needed && !c.seen) {
            throw FileError{file, std::string("section '") + c.name + "'", "one", "none", "the checkpoint is damaged"};
        }
    }
    return s;
}

namespace detail {

// Beside what a link leads to, not beside the link.
inline std::string previous_checkpoint(const std::string& path) { return target_of(target_of(path) + ".previous"); }
inline std::string fresh_checkpoint(const std::string& path) { return target_of(target_of(path) + ".new"); }

}  // namespace detail

/// Is there anything that load_checkpoint(path) would look at?
inline bool checkpoint_exists(const std::string& path) {
    return detail::file_exists(path) || detail::file_exists(detail::fresh_checkpoint(path)) ||
           detail::file_exists(detail::previous_checkpoint(path));
}

/// Writes `path` and keeps what was there as `path.previous`. At every instant, through kill -9 or a full disk, a whole
/// checkpoint is in `path`, `path.new` or `path.previous`: the new one is complete and synced as `path.new` before
/// either of the old ones is touched. If `path` is a link, all of them are beside what it leads to. \throws FileError
/// if the disk does not take it; the old checkpoints are then as they were
template <class T>
void save_checkpoint(const std::string& path, const training_state<T>& state) {
    const std::string target = detail::replaceable(path);
    const std::string fresh = detail::fresh_checkpoint(path);
    const std::vector<std::byte> bytes = checkpoint_bytes(state);
    write_atomically(fresh, [&](file_writer& out) { out.write(bytes); });
    const auto move = [](const std::string& from, const std::string& to) {
        if (const auto error = detail::system::rename(from, to);
            error && error != std::errc::no_such_file_or_directory) {
            throw FileError{from, "rename to " + to, "to succeed", error.message()};
        }
    };
    move(target, detail::previous_checkpoint(path));
    move(fresh, target);
}

/// The newest whole checkpoint of `path`, `path.new` (left by a run killed between two renames) and `path.previous`.
/// `say` is told about each damaged one that is passed over; so is one for which accept(state, its file) throws
/// FileError. \throws FileError, the first file's, if none is whole
template <class T>
training_state<T> load_checkpoint(
    const std::string& path, const std::function<void(const std::string&)>& say = {},
    const std::function<void(const training_state<T>&, const std::string&)>& accept = {}) {
    std::optional<FileError> first;
    for (const std::string& candidate : {path, detail::fresh_checkpoint(path), detail::previous_checkpoint(path)}) {
        if (!detail::file_exists(candidate)) {
            continue;
        }
        try {
            auto state = parse_checkpoint<T>(read_file(candidate), candidate);
            if (accept) {
                accept(state, candidate);
            }
            if (first && say) {
                say(std::string{first->what()} + "; going on from " + candidate);
            }
            return state;
        } catch (const FileError& error) {
            first = first ? first : error;
        }
    }
    throw first ? *first : FileError{path, "open", "a checkpoint", "no such file"};
}

/// \throws FileError unless `state` was made by the same network and options, naming the first fact that differs
template <class T>
void require_same_run(const std::string& path, const training_state<T>& state, const std::string& network,
                      const fingerprint& options) {
    if (state.network != network) {
        const auto differ = std::mismatch(network.begin(), network.end(), state.network.begin(), state.network.end());
        const auto at = static_cast<std::size_t>(differ.first - network.begin());
        throw FileError{path, "network", detail::excerpt(network, at), detail::excerpt(state.network, at),
                        "the checkpoint belongs to another network"};
    }
    // Both lists are made by the same code, so the names agree unless the file is of another version.
    for (std::size_t i = 0; i < std::max(options.size(), state.options.size()); ++i) {
        const std::pair<std::string, std::string> none{"further option", "none"};
        const auto& mine = i < options.size() ? options[i] : none;
        const auto& theirs = i < state.options.size() ? state.options[i] : none;
        if (mine != theirs) {
            throw FileError{path, "option '" + mine.first + "'", mine.second,
                            (mine.first == theirs.first ? "" : theirs.first + " ") + theirs.second,
                            "a run must be resumed with the options that it was started with"};
        }
    }
}

}  // namespace fovea

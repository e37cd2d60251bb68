// SPDX-License-Identifier: BSD-3-Clause
// How far is the training? A bar that is redrawn in place on a terminal, or a sparse line now and then in a file or
// pipe.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include <fovea/detail/finite.hpp>
#include <fovea/detail/joined.hpp>
#include <fovea/detail/number_text.hpp>
#include <fovea/detail/system_process.hpp>
#include <fovea/train/history.hpp>

namespace fovea {

namespace detail {

/// "1:02:03" or "4:05".
inline std::string clock_text(double seconds) {
    const auto total = static_cast<std::uint64_t>(std::clamp(is_finite(seconds) ? seconds : 0.0, 0.0, 1e9) + 0.5);
    char text[32];
    if (total >= 3600) {
        std::snprintf(text, sizeof text, "%u:%02u:%02u", static_cast<unsigned>(total / 3600),
                      static_cast<unsigned>(total / 60 % 60), static_cast<unsigned>(total % 60));
    } else {
        std::snprintf(text, sizeof text, "%u:%02u", static_cast<unsigned>(total / 60),
                      static_cast<unsigned>(total % 60));
    }
    return text;
}

}  // namespace detail

/// Progress of one phase (an epoch's steps, a validation) after another. Writes at most ten times a second to a
/// terminal and, elsewhere, at most a line every `plain_interval` seconds.
class progress_bar {
public:
    using clock = std::chrono::steady_clock;

    /// What is known after `done` of `total` steps.
    struct status {
        std::size_t done = 0;
        std::size_t total = 0;
        std::uint64_t images = 0;  ///< seen since begin()
        double loss = 0.0;         ///< mean so far
        std::span<const figure> metrics{};
        std::span<const double> values{};  ///< of the metrics, so far
    };

    /// Writes to `out`; as a terminal if `interactive`, whose width is `columns` (0: ask the terminal behind stderr).
    progress_bar(std::ostream& out, bool interactive, std::size_t columns = 0,
                 std::chrono::duration<double> plain_interval = std::chrono::seconds{30})
        : out_{&out}, interactive_{interactive}, columns_{columns}, plain_interval_{plain_interval} {}

    /// To stderr, interactive if that is a terminal.
    progress_bar() : progress_bar{std::cerr, detail::system::stderr_is_terminal()} {}

    ~progress_bar() { clear(); }
    progress_bar(const progress_bar&) = delete;
    progress_bar& operator=(const progress_bar&) = delete;

    /// Starts a phase: "epoch 3/10". `done`: steps of it that were done earlier, which the speed must not count.
    void begin(std::string label, std::size_t done = 0) {
        label_ = std::move(label);
        done_before_ = done;
        start_ = clock::now();
        last_drawn_ = start_ - std::chrono::hours{1};
        last_plain_ = start_;
    }

    void update(const status& s) {
        const auto now = clock::now();
        if (interactive_) {
            if (now - last_drawn_ >= std::chrono::milliseconds{100} || s.done >= s.total) {
                last_drawn_ = now;
                draw(s, now);
            }
        } else if (now - last_plain_ >= plain_interval_) {
            last_plain_ = now;
            *out_ << line(s, now, 0) << '\n' << std::flush;
        }
    }

    /// A line that stays, above the bar.
    void print(std::string_view text) {
        clear();
        *out_ << text << '\n' << std::flush;
    }

    /// Removes the bar from the terminal.
    void clear() {
        if (drawn_) {
            *out_ << "\r\033[K" << std::flush;
            drawn_ = false;
        }
    }

private:
    void draw(const status& s, clock::time_point now) {
        std::size_t width = columns_;
        if (width == 0) {
            width = detail::system::stderr_columns();
            width = width > 0 ? width : 80;
        }
        // One column stays free: a full line would wrap, and \r would then leave its first half behind.
        *out_ << '\r' << line(s, now, std::max<std::size_t>(width, 2) - 1) << "\033[K" << std::flush;
        drawn_ = true;
    }

    /// With width 0 no bar, for plain output; otherwise at most `width` characters, all of them ASCII.
    std::string line(const status& s, clock::time_point now, std::size_t width) const {
        const double share = s.total == 0 ? 1.0 : static_cast<double>(s.done) / static_cast<double>(s.total);
        const double seconds = std::chrono::duration<double>(now - start_).count();
        const auto done_now = static_cast<double>(s.done - std::min(done_before_, s.done));
        std::string head = label_ + " ";
        std::string tail = detail::grouped_text(s.done) + "/" + detail::grouped_text(s.total);
        if (done_now > 0.0 && seconds > 0.0) {
            tail += " ETA ";
            tail += detail::clock_text(seconds / done_now * static_cast<double>(s.total - s.done));
            const double speed = static_cast<double>(s.images) / seconds;
            tail += ' ';
            tail += detail::fixed_text(speed, speed < 100.0 ? 1 : 0) + " images/s";
        }
        if (s.images > 0) {
            tail += " loss ";
            tail += detail::fixed_text(s.loss, 4);
            for (std::size_t i = 0; i < s.metrics.size(); ++i) {
                tail +=
                    detail::joined({" ", s.metrics[i].name, " ", detail::figure_text(s.metrics[i], s.values[i], 1, 4)});
            }
        }
        constexpr std::size_t longest_bar = 30;
        constexpr std::size_t shortest_bar = 5;
        const std::size_t taken = head.size() + tail.size() + 3;  // brackets and a space
        if (taken + shortest_bar <= width) {
            const std::size_t cells = std::min(longest_bar, width - taken);
            const auto full = std::min(cells, static_cast<std::size_t>(share * static_cast<double>(cells)));
            head += '[';
            head += std::string(full, '=') + std::string(cells - full, ' ') + "] ";
        }
        std::string text = head + tail;
        text.resize(width == 0 ? text.size() : std::min(text.size(), width));
        return text;
    }

    std::ostream* out_;
    bool interactive_;
    std::size_t columns_;
    std::chrono::duration<double> plain_interval_;
    std::string label_;
    std::size_t done_before_ = 0;
    clock::time_point start_ = clock::now();
    clock::time_point last_drawn_ = start_;
    clock::time_point last_plain_ = start_;
    bool drawn_ = false;
};

}  // namespace fovea

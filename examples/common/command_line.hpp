// SPDX-License-Identifier: BSD-3-Clause
// What is the same about all programs' command lines? Options with defaults in --help, and errors as one line.
#pragma once

#include <cstddef>
#include <exception>
#include <iostream>
#include <new>
#include <string>

#include <CLI/CLI.hpp>

#include <fovea/detail/error.hpp>
#include <fovea/detail/processors.hpp>

namespace examples {

/// Exit codes: 0 done, 1 failed while running, 2 wrong command line, 128 + n ended by signal n (130: Ctrl-C).
inline constexpr int failed = 1;
inline constexpr int wrong_usage = 2;

/// 0 means: as many as processors may be used.
inline std::size_t resolved_threads(std::size_t asked) {
    return asked != 0 ? asked : fovea::detail::usable_processors();
}

inline std::string thread_text(std::size_t asked) {
    const std::size_t threads = resolved_threads(asked);
    return threads == 1 ? "one thread" : std::to_string(threads) + " threads";
}

/// Reads the command line with the options of `app` and then runs `body`; an exception of either becomes one line on
/// stderr that begins with the program's name.
template <class Body>
int run_program(CLI::App& app, int argc, char** argv, Body body) {
    app.get_formatter()->column_width(34);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& error) {
        std::cerr << app.get_name() << ": " << error.what() << "\n(" << app.get_name() << " --help lists the options)\n";
        return wrong_usage;
    }
    try {
        return body();
    } catch (const fovea::Error& error) {
        std::cerr << app.get_name() << ": " << error.what() << '\n';
    } catch (const std::bad_alloc&) {
        std::cerr << app.get_name() << ": out of memory\n";
    } catch (const std::exception& error) {
        std::cerr << app.get_name() << ": " << error.what() << '\n';
    }
    return failed;
}

}  // namespace examples

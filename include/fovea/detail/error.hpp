// SPDX-License-Identifier: BSD-3-Clause
// What does a run-time failure say? The two exception types of the library.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

namespace fovea {

/// Any failure that fovea reports at run time. Mistakes in a network's type are compile errors and never come here.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A file that cannot be read or written, or does not hold what was asked for.
///
/// `what()` reads `net.safetensors: tensor '3.weight' shape: expected [24, 16, 3, 3], got [24, 16, 5, 5]; <remedy>`,
/// and the same facts are members, so that a program can act on them without parsing text.
class FileError : public Error {
public:
    FileError(std::string file_path, std::string field_name, std::string expected_text, std::string got_text,
              std::string remedy_text = {})
        : Error(compose(file_path, field_name, expected_text, got_text, remedy_text)),
          file(std::move(file_path)),
          field(std::move(field_name)),
          expected(std::move(expected_text)),
          got(std::move(got_text)),
          remedy(std::move(remedy_text)) {}

    std::string file;      ///< path as the caller gave it
    std::string field;     ///< what was looked at: "header length", "tensor '3.weight' shape"
    std::string expected;  ///< what would have been right
    std::string got;       ///< what was there
    std::string remedy;    ///< what to do about it; may be empty

private:
    static std::string compose(const std::string& file, const std::string& field, const std::string& expected,
                               const std::string& got, const std::string& remedy) {
        std::string text = file + ": " + field + ": expected " + expected + ", got " + got;
        if (!remedy.empty()) {
            text += "; " + remedy;
        }
        return text;
    }
};

namespace detail {

/// For what runs networks, which is compiled without exceptions, too: the text on stderr and
/// the end of the program then.
template <class E>
[[noreturn]] void raise(const E& error) {
#if defined(__cpp_exceptions)
    throw error;
#else
    std::fprintf(stderr, "%s\n", error.what());
    std::abort();
#endif
}

}  // namespace detail
}  // namespace fovea

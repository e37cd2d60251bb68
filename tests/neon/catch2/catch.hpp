// SPDX-License-Identifier: BSD-3-Clause
// What stands for Catch2 where none is installed for the target processor? The few macros that kernel and engine tests
// use, by the name of version 2's header; main() is in main.cpp.
#pragma once

#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace fovea::test {

struct case_of_test {
    const char* name;
    void (*run)();
};
inline std::vector<case_of_test>& cases() {
    static std::vector<case_of_test> all;
    return all;
}
struct case_entry {
    case_entry(const char* name, void (*run)()) { cases().push_back({name, run}); }
};

inline int failures = 0;
inline std::vector<std::string> context;
struct scoped_context {
    explicit scoped_context(std::string text) { context.push_back(std::move(text)); }
    ~scoped_context() { context.pop_back(); }
    scoped_context(const scoped_context&) = delete;
    scoped_context& operator=(const scoped_context&) = delete;
};
inline void fail(const std::string& what) {
    ++failures;
    std::cerr << "FAILED: " << what << '\n';
    for (const std::string& line : context) {
        std::cerr << "    " << line << '\n';
    }
}

}  // namespace fovea::test

#define FOVEA_JOINED_(a, b) a##b
#define FOVEA_JOINED(a, b) FOVEA_JOINED_(a, b)
#define FOVEA_TEXT_OF(message) (static_cast<std::ostringstream&&>(std::ostringstream() << message)).str()
#define FOVEA_TEST_CASE(function, name)                                                      \
    static void function();                                                                  \
    static const ::fovea::test::case_entry FOVEA_JOINED(function, _entry)(name, &function); \
    static void function()
#define TEST_CASE(name) FOVEA_TEST_CASE(FOVEA_JOINED(fovea_test_case_, __LINE__), name)
#define INFO(message) \
    const ::fovea::test::scoped_context FOVEA_JOINED(fovea_context_, __LINE__)(FOVEA_TEXT_OF(message))
#define FAIL_CHECK(message) ::fovea::test::fail(FOVEA_TEXT_OF(message))
#define CHECK(...)                           \
    do {                                     \
        if (!(__VA_ARGS__)) {                \
            ::fovea::test::fail(#__VA_ARGS__); \
        }                                    \
    } while (false)

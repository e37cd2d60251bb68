# SPDX-License-Identifier: BSD-3-Clause
# How does COMPILER compile the mistakes? compile: a command without a file; compiler_is_clang.
set(compile "${COMPILER}" -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow "-I${INCLUDE}")
execute_process(COMMAND "${COMPILER}" --version OUTPUT_VARIABLE version)
string(FIND "${version}" clang compiler_is_clang)
if(compiler_is_clang EQUAL -1)
    set(compiler_is_clang FALSE)
else()
    set(compiler_is_clang TRUE)
endif()

# SPDX-License-Identifier: BSD-3-Clause
# Is a mistake refused as its file says, and its corrected twin accepted?
#   cmake -DCOMPILER=g++ -DSOURCE=groups_of_input.cpp -DINCLUDE=include -P check.cmake
# Compiles SOURCE as it is: it must fail with one `error:` (or as many as `// errors: N` says), say every `// expect:`
# text and take at most 25 lines an error. Then with -DCORRECTED: it must compile without a word.
# The texts are literal. Before the comparison, what two compilers spell differently is made equal: "fovea::" and quotes
# go, "> >" becomes ">>". -DSHOW=ON prints the message.
cmake_minimum_required(VERSION 3.25)

set(most_lines 25)
set(command "${COMPILER}" -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -fsyntax-only
    "-I${INCLUDE}" "${SOURCE}")
cmake_path(GET SOURCE FILENAME name)

file(STRINGS "${SOURCE}" expected REGEX "^// expect: ")
file(STRINGS "${SOURCE}" errors_expected REGEX "^// errors: [0-9]+$")
if(errors_expected)
    string(REGEX REPLACE "^// errors: " "" errors_expected "${errors_expected}")
else()
    set(errors_expected 1)
endif()
if(NOT expected)
    message(FATAL_ERROR "${name}: no line `// expect: text`")
endif()

execute_process(COMMAND ${command} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(SHOW)
    message("${output}")
endif()
if(status EQUAL 0)
    message(FATAL_ERROR "${name}: the mistake was accepted")
endif()

# Counted as single characters: CMake's lists would trip over ; and [ in the text.
string(REGEX REPLACE "[][;]" " " plain "${output}")
string(REGEX MATCHALL "error: " errors "${plain}")
list(LENGTH errors error_count)
string(REGEX MATCHALL "\n" lines "${plain}")
list(LENGTH lines line_count)
math(EXPR lines_allowed "${most_lines} * ${errors_expected}")
if(NOT error_count EQUAL errors_expected)
    message(FATAL_ERROR "${name}: ${error_count} errors instead of ${errors_expected}:\n${output}")
endif()
if(line_count GREATER lines_allowed)
    message(FATAL_ERROR "${name}: ${line_count} lines, more than ${lines_allowed}:\n${output}")
endif()

# Text that the compiler quotes from a source file (after "NN |" or indented) is not what it says.
string(REGEX REPLACE "\n +[0-9]* \\|[^\n]*" "" said "\n${output}")
string(REPLACE "fovea::" "" said "${said}")
foreach(round IN ITEMS 1 2 3 4)
    string(REPLACE "> >" ">>" said "${said}")
endforeach()
foreach(line IN LISTS expected)
    string(REGEX REPLACE "^// expect: " "" text "${line}")
    string(FIND "${said}" "${text}" at)
    if(at EQUAL -1)
        message(FATAL_ERROR "${name}: expected\n  ${text}\nin\n${output}")
    endif()
endforeach()

execute_process(COMMAND ${command} -DCORRECTED RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT status EQUAL 0 OR NOT output STREQUAL "")
    message(FATAL_ERROR "${name}: the corrected twin does not compile without a word:\n${output}")
endif()
message(STATUS "${name}: refused in ${line_count} lines, its twin accepted")

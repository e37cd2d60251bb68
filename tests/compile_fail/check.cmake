# SPDX-License-Identifier: BSD-3-Clause
# Is a mistake refused as its file says, and its corrected twin accepted?
#   cmake -DCOMPILER=g++ -DSOURCE=groups_of_input.cpp -DINCLUDE=include [-DPRECOMPILED=folder] -P check.cmake
# Compiles SOURCE as it is: it must fail with one `error:` (or as many as `// errors: N` says), say every `// expect:`
# text and take at most 25 lines an error (or as many as `// lines: N` says). Where a text says {layer<1>}, the place of the mistake, this is done again
# with -DNESTED: place.hpp has then put the bricks into three containers, and the text must say
# path<layer<7>, branch<1>, layer<2>, body, layer<1>>. Texts of one of the two only are in `// expect flat:` and
# `// expect nested:`. Then with -DCORRECTED: it must compile without a word.
# The texts are literal. Before the comparison, what two compilers spell differently is made equal: namespaces and
# quotes go, "> >" becomes ">>". -DSHOW=ON prints the messages.
cmake_minimum_required(VERSION 3.25)

include("${CMAKE_CURRENT_LIST_DIR}/command.cmake")

set(most_lines 25)
set(command ${compile} -fsyntax-only)
if(PRECOMPILED AND compiler_is_clang)
    file(STRINGS "${SOURCE}" includes REGEX "^#include <fovea/(dsl|fovea)\\.hpp>")
    if(includes MATCHES "<(fovea/[a-z]+\\.hpp)>")
        list(APPEND command -include-pch "${PRECOMPILED}/${CMAKE_MATCH_1}.pch")
    endif()
elseif(PRECOMPILED)
    list(INSERT command 1 "-I${PRECOMPILED}")
endif()
list(APPEND command "${SOURCE}")
cmake_path(GET SOURCE FILENAME name)
set(outside "layer<7>, branch<1>, layer<2>, body, ")

file(STRINGS "${SOURCE}" errors_expected REGEX "^// errors: [0-9]+$")
if(errors_expected)
    string(REGEX REPLACE "^// errors: " "" errors_expected "${errors_expected}")
else()
    set(errors_expected 1)
endif()
file(STRINGS "${SOURCE}" lines_expected REGEX "^// lines: [0-9]+$")
if(lines_expected)
    string(REGEX REPLACE "^// lines: " "" most_lines "${lines_expected}")
endif()
math(EXPR lines_allowed "${most_lines} * ${errors_expected}")

# The texts that are expected at this depth, with places written out; none if the file has no such depth.
function(expected_texts depth)
    file(STRINGS "${SOURCE}" lines REGEX "^// expect( ${depth})?: ")
    file(STRINGS "${SOURCE}" places REGEX "^// expect( nested:|.*{)")
    set(texts "")
    foreach(line IN LISTS lines)
        string(REGEX REPLACE "^// expect[a-z ]*: " "" text "${line}")
        if(depth STREQUAL "nested")
            string(REGEX REPLACE "{([^}]*)}" "path<${outside}\\1>" text "${text}")
        else()
            string(REGEX REPLACE "{([^},]*)}" "\\1" text "${text}")
            string(REGEX REPLACE "{([^}]*)}" "path<\\1>" text "${text}")
        endif()
        list(APPEND texts "${text}")
    endforeach()
    if(depth STREQUAL "nested" AND NOT places)
        set(texts "")
    endif()
    set(texts "${texts}" PARENT_SCOPE)
endfunction()

set(report "")
foreach(depth IN ITEMS flat nested)
    expected_texts(${depth})
    if(NOT texts)
        if(depth STREQUAL "flat")
            message(FATAL_ERROR "${name}: no line `// expect: text`")
        endif()
        break()
    endif()
    set(compile ${command})
    if(depth STREQUAL "nested")
        list(APPEND compile -DNESTED)
    endif()

    execute_process(COMMAND ${compile} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(SHOW)
        message("${output}")
    endif()
    if(status EQUAL 0)
        message(FATAL_ERROR "${name}, ${depth}: the mistake was accepted")
    endif()

    # Counted as single characters: CMake's lists would trip over ; and [ in the text.
    string(REGEX REPLACE "[][;]" " " plain "${output}")
    string(REGEX MATCHALL "error: " errors "${plain}")
    list(LENGTH errors error_count)
    string(REGEX MATCHALL "\n" lines "${plain}")
    list(LENGTH lines line_count)
    if(NOT error_count EQUAL errors_expected)
        message(FATAL_ERROR "${name}, ${depth}: ${error_count} errors instead of ${errors_expected}:\n${output}")
    endif()
    if(line_count GREATER lines_allowed)
        message(FATAL_ERROR "${name}, ${depth}: ${line_count} lines, more than ${lines_allowed}:\n${output}")
    endif()

    # Text that the compiler quotes from a source file (after "NN |" or indented) is not what it says.
    string(REGEX REPLACE "\n +[0-9]* \\|[^\n]*" "" said "\n${output}")
    string(REPLACE "fovea::" "" said "${said}")
    string(REPLACE "why::" "" said "${said}")
    foreach(round IN ITEMS 1 2 3 4 5 6)
        string(REPLACE "> >" ">>" said "${said}")
    endforeach()
    foreach(text IN LISTS texts)
        string(FIND "${said}" "${text}" at)
        if(at EQUAL -1)
            message(FATAL_ERROR "${name}, ${depth}: expected\n  ${text}\nin\n${output}")
        endif()
    endforeach()

    list(APPEND report "${depth} in ${line_count} lines")
endforeach()

execute_process(COMMAND ${command} -DCORRECTED RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT status EQUAL 0 OR NOT output STREQUAL "")
    message(FATAL_ERROR "${name}: the corrected twin does not compile without a word:\n${output}")
endif()
list(JOIN report ", " report)
message(STATUS "${name}: refused ${report}, its twin accepted")

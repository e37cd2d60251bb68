# SPDX-License-Identifier: BSD-3-Clause
# Does the compiler print the networks as expected.txt has them, at -O0 and -O2, without a warning, and nothing unasked?
#   cmake -DCOMPILER=g++ -DINCLUDE=include -DWORK=/tmp -P check.cmake      (-DUPDATE=ON writes expected.txt anew)
cmake_minimum_required(VERSION 3.25)

set(here "${CMAKE_CURRENT_LIST_DIR}")
cmake_path(GET COMPILER FILENAME compiler_name)
set(object "${WORK}/print_${compiler_name}.o")

function(compile source level)
    execute_process(
        COMMAND "${COMPILER}" -std=c++20 ${level} -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror "-I${INCLUDE}"
            -c "${here}/${source}" -o "${object}"
        RESULT_VARIABLE status OUTPUT_VARIABLE printed ERROR_VARIABLE complaints)
    if(NOT status EQUAL 0 OR NOT complaints STREQUAL "")
        message(FATAL_ERROR "${compiler_name} ${level} ${source}: status ${status}\n${complaints}")
    endif()
    set(printed "${printed}" PARENT_SCOPE)
endfunction()

foreach(level IN ITEMS -O0 -O2)
    compile(networks.cpp ${level})
    if(UPDATE)
        file(WRITE "${here}/expected.txt" "${printed}")
    endif()
    file(READ "${here}/expected.txt" expected)
    if(NOT printed STREQUAL expected)
        message(FATAL_ERROR "${compiler_name} ${level}: expected\n${expected}\ngot\n${printed}")
    endif()
    compile(silent.cpp ${level})
    if(NOT printed STREQUAL "")
        message(FATAL_ERROR "${compiler_name} ${level}: printed though nobody asked:\n${printed}")
    endif()
endforeach()
file(REMOVE "${object}")
message(STATUS "${compiler_name}: the same lines at -O0 and -O2")

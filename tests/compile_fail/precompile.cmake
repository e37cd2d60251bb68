# SPDX-License-Identifier: BSD-3-Clause
# Precompiles what the mistakes include: a refusal then takes a fifth of the time.
#   cmake -DCOMPILER=g++ -DINCLUDE=include -DPRECOMPILED=folder -P precompile.cmake
# g++ finds folder/fovea/dsl.hpp.gch where the file includes <fovea/dsl.hpp>; clang++ is given folder/fovea/dsl.hpp.pch.
cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/command.cmake")

file(REMOVE_RECURSE "${PRECOMPILED}")
file(MAKE_DIRECTORY "${PRECOMPILED}/fovea")
foreach(header IN ITEMS dsl fovea)
    if(compiler_is_clang)
        set(output "${PRECOMPILED}/fovea/${header}.hpp.pch")
    else()
        set(output "${PRECOMPILED}/fovea/${header}.hpp.gch")
    endif()
    execute_process(COMMAND ${compile} -x c++-header "${INCLUDE}/fovea/${header}.hpp" -o "${output}"
        RESULT_VARIABLE status OUTPUT_VARIABLE output_text ERROR_VARIABLE output_text)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "fovea/${header}.hpp does not compile:\n${output_text}")
    endif()
endforeach()

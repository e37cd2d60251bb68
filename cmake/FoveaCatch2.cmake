# SPDX-License-Identifier: BSD-3-Clause
# Which Catch2 is there? The target fovea_catch2 has the headers and main() for v3 and for v2 with or without its library.
# (tests/catch.hpp does the same for the name of the header.)
find_package(Catch2 REQUIRED)
add_library(fovea_catch2 INTERFACE)
if(TARGET Catch2::Catch2WithMain)
    target_link_libraries(fovea_catch2 INTERFACE Catch2::Catch2WithMain)
else()
    file(WRITE "${CMAKE_CURRENT_BINARY_DIR}/catch_main.cpp" "#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>\n")
    add_library(fovea_catch2_main STATIC "${CMAKE_CURRENT_BINARY_DIR}/catch_main.cpp")
    target_link_libraries(fovea_catch2_main PUBLIC Catch2::Catch2)
    target_link_libraries(fovea_catch2 INTERFACE fovea_catch2_main)
endif()

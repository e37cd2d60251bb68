# SPDX-License-Identifier: BSD-3-Clause
# Where do the dependencies come from, and what are they called? Used by the build and, installed, by find_package(fovea).
#
# Target names differ between releases: xtensor and xsimd up to 13 (Debian's too) have no namespace, xsimd 14 has one. fovea
# links to fovea::dependency_<name>, made here.

# A target of our own name in front of the first of the given targets that exists.
function(fovea_alias_dependency name)
    if(TARGET fovea::dependency_${name})
        return()
    endif()
    foreach(candidate IN LISTS ARGN)
        if(TARGET ${candidate})
            # GLOBAL, so that a project that adds fovea as a subdirectory sees it too.
            add_library(fovea::dependency_${name} INTERFACE IMPORTED GLOBAL)
            target_link_libraries(fovea::dependency_${name} INTERFACE ${candidate})
            return()
        endif()
    endforeach()
endfunction()

# fovea_find_dependencies(core|train|pictures [REQUIRED]): afterwards fovea_dependencies_missing lists what was not found.
macro(fovea_find_dependencies fovea_part)
    set(fovea_dependencies_missing "")
    # Imported targets must be visible to whoever links to fovea from another directory.
    set(fovea_saved_targets_global "${CMAKE_FIND_PACKAGE_TARGETS_GLOBAL}")
    set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL TRUE)
    if("${fovea_part}" STREQUAL "core")
        if(NOT TARGET xtensor AND NOT TARGET xtensor::xtensor)
            find_package(xtensor QUIET CONFIG)
        endif()
        if(NOT TARGET xsimd AND NOT TARGET xsimd::xsimd)
            find_package(xsimd QUIET CONFIG)
        endif()
        find_package(Threads QUIET)
        fovea_alias_dependency(xtensor xtensor::xtensor xtensor)
        fovea_alias_dependency(xsimd xsimd::xsimd xsimd)
        foreach(fovea_pair IN ITEMS
                "fovea::dependency_xtensor=xtensor (Debian: libxtensor-dev)"
                "fovea::dependency_xsimd=xsimd (Debian: libxsimd-dev)"
                "Threads::Threads=Threads")
            string(REGEX MATCH "^([^=]*)=(.*)$" fovea_pair_match "${fovea_pair}")
            if(NOT TARGET ${CMAKE_MATCH_1})
                list(APPEND fovea_dependencies_missing "${CMAKE_MATCH_2}")
            endif()
        endforeach()
    elseif("${fovea_part}" STREQUAL "train")
        find_package(ZLIB QUIET)
        if(NOT TARGET ZLIB::ZLIB)
            list(APPEND fovea_dependencies_missing "zlib (Debian: zlib1g-dev)")
        endif()
    else()
        find_package(PNG QUIET)
        if(NOT TARGET PNG::PNG)
            list(APPEND fovea_dependencies_missing "libpng (Debian: libpng-dev)")
        endif()
    endif()
    set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL "${fovea_saved_targets_global}")
    if(fovea_dependencies_missing AND "${ARGN}" STREQUAL "REQUIRED")
        list(JOIN fovea_dependencies_missing "\n  " fovea_missing_text)
        message(FATAL_ERROR "fovea needs what was not found:\n  ${fovea_missing_text}\n"
            "scripts/setup installs it on Debian and Ubuntu; elsewhere name its place in CMAKE_PREFIX_PATH.\n"
            "Without tests, examples and benchmarks (-DFOVEA_BUILD_TESTS=OFF -DFOVEA_BUILD_EXAMPLES=OFF -DFOVEA_BUILD_BENCH=OFF)"
            " fovea::dsl needs none of it.")
    endif()
endmacro()

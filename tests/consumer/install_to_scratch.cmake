# SPDX-License-Identifier: BSD-3-Clause
# Installs BUILD_DIR into the emptied PREFIX. With SOURCE_DIR, BUILD_DIR is configured anew where none of the dependencies is found.
file(REMOVE_RECURSE "${PREFIX}")
if(SOURCE_DIR)
    file(REMOVE_RECURSE "${BUILD_DIR}")
    set(hidden "")
    foreach(package IN ITEMS xtensor xsimd nlohmann_json Threads PNG ZLIB)
        list(APPEND hidden "-DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON")
    endforeach()
    execute_process(COMMAND "${CMAKE_COMMAND}" -S "${SOURCE_DIR}" -B "${BUILD_DIR}" -G "${GENERATOR}" --no-warn-unused-cli
        "-DCMAKE_CXX_COMPILER=${COMPILER}" -DFOVEA_BUILD_TESTS=OFF -DFOVEA_BUILD_EXAMPLES=OFF -DFOVEA_BUILD_BENCH=OFF ${hidden}
        OUTPUT_QUIET ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${PREFIX}" --config "${CONFIG}"
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
foreach(file IN ITEMS include/fovea/dsl.hpp include/fovea/version.hpp share/cmake/fovea/foveaConfig.cmake
        share/cmake/fovea/foveaConfigVersion.cmake share/cmake/fovea/FoveaDependencies.cmake
        share/cmake/fovea/FoveaModel.cmake share/cmake/fovea/model/isolate.cmake share/pkgconfig/fovea.pc)
    if(NOT EXISTS "${PREFIX}/${file}")
        message(FATAL_ERROR "not installed: ${file}")
    endif()
endforeach()
find_program(PKG_CONFIG pkg-config)
if(PKG_CONFIG)
    set(ENV{PKG_CONFIG_PATH} "${PREFIX}/share/pkgconfig")
    execute_process(COMMAND "${PKG_CONFIG}" --variable=includedir fovea
        OUTPUT_VARIABLE includedir OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    if(NOT EXISTS "${includedir}/fovea/dsl.hpp")
        message(FATAL_ERROR "pkg-config says that the headers are in ${includedir}")
    endif()
endif()

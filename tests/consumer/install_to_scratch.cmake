# SPDX-License-Identifier: BSD-3-Clause
# Installs BUILD_DIR into the emptied PREFIX.
file(REMOVE_RECURSE "${PREFIX}")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${PREFIX}" --config "${CONFIG}"
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
foreach(file IN ITEMS include/fovea/dsl.hpp include/fovea/version.hpp share/cmake/fovea/foveaConfig.cmake
        share/cmake/fovea/foveaConfigVersion.cmake share/cmake/fovea/FoveaDependencies.cmake
        share/cmake/fovea/FoveaModel.cmake share/cmake/fovea/model/isolate.cmake)
    if(NOT EXISTS "${PREFIX}/${file}")
        message(FATAL_ERROR "not installed: ${file}")
    endif()
endforeach()

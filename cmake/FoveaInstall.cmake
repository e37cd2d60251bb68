# SPDX-License-Identifier: BSD-3-Clause
# What is installed: the headers, a CMake package of four components (see foveaConfig.cmake.in), fovea_add_model, and a file for
# pkg-config.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(fovea_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/fovea")

install(TARGETS fovea_dsl EXPORT foveaDslTargets FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(EXPORT foveaDslTargets NAMESPACE fovea:: DESTINATION "${fovea_package_dir}")
if(TARGET fovea)
    install(TARGETS fovea EXPORT foveaTargets FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    install(EXPORT foveaTargets NAMESPACE fovea:: DESTINATION "${fovea_package_dir}")
endif()
foreach(part IN ITEMS train pictures)
    if(TARGET fovea_${part}_headers)
        install(TARGETS fovea_${part}_headers EXPORT fovea_${part}_targets FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
        install(EXPORT fovea_${part}_targets NAMESPACE fovea:: DESTINATION "${fovea_package_dir}")
    endif()
endforeach()

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/foveaConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/foveaConfig.cmake" INSTALL_DESTINATION "${fovea_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/foveaConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
    "${PROJECT_BINARY_DIR}/foveaConfig.cmake"
    "${PROJECT_BINARY_DIR}/foveaConfigVersion.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/FoveaDependencies.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/FoveaModel.cmake"
    DESTINATION "${fovea_package_dir}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/cmake/model" DESTINATION "${fovea_package_dir}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/fovea.pc.in" "${PROJECT_BINARY_DIR}/fovea.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/fovea.pc" DESTINATION "${CMAKE_INSTALL_DATADIR}/pkgconfig")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/fovea")

# find_package(gradkeep CONFIG): core and flow with their public headers, and the C interface.
# SPDX-License-Identifier: Apache-2.0
include(CMakePackageConfigHelpers)

install(TARGETS gradkeep_core gradkeep_flow EXPORT gradkeep-targets)
if(TARGET gradkeep_c)
  install(TARGETS gradkeep_c EXPORT gradkeep-targets)
endif()
install(DIRECTORY core/include/ flow/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT gradkeep-targets NAMESPACE gradkeep:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/gradkeep)
configure_package_config_file(cmake/gradkeep-config.cmake.in gradkeep-config.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/gradkeep)
write_basic_package_version_file(gradkeep-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/gradkeep-config.cmake ${PROJECT_BINARY_DIR}/gradkeep-config-version.cmake
              cmake/gradkeep_conformance.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/gradkeep)
if(TARGET gradkeep_cli)
  install(TARGETS gradkeep_cli)
endif()

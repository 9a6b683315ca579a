# SPDX-License-Identifier: Apache-2.0
# cmake --install, and find_package(pushforward) afterwards.
include(CMakePackageConfigHelpers)

install(TARGETS pushforward EXPORT pushforward-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET pushforward_cli)
  install(TARGETS pushforward_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY include/pushforward DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pushforward)
install(EXPORT pushforward-targets NAMESPACE pushforward:: DESTINATION ${package_dir})
configure_package_config_file(cmake/pushforward-config.cmake.in pushforward-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(pushforward-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES cmake/FindoneDNN.cmake ${PROJECT_BINARY_DIR}/pushforward-config.cmake
              ${PROJECT_BINARY_DIR}/pushforward-config-version.cmake DESTINATION ${package_dir})

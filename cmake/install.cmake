# SPDX-License-Identifier: Apache-2.0
# cmake --install, and find_package(pushforward) afterwards.
include(CMakePackageConfigHelpers)

install(TARGETS pushforward EXPORT pushforward-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
                                                       LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET pushforward_cli)
  install(TARGETS pushforward_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY include/pushforward DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pushforward)
install(EXPORT pushforward-targets NAMESPACE pushforward:: DESTINATION ${package_dir})
configure_package_config_file(cmake/pushforward-config.cmake.in pushforward-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(pushforward-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/pushforward-config.cmake ${PROJECT_BINARY_DIR}/pushforward-config-version.cmake
        DESTINATION ${package_dir})

# pkg-config, for builds without CMake.
list(TRANSFORM pushforward_link_names PREPEND -l OUTPUT_VARIABLE private_libraries)
list(JOIN private_libraries " " private_libraries)
if(NOT BUILD_SHARED_LIBS)
  set(public_libraries " ${private_libraries}")
endif()
configure_file(cmake/pushforward.pc.in pushforward.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/pushforward.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# cpack -G DEB: what dpkg-shlibdeps finds is what the package needs.
set(CPACK_PACKAGE_NAME pushforward)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_CONTACT "The Pushforward authors")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)

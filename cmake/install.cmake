# SPDX-License-Identifier: Apache-2.0
# cmake --install, and find_package(pushforward) afterwards.
include(CMakePackageConfigHelpers)

install(TARGETS pushforward EXPORT pushforward-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
                                                       LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET pushforward_cli)
  install(TARGETS pushforward_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  # The manual page and the completions are what the program says of itself.
  set(manual ${PROJECT_BINARY_DIR}/manual)
  install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" \"-DPROGRAM=$<TARGET_FILE:pushforward_cli>\"
                  \"-DFOLDER=${manual}\" -P \"${PROJECT_SOURCE_DIR}/cmake/manual.cmake\" COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${manual}/pushforward.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${manual}/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
          RENAME pushforward)
  install(FILES ${manual}/completion.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions
          RENAME _pushforward)
  install(FILES ${manual}/completion.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
          RENAME pushforward.fish)
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

# SPDX-License-Identifier: Apache-2.0
# Warnings and sanitizers, for our own targets only.
add_library(pushforward_warnings INTERFACE)
target_compile_options(pushforward_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # g++'s -Wconversion leaves the sign alone; clang's does not, and would ask for a cast at every 32-bit index.
  target_compile_options(pushforward_warnings INTERFACE -Wno-sign-conversion)
endif()
if(PUSHFORWARD_WERROR)
  target_compile_options(pushforward_warnings INTERFACE -Werror)
endif()
if(PUSHFORWARD_SANITIZE)
  # Line tables only: full variable tracking of instrumented Eigen code takes minutes and gigabytes a file.
  add_compile_options(-fsanitize=${PUSHFORWARD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g1
                      -fno-var-tracking-assignments)
  add_link_options(-fsanitize=${PUSHFORWARD_SANITIZE})
endif()

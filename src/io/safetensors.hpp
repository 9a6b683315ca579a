// SPDX-License-Identifier: Apache-2.0
//
// safetensors [Hugging Face, github.com/huggingface/safetensors, README "Format"]: named arrays that any peer
// opens.
//
// Eight bytes (little-endian) give the length of a JSON header {"name": {"dtype": "F32", "shape": [400, 784],
// "data_offsets": [0, 1254400]}, …, "__metadata__": {"key": "text"}}; the elements follow, little-endian, in
// C order, without holes or overlaps. Nothing in it can execute, which is why it was chosen over pickles, and
// it needs no library beyond a JSON parser.
//
// What this program writes carries its own sum in the metadata: "xxh64", the XXH64 of the whole file with the
// sum's sixteen digits as zeros, and "xxh64_of", which says so. A file with both is checked when it is read;
// one with neither is another program's (or an earlier version's) and is taken as it is; one with one of them
// is damaged.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "io/array.hpp"

namespace pushforward::io {

using Metadata = std::map<std::string, std::string>;
using NamedArrays = std::vector<std::pair<std::string, ArrayView>>;

/// What a file holds; arrays borrow `bytes` (empty when parsed from a span), in the order in which they lie
/// there.
struct Safetensors {
  Bytes bytes{};
  NamedArrays arrays{};
  Metadata metadata{};                                    ///< without the sum
  bool summed = false;                                    ///< it had one, and it was right
  std::string where{};                                    ///< the file's name, for errors
  std::unordered_map<std::string, std::size_t> places{};  ///< of the arrays, by name

  /// The array called `name`, or null.
  const ArrayView* find(std::string_view name) const;
  /// The array called `name`; RequestError when there is none, or another shape or type than wanted.
  const ArrayView& get(std::string_view name, Dtype dtype, std::span<const std::size_t> shape) const;
  /// A text of the metadata; RequestError when there is none.
  const std::string& text(std::string_view key) const;
};

Safetensors parse_safetensors(ByteSpan bytes, std::string_view where);
Safetensors read_safetensors(const std::string& path);

/// Replaces the file `path`, atomically. Arrays lie in the order given, each from a multiple of 8 bytes where
/// the sizes of those before allow it. RequestError where their names and shapes take more than any reader
/// here takes.
void write_safetensors(const std::string& path, const NamedArrays& arrays, const Metadata& metadata = {});

}  // namespace pushforward::io

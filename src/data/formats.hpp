// SPDX-License-Identifier: Apache-2.0
//
// The table of files that hold rows: a new format is one file and one line.
//
// A file is known by its name's ending and, where that says nothing, by its first bytes. Formats that have to
// be written anew (PyTorch's, MATLAB's, …) are rows, too: their reader says how. Pictures have a table of
// their own (io/image_format.hpp).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/bytes.hpp"
#include "pushforward/data.hpp"

namespace pushforward::data {

/// What is asked of a file's reader.
struct FileRequest {
  std::string path;
  std::string key{};  ///< of FILE:KEY
  const LoadOptions& options;
  std::string_view layout{};  ///< --layout, "" = guessed
};

/// Rows to be written.
struct FileRows {
  View<const float> rows;
  RowShape shape{};
  std::vector<std::string> columns{};  ///< names; empty = x0, x1, …
  std::vector<std::string> names{};    ///< of the files that rows came from
};

enum class Holds { table, array, nothing };

struct FileFormat {
  std::string_view name;                             ///< "NPY"; "" where it cannot be read
  Holds holds = Holds::array;                        ///< which options it takes
  std::vector<std::string_view> endings;             ///< ".npy"
  bool keyed = false;                                ///< holds several arrays: FILE:KEY
  bool (*named)(std::string_view path) = nullptr;    ///< where the ending alone does not tell
  bool (*begins)(std::string_view start) = nullptr;  ///< by its first 128 bytes; null: they do not tell
  Dataset (*read)(const FileRequest& request);
  std::vector<std::string_view> written{};  ///< endings that `write` has: ".npy"
  void (*write)(const std::string& path, const FileRows& rows) = nullptr;
};

/// In the order in which they are asked.
std::span<const FileFormat> file_formats();

/// By its name, or null; `source` may be FILE:KEY, which `path` and `key` become.
const FileFormat* format_named(std::string_view source, std::string* path = nullptr,
                               std::string* key = nullptr);
/// By its first bytes, or null.
const FileFormat* format_of(io::ByteSpan bytes);
/// Of those that are written, by its name, or null.
const FileFormat* written_format(std::string_view path);
/// "NPY, NPZ, safetensors": those that hold such.
std::string format_names(Holds holds);

/// Those that have to be written anew.
std::vector<FileFormat> foreign_formats();

}  // namespace pushforward::data

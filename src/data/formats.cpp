// SPDX-License-Identifier: Apache-2.0
#include "data/formats.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/row.hpp"
#include "io/ending.hpp"

namespace pushforward::data {
namespace {

bool ends_as(const std::vector<std::string_view>& endings, std::string_view path) {
  return std::ranges::any_of(endings, [&](auto ending) { return io::has_ending(path, ending); });
}

}  // namespace

#define ROW(name) PUSHFORWARD_ROW(FileFormat, name)

std::span<const FileFormat> file_formats() {
  static const std::vector<FileFormat> table = [] {
    std::vector<FileFormat> rows = {
        ROW(npy_format),          //
        ROW(npz_format),          //
        ROW(safetensors_format),  //
        ROW(table_format),        //
        ROW(idx_format),          //
    };
    for (FileFormat& row : foreign_formats()) rows.push_back(std::move(row));
    return rows;
  }();
  return table;
}

const FileFormat* format_named(std::string_view source, std::string* path, std::string* key) {
  const std::size_t colon = source.rfind(':');
  for (const FileFormat& format : file_formats()) {
    const bool whole = ends_as(format.endings, source) || (format.named != nullptr && format.named(source));
    const bool keyed =
        !whole && format.keyed && colon != source.npos && ends_as(format.endings, source.substr(0, colon));
    if (!whole && !keyed) continue;
    if (path != nullptr) *path = whole ? source : source.substr(0, colon);
    if (key != nullptr) *key = whole ? "" : source.substr(colon + 1);
    return &format;
  }
  return nullptr;
}

const FileFormat* written_format(std::string_view path) {
  for (const FileFormat& format : file_formats())
    if (ends_as(format.written, path)) return &format;
  return nullptr;
}

const FileFormat* format_of(io::ByteSpan bytes) {
  const std::string_view start = io::text_of(bytes.first(std::min<std::size_t>(bytes.size(), 128)));
  for (const FileFormat& format : file_formats())
    if (format.begins != nullptr && format.begins(start)) return &format;
  return nullptr;
}

std::string format_names(Holds holds) {
  std::string text;
  for (const FileFormat& format : file_formats())
    if (format.holds == holds && !format.name.empty())
      text += fmt::format("{}{}", text.empty() ? "" : ", ", format.name);
  return text;
}

}  // namespace pushforward::data

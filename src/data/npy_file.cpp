// SPDX-License-Identifier: Apache-2.0
// NPY: one array, NumPy's own format.
#include "data/formats.hpp"
#include "data/parts.hpp"
#include "io/npy.hpp"

namespace pushforward::data {
namespace {

std::vector<std::size_t> array_shape(std::size_t n, RowShape shape) {
  if (!shape.image) return {n, shape.size()};
  if (shape.channels == 1) return {n, shape.height, shape.width};
  return {n, shape.height, shape.width, shape.channels};
}

Dataset read(const FileRequest& request) {
  return from_array(io::read_npy(request.path).array, request.path, request.layout);
}

void write(const std::string& path, const FileRows& how) {
  io::write_npy(path, {std::span<const float>(how.rows.span()), array_shape(how.rows.rows, how.shape)});
}

}  // namespace

FileFormat npy_format() {
  return {.name = "NPY",
          .endings = {".npy"},
          .begins = [](std::string_view start) { return start.starts_with("\x93NUMPY"); },
          .read = read,
          .written = {".npy"},
          .write = write};
}

}  // namespace pushforward::data

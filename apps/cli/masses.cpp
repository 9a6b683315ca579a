// SPDX-License-Identifier: Apache-2.0
// Reading known distributions from text and files.
#include "masses.hpp"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

#include "pushforward/data.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/error.hpp"
#include "pushforward/spec.hpp"

namespace pushforward::cli {
namespace {

// NaN and infinities are read as such, so that the check of masses can name the entry.
double number_or_nan(std::string_view text, std::string_view where) {
  if (text == "nan" || text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "inf" || text == "-inf") return text[0] == '-' ? -INFINITY : INFINITY;
  return parse_number(text, where);
}

double parse_entry(std::string text, const std::string& where) {
  while (!text.empty() && text.front() == ' ') text.erase(0, 1);
  while (!text.empty() && text.back() == ' ') text.pop_back();
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return number_or_nan(text, where);
  return parse_number(text.substr(0, slash), where) / parse_number(text.substr(slash + 1), where);
}

bool is_text(const std::string& argument) {
  std::error_code ignored;  // a long vector is no name that a file can have
  if (std::filesystem::exists(argument, ignored)) return false;
  return argument.find_first_not_of("0123456789.+-eE/,; ") == std::string::npos ||
         argument.find_first_of(",;") != std::string::npos;
}

Masses parse_text(const std::string& argument, const std::string& name) {
  Masses masses;
  const std::vector<std::string> rows = split(argument, ';');
  masses.rows = rows.size();
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::vector<std::string> cells = split(rows[r], ',');
    if (r == 0) masses.columns = cells.size();
    if (cells.size() != masses.columns)
      throw RequestError(Complaint{name,
                                   fmt::format("{} numbers in row {} (counting from 0)", cells.size(), r),
                                   fmt::format("{}, as in row 0", masses.columns)});
    for (const std::string& cell : cells)
      masses.values.push_back(
          parse_entry(cell, fmt::format("{}: entry {} (counting from 0)", name, masses.values.size())));
  }
  return masses;
}

Masses parse_file(const std::string& argument) {
  const Matrix<double> data = load_data(argument).doubles();
  return {{data.span().begin(), data.span().end()}, data.rows(), data.cols()};
}

}  // namespace

bool is_number_text(const std::string& argument) {
  return !std::filesystem::exists(argument) && argument.find(',') != std::string::npos &&
         argument.find_first_not_of("0123456789.+-eE/,; ") == std::string::npos;
}

Masses read_numbers(const std::string& argument, const std::string& name) {
  return is_text(argument) ? parse_text(argument, name) : parse_file(argument);
}

Masses read_masses(const std::string& argument, const std::string& name, bool normalize) {
  Masses masses = read_numbers(argument, name);
  const std::string where = is_text(argument) ? name : name + " (" + argument + ")";
  const std::size_t columns = masses.is_table() ? masses.columns : 0;
  masses.values = distribution_of(where, masses.values, {.normalize = normalize, .columns = columns});
  return masses;
}

void check_same_values(const Masses& p, const Masses& q, const std::string& name) {
  const bool tables = p.is_table() || q.is_table();
  if (p.values.size() == q.values.size() && (!tables || p.rows == q.rows)) return;
  const auto shape = [&](const Masses& m) {
    return tables ? fmt::format("{} × {} masses", m.rows, m.columns)
                  : fmt::format("{} masses", m.values.size());
  };
  throw RequestError(Complaint{name, shape(q), shape(p) + (name == "Q" ? ", as P has" : ", as A has")});
}

}  // namespace pushforward::cli

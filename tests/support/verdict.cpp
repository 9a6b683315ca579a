// SPDX-License-Identifier: Apache-2.0
#include "support/verdict.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

namespace pushforward::testing {
namespace {

// What exceptions of the language, its library and other libraries say of themselves.
constexpr std::array<std::string_view, 20> kRaw = {"std::",
                                                   "vector::",
                                                   "basic_string",
                                                   "bad_alloc",
                                                   "json.exception",
                                                   "stoi",
                                                   "stod",
                                                   "CLI::",
                                                   "cannot create",
                                                   "regex_error",
                                                   "filesystem error",
                                                   "map::at",
                                                   "terminate called",
                                                   "what():",
                                                   "bad_optional",
                                                   "bad_variant",
                                                   "could not create a",
                                                   "dnnl",
                                                   "stack overflow",
                                                   "Segmentation"};

bool control(unsigned char c) { return (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F; }

// The eight-bit control characters too, as UTF-8 has them: C2 80 … C2 9F.
bool any_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (control(c) || (c == 0xC2 && next >= 0x80 && next < 0xA0)) return true;
  }
  return false;
}

std::size_t lines_with(const std::string& text, std::string_view start) {
  std::istringstream lines(text);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) count += line.starts_with(start);
  return count;
}

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return {};
  const std::size_t before = text.rfind('\n', end);
  return text.substr(before == std::string::npos ? 0 : before + 1,
                     end - (before == std::string::npos ? 0 : before + 1) + 1);
}

std::string wrong_error(const std::string& err) {
  if (lines_with(err, "pushforward: error: ") != 1) return "not one line of error";
  if (!last_line(err).starts_with("pushforward: error: ")) return "text behind the error";
  return {};
}

}  // namespace

std::string verdict(const Outcome& outcome) {
  if (outcome.late) return "no end";
  const std::array good = {0, 1, 2, 130};
  if (std::find(good.begin(), good.end(), outcome.status) == good.end())
    return outcome.status < 0 ? "signal " + std::to_string(-outcome.status)
                              : "status " + std::to_string(outcome.status);
  if (outcome.status != 0)
    if (std::string wrong = wrong_error(outcome.err); !wrong.empty()) return wrong;
  for (const std::string_view raw : kRaw)
    if (outcome.err.find(raw) != std::string::npos) return "raw text '" + std::string(raw) + "'";
  if (any_control(outcome.err) || any_control(outcome.out)) return "control bytes";
  return {};
}

}  // namespace pushforward::testing

// SPDX-License-Identifier: Apache-2.0
// One-line messages, and the nearest valid word for a misspelt one.
#include "pushforward/error.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/synonyms.hpp"
#include "core/text.hpp"

namespace pushforward {
namespace {

// A file may have a million names, or one of a million letters: its beginning and its end say enough.
std::string shortened(const std::string& text) {
  constexpr std::size_t kLongest = 2000, kStart = 1500, kEnd = 300;
  if (text.size() <= kLongest) return text;
  const auto continues = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80; };
  std::size_t start = kStart, end = text.size() - kEnd;
  while (start > 0 && continues(start)) --start;
  while (end < text.size() && continues(end)) ++end;
  return fmt::format("{} … ({} bytes in all) … {}", text.substr(0, start), text.size(), text.substr(end));
}

std::string one_line(const Complaint& c) {
  std::string text =
      fmt::format("{}: got {}, wanted {}", shortened(c.where), shortened(c.got), shortened(c.wanted));
  if (!c.hint.empty()) text += "; " + shortened(c.hint);
  return printable(text);
}

// Optimal string alignment: Levenshtein's distance with swaps of neighbours counted once.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), older;
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    older = before;
    before = row;
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], older[j - 2] + 1);
    }
  }
  return row[b.size()];
}

// The valid word that differs in case, dashes and underscores alone.
std::string same_but_spelling(std::string_view plain, std::span<const std::string> valid) {
  for (const std::string& candidate : valid)
    if (plain_word(candidate) == plain) return candidate;
  return {};
}

// A misspelling keeps more than half of the longer word: what differs in one of two letters is another word.
std::string nearest_spelling(std::string_view word, std::span<const std::string> valid) {
  constexpr std::size_t kLongest = 100;  // a word; what is longer was not misspelt
  if (word.size() > kLongest) return {};
  std::string best;
  std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : valid) {
    const std::size_t shorter = std::min(word.size(), candidate.size()),
                      longer = std::max(word.size(), candidate.size());
    const bool begins = word.size() >= 3 && candidate.starts_with(word);
    if (!begins && longer - shorter >= least) continue;
    const std::size_t distance = begins ? 1 : edit_distance(word, candidate);
    const bool alike = 2 * distance < longer;
    if (alike && distance < least) least = distance, best = candidate;
  }
  return best;
}

}  // namespace

Error::Error(const Complaint& complaint) : std::runtime_error(one_line(complaint)) {}

std::string nearest_word(std::string_view word, std::span<const std::string> valid) {
  const std::string plain = plain_word(word);
  if (plain.empty()) return {};
  if (std::string same = same_but_spelling(plain, valid); !same.empty()) return same;
  for (const std::string_view meant : words_meant(plain)) {
    const std::size_t end = std::min(meant.find_first_of(": "), meant.size());
    std::string found = same_but_spelling(plain_word(meant.substr(0, end)), valid);
    if (!found.empty()) return found.append(meant.substr(end));
  }
  return is_unknown_here(plain) ? "" : nearest_spelling(word, valid);
}

RequestError unknown_word(std::string where, std::string_view word, std::span<const std::string> valid) {
  const std::string near = nearest_word(word, valid);
  return RequestError(
      Complaint{std::move(where), fmt::format("'{}'", word),
                valid.empty() ? "nothing here" : fmt::format("one of {}", fmt::join(valid, ", ")),
                near.empty() ? "" : fmt::format("did you mean '{}'?", near)});
}

}  // namespace pushforward

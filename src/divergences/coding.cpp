// SPDX-License-Identifier: Apache-2.0
//
// Huffman's code with two queues, and prefix codes that the user brings.
//
// The two rarest symbols are joined into one, again and again. With the leaves sorted once, joined nodes come
// out in rising order by themselves, so two queues replace a heap [van Leeuwen, ICALP 1976]. Where a leaf and
// a joined node weigh the same, the leaf is taken first: among optimal codes this gives the least longest
// word [Schwartz, Inf. Control 7 (1964) 37–44]. Only the *lengths* are taken from the tree; words are then
// counted upwards in canonical order (shorter first, then symbol order), so no accident of left and right
// remains.
//
// A user's words are sorted: a word that begins another one stands directly before some word that it begins,
// so one pass over neighbours finds it, and Kraft's inequality follows.
#include "pushforward/coding.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "core/summation.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

std::vector<std::size_t> order_by(std::size_t k, auto before) {
  std::vector<std::size_t> order(k);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), before);
  return order;
}

// Nodes 0 … k−1 are the leaves in rising order, k … 2k−2 the joined ones in order of making.
std::vector<std::size_t> parents(std::vector<double> mass) {
  const std::size_t k = mass.size();
  std::vector<std::size_t> parent(2 * k - 1, 0);
  std::size_t leaf = 0, joined = k;
  const auto take = [&] {
    const bool from_leaves = leaf < k && (joined == mass.size() || mass[leaf] <= mass[joined]);
    return from_leaves ? leaf++ : joined++;
  };
  for (std::size_t made = k; made < 2 * k - 1; ++made) {
    const std::size_t a = take(), b = take();
    parent[a] = parent[b] = made;
    mass.push_back(mass[a] + mass[b]);
  }
  return parent;
}

std::vector<std::size_t> huffman_lengths(std::span<const double> p) {
  const std::size_t k = p.size();
  const auto order = order_by(k, [&](std::size_t i, std::size_t j) { return p[i] < p[j]; });
  std::vector<double> sorted(k);
  for (std::size_t i = 0; i < k; ++i) sorted[i] = p[order[i]];
  const auto parent = parents(std::move(sorted));
  std::vector<std::size_t> depth(2 * k - 1, 0), lengths(k);
  for (std::size_t node = 2 * k - 2; node-- > 0;) depth[node] = depth[parent[node]] + 1;
  for (std::size_t i = 0; i < k; ++i) lengths[order[i]] = depth[i];
  return lengths;
}

void count_up(std::string& word) {
  for (auto bit = word.rbegin(); bit != word.rend(); ++bit) {
    *bit = *bit == '0' ? '1' : '0';
    if (*bit == '1') return;
  }
}

std::vector<std::string> canonical_words(const std::vector<std::size_t>& lengths) {
  const auto order =
      order_by(lengths.size(), [&](std::size_t i, std::size_t j) { return lengths[i] < lengths[j]; });
  std::vector<std::string> words(lengths.size());
  std::string word;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    if (rank > 0) count_up(word);
    word.resize(lengths[order[rank]], '0');
    words[order[rank]] = word;
  }
  return words;
}

[[noreturn]] void refuse(std::string got, std::string wanted) {
  throw RequestError(Complaint{"code words", std::move(got), std::move(wanted)});
}

}  // namespace

CodeBook huffman_code(std::span<const double> p) {
  std::vector<double> masses;
  for (const double mass : p)
    if (mass > 0) masses.push_back(mass);
  if (masses.empty()) refuse("no symbols with mass", "at least one");
  std::vector<std::string> words = canonical_words(huffman_lengths(masses));
  CodeBook book(p.size());
  for (std::size_t i = 0, next = 0; i < p.size(); ++i)
    if (p[i] > 0) book[i] = std::move(words[next++]);
  return book;
}

void check_prefix_code(std::span<const std::string> words, std::size_t k) {
  if (words.size() != k) refuse(fmt::format("{} words for {} symbols", words.size(), k), "a word for each");
  for (std::size_t i = 0; i < k; ++i) {
    if (words[i].find_first_not_of("01") != std::string::npos)
      refuse(fmt::format("'{}' for symbol {} (counting from 0)", words[i], i), "words of 0 and 1");
    if (words[i].empty() && k > 1)
      refuse(fmt::format("an empty word for symbol {} (counting from 0)", i), "at least one bit");
  }
  const auto order = order_by(k, [&](std::size_t i, std::size_t j) { return words[i] < words[j]; });
  for (std::size_t r = 1; r < k; ++r) {
    const std::size_t i = order[r - 1], j = order[r];
    if (words[j].starts_with(words[i]))
      refuse(fmt::format("'{}' (symbol {}), which begins '{}' (symbol {})", words[i], i, words[j], j),
             "a prefix code, in which no word begins another");
  }
}

double mean_length(const CodeBook& words, std::span<const double> p) {
  CompensatedSum sum;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] > 0 && !words[i]) return std::numeric_limits<double>::infinity();
    if (words[i]) sum.add(p[i] * static_cast<double>(words[i]->size()));
  }
  return sum.value();
}

double kraft_sum(const CodeBook& words) {
  CompensatedSum sum;
  for (const auto& word : words) {
    if (!word) continue;
    const std::size_t length = std::min<std::size_t>(word->size(), 2000);  // 2^−2000 is 0 already
    sum.add(std::scalbn(1.0, -static_cast<int>(length)));
  }
  return sum.value();
}

std::size_t fixed_length(const CodeBook& words) {
  std::size_t bits = 0, k = 0;
  for (const auto& word : words) k += word.has_value();
  while (bits < 63 && (std::size_t{1} << bits) < k) ++bits;
  return bits;
}

}  // namespace pushforward

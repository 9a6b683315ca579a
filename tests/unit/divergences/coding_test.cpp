// SPDX-License-Identifier: Apache-2.0
// Code books: the course's table, optimality against all trees, and refusals.
#include "pushforward/coding.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include "pushforward/divergence.hpp"
#include "pushforward/entropy.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

using Vector = std::vector<double>;
using Words = std::vector<std::string>;

// Those of a book in which every symbol has one.
Words all_of(const CodeBook& book) {
  Words words;
  for (const auto& word : book) words.push_back(word.value());
  return words;
}
CodeBook book_of(const Words& words) { return {words.begin(), words.end()}; }

Vector course_table() {
  Vector p = {0.9, 0.09};
  p.insert(p.end(), 6, 0.01 / 6);
  return p;
}

TEST(Coding, TheCourseTable) {
  const Vector p = course_table();
  const Words by_hand = {"0", "10", "11000", "11001", "11010", "11011", "11100", "11101"};
  check_prefix_code(by_hand, p.size());
  EXPECT_NEAR(entropy(p) / std::numbers::ln2, 0.5417, 5e-5);
  EXPECT_EQ(fixed_length(book_of(by_hand)), 3u);
  EXPECT_NEAR(mean_length(book_of(by_hand), p), 1.13, 1e-15);
  // Under "11" six equal symbols: four words of 5 bits, two of 4: 1.08 + 0.01·28/6.
  EXPECT_NEAR(mean_length(huffman_code(p), p), 1.08 + 0.28 / 6, 1e-15);
}

TEST(Huffman, WorkedExample) {
  EXPECT_EQ(all_of(huffman_code(Vector{0.5, 0.25, 0.125, 0.125})), (Words{"0", "10", "110", "111"}));
  EXPECT_EQ(all_of(huffman_code(Vector{0.125, 0.5, 0.125, 0.25})), (Words{"110", "0", "111", "10"}));
  EXPECT_EQ(all_of(huffman_code(Vector{1})), (Words{""}));
}

TEST(Huffman, SymbolsWithoutMassGetNoWord) {
  EXPECT_EQ(huffman_code(Vector{1, 0, 0}), (CodeBook{"", {}, {}}));
  EXPECT_EQ(huffman_code(Vector{0.5, 0.5, 0}), (CodeBook{"0", "1", {}}));
  EXPECT_EQ(huffman_code(Vector{0, 0.25, 0, 0.5, 0.25}), (CodeBook{{}, "10", {}, "0", "11"}));
  for (const Vector& p : {Vector{1, 0, 0}, Vector{0.5, 0.5, 0}, Vector{0, 0.25, 0, 0.5, 0.25}}) {
    const CodeBook book = huffman_code(p);
    EXPECT_EQ(mean_length(book, p), entropy(p) / std::numbers::ln2);  // dyadic: 0, 1 and 1.5 bits
    EXPECT_EQ(kraft_sum(book), 1);
  }
  EXPECT_EQ(fixed_length(huffman_code(Vector{1, 0, 0})), 0u);
  EXPECT_EQ(fixed_length(huffman_code(Vector{0.5, 0, 0.5})), 1u);
  // A book that was made for q cannot send what q never sends.
  EXPECT_EQ(mean_length(huffman_code(Vector{0.5, 0.5, 0}), Vector{0.5, 0.25, 0.25}),
            std::numeric_limits<double>::infinity());
  EXPECT_EQ(mean_length(huffman_code(Vector{0.5, 0.5, 0}), Vector{1, 0, 0}), 1);
}

TEST(Huffman, TiesGiveTheShortestLongestWord) {
  // 0.4, 0.2, 0.2, 0.1, 0.1 has optimal codes with lengths (1,2,3,4,4) and (2,2,2,3,3); both cost 2.2.
  const Words words = all_of(huffman_code(Vector{0.4, 0.2, 0.2, 0.1, 0.1}));
  std::size_t longest = 0;
  for (const std::string& word : words) longest = std::max(longest, word.size());
  EXPECT_EQ(longest, 3u);
  EXPECT_EQ(words, all_of(huffman_code(Vector{0.4, 0.2, 0.2, 0.1, 0.1})));
}

// The cheapest lengths that obey Kraft's inequality, by trying all (k ≤ 6, lengths ≤ 5).
double cheapest(const Vector& p, std::size_t i = 0, double kraft = 0, double cost = 0) {
  if (kraft > 1) return 1e300;
  if (i == p.size()) return cost;
  double best = 1e300;
  for (int length = 1; length <= 5; ++length)
    best = std::min(best, cheapest(p, i + 1, kraft + std::ldexp(1, -length), cost + p[i] * length));
  return best;
}

TEST(Huffman, IsAsCheapAsTheBestOfAllPrefixCodes) {
  for (std::uint64_t trial = 0; trial < 30; ++trial) {
    Vector p(2 + trial % 5);
    fill_uniform(std::span<double>(p), Draw{9, stream_id("huffman"), trial});
    for (double& v : p) v = v * v * v;  // uneven
    p = distribution_of("test", p, {.normalize = true});
    const CodeBook words = huffman_code(p);
    check_prefix_code(all_of(words), p.size());
    EXPECT_NEAR(mean_length(words, p), cheapest(p), 1e-14);
    EXPECT_NEAR(kraft_sum(words), 1, 1e-15);
    const double bits = entropy(p) / std::numbers::ln2;
    EXPECT_GE(mean_length(words, p), bits - 1e-14);
    EXPECT_LT(mean_length(words, p), bits + 1);
  }
}

TEST(Huffman, TakesMassesOverAllMagnitudes) {
  Vector p;
  for (int e = 1; e <= 1074; ++e) p.push_back(std::ldexp(1, -e));
  p.push_back(std::ldexp(1, -1074));
  const CodeBook words = huffman_code(p);  // dyadic: word i has i bits
  EXPECT_EQ(words[0], "0");
  EXPECT_EQ(words[1073]->size(), 1074u);
  check_prefix_code(all_of(words), p.size());
  EXPECT_NEAR(mean_length(words, p), entropy(p) / std::numbers::ln2, 1e-12);
}

TEST(IdealLengths, CostTheCrossEntropyAndTheExtraIsKl) {
  const Vector p = {0.5, 0.25, 0.25}, q = {0.25, 0.25, 0.5};  // dyadic, so Huffman's lengths are ideal
  const CodeBook for_q = huffman_code(q);
  const double cross = make_divergence({"cross-entropy"})->measure({p, q}) / std::numbers::ln2;
  const double extra = make_divergence({"kl"})->measure({p, q}) / std::numbers::ln2;
  EXPECT_NEAR(mean_length(for_q, p), 1.75, 1e-15);
  EXPECT_NEAR(cross, 1.75, 1e-15);
  EXPECT_NEAR(extra, 1.75 - 1.5, 1e-15);
}

std::string complaint(const Words& words, std::size_t k) {
  try {
    check_prefix_code(words, k);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

TEST(PrefixCode, RefusalsNameTheWords) {
  EXPECT_EQ(complaint({"0", "10", "11"}, 3), "");
  EXPECT_EQ(complaint({""}, 1), "");
  EXPECT_NE(complaint({"0", "10"}, 3).find("2 words for 3 symbols"), std::string::npos);
  EXPECT_NE(complaint({"0", "012"}, 2).find("'012' for symbol 1"), std::string::npos);
  EXPECT_NE(complaint({"", "1"}, 2).find("empty word for symbol 0"), std::string::npos);
  EXPECT_NE(complaint({"11", "0", "110"}, 3).find("'11' (symbol 0), which begins '110' (symbol 2)"),
            std::string::npos);
  EXPECT_NE(complaint({"01", "01"}, 2).find("begins"), std::string::npos);
  // Not neighbours in the given order, nor of neighbouring lengths.
  EXPECT_NE(complaint({"1010", "0", "100", "10"}, 4).find("'10' (symbol 3)"), std::string::npos);
}

}  // namespace
}  // namespace pushforward

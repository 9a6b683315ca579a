// SPDX-License-Identifier: Apache-2.0
//
// Entropy and coding: eight symbols, of which the first is sent nine times out of ten.
//
//   H(p) = −Σ p log₂ p  ≤  Σ p·length of Huffman's code  ≤  that of a code made by hand  ≤  ⌈log₂ 8⌉
#include <numbers>

#include "chapter.hpp"
#include "pushforward/coding.hpp"
#include "pushforward/entropy.hpp"

namespace pushforward::cli::walkthrough {
namespace {

std::vector<double> course_table() {
  std::vector<double> p = {0.9, 0.09};
  p.resize(8, 0.01 / 6);
  return p;
}

Json book_of(const CodeBook& words, const std::vector<double>& p) {
  Json list = Json::array();
  for (const auto& word : words) list.push_back(word.value_or(""));
  return {{"words", list}, {"mean_length", mean_length(words, p)}, {"kraft_sum", kraft_sum(words)}};
}

}  // namespace

Json coding_chapter(const Demonstration&) {
  const std::vector<double> p = course_table();
  const CodeBook by_hand = {"0", "10", "11000", "11001", "11010", "11011", "11100", "11101"};
  const CodeBook huffman = huffman_code(p);
  return {{"p", numbers(p)},
          {"entropy", entropy(p) / std::numbers::ln2},
          {"fixed_length", fixed_length(huffman)},
          {"by_hand", book_of(by_hand, p)},
          {"huffman", book_of(huffman, p)}};
}

}  // namespace pushforward::cli::walkthrough

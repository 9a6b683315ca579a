// SPDX-License-Identifier: Apache-2.0
//
// Coding: what entropy, cross-entropy and KL mean in bits on the wire.
//
// A code book gives each of k symbols a word of 0s and 1s. In a *prefix code* no word begins another, so that
// a stream of words can be cut apart again; its lengths obey Kraft's Σ 2^−length ≤ 1. Symbols of masses p
// then cost Σ p·length bits each, never less than the entropy H(p) in bits; Huffman's code is the cheapest.
// Ideal lengths −log₂ q, made for q, cost H(p,q) on p: the excess over H(p) is KL(p‖q). Shannon 1948; Cover &
// Thomas 2006, chapter 5.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#pragma GCC visibility push(default)
namespace pushforward {

/// A word a symbol; none for a symbol that the book cannot send.
using CodeBook = std::vector<std::optional<std::string>>;

/// Huffman's code book for k masses (see distribution_of): prefix words with the least mean length for the
/// symbols that have mass, none for the others. Among equally cheap codes: the one whose longest word is
/// shortest, words in canonical order, symbols in their given order; so the result is a function of p alone.
/// A single symbol gets the empty word (it needs no bits). Cost O(k log k) and the length of the words.
/// Huffman, Proc. IRE 40 (1952) 1098–1101.
CodeBook huffman_code(std::span<const double> p);

/// Refuses what is no prefix code for k symbols: RequestError names the words.
void check_prefix_code(std::span<const std::string> words, std::size_t k);

/// Σ p·length, bits a symbol; +∞ where p sends a symbol that has no word.
double mean_length(const CodeBook& words, std::span<const double> p);
/// Σ 2^−length, at most 1 for a prefix code; 1 if no bit is wasted.
double kraft_sum(const CodeBook& words);
/// Bits of the shortest words of one length for the symbols that have words: ⌈log₂ k⌉.
std::size_t fixed_length(const CodeBook& words);

}  // namespace pushforward
#pragma GCC visibility pop

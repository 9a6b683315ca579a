// SPDX-License-Identifier: Apache-2.0
//
// Cross-entropy and KL as coding: words made for q, used on p; and what is left of Y once X is known.
//
//   ideal words for q have length −log₂ q; on p they cost H(p,q), which is H(p) + KL(p‖q)
//   H(Y|X) = H(X,Y) − H(X)
#include <numbers>

#include "chapter.hpp"
#include "pushforward/coding.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/entropy.hpp"

namespace pushforward::cli::walkthrough {
namespace {

double bits(double nats) { return nats / std::numbers::ln2; }

Json one_way(const std::vector<double>& p, const std::vector<double>& q) {
  return {{"entropy", bits(entropy(p))},
          {"cross_entropy", json_number(bits(divergence({"cross-entropy"}, p, q)))},
          {"kl", json_number(bits(divergence({"kl"}, p, q)))},
          {"own_code", mean_length(huffman_code(p), p)},
          {"other_code", json_number(mean_length(huffman_code(q), p))}};
}

// Rows are the values of X.
Json joint_of(const std::vector<double>& table, std::size_t columns) {
  const JointEntropies found =
      joint_entropies(View<const double>{table.data(), table.size() / columns, columns});
  return {{"joint", bits(found.joint)},
          {"x", bits(found.x)},
          {"y", bits(found.y)},
          {"y_given_x", bits(found.y_given_x)}};
}

}  // namespace

Json kl_bits_chapter(const Demonstration&) {
  const std::vector<double> p = {0.5, 0.25, 0.125, 0.125}, q = {0.125, 0.125, 0.25, 0.5},
                            half = {0.5, 0.5, 0, 0};
  return {{"p", numbers(p)},
          {"q", numbers(q)},
          {"p_on_q", one_way(p, q)},
          {"q_on_p", one_way(q, p)},
          {"half", numbers(half)},
          {"p_on_half", one_way(p, half)},
          {"half_on_p", one_way(half, p)},
          {"two", joint_of({0.3, 0.1, 0.2, 0.4}, 2)}};
}

}  // namespace pushforward::cli::walkthrough

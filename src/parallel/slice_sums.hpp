// SPDX-License-Identifier: Apache-2.0
//
// The sum of vectors, one a slice of the batch, in an order that depends on the number of slices alone.
//
// Slices are the leaves of a binary tree: of n slices the left child has the largest power of two below n. A
// rank owns a contiguous piece of them and adds up the largest subtrees that lie within it, one slice after
// the other. Then every rank gets one piece of every such sum, adds what is left of the tree for that piece,
// and the pieces go to all: what a reduce-scatter and an all-gather do, with 2(P−1)/P of the vector sent by
// each of P ranks where P divides the slices as a power of two. Memory: the logarithm of the slices vectors.
#pragma once

#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "pushforward/collective.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

/// Which of so many slices a rank owns: first … end−1.
struct OwnSlices {
  std::size_t slices = 1, first = 0, end = 1;

  static OwnSlices of(std::size_t slices, std::size_t rank, std::size_t ranks) {
    return {slices, slices * rank / ranks, slices * (rank + 1) / ranks};
  }
  /// Where slice s begins among n rows; the first one has some whenever there are any.
  std::size_t row(std::size_t s, std::size_t n) const { return (n * s + slices - 1) / slices; }
};

class SliceSums {
 public:
  explicit SliceSums(std::size_t slices) : slices_(slices) {}

  /// Σ over all slices: `slice(s, vector)` writes that of slice s and is called for this rank's in ascending
  /// order. `sum` is filled alike on every rank.
  void operator()(std::span<float> sum, const std::function<void(std::size_t, std::span<float>)>& slice);

 private:
  using Slice = std::function<void(std::size_t, std::span<float>)>;
  using Node = std::pair<std::size_t, std::size_t>;  // slices first … end−1

  float* room(std::size_t i, std::size_t size);
  void add_up(Node node, std::size_t into, std::size_t size, const Slice& slice);
  std::span<float> finish(Node node, std::vector<std::pair<Node, std::span<float>>>& parts) const;
  void meet(std::span<float> sum, const std::vector<std::vector<Node>>& nodes);

  std::size_t slices_;
  std::vector<Tensor> rooms_{};
  std::vector<float> sent_{}, received_{};
};

}  // namespace pushforward

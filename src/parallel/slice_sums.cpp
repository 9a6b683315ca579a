// SPDX-License-Identifier: Apache-2.0
// The tree, this rank's part of it, and how parts meet.
#include "parallel/slice_sums.hpp"

#include <algorithm>
#include <bit>

namespace pushforward {
namespace {

using Node = std::pair<std::size_t, std::size_t>;

std::size_t middle(Node node) { return node.first + std::bit_floor(node.second - node.first - 1); }

// The largest subtrees of `node` within `own`, in order.
void cover(Node node, const OwnSlices& own, std::vector<Node>& out) {
  if (node.second <= own.first || own.end <= node.first) return;
  if (own.first <= node.first && node.second <= own.end) return out.push_back(node);
  cover({node.first, middle(node)}, own, out);
  cover({middle(node), node.second}, own, out);
}

void add(std::span<const float> from, std::span<float> to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

// The piece of a vector that rank r adds up.
std::size_t piece_begin(std::size_t size, std::size_t r, std::size_t ranks) { return size * r / ranks; }

}  // namespace

float* SliceSums::room(std::size_t i, std::size_t size) {
  if (rooms_.size() <= i) rooms_.resize(i + 1);
  rooms_[i].resize(1, size);
  return rooms_[i].data();
}

// Leaves the sum of the node's slices in room `into`; rooms after it are scratch.
void SliceSums::add_up(Node node, std::size_t into, std::size_t size, const Slice& slice) {
  if (node.second - node.first == 1) return slice(node.first, {room(into, size), size});
  add_up({node.first, middle(node)}, into, size, slice);
  add_up({middle(node), node.second}, into + 1, size, slice);
  add({room(into + 1, size), size}, {room(into, size), size});
}

void SliceSums::operator()(std::span<float> sum, const Slice& slice) {
  Collective& ranks = collective();
  std::vector<std::vector<Node>> nodes(ranks.size());
  for (std::size_t r = 0; r < ranks.size(); ++r)
    cover({0, slices_}, OwnSlices::of(slices_, r, ranks.size()), nodes[r]);
  const std::vector<Node>& own = nodes[ranks.rank()];
  for (std::size_t i = 0; i < own.size(); ++i) add_up(own[i], i, sum.size(), slice);
  if (ranks.size() > 1) return meet(sum, nodes);
  std::copy_n(room(0, sum.size()), sum.size(), sum.data());
}

// What is left of the tree over these parts; the sum is left in the leftmost.
std::span<float> SliceSums::finish(Node node, std::vector<std::pair<Node, std::span<float>>>& parts) const {
  for (auto& [of, values] : parts)
    if (of == node) return values;
  const std::span<float> left = finish({node.first, middle(node)}, parts);
  add(finish({middle(node), node.second}, parts), left);
  return left;
}

void SliceSums::meet(std::span<float> sum, const std::vector<std::vector<Node>>& nodes) {
  Collective& ranks = collective();
  const std::size_t count = ranks.size(), rank = ranks.rank(), size = sum.size();
  const auto begin = [&](std::size_t r) { return piece_begin(size, r, count); };
  const std::size_t mine = begin(rank + 1) - begin(rank);
  std::vector<std::size_t> sent(count), received(count), pieces(count);
  sent_.clear();
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t i = 0; i < nodes[rank].size(); ++i)
      sent_.insert(sent_.end(), room(i, size) + begin(r), room(i, size) + begin(r + 1));
    pieces[r] = (begin(r + 1) - begin(r)) * sizeof(float);
    sent[r] = nodes[rank].size() * pieces[r];
    received[r] = nodes[r].size() * mine * sizeof(float);
  }
  std::size_t all = 0;
  for (const auto& of_rank : nodes) all += of_rank.size();
  received_.resize(all * mine);
  ranks.exchange_bytes(std::as_bytes(std::span(sent_)), sent, std::as_writable_bytes(std::span(received_)),
                       received);
  std::vector<std::pair<Node, std::span<float>>> parts;
  for (const auto& of_rank : nodes)
    for (const Node& node : of_rank)
      parts.emplace_back(node, std::span(received_).subspan(parts.size() * mine, mine));
  const std::span<float> whole = finish({0, slices_}, parts);
  ranks.gather_bytes(std::as_bytes(std::span<const float>(whole)), std::as_writable_bytes(sum), pieces);
}

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
// Nodes and constants of a graph, and the two forms of rows.
#include <algorithm>

#include "pushforward/onnx.hpp"

namespace pushforward {
namespace {

std::int64_t whole(std::size_t n) { return static_cast<std::int64_t>(n); }

}  // namespace

// A dot and a number behind a name that is taken.
std::string OnnxGraph::fresh(const std::string& wanted) const {
  const auto taken = [&](const std::string& name) {
    return std::ranges::find(constants_, name, &Constant::name) != constants_.end() ||
           std::ranges::find(inputs_, name, &Port::name) != inputs_.end();
  };
  if (!taken(wanted)) return wanted;
  for (std::size_t i = 1;; ++i)
    if (const std::string name = wanted + "." + std::to_string(i); !taken(name)) return name;
}

std::string OnnxGraph::add(const std::string& operation, std::vector<std::string> inputs,
                           std::vector<Attribute> attributes) {
  std::string name = operation + "_" + std::to_string(nodes_.size());
  nodes_.push_back({operation, std::move(inputs), name, std::move(attributes)});
  return name;
}

OnnxRows OnnxGraph::each(const std::string& operation, const OnnxRows& x, std::vector<Attribute> attributes,
                         const std::vector<std::string>& more) {
  std::vector<std::string> inputs = {x.name};
  inputs.insert(inputs.end(), more.begin(), more.end());
  return {add(operation, std::move(inputs), std::move(attributes)), x.shape, x.planes};
}

std::string OnnxGraph::constant(const std::string& name, std::vector<std::int64_t> extents,
                                std::span<const float> values) {
  constants_.push_back({fresh(name), std::move(extents), std::vector<float>(values.begin(), values.end())});
  return constants_.back().name;
}
std::string OnnxGraph::constant(const std::string& name, std::vector<std::int64_t> values) {
  constants_.push_back({fresh(name), {whole(values.size())}, std::move(values)});
  return constants_.back().name;
}
std::string OnnxGraph::scalar(const std::string& name, float value) {
  return constant(name, {}, {&value, 1});
}

OnnxRows OnnxGraph::input(const std::string& name, std::size_t width) {
  inputs_.push_back({name, width});
  return of_rows(name, width);
}

void OnnxGraph::output(const std::string& name, const OnnxRows& x) {
  nodes_.push_back({"Identity", {rows(x)}, name, {}});
  outputs_.push_back({name, x.shape.size()});
}

OnnxRows OnnxGraph::of_rows(const std::string& name, std::size_t width) const {
  return {name, {.width = width}, false};
}

std::string OnnxGraph::rows(const OnnxRows& x) {
  if (!x.planes) return x.name;
  const std::string last = add("Transpose", {x.name}, {{"perm", std::vector<std::int64_t>{0, 2, 3, 1}}});
  return add("Reshape", {last, constant("rows", {-1, whole(x.shape.size())})});
}

std::string OnnxGraph::planes(const OnnxRows& x, const RowShape& shape) {
  if (x.planes && x.shape == shape) return x.name;
  const std::string image =
      add("Reshape",
          {rows(x), constant("image", {-1, whole(shape.height), whole(shape.width), whole(shape.channels)})});
  return add("Transpose", {image}, {{"perm", std::vector<std::int64_t>{0, 3, 1, 2}}});
}

OnnxRows OnnxGraph::columns(const OnnxRows& x, std::size_t begin, std::size_t end) {
  const std::string part = add("Slice", {rows(x), constant("begin", {whole(begin)}),
                                         constant("end", {whole(end)}), constant("axis", {1})});
  return of_rows(part, end - begin);
}

OnnxRows OnnxGraph::product(const OnnxRows& x, const std::string& weight, const std::string& bias,
                            bool transposed, std::size_t outputs) {
  std::vector<std::string> inputs = {rows(x), weight};
  if (!bias.empty()) inputs.push_back(bias);
  return of_rows(add("Gemm", std::move(inputs), {{"transB", std::int64_t{transposed}}}), outputs);
}

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
//
// A network as a graph of ONNX's operators, for runtimes that are not this library [onnx.ai, Open Neural
// Network Exchange, operator set 21].
//
// A layer adds its nodes by `OnnxMap::write`, beside its own code; a model names its parts ("encoder",
// "decoder", …) by `OnnxModel::onnx_parts`. src/io/onnx.cpp turns a graph into bytes, export.hpp a run into a
// file. A layer or model that does not derive from these is refused by name.
//
// Rows are B × n numbers, channels last, as everywhere here, while ONNX's image operators want
// B × C × H × W: OnnxRows knows which of the two it holds, and the other is made where somebody asks.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pushforward/shape.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// A value of the graph that holds B rows: as B × n, or as B × C × H × W of an image of this shape.
struct OnnxRows {
  std::string name;
  RowShape shape{};
  bool planes = false;  ///< B × C × H × W
};

class OnnxGraph {
 public:
  static constexpr std::int64_t kOperatorSet = 21, kFormat = 10;

  using Value = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>;
  struct Attribute {
    std::string name;
    Value value;
  };
  struct Node {
    std::string operation;
    std::vector<std::string> inputs;
    std::string output;
    std::vector<Attribute> attributes;
  };
  struct Constant {
    std::string name;
    std::vector<std::int64_t> extents;
    std::variant<std::vector<float>, std::vector<std::int64_t>> values;
  };
  /// What goes in or comes out: B × width of float32.
  struct Port {
    std::string name;
    std::size_t width;
  };

  /// Adds a node and returns the name of what it puts out.
  std::string add(const std::string& operation, std::vector<std::string> inputs,
                  std::vector<Attribute> attributes = {});
  /// The same for an operator that leaves the rows' shape and order as they are: `more` inputs follow x.
  OnnxRows each(const std::string& operation, const OnnxRows& x, std::vector<Attribute> attributes = {},
                const std::vector<std::string>& more = {});
  /// Adds numbers that the graph holds; `name` gets a number behind it where it is taken.
  std::string constant(const std::string& name, std::vector<std::int64_t> extents,
                       std::span<const float> values);
  std::string constant(const std::string& name, std::vector<std::int64_t> values);
  std::string scalar(const std::string& name, float value);

  OnnxRows input(const std::string& name, std::size_t width);
  void output(const std::string& name, const OnnxRows& rows);
  void describe(const std::string& key, const std::string& value) { about_.emplace_back(key, value); }

  /// x as B × n, and x as B × C × H × W of images of this shape.
  std::string rows(const OnnxRows& x);
  std::string planes(const OnnxRows& x, const RowShape& shape);
  OnnxRows of_rows(const std::string& name, std::size_t width) const;
  OnnxRows of_planes(const std::string& name, const RowShape& shape) const { return {name, shape, true}; }
  /// Columns begin … end−1 of x.
  OnnxRows columns(const OnnxRows& x, std::size_t begin, std::size_t end);
  /// x·W + b, with W inputs × outputs, or outputs × inputs where `transposed`; b may be "".
  OnnxRows product(const OnnxRows& x, const std::string& weight, const std::string& bias, bool transposed,
                   std::size_t outputs);

  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Constant>& constants() const { return constants_; }
  const std::vector<Port>& inputs() const { return inputs_; }
  const std::vector<Port>& outputs() const { return outputs_; }
  const std::vector<std::pair<std::string, std::string>>& about() const { return about_; }

 private:
  std::string fresh(const std::string& wanted) const;

  std::vector<Node> nodes_;
  std::vector<Constant> constants_;
  std::vector<Port> inputs_, outputs_;
  std::vector<std::pair<std::string, std::string>> about_;
};

/// A map of rows that can be written as nodes, as inference has it: a layer, a critic's network.
class OnnxMap {
 public:
  virtual ~OnnxMap() = default;
  virtual OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const = 0;
};

/// In which units numbers of a part are, for a run that standardises its data: data are brought to and from
/// the user's units, a rate (dx/dt) is multiplied by the deviations, others are left alone.
enum class OnnxUnits { none, data, rate };

/// A part of a model that is of use alone.
struct OnnxPart {
  struct Input {
    std::string name;
    std::size_t width;
    OnnxUnits units = OnnxUnits::none;
  };
  struct Output {
    std::string name;
    OnnxRows rows;
    OnnxUnits units = OnnxUnits::none;
  };
  std::string name;  ///< "encoder", "decoder", "generator", "denoiser", "critic", "velocity"
  std::vector<Input> inputs;
  /// Writes nodes from inputs (in their order) to outputs.
  std::function<std::vector<Output>(OnnxGraph&, const std::vector<OnnxRows>&)> write;
};

/// A model that has such parts. They borrow the model.
class OnnxModel {
 public:
  virtual ~OnnxModel() = default;
  virtual std::vector<OnnxPart> onnx_parts() = 0;
};

}  // namespace pushforward
#pragma GCC visibility pop

// SPDX-License-Identifier: Apache-2.0
// Messages from the inside out: each is a text of fields, and a field of the one around it.
#include "io/onnx.hpp"

#include <bit>
#include <cstring>
#include <limits>

#include "pushforward/error.hpp"
#include "pushforward/version.hpp"

namespace pushforward::io {
namespace {

static_assert(std::endian::native == std::endian::little, "raw numbers of ONNX are little-endian");

class Message {
 public:
  Message& number(unsigned field, std::int64_t value) {
    varint(field << 3);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  Message& real(unsigned field, float value) {
    varint(field << 3 | 5);
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    bytes_.append(bytes, sizeof value);
    return *this;
  }
  Message& text(unsigned field, std::string_view value) {
    varint(field << 3 | 2);
    varint(value.size());
    bytes_ += value;
    return *this;
  }
  Message& message(unsigned field, const Message& value) { return text(field, value.bytes_); }
  std::string& bytes() { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value > 127; value >>= 7) bytes_ += static_cast<char>(value | 128);
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

enum Type : std::int64_t { kFloat = 1, kInt64 = 7 };

template <class T>
std::string_view raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

Message tensor(const OnnxGraph::Constant& constant) {
  Message out;
  for (const std::int64_t extent : constant.extents) out.number(1, extent);
  const bool floats = constant.values.index() == 0;
  out.number(2, floats ? kFloat : kInt64).text(8, constant.name);
  return out.text(9, floats ? raw(std::get<0>(constant.values)) : raw(std::get<1>(constant.values)));
}

Message attribute(const OnnxGraph::Attribute& attribute) {
  Message out;
  out.text(1, attribute.name);
  if (const auto* real = std::get_if<float>(&attribute.value)) return out.real(2, *real).number(20, 1);
  if (const auto* whole = std::get_if<std::int64_t>(&attribute.value))
    return out.number(3, *whole).number(20, 2);
  if (const auto* text = std::get_if<std::string>(&attribute.value)) return out.text(4, *text).number(20, 3);
  for (const std::int64_t each : std::get<std::vector<std::int64_t>>(attribute.value)) out.number(8, each);
  return out.number(20, 7);
}

Message node(const OnnxGraph::Node& node) {
  Message out;
  for (const std::string& input : node.inputs) out.text(1, input);
  out.text(2, node.output).text(3, node.output).text(4, node.operation);
  for (const OnnxGraph::Attribute& each : node.attributes) out.message(5, attribute(each));
  return out;
}

// batch × width of float32.
Message port(const OnnxGraph::Port& port) {
  Message shape, type, kind, out;
  shape.message(1, Message().text(2, "batch"))
      .message(1, Message().number(1, static_cast<std::int64_t>(port.width)));
  type.number(1, kFloat).message(2, shape);
  kind.message(1, type);
  return out.text(1, port.name).message(2, kind);
}

Message graph_of(const OnnxGraph& graph) {
  Message out;
  for (const OnnxGraph::Node& each : graph.nodes()) out.message(1, node(each));
  out.text(2, "pushforward");
  for (const OnnxGraph::Constant& each : graph.constants()) out.message(5, tensor(each));
  for (const OnnxGraph::Port& each : graph.inputs()) out.message(11, port(each));
  for (const OnnxGraph::Port& each : graph.outputs()) out.message(12, port(each));
  return out;
}

}  // namespace

std::string onnx_bytes(const OnnxGraph& graph) {
  Message model;
  model.number(1, OnnxGraph::kFormat).text(2, "pushforward").text(3, version());
  model.message(7, graph_of(graph));
  model.message(8, Message().number(2, OnnxGraph::kOperatorSet));
  for (const auto& [key, value] : graph.about()) model.message(14, Message().text(1, key).text(2, value));
  if (model.bytes().size() <= std::numeric_limits<std::int32_t>::max()) return std::move(model.bytes());
  throw RequestError(Complaint{"ONNX", std::to_string(model.bytes().size()) + " bytes", "at most 2 GB"});
}

}  // namespace pushforward::io

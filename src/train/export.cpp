// SPDX-License-Identifier: Apache-2.0
// Standardisation around a part, and what the file says about itself.
#include "pushforward/export.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/atomic_file.hpp"
#include "io/onnx.hpp"
#include "pushforward/error.hpp"
#include "pushforward/version.hpp"

namespace pushforward {
namespace {

std::vector<OnnxPart> parts_of(const Run& run) {
  if (auto* model = as<OnnxModel>(*run.model)) return model->onnx_parts();
  throw RequestError(Complaint{"export", "a run of " + run.entry->name, "a model with an ONNX graph"});
}

OnnxPart find_part(const Run& run, const std::string& name) {
  std::vector<std::string> valid;
  for (OnnxPart& part : parts_of(run)) {
    if (part.name == name) return part;
    valid.push_back(part.name);
  }
  throw unknown_word("part of " + run.entry->name, name, valid);
}

// B × D rows ⊙ or ± one row that repeats itself where D is a multiple of its numbers (points side by side).
class Units {
 public:
  Units(OnnxGraph& graph, const Standardization& standard) : graph_(graph), standard_(standard) {}

  OnnxRows in(const OnnxRows& x, OnnxUnits units) {
    if (standard_.empty() || units != OnnxUnits::data) return x;
    return along("Div", along("Sub", x, "mean", standard_.mean), "deviation", standard_.deviation);
  }
  OnnxRows out(const OnnxRows& x, OnnxUnits units) {
    if (standard_.empty() || units == OnnxUnits::none) return x;
    const OnnxRows scaled = along("Mul", x, "deviation", standard_.deviation);
    return units == OnnxUnits::rate ? scaled : along("Add", scaled, "mean", standard_.mean);
  }

 private:
  OnnxRows along(const std::string& operation, const OnnxRows& x, const std::string& name,
                 const std::vector<double>& row) {
    const std::size_t width = x.shape.size();
    std::vector<float> values(width);
    for (std::size_t j = 0; j < width; ++j) values[j] = static_cast<float>(row[j % row.size()]);
    const std::string constant =
        graph_.constant("data." + name, {1, static_cast<std::int64_t>(width)}, values);
    return graph_.each(operation, graph_.of_rows(graph_.rows(x), width), {}, {constant});
  }

  OnnxGraph& graph_;
  const Standardization& standard_;
};

void describe(OnnxGraph& graph, const Run& run, const std::string& part) {
  graph.describe("program", fmt::format("pushforward {}", version()));
  graph.describe("model", run.entry->name);
  graph.describe("part", part);
  graph.describe("data", run.data_name);
  graph.describe("shape", run.shape.text());
  graph.describe("seed", run.options.known("seed") ? run.options.text("seed") : "0");
  if (run.options.known("noise-distribution"))
    graph.describe("noise-distribution", run.options.text("noise-distribution"));
  if (run.encoding && !run.encoding->identity()) {
    graph.describe("blocks", run.options.text("blocks"));
    graph.describe("schema", schema_text(run.encoding->schema()));
  }
  if (run.standardization.empty()) return;
  graph.describe("standardization.mean", fmt::format("{}", fmt::join(run.standardization.mean, " ")));
  graph.describe("standardization.deviation",
                 fmt::format("{}", fmt::join(run.standardization.deviation, " ")));
}

}  // namespace

std::vector<std::string> onnx_parts(const Run& run) {
  std::vector<std::string> names;
  for (const OnnxPart& part : parts_of(run)) names.push_back(part.name);
  return names;
}

OnnxGraph onnx_graph(const Run& run, const std::string& name) {
  const OnnxPart part = find_part(run, name);
  OnnxGraph graph;
  Units units(graph, run.standardization);
  std::vector<OnnxRows> in;
  for (const OnnxPart::Input& input : part.inputs)
    in.push_back(units.in(graph.input(input.name, input.width), input.units));
  for (const OnnxPart::Output& output : part.write(graph, in))
    graph.output(output.name, units.out(output.rows, output.units));
  describe(graph, run, name);
  return graph;
}

void write_onnx(const Run& run, const std::string& part, const std::string& path) {
  io::write_file(path, io::onnx_bytes(onnx_graph(run, part)));
}

}  // namespace pushforward

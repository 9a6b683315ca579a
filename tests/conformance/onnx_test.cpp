// SPDX-License-Identifier: Apache-2.0
//
// Every layer of the registry, and every part of every model, can be written as an ONNX graph.
//
// Here it is held that nodes are written, that every parameter is in the graph, and what the bytes are. What
// a runtime makes of them is held by scripts/check_onnx: with PUSHFORWARD_ONNX_OUT=FOLDER these tests leave
// NAME.onnx, NAME.in.K.npy for each input and NAME.out.npy, what the library computes, in that folder.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/atomic_file.hpp"
#include "io/npy.hpp"
#include "io/onnx.hpp"
#include "layers/onnx_layers.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/export.hpp"
#include "pushforward/flow.hpp"
#include "pushforward/network.hpp"
#include "support/program.hpp"
#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;

constexpr std::size_t kBatch = 5;

Tensor normals(std::size_t rows, std::size_t cols, std::string_view name) {
  Tensor out(rows, cols);
  fill_normal(out.span(), Draw{3}.on(name));
  return out;
}

void leave(const std::string& name, const OnnxGraph& graph, const std::vector<Tensor>& in,
           const Tensor& out) {
  const char* folder = std::getenv("PUSHFORWARD_ONNX_OUT");
  if (folder == nullptr) return;
  const std::string path = fmt::format("{}/{}", folder, name);
  io::write_file(path + ".onnx", io::onnx_bytes(graph));
  for (std::size_t k = 0; k < in.size(); ++k) io::write_npy(fmt::format("{}.in.{}.npy", path, k), in[k]);
  io::write_npy(path + ".out.npy", out);
}

// Random everywhere, variances above 0: at 1 and 0, as layers begin, a swapped scale would not be seen.
void randomize(const std::vector<Parameter*>& parameters) {
  for (Parameter* p : parameters) {
    fill_normal(p->value.span(), Draw{5}.on(p->name), 0.1f, 0.5f);
    if (p->name.ends_with("variance"))
      for (float& v : p->value.span()) v = std::abs(v) + 0.1f;
  }
}

class LayerInOnnx : public ::testing::TestWithParam<const LayerEntry*> {};

TEST_P(LayerInOnnx, WritesNodesWithAllItsParameters) {
  const LayerEntry& entry = *GetParam();
  for (std::size_t i = 0; i < entry.trials.size(); ++i) {
    const auto& [spec, shape] = entry.trials[i];
    SCOPED_TRACE(spec);
    Network network(shape);
    network.add(parse_spec(spec, "trial")).name_parameters("layer");
    Arena arena;
    arena.bind(network.parameters(), Draw{});
    randomize(network.parameters());
    OnnxGraph graph;
    const OnnxRows y = write_network(graph, network, graph.input("x", shape.size()));
    EXPECT_GE(graph.nodes().size(), 1u);
    EXPECT_EQ(y.shape.size(), network.outputs());
    for (const Parameter* p : network.parameters()) {
      if (p->name.ends_with("singular_vector")) continue;  // which the weight was divided by
      EXPECT_NE(std::ranges::find(graph.constants(), p->name, &OnnxGraph::Constant::name),
                graph.constants().end())
          << p->name;
    }
    graph.output("y", y);
    const Tensor x = normals(kBatch, shape.size(), "onnx");
    Trace trace;
    const View<const float> ours = network.forward(x, trace, {});
    Tensor out(ours.rows, ours.cols);
    std::copy_n(ours.data, ours.size(), out.data());
    leave(fmt::format("layer-{}-{}", entry.name, i), graph, {x}, out);
  }
}

std::vector<const LayerEntry*> all_layers() {
  std::vector<const LayerEntry*> all;
  for (const LayerEntry& entry : layers()) all.push_back(&entry);
  return all;
}
std::string identifier(std::string name) {
  std::erase(name, '-');
  return name;
}
INSTANTIATE_TEST_SUITE_P(Registry, LayerInOnnx, ::testing::ValuesIn(all_layers()),
                         [](const auto& layer) { return identifier(layer.param->name); });

struct Foreign final : Layer {
  std::string describe() const override { return "foreign 3"; }
  RowShape output_shape() const override { return {.width = 3}; }
  void forward(View<const float>, View<float>, Saved&, const Pass&) const override {}
  void backward(View<const float>, View<const float>, Saved&, View<const float>, View<float>, bool,
                const Pass&) override {}
};

TEST(Onnx, RefusesALayerWithoutAWriterByName) {
  OnnxGraph graph;
  const std::string message = message_of([&] { write_layer(graph, Foreign{}, graph.input("x", 3)); });
  EXPECT_NE(message.find("foreign 3"), std::string::npos) << message;
}

// By hand from onnx.proto: field numbers and kinds, lengths, varints.
TEST(Onnx, WritesTheBytesOfAProtocolBuffer) {
  OnnxGraph graph;
  const OnnxRows x = graph.input("x", 300);
  graph.output("y", graph.each("Elu", x, {{"alpha", 1.0f}}));
  const std::string elu = std::string(
                              "\x0a\x23\x0a\x01x\x12\x05"
                              "Elu_0\x1a\x05"
                              "Elu_0\x22\x03"
                              "Elu\x2a\x0f\x0a\x05"
                              "alpha\x15",
                              34) +
                          std::string("\x00\x00\x80\x3f\xa0\x01\x01", 7);
  const std::string bytes = io::onnx_bytes(graph);
  EXPECT_EQ(bytes.substr(0, 15), std::string("\x08\x0a\x12\x0bpushforward", 15));
  EXPECT_NE(bytes.find(elu.substr(2)), std::string::npos);
  // x: batch × 300, float: { tensor_type { elem_type 1 shape { dim { "batch" } dim { 300 } } } }.
  const std::string port(
      "\x5a\x19\x0a\x01x\x12\x14\x0a\x12\x08\x01\x12\x0e\x0a\x07\x12\x05"
      "batch\x0a\x03\x08\xac\x02",
      27);
  EXPECT_NE(bytes.find(port), std::string::npos);
  EXPECT_EQ(bytes.substr(bytes.size() - 4), std::string("\x42\x02\x10\x15", 4));  // operator set 21
}

// Models.

Dataset images(std::size_t n) {
  Dataset data = grey_data(n, 256);
  data.shape = {.height = 16, .width = 16, .channels = 1, .image = true};
  return data;
}

Tensor standardized(const Tensor& rows, const Standardization& by) {
  Tensor out(rows.rows(), rows.cols());
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t k = 0; k < rows.cols(); ++k)
      out(i, k) = by.empty()
                      ? rows(i, k)
                      : static_cast<float>((static_cast<double>(rows(i, k)) - by.mean[k]) / by.deviation[k]);
  return out;
}

// What the library computes for a part's inputs, in the data's units.
Tensor ours(pushforward::Run& run, const std::string& part, const std::vector<Tensor>& in) {
  const std::size_t rows = in[0].rows(), d = run.shape.size(), z = code_size(*run.model);
  Dataset data;
  data.shape = run.shape;
  const auto prepared = [&] {
    if (run.encoding) return standardized(in[0], run.standardization);  // rows that are encoded
    data.rows_data = in[0];
    return prepare_data(run, data).floats(0, rows);
  };
  if (part == "encoder") {
    Tensor out(rows, z);
    encode(*run.model, prepared(), out, nullptr);
    return out;
  }
  if (part == "critic") {
    Critic& critic = *as<Adversarial>(*run.model)->critic();
    const std::vector<std::string> names = critic.score_names();
    Tensor all(rows, names.size()), out(rows, 1);
    critic.score(prepared(), all);
    const std::size_t column = names[0] == "d" ? 1 : 0;  // a classifier's f is its log ratio
    for (std::size_t i = 0; i < rows; ++i) out(i, 0) = all(i, column);
    return out;
  }
  Tensor out(rows, d);
  if (part == "denoiser") reconstruct(*run.model, prepared(), out, nullptr);
  if (part == "decoder" || part == "generator") decode(*run.model, in[0], out, nullptr);
  if (part != "velocity") {
    restore_units(run, out);
    return out;
  }
  // One Euler step from t to 1 goes (1 − t)·v.
  auto& flow = dynamic_cast<FlowModel&>(*run.model);
  flow.set_solver({.kind = Solver::Kind::euler, .steps = 1});
  const float t = in[1](0, 0);
  out = prepared();
  flow.carry(out, static_cast<double>(t), 1);
  restore_units(run, out);
  for (std::size_t e = 0; e < out.size(); ++e) out.data()[e] = (out.data()[e] - in[0].data()[e]) / (1 - t);
  return out;
}

void export_all(const std::string& name, pushforward::Run& run) {
  for (const std::string& part : onnx_parts(run)) {
    SCOPED_TRACE(name + " " + part);
    const OnnxGraph graph = onnx_graph(run, part);
    std::vector<Tensor> in;
    for (const OnnxGraph::Port& port : graph.inputs()) {
      in.push_back(normals(kBatch, port.width, port.name));
      if (port.name != "z" && port.width > 1)
        for (float& v : in.back().span()) v = 0.5f + 0.2f * v;
      if (port.name == "t") std::ranges::fill(in.back().span(), 0.25f);
    }
    ASSERT_GE(graph.outputs().size(), 1u);
    if (part == "critic" && graph.inputs()[0].width != run.shape.size()) continue;  // of codes, or packed
    const Tensor out = ours(run, part, in);
    EXPECT_EQ(graph.outputs()[0].width, out.cols());
    leave("model-" + name + "-" + part, graph, in, out);
  }
}

Settings small(const ModelEntry& entry, const Settings& more) {
  const Settings wanted = {{"hidden", "7"},  {"latent", "3"},     {"batch", "16"},         {"steps", "4"},
                           {"threads", "1"}, {"monitor", "none"}, {"pretrain-epochs", "1"}};
  const Options options = options_of(entry);
  Settings settings;
  for (const auto& [name, value] : with(wanted, more))
    if (options.known(name)) settings.emplace_back(name, value);
  return settings;
}

TEST(Onnx, WritesEveryPartOfEveryModel) {
  for (const ModelEntry& entry : models()) {
    for (const bool standard : {false, true}) {
      if (standard && (entry.name == "dae" || entry.name == "vae" || entry.name == "iwae")) continue;  // 0…1
      const Settings more = {{"standardize", standard ? "yes" : "no"}};
      pushforward::Run run = make_run(entry.name, small(entry, more), grey_data(48, 9));
      train(run, prepare_data(run, grey_data(48, 9)), nullptr);
      export_all(entry.name + (standard ? "-standardized" : ""), run);
    }
  }
}

TEST(Onnx, WritesNetworksOfImages) {
  for (const char* name : {"ae", "vae", "dae", "gan", "wae"})
    for (const char* network : {"conv", "resnet"}) {
      if (std::string(name) == "gan" && std::string(network) == "conv") network = "dcgan";
      pushforward::Run run =
          make_run(name, small(find_model(name), {{"network", network}, {"hidden", "none"}}), images(32));
      export_all(fmt::format("{}-{}", name, network), run);
    }
}

TEST(Onnx, WritesTheHeadsOfLikelihoodsAndLosses) {
  const Dataset data = grey_data(48, 9);
  const std::vector<std::pair<std::string, Settings>> all = {
      {"vae", {{"likelihood", "gaussian:head"}}},
      {"vae", {{"likelihood", "gaussian:learned"}, {"standardize", "yes"}, {"output-activation", "linear"}}},
      {"ae", {{"loss", "bce"}, {"center", "yes"}}},
      {"ae", {{"tied", "yes"}, {"center", "yes"}}},
      {"flow", {{"time", "plain"}}},
      {"gan", {{"distance", "w1-critic:lipschitz=spectral"}}},
      {"wae", {{"distance", "jsd-critic"}, {"batch", "24"}}},
      {"sae", {{"loss", "bce"}, {"dropout", "0.2,0.2"}}}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& [name, more] = all[i];
    pushforward::Run run = make_run(name, small(find_model(name), more), data);
    export_all(fmt::format("{}-{}", name, i), run);
  }
}

std::ptrdiff_t heads(const OnnxGraph& graph, std::string_view operation) {
  return std::ranges::count(graph.nodes(), operation, &OnnxGraph::Node::operation);
}

// Their heads are a softmax for each category; what goes in and comes out is encoded.
TEST(Onnx, WritesModelsOfTables) {
  const Folder folder;
  std::ofstream table(folder / "t.csv");
  table << "age,sort,paid,member\n";
  for (int i = 0; i < 60; ++i)
    table << fmt::format("{},{},{},{}\n", 20 + i % 50, i % 3 ? "red" : "blue",
                         i % 8 == 0 ? "" : fmt::format("{:.2f}", 1 + 0.01 * i), i % 2 ? "yes" : "no");
  table.close();
  for (const char* name : {"vae", "ae", "generator", "gan", "pca"}) {
    const std::string path = folder / name;
    const Ran ran = run_program(fmt::format("train {} {} -o {} --latent 2 --quiet {}", name, folder / "t.csv",
                                            path, std::string(name) == "pca" ? "" : "--steps 3"));
    ASSERT_EQ(ran.status, 0) << ran.err;
    pushforward::Run run = open_run(path);
    export_all(fmt::format("{}-table", name), run);
    const std::vector<std::string> parts = onnx_parts(run);
    const OnnxGraph graph = onnx_graph(run, parts.front());
    std::map<std::string, std::string> about(graph.about().begin(), graph.about().end());
    EXPECT_NE(about["schema"].find("sort"), std::string::npos);
    EXPECT_NE(about["blocks"].find('m'), std::string::npos);  // a mark of what is missing
    const std::string rows_from = std::ranges::count(parts, "decoder") ? "decoder" : "generator";
    if (std::string(name) != "pca") {
      EXPECT_EQ(heads(onnx_graph(run, rows_from), "Softmax"), 2) << name;  // of "sort" and "member"
    }
  }
}

TEST(Onnx, SaysWhatItIsAndWhatWasTakenOff) {
  const Dataset data = low_rank_data(40, 3, 2, 0.1);
  const pushforward::Run run =
      make_run("pca", {{"latent", "2"}, {"standardize", "yes"}, {"seed", "7"}}, data);
  const OnnxGraph graph = onnx_graph(run, "encoder");
  std::map<std::string, std::string> about(graph.about().begin(), graph.about().end());
  EXPECT_EQ(about["model"], "pca");
  EXPECT_EQ(about["part"], "encoder");
  EXPECT_EQ(about["seed"], "7");
  EXPECT_EQ(about["shape"], "3");
  EXPECT_EQ(split(about["standardization.mean"], ' ').size(), 3u);
  EXPECT_EQ(split(about["standardization.deviation"], ' ').size(), 3u);
  EXPECT_NE(message_of([&] { onnx_graph(run, "critic"); }).find("encoder"), std::string::npos);
}

}  // namespace
}  // namespace pushforward

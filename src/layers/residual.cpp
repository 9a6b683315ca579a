// SPDX-License-Identifier: Apache-2.0
//
// A residual block [He, Zhang, Ren & Sun, CVPR 2016]: y = f(F(x) + S(x)), with
//   F  convolution, norm, f, convolution, norm
//   S  x itself, or a 1×1 convolution where channels or stride change.
// The sum lets gradients pass a block by, so that deep stacks of blocks train.
//
// It is a layer made of layers. The norm is group norm, which depends on no batch, so that a block may stand
// in a penalised critic, or, as published, batch norm, with which it has no tangent pass and may not; f is a
// (leaky) rectifier.
#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "layers/entries.hpp"
#include "layers/geometry.hpp"
#include "layers/onnx_layers.hpp"
#include "ops/activation.hpp"
#include "ops/channel_gradient.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

struct Plan {
  std::vector<Spec> main;
  std::vector<Spec> shortcut;  // empty: x itself
  Activation activation{};
  std::string norm{};
};

Plan read_plan(const Spec& spec, RowShape input) {
  check_image(input, "residual");
  SpecReader read(spec);
  const auto channels = static_cast<std::size_t>(read.count("channels", 0, 1, kMostUnits));
  const std::string kernel = read.text("kernel", "3"), stride = read.text("stride", "1");
  const std::string norm = read.word("norm", "group", {"group", "batch", "none"});
  const auto groups = static_cast<std::size_t>(read.count("groups", 8, 1, kMostUnits));
  const std::string f = read.word("activation", "relu", {"relu", "leaky-relu"});
  const std::string slope = read.text("slope", ""), initial = read.text("initial", "fan-in");
  read.finish();
  const auto convolution = [&](const std::string& size, const std::string& step) {
    return Spec{"convolution",
                {{"channels", fmt::format("{}", channels)},
                 {"kernel", size},
                 {"stride", step},
                 {"bias", norm == "none" ? "yes" : "no"},
                 {"initial", initial}}};
  };
  Plan plan;
  plan.activation = parse_activation(f, slope.empty() ? -1 : parse_number(slope, "residual: slope"));
  plan.norm = norm;
  const auto add_norm = [&] {
    if (norm == "group")
      plan.main.push_back({"group-norm", {{"groups", fmt::format("{}", std::gcd(groups, channels))}}});
    if (norm == "batch") plan.main.push_back({"batch-norm"});
  };
  plan.main.push_back(convolution(kernel, stride));
  add_norm();
  plan.main.push_back({"activation", {{"", f}}});
  if (!slope.empty()) plan.main.back().options.emplace_back("slope", slope);
  plan.main.push_back(convolution(kernel, "1"));
  add_norm();
  if (channels != input.channels || parse_extent(stride, "residual: stride").area() > 1)
    plan.shortcut.push_back(convolution("1", stride));
  return plan;
}

// How many of its own buffers a layer must find again in backward and update: a norm's moments, and behind a
// batch norm's their number of rows.
std::size_t buffers_of(const std::string& layer) {
  return layer == "group-norm" ? 1 : layer == "batch-norm" ? 2 : 0;
}

// Layers one after the other within another layer. What passes between them lies in the block's Saved, six
// buffers a layer. What they save themselves is scratch, but for those of norms: so they work on scratch of
// the thread's, and the norms' are carried over.
class Chain {
 public:
  Chain(const std::vector<Spec>& specs, RowShape input, std::size_t first_slot, const std::string& name)
      : first_(first_slot), output_(input) {
    for (const Spec& spec : specs) {
      layers_.push_back(make_layer(spec, output_));
      carried_.push_back(buffers_of(spec.name));
      output_ = layers_.back()->output_shape();
      for (Parameter* p : layers_.back()->parameters())
        p->name = fmt::format("{}.{}.{}", name, layers_.size() - 1, p->name);
    }
  }

  std::size_t depth() const { return layers_.size(); }
  std::size_t slots() const { return kKinds * depth(); }
  const RowShape& output() const { return output_; }
  const std::vector<std::unique_ptr<Layer>>& layers() const { return layers_; }

  // The chain's output, which lies in its last buffer (x itself where there is no layer).
  View<const float> forward(View<const float> x, Saved& saved, const Pass& pass) const {
    for (std::size_t i = 0; i < depth(); ++i) {
      const View<float> y = room(saved, kOutput, i, x.rows);
      layers_[i]->forward(x, y, scratch(), pass);
      for (std::size_t k = 0; k < carried_[i]; ++k) copy(scratch().at(k), saved, i, k);
      x = y;
    }
    return x;
  }
  void backward(View<const float> x, Saved& saved, View<const float> dy, View<float> dx, bool parameters,
                const Pass& pass) const {
    for (std::size_t i = depth(); i-- > 0;) {
      const View<float> to = i == 0 ? dx : room(saved, kGradient, i - 1, x.rows);
      layers_[i]->backward(input(x, saved, i), output(saved, i, x.rows), recalled(saved, i), dy, to,
                           parameters, pass);
      dy = to;
    }
    if (depth() == 0 && dx.wanted()) std::ranges::copy(dy.span(), dx.data);
  }
  View<const float> tangent(View<const float> x, Saved& saved, View<const float> tx, const Pass& pass) const {
    for (std::size_t i = 0; i < depth(); ++i) {
      const View<float> ty = room(saved, kTangent, i, x.rows);
      layers_[i]->tangent(input(x, saved, i), output(saved, i, x.rows), recalled(saved, i), tx, ty, pass);
      tx = ty;
    }
    return tx;
  }
  // Whether dx was written (Layer::tangent_backward).
  bool tangent_backward(View<const float> x, Saved& saved, View<const float> tx, View<const float> dy,
                        View<const float> dty, View<float> dx, View<float> dtx, bool parameters,
                        const Pass& pass) const {
    for (std::size_t i = depth(); i-- > 0;) {
      const View<float> to = i == 0 ? dx : room(saved, kGradient, i - 1, x.rows);
      const View<float> to_tangent = i == 0 ? dtx : room(saved, kTangentGradient, i - 1, x.rows);
      const View<const float> into = i == 0 ? tx : View<const float>(room(saved, kTangent, i - 1, x.rows));
      const bool curved = layers_[i]->tangent_backward(
          input(x, saved, i), output(saved, i, x.rows), recalled(saved, i), into,
          room(saved, kTangent, i, x.rows), dy, dty, to, to_tangent, parameters, pass);
      dy = curved ? View<const float>(to) : View<const float>{};
      dty = to_tangent;
    }
    if (depth() == 0 && dtx.wanted()) std::ranges::copy(dty.span(), dtx.data);
    if (depth() == 0 && dy.wanted() && dx.wanted()) std::ranges::copy(dy.span(), dx.data);
    return dy.wanted();
  }

  OnnxRows write(OnnxGraph& graph, OnnxRows x) const {
    for (const auto& layer : layers_) x = write_layer(graph, *layer, x);
    return x;
  }

  void update(const Saved& saved) const {
    for (std::size_t i = 0; i < depth(); ++i)
      if (carried_[i] > 0) layers_[i]->update(recalled(saved, i));
  }

 private:
  enum Kind : std::size_t { kOutput, kGradient, kTangent, kTangentGradient, kCarried, kKinds = kCarried + 2 };

  static Saved& scratch() {
    thread_local Saved memory;
    return memory;
  }
  std::size_t slot(Kind kind, std::size_t i) const { return first_ + kKinds * i + kind; }
  View<float> room(Saved& saved, Kind kind, std::size_t i, std::size_t rows) const {
    return saved.at(slot(kind, i), rows, layers_[i]->output_shape().size());
  }
  void copy(const Tensor& own, Saved& saved, std::size_t i, std::size_t k) const {
    std::ranges::copy(own.span(), saved.at(slot(kCarried, i) + k, own.rows(), own.cols()).data());
  }
  // Scratch with what layer i left for itself in its forward pass.
  Saved& recalled(const Saved& saved, std::size_t i) const {
    for (std::size_t k = 0; k < carried_[i]; ++k) {
      const Tensor& own = saved.at(slot(kCarried, i) + k);
      std::ranges::copy(own.span(), scratch().at(k, own.rows(), own.cols()).data());
    }
    return scratch();
  }
  View<const float> output(Saved& saved, std::size_t i, std::size_t rows) const {
    return room(saved, kOutput, i, rows);
  }
  View<const float> input(View<const float> x, Saved& saved, std::size_t i) const {
    return i == 0 ? x : output(saved, i - 1, x.rows);
  }

  std::size_t first_;
  RowShape output_;
  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<std::size_t> carried_;
};

class Residual final : public Layer, public OnnxMap {
 public:
  Residual(const Plan& plan, RowShape input)
      : input_(input),
        f_(plan.activation),
        batch_norm_(plan.norm == "batch"),
        main_(plan.main, input, kSlots, "main"),
        shortcut_(plan.shortcut, input, kSlots + main_.slots(), "shortcut") {}

  std::string describe() const override {
    return fmt::format("residual {}{}{}, {}", output_shape().channels,
                       shortcut_.depth() > 0 ? " with a convolution beside it" : "",
                       batch_norm_ ? ", batch norm" : "", activation_name(f_));
  }
  RowShape output_shape() const override { return main_.output(); }
  double operations() const override {
    double sum = 2.0 * static_cast<double>(output_shape().size());
    for (const Chain* chain : {&main_, &shortcut_})
      for (const auto& layer : chain->layers()) sum += layer->operations();
    return sum;
  }

  void forward(View<const float> x, View<float> y, Saved& saved, const Pass& pass) const override {
    add(main_.forward(x, saved, pass), shortcut_.forward(x, saved, pass), y);
    activate(f_, y.span(), y.span());
  }

  void backward(View<const float> x, View<const float> y, Saved& saved, View<const float> dy, View<float> dx,
                bool parameters, const Pass& pass) override {
    const View<const float> da = masked(dy, y, saved, kGradient);
    main_.backward(x, saved, da, dx, parameters, pass);
    const View<float> beside = dx.wanted() ? saved.at(kBeside, x.rows, x.cols).view() : View<float>{};
    shortcut_.backward(x, saved, da, beside, parameters, pass);
    if (dx.wanted()) add(dx, beside, dx);
  }

  bool has_tangent() const override {
    for (const Chain* chain : {&main_, &shortcut_})
      for (const auto& layer : chain->layers())
        if (!layer->has_tangent()) return false;
    return true;
  }
  void tangent(View<const float> x, View<const float> y, Saved& saved, View<const float> tx, View<float> ty,
               const Pass& pass) const override {
    add(main_.tangent(x, saved, tx, pass), shortcut_.tangent(x, saved, tx, pass), ty);
    channel_gradient(f_, output_shape().channels, ty, y, ty, nullptr);
  }
  bool tangent_backward(View<const float> x, View<const float> y, Saved& saved, View<const float> tx,
                        View<const float>, View<const float> dy, View<const float> dty, View<float> dx,
                        View<float> dtx, bool parameters, const Pass& pass) override {
    const View<const float> da = dy.wanted() ? masked(dy, y, saved, kGradient) : View<const float>{};
    const View<const float> dta = masked(dty, y, saved, kTangentGradient);
    const View<float> first = saved.at(kFirst, x.rows, x.cols), beside = saved.at(kBeside, x.rows, x.cols);
    const View<float> tangents = saved.at(kTangentBeside, x.rows, x.cols);
    const bool curved = main_.tangent_backward(x, saved, tx, da, dta, first, dtx, parameters, pass);
    const bool also = shortcut_.tangent_backward(x, saved, tx, da, dta, beside, tangents, parameters, pass);
    if (dtx.wanted()) add(dtx, tangents, dtx);
    if (dx.wanted() && curved) std::ranges::copy(std::as_const(first).span(), dx.data);
    if (dx.wanted() && also) curved ? add(dx, beside, dx) : add(beside, {}, dx);
    return curved || also;
  }

  void update(const Saved& saved) override { main_.update(saved), shortcut_.update(saved); }

  std::vector<Parameter*> parameters() override {
    std::vector<Parameter*> all;
    for (const Chain* chain : {&main_, &shortcut_})
      for (const auto& layer : chain->layers())
        for (Parameter* p : layer->parameters()) all.push_back(p);
    return all;
  }

  OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const override {
    const OnnxRows image = graph.of_planes(graph.planes(x, input_), input_);
    const OnnxRows main = main_.write(graph, image);
    return write_activation(graph, f_, graph.each("Add", main, {}, {shortcut_.write(graph, image).name}));
  }

 private:
  enum Slot : std::size_t { kGradient, kTangentGradient, kFirst, kBeside, kTangentBeside, kSlots };

  static void add(View<const float> a, View<const float> b, View<float> sum) {
    for (std::size_t i = 0; i < sum.size(); ++i) sum.data[i] = a.data[i] + (b.wanted() ? b.data[i] : 0.0f);
  }

  View<const float> masked(View<const float> dy, View<const float> y, Saved& saved, Slot slot) const {
    return channel_gradient(f_, output_shape().channels, dy, y, saved.at(slot, dy.rows, dy.cols), nullptr);
  }

  RowShape input_;
  Activation f_;
  bool batch_norm_;
  Chain main_, shortcut_;
};

// The twin runs the twins of its layers; `pass` is null at inference.
Matrix<double> run_twins(const std::vector<Spec>& specs, RowShape input, View<const double> x,
                         std::span<const Matrix<double>>& parameters, const Pass* pass) {
  Matrix<double> at(x.rows, x.cols);
  std::ranges::copy(x.span(), at.data());
  for (const Spec& spec : specs) {
    const std::unique_ptr<Layer> layer = make_layer(spec, input);
    Matrix<double> y(x.rows, layer->output_shape().size());
    const std::size_t count = layer->parameters().size();
    const LayerEntry& entry = find_layer(spec.name);
    if (pass && entry.training_twin)
      entry.training_twin(spec, input, std::as_const(at).view(), parameters.first(count), *pass, y.view());
    else
      entry.twin(spec, input, std::as_const(at).view(), parameters.first(count), y.view());
    parameters = parameters.subspan(count);
    input = layer->output_shape(), at = std::move(y);
  }
  return at;
}

void run_block(const Spec& spec, RowShape input, View<const double> x,
               std::span<const Matrix<double>> parameters, const Pass* pass, View<double> y) {
  const Plan plan = read_plan(spec, input);
  const Matrix<double> main = run_twins(plan.main, input, x, parameters, pass);
  const Matrix<double> beside = run_twins(plan.shortcut, input, x, parameters, pass);
  for (std::size_t i = 0; i < y.size(); ++i)
    y.data[i] = activation_value(plan.activation, main.data()[i] + beside.data()[i]);
}

RowShape image(std::size_t height, std::size_t width, std::size_t channels) {
  return {.height = height, .width = width, .channels = channels, .image = true};
}

}  // namespace

LayerEntry residual_entry() {
  return {
      .name = "residual",
      .formula = "y = f(F(x) + S(x)), F two convolutions with norms, S x or a 1×1 convolution",
      .source = "He, Zhang, Ren & Sun, CVPR 2016",
      .options = {{"channels", "", "of the output"},
                  {"kernel", "3", "of both convolutions"},
                  {"stride", "1", "of the first"},
                  {"norm", "group", "group, batch or none"},
                  {"groups", "8", "of group norm (their greatest common divisor with the channels)"},
                  {"activation", "relu", "f: relu or leaky-relu"},
                  {"slope", "", "of leaky-relu below 0 (0.01)"},
                  {"initial", "fan-in", "how weights begin"}},
      .make = [](const Spec& spec, RowShape input) -> std::unique_ptr<Layer> {
        return std::make_unique<Residual>(read_plan(spec, input), input);
      },
      .twin = [](const Spec& spec, RowShape input, View<const double> x, std::span<const Matrix<double>> p,
                 View<double> y) { run_block(spec, input, x, p, nullptr, y); },
      .training_twin = [](const Spec& spec, RowShape input, View<const double> x,
                          std::span<const Matrix<double>> p, const Pass& pass,
                          View<double> y) { run_block(spec, input, x, p, &pass, y); },
      .trials = {{"residual:channels=1,kernel=1,norm=none", image(1, 2, 1)},
                 {"residual:channels=2,kernel=2,norm=none,activation=leaky-relu,slope=0.3", image(2, 2, 2)},
                 {"residual:channels=3,kernel=1x2,stride=2x1,groups=1,activation=leaky-relu,slope=0.3",
                  image(2, 2, 1)},
                 {"residual:channels=2,kernel=2x1,norm=batch,activation=leaky-relu,slope=0.3",
                  image(2, 2, 1)}},
      .examples = {{.inputs = 2,
                    .x = {1, -2},
                    .parameters = {{2}, {1}, {-3}, {4}},
                    .y = {0, 2},
                    .by_hand = "pixel 1: relu(2·1+1) = 3, −3·3+4+1 = −4 → 0; pixel 2: relu(2·(−2)+1) = 0, "
                               "0+4−2 = 2"}}};
}

}  // namespace pushforward

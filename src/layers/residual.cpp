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

#include "layers/geometry.hpp"
#include "layers/layer_row.hpp"
#include "layers/onnx_layers.hpp"
#include "ops/activation.hpp"
#include "ops/channel_gradient.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

// A layer of the block, and how many of its own buffers it must find again in backward and update: a norm's
// moments, and behind a batch norm's their number of rows.
struct Step {
  LayerPlan layer;
  std::size_t carried = 0;
};

struct Plan {
  std::vector<Step> main, shortcut;  // no shortcut: x itself
};

Activation activation_of(const ResidualOptions& o) { return make_activation(o.activation, o.slope); }

std::vector<Step> norm_of(const ResidualOptions& o) {
  using Norm = ResidualOptions::Norm;
  if (o.norm == Norm::group) return {{GroupNormOptions{.groups = std::gcd(o.groups, o.channels)}, 1}};
  if (o.norm == Norm::batch) return {{BatchNormOptions{}, 2}};
  return {};
}

Plan plan_of(const ResidualOptions& o, RowShape input) {
  check_image(input, "residual");
  const auto convolution = [&](const Extent& kernel, const Extent& stride) {
    return Step{ConvolutionOptions{.channels = o.channels,
                                   .kernel = kernel,
                                   .stride = stride,
                                   .bias = o.norm == ResidualOptions::Norm::none,
                                   .initial = o.initial}};
  };
  const std::vector<Step> norm = norm_of(o);
  Plan plan;
  plan.main.push_back(convolution(o.kernel, o.stride));
  plan.main.insert(plan.main.end(), norm.begin(), norm.end());
  plan.main.push_back({ActivationOptions{o.activation, o.slope}});
  plan.main.push_back(convolution(o.kernel, {}));
  plan.main.insert(plan.main.end(), norm.begin(), norm.end());
  if (o.channels != input.channels || o.stride.area() > 1) plan.shortcut.push_back(convolution({}, o.stride));
  return plan;
}

// Layers one after the other within another layer. What passes between them lies in the block's Saved, six
// buffers a layer. What they save themselves is scratch, but for those of norms: so they work on scratch of
// the thread's, and the norms' are carried over.
class Chain {
 public:
  Chain(const std::vector<Step>& steps, RowShape input, std::size_t first_slot, const std::string& name)
      : first_(first_slot), output_(input) {
    for (const Step& step : steps) {
      layers_.push_back(make_layer(step.layer, output_));
      carried_.push_back(step.carried);
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
  Residual(const ResidualOptions& options, const Plan& plan, RowShape input)
      : input_(input),
        f_(activation_of(options)),
        batch_norm_(options.norm == ResidualOptions::Norm::batch),
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
Matrix<double> run_twins(const std::vector<Step>& steps, RowShape input, View<const double> x,
                         std::span<const Matrix<double>>& parameters, const Pass* pass) {
  Matrix<double> at(x.rows, x.cols);
  std::ranges::copy(x.span(), at.data());
  for (const auto& [plan, unused] : steps) {
    const std::unique_ptr<Layer> layer = make_layer(plan, input);
    Matrix<double> y(x.rows, layer->output_shape().size());
    const std::size_t count = layer->parameters().size();
    const LayerEntry& entry = plan.entry();
    if (pass && entry.training_twin)
      entry.training_twin(plan, input, std::as_const(at).view(), parameters.first(count), *pass, y.view());
    else
      entry.twin(plan, input, std::as_const(at).view(), parameters.first(count), y.view());
    parameters = parameters.subspan(count);
    input = layer->output_shape(), at = std::move(y);
  }
  return at;
}

void run_block(const ResidualOptions& options, RowShape input, View<const double> x,
               std::span<const Matrix<double>> parameters, const Pass* pass, View<double> y) {
  const Plan plan = plan_of(options, input);
  const Matrix<double> main = run_twins(plan.main, input, x, parameters, pass);
  const Matrix<double> beside = run_twins(plan.shortcut, input, x, parameters, pass);
  for (std::size_t i = 0; i < y.size(); ++i)
    y.data[i] = activation_value(activation_of(options), main.data()[i] + beside.data()[i]);
}

void inference_twin(const ResidualOptions& options, RowShape input, View<const double> x,
                    std::span<const Matrix<double>> parameters, View<double> y) {
  run_block(options, input, x, parameters, nullptr, y);
}
void training_twin(const ResidualOptions& options, RowShape input, View<const double> x,
                   std::span<const Matrix<double>> parameters, const Pass& pass, View<double> y) {
  run_block(options, input, x, parameters, &pass, y);
}

// Upsampling where it has a stride, then a block back to the channels.
std::vector<LayerPlan> mirror_residual(const ResidualOptions& o, const Passage& passage) {
  const Extent size{passage.input.height, passage.input.width};
  std::vector<LayerPlan> back;
  if (size != Extent{passage.output.height, passage.output.width})
    back.push_back(UpsampleOptions{.size = size});
  ResidualOptions block = o;
  block.stride = {}, block.channels = passage.channels;
  back.push_back(block);
  return back;
}

}  // namespace

const LayerEntry& layer_entry(const ResidualOptions&) {
  using O = ResidualOptions;
  static const auto table =
      OptionTable<O>("residual")
          .add("channels", &O::channels, "of the output", count_of(1, kMostUnits))
          .shown("")
          .add("kernel", &O::kernel, "of both convolutions", extent_kind())
          .add("stride", &O::stride, "of the first", extent_kind())
          .add("norm", &O::norm, "group, batch or none",
               word_of(OptionWords<O::Norm>{
                   {"group", O::Norm::group}, {"batch", O::Norm::batch}, {"none", O::Norm::none}}))
          .add("groups", &O::groups, "of group norm (their greatest common divisor with the channels)",
               count_of(1, kMostUnits))
          .add("activation", &O::activation, "f: relu or leaky-relu",
               activation_kind({Activation::Kind::relu, Activation::Kind::leaky_relu}))
          .add("slope", &O::slope, "of leaky-relu below 0 (0.01)", slope_kind())
          .add("initial", &O::initial, "how weights begin", initial_kind())
          .shown("fan-in");
  static const LayerEntry entry = layer_row(
      table,
      [](const O& options, RowShape input) {
        return std::make_unique<Residual>(options, plan_of(options, input), input);
      },
      {.formula = "y = f(F(x) + S(x)), F two convolutions with norms, S x or a 1×1 convolution",
       .source = "He, Zhang, Ren & Sun, CVPR 2016",
       .twin = by_options(inference_twin),
       .training_twin = by_options(training_twin),
       .trials = {{"residual:channels=1,kernel=1,norm=none", image_shape(1, 2, 1)},
                  {"residual:channels=2,kernel=2,norm=none,activation=leaky-relu,slope=0.3",
                   image_shape(2, 2, 2)},
                  {"residual:channels=3,kernel=1x2,stride=2x1,groups=1,activation=leaky-relu,slope=0.3",
                   image_shape(2, 2, 1)},
                  {"residual:channels=2,kernel=2x1,norm=batch,activation=leaky-relu,slope=0.3",
                   image_shape(2, 2, 1)}},
       .examples = {{.inputs = 2,
                     .x = {1, -2},
                     .parameters = {{2}, {1}, {-3}, {4}},
                     .y = {0, 2},
                     .by_hand = "pixel 1: relu(2·1+1) = 3, −3·3+4+1 = −4 → 0; pixel 2: relu(2·(−2)+1) = 0, "
                                "0+4−2 = 2"}},
       .number = "channels",
       .kernel = "kernel",
       .mirror = by_options(mirror_residual)});
  return entry;
}

}  // namespace pushforward

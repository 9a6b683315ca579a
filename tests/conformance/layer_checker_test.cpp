// SPDX-License-Identifier: Apache-2.0
//
// The checker is tried itself: wrong layers and losses, each with one planted error of a kind that has lived
// in a well-known library, must be caught, under the promise that they break.
#include <algorithm>

#include <gtest/gtest.h>

#include "pushforward/conformance_layers.hpp"

namespace pushforward {
namespace {

// What is planted into y = g ⊙ x² + c, a layer with two parameters and a saved buffer.
enum class Fault {
  none,
  gradient_off,           // dx without the factor 2
  ignores_dy,             // backward of dy = 1
  ones_only,              // right only where g is 1, as at the beginning
  adds_dx,                // dx added to what is there
  overwrites_gradients,   // dparameters written
  ignores_flag,           // dparameters although not asked
  needs_dx,               // parameter gradients only together with dx
  keeps_x,                // backward uses the last forward's x
  uses_up_saved,          // a second backward finds saved changed
  drops_last_row,         // y's last row not written
  forward_off,            // y off by a hundredth
  square_of_dy,           // not linear in dy
  moves_kept,             // forward moves what only update may
  tangent_off,            // ty without the factor 2
  tangent_of_ones,        // ty along 1 instead of tx
  no_second_term,         // the tangents' dx without its term from dty
  forgets_dy,             // the tangents' dx without its term from dy
  says_flat,              // dx written, and said to be 0
  hides_curve,            // dx neither written nor announced
  dtx_off,                // dtx without the factor 2
  no_weight_of_tangent,   // dg without its term from dty
  overwrites_by_tangent,  // dparameters written by the tangents' backward
  tangent_ignores_flag,   // dparameters although not asked
  tangent_needs_dx,       // dparameters only together with dx
  tangent_spoils,         // the tangent pass changes what backward needs
};

class Wrong : public Layer {
 public:
  Wrong(Fault fault, std::size_t width) : fault_(fault), width_(width) {
    scale_ = {.name = "scale", .rows = 1, .cols = width, .initial = ConstantInitial{1}};
    shift_ = {.name = "shift", .rows = 1, .cols = width};
    kept_ = {.name = "kept", .rows = 1, .cols = 1, .trained = false};
  }
  std::string describe() const override { return "wrong"; }
  RowShape output_shape() const override { return {.width = width_}; }
  std::vector<Parameter*> parameters() override { return {&scale_, &shift_, &kept_}; }

  void forward(View<const float> x, View<float> y, Saved& saved, const Pass&) const override {
    Tensor& kept = saved.at(0, x.rows, x.cols);
    std::copy_n(x.data, x.size(), kept.data());
    last_ = kept;
    if (fault_ == Fault::moves_kept) kept_.value(0, 0) += 1;
    const std::size_t rows = y.rows - (fault_ == Fault::drops_last_row ? 1 : 0);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < y.cols; ++j)
        y(i, j) = scale_.value(0, j) * x(i, j) * x(i, j) + shift_.value(0, j) +
                  (fault_ == Fault::forward_off ? 0.01f : 0);
  }

  void backward(View<const float>, View<const float>, Saved& saved, View<const float> dy, View<float> dx,
                bool parameters, const Pass&) override {
    Tensor& kept = saved.at(0, dy.rows, dy.cols);
    const Tensor& x = fault_ == Fault::keeps_x && last_.rows() >= dy.rows ? last_ : kept;
    if (dx.wanted()) write_dx(x, dy, dx);
    if ((parameters || fault_ == Fault::ignores_flag) && (dx.wanted() || fault_ != Fault::needs_dx))
      add_gradients(x, dy);
    if (fault_ == Fault::uses_up_saved)
      for (float& v : kept.span()) v *= 0.5f;
  }

  bool has_tangent() const override { return true; }
  // ty = 2g ⊙ x ⊙ tx.
  void tangent(View<const float> x, View<const float>, Saved& saved, View<const float> tx, View<float> ty,
               const Pass&) const override {
    const float factor = fault_ == Fault::tangent_off ? 1.0f : 2.0f;
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j < x.cols; ++j)
        ty(i, j) = factor * scale_.value(0, j) * x(i, j) * (fault_ == Fault::tangent_of_ones ? 1 : tx(i, j));
    if (fault_ == Fault::tangent_spoils) saved.at(0, x.rows, x.cols)(0, 0) = 0;
  }
  bool tangent_backward(View<const float> x, View<const float>, Saved&, View<const float> tx,
                        View<const float>, View<const float> dy, View<const float> dty, View<float> dx,
                        View<float> dtx, bool parameters, const Pass&) override {
    if (dx.wanted() && fault_ != Fault::hides_curve) write_second(x, tx, dy, dty, dx);
    if (dtx.wanted()) write_dtx(x, dty, dtx);
    if ((parameters || fault_ == Fault::tangent_ignores_flag) &&
        (dx.wanted() || fault_ != Fault::tangent_needs_dx))
      add_second(x, tx, dy, dty);
    return fault_ != Fault::says_flat && fault_ != Fault::hides_curve;
  }

 private:
  void write_second(View<const float> x, View<const float> tx, View<const float> dy, View<const float> dty,
                    View<float> dx) const {
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j < x.cols; ++j) {
        const float by = dy.wanted() && fault_ != Fault::forgets_dy ? dy(i, j) * x(i, j) : 0;
        const float along = fault_ == Fault::no_second_term ? 0 : dty(i, j) * tx(i, j);
        dx(i, j) = 2 * scale_.value(0, j) * (by + along);
      }
  }
  void write_dtx(View<const float> x, View<const float> dty, View<float> dtx) const {
    const float factor = fault_ == Fault::dtx_off ? 1.0f : 2.0f;
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j < x.cols; ++j) dtx(i, j) = factor * scale_.value(0, j) * x(i, j) * dty(i, j);
  }
  void add_second(View<const float> x, View<const float> tx, View<const float> dy, View<const float> dty) {
    if (fault_ == Fault::overwrites_by_tangent) std::fill_n(shift_.gradient.data, width_, 0.0f);
    for (std::size_t i = 0; i < x.rows; ++i)
      for (std::size_t j = 0; j < x.cols; ++j) {
        if (fault_ != Fault::no_weight_of_tangent)
          scale_.gradient(0, j) += 2 * x(i, j) * tx(i, j) * dty(i, j);
        if (!dy.wanted()) continue;
        scale_.gradient(0, j) += x(i, j) * x(i, j) * dy(i, j);
        shift_.gradient(0, j) += dy(i, j);
      }
  }
  float seen(float dy) const {
    if (fault_ == Fault::ignores_dy) return 1;
    return fault_ == Fault::square_of_dy ? dy * std::abs(dy) : dy;
  }
  void write_dx(const Tensor& x, View<const float> dy, View<float> dx) const {
    for (std::size_t i = 0; i < dy.rows; ++i)
      for (std::size_t j = 0; j < dy.cols; ++j) {
        const float scale = fault_ == Fault::ones_only ? 1 : scale_.value(0, j);
        const float factor = fault_ == Fault::gradient_off ? 1.0f : 2.0f;
        const float value = factor * seen(dy(i, j)) * scale * x(i, j);
        dx(i, j) = (fault_ == Fault::adds_dx ? dx(i, j) : 0) + value;
      }
  }
  void add_gradients(const Tensor& x, View<const float> dy) {
    if (fault_ == Fault::overwrites_gradients) std::fill_n(scale_.gradient.data, width_, 0.0f);
    for (std::size_t i = 0; i < dy.rows; ++i)
      for (std::size_t j = 0; j < dy.cols; ++j) {
        scale_.gradient(0, j) += seen(dy(i, j)) * x(i, j) * x(i, j);
        shift_.gradient(0, j) += seen(dy(i, j));
      }
  }

  Fault fault_;
  std::size_t width_;
  Parameter scale_, shift_;
  mutable Parameter kept_;
  mutable Tensor last_;
};

LayerEntry wrong_entry(Fault fault) {
  return {.name = "wrong",
          .formula = "y = g ⊙ x² + c",
          .source = "this test",
          .options = {},
          .make = [fault](const LayerPlan&, RowShape input) -> std::unique_ptr<Layer> {
            return std::make_unique<Wrong>(fault, input.size());
          },
          .twin =
              [](const LayerPlan&, RowShape, View<const double> x, std::span<const Matrix<double>> p,
                 View<double> y) {
                for (std::size_t i = 0; i < x.rows; ++i)
                  for (std::size_t j = 0; j < x.cols; ++j)
                    y(i, j) = p[0](0, j) * x(i, j) * x(i, j) + p[1](0, j);
              },
          .trials = {{"wrong", {.width = 3}}},
          .examples = {{.inputs = 3,
                        .x = {1, 2, -1, 0, 1, 3},
                        .parameters = {{1, 2, 3}, {0, 1, 0}, {0}},
                        .y = {1, 9, 3, 0, 3, 27},
                        .by_hand = "1·1, 2·4+1, 3·1; 0, 2·1+1, 3·9"}}};
}

bool finds(const std::vector<Finding>& findings, const std::string& promise) {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Finding& f) { return f.promise.find(promise) != std::string::npos; });
}

std::string list(const std::vector<Finding>& findings) {
  std::string all;
  for (const Finding& f : findings) all += "\n  " + f.text();
  return all.empty() ? " nothing" : all;
}

TEST(LayerChecker, PassesTheRightLayer) {
  const auto findings = check_layer(wrong_entry(Fault::none));
  EXPECT_TRUE(findings.empty()) << list(findings);
}

TEST(LayerChecker, CatchesEveryPlantedError) {
  const std::pair<Fault, const char*> faults[] = {
      {Fault::gradient_off, "gradient in x"},
      {Fault::ignores_dy, "gradient in x"},
      {Fault::ones_only, "gradient in x"},
      {Fault::adds_dx, "gradient in x"},
      {Fault::overwrites_gradients, "parameter gradients are added"},
      {Fault::ignores_flag, "parameters=false"},
      {Fault::needs_dx, "parameter gradients without dx"},
      {Fault::keeps_x, "no memory between calls"},
      {Fault::uses_up_saved, "a second backward"},
      {Fault::drops_last_row, "forward agrees"},
      {Fault::forward_off, "forward agrees"},
      {Fault::square_of_dy, "linear in dy"},
      {Fault::moves_kept, "kept parameters"},
      {Fault::tangent_off, "tangent is the derivative"},
      {Fault::tangent_of_ones, "tangent is the derivative"},
      {Fault::no_second_term, "tangent backward's dx"},
      {Fault::forgets_dy, "tangent backward's dx"},
      {Fault::says_flat, "leaves dx alone"},
      {Fault::hides_curve, "tangent backward's dx without dy"},
      {Fault::dtx_off, "tangent backward's dtx"},
      {Fault::no_weight_of_tangent, "tangent backward's gradient in scale"},
      {Fault::overwrites_by_tangent, "tangent backward adds"},
      {Fault::tangent_ignores_flag, "of tangents too"},
      {Fault::tangent_needs_dx, "tangent backward's gradients without dx"},
      {Fault::tangent_spoils, "tangents leave the ordinary backward alone"},
  };
  for (const auto& [fault, promise] : faults) {
    const auto findings = check_layer(wrong_entry(fault));
    EXPECT_TRUE(finds(findings, promise))
        << "fault " << static_cast<int>(fault) << ", wanted " << promise << ", found" << list(findings);
  }
}

TEST(LayerChecker, AnExampleIsTheOracleOfTheTwin) {
  LayerEntry entry = wrong_entry(Fault::none);
  const auto right = entry.twin;
  entry.twin = [right](const LayerPlan& s, RowShape r, View<const double> x,
                       std::span<const Matrix<double>> p, View<double> y) {
    right(s, r, x, p, y);
    for (double& v : y.span()) v *= 0.5;
  };
  EXPECT_TRUE(finds(check_layer(entry), "worked example of the twin"));
}

TEST(LayerChecker, WantsAnExampleAFormulaAndASource) {
  LayerEntry entry = wrong_entry(Fault::none);
  entry.examples.clear(), entry.source.clear();
  const auto findings = check_layer(entry);
  EXPECT_TRUE(finds(findings, "worked example") && finds(findings, "source")) << list(findings);
}

// Σ y³ − x, with faults of losses.
enum class LossFault { none, halved_together, sign, adds, unscaled, value_depends };

LossEntry wrong_loss(LossFault fault) {
  const double size = fault == LossFault::halved_together ? 0.5 : 1;
  return {.name = "cube",
          .formula = "Σ y³ − x",
          .source = "this test",
          .argument_cols = 5,
          .target_cols = 5,
          .unit_targets = false,
          .value =
              [fault, size](View<const float> y, View<const float> x, View<float> gradient, float scale) {
                double sum = fault == LossFault::value_depends && gradient.wanted() ? 1 : 0;
                for (std::size_t i = 0; i < y.size(); ++i) {
                  const auto v = static_cast<double>(y.data[i]);
                  sum += size * (v * v * v - static_cast<double>(x.data[i]));
                  if (!gradient.wanted()) continue;
                  const double factor = fault == LossFault::unscaled ? 1 : static_cast<double>(scale);
                  const auto slope =
                      static_cast<float>((fault == LossFault::sign ? -1 : 1) * size * factor * 3 * v * v);
                  gradient.data[i] = (fault == LossFault::adds ? gradient.data[i] : 0) + slope;
                }
                return sum;
              },
          .twin =
              [size](View<const double> y, View<const double> x) {
                double sum = 0;
                for (std::size_t i = 0; i < y.size(); ++i)
                  sum += size * (y.data[i] * y.data[i] * y.data[i] - x.data[i]);
                return sum;
              },
          .example_argument = {2, 1},
          .example_target = {3, 0},
          .example_value = 6,
          .by_hand = "8 − 3 + 1"};
}

TEST(LossChecker, CatchesEveryPlantedErrorAndPassesTheRightLoss) {
  EXPECT_TRUE(check_loss(wrong_loss(LossFault::none)).empty())
      << list(check_loss(wrong_loss(LossFault::none)));
  const std::pair<LossFault, const char*> faults[] = {{LossFault::halved_together, "worked example"},
                                                      {LossFault::sign, "gradient"},
                                                      {LossFault::adds, "gradient"},
                                                      {LossFault::unscaled, "gradient"},
                                                      {LossFault::value_depends, "does not depend"}};
  for (const auto& [fault, promise] : faults)
    EXPECT_TRUE(finds(check_loss(wrong_loss(fault)), promise))
        << static_cast<int>(fault) << list(check_loss(wrong_loss(fault)));
}

}  // namespace
}  // namespace pushforward

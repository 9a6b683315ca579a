// SPDX-License-Identifier: Apache-2.0
// Convolutional forms of models: gradients, resuming, images of every kind, and what is refused.
#include <gtest/gtest.h>

#include "models/codec.hpp"
#include "pushforward/error.hpp"
#include "unit/models/gradient.hpp"
#include "unit/models/run_files.hpp"

namespace pushforward {
namespace {

using namespace testing;

// n images of 0…1: a soft spot somewhere.
Dataset spots(std::size_t n, std::size_t size, std::size_t channels) {
  Dataset data;
  data.name = "spots";
  data.shape = {.height = size, .width = size, .channels = channels, .image = true};
  Matrix<float> rows(n, data.shape.size());
  Matrix<double> at(n, 2);
  fill_uniform(at.span(), Draw{11, stream_id("spots"), 0}, 0, static_cast<double>(size));
  for (std::size_t b = 0; b < n; ++b)
    for (std::size_t k = 0; k < data.shape.size(); ++k) {
      const double y = static_cast<double>(k / channels / size) - at(b, 0);
      const double x = static_cast<double>(k / channels % size) - at(b, 1);
      rows(b, k) =
          static_cast<float>(std::exp(-0.3 * (x * x + y * y)) / static_cast<double>(1 + k % channels));
    }
  data.rows_data = std::move(rows);
  return data;
}

Step step_at(std::uint64_t seed) { return {0, 100, 0, Pass{true, Draw{seed, 0, 7}}}; }

void expect_gradient(const std::string& model, const Settings& settings, const Dataset& data) {
  SCOPED_TRACE(model);
  pushforward::Run run = make_run(model, with(settings, {{"latent", "3"}}), data);
  const Tensor x = data.floats(0, 6);
  testing::expect_gradient(
      run, [&] { return learner(*run.model).accumulate(0, x.view(), step_at(1)).loss; }, 0.02, 3e-3);
}

constexpr const char* kText = "conv 4 4x4/2, tanh, conv 6 3x3/2, tanh";

TEST(ConvolutionalModels, GradientsAreThoseOfTheLoss) {
  const Dataset grey = spots(12, 8, 1), colour = spots(12, 7, 3);
  expect_gradient("ae", {{"network", kText}}, grey);
  expect_gradient("ae", {{"network", kText}, {"loss", "bce"}}, colour);
  expect_gradient("vae", {{"network", kText}}, grey);
  expect_gradient("vae", {{"network", kText}, {"likelihood", "gaussian:head"}}, colour);
  expect_gradient("iwae", {{"network", "conv 4 3x3/2, batch-norm, tanh"}, {"importance", "3"}}, grey);
}

TEST(ConvolutionalModels, LearnAndKeepTheShape) {
  for (const std::size_t channels : {1u, 3u}) {
    const Dataset data = spots(200, 12, channels);
    pushforward::Run run = make_run(
        "ae", {{"network", "conv"}, {"latent", "4"}, {"steps", "60"}, {"batch", "50"}, {"rate", "0.003"}},
        data);
    EXPECT_EQ(run.options.text("hidden"), "none");
    const double before = field(evaluate(*run.model, data, {}), "squared_error");
    train(run, data, nullptr);
    EXPECT_LT(field(evaluate(*run.model, data, {}), "squared_error"), 0.5 * before);
    Tensor y(3, data.cols());
    reconstruct(*run.model, data.floats(0, 3).view(), y, nullptr);
  }
}

TEST(ConvolutionalModels, NamedNetworksBuildForEverySize) {
  for (const char* name : {"conv", "dcgan", "resnet"})
    for (const std::size_t size : {25u, 28u}) {
      pushforward::Run run = make_run("vae", {{"network", name}, {"latent", "2"}}, spots(4, size, 3));
      EXPECT_GT(run.model->summary().size(), 6u) << name;
    }
}

TEST(ConvolutionalModels, ResumeInTheSameBits) {
  const Dataset data = spots(90, 8, 2);
  const Settings settings = {
      {"network", "conv 4 4x4/2, batch-norm, leaky-relu, dropout 0.1, residual 6 2x2/2 norm=batch"},
      {"latent", "3"},
      {"batch", "32"},
      {"epochs", "4"},
      {"threads", "2"}};
  expect_resumes_alike("vae", settings, data, {5});
}

std::string refusal(const std::string& model, const Settings& settings, const Dataset& data) {
  return message_of([&] { make_run(model, settings, data); });
}

TEST(ConvolutionalModels, RefuseWhatDoesNotFit) {
  const Dataset data = spots(5, 8, 1);
  EXPECT_NE(refusal("ae", {{"network", "convv"}}, data).find("'conv'"), std::string::npos);
  EXPECT_NE(refusal("ae", {{"network", "conv 4 9x9"}}, data).find("no larger than its input"),
            std::string::npos);
  EXPECT_NE(refusal("ae", {{"network", "conv"}, {"tied", "yes"}}, data).find("--network mlp"),
            std::string::npos);
  EXPECT_NE(refusal("ae", {{"network", "conv"}}, grey_data(5, 64)).find("wanted images"), std::string::npos);
  pushforward::Run run = make_run("ae", {{"network", "conv"}}, data);
  EXPECT_THROW(prepare_data(run, spots(5, 8, 3)), RequestError);
}

TEST(ConvolutionalModels, ImageNetworksAreTheSameAtAnotherSize) {
  const NetworkOptions options{.network = "conv 4 4x4/2, relu, conv 8 3x3/2, relu"};
  const RowShape shape{.height = 8, .width = 8, .channels = 1, .image = true};
  const RowShape other{.height = 11, .width = 6, .channels = 1, .image = true};
  Network network = make_image_network(options, shape, "linear"),
          larger = make_image_network(options, other, "linear");
  EXPECT_EQ(network.output_shape(), shape);
  EXPECT_EQ(larger.output_shape(), other);
  Arena arena;
  arena.bind(network.parameters(), {});
  share_parameters(larger, network);
  EXPECT_EQ(larger.parameters().front()->value.data, network.parameters().front()->value.data);
}

// The whole step beside an independent program: PyTorch 2 in float64, torch.nn's Conv2d and ConvTranspose2d
// (kernel 4, stride 2, padding 1), Linear, ReLU, mse_loss(reduction="sum")/4 and optim.Adam(lr=0.02), from
// the same weights, whose filters and flattened images were brought to its order (channels first). Losses and
// norms of the gradient of six steps on one batch.
TEST(ConvolutionalAutoencoder, TrainsStepByStepAsPyTorchDoes) {
  constexpr double theirs[][2] = {{35.5447748, 84.0581786}, {33.7713297, 81.2998383},
                                  {32.0689956, 78.641269},  {30.3208336, 75.8339689},
                                  {28.3659547, 72.5809036}, {26.1121793, 68.4705047}};
  Dataset data;
  data.shape = {.height = 8, .width = 8, .channels = 1, .image = true};
  Matrix<float> rows(4, 64);
  for (int b = 0; b < 4; ++b)
    for (int j = 0; j < 64; ++j)
      rows(static_cast<std::size_t>(b), static_cast<std::size_t>(j)) =
          static_cast<float>(0.5 + 0.5 * std::sin(0.9 * b + 0.23 * j + 0.01 * j * b));
  data.rows_data = std::move(rows);
  pushforward::Run run = make_run("ae",
                                  {{"network", "conv 3 4x4/2, relu, conv 5 4x4/2, relu"},
                                   {"latent", "2"},
                                   {"batch", "4"},
                                   {"steps", std::to_string(std::size(theirs))},
                                   {"rate", "0.02"},
                                   {"schedule", "constant"},
                                   {"threads", "1"}},
                                  data);
  int number = 0;
  for (Parameter* p : run.arena.parameters()) {
    if (!p->trained) continue;
    for (std::size_t i = 0; i < p->size(); ++i)
      p->value.data[i] = static_cast<float>(0.3 * std::sin(1 + 7 * static_cast<double>(i) + 13 * number));
    ++number;
  }
  ASSERT_EQ(number, 12);
  std::size_t step = 0;
  train(run, data, nullptr, [&](const Progress& p) {
    if (p.epoch_end) return Continue::yes;
    EXPECT_NEAR(p.losses.loss, theirs[step][0], 1e-6 * theirs[step][0]) << "step " << step;
    EXPECT_NEAR(p.gradient_norm, theirs[step][1], 1e-5 * theirs[step][1]) << "step " << step;
    ++step;
    return Continue::yes;
  });
  EXPECT_EQ(step, std::size(theirs));
}

}  // namespace
}  // namespace pushforward

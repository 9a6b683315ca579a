// SPDX-License-Identifier: Apache-2.0
// The denoising autoencoder: what it sees and what it is asked for, pairs, figures, and the denoise command.
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "data/noise.hpp"
#include "io/npy.hpp"
#include "io/png.hpp"
#include "pushforward/image_quality.hpp"
#include "report/picture.hpp"
#include "support/program.hpp"
#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;
using nlohmann::json;

// 12 × 12 images: a bright bar somewhere.
Matrix<float> bars(std::size_t n) {
  Matrix<float> rows(n, 144);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t p = 0; p < 144; ++p) rows(i, p) = p % 12 / 3 == i % 4 ? 0.8f : 0.2f;
  return rows;
}

Dataset data_of(Matrix<float> rows, const std::string& name) {
  Dataset data;
  data.name = name, data.shape = {.height = 12, .width = 12, .image = true};
  data.rows_data = std::move(rows);
  return data;
}

Dataset noisy_twin(const Dataset& clean, const char* noise) {
  Matrix<float> rows(clean.rows(), clean.cols());
  const Tensor x = clean.floats(0, clean.rows());
  Noise::parse(noise, "").apply_rows(x.view(), rows, noise_draw(77), 0);
  return data_of(std::move(rows), "noisy");
}

const Settings kDense = {{"network", "mlp"}, {"residual", "no"}, {"hidden", "20"}, {"latent", "8"},
                         {"batch", "16"},    {"threads", "1"},   {"rate", "0.01"}};

// The loss of a step, from its parts: noise on the batch, the network, the squared distance to the clean
// rows.
TEST(Denoising, SeesNoiseAndIsAskedForTheCleanRows) {
  const Dataset clean = data_of(bars(40), "clean");
  pushforward::Run run = make_run("dae", with(kDense, {{"noise", "salt-pepper:0.2"}}), clean);
  const Tensor x = clean.floats(0, 10);
  const Step step{.pass = {true, Draw{3, stream_id("train"), 9}}};
  Tensor noisy(10, 144), y(10, 144), other(10, 144);
  Noise::parse("salt-pepper:0.2", "").apply(x.view(), noisy, step.pass.draw.on("noise"));
  reconstruct(*run.model, std::as_const(noisy).view(), y,
              nullptr);  // untrained: within 0…1 by far or clipped
  const double loss = learner(*run.model).validate(x.view(), step).loss;
  EXPECT_EQ(learner(*run.model).accumulate(0, x.view(), step).loss, loss);
  reconstruct(*run.model, x.view(), other, nullptr);
  double sum = 0, without = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    sum += std::pow(static_cast<double>(x.data()[i]) - static_cast<double>(y.data()[i]), 2);
    without += std::pow(static_cast<double>(x.data()[i]) - static_cast<double>(other.data()[i]), 2);
  }
  EXPECT_LE(sum / 10, loss * (1 + 1e-6));  // clipping brings it nearer to rows in 0…1
  EXPECT_GT(sum / 10, 0.5 * loss);
  EXPECT_NE(sum, without);
}

// A correction of 0 leaves what was seen, one of 2 leaves white: y = x + g(x), clipped.
TEST(Denoising, CorrectsWhatItSees) {
  const Dataset clean = data_of(bars(12), "clean");
  const Tensor x = clean.floats(0, 6);
  for (const char* network : {"mlp", "conv 2 3x3/2, relu"}) {
    pushforward::Run run = make_run(
        "dae",
        with(kDense, {{"residual", "yes"}, {"network", network}, {"hidden", "none"}, {"initial", "zeros"}}),
        clean);
    Tensor y(6, 144);
    reconstruct(*run.model, x.view(), y, nullptr);
    EXPECT_TRUE(std::ranges::equal(y.span(), x.span())) << network;
    // The squared error of noise that nobody took away.
    const Step step{.pass = {true, Draw{3, stream_id("train"), 9}}};
    Tensor noisy(6, 144);
    Noise::parse(run.options.text("noise"), "").apply(x.view(), noisy, step.pass.draw.on("noise"));
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
      sum += std::pow(static_cast<double>(noisy.data()[i]) - static_cast<double>(x.data()[i]), 2);
    EXPECT_NEAR(learner(*run.model).accumulate(0, x.view(), step).loss, sum / 6, 1e-4) << network;
    Parameter& bias = *run.model->parameters().back();
    ASSERT_TRUE(bias.name.ends_with("bias"));
    for (const float correction : {2.0f, -2.0f}) {
      std::ranges::fill(bias.value.span(), correction);
      reconstruct(*run.model, x.view(), y, nullptr);
      for (const float v : y.span()) ASSERT_EQ(v, correction > 0 ? 1 : 0) << network;
    }
  }
}

TEST(Denoising, GradientAgainstDifferences) {
  const Dataset clean = data_of(bars(12), "clean");
  for (const Settings& kind :
       {Settings{},
        {{"loss", "bce"}},
        {{"residual", "yes"}},
        {{"network", "conv 3 3x3/2, tanh"}, {"residual", "yes"}, {"hidden", "none"}}}) {
    pushforward::Run run = make_run("dae", with(with(kDense, {{"activation", "tanh"}}), kind), clean);
    const Tensor x = clean.floats(0, 6);
    const Step step{.pass = {true, Draw{3, stream_id("train"), 9}}};
    std::ranges::fill(run.arena.gradients().span(), 0.0f);
    learner(*run.model).accumulate(0, x.view(), step);
    const std::vector<float> gradient(run.arena.gradients().span().begin(),
                                      run.arena.gradients().span().end());
    for (std::size_t i = 3; i < gradient.size(); i += 97) {
      float& value = run.arena.values().data[i];
      const float before = value;
      value = before + 0.01f;
      const double above = learner(*run.model).validate(x.view(), step).loss;
      value = before - 0.01f;
      const double below = learner(*run.model).validate(x.view(), step).loss;
      value = before;
      // Losses near 50 in float32 arithmetic are good to 1e-5; divided by the step, 1e-3.
      EXPECT_NEAR(static_cast<double>(gradient[i]), (above - below) / 0.02,
                  5e-3 * std::max(1.0, std::abs(static_cast<double>(gradient[i]))));
    }
  }
}

TEST(Denoising, LearnsToTakeNoiseAway) {
  const Dataset clean = data_of(bars(200), "clean");
  pushforward::Run run = make_run("dae", with(kDense, {{"noise", "gaussian:0.2"}, {"epochs", "30"}}), clean);
  train(run, clean, nullptr);
  const Fields fields = evaluate(*run.model, clean, {});
  // Clipping one deviation from the mean leaves 0.758 of the variance 0.04: 10 log10(1/0.0303) = 15.2, and
  // the mean over images of a logarithm is a little higher.
  EXPECT_NEAR(field(fields, "noisy_psnr"), 15.2, 0.15);
  EXPECT_GT(field(fields, "psnr"), field(fields, "noisy_psnr") + 10);
  EXPECT_GT(field(fields, "ssim"), field(fields, "noisy_ssim"));
  EXPECT_EQ(scores(*run.model, clean, {}).size(), 200u);
}

TEST(Denoising, FiguresDoNotDependOnTheBatch) {
  const Dataset clean = data_of(bars(23), "clean");
  pushforward::Run run = make_run("dae", kDense, clean);
  EvaluateOptions small;
  small.batch = 5;
  for (const char* key : {"psnr", "ssim", "noisy_psnr", "noisy_ssim", "squared_error"})
    EXPECT_NEAR(field(evaluate(*run.model, clean, {}), key), field(evaluate(*run.model, clean, small), key),
                1e-5);
}

TEST(Denoising, PairsAreGatheredTogether) {
  const Dataset clean = data_of(bars(60), "clean"), noisy = noisy_twin(clean, "masking:0.5");
  pushforward::Run run =
      make_run("dae", with(kDense, {{"noisy", "twin"}, {"epochs", "40"}, {"validation", "0.2"}}), clean);
  run.inputs = noisy;
  const Summary summary = train(run, clean, nullptr);
  EXPECT_LT(summary.last.loss,
            3);  // the bar can be told from any half of its pixels; of other pairs it is 26
  EvaluateOptions options;
  EXPECT_THROW(evaluate(*run.model, clean, options), RequestError);
  options.inputs = &noisy;
  EXPECT_GT(field(evaluate(*run.model, clean, options), "psnr"),
            field(evaluate(*run.model, clean, options), "noisy_psnr") + 5);
  run.inputs = Dataset{};
  run.inputs.rows_data = Matrix<float>(59, 144);
  EXPECT_THROW(train(run, clean, nullptr), RequestError);
  run.inputs = Dataset{};
  EXPECT_THROW(train(run, clean, nullptr), RequestError);  // clean rows alone
}

TEST(Denoising, StoppedAndResumedEndsInTheSameBytes) {
  const Folder folder;
  const Dataset clean = data_of(bars(50), "clean"), noisy = noisy_twin(clean, "gaussian:0.1");
  for (const bool pairs : {false, true}) {
    const Settings settings =
        with(kDense, {{"epochs", "4"}, {"validation", "0.1"}, {"noisy", pairs ? "twin" : ""}});
    const std::string whole = folder / (pairs ? "pairs" : "noise"), part = whole + "-part";
    const auto begin = [&](const std::string& path, std::uint64_t stop) {
      pushforward::Run run = make_run("dae", settings, clean, path);
      if (pairs) run.inputs = noisy;
      train(run, clean, nullptr, stop_after(stop));
    };
    begin(whole, 0), begin(part, 5);
    pushforward::Run run = resume_run(part);
    if (pairs) run.inputs = noisy;
    train(run, clean, nullptr);
    expect_same_files(whole, part);
  }
}

TEST(Denoising, ImagesGetAnImageNetworkThatCorrects) {
  const auto settled = [](const Settings& settings, const Dataset& data, const char* option) {
    return make_run("dae", settings, data).options.text(option);
  };
  const Dataset images = data_of(bars(8), "clean");
  EXPECT_EQ(settled({}, images, "network"), "conv");
  EXPECT_EQ(settled({}, images, "residual"), "yes");
  EXPECT_EQ(settled({{"loss", "bce"}}, images, "residual"), "no");
  EXPECT_EQ(settled({{"output-activation", "sigmoid"}}, images, "residual"), "no");
  EXPECT_EQ(settled({{"network", "mlp"}}, images, "residual"), "no");
  EXPECT_EQ(settled({}, grey_data(9, 7), "network"), "mlp");
  pushforward::Run run = make_run("dae", {}, images);
  EXPECT_EQ(code_size(*run.model), 0u);
  Tensor z(1, 100);
  EXPECT_THROW(encode(*run.model, images.floats(0, 1).view(), z, nullptr), RequestError);
}

TEST(Denoising, RefusesWhatDoesNotFit) {
  const Dataset clean = data_of(bars(20), "clean");
  const auto refused = [&](const Settings& settings, const std::string& word) {
    const std::string text = message_of([&] { make_run("dae", with(kDense, settings), clean); });
    EXPECT_NE(text.find(word), std::string::npos) << text;
  };
  refused({{"noise", "gaussian:1.5"}}, "--noise");
  refused({{"noise", "salt-pepper:0"}}, "--noise");
  refused({{"noise", "rain:0.1"}}, "--noise");
  refused({{"noise", "gaussian:0.1"}, {"noisy", "twin"}}, "one of the two");
  refused({{"residual", "yes"}, {"loss", "bce"}}, "--residual");
  EXPECT_THROW(make_run("dae", kDense, low_rank_data(20, 4, 2, 1)), RequestError);
}

class DenoiseCommand : public OwnFolder {
 protected:
  void SetUp() override {
    const Matrix<float> clean = bars(30);
    write("clean.npy", clean, 30);
    const Dataset noisy = noisy_twin(data_of(clean, "clean"), "salt-pepper:0.2");
    write("noisy.npy", std::get<Matrix<float>>(noisy.rows_data), 30);
    write("fewer.npy", bars(29), 29);
  }
  void write(const std::string& name, const Matrix<float>& rows, std::size_t n) {
    io::write_npy(at(name), {rows.span(), {n, 12, 12}});
  }
  static Ran run(const std::string& words) { return run_program(words); }
};

TEST_F(DenoiseCommand, FromNoiseAndFromPairs) {
  const std::string shape =
      "--network mlp --no-residual --hidden 20 --latent 8 --batch 10 --threads 1 --quiet";
  ASSERT_EQ(run(fmt::format("train dae {} -o {} --noise salt-pepper:0.2 --epochs 2 {}", at("clean.npy"),
                            at("a"), shape))
                .status,
            0);
  ASSERT_EQ(run(fmt::format("train dae {} -o {} --noisy {} --validation 0.2 --epochs 2 {}", at("clean.npy"),
                            at("b"), at("noisy.npy"), shape))
                .status,
            0);
  EXPECT_EQ(run(fmt::format("train --resume {} --epochs 3 --quiet", at("b"))).status, 0);

  Ran ran = run(fmt::format("denoise {} {} --clean {} -o {} --json", at("b"), at("noisy.npy"),
                            at("clean.npy"), at("out.npy")));
  ASSERT_EQ(ran.status, 0) << ran.err;
  const json scored = json::parse(ran.out);
  for (const char* key : {"psnr", "ssim", "noisy_psnr", "noisy_ssim"})
    EXPECT_TRUE(scored.contains(key)) << key;
  ran = run(fmt::format("evaluate {} {} --noisy {} --json", at("b"), at("clean.npy"), at("noisy.npy")));
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_NEAR(json::parse(ran.out)["psnr"].get<double>(), scored["psnr"].get<double>(), 1e-4);
  ran = run(fmt::format("evaluate {} --json", at("b")));  // its own validation pairs
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(json::parse(ran.out)["rows"], 6);

  ran = run(fmt::format("denoise {} {} --noise salt-pepper:0.2 -o {} --json --seed 5", at("a"),
                        at("clean.npy"), at("look.png")));
  ASSERT_EQ(ran.status, 0) << ran.err;
  const Ran same = run(fmt::format("evaluate {} {} --json --seed 5", at("a"), at("clean.npy")));
  EXPECT_NEAR(json::parse(ran.out)["psnr"].get<double>(), json::parse(same.out)["psnr"].get<double>(), 1e-4);
  ran = run(fmt::format("denoise {} {} -o {}/ --json", at("a"), at("noisy.npy"), at("folder")));
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(json::parse(ran.out),
            json({{"format", 1}, {"output", at("folder/")}, {"rows", 30}, {"shape", {12, 12}}}));
  // The picture's first row: what is noisy, what came of it, what was clean.
  ASSERT_EQ(run(fmt::format("denoise {} {} --noise salt-pepper:0.2 -o {} --quiet --seed 5", at("a"),
                            at("clean.npy"), at("denoised.npy")))
                .status,
            0);
  const Tensor clean = load_data(at("clean.npy")).floats(0, 20),
               after = load_data(at("denoised.npy")).floats(0, 20);
  Tensor noisy(20, 144), rows(60, 144);
  Noise::parse("salt-pepper:0.2", "").apply_rows(clean.view(), noisy, noise_draw(5), 0);
  for (std::size_t i = 0; i < 20; ++i) {
    std::copy_n(noisy.row(i), 144, rows.row(3 * i)), std::copy_n(after.row(i), 144, rows.row(3 * i + 1));
    std::copy_n(clean.row(i), 144, rows.row(3 * i + 2));
  }
  const RowShape square{.height = 12, .width = 12, .image = true};
  const report::Image wanted =
      report::image_grid(std::as_const(rows).view(), square, {.columns = 12, .group = 3});
  EXPECT_TRUE(io::read_png(at("look.png")).pixels == wanted.pixels);
  EXPECT_TRUE(std::filesystem::exists(at("folder/000029.png")));
}

// Far from the border a convolution does not know how large the image is.
TEST_F(DenoiseCommand, ImagesOfAnySize) {
  ASSERT_EQ(run(fmt::format("train dae {} -o {} --network 'conv 4 3x3' --epochs 1 --quiet", at("clean.npy"),
                            at("a")))
                .status,
            0);
  Matrix<float> large(1, 20 * 24);
  fill_uniform(large.span(), Draw{1, 2, 3});
  io::write_npy(at("large.npy"), {std::as_const(large).span(), {1, 20, 24}});
  Matrix<float> corner(1, 144);
  for (std::size_t i = 0; i < 12; ++i)
    for (std::size_t j = 0; j < 12; ++j) corner(0, 12 * i + j) = large(0, 24 * i + j);
  io::write_npy(at("corner.npy"), {std::as_const(corner).span(), {1, 12, 12}});
  for (const char* name : {"large", "corner"})
    ASSERT_EQ(run(fmt::format("denoise {} {} -o {} --quiet", at("a"), at(std::string(name) + ".npy"),
                              at(std::string(name) + "-out.npy")))
                  .status,
              0);
  const Tensor whole = load_data(at("large-out.npy")).floats(0, 1),
               part = load_data(at("corner-out.npy")).floats(0, 1);
  ASSERT_EQ(whole.cols(), 480u);
  for (std::size_t i = 0; i < 10; ++i)  // two layers of 3 × 3 see two pixels far
    for (std::size_t j = 0; j < 10; ++j) EXPECT_NEAR(whole(0, 24 * i + j), part(0, 12 * i + j), 1e-6f);
  const Matrix<float> colour(2, 144 * 3);
  io::write_npy(at("colour.npy"), {colour.span(), {2, 12, 12, 3}});
  const Ran refused = run(fmt::format("denoise {} {} -o {}", at("a"), at("colour.npy"), at("x.npy")));
  EXPECT_EQ(refused.status, 2);
  EXPECT_NE(refused.err.find("12x12x3"), std::string::npos) << refused.err;
}

TEST_F(DenoiseCommand, RefusesInOneLine) {
  ASSERT_EQ(run(fmt::format("train dae {} -o {} --network mlp --no-residual --hidden 8 --epochs 1 --quiet",
                            at("clean.npy"), at("a")))
                .status,
            0);
  const Matrix<float> small(4, 72);
  io::write_npy(at("small.npy"), {small.span(), {4, 6, 12}});
  const auto refused = [&](const std::string& words) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.status, 2) << words << "\n" << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  };
  refused(fmt::format("train dae {} -o {} --noisy {}", at("clean.npy"), at("c"), at("fewer.npy")));
  refused(fmt::format("train dae {} -o {} --noisy {} --validation {}", at("clean.npy"), at("c"),
                      at("noisy.npy"), at("noisy.npy")));
  refused(fmt::format("denoise {} {} --noise gaussian:2 -o {}", at("a"), at("clean.npy"), at("x.npy")));
  refused(
      fmt::format("denoise {} {} --clean {} -o {}", at("a"), at("noisy.npy"), at("fewer.npy"), at("x.npy")));
  refused(fmt::format("denoise {} {} --noise masking:0.1 --clean {} -o {}", at("a"), at("noisy.npy"),
                      at("clean.npy"), at("x.npy")));
  refused(fmt::format("denoise {} {} -o {}", at("a"), at("noisy.npy"), at("clean.npy")));  // exists
  refused(fmt::format("denoise {} {} -o {}", at("a"), at("small.npy"), at("x.npy")));      // another size
  Matrix<float> bright = bars(4);
  for (float& v : bright.span()) v *= 2;
  write("bright.npy", bright, 4);
  refused(fmt::format("denoise {} {} --noise gaussian:0.1 -o {}", at("a"), at("bright.npy"), at("x.npy")));
  ASSERT_EQ(
      run("train ae toy:moons:n=40 --standardize --hidden 4 --latent 1 --steps 1 --quiet -o " + at("moons"))
          .status,
      0);
  refused(fmt::format("denoise {} toy:moons:n=5 -o {}", at("moons"), at("x.npy")));
  EXPECT_FALSE(std::filesystem::exists(at("c")));
}

}  // namespace
}  // namespace pushforward

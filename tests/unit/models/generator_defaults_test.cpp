// SPDX-License-Identifier: Apache-2.0
// Defaults that depend on other options or on the data, in tables; the noise that a generator begins with;
// where its output begins; what a monitor measures and when it warns.
#include <cmath>

#include <gtest/gtest.h>

#include "models/monitor.hpp"
#include "pushforward/distance.hpp"
#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;

Dataset pictures(std::size_t n, std::size_t side, float top = 1) {
  Matrix<float> rows(n, side * side);
  fill_uniform(rows.span(), Draw{8, stream_id("pictures"), 0}, 0, top);
  Dataset data;
  data.name = "pictures", data.shape = {.height = side, .width = side, .channels = 1, .image = true};
  data.rows_data = std::move(rows);
  return data;
}

struct Default {
  std::string model;
  Settings settings;
  std::string option, wanted;
};

void expect_defaults(const std::vector<Default>& rows, const Dataset& data) {
  for (const Default& row : rows) {
    const pushforward::Run run = make_run(row.model, with(row.settings, {{"monitor", "none"}}), data);
    std::string told = row.model;
    for (const auto& [name, value] : row.settings) told += " --" + name + " " + value;
    EXPECT_EQ(run.options.text(row.option), row.wanted) << told << ": --" << row.option;
  }
}

const std::string kGanOnImages =
    "jsd-critic:loss=non-saturating,dropout=0.5,input-dropout=0.2,activation=leaky-relu";

TEST(Defaults, OfAGanOnImages) {
  const Settings dcgan = {{"network", "dcgan"}}, small = {{"hidden", "8"}, {"critic-hidden", "8"}};
  const std::string plain = "jsd-critic:loss=non-saturating";
  expect_defaults({{"gan", small, "distance", kGanOnImages},
                   {"gan", small, "norm", "batch"},
                   {"gan", small, "instance-noise", "0.3"},
                   {"gan", with(small, {{"norm", "none"}}), "norm", "none"},
                   {"gan", with(small, {{"instance-noise", "0.1"}}), "instance-noise", "0.1"},
                   {"gan", with(small, {{"instance-noise", "0.1"}}), "distance", kGanOnImages},
                   {"gan", with(small, {{"distance", "ls-critic"}}), "distance", "ls-critic"},
                   {"gan", with(small, {{"distance", "ls-critic"}}), "norm", "none"},
                   {"gan", with(small, {{"distance", "ls-critic"}}), "instance-noise", ""},
                   {"gan", with(small, {{"critic-activation", "relu"}}), "distance",
                    "jsd-critic:loss=non-saturating,dropout=0.5,input-dropout=0.2"},
                   {"gan", dcgan, "distance", plain},
                   {"gan", dcgan, "norm", "none"},
                   {"gan", dcgan, "instance-noise", ""},
                   {"wgan", small, "norm", "none"},
                   {"wgan", small, "instance-noise", ""}},
                  pictures(12, 8));
  expect_defaults({{"gan", small, "distance", plain}, {"gan", small, "norm", "none"}}, grey_data(12, 16));
}

TEST(Defaults, OfAMomentMatchingNetworkOnImages) {
  const Settings small = {{"hidden", "8"}};
  // √2, √5, √10, √20, √40, √80 for 784 pixels; for 196 half of that.
  const std::string widths = "bandwidth=1.41421+2.23607+3.16228+4.47214+6.32456+8.94427";
  const std::string halves = "bandwidth=0.707107+1.11803+1.58114+2.23607+3.16228+4.47214";
  const std::string biased = "mmd:estimator=biased", rooted = biased + ",root=yes,";
  expect_defaults({{"gmmn", small, "distance", rooted + widths},
                   {"gmmn", with(small, {{"distance", "energy"}}), "distance", "energy"}},
                  pictures(12, 28));
  expect_defaults({{"gmmn", small, "distance", rooted + halves}}, pictures(12, 14));
  expect_defaults({{"gmmn", small, "distance", biased}}, pictures(12, 14, 255));
  expect_defaults({{"gmmn", small, "distance", biased}}, grey_data(12, 16));
}

TEST(Defaults, OfGeneratorsByTheirNames) {
  const Settings small = {{"hidden", "8"}}, clip = {{"distance", "w1-critic:lipschitz=clip+0.01"}};
  expect_defaults(
      {{"wgan", small, "distance", "w1-critic:lipschitz=penalty+10"},
       {"wgan", small, "critic-steps", "5"},
       {"wgan", with(small, clip), "critic-steps", "5"},
       {"gan", small, "optimizer", "adam:beta1=0.5"},
       {"gmmn", small, "noise-distribution", "uniform"},
       {"gmmn", small, "rate", "0.001"},
       {"generator", with(small, {{"distance", "jsd-critic"}}), "optimizer", "adam:beta1=0.5,beta2=0.9"},
       {"generator", small, "optimizer", "adam"},
       {"generator", with(small, {{"distance", "jsd-critic:hidden=8"}}), "critic-hidden", ""},
       {"generator", with(small, {{"distance", "jsd-critic"}}), "critic-hidden", "512,512"}},
      load_data("toy:moons:n=40"));
}

// Rows of a table are narrow: smaller networks, larger batches and averaged weights; what is given stays.
TEST(Defaults, OfACriticOfATable) {
  Dataset table = grey_data(600, 4);
  table.table = true;
  const Settings energy = {{"distance", "energy"}},
                 own = {{"distance", "jsd-critic:hidden=8,activation=elu"}};
  expect_defaults({{"gan", {}, "hidden", "256,256"},
                   {"gan", {}, "critic-hidden", "256,256"},
                   {"gan", {}, "critic-activation", "leaky-relu"},
                   {"gan", {}, "batch", "500"},
                   {"gan", {}, "ema", "0.999"},
                   {"wgan", {}, "batch", "500"},
                   {"gan", {{"hidden", "8"}}, "hidden", "8"},
                   {"gan", {{"critic-hidden", "8"}}, "critic-hidden", "8"},
                   {"gan", {{"critic-activation", "relu"}}, "critic-activation", "relu"},
                   {"gan", {{"batch", "60"}}, "batch", "60"},
                   {"gan", {{"ema", "0"}}, "ema", "0"},
                   {"gan", {{"pack", "10"}}, "batch", "500"},
                   {"gan", {{"pack", "16"}}, "batch", "128"},
                   {"gan", {{"samples", "128"}}, "batch", "128"},
                   {"gan", own, "critic-hidden", ""},
                   {"gan", own, "critic-activation", ""},
                   {"generator", energy, "hidden", "512,512"},
                   {"generator", energy, "batch", "256"},
                   {"generator", energy, "ema", "0"}},
                  table);
  expect_defaults({{"gan", {}, "hidden", "512,512"}, {"gan", {}, "ema", "0"}}, grey_data(60, 4));
}

// A critic reads images with the body that the generator mirrors, unless it is told its own.
TEST(Defaults, OfBodies) {
  const Settings dcgan = {{"network", "dcgan"}}, conv = {{"network", "conv 2 3x3/2, relu"}};
  const auto learned = [](const Settings& settings) { return with(settings, {{"distance", "jsd-critic"}}); };
  expect_defaults(
      {{"generator", learned(dcgan), "initial", "normal:sd=0.02"},
       {"generator", learned(with(dcgan, {{"initial", "fan-in"}})), "initial", "fan-in"},
       {"generator", learned(dcgan), "critic-network", "dcgan"},
       {"generator", learned(dcgan), "critic-hidden", "none"},
       {"generator", learned(conv), "critic-network", "conv 2 3x3/2, relu"},
       {"generator", learned(with(conv, {{"critic-network", "mlp"}})), "critic-network", "mlp"},
       {"generator", learned(with(conv, {{"critic-network", "mlp"}})), "critic-hidden", "512,512"},
       {"generator", with(conv, {{"distance", "jsd-critic:network=conv 2 3x3"}}), "critic-network", ""},
       {"generator", with(conv, {{"distance", "energy"}}), "critic-network", ""}},
      pictures(12, 8));
}

// What is said of the critic is said once.
TEST(Defaults, ACriticsOptionIsGivenInOnePlace) {
  const Dataset data = load_data("toy:moons:n=40");
  const std::string text = message_of([&] {
    make_run("gan", {{"distance", "jsd-critic:hidden=8"}, {"critic-hidden", "9"}}, data);
  });
  EXPECT_NE(text.find("--critic-hidden: got hidden=8 in --distance, too"), std::string::npos) << text;
}

double moment(const Tensor& z, int power) {
  double sum = 0;
  for (const float v : z.span()) sum += std::pow(static_cast<double>(v), power);
  return sum / static_cast<double>(z.size());
}

// First four moments of 100000 numbers, within five standard errors.
TEST(LatentNoise, HasItsDistribution) {
  const auto drawn = [](const std::string& distribution) {
    pushforward::Run run = make_run(
        "generator",
        {{"noise-distribution", distribution}, {"latent", "10"}, {"hidden", "4"}, {"monitor", "none"}},
        load_data("toy:moons:n=40"));
    Tensor z(10000, 10);
    sample_latent(*run.model, z, Draw{2, 3, 4});
    return z;
  };
  const Tensor normal = drawn("normal");
  EXPECT_NEAR(moment(normal, 1), 0, 0.016);
  EXPECT_NEAR(moment(normal, 2), 1, 0.023);
  EXPECT_NEAR(moment(normal, 4), 3, 0.16);
  for (const double a : {1.0, 3.0}) {
    const Tensor uniform = drawn(a == 1 ? "uniform" : "uniform:3");
    EXPECT_NEAR(moment(uniform, 1), 0, 0.0092 * a);
    EXPECT_NEAR(moment(uniform, 2), a * a / 3, 0.0048 * a * a);
    EXPECT_NEAR(moment(uniform, 4), std::pow(a, 4) / 5, 0.0043 * std::pow(a, 4));
    EXPECT_LE(*std::max_element(uniform.data(), uniform.data() + uniform.size()), static_cast<float>(a));
  }
}

// With zero weights a generator makes its output's bias.
TEST(OutputBias, BeginsAtTheMeanOfTheData) {
  const auto first = [](const Dataset& data, const Settings& more) {
    pushforward::Run run = make_run("generator",
                                    with({{"output-bias", "data"},
                                          {"initial", "zeros"},
                                          {"hidden", "4"},
                                          {"standardize", "no"},
                                          {"monitor", "none"}},
                                         more),
                                    data);
    Tensor x(2, data.cols());
    generate(*run.model, x, Draw{1, 2, 3}, false);
    return x;
  };
  for (const Dataset& data : {grey_data(50, 6), low_rank_data(50, 6, 2, 1)}) {  // by a sigmoid; linear
    const Tensor x = first(data, {});
    const Matrix<double> rows = data.doubles();
    for (std::size_t j = 0; j < 6; ++j) {
      double mean = 0;
      for (std::size_t i = 0; i < 50; ++i) mean += rows(i, j) / 50;
      EXPECT_NEAR(x(0, j), mean, 1e-5);
      EXPECT_NEAR(x(1, j), mean, 1e-5);
    }
  }
  EXPECT_NE(message_of([&] {
              first(grey_data(50, 6), {{"output-activation", "tanh"}});
            }).find("tanh"),
            std::string::npos);
}

// Running statistics are learnt in training and used afterwards, where a row's neighbours do not matter.
TEST(BatchNormInModels, StatisticsMoveInTrainingAndServeAfterwards) {
  const std::string body = "conv 2 3x3/2, batch-norm, relu";
  const Settings common = {{"batch", "16"}, {"steps", "6"}, {"threads", "1"}, {"rate", "0.01"}};
  struct Row {
    std::string model, parameter;
    Settings settings;
  };
  const Settings quiet = {{"monitor", "none"}}, code = {{"latent", "3"}, {"network", body}};
  const std::vector<Row> rows = {
      {"generator", "generator.1.running_mean", with(quiet, {{"norm", "batch"}, {"hidden", "6"}})},
      {"gan", "generator.1.running_mean", with(quiet, {{"hidden", "6"}, {"critic-hidden", "6"}})},
      {"gan", "critic.1.running_mean",
       with(quiet, {{"hidden", "6"}, {"distance", "jsd-critic:hidden=6,norm=batch"}})},
      {"wae", "encoder.1.running_mean", with(quiet, code)},
      {"wae", "decoder.2.running_mean", with(quiet, code)},
      {"ae", "encoder.1.running_mean", code},
      {"vae", "encoder.1.running_mean", code},
      {"dae", "network.1.running_mean", {{"network", body + ", conv 2 3x3"}}}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.model + " " + row.parameter);
    const Dataset data = pictures(40, 8);
    pushforward::Run run = make_run(row.model, with(common, row.settings), data);
    train(run, data, nullptr);
    double size = 0;
    for (const float v : value_of(run, row.parameter).span()) size += std::abs(static_cast<double>(v));
    EXPECT_GT(size, 1e-4);
    if (!can<Generative>(*run.model)) continue;
    Tensor z(5, code_size(*run.model)), together(5, 64), alone(1, 64);
    sample_latent(*run.model, z, Draw{1, 2, 3});
    decode(*run.model, z, together, nullptr);
    decode(*run.model, z.view().slice(2, 3), alone, nullptr);
    for (std::size_t j = 0; j < 64; ++j) ASSERT_NEAR(alone(0, j), together(2, j), 1e-6) << j;
  }
}

// The same noise decoded and measured by hand, in the data's space also where distances are of codes.
TEST(MonitorOfModels, MeasuresSamplesAgainstTheHeldOutRows) {
  const Folder folder;
  const Dataset data = grey_data(80, 6);
  const Settings small = {{"hidden", "6"}, {"latent", "2"}, {"monitor", "energy,w1"}, {"threads", "1"}};
  pushforward::Run ae =
      make_run("ae", {{"hidden", "6"}, {"latent", "3"}, {"threads", "1"}}, data, folder / "ae");
  train(ae, data, nullptr, [](const Progress& p) { return p.step < 3 ? Continue::yes : Continue::stop; });
  const Tensor held_out = data.floats(50, 80);
  const Step step{0, 1, 0, Pass{false, Draw{7, 8, 9}}};
  const std::vector<std::pair<std::string, Settings>> rows = {
      {"generator", {}}, {"generator", {{"code", folder / "ae"}}}, {"wae", {}}};
  for (const auto& [model, more] : rows) {
    pushforward::Run run = make_run(model, with(small, more), data);
    const Losses seen = as<Monitored>(*run.model)->monitor(held_out, step);
    Tensor z(30, 2), x(30, 6);
    sample_latent(*run.model, z, step.pass.draw.on(model == "wae" ? "prior" : "latent"));
    decode(*run.model, z, x, nullptr);
    ASSERT_EQ(seen.count, 3u) << model;
    const Points generated(std::as_const(x).view()), real(held_out.view());
    for (std::size_t k = 0; k < 2; ++k) {
      const std::string name(seen.parts[k].name);
      EXPECT_EQ(name, k == 0 ? "energy" : "w1");
      EXPECT_NEAR(seen.parts[k].value, *make_distance(Spec{name})->measure({generated}, {real}).value, 1e-6);
    }
    EXPECT_EQ(seen.parts[2].name, "variety");
  }
}

Monitor monitor_of(const std::string& specs) { return Monitor({.distances = parse_spec_list(specs)}); }

// Generated 0, 1, 1 (steps 1 and 0); data 0, 2, 4 (steps 2 and 2).
TEST(Monitor, VarietyByHand) {
  Tensor generated(3, 1), data(3, 1);
  generated(1, 0) = generated(2, 0) = 1, data(1, 0) = 2, data(2, 0) = 4;
  Monitor monitor = monitor_of("energy");
  const Losses seen = monitor.measure(generated, data);
  ASSERT_EQ(seen.count, 2u);
  EXPECT_EQ(seen.parts[1].name, "variety");
  EXPECT_DOUBLE_EQ(seen.parts[1].value, 0.25);
  generated(0, 0) = NAN;
  EXPECT_EQ(monitor.measure(generated, data).count, 0u);  // a training that diverges says so itself
}

// What is fixed from data is fixed from the held-out ones alone, and once.
TEST(Monitor, TheBandwidthIsTheHeldOutRowsAndStays) {
  const Tensor data = load_data("toy:moons:n=60").floats(0, 60),
               near = load_data("toy:moons:n=50,seed=4").floats(0, 50),
               far = load_data("toy:moons:n=50,seed=5,scale=30").floats(0, 50);
  const auto fresh = [&](const Tensor& generated) {
    return monitor_of("mmd").measure(generated, data).parts[0].value;
  };
  Monitor kept = monitor_of("mmd");
  EXPECT_EQ(kept.measure(far, data).parts[0].value, fresh(far));
  EXPECT_EQ(kept.measure(near, data).parts[0].value, fresh(near));
  const auto pooled = make_distance(Spec{"mmd"});
  EXPECT_NE(fresh(far), *pooled->measure({Points(far.view())}, {Points(data.view())}).value);
}

// A divergence is the data's from the generated points, as evaluate measures it.
TEST(Monitor, DivergencesAreThoseOfTheDataFromTheGeneratedPoints) {
  const Tensor data = load_data("toy:gaussian:d=2,n=300").floats(0, 300),
               wide = load_data("toy:gaussian:d=2,n=300,noise=3,seed=4").floats(0, 300);
  const auto knn = [](const Tensor& x, const Tensor& y) {
    return *make_distance(Spec{"kl-knn"})->measure({Points(x.view())}, {Points(y.view())}).value;
  };
  EXPECT_EQ(monitor_of("kl-knn").measure(wide, data).parts[0].value, knn(data, wide));
  EXPECT_NE(knn(data, wide), knn(wide, data));
}

TEST(Monitor, NamesAndRefusals) {
  const Tensor data = load_data("toy:moons:n=30").floats(0, 30);
  Monitor monitor = monitor_of("mmd:bandwidth=1,mmd:bandwidth=2,energy");  // whose names the losses borrow
  const Losses seen = monitor.measure(data, data);
  EXPECT_EQ(seen.parts[0].name, "mmd:bandwidth=1");
  EXPECT_EQ(seen.parts[1].name, "mmd:bandwidth=2");
  EXPECT_EQ(seen.parts[2].name, "energy");
  Options words = options_of(find_model("generator"));
  words.set("monitor", "none");
  EXPECT_FALSE(Monitor(option_table(MonitorOptions{}).read(words)).any());
  EXPECT_NE(message_of([] { monitor_of("jsd-critic"); }).find("need no training"), std::string::npos);
  std::string nine = "energy";
  for (int i = 1; i < 9; ++i) nine += ",mmd:bandwidth=" + std::to_string(i);
  EXPECT_NE(message_of([&] { monitor_of(nine); }).find("at most 8"), std::string::npos);
}

TEST(Monitor, WarnsOfCollapseAndOfACriticThatHasWon) {
  const auto warned = [](const char* name, double value) {
    Losses seen;
    seen.add(name, value);
    return generator_warning(seen).substr(0, 6);
  };
  EXPECT_EQ(warned("accuracy", 0.9995), "critic");
  EXPECT_EQ(warned("accuracy", 0.998), "");
  EXPECT_EQ(warned("variety", 0.049), "genera");
  EXPECT_EQ(warned("variety", 0.051), "");
  EXPECT_EQ(warned("energy", 0), "");
}

// The critic of codes has nothing to say of data.
TEST(Critics, OfDataOnly) {
  const Folder folder;
  const Dataset data = grey_data(80, 6);
  make_run("ae", {{"hidden", "6"}, {"latent", "3"}}, data, folder / "ae");
  const Settings small = {{"hidden", "6"}, {"critic-hidden", "6"}, {"monitor", "none"}};
  const auto critic = [&](const std::string& model, const Settings& settings) {
    const pushforward::Run run = make_run(model, settings, data);
    return critic_of_rows(*run.model) != nullptr;
  };
  EXPECT_TRUE(critic("gan", small));
  EXPECT_FALSE(critic("gan", with(small, {{"code", folder / "ae"}})));
  EXPECT_FALSE(critic("gan", with(small, {{"pack", "2"}})));
  EXPECT_FALSE(critic("generator", {{"hidden", "6"}, {"monitor", "none"}}));
  EXPECT_FALSE(critic("wae", {{"hidden", "6"}, {"distance", "jsd-critic"}, {"monitor", "none"}}));
}

}  // namespace
}  // namespace pushforward

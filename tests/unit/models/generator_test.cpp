// SPDX-License-Identifier: Apache-2.0
// Generators: any distance of the registry, and one that no registry knows, is a plug that trains; what it
// fixes from the data survives a checkpoint; what cannot be is refused by name.
#include "pushforward/generator.hpp"

#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;

double change_of_weights(const Settings& settings, const Dataset& data) {
  pushforward::Run run = make_run("generator", settings, data);
  const Tensor before = [&] {
    Tensor copy(1, run.arena.trained_size());
    std::copy_n(run.arena.values().data, copy.size(), copy.data());
    return copy;
  }();
  train(run, data, nullptr);
  double change = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    change += std::abs(static_cast<double>(run.arena.values().data[i] - before.data()[i]));
  return change;
}

TEST(Generator, EveryDistanceWithAGradientTrains) {
  std::size_t tried = 0;
  for (const DistanceEntry& entry : distances()) {
    if (!entry.facts.gradient_points) continue;
    const Dataset data = load_data(entry.facts.largest_d == 1 ? "toy:gaussian:d=1,n=200" : "toy:moons:n=200");
    EXPECT_GT(change_of_weights(small_generator({{"distance", entry.name}}), data), 1e-3) << entry.name;
    ++tried;
  }
  EXPECT_GE(tried, 8u);
}

TEST(Generator, ADistanceWithoutAGradientIsRefusedAndThoseThatHaveOneAreListed) {
  const Dataset data = load_data("toy:moons:n=50");
  for (const DistanceEntry& entry : distances()) {
    if (entry.facts.gradient_points || entry.facts.learned) continue;
    const std::string text = message_of([&] {
      make_run("generator", small_generator({{"distance", entry.name}}), data);
    });
    for (const char* word : {"--distance", entry.name.c_str(), "no gradient", "sinkhorn", "energy"})
      EXPECT_NE(text.find(word), std::string::npos) << text;
  }
}

// ‖mean x − mean y‖², with its gradient 2(mean x − mean y)/n: no registry knows it.
class MeanDistance : public Distance {
 public:
  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    double value = 0;
    for (std::size_t k = 0; k < x.d(); ++k) {
      double difference = 0;
      for (std::size_t i = 0; i < x.n(); ++i) difference += x.points.at(i, k) / static_cast<double>(x.n());
      for (std::size_t j = 0; j < y.n(); ++j) difference -= y.points.at(j, k) / static_cast<double>(y.n());
      value += difference * difference;
      for (std::size_t i = 0; grad.points.wanted() && i < x.n(); ++i)
        grad.points(i, k) = 2 * difference / static_cast<double>(x.n());
    }
    Reading reading;
    reading.value = value;
    return reading;
  }
};

// A run whose model is made of a distance of one's own.
pushforward::Run own_run(std::unique_ptr<Distance> distance, const Settings& settings, const Dataset& data) {
  pushforward::Run run = make_run("generator", settings, data);
  run.model =
      make_generator(generator_options(run), data.shape, std::move(distance), {.gradient_points = true});
  run.arena.bind(run.model->parameters(), Draw{3, stream_id("initial"), 0});
  run.model->prepare(data);
  return run;
}

TEST(Generator, ADistanceOfOnesOwnTrainsJustAsWell) {
  const Dataset data = load_data("toy:gaussian:d=3,mean=2,noise=0.1,n=500");
  pushforward::Run run =
      own_run(std::make_unique<MeanDistance>(),
              small_generator({{"steps", "300"}, {"rate", "0.01"}, {"batch", "100"}}), data);
  train(run, data, nullptr);
  Tensor points(2000, 3);
  generate(*run.model, points, Draw{1, 2, 3}, false);
  for (std::size_t k = 0; k < 3; ++k) {
    double mean = 0;
    for (std::size_t i = 0; i < points.rows(); ++i) mean += static_cast<double>(points(i, k)) / 2000;
    EXPECT_NEAR(mean, 2,
                0.1);  // batches of 100: 0.01; the generator's spread over √2000; the last step's rate
  }
}

TEST(Generator, GradientIsThatOfTheDistanceThroughTheNetwork) {
  const Dataset data = load_data("toy:moons:n=64");
  pushforward::Run run = make_run(
      "generator",
      small_generator({{"distance", "mmd:estimator=biased"}, {"activation", "tanh"}, {"batch", "64"}}), data);
  const Tensor batch = data.floats(0, 64);
  const Step step{5, 20, 0, Pass{true, Draw{0, stream_id("train"), 5}, Precision::f32}};
  const auto loss = [&] { return learner(*run.model).accumulate(0, batch, step).loss; };
  std::fill_n(run.arena.gradients().data, run.arena.gradients().size(), 0.0f);
  loss();
  const View<float> weight = value_of(run, "generator.0.weight");
  const auto at = static_cast<std::size_t>(weight.data - run.arena.values().data);
  for (std::size_t i = 0; i < 5; ++i) {
    const float before = weight.data[i], slope = run.arena.gradients().data[at + i];
    Tensor kept(1, run.arena.gradients().size());
    std::copy_n(run.arena.gradients().data, kept.size(), kept.data());
    weight.data[i] = before + 0.01f;
    const double above = loss();
    weight.data[i] = before - 0.01f;
    const double below = loss();
    weight.data[i] = before;
    std::copy_n(kept.data(), kept.size(), run.arena.gradients().data);
    // float32 activations: 1e-7 of the loss over 0.02; curvature 0.01² of the third derivative
    EXPECT_NEAR(static_cast<double>(slope), (above - below) / 0.02, 3e-5) << i;
  }
}

// What freeze fixed goes through float32 and thaw, and the distance is what it was.
TEST(Distance, ThawedIsAsFrozen) {
  const Dataset a = load_data("toy:moons:n=60"), b = load_data("toy:moons:n=50,scale=3,seed=4"),
                c = load_data("toy:moons:n=40,scale=9,seed=5");
  Matrix<double> room_a, room_b, room_c;
  const Sample x{a.points(room_a)}, y{b.points(room_b)}, far{c.points(room_c)};
  for (const char* spec : {"mmd", "mmd:kernel=laplacian,estimator=biased", "mmd:bandwidth=2", "sinkhorn",
                           "sinkhorn:eps-absolute=0.5", "energy", "sliced"}) {
    const auto frozen = make_distance(parse_spec(spec)), thawed = make_distance(parse_spec(spec)),
               fresh = make_distance(parse_spec(spec));
    frozen->freeze(x, y);
    const std::vector<double> numbers = frozen->frozen();
    if (!numbers.empty()) thawed->thaw(numbers);
    EXPECT_EQ(*frozen->measure(x, far).value, *thawed->measure(x, far).value) << spec;
    const bool derived = std::string(spec) == "mmd" || std::string(spec) == "sinkhorn" ||
                         std::string(spec).starts_with("mmd:kernel");
    EXPECT_EQ(derived, !numbers.empty()) << spec;
    EXPECT_EQ(derived, *frozen->measure(x, far).value != *fresh->measure(x, far).value) << spec;
  }
}

TEST(Distance, RedrawTakesNewProjections) {
  const Dataset a = load_data("toy:moons:n=60"), b = load_data("toy:moons:n=50,scale=3,seed=4");
  Matrix<double> room_a, room_b;
  const Sample x{a.points(room_a)}, y{b.points(room_b)};
  const auto one = make_distance(parse_spec("sliced:projections=5"), 1),
             two = make_distance(parse_spec("sliced:projections=5"), 2);
  const double first = *one->measure(x, y).value;
  EXPECT_NE(first, *two->measure(x, y).value);
  two->redraw(1);
  EXPECT_EQ(first, *two->measure(x, y).value);
}

TEST(Generator, ResumedEndsInTheSameBytes) {
  const Dataset data = load_data("toy:moons:n=100");
  for (const char* distance : {"mmd", "sinkhorn:p=1", "sliced:projections=10"}) {
    const Settings settings = small_generator({{"distance", distance},
                                               {"noise-distribution", "uniform:2"},
                                               {"optimizer", "sgd:momentum=0.5,later=0.9,from=5,over=6"},
                                               {"rate", "0.1"},
                                               {"ema", "0.9"},
                                               {"monitor", "w1"},
                                               {"monitor-every", "3"},
                                               {"checkpoint-every", "3"}});
    expect_resumes_alike("generator", settings, data, {7});
  }
}

TEST(Generator, OutputIsASigmoidForDataInTheUnitIntervalOnly) {
  const auto output = [](const Dataset& data, const Settings& more) {
    return make_run("generator", small_generator(more), data).options.text("output-activation");
  };
  EXPECT_EQ(output(grey_data(40, 5), {{"distance", "energy"}}), "sigmoid");
  EXPECT_EQ(output(grey_data(40, 5), {{"standardize", "yes"}}), "linear");
  EXPECT_EQ(output(grey_data(40, 5), {{"output-activation", "tanh"}}), "tanh");
  EXPECT_EQ(output(load_data("toy:moons:n=40"), {}), "linear");
}

TEST(Generator, ALastBatchThatIsTooSmallIsRepeatedAndSamplesMayBeOfAnotherNumber) {
  const Dataset data = load_data("toy:moons:n=65");  // 32 + 32 + 1, and the unbiased MMD needs two
  EXPECT_GT(change_of_weights(small_generator({{"distance", "mmd"}}), data), 1e-3);
  EXPECT_GT(change_of_weights(small_generator({{"distance", "w2"}, {"samples", "50"}}), data), 1e-3);
}

TEST(Generator, RefusesWhatDoesNotGoTogether) {
  const Dataset data = load_data("toy:moons:n=65");
  const auto complaint = [&](const Settings& more) {
    return message_of([&] { make_run("generator", small_generator(more), data); });
  };
  EXPECT_NE(complaint({{"critic-steps", "5"}}).find("--critic-steps"), std::string::npos);
  EXPECT_NE(complaint({{"critic-hidden", "5"}}).find("--critic-hidden"), std::string::npos);
  EXPECT_NE(complaint({{"pack", "2"}}).find("--pack"), std::string::npos);
  EXPECT_NE(complaint({{"code-activation", "tanh"}}).find("--code-activation"), std::string::npos);
  EXPECT_NE(complaint({{"noise-distribution", "cauchy"}}).find("cauchy"), std::string::npos);
  EXPECT_NE(complaint({{"watch", "w2"}, {"monitor", "w1"}}).find("--watch"), std::string::npos);
  EXPECT_NE(complaint({{"distance", "enery"}}).find("did you mean 'energy'"), std::string::npos);
}

TEST(Generator, MonitorIsLoggedAndWatchKeepsTheBestWeights) {
  const Folder folder;
  const Dataset data = load_data("toy:moons:n=320");
  pushforward::Run run = make_run("generator",
                                  small_generator({{"monitor", "w1,mmd:bandwidth=1,energy"},
                                                   {"monitor-every", "4"},
                                                   {"steps", "400"},
                                                   {"rate", "0.05"},
                                                   {"watch", "w1"},
                                                   {"patience", "3"},
                                                   {"validation", "0.2"}}),
                                  data, folder / "run");
  double best = HUGE_VAL;
  const Summary summary = train(run, data, nullptr, [&](const Progress& p) {
    if (p.epoch_end) {
      EXPECT_TRUE(p.monitor.has_value());
      EXPECT_EQ(p.monitor->parts[0].name, "w1");
      best = std::min(best, p.monitor->parts[0].value);
    }
    return Continue::yes;
  });
  EXPECT_EQ(summary.stopped, Stopped::patience);
  EXPECT_EQ(summary.best_validation->loss, best);
  std::istringstream lines(file_bytes(folder / "run/metrics.jsonl"));
  std::string line;
  std::size_t monitored = 0;
  while (std::getline(lines, line)) {
    const auto json = nlohmann::json::parse(line);
    if (json.contains("epoch") || !json.contains("monitor_w1")) continue;
    for (const char* key : {"monitor_mmd", "monitor_energy", "monitor_variety"})
      EXPECT_TRUE(json.contains(key)) << key;
    ++monitored;
  }
  EXPECT_GE(monitored, summary.steps / 4);
  // the weights that others use are the watched ones
  pushforward::Run opened = open_run(folder / "run");
  const Tensor all = data.floats(256, 320);
  const Step step{0, 1, 0, Pass{false, Draw{0, stream_id("monitor"), 0}, Precision::f32}};
  EXPECT_EQ(as<Monitored>(*opened.model)->monitor(all, step).parts[0].value, best);
}

TEST(Generator, CollapseIsWarnedOfOnceAndDoesNotStop) {
  const Dataset data = load_data("toy:8gaussians:n=320");
  Settings settings = small_generator({{"monitor", "energy"}, {"monitor-every", "2"}});
  settings.push_back({"initial", "zeros"});  // every z gives the same point
  pushforward::Run run = make_run("generator", settings, data);
  const std::vector<std::string> warnings = warnings_of(run, data);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("step 2: generator: "), std::string::npos) << warnings[0];
}

TEST(Generator, SinkhornFindsAllEightModes) {
  const Dataset data = load_data("toy:8gaussians:n=5000");
  pushforward::Run run = make_run("generator",
                                  {{"distance", "sinkhorn:p=1,tolerance=0.001,iterations=100"},
                                   {"latent", "2"},
                                   {"hidden", "64,64"},
                                   {"batch", "128"},
                                   {"steps", "300"},
                                   {"rate", "0.003"},
                                   {"threads", "1"},
                                   {"monitor", "none"}},
                                  data);
  train(run, data, nullptr);
  Tensor points(2500, 2);
  generate(*run.model, points, Draw{1, 2, 3}, false);
  std::vector<int> near(8, 0);
  for (std::size_t i = 0; i < points.rows(); ++i)
    for (std::size_t k = 0; k < 8; ++k) {
      const double angle = 0.7853981633974483 * static_cast<double>(k);
      const double x = static_cast<double>(points(i, 0)) - std::cos(angle),
                   y = static_cast<double>(points(i, 1)) - std::sin(angle);
      near[k] += x * x + y * y < 0.2 * 0.2;
    }
  for (std::size_t k = 0; k < 8; ++k) EXPECT_GT(near[k], 80) << k;  // a quarter of its share
}

}  // namespace
}  // namespace pushforward

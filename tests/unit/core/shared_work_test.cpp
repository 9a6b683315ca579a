// SPDX-License-Identifier: Apache-2.0
// Work that is large enough to be shared among threads comes to the bits that one thread makes of it: small
// samples and small networks, which the other tests are made of, are never cut into parts.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/png.hpp"
#include "ops/product.hpp"
#include "pushforward/two_sample.hpp"
#include "support/threads.hpp"
#include "unit/models/run_files.hpp"

namespace pushforward {
namespace {

using namespace testing;
using Numbers = std::vector<double>;

// What `work` comes to on so many threads.
Numbers on_threads(int count, const std::function<Numbers()>& work) {
  const Threads set(count);
  return work();
}

// Work is cut by its size and added up in one order, so that the number of threads does not show in the bits.
void expect_shared_alike(const std::function<Numbers()>& work) {
  const Numbers one = on_threads(1, work);
  ASSERT_FALSE(one.empty());
  for (const int count : {2, 3}) {
    const Numbers more = on_threads(count, work);
    ASSERT_EQ(one.size(), more.size());
    std::size_t other = 0;
    for (std::size_t i = 0; i < one.size(); ++i)
      other += std::bit_cast<std::uint64_t>(one[i]) != std::bit_cast<std::uint64_t>(more[i]);
    EXPECT_EQ(other, 0u) << "of " << one.size() << " numbers on " << count << " threads; the first is "
                         << one[0];
  }
}

template <class T>
Matrix<T> normal(std::size_t n, std::size_t d, std::string_view name, double mean = 0) {
  Matrix<T> x(n, d);
  fill_normal(x.span(), Draw{.seed = 4}.on(name), static_cast<T>(mean));
  return x;
}

// All numbers among the fields and their parts.
void add_numbers(const Fields& fields, Numbers& out) {
  for (const Field& field : fields) {
    if (const double* value = std::get_if<double>(&field.value)) out.push_back(*value);
    if (const Fields* parts = std::get_if<Fields>(&field.value)) add_numbers(*parts, out);
  }
}

struct Shared {
  std::string spec;
  std::size_t n, d;
  bool gradient;
};

// The gradient, the value, and what else the reading says.
template <class T>
Numbers measured(const Shared& row) {
  const Matrix<T> x = normal<T>(row.n, row.d, "x"), y = normal<T>(row.n, row.d, "y", 0.2);
  Matrix<double> gradient;
  if (row.gradient) gradient.resize(row.n, row.d);
  const Reading reading = make_distance(parse_spec(row.spec))->measure({x}, {y}, {.points = gradient.view()});
  Numbers out(gradient.span().begin(), gradient.span().end());
  if (reading.value) out.push_back(*reading.value);
  add_numbers(reading.extra, out);
  return out;
}

TEST(SharedWork, DistancesAndTheirGradients) {
  const Shared rows[] = {
      {"w1", 60000, 1, false},                                       // two sorts at once
      {"w2", 700, 10, true},                                         // the table of costs
      {"sinkhorn:eps=5,iterations=20,tolerance=0", 3100, 20, true},  // the table, and its sweeps
      {"sliced:projections=64", 6000, 3, true},                      // directions
      {"sliced:projections=4", 41000, 2, true},                      // points of the gradient
      {"mmd:bandwidth=3", 2100, 100, true},                          // panels, and sums over them
      {"mmd:estimator=block,block=50,bandwidth=2", 4200, 4, true},
      {"energy", 3000, 8, true},
      {"kl-knn", 4000, 10, false},
      {"prdc", 4000, 10, false},  // balls
  };
  for (const Shared& row : rows) {
    SCOPED_TRACE(row.spec);
    expect_shared_alike([&] { return measured<double>(row); });
    expect_shared_alike([&] { return measured<float>(row); });
  }
}

// Where a distance is fitted or relabelled, some rounds show what many would.
std::string short_spec(const DistanceEntry& entry) {
  const std::pair<const char*, const char*> rounds[] = {{"steps", ":steps=12,batch=400"},
                                                        {"relabellings", ":relabellings=100"}};
  for (const auto& [option, given] : rounds)
    if (std::ranges::count(entry.options, option, &OptionRow::name) > 0) return entry.name + given;
  return entry.name;
}

// Whatever the registry has, on the line and in many dimensions.
TEST(SharedWork, EveryDistance) {
  for (const DistanceEntry& entry : distances())
    for (const std::size_t d : {std::size_t{1}, std::size_t{21}}) {
      if (entry.facts.largest_d > 0 && d > entry.facts.largest_d) continue;
      const std::string spec = short_spec(entry);
      SCOPED_TRACE(fmt::format("{} in R^{}", spec, d));
      const bool gradient = entry.facts.gradient_points;
      expect_shared_alike([&] { return measured<float>({spec, 2100, d, gradient}); });
      expect_shared_alike([&] { return measured<double>({spec, 700, d, gradient}); });
    }
}

// Products of any shape; the library that makes them picks an algorithm by size, which must not be seen.
TEST(SharedWork, Products) {
  std::mt19937 random(5);
  const auto size = [&](std::size_t low, std::size_t high) {
    const double share = static_cast<double>(random() % 1000) / 1000;
    return static_cast<std::size_t>(static_cast<double>(low) *
                                    std::pow(static_cast<double>(high) / static_cast<double>(low), share));
  };
  for (int round = 0; round < 80; ++round) {
    const std::size_t m = size(3, 1500), n = size(3, 1000), k = size(20, 3000);
    if (m * n * k < 2'000'000 || m * n * k > 100'000'000) continue;
    const bool after = random() % 2 == 0;
    Product p{.transpose_a = random() % 2 == 0,
              .transpose_b = random() % 2 == 0,
              .rectify = after,
              .accumulate = !after && random() % 2 == 0,
              .precision = random() % 2 == 0 ? Precision::bf16 : Precision::f32};
    SCOPED_TRACE(fmt::format("{}x{}x{}, transposed {} {}, added {}, {}", m, n, k, p.transpose_a,
                             p.transpose_b, p.accumulate, p.precision == Precision::f32 ? "f32" : "bf16"));
    const Matrix<float> a = p.transpose_a ? normal<float>(k, m, "a") : normal<float>(m, k, "a"),
                        b = p.transpose_b ? normal<float>(n, k, "b") : normal<float>(k, n, "b");
    p.a = a.view(), p.b = b.view();
    expect_shared_alike([&] {
      Matrix<float> c = normal<float>(m, n, "c");
      p.c = c.view();
      multiply(p);
      return Numbers(c.span().begin(), c.span().end());
    });
  }
}

TEST(SharedWork, PermutationTests) {
  const Matrix<double> x = normal<double>(500, 3, "x"), y = normal<double>(500, 3, "y", 0.2);
  for (const char* text : {"mmd:bandwidth=1", "energy", "frechet", "mmd-fuse", "mmdagg"}) {
    SCOPED_TRACE(text);
    const Spec spec = parse_spec(text);
    expect_shared_alike([&] {
      const auto distance = make_distance(spec);
      const PermutationTest test =
          permutation_test(*distance, facts_of(spec), {x}, {y}, {.permutations = 180});
      Numbers out = {*test.reading.value, test.p_value, test.null_mean, test.null_sd};
      for (const auto& [share, value] : test.null_quantiles) out.push_back(value);
      return out;
    });
  }
}

// All weights after some steps.
Numbers trained_weights(const std::string& model, const Settings& settings, const Dataset& data) {
  pushforward::Run run =
      make_run(model, with(settings, {{"steps", "3"}, {"threads", std::to_string(threads())}}), data);
  train(run, data, nullptr);
  const auto values = run.arena.values().span();
  return {values.begin(), values.end()};
}

TEST(SharedWork, Training) {
  const Dataset grey = grey_data(600, 200);
  Dataset pictures = grey_data(300, 256);
  pictures.shape = {.height = 16, .width = 16, .channels = 1, .image = true};
  struct Case {
    std::string model;
    Settings settings;
    const Dataset& data;
  };
  const Settings wide = {
      {"batch", "256"}, {"hidden", "300,300"}, {"clip-norm", "1"}, {"ema", "0.5"}, {"rate", "0.001"}};
  const Settings plain = with(wide, {{"monitor", "none"}});
  const Case cases[] = {
      {"vae", with(wide, {{"latent", "150"}, {"activation", "gelu"}}), grey},
      {"gan", with(plain, {{"norm", "batch"}, {"distance", "jsd-critic:pieces=3,hidden=200,dropout=0.3"}}),
       grey},
      {"wgan", with(plain, {{"norm", "layer"}, {"critic-hidden", "300,300"}, {"critic-steps", "1"}}), grey},
      {"wgan", with(plain, {{"distance", "w1-critic:norm=layer,activation=tanh,hidden=300+300"}}), grey},
      {"ae", with(wide, {{"network", "conv 8 4x4/2, batch-norm, relu, max-pool 2x2"}, {"hidden", "none"}}),
       pictures},
  };
  for (const Case& c : cases)
    for (const char* precision : {"f32", "bf16"}) {
      SCOPED_TRACE(fmt::format("{}, {}", c.model, precision));
      const Settings settings = with(c.settings, {{"precision", precision}});
      expect_shared_alike([&] { return trained_weights(c.model, settings, c.data); });
    }
}

// Whatever the registry has, wide enough to be shared.
TEST(SharedWork, EveryModel) {
  const Dataset data = grey_data(300, 150);
  const Settings wide = {{"batch", "200"},      {"hidden", "200,150"}, {"latent", "40"},
                         {"steps", "3"},        {"critic-steps", "2"}, {"pretrain-epochs", "1"},
                         {"validation", "0.1"}, {"clip-norm", "1"},    {"ema", "0.5"},
                         {"monitor", "none"}};
  for (const ModelEntry& entry : models())
    for (const char* precision : {"f32", "bf16"}) {
      SCOPED_TRACE(fmt::format("{}, {}", entry.name, precision));
      const Options options = options_of(entry);
      const bool learned =
          options.known("distance") && facts_of(parse_spec(options.text("distance"))).learned;
      Settings settings;
      for (const auto& setting : with(wide, {{"precision", precision}}))
        if (options.known(setting.first) && (learned || setting.first != "critic-steps"))
          settings.push_back(setting);
      expect_shared_alike([&] {
        pushforward::Run run =
            make_run(entry.name, with(settings, {{"threads", std::to_string(threads())}}), data);
        train(run, data, nullptr);
        const auto values = run.arena.values().span();
        return Numbers(values.begin(), values.end());
      });
    }
}

TEST(SharedWork, FoldersOfImages) {
  const Folder folder;
  for (int i = 0; i < 40; ++i) {
    io::Image image(2, 3, 1);
    for (std::size_t p = 0; p < 6; ++p)
      image.pixels[p] = static_cast<std::uint8_t>(6 * i) + static_cast<std::uint8_t>(p);
    io::write_png(folder / fmt::format("{:02}.png", i), image);
  }
  expect_shared_alike([&] {
    const Matrix<double> rows = load_data(folder.path).doubles();
    return Numbers(rows.span().begin(), rows.span().end());
  });
}

}  // namespace
}  // namespace pushforward

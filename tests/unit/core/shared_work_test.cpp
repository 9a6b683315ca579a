// SPDX-License-Identifier: Apache-2.0
// Work that is large enough to be shared among threads comes to what one thread makes of it: small samples
// and small networks, which the other tests are made of, are never cut into parts.
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/png.hpp"
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

// ‖a − b‖ ≤ share·‖a − origin‖ (‖a‖ without an origin), a on one thread and b on three.
void expect_shared_alike(const std::function<Numbers()>& work, double share, const Numbers& origin = {}) {
  const Numbers one = on_threads(1, work), three = on_threads(3, work);
  ASSERT_EQ(one.size(), three.size());
  double size = 0, off = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    size += std::pow(one[i] - (origin.empty() ? 0 : origin[i]), 2);
    off += std::pow(one[i] - three[i], 2);
  }
  ASSERT_GT(size, 0);
  EXPECT_LE(std::sqrt(off), share * std::sqrt(size));
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
  double share;
};

TEST(SharedWork, DistancesAndTheirGradients) {
  const Shared rows[] = {
      {"w1", 60000, 1, false, 1e-12},                                      // two sorts at once
      {"w2", 700, 10, true, 1e-9},                                         // the table of costs
      {"sinkhorn:eps=5,iterations=20,tolerance=0", 3100, 20, true, 1e-4},  // the table, and its sweeps
      {"sliced:projections=64", 6000, 3, true, 1e-12},                     // directions
      {"sliced:projections=4", 41000, 2, true, 1e-12},                     // points of the gradient
      {"mmd:bandwidth=3", 2100, 100, true, 1e-5},                          // panels, and sums over them
      {"mmd:estimator=block,block=50,bandwidth=2", 4200, 4, true, 1e-12},
      {"energy", 3000, 8, true, 1e-5},
      {"kl-knn", 4000, 10, false, 1e-12},
      {"prdc", 4000, 10, false, 1e-12},  // balls
  };
  for (const Shared& row : rows) {
    SCOPED_TRACE(row.spec);
    const auto work = [&](auto zero) {
      using T = decltype(zero);
      const Matrix<T> x = normal<T>(row.n, row.d, "x"), y = normal<T>(row.n, row.d, "y", 0.2);
      Matrix<double> gradient;
      if (row.gradient) gradient.resize(row.n, row.d);
      const Reading reading =
          make_distance(parse_spec(row.spec))->measure({x}, {y}, {.points = gradient.view()});
      Numbers out(gradient.span().begin(), gradient.span().end());
      if (reading.value) out.push_back(*reading.value);
      add_numbers(reading.extra, out);
      return out;
    };
    expect_shared_alike([&] { return work(0.0); }, row.share);
    expect_shared_alike([&] { return work(0.0f); }, row.share);
  }
}

TEST(SharedWork, PermutationTests) {
  const Matrix<double> x = normal<double>(500, 3, "x"), y = normal<double>(500, 3, "y", 0.2);
  for (const char* text : {"mmd:bandwidth=1", "energy", "frechet"}) {
    SCOPED_TRACE(text);
    const Spec spec = parse_spec(text);
    expect_shared_alike(
        [&] {
          const auto distance = make_distance(spec);
          const PermutationTest test =
              permutation_test(*distance, facts_of(spec), {x}, {y}, {.permutations = 60});
          Numbers out = {*test.reading.value, test.p_value, test.null_mean, test.null_sd};
          for (const auto& [share, value] : test.null_quantiles) out.push_back(value);
          return out;
        },
        1e-6);
  }
}

// All weights after two steps of plain gradient descent, which no rounding can turn.
Numbers trained_weights(const std::string& model, const Settings& settings, const Dataset& data) {
  pushforward::Run run = make_run(
      model, with(settings, {{"steps", "2"}, {"threads", std::to_string(threads())}, {"optimizer", "sgd"}}),
      data);
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
      {"batch", "256"}, {"hidden", "300,300"}, {"clip-norm", "1"}, {"ema", "0.5"}, {"rate", "0.05"}};
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
      const Numbers begin = [&] {
        pushforward::Run run = make_run(c.model, settings, c.data);
        const auto values = run.arena.values().span();
        return Numbers(values.begin(), values.end());
      }();
      expect_shared_alike([&] { return trained_weights(c.model, settings, c.data); },
                          std::string(precision) == "f32" ? 1e-3 : 1e-2, begin);
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
  expect_shared_alike(
      [&] {
        const Matrix<double> rows = load_data(folder.path).doubles();
        return Numbers(rows.span().begin(), rows.span().end());
      },
      0);
}

}  // namespace
}  // namespace pushforward

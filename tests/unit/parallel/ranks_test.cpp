// SPDX-License-Identifier: Apache-2.0
// Ranks (threads here; tests/mpi has the same with processes) come to the bits that one comes to: the slices
// of a batch are added up in one order, whoever has them.
#include <atomic>
#include <bit>
#include <numeric>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "parallel/slice_sums.hpp"
#include "pushforward/collective.hpp"
#include "support/threads.hpp"
#include "train/sliced_batch.hpp"
#include "unit/models/run_files.hpp"

namespace pushforward {
namespace {

using namespace testing;
using Numbers = std::vector<float>;

void expect_same_bits(const Numbers& a, const Numbers& b) {
  ASSERT_EQ(a.size(), b.size());
  ASSERT_FALSE(a.empty());
  std::size_t other = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    other += std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i]);
  EXPECT_EQ(other, 0u) << "of " << a.size();
}

// Entry i of slice s: rounding depends on the order in which they are added.
float entry(std::size_t s, std::size_t i) {
  float value[1];
  fill_normal(std::span<float>(value), Draw{.seed = s, .step = i});
  return value[0] * value[0] * value[0];
}

// The tree as slice_sums.hpp has it: the left child of n slices has the largest power of two below n.
float tree_sum(std::size_t first, std::size_t end, std::size_t i) {
  if (end - first == 1) return entry(first, i);
  std::size_t left = 1;
  while (2 * left < end - first) left *= 2;
  return tree_sum(first, first + left, i) + tree_sum(first + left, end, i);
}

TEST(SliceSums, AreThoseOfOneTreeOnAnyNumberOfRanks) {
  constexpr std::size_t kSize = 37;  // no multiple of the ranks
  for (std::size_t slices = 1; slices <= 9; ++slices) {
    Numbers wanted(kSize);
    for (std::size_t i = 0; i < kSize; ++i) wanted[i] = tree_sum(0, slices, i);
    for (std::size_t ranks = 1; ranks <= slices; ++ranks) {
      SCOPED_TRACE(fmt::format("{} slices on {} ranks", slices, ranks));
      std::vector<Numbers> sums(ranks, Numbers(kSize));
      std::atomic<std::size_t> seen = 0;
      run_ranks(ranks, [&](std::size_t r) {
        SliceSums sum(slices);
        for (int again = 0; again < 2; ++again)
          sum(sums[r], [&](std::size_t s, std::span<float> out) {
            ++seen;
            for (std::size_t i = 0; i < out.size(); ++i) out[i] = entry(s, i);
          });
      });
      EXPECT_EQ(seen, 2 * slices);
      for (const Numbers& sum : sums) expect_same_bits(sum, wanted);
    }
  }
}

TEST(Ranks, ARankThatFailsEndsAllAndItsReasonIsTold) {
  const std::string told = message_of([] {
    run_ranks(3, [](std::size_t r) {
      if (r == 0) throw RequestError("the reason");
      collective().barrier();
    });
  });
  EXPECT_EQ(told, "the reason");
}

TEST(Ranks, GatherAndBroadcast) {
  std::vector<std::vector<std::size_t>> all(3);
  std::vector<std::size_t> first(3, 99);
  run_ranks(3, [&](std::size_t r) {
    all[r] = collective().gather(10 * r);
    first[r] = collective().broadcast(r + 5);
  });
  for (const auto& gathered : all) EXPECT_EQ(gathered, (std::vector<std::size_t>{0, 10, 20}));
  EXPECT_EQ(first, (std::vector<std::size_t>{5, 5, 5}));
}

// Whatever has dropout or noise draws it.
Settings small(const ModelEntry& entry) {
  const Settings wanted = {{"hidden", "70,40"},
                           {"latent", "5"},
                           {"batch", "37"},
                           {"steps", "7"},
                           {"validation", "0.1"},
                           {"pretrain-epochs", "1"},
                           {"ema", "0.5"},
                           {"clip-norm", "1"},
                           {"slices", "4"},
                           {"monitor", "none"},
                           {"threads", "1"},
                           {"checkpoint-every", "2"},
                           {"coupling", "independent"},
                           {"network", "dense 70, relu, dropout 0.2"}};
  const Options options = options_of(entry);
  Settings settings;
  for (const auto& setting : wanted)
    if (options.known(setting.first) && (setting.first != "network" || entry.name == "ae"))
      settings.push_back(setting);
  return settings;
}

// The weights of every rank after a training on so many.
std::vector<Numbers> trained(const ModelEntry& entry, const Settings& settings, const Dataset& data,
                             std::size_t ranks, int threads_of_each) {
  const Threads set(threads_of_each);
  std::vector<Numbers> weights(ranks);
  run_ranks(ranks, [&](std::size_t r) {
    pushforward::Run run = make_run(entry.name, settings, data);
    train(run, data, nullptr);
    weights[r].assign(run.arena.values().span().begin(), run.arena.values().span().end());
  });
  return weights;
}

TEST(Ranks, EveryModelComesToTheSameBitsOrIsRefused) {
  const Dataset data = grey_data(150, 60);
  std::size_t supported = 0;
  for (const ModelEntry& entry : models()) {
    if (entry.solved) continue;
    SCOPED_TRACE(entry.name);
    const std::string refused = message_of([&] { trained(entry, small(entry), data, 2, 1); });
    if (!refused.empty()) {
      EXPECT_NE(refused.find("wanted a loss that is a mean over rows"), std::string::npos) << refused;
      continue;
    }
    ++supported;
    const Numbers one = trained(entry, small(entry), data, 1, 1)[0];
    for (const std::size_t ranks : {1, 2, 3, 4})
      for (const int threads_of_each : {1, 2})
        for (const Numbers& weights : trained(entry, small(entry), data, ranks, threads_of_each)) {
          SCOPED_TRACE(fmt::format("{} ranks, {} threads each", ranks, threads_of_each));
          expect_same_bits(weights, one);
        }
  }
  EXPECT_GE(supported, 10u);  // all but wae against a distance that is not learned
}

// Slices change the order of additions, so float32's rounding of a mean over 37 rows: some 1e-6 of it a step.
TEST(Ranks, SlicesComeToTheGradientOfTheWholeBatch) {
  const Dataset data = grey_data(150, 60);
  const Settings settings = {{"hidden", "20"}, {"latent", "3"},      {"batch", "37"},
                             {"steps", "5"},   {"optimizer", "sgd"}, {"rate", "0.1"}};
  const ModelEntry& entry = find_model("ae");
  const Numbers whole = trained(entry, settings, data, 1, 1)[0],
                sliced = trained(entry, with(settings, {{"slices", "5"}}), data, 1, 1)[0],
                begin = trained(entry, with(settings, {{"rate", "0"}}), data, 1, 1)[0];
  double off = 0, moved = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    off += std::pow(static_cast<double>(whole[i] - sliced[i]), 2);
    moved += std::pow(static_cast<double>(whole[i] - begin[i]), 2);
  }
  ASSERT_GT(moved, 0);
  EXPECT_LE(std::sqrt(off), 1e-4 * std::sqrt(moved));
}

// Points that are all w, and their mean squared distance to the rows: ∇ = 2(w − mean of the rows).
class OnePoint final : public Model, public Pooled {
 public:
  std::vector<Parameter*> parameters() override { return {&w}; }
  bool pools() const override { return true; }
  std::size_t least_rows() const override { return 1; }
  View<const float> make(std::size_t rows, const Step&) override {
    points_.resize(rows, 3);
    for (std::size_t i = 0; i < rows; ++i) std::copy_n(w.value.data, 3, points_.row(i));
    return std::as_const(points_).view();
  }
  double compare(View<const float> points, View<const float> rows, View<float> gradient,
                 const Step&) override {
    double sum = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const float apart = points.data[i] - rows.data[i];
      gradient.data[i] = 2 * apart / static_cast<float>(rows.rows);
      sum += static_cast<double>(apart * apart);
    }
    return sum / static_cast<double>(rows.rows);
  }
  void learn(View<const float> gradient, const Step&) override {
    for (std::size_t i = 0; i < gradient.size(); ++i) w.gradient.data[i % 3] += gradient.data[i];
  }

  Parameter w{.name = "w", .rows = 1, .cols = 3};

 private:
  Tensor points_{};
};

TEST(Ranks, PooledPointsComeToTheGradientOfAllRows) {
  constexpr std::size_t kRows = 11;
  const Tensor rows = grey_data(kRows, 3).floats(0, kRows);
  for (const std::size_t ranks : {1, 2, 4})
    run_ranks(ranks, [&](std::size_t r) {
      OnePoint model;
      Arena arena;
      arena.bind({&model.w}, Draw{.seed = 1});
      TrainPlan plan;
      plan.slices = 4;
      const OwnSlices own = OwnSlices::of(4, r, ranks);
      SlicedBatch sliced(plan);
      const Losses losses =
          sliced.accumulate(model, 0, rows.view().slice(own.row(own.first, kRows), own.row(own.end, kRows)),
                            kRows, own, {}, model.w.gradient);
      double loss = 0;
      for (std::size_t j = 0; j < 3; ++j) {
        double gradient = 0;
        for (std::size_t i = 0; i < kRows; ++i) {
          const double apart = static_cast<double>(model.w.value(0, j) - rows(i, j));
          gradient += 2 * apart / kRows, loss += apart * apart / kRows;
        }
        EXPECT_NEAR(model.w.gradient(0, j), gradient, 1e-5);
      }
      EXPECT_NEAR(losses.loss, loss, 1e-5 * loss);
    });
}

// Two equal rows on two slices: with noise alike their gradients would be, and the step that of one row.
TEST(Ranks, SlicesDoNotDrawAlike) {
  Dataset data = grey_data(1, 20);
  Matrix<float> rows(2, 20);
  for (std::size_t i = 0; i < 2; ++i) std::copy_n(data.floats(0, 1).row(0), 20, rows.row(i));
  Dataset twice = data;
  twice.rows_data = std::move(rows);
  const Settings settings = {{"hidden", "8"}, {"latent", "2"}, {"steps", "1"}, {"optimizer", "sgd"}};
  const ModelEntry& entry = find_model("vae");
  const Numbers one = trained(entry, with(settings, {{"batch", "1"}}), data, 1, 1)[0],
                two = trained(entry, with(settings, {{"batch", "2"}, {"slices", "2"}}), twice, 2, 1)[0];
  ASSERT_EQ(one.size(), two.size());
  EXPECT_NE(one, two);
}

TEST(Ranks, ARunGoesOnWithOtherRanksToTheSameBytes) {
  const Dataset data = grey_data(150, 60);
  const ModelEntry& entry = find_model("vae");
  const Settings settings = with(small(entry), {{"log-every", "1"}});
  const Folder folder;
  pushforward::Run whole = make_run("vae", settings, data, folder / "whole");
  train(whole, data, nullptr);
  run_ranks(2, [&](std::size_t r) {
    pushforward::Run run = make_run("vae", settings, data, r == 0 ? folder / "part" : "");
    EXPECT_EQ(train(run, data, nullptr, stop_after(3)).stopped, Stopped::interrupted);
  });
  run_ranks(4, [&](std::size_t) {
    pushforward::Run run = resume_run(folder / "part");
    EXPECT_EQ(train(run, data, nullptr, stop_after(5)).stopped, Stopped::interrupted);
  });
  run_ranks(1, [&](std::size_t) {
    pushforward::Run run = resume_run(folder / "part");
    train(run, data, nullptr);
  });
  expect_same_files(folder / "whole", folder / "part");
}

TEST(Ranks, RefusesWhatCannotBeShared) {
  const Dataset data = grey_data(150, 60);
  const auto told = [&](const std::string& model, const Settings& settings, std::size_t ranks) {
    return message_of([&] {
      run_ranks(ranks, [&](std::size_t) {
        pushforward::Run run = make_run(model, with({{"hidden", "8"}, {"steps", "1"}}, settings), data);
        train(run, data, nullptr);
      });
    });
  };
  EXPECT_EQ(told("ae", {}, 2),
            "--slices: got 1, wanted a slice or more for each of 2 ranks; start 1 or fewer processes");
  EXPECT_EQ(told("ae", {{"slices", "9"}, {"batch", "8"}}, 1),
            "--slices: got 9, wanted at most one a row of a batch of 8");
  EXPECT_NE(told("wae", {{"slices", "2"}}, 2).find("2 ranks: got a distance that compares all rows"),
            std::string::npos);
  EXPECT_NE(told("ae", {{"slices", "2"}, {"network", "dense 8, batch-norm"}, {"hidden", "none"}}, 1)
                .find("--slices: got batch norm"),
            std::string::npos);
}

}  // namespace
}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
// The loop and its run directory: what is trained on, when it stops, and what a run keeps.
#include <sys/resource.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "support/threads.hpp"
#include "unit/train/small_run.hpp"

namespace pushforward {
namespace {

using namespace testing;
namespace fs = std::filesystem;

// What a model is given: sizes of batches, and the last column of their rows; and on how many threads it
// looked at the data once.
struct Seen {
  int threads = 0;
  std::vector<std::size_t> batches;
  std::multiset<float> values, held_out;
};

// Notes it.
struct Spy : Model, Learner {
  Seen& seen;
  Matrix<float> others;  // what it learns from in place of the data, unless empty
  Parameter w{.name = "w", .rows = 1, .cols = 1};

  Spy(Seen& in, Matrix<float> rows) : seen(in), others(std::move(rows)) {}
  std::vector<Parameter*> parameters() override { return {&w}; }
  std::vector<Phase> phases() override { return {{.name = "fit", .parameters = {&w}}}; }
  std::optional<Dataset> learnt_from(const Dataset&) override {
    seen.threads = threads();
    if (others.empty()) return {};
    return Dataset{.name = "others", .shape = {.width = others.cols()}, .rows_data = others};
  }
  Losses accumulate(std::size_t, View<const float> x, const Step&) override {
    seen.batches.push_back(x.rows);
    for (std::size_t i = 0; i < x.rows; ++i) seen.values.insert(x(i, x.cols - 1));
    return {};
  }
  Losses validate(View<const float> x, const Step&) override {
    for (std::size_t i = 0; i < x.rows; ++i) seen.held_out.insert(x(i, x.cols - 1));
    return {};
  }
};

// In two epochs, in batches of 20.
Seen seen_in_training(const Dataset& data, Matrix<float> others = {}) {
  Seen seen;
  pushforward::Run run = make_run("ae", {{"batch", "20"}, {"epochs", "2"}, {"threads", "1"}}, data);
  const Threads elsewhere(2);
  run.model = std::make_unique<Spy>(seen, std::move(others));
  run.arena.bind(run.model->parameters(), {});
  train(run, data, nullptr);
  return seen;
}

// The last column of all rows, twice.
std::multiset<float> last_column_twice(const Matrix<float>& rows) {
  std::multiset<float> out;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (int twice = 0; twice < 2; ++twice) out.insert(rows(i, rows.cols() - 1));
  return out;
}

TEST(Train, EveryRowOnceAnEpochTheLastSmallerBatchToo) {
  const Dataset data = small_data();
  const Seen seen = seen_in_training(data);
  EXPECT_EQ(seen.batches, (std::vector<std::size_t>{20, 20, 20, 20, 3, 20, 20, 20, 20, 3}));
  EXPECT_TRUE(seen.values == last_column_twice(std::get<Matrix<float>>(data.rows_data)));
}

TEST(Train, AModelMayLearnFromWhatItMakesOfTheDataOnce) {
  Matrix<float> others(83, 2);
  fill_normal(others.span(), Draw{3, 4, 5});
  const Seen seen = seen_in_training(small_data(), others);
  EXPECT_TRUE(seen.values == last_column_twice(others));
  EXPECT_EQ(seen.threads, 1);  // the run's own number, so that it goes on to the same bits
}

// validate() is given what accumulate() learns from, of held-out rows: the last of the same data (and the
// last batch once more, when the training ends), or data of their own.
TEST(Train, HeldOutRowsAreInTheSpaceThatIsLearntFrom) {
  Matrix<float> others(83, 2);
  fill_normal(others.span(), Draw{3, 4, 5});
  const auto held_out = [&](const std::string& share, const Dataset* validation) {
    Seen seen;
    Settings settings = {{"batch", "20"}, {"epochs", "1"}, {"threads", "1"}};
    settings.emplace_back("validation", share);
    pushforward::Run run = make_run("ae", settings, small_data());
    run.model = std::make_unique<Spy>(seen, others);
    run.arena.bind(run.model->parameters(), {});
    train(run, small_data(), validation);
    return seen.held_out;
  };
  std::set<float> last_rows, all;
  for (std::size_t i = 0; i < 83; ++i) all.insert(others(i, 1));
  for (std::size_t i = 83 - 20; i < 83; ++i) last_rows.insert(others(i, 1));
  const std::multiset<float> of_share = held_out("0.25", nullptr);
  EXPECT_GE(of_share.size(), 20u);
  EXPECT_TRUE(std::ranges::includes(of_share, last_rows));
  EXPECT_TRUE(std::ranges::includes(all, std::set<float>(of_share.begin(), of_share.end())));
  const Dataset own = small_data();
  const std::multiset<float> of_own = held_out("own", &own);
  EXPECT_TRUE(std::ranges::includes(of_own, all));
  EXPECT_TRUE(std::ranges::includes(all, std::set<float>(of_own.begin(), of_own.end())));
}

TEST(Train, LossFalls) {
  pushforward::Run run = make_run(
      "vae", {{"hidden", "20"}, {"latent", "2"}, {"epochs", "30"}, {"rate", "0.01"}}, grey_data(400, 10));
  std::vector<double> losses;
  const Summary summary = train(run, grey_data(400, 10), nullptr, [&](const Progress& p) {
    if (p.epoch_end) losses.push_back(p.losses.loss);
    return Continue::yes;
  });
  ASSERT_EQ(losses.size(), 30u);
  EXPECT_LT(losses.back(), losses.front() - 0.5);
  EXPECT_EQ(summary.stopped, Stopped::finished);
  EXPECT_EQ(summary.epochs, 30u);
  EXPECT_EQ(summary.last.count, 2u);
}

TEST(Train, SameSeedSameBitsOtherSeedOtherBits) {
  const Folder folder;
  Settings other = kSmall;
  other.push_back({"seed", "1"});
  const std::string a = finished_run(folder, "a"), b = finished_run(folder, "b"),
                    c = finished_run(folder, "c", other);
  expect_same_run(a, b);
  EXPECT_FALSE(file_bytes(a + "/model.safetensors") == file_bytes(c + "/model.safetensors"));
}

TEST(Train, AverageForgetsTheBeginning) {
  const Folder folder;
  pushforward::Run run =
      make_run("ae", {{"hidden", "8"}, {"latent", "2"}, {"steps", "2"}, {"ema", "0.5"}, {"batch", "83"}},
               small_data(), folder / "run");
  std::vector<double> bias = {static_cast<double>(value_of(run, "decoder.1.bias")(0, 0))};
  train(run, small_data(), nullptr, [&](const Progress& p) {
    if (!p.epoch_end) bias.push_back(static_cast<double>(value_of(run, "decoder.1.bias")(0, 0)));
    return Continue::yes;
  });
  // decays 1/10 at step 0 and 2/11 at step 1, both below ½
  const double average = 2.0 / 11 * (0.1 * bias[0] + 0.9 * bias[1]) + 9.0 / 11 * bias[2];
  pushforward::Run ema = open_run(folder / "run", Weights::ema);
  EXPECT_NEAR(static_cast<double>(value_of(ema, "decoder.1.bias")(0, 0)), average, 1e-6);
}

TEST(Train, PatienceStopsAndKeepsTheBestWeights) {
  const Folder folder;
  Settings settings = {{"hidden", "30"}, {"latent", "4"},       {"batch", "8"},   {"epochs", "400"},
                       {"rate", "0.02"}, {"validation", "0.5"}, {"patience", "3"}};
  const Dataset data = grey_data(40, 10);
  pushforward::Run run = make_run("ae", settings, data, folder / "run");
  double best = HUGE_VAL;
  std::size_t epochs = 0;
  const Summary summary = train(run, data, nullptr, [&](const Progress& p) {
    if (p.epoch_end) best = std::min(best, p.validation->loss), epochs = p.epoch;
    return Continue::yes;
  });
  EXPECT_EQ(summary.stopped, Stopped::patience);
  EXPECT_EQ(summary.best_epoch + 3, epochs);
  ASSERT_TRUE(summary.best_validation.has_value());
  EXPECT_EQ(summary.best_validation->loss, best);
  const pushforward::Run opened = open_run(folder / "run"), last = open_run(folder / "run", Weights::last);
  const std::vector<std::uint32_t> rows = {20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
                                           30, 31, 32, 33, 34, 35, 36, 37, 38, 39};
  const Dataset held = data.select(rows);
  EXPECT_NEAR(field(evaluate(*opened.model, held, {}), "squared_error"), best, 1e-5 * best);
  EXPECT_GT(field(evaluate(*last.model, held, {}), "squared_error"), best);
}

TEST(Train, AverageIsWhatOthersUse) {
  const Folder folder;
  const Settings settings = {{"hidden", "8"}, {"latent", "2"}, {"epochs", "3"}, {"ema", "0.99"}};
  finished_run(folder, "run", settings);
  pushforward::Run automatic = open_run(folder / "run"), ema = open_run(folder / "run", Weights::ema),
                   last = open_run(folder / "run", Weights::last);
  EXPECT_EQ(value_of(automatic, "decoder.1.bias")(0, 0), value_of(ema, "decoder.1.bias")(0, 0));
  EXPECT_NE(value_of(automatic, "decoder.1.bias")(0, 0), value_of(last, "decoder.1.bias")(0, 0));
  EXPECT_THROW(open_run(folder / "run", Weights::best), RequestError);
}

TEST(Train, DivergingStopsNamesTheStepAndKeepsTheCheckpoint) {
  const Folder folder;
  const Settings settings = {{"hidden", "8"},          {"latent", "2"},  {"batch", "16"},
                             {"epochs", "50"},         {"rate", "1e30"}, {"optimizer", "sgd"},
                             {"checkpoint-every", "1"}};
  pushforward::Run run = make_run("ae", settings, small_data(), folder / "run");
  try {
    train(run, small_data(), nullptr);
    FAIL() << "a rate of 1e30 went well";
  } catch (const WorkError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("diverged at step "), std::string::npos) << text;
    EXPECT_NE(text.find("coder."), std::string::npos) << text;  // encoder.0 or decoder.1
  }
  pushforward::Run again = open_run(folder / "run", Weights::last);
  for (const float v : again.arena.values().span()) ASSERT_TRUE(std::isfinite(v));
}

TEST(Train, FullDiskLosesNoEarlierCheckpoint) {
  const Folder folder;
  pushforward::Run run = make_run("vae", kSmall, small_data(), folder / "run");
  const std::string before = file_bytes(folder / "run/checkpoint.safetensors");
  ASSERT_GT(before.size(), 1000u);
  rlimit old{}, small{};
  getrlimit(RLIMIT_FSIZE, &old);
  small = old, small.rlim_cur = 2500;  // no file may grow beyond 2500 bytes: like a disk that fills up
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_THROW(train(run, small_data(), nullptr), WorkError);
  setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(file_bytes(folder / "run/checkpoint.safetensors") == before);
  pushforward::Run again = resume_run(folder / "run");
  EXPECT_EQ(train(again, small_data(), nullptr).stopped, Stopped::finished);
}

TEST(Run, IsNeverOverwrittenAndAppearsWhole) {
  const Folder folder;
  pushforward::Run run = make_run("vae", kSmall, small_data(), folder / "run");
  for (const char* file : {"config.toml", "model.safetensors", "checkpoint.safetensors", "metrics.jsonl"})
    EXPECT_TRUE(fs::exists(folder / ("run/" + std::string(file)))) << file;
  EXPECT_THROW(make_run("vae", kSmall, small_data(), folder / "run"), RequestError);
  EXPECT_THROW(make_run("vae", kSmall, small_data(), folder / "missing/run"), RequestError);
  EXPECT_THROW(make_run("vae", {{"likelihood", "poisson"}}, small_data(), folder / "bad"), RequestError);
  EXPECT_FALSE(fs::exists(folder / "bad"));
  std::size_t entries = 0;
  for (const auto& unused : fs::directory_iterator(folder.path)) entries += unused.exists();
  EXPECT_EQ(entries, 1u);  // no temporary folder stayed behind
}

TEST(Run, DamagedFilesAreRefusedInOneLine) {
  const Folder folder;
  finished_run(folder, "good");
  for (const char* name : {"config.toml", "model.safetensors", "checkpoint.safetensors"}) {
    const std::string good = file_bytes(folder / ("good/" + std::string(name)));
    for (const std::size_t cut : {std::size_t{0}, std::size_t{5}, good.size() / 2, good.size() - 1}) {
      if (std::string(name) == "config.toml" && cut > 400) continue;  // a cut comment is no damage
      fs::remove_all(folder / "bad");
      fs::copy(folder / "good", folder / "bad");
      std::ofstream(folder / ("bad/" + std::string(name)), std::ios::binary) << good.substr(0, cut);
      const auto use = [&] {
        if (std::string(name) == "checkpoint.safetensors")
          resume_run(folder / "bad");
        else
          open_run(folder / "bad");
      };
      try {
        use();
        ADD_FAILURE() << name << " cut at " << cut << " was accepted";
      } catch (const RequestError& error) {
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
        EXPECT_NE(std::string(error.what()).find("bad"), std::string::npos) << error.what();
      }
    }
  }
  EXPECT_THROW(open_run(folder / "nowhere"), RequestError);
  EXPECT_THROW(open_run(folder.path), RequestError);
}

TEST(Run, OtherDataAreRefusedOnResume) {
  const Folder folder;
  pushforward::Run run = make_run("vae", kSmall, small_data(), folder / "run");
  EXPECT_THROW(train(run, grey_data(84, 10), nullptr), RequestError);
  EXPECT_THROW(train(run, grey_data(83, 9), nullptr), RequestError);
  EXPECT_THROW(prepare_data(run, grey_data(5, 9)), RequestError);
}

TEST(Run, StandardizationIsKeptAndUndone) {
  const Folder folder;
  Dataset data = low_rank_data(50, 3, 2, 0.5);
  data.table = true;
  make_run("ppca", {{"latent", "1"}}, data, folder / "run");
  const pushforward::Run run = open_run(folder / "run");
  ASSERT_EQ(run.standardization.mean.size(), 3u);
  const Dataset ready = prepare_data(run, data);
  Tensor rows = ready.floats(0, 50);
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < 50; ++i) {
    sum += static_cast<double>(rows(i, 1));
    squares += static_cast<double>(rows(i, 1)) * static_cast<double>(rows(i, 1));
  }
  EXPECT_NEAR(sum / 50, 0, 1e-6);
  EXPECT_NEAR(squares / 50, 1, 1e-5);
  restore_units(run, rows);
  const Tensor raw = data.floats(0, 50);
  for (std::size_t i = 0; i < raw.size(); ++i) EXPECT_NEAR(rows.data()[i], raw.data()[i], 1e-5);
  data.table = false;
  EXPECT_TRUE(make_run("ppca", {{"latent", "1"}}, data).standardization.empty());
  EXPECT_FALSE(make_run("ppca", {{"latent", "1"}, {"standardize", "yes"}}, data).standardization.empty());
}

TEST(Run, InitStartsFromAnothersWeights) {
  const Folder folder;
  const std::string first = finished_run(folder, "first");
  Settings settings = kSmall;
  settings.push_back({"init", first}), settings.push_back({"seed", "9"});
  pushforward::Run run = make_run("vae", settings, small_data()), from = open_run(first);
  EXPECT_EQ(value_of(run, "encoder.0.weight")(2, 3), value_of(from, "encoder.0.weight")(2, 3));
  settings.push_back({"hidden", "9"});
  EXPECT_THROW(make_run("vae", settings, small_data()), RequestError);
}

TEST(Run, SolvedModelsAreKeptToo) {
  const Folder folder;
  const Dataset data = low_rank_data(60, 6, 2, 0.2);
  const pushforward::Run made = make_run("ppca", {{"latent", "2"}}, data, folder / "run");
  const pushforward::Run opened = open_run(folder / "run");
  EXPECT_EQ(field(evaluate(*made.model, data, {}), "log_likelihood"),
            field(evaluate(*opened.model, data, {}), "log_likelihood"));
  EXPECT_THROW(resume_run(folder / "run"), RequestError);
}

TEST(Train, HeldOutRowsTeachNothing) {
  Dataset a = grey_data(60, 6), b = a;
  for (std::size_t i = 45; i < 60; ++i)
    for (std::size_t j = 0; j < 6; ++j) std::get<Matrix<float>>(b.rows_data)(i, j) = 1;
  const Settings settings = {
      {"hidden", "4"}, {"latent", "2"}, {"epochs", "3"}, {"validation", "0.25"}, {"center", "yes"}};
  pushforward::Run x = make_run("ae", settings, a), y = make_run("ae", settings, b);
  train(x, a, nullptr), train(y, b, nullptr);
  EXPECT_TRUE(std::ranges::equal(x.arena.values().span(), y.arena.values().span()));
}

}  // namespace
}  // namespace pushforward

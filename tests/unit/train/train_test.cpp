// SPDX-License-Identifier: Apache-2.0
// The loop and its run directory: what is trained on, when it stops, and that a stopped, killed or resumed
// run ends in the same bytes as one left alone.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/file_lock.hpp"
#include "pushforward/threads.hpp"
#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;
namespace fs = std::filesystem;

// metrics.jsonl without what depends on the clock.
std::string metrics_of(const std::string& run) {
  std::istringstream lines(file_bytes(run + "/metrics.jsonl"));
  std::string out, line;
  while (std::getline(lines, line)) {
    auto json = nlohmann::ordered_json::parse(line);
    json.erase("seconds"), json.erase("samples_per_second");
    out += json.dump() + "\n";
  }
  return out;
}

void expect_same_run(const std::string& a, const std::string& b) {
  EXPECT_EQ(metrics_of(a), metrics_of(b));
  expect_same_files(a, b);
}

const Settings kSmall = {
    {"hidden", "8"},    {"latent", "2"},        {"batch", "16"},    {"epochs", "6"},
    {"ema", "0.9"},     {"validation", "0.2"},  {"log-every", "2"}, {"checkpoint-every", "3"},
    {"clip-norm", "5"}, {"schedule", "cosine"}, {"warmup", "4"},    {"weight-decay", "0.01"},
    {"threads", "1"},   {"patience", "50"}};

Dataset small_data() { return grey_data(83, 10); }  // 67 trained on: 4 batches of 16 and one of 3

std::string finished_run(const Folder& folder, const std::string& name, const Settings& settings = kSmall) {
  pushforward::Run run = make_run("vae", settings, small_data(), folder / name);
  train(run, small_data(), nullptr);
  return folder / name;
}

TEST(Train, EveryRowOnceAnEpochTheLastSmallerBatchToo) {
  const Dataset data = small_data();
  struct Spy : Model {
    std::multiset<float> seen;
    std::vector<std::size_t> batches;
    Parameter w{.name = "w", .rows = 1, .cols = 1, .initial = {"zeros"}};
    RowShape data_shape() const override { return {.width = 10}; }
    std::vector<Parameter*> parameters() override { return {&w}; }
    std::vector<Phase> phases() override { return {{.name = "fit", .parameters = {&w}}}; }
    Losses accumulate(std::size_t, View<const float> x, const Step&) override {
      batches.push_back(x.rows);
      for (std::size_t i = 0; i < x.rows; ++i) seen.insert(x(i, 3));
      return {};
    }
  };
  pushforward::Run run = make_run("ae", {{"batch", "20"}, {"epochs", "2"}}, data);
  auto spy = std::make_unique<Spy>();
  Spy& s = *spy;
  run.model = std::move(spy);
  run.arena.bind(run.model->parameters(), {});
  train(run, data, nullptr);
  EXPECT_EQ(s.batches, (std::vector<std::size_t>{20, 20, 20, 20, 3, 20, 20, 20, 20, 3}));
  std::multiset<float> wanted;
  for (std::size_t i = 0; i < 83; ++i)
    for (int twice = 0; twice < 2; ++twice) wanted.insert(std::get<Matrix<float>>(data.rows_data)(i, 3));
  EXPECT_TRUE(s.seen == wanted);
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
  EXPECT_EQ(summary.stopped, "finished");
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

TEST(Train, StoppedAnywhereAndResumedEndsInTheSameBytes) {
  const Folder folder;
  const std::string whole = finished_run(folder, "whole");
  for (const std::uint64_t stop : {1u, 3u, 5u, 7u, 10u, 29u}) {  // within, at the end of, and after epochs
    const std::string path = folder / ("stop" + std::to_string(stop));
    pushforward::Run run = make_run("vae", kSmall, small_data(), path);
    const Summary first = train(run, small_data(), nullptr, [&](const Progress& p) {
      return p.step == stop && !p.epoch_end ? Continue::stop : Continue::yes;
    });
    EXPECT_EQ(first.stopped, "interrupted");
    EXPECT_EQ(first.steps, stop);
    pushforward::Run again = resume_run(path);
    EXPECT_EQ(train(again, small_data(), nullptr).stopped, "finished");
    expect_same_run(whole, path);
  }
}

TEST(Train, MoreEpochsGoOnToTheSameBits) {
  const Folder folder;
  Settings settings = {{"hidden", "8"}, {"latent", "2"}, {"batch", "16"}, {"epochs", "5"}, {"threads", "1"}};
  const std::string whole = finished_run(folder, "whole", settings);
  settings[3].second = "2";
  const std::string part = finished_run(folder, "part", settings);
  pushforward::Run run = resume_run(part);
  run.options.set("epochs", "5");
  train(run, small_data(), nullptr);
  expect_same_run(whole, part);
}

TEST(Train, StepsMayEndWithinAnEpochAndGoOn) {
  const Folder folder;
  Settings settings = {{"hidden", "8"}, {"latent", "2"},  {"batch", "16"},
                       {"steps", "20"}, {"threads", "1"}, {"validation", "0.2"}};
  const std::string whole = finished_run(folder, "whole", settings);
  settings[3].second = "13";
  const std::string part = finished_run(folder, "part", settings);
  EXPECT_TRUE(metrics_of(part).find("\"step\":13") != std::string::npos);
  pushforward::Run run = resume_run(part);
  run.options.set("steps", "20");
  train(run, small_data(), nullptr);
  expect_same_run(whole, part);
}

// Everything that has state between steps: running statistics, momentum that rises, averages, two optimisers.
const Settings kGan = {{"hidden", "12"},
                       {"latent", "2"},
                       {"batch", "16"},
                       {"epochs", "30"},
                       {"ema", "0.9"},
                       {"norm", "batch"},
                       {"optimizer", "sgd:momentum=0.5,later=0.8,over=100"},
                       {"rate", "0.05"},
                       {"distance", "jsd-critic:dropout=0.3"},
                       {"critic-hidden", "12"},
                       {"critic-optimizer", "adam"},
                       {"critic-steps", "2"},
                       {"pack", "2"},
                       {"monitor-every", "7"},
                       {"log-every", "2"},
                       {"checkpoint-every", "3"},
                       {"threads", "1"}};

// Not a test: the program that the next ones kill. It makes or resumes the run in $PUSHFORWARD_TEST_RUN.
TEST(TrainWorker, DISABLED_GoesOnUntilKilled) {
  const char *path = std::getenv("PUSHFORWARD_TEST_RUN"), *model = std::getenv("PUSHFORWARD_TEST_MODEL");
  ASSERT_TRUE(path != nullptr && model != nullptr);
  Settings settings = std::string(model) == "gan" ? kGan : kSmall;
  if (std::string(model) == "vae") settings.push_back({"epochs", "60"});
  pushforward::Run run = fs::exists(path) ? resume_run(path) : make_run(model, settings, small_data(), path);
  train(run, small_data(), nullptr, [](const Progress&) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));  // so that a kill falls anywhere
    return Continue::yes;
  });
}

pid_t start_worker(const std::string& model, const std::string& path) {
  const pid_t child = fork();
  if (child != 0) return child;
  setenv("PUSHFORWARD_TEST_RUN", path.c_str(), 1);
  setenv("PUSHFORWARD_TEST_MODEL", model.c_str(), 1);
  const int nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, STDOUT_FILENO), dup2(nowhere, STDERR_FILENO);
  execl("/proc/self/exe", "tests", "--gtest_filter=TrainWorker.*", "--gtest_also_run_disabled_tests",
        nullptr);
  _exit(127);
}

void expect_killed_ends_in_the_same_bytes(const std::string& model, int wanted_kills) {
  const Folder folder;
  int status = 0;
  const auto begin = std::chrono::steady_clock::now();
  waitpid(start_worker(model, folder / "alone"), &status, 0);
  const std::chrono::duration<double> unbroken = std::chrono::steady_clock::now() - begin;
  ASSERT_EQ(status, 0);
  int kills = 0;
  for (std::uint32_t round = 0; kills < wanted_kills; ++round) {
    const pid_t child = start_worker(model, folder / "killed");
    // From before the run directory exists to the end of what an unbroken run takes, whatever the machine's
    // speed.
    std::this_thread::sleep_for(unbroken * uniform01({17, 0, 0}, round));
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) {
      ++kills;
      continue;
    }
    ASSERT_EQ(status, 0);  // it was done before the signal came: as good as any other, and another begins
    expect_same_run(folder / "alone", folder / "killed");
    fs::remove_all(folder / "killed");
  }
  waitpid(start_worker(model, folder / "killed"), &status, 0);
  ASSERT_EQ(status, 0);
  expect_same_run(folder / "alone", folder / "killed");
}

TEST(Train, KilledTwentyTimesEndsInTheSameBytes) { expect_killed_ends_in_the_same_bytes("vae", 20); }

TEST(Train, KilledGanEndsInTheSameBytes) { expect_killed_ends_in_the_same_bytes("gan", 6); }

TEST(Train, HoldsItsRunWhileItTrainsAndNoLonger) {
  const Folder folder;
  pushforward::Run run = make_run("vae", kSmall, small_data(), folder / "run");
  std::size_t seen = 0;
  train(run, small_data(), nullptr, [&](const Progress&) {
    EXPECT_FALSE(io::FileLock(folder / "run/.lock").held());
    ++seen;
    return Continue::yes;
  });
  EXPECT_GT(seen, 0u);
  EXPECT_TRUE(io::FileLock(folder / "run/.lock").held());
}

// The first training is a process that holds the run's lock, and dies without a chance to let go of it.
TEST(Train, ARunThatAnotherProcessTrainsIsRefusedUntilThatOneIsGone) {
  const Folder folder;
  const std::string path = folder / "run";
  make_run("vae", kSmall, small_data(), path);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    const io::FileLock lock(path + "/.lock");
    const char answer = lock.held() ? 'y' : 'n';
    if (write(ends[1], &answer, 1) == 1) pause();
    _exit(1);
  }
  char answer = 0;
  ASSERT_EQ(read(ends[0], &answer, 1), 1);
  close(ends[0]), close(ends[1]);
  EXPECT_EQ(answer, 'y');
  const std::string before = file_bytes(path + "/checkpoint.safetensors");
  pushforward::Run run = resume_run(path);
  try {
    train(run, small_data(), nullptr);
    ADD_FAILURE() << "two trainings at once";
  } catch (const WorkError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find(path + ": got a run that another process is training"), std::string::npos) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos);
  }
  EXPECT_TRUE(before == file_bytes(path + "/checkpoint.safetensors"));
  int status = 0;
  kill(child, SIGKILL), waitpid(child, &status, 0);
  EXPECT_EQ(train(run, small_data(), nullptr).stopped, "finished");
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
  EXPECT_EQ(summary.stopped, "patience");
  EXPECT_EQ(summary.best_epoch + 3, epochs);
  ASSERT_TRUE(summary.best_validation.has_value());
  EXPECT_EQ(summary.best_validation->loss, best);
  const pushforward::Run opened = open_run(folder / "run"), last = open_run(folder / "run", Weights::last);
  const std::vector<std::uint32_t> rows = {20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
                                           30, 31, 32, 33, 34, 35, 36, 37, 38, 39};
  const Dataset held = data.select(rows);
  EXPECT_NEAR(field(opened.model->evaluate(held, {}), "squared_error"), best, 1e-5 * best);
  EXPECT_GT(field(last.model->evaluate(held, {}), "squared_error"), best);
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
                             {"epochs", "50"},         {"rate", "1e18"}, {"optimizer", "sgd"},
                             {"checkpoint-every", "1"}};
  pushforward::Run run = make_run("ae", settings, small_data(), folder / "run");
  try {
    train(run, small_data(), nullptr);
    FAIL() << "a rate of 1e18 went well";
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
  EXPECT_EQ(train(again, small_data(), nullptr).stopped, "finished");
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
  EXPECT_EQ(field(made.model->evaluate(data, {}), "log_likelihood"),
            field(opened.model->evaluate(data, {}), "log_likelihood"));
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

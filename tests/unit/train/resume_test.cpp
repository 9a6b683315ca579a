// SPDX-License-Identifier: Apache-2.0
// A run that is stopped, killed or given other options goes on: to the same bytes as one left alone where
// only the totals are new, and never in two processes at once.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "io/file_lock.hpp"
#include "unit/train/small_run.hpp"

namespace pushforward {
namespace {

using namespace testing;
namespace fs = std::filesystem;

TEST(Resume, StoppedAnywhereAndResumedEndsInTheSameBytes) {
  const Folder folder;
  const std::string whole = finished_run(folder, "whole");
  for (const std::uint64_t stop : {1u, 3u, 5u, 7u, 10u, 29u}) {  // within, at the end of, and after epochs
    const std::string path = folder / ("stop" + std::to_string(stop));
    pushforward::Run run = make_run("vae", kSmall, small_data(), path);
    const Summary first = train(run, small_data(), nullptr, [&](const Progress& p) {
      return p.step == stop && !p.epoch_end ? Continue::stop : Continue::yes;
    });
    EXPECT_EQ(first.stopped, Stopped::interrupted);
    EXPECT_EQ(first.steps, stop);
    pushforward::Run again = resume_run(path);
    EXPECT_EQ(train(again, small_data(), nullptr).stopped, Stopped::finished);
    expect_same_run(whole, path);
  }
}

TEST(Resume, MoreEpochsGoOnToTheSameBits) {
  const Folder folder;
  Settings settings = {{"hidden", "8"}, {"latent", "2"}, {"batch", "16"}, {"epochs", "5"}, {"threads", "1"}};
  const std::string whole = finished_run(folder, "whole", settings);
  settings[3].second = "2";
  const std::string part = finished_run(folder, "part", settings);
  pushforward::Run run = resume_run(part, {{"epochs", "5"}});
  train(run, small_data(), nullptr);
  expect_same_run(whole, part);
}

TEST(Resume, StepsMayEndWithinAnEpochAndGoOn) {
  const Folder folder;
  Settings settings = {{"hidden", "8"}, {"latent", "2"},  {"batch", "16"},
                       {"steps", "20"}, {"threads", "1"}, {"validation", "0.2"}};
  const std::string whole = finished_run(folder, "whole", settings);
  settings[3].second = "13";
  const std::string part = finished_run(folder, "part", settings);
  EXPECT_TRUE(metrics_of(part).find("\"step\":13") != std::string::npos);
  pushforward::Run run = resume_run(part, {{"steps", "20"}});
  train(run, small_data(), nullptr);
  expect_same_run(whole, part);
}

TEST(Resume, OptionsThatHoldNoStateMayChangeOnTheWay) {
  const Folder folder;
  const Settings settings = {
      {"hidden", "8"}, {"latent", "2"}, {"batch", "16"}, {"steps", "13"}, {"threads", "1"}};
  const std::string path = finished_run(folder, "run", settings);
  const std::string before = file_bytes(path + "/model.safetensors");
  pushforward::Run still = resume_run(path, {{"rate", "0"}, {"epochs", "4"}});  // in place of --steps
  train(still, small_data(), nullptr);
  EXPECT_TRUE(file_bytes(path + "/model.safetensors") == before);
  EXPECT_NE(metrics_of(path).find("\"epoch\":4,"), std::string::npos);
  EXPECT_EQ(open_run(path).options.text("rate"), "0");  // and stays so
  pushforward::Run moving = resume_run(path, {{"rate", "0.1"}, {"epochs", "5"}});
  train(moving, small_data(), nullptr);
  EXPECT_FALSE(file_bytes(path + "/model.safetensors") == before);
}

TEST(Resume, OptionsThatHoldStateAreRefusedByName) {
  const Folder folder;
  const std::string path = finished_run(folder, "run");
  for (const char* name : {"hidden", "batch", "seed", "optimizer", "ema", "critic-rate"})
    EXPECT_NE(message_of([&] { resume_run(path, {{name, "3"}}); }).find(name), std::string::npos) << name;
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

TEST(Resume, KilledTwentyTimesEndsInTheSameBytes) { expect_killed_ends_in_the_same_bytes("vae", 20); }

TEST(Resume, KilledGanEndsInTheSameBytes) { expect_killed_ends_in_the_same_bytes("gan", 6); }

TEST(Resume, HoldsItsRunWhileItTrainsAndNoLonger) {
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
TEST(Resume, ARunThatAnotherProcessTrainsIsRefusedUntilThatOneIsGone) {
  const Folder folder;
  const std::string path = folder / "run";
  make_run("vae", kSmall, small_data(), path);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // it must not outlive a test that failed
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
  EXPECT_EQ(train(run, small_data(), nullptr).stopped, Stopped::finished);
}

}  // namespace
}  // namespace pushforward

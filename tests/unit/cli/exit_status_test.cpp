// SPDX-License-Identifier: Apache-2.0
// The exit statuses that docs/cli.md promises, for a command of each group: 0 done, 1 the work failed, 2 the
// request was wrong, 130 interrupted after a checkpoint was written. And `pushforward test` as a command.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/own_folder.hpp"
#include "support/places.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

using testing::run_program;

TEST(ExitStatus, IsZeroWhereAllIsWell) {
  const testing::Folder folder;
  const std::string run = folder / "run";
  const std::vector<std::string> commands = {"data show toy:moons:n=50",
                                             "train ae toy:moons:n=50 --steps 2 --quiet -o " + run,
                                             "sample --help",
                                             "evaluate " + run + " --json",
                                             "distance toy:moons:n=20 toy:moons:n=20 -m w2",
                                             "divergence 0.5,0.5 0.25,0.75",
                                             "completion bash"};
  for (const std::string& words : commands) EXPECT_EQ(run_program(words).status, 0) << words;
}

TEST(ExitStatus, IsTwoWhereTheRequestIsWrong) {
  for (const char* words :
       {"data show nowhere.npy", "train vae nowhere.npy -o run", "train nothing mnist -o run",
        "sample nowhere -o x.npy", "distance toy:moons:n=20 toy:gaussian:n=20,d=3 -m w2",
        "test toy:moons:n=20 toy:moons:n=20 -m nothing", "divergence 0.5,0.6 0.5,0.5", "completion nothing",
        "nothing"}) {
    const testing::Ran ran = run_program(words);
    EXPECT_EQ(ran.status, 2) << words << "\n" << ran.err;
    EXPECT_EQ(ran.out, "") << words;
    EXPECT_TRUE(ran.err.starts_with("pushforward: error: ")) << words << "\n" << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << words << "\n" << ran.err;
  }
}

// A rate at which weights overflow within a few steps.
TEST(ExitStatus, IsOneWhereTheWorkFails) {
  const testing::Folder folder;
  const testing::Ran ran = run_program(
      "train ae toy:moons:n=100 --optimizer sgd --rate 1e25 --steps 50 --quiet -o " + (folder / "run"));
  EXPECT_EQ(ran.status, 1) << ran.err;
  EXPECT_NE(ran.err.find("diverged"), std::string::npos) << ran.err;
}

// Starts `pushforward WORDS` with its standard error in `errors`, sends the signal once `ready` holds, and
// returns what it exited with; −1 where a signal ended it or it was never ready.
int interrupted_status(std::vector<std::string> words, const std::string& errors, int signal,
                       const std::function<bool()>& ready) {
  const pid_t child = fork();
  if (child == 0) {
    std::vector<char*> arguments;
    words.insert(words.begin(), testing::program_path());
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (std::freopen("/dev/null", "w", stdout) && std::freopen(errors.c_str(), "w", stderr))
      execv(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  while (!ready()) {
    if (waitpid(child, &status, WNOHANG) == child) return -1;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  kill(child, signal);
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(ExitStatus, Is130AfterAnInterruptWithARunThatGoesOn) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const testing::Folder folder;
    const std::string run = folder / "run", metrics = run + "/metrics.jsonl", errors = folder / "errors";
    const auto trains = [&] {
      return std::filesystem::exists(metrics) && std::filesystem::file_size(metrics) > 0;
    };
    EXPECT_EQ(interrupted_status({"train", "ae", "toy:moons:n=200", "--steps", "1000000000", "--log-every",
                                  "1", "--hidden", "4", "--threads", "1", "-o", run},
                                 errors, signal, trains),
              130);
    const std::string said = testing::file_bytes(errors);
    EXPECT_NE(said.find("pushforward train --resume " + run), std::string::npos) << said;
    EXPECT_EQ(run_program("run " + run).status, 0);
  }
}

TEST(TestCommand, AnswersInJson) {
  const testing::Ran ran = run_program(
      "test toy:gaussian:n=60 toy:gaussian:n=50,mean=2 -m energy,mmd --permutations 99 --level 0.1 --json");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto tests = nlohmann::json::parse(ran.out);
  ASSERT_EQ(tests.size(), 2u);
  for (const auto& test : tests) {
    EXPECT_EQ(test.at("permutations"), 99);
    EXPECT_EQ(test.at("level"), 0.1);
    EXPECT_EQ(test.at("p_value"), 0.01);  // (1 + 0)/(1 + 99): two deviations apart, no relabelling comes near
    EXPECT_EQ(test.at("reject"), true);
    EXPECT_GT(test.at("effect"), 5);
    EXPECT_FALSE(test.at("null_quantiles").empty());
  }
}

TEST(TestCommand, FindsNoDifferenceBetweenASampleAndItself) {
  const testing::Ran ran =
      run_program("test toy:moons:n=40,seed=1 toy:moons:n=40,seed=1 -m energy --permutations 99 --json");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto test = nlohmann::json::parse(ran.out);
  const auto& one = test.is_array() ? test.at(0) : test;
  EXPECT_EQ(one.at("p_value"), 1);
  EXPECT_EQ(one.at("reject"), false);
}

}  // namespace
}  // namespace pushforward

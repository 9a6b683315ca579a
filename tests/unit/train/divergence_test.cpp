// SPDX-License-Identifier: Apache-2.0
// Trainings that run away: whatever made them, their run can be used, and goes on at the rate that the error
// names.
#include <filesystem>
#include <regex>

#include <gtest/gtest.h>

#include "unit/train/small_run.hpp"

namespace pushforward {
namespace {

using namespace testing;

struct Case {
  std::string model;
  Settings settings;
};

std::string text_of(const Case& c) {
  std::string out = c.model;
  for (const auto& [name, value] : c.settings) out += " --" + name + " " + value;
  return out;
}

Dataset points() { return grey_data(96, 2); }

std::vector<Case> runaways() {
  return {{"gan", {{"rate", "1e5"}}},
          {"gmmn", {{"rate", "1e8"}}},
          {"wgan", {{"rate", "1e6"}}},
          {"generator", {{"rate", "1e7"}, {"distance", "sinkhorn"}}},
          {"wae", {{"rate", "1e10"}}},
          {"ae", {{"rate", "1e20"}, {"optimizer", "sgd"}}},
          {"ae", {{"rate", "1e20"}, {"optimizer", "sgd"}, {"checkpoint-every", "1"}}},
          {"ae", {{"rate", "1e6"}, {"optimizer", "sgd"}, {"checkpoint-every", "1"}}},
          {"ae", {{"rate", "50"}, {"optimizer", "sgd"}, {"checkpoint-every", "1"}}},
          {"ae", {{"rate", "3"}, {"optimizer", "sgd:momentum=0.99"}, {"checkpoint-every", "2"}}},
          {"ae", {{"rate", "1e12"}, {"optimizer", "adam"}, {"checkpoint-every", "1"}}},
          {"ae", {{"rate", "1e15"}, {"optimizer", "rmsprop"}, {"ema", "0.9"}}},
          {"ae", {{"rate", "1e15"}, {"optimizer", "adagrad"}, {"checkpoint-every", "3"}}},
          {"ae", {{"rate", "1e10"}, {"optimizer", "sgd"}, {"warmup", "20"}, {"checkpoint-every", "1"}}},
          {"ae",
           {{"rate", "1e8"},
            {"optimizer", "sgd"},
            {"schedule", "cosine"},
            {"ema", "0.5"},
            {"checkpoint-every", "1"}}},
          {"vae", {{"rate", "1e3"}, {"optimizer", "sgd"}}},
          {"vae", {{"rate", "1e3"}, {"optimizer", "sgd"}, {"checkpoint-every", "1"}, {"validation", "0.2"}}},
          {"dae", {{"rate", "1e15"}, {"optimizer", "sgd"}, {"checkpoint-every", "1"}}}};
}

// What the error proposes: "--rate 0.001".
std::map<std::string, std::string> advice_in(const std::string& message) {
  std::map<std::string, std::string> out;
  const std::regex option("--((?:critic-)?rate) ([0-9.e+-]+)");
  for (std::sregex_iterator at(message.begin(), message.end(), option), end; at != end; ++at)
    out[(*at)[1]] = (*at)[2];
  return out;
}

bool usable(const std::string& path) {
  const pushforward::Run run = open_run(path);
  for (const Parameter* p : run.arena.parameters())
    for (const float v : p->value.span())
      if (!std::isfinite(v)) return false;
  return true;
}

TEST(Divergence, TheRunGoesOnAtTheRateThatTheErrorNames) {
  std::size_t diverged = 0;
  for (Case c : runaways()) {
    const Folder folder;
    const std::string path = folder / "run";
    c.settings.insert(
        c.settings.end(),
        {{"hidden", "8"}, {"latent", "2"}, {"batch", "16"}, {"epochs", "40"}, {"threads", "1"}});
    pushforward::Run run = make_run(c.model, c.settings, points(), path);
    std::string message;
    try {
      train(run, points(), nullptr);
      std::printf("        %s: finished\n", text_of(c).c_str());
      EXPECT_TRUE(usable(path)) << text_of(c);
      continue;
    } catch (const WorkError& error) {
      message = error.what();
    }
    ++diverged;
    EXPECT_TRUE(std::regex_search(
        message, std::regex("^diverged at step [0-9]+: got .*, first in .*[a-z]+\\.[0-9].*")))
        << text_of(c) << "\n"
        << message;
    EXPECT_TRUE(usable(path)) << text_of(c);
    const std::map<std::string, std::string> advice = advice_in(message);
    ASSERT_TRUE(advice.contains("rate")) << message;
    pushforward::Run again = resume_run(path, advice);
    EXPECT_EQ(train(again, points(), nullptr).stopped, Stopped::finished) << text_of(c) << "\n" << message;
    EXPECT_FALSE(std::filesystem::exists(path + "/good.safetensors")) << text_of(c);
    for (const float v : again.arena.values().span())
      ASSERT_LT(std::abs(v), 1e3f) << text_of(c) << "\n" << message;
  }
  EXPECT_GE(diverged, 12u);
}

TEST(Divergence, AnOrdinaryRunKeepsOneCheckpoint) {
  const Folder folder;
  const std::string path = finished_run(folder, "run");
  EXPECT_FALSE(std::filesystem::exists(path + "/good.safetensors"));
}

// A run that ends on weights that overflow has not finished.
TEST(Divergence, TheLastStepIsLookedAtToo) {
  const Folder folder;
  const Settings settings = {
      {"hidden", "8"}, {"latent", "2"}, {"steps", "1"}, {"rate", "1e25"}, {"optimizer", "sgd"}};
  pushforward::Run run = make_run("ae", settings, points(), folder / "run");
  EXPECT_THROW(train(run, points(), nullptr), WorkError);
  EXPECT_TRUE(usable(folder / "run"));
}

}  // namespace
}  // namespace pushforward

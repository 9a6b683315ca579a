// SPDX-License-Identifier: Apache-2.0
//
// The program with numbers that nobody means, for every option of every command that --help says takes a
// number: what is out of range is refused with status 2, in one line that repeats the number and the option
// as they were typed. And each command in little memory: it does its work, or says how much was missing.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/npy.hpp"
#include "support/absurd_numbers.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"
#include "unit/cli/every_command.hpp"

namespace pushforward {
namespace {

using testing::commands_of_help;
using testing::options_of_help;
using testing::Ran;
using testing::run_program;

bool one_line(const std::string& text) { return text.find('\n') == text.size() - 1; }

class AbsurdOptions : public testing::OwnFolder {
 protected:
  void SetUp() override {
    ASSERT_EQ(run_program(fmt::format("train vae toy:moons:n=60 -o {} --latent 2 --hidden 4 --epochs 1 "
                                      "--likelihood gaussian:learned --threads 1 --quiet --json",
                                      at("run")))
                  .status,
              0);
  }
  std::map<std::string, std::string> lines() const { return testing::working_lines(folder_); }
};

TEST_F(AbsurdOptions, EveryCommandIsTried) {
  for (const std::string& command : commands_of_help())
    EXPECT_TRUE(command == "train" || command == "data" || lines().contains(command)) << command;
}

TEST_F(AbsurdOptions, AreRefusedAsTheyWereTyped) {
  std::size_t tried = 0;
  for (const auto& [command, arguments] : lines())
    for (const std::string& option : options_of_help(command, "N"))
      for (const char* value : testing::kAbsurdCounts) {
        if (option == "--seed" && std::string(value).find_first_not_of("0123456789") == std::string::npos &&
            std::string(value) != "99999999999999999999")
          continue;  // a seed may be any 64 bits
        const std::string line = fmt::format("{} {} {} {}", command, arguments, option, value);
        const Ran ran = run_program(line);
        EXPECT_EQ(ran.status, 2) << line;
        EXPECT_TRUE(ran.err.starts_with(fmt::format(
                        "pushforward: error: {}: got {}, wanted a whole number from ", option, value)) ||
                    ran.err.starts_with(fmt::format(
                        "pushforward: error: {}: got '{}', wanted a whole number from ", option, value)))
            << line << ": " << ran.err;
        EXPECT_TRUE(one_line(ran.err)) << line;
        EXPECT_TRUE(ran.out.empty()) << line;
        ++tried;
      }
  EXPECT_GT(tried, 300u);
}

// Every option that takes a number with a fraction.
TEST_F(AbsurdOptions, FractionsHaveRangesToo) {
  for (const auto& [command, arguments] : lines())
    for (const std::string& option : options_of_help(command, "NUMBER"))
      for (const char* value : {"-1e300", "nan", "1e999", "ten", ""}) {
        const std::string line = fmt::format("{} {} {} '{}'", command, arguments, option, value);
        const Ran ran = run_program(line);
        EXPECT_EQ(ran.status, 2) << line;
        EXPECT_TRUE(one_line(ran.err) && ran.err.find(option + ": got ") != std::string::npos)
            << line << ran.err;
      }
}

// What a whole number may look like, and both ways of a switch.
TEST_F(AbsurdOptions, MeaningsAreTaken) {
  const std::string sample = "sample " + at("run") + " --force --quiet -o " + at("o.csv");
  for (const char* words : {" -n 3", " -n3", " --count 3", " --count=3", " -n 0.3e1", " -n 2 -n 3"}) {
    ASSERT_EQ(run_program(sample + words).status, 0) << words;
    const std::string rows = read("o.csv");
    EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 4) << words;
  }
  EXPECT_EQ(run_program(sample + " -n 1e2 --seed 18446744073709551615").status, 0);
  const std::string run = "run " + at("run");
  const bool json = run_program(run + " --json").out.starts_with("{");
  EXPECT_TRUE(json);
  for (const char* on : {" --json=yes", " --json=true", " --json=1", " --no-json --json"})
    EXPECT_TRUE(run_program(run + on).out.starts_with("{")) << on;
  for (const char* off : {" --json=no", " --json=false", " --json=0", " --json --no-json"}) {
    const Ran ran = run_program(run + off);
    EXPECT_EQ(ran.status, 0) << off;
    EXPECT_FALSE(ran.out.starts_with("{")) << off;
  }
  for (const char* wrong : {" --json=maybe", " --no-json=yes", " --json=", " --json=-1", " -n 5"}) {
    const Ran ran = run_program(run + wrong);
    EXPECT_EQ(ran.status, 2) << wrong;
    EXPECT_TRUE(one_line(ran.err)) << ran.err;
  }
  const Ran eaten = run_program("sample " + at("run") + " -n 3 -o --force");
  EXPECT_EQ(eaten.status, 2);
  EXPECT_NE(eaten.err.find("-o: got '--force', an option, wanted a value"), std::string::npos) << eaten.err;
}

TEST_F(AbsurdOptions, ASwitchOfAModelCanBeTurnedOff) {
  std::vector<std::uint8_t> pixels(20 * 64);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 37 % 251);
  io::write_npy(at("images.npy"), {std::span<const std::uint8_t>(pixels), {20, 8, 8}});
  const auto residual = [&](const std::string& words) {
    const std::string line = fmt::format("train dae {} -o {} --steps 1 --hidden 4 --threads 1 --quiet {}",
                                         at("images.npy"), at("r"), words);
    const int status = run_program(line).status;
    const std::string config = status == 0 ? read("r/config.toml") : "";
    std::filesystem::remove_all(at("r"));
    const std::size_t found = config.find("\nresidual = \"");
    return found == std::string::npos ? fmt::format("status {}", status) : config.substr(found + 13, 2);
  };
  EXPECT_EQ(residual("--residual=no"), "no");
  EXPECT_EQ(residual("--no-residual"), "no");
  EXPECT_EQ(residual("--residual=0"), "no");
  EXPECT_EQ(residual("--residual --residual=no"), "no");
  EXPECT_EQ(residual("--residual=maybe"), "status 2");
  EXPECT_NE(run_program("train dae --help").out.find("--residual,--no-residual"), std::string::npos);
}

// Sizes that are in their ranges and fit no memory: how much, of what, and what takes less.
TEST_F(AbsurdOptions, WhatFitsNoMemorySaysSo) {
  const std::string run = at("run"), data = "toy:moons:n=60";
  const std::pair<std::string, std::string> cases[] = {
      {fmt::format("train ae {} -o {} --hidden 1000000,1000000", data, at("r")), "--hidden"},
      {fmt::format("train gan {} -o {} --latent 1000000 --hidden 1000000", data, at("r")), "--hidden"},
      {"data show toy:gaussian:n=4294967295,d=1000000", "n=N"},
  };
  for (const auto& [line, smaller] : cases) {
    const Ran ran = run_program(line);
    EXPECT_EQ(ran.status, 1) << line;
    EXPECT_TRUE(one_line(ran.err)) << ran.err;
    EXPECT_TRUE(ran.err.starts_with("pushforward: error: memory: got ")) << ran.err;
    EXPECT_NE(ran.err.find("B left, wanted "), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find(smaller), std::string::npos) << ran.err;
  }
}

TEST_F(AbsurdOptions, LongVectorsAndNames) {
  std::string masses = "0.015625";
  for (int i = 1; i < 64; ++i) masses += ",0.015625";
  for (const std::string& line :
       {"entropy " + masses, "code " + masses, "divergence " + masses + " " + masses,
        "divergence " + masses + " " + masses + " -m w1 --positions " + masses})
    EXPECT_EQ(run_program(line).status, 0) << line << run_program(line).err;
  const std::string name(300, 'x'), run = at("run"), data = "toy:moons:n=60";
  for (const std::string& line : {
           "sample " + run + " -o " + name + ".csv",
           "sample " + run + " -o " + name + "/",
           "train vae " + data + " -o " + name,
           "train vae " + name + " -o " + at("r"),
           "data show " + name,
           "data make " + data + " -o " + name + ".npy",
           "run " + name,
           "transport --cost " + name,
           "report " + run + " -o " + name + ".html",
           "animate " + data + " -o " + name + ".gif",
           "evaluate " + run + " " + name,
           "entropy " + name,
           "train --config " + name + " -o " + at("r"),
           "train generator " + data + " --code " + name + " -o " + at("r"),
           "density 'mvnormal(" + name + "," + name + ")'",
       }) {
    const Ran ran = run_program(line);
    EXPECT_EQ(ran.status, 2) << line << ran.err;
    EXPECT_TRUE(one_line(ran.err)) << ran.err;
    EXPECT_EQ(ran.err.find("filesystem error"), std::string::npos) << ran.err;
  }
}

}  // namespace
}  // namespace pushforward

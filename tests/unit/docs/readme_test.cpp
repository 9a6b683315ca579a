// SPDX-License-Identifier: Apache-2.0
// README's commands run, in its order, on small data in place of the reader's; README.zh-CN.md has the same
// ones.
#include <algorithm>
#include <regex>
#include <sstream>

#include <gtest/gtest.h>

#include "io/npy.hpp"
#include "io/png.hpp"
#include "pushforward/random.hpp"
#include "support/own_folder.hpp"
#include "support/pages.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

// Lines of any ``` block that begin with "pushforward ", without what stands behind " #".
std::vector<std::string> readme_commands(const std::string& page) {
  std::istringstream text(testing::read_page(page));
  std::vector<std::string> commands;
  bool block = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("```")) block = !block;
    if (!block || !line.starts_with("pushforward ")) continue;
    line = line.substr(0, line.find(" #"));
    line.erase(line.find_last_not_of(' ') + 1);
    commands.push_back(line);
  }
  return commands;
}

// A word of the README for one that is here.
struct Stands {
  const char *for_this, *that;
};

const std::vector<Stands> kHere = {
    {"vae photos/ -o run", "vae photos/ -o run --latent 2"},  // as the comment at `manifold` says
    {"table.csv -o run", "table.csv -o table"},
    {"generator (.*) -o run", "generator $1 -o generator"},
    {"run mnist:test", "run photos/"},
    {"--parzen gan", "--parzen gan --parzen-validation test.npy"},
    {"mnist:test", "test.npy"},
    {" mnist ", " train.npy "},
    {"--importance 5000", "--importance 10"},
    {"--epochs [0-9]+", ""},
    {"--steps [0-9]{4,}", ""},
};

std::string shortened(std::string command) {
  for (const Stands& stands : kHere)
    command = std::regex_replace(command, std::regex(stands.for_this), stands.that);
  if (command.starts_with("pushforward train")) command += " --steps 2 --batch 16";
  if (command.starts_with("pushforward animate")) command += " --steps 2 --frames 2";
  return command.substr(std::string("pushforward ").size());
}

class Readme : public testing::OwnFolder {
 protected:
  void SetUp() override {
    for (const char* label : {"3", "7"})
      for (std::uint64_t i = 0; i < 12; ++i) write_picture(fmt::format("photos/{}/{}.png", label, i), i);
    std::filesystem::create_directories(at("scans"));
    for (std::uint64_t i = 0; i < 3; ++i) write_picture(fmt::format("scans/{}.png", i), i);
    write_digits("train.npy", 2100), write_digits("test.npy", 40);
    for (const char* toy :
         {"a.npy toy:moons:n=60", "b.npy toy:8gaussians:n=60", "new.npy toy:moons:n=5",
          "a.csv toy:moons:n=60", "b.csv toy:8gaussians:n=60", "table.csv toy:moons:n=60"}) {
      const std::string words = toy;
      const std::size_t space = words.find(' ');
      ASSERT_EQ(run("data make " + words.substr(space + 1) + " -o " + words.substr(0, space)).status, 0);
    }
  }
  testing::Ran run(const std::string& arguments) const {
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(at(""));
    testing::Ran ran = testing::run_program(arguments + " --quiet");
    std::filesystem::current_path(before);
    return ran;
  }

 private:
  void write_picture(const std::string& name, std::uint64_t seed) const {
    std::filesystem::create_directories(std::filesystem::path(at(name)).parent_path());
    io::Image picture(64, 64, 3);
    picture.pixels = bytes(picture.pixels.size(), seed);
    io::write_png(at(name), picture);
  }
  void write_digits(const std::string& name, std::size_t rows) const {
    const std::vector<std::uint8_t> pixels = bytes(rows * 784, 7);
    io::write_npy(at(name), {std::span<const std::uint8_t>(pixels), {rows, 28, 28}});
  }
  static std::vector<std::uint8_t> bytes(std::size_t count, std::uint64_t seed) {
    std::vector<float> values(count);
    fill_uniform(values, Draw{seed}, 0, 255);
    return {values.begin(), values.end()};
  }
};

TEST_F(Readme, CommandsRunInItsOrder) {
  const std::vector<std::string> commands = readme_commands("README.md");
  EXPECT_GT(commands.size(), 20u);
  for (const std::string& command : commands) {
    const testing::Ran ran = run(shortened(command));
    EXPECT_EQ(ran.status, 0) << command << "\n" << shortened(command) << "\n" << ran.err;
  }
}

TEST(ReadmeInChinese, HasOnlyCommandsOfTheEnglishOne) {
  const std::vector<std::string> english = readme_commands("README.md");
  const std::vector<std::string> chinese = readme_commands("README.zh-CN.md");
  EXPECT_GT(chinese.size(), 20u);
  for (const std::string& command : chinese)
    EXPECT_NE(std::find(english.begin(), english.end(), command), english.end()) << command;
}

}  // namespace
}  // namespace pushforward

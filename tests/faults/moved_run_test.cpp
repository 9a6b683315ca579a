// SPDX-License-Identifier: Apache-2.0
//
// A run is used from any folder, without its data, and with its data in another place.
#include <filesystem>

#include "faults/faults.hpp"

namespace pushforward::testing {
namespace {

class MovedRun : public Faults {
 protected:
  void SetUp() override {
    Faults::SetUp();
    std::filesystem::create_directories(at("there")), std::filesystem::create_directories(at("elsewhere"));
    write("there/t.csv", table(60, 1)), write("there/held.csv", table(20, 2));
    write("there/labels.txt", labels(60));
  }
  static std::string table(std::size_t rows, std::uint64_t seed) {
    std::string text = "a,kind,b\n";
    for (std::size_t i = 0; i < rows; ++i)
      text += fmt::format("{:.3f},{},{}\n", uniform01({seed, 0, i}, 0), i % 3 ? "red" : "blue",
                          i % 7 ? fmt::format("{}", i) : "");
    return text;
  }
  static std::string labels(std::size_t rows) {
    std::string text;
    for (std::size_t i = 0; i < rows; ++i) text += fmt::format("{}\n", i % 2);
    return text;
  }
  void train(const std::string& more = "") {
    done("train vae there/t.csv -o run --hidden 8 --batch 20 --steps 6 --quiet " + more);
  }
  void move_data() { std::filesystem::rename(at("there"), at("moved")); }
  Outcome elsewhere(const std::string& arguments) {
    return shell("cd elsewhere && exec \"$P\" " + arguments);
  }
  void goes_elsewhere(const std::string& arguments) {
    const Outcome outcome = elsewhere(arguments);
    EXPECT_EQ(outcome.status, 0) << arguments << "\n" << outcome.err;
  }
  void refused_elsewhere(const std::string& arguments, const std::string& saying) {
    const Outcome outcome = elsewhere(arguments);
    EXPECT_EQ(outcome.status, 2) << arguments << "\n" << outcome.out;
    EXPECT_NE(outcome.err.find(saying), std::string::npos) << arguments << "\n" << outcome.err;
  }
};

TEST_F(MovedRun, NamesEveryFileFromTheRoot) {
  train("--validation there/held.csv --labels there/labels.txt");
  goes_elsewhere("evaluate ../run");
  goes_elsewhere("report ../run -o r.html");
  goes_elsewhere("compare ../run ../run -o c.html");
  goes_elsewhere("train --resume ../run --steps 8");
  goes_elsewhere("train --config ../run/config.toml -o again");
}

TEST_F(MovedRun, WorksWithoutItsData) {
  train(), move_data();
  goes_elsewhere("sample ../run -n 3 -o s.csv");
  goes_elsewhere("evaluate ../run ../moved/held.csv");
  const Outcome page = elsewhere("report ../run -o r.html");
  EXPECT_EQ(page.status, 0) << page.err;
  EXPECT_NE(page.err.find("is left out"), std::string::npos) << page.err;
  EXPECT_NE(read("elsewhere/r.html").find(R"("title":"What this run is")"), std::string::npos);
  EXPECT_EQ(read("elsewhere/r.html").find(R"("title":"Is it good?")"), std::string::npos);
  for (const char* command : {"evaluate ../run", "train --resume ../run --steps 8"})
    refused_elsewhere(command, "--data DATA says where they are now");
}

TEST_F(MovedRun, TakesItsDataFromAnotherPlace) {
  train("--validation there/held.csv --labels there/labels.txt");
  const auto figures = [](const Outcome& told) { return told.out.substr(0, told.out.find("distances")); };
  const std::string before = figures(done("evaluate run --json --quiet"));
  move_data();
  const std::string places =
      " --data ../moved/t.csv --validation ../moved/held.csv --labels ../moved/labels.txt";
  goes_elsewhere("train --resume ../run --steps 6" + places);  // has its steps: only the places are new
  EXPECT_EQ(figures(elsewhere("evaluate ../run --json --quiet")), before);
  refused_elsewhere("train --resume ../run --validation 0.5", "a new place for --validation");
  refused_elsewhere("train --resume ../run --noisy x.csv", "a new place for --noisy");
}

TEST_F(MovedRun, RefusesOtherDataForItsOwn) {
  train(), move_data();
  for (const char* command :
       {"evaluate ../run", "report ../run -o r.html", "train --resume ../run --steps 8"})
    refused_elsewhere(std::string(command) + " --data ../moved/held.csv", "digest");
}

TEST_F(MovedRun, ComparesRunsOnTheirOwnRowsOnlyWhereTheseAgree) {
  train();
  done("train vae there/held.csv -o other --hidden 8 --steps 2 --quiet");
  done("compare run run -o c.html --quiet");
  refused("compare run other -o d.html", "the same rows for all");
}

// A table that comes back with the run's own schema is the one that was read without: by its digest.
TEST_F(MovedRun, ReadsItsTableAsItWasRead) {
  for (const char* more : {"", "--drop a", "--columns kind,b", "--label-column kind"}) {
    std::filesystem::remove_all(at("run"));
    train(more);
    done("evaluate run --quiet"), done("train --resume run --steps 7 --quiet");
  }
}

TEST_F(MovedRun, AsksForDataThatCameByStandardInput) {
  shell("\"$P\" train vae - -o run --hidden 8 --steps 2 --quiet < there/t.csv");
  refused("evaluate run", "standard input");
  done("evaluate run --data there/t.csv --quiet");
}

// A folder that is called as a named set or a toy is, is not where its data are.
TEST_F(MovedRun, KeepsNamesThatAreNoPlaces) {
  std::filesystem::create_directories(at("toy"));
  done("train vae toy:moons:n=40 -o run --likelihood gaussian:learned --hidden 8 --steps 2 --quiet");
  goes_elsewhere("evaluate ../run");
}

}  // namespace
}  // namespace pushforward::testing

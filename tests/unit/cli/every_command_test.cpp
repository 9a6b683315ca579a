// SPDX-License-Identifier: Apache-2.0
//
// What holds of every command, found by walking --help: the JSON of a command has one shape and the version
// of its format, says what was written, and whatever is written may be in folders yet to be made.
#include "unit/cli/every_command.hpp"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pushforward::testing {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

const std::string kTrain =
    "train vae toy:moons:n=60 --latent 2 --hidden 4 --epochs 1 --likelihood gaussian:learned --threads 1";

class EveryCommand : public OwnFolder {
 protected:
  void SetUp() override { ASSERT_EQ(run_program(kTrain + " --quiet -o " + at("run")).status, 0); }
  // Of the commands that end by themselves.
  std::map<std::string, std::string> lines() const {
    std::map<std::string, std::string> all = working_lines(folder_);
    all.erase("studio");
    return all;
  }
  Json json_of(const std::string& arguments) const {
    const Ran ran = run_program(arguments + " --json --quiet");
    EXPECT_EQ(ran.status, 0) << arguments << ": " << ran.err;
    EXPECT_EQ(ran.err, "") << arguments;
    EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1) << arguments;
    Json value = Json::parse(ran.out, nullptr, false);
    EXPECT_FALSE(value.is_discarded()) << arguments << ": " << ran.out;
    return value;
  }
};

// What is asked in a list of SPECs is answered by a list, of one as of several.
TEST_F(EveryCommand, PrintsJsonOfOneShapeWithItsFormat) {
  std::map<std::string, std::string> all = lines();
  all["distance "] = "toy:moons:n=60 toy:moons:n=60 -m energy,mmd";
  all["test "] = "toy:moons:n=60 toy:moons:n=60 -m energy,mmd --permutations 20";
  all["test  "] = "toy:moons:n=60 toy:moons:n=60 --permutations 20";
  all["divergence "] = "0.5,0.5 0.3,0.7 -m kl";
  all["fit "] = "'normal(1,2)' --family normal --by kl,js";
  all["data list"] = "";
  const std::set<std::string> lists = {"distance", "test",    "divergence", "density",
                                       "fit",      "witness", "learn-theta"};
  for (const auto& [key, arguments] : all) {
    const std::string command = key.substr(0, key.find_last_not_of(' ') + 1);
    const Json value = json_of(command + " " + arguments);
    EXPECT_EQ(value.is_array(), lists.contains(command)) << command << ": " << value.dump();
    EXPECT_FALSE(value.empty()) << command;
    for (const Json& object : value.is_array() ? value : Json::array({value}))
      EXPECT_TRUE(object.is_object() && object.begin().key() == "format" && object["format"] == 1)
          << command << ": " << object.dump();
  }
}

// Whose result is a file alone says so.
TEST_F(EveryCommand, SaysInJsonWhatWasWritten) {
  for (const char* command : {"data make", "sample", "encode", "decode", "reconstruct", "denoise", "manifold",
                              "interpolate", "export", "compare", "report", "walkthrough", "animate"}) {
    const Json value = json_of(std::string(command) + " " + lines().at(command));
    ASSERT_TRUE(value.contains("output")) << command << ": " << value.dump();
    EXPECT_TRUE(fs::exists(value["output"].get<std::string>())) << command;
  }
  const Json drawn = json_of("sample " + at("run") + " -n 7 --seed 5 -o " + at("s.npy"));
  EXPECT_EQ(drawn["rows"], 7);
  EXPECT_EQ(drawn["shape"], Json::array({2}));
  EXPECT_EQ(drawn["seed"], 5);
  const Json pictures = json_of("data make mnist@0:3 -o " + at("m.npy"));
  EXPECT_EQ(pictures["shape"], (Json::array({28, 28})));
}

// Texts are texts, numbers numbers, switches true or false, and what may be several is a list, also of one.
TEST_F(EveryCommand, RunTellsOptionsAsWhatTheyAre) {
  const Json told = json_of("run " + at("run"));
  EXPECT_EQ(told["shape"], Json::array({2}));
  const Json& options = told["options"];
  EXPECT_EQ(options["latent"], 2);
  EXPECT_EQ(options["rate"], 0.001);
  EXPECT_EQ(options["hidden"], Json::array({4}));
  EXPECT_EQ(options["binarize"], false);
  EXPECT_EQ(options["likelihood"], "gaussian:learned");
}

// A path to write, by what --help says of its type, with where each is tried.
struct Written {
  std::string command, option, arguments, name;
};

std::vector<Written> all_written(const std::map<std::string, std::string>& lines, const std::string& csv) {
  std::vector<Written> all;
  for (const char* command : {"sample", "encode", "decode", "reconstruct", "manifold", "interpolate"})
    all.push_back({command, "--output", lines.at(command), "o.csv"});
  for (const auto& [command, option, name] :
       std::vector<std::tuple<const char*, const char*, const char*>>{{"denoise", "--output", "o.npy"},
                                                                      {"data show", "--output", "o.png"},
                                                                      {"data make", "--output", "o.npy"},
                                                                      {"export", "--output", "o.onnx"},
                                                                      {"compare", "--output", "o.html"},
                                                                      {"report", "--output", "o.html"},
                                                                      {"distance", "--output", "o.html"},
                                                                      {"distance", "--gradient", "g.npy"},
                                                                      {"divergence", "--output", "o.svg"},
                                                                      {"density", "--output", "o.svg"},
                                                                      {"density", "--coupling", "c.csv"},
                                                                      {"fit", "--output", "o.svg"},
                                                                      {"transport", "--output", "p.npz"},
                                                                      {"barycenter", "--output", "b.npz"},
                                                                      {"witness", "--output", "o.csv"},
                                                                      {"animate", "--output", "o.gif"},
                                                                      {"learn-theta", "--output", "t.csv"},
                                                                      {"walkthrough", "--output", "walk"},
                                                                      {"evaluate", "--scores", "s.csv"}})
    all.push_back({command, option, lines.at(command), name});
  all.push_back({"data show", "--schema-to", csv, "s.toml"});
  all.push_back({"train", "--output", kTrain.substr(6), "run"});
  all.push_back({"train", "--animate",
                 "generator toy:moons:n=60 --latent 2 --hidden 4 --steps 3 --threads 1 -o " + csv + ".run",
                 "o.gif"});
  return all;
}

// Paths, but to read, or made by whoever trains there (studio).
bool is_read(const std::string& option) {
  return option == "--schema" || option == "--features" || option == "--runs" || option == "--config" ||
         option == "--resume";
}

TEST_F(EveryCommand, MakesTheFoldersOfWhatItWrites) {
  std::ofstream(at("t.csv")) << "a,b\n1,2\n3,4\n5,7\n";
  const std::vector<Written> all = all_written(lines(), at("t.csv"));
  std::map<std::string, std::string> commands = working_lines(folder_);
  commands["train generator"] = "";
  const std::string kinds = R"((?:OUT|RUN|FOLDER|\S*\.(?:csv|npy|npz|png|svg|gif|html|toml|onnx))\S*)";
  std::size_t listed = 0;
  for (const auto& [command, unused] : commands)
    for (const std::string& option : options_of_help(command, kinds)) {
      if (!option.starts_with("--") || is_read(option)) continue;
      const std::string name = command.starts_with("train") ? "train" : command;
      EXPECT_TRUE(
          std::any_of(all.begin(), all.end(),
                      [&](const Written& one) { return one.command == name && one.option == option; }))
          << command << " " << option << " is not tried";
      ++listed;
    }
  EXPECT_EQ(listed, all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string path = at(fmt::format("new-{}/deep/", i)) + all[i].name;
    const std::string line =
        fmt::format("{} {} {} {} --quiet", all[i].command, all[i].arguments, all[i].option, path);
    const Ran ran = run_program(line);
    EXPECT_EQ(ran.status, 0) << line << ": " << ran.err;
    EXPECT_TRUE(fs::exists(path)) << line;
  }
}

// What was refused leaves no folder behind, and a file in a folder's place is named as such.
TEST_F(EveryCommand, LeavesNoFolderWhereItWasRefused) {
  EXPECT_EQ(run_program("sample no-such-run -o " + at("new/deep/s.csv")).status, 2);
  EXPECT_FALSE(fs::exists(at("new")));
  EXPECT_EQ(run_program("sample " + at("run") + " -o " + at("other/s.csv") + " -n 3").status, 0);
  EXPECT_EQ(run_program("sample " + at("run") + " -o " + at("other/deep/s.nothing") + " -n 3").status, 2);
  EXPECT_TRUE(fs::exists(at("other/s.csv")));
  EXPECT_FALSE(fs::exists(at("other/deep")));
  const Ran below = run_program("sample " + at("run") + " -o " + at("other/s.csv/t.csv") + " -n 3");
  EXPECT_EQ(below.status, 2);
  EXPECT_NE(below.err.find("a file where its folder should be"), std::string::npos) << below.err;
}

}  // namespace
}  // namespace pushforward::testing

// SPDX-License-Identifier: Apache-2.0
// The program at its edges: outputs that fail, names in any bytes, descriptors that are closed.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/own_folder.hpp"
#include "support/places.hpp"
#include "support/program.hpp"
#include "unit/io/io_files.hpp"

namespace pushforward {
namespace {

using testing::run_program;

using Safety = testing::OwnFolder;

bool has_control_byte(const std::string& text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return true;
  return false;
}

TEST_F(Safety, AFullStandardOutputIsAFailureInEveryHelp) {
  for (const char* words :
       {"--help", "--version", "train --help", "train vae --help", "train", "data list", "distance --help",
        "sample --help", "run --help", "completion bash", "divergence --list", "entropy 0.5,0.5 --json"}) {
    const auto ran = run_program(std::string(words) + " > /dev/full");
    EXPECT_EQ(ran.status, 1) << words << "\n" << ran.err;
    EXPECT_NE(ran.err.find("standard output"), std::string::npos) << ran.err;
    EXPECT_EQ(run_program(std::string(words) + " >&-").status, 1) << words;
  }
}

TEST_F(Safety, ErrorsAreOneLineWithoutControlBytes) {
  std::ofstream(at("a\x1b[31m\n.csv")) << "x\x1b[2J,y\n1,2\n3\n";
  for (const std::string& words : {std::string("data show \"$(printf '") + at("") + "a\\033[31m\\nb.csv')\"",
                                   "data show \"$(printf '" + at("") + "a\\033[31m\\n.csv')\"",
                                   std::string("entropy \"$(printf '1,\\n\\033x')\""),
                                   std::string("distance toy:moons toy:moons -m \"$(printf 'w\\n\\0331')\""),
                                   std::string("data make moons -n \"$(printf '3\\n4')\" -o x.npy"),
                                   std::string("\"$(printf 'tr\\nain')\""),
                                   std::string("distance \"$(printf -- '--we\\nights')\" a b")}) {
    const auto ran = run_program(words);
    EXPECT_EQ(ran.status, 2) << words << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    EXPECT_FALSE(has_control_byte(ran.err)) << ran.err;
  }
}

TEST_F(Safety, TextThatIsNoUtf8IsAValueInJson) {
  std::ofstream(at("latin1.csv")) << "caf\xe9,kind\n1,\xe9t\xe9\n2,hiver\n3,\xe9t\xe9\n";
  std::filesystem::copy(at("latin1.csv"), at("d\xff.csv"));
  for (const std::string& words : {"data show " + at("latin1.csv") + " --label-column kind",
                                   "data show '" + at("d\xff.csv") + "' --label-column kind"}) {
    const auto ran = run_program(words + " --json");
    EXPECT_EQ(ran.status, 0) << ran.err;
    EXPECT_TRUE(nlohmann::json::accept(ran.out)) << ran.out;
    EXPECT_EQ(run_program(words).status, 0);
  }
}

TEST_F(Safety, ADeepKeyIsRefused) {
  std::string deep;
  for (int i = 0; i < 50000; ++i) deep += "a.";
  std::ofstream(at("dotted.toml")) << deep << "a = 1\n";
  const auto ran = run_program("train --config " + at("dotted.toml") + " -o " + at("r"));
  EXPECT_EQ(ran.status, 2) << ran.err;
  EXPECT_NE(ran.err.find("many dots"), std::string::npos) << ran.err;
}

TEST_F(Safety, ClosedDescriptorsAreNoFilesOfARun) {
  const std::string train =
      "train ae toy:moons:n=64 --hidden 4 --latent 1 --threads 1 --batch 16 --epochs 3 -o ";
  ASSERT_EQ(run_program(train + at("open") + " --quiet").status, 0);
  ASSERT_NE(run_program(train + at("closed") + " --json <&- >&- 2>&-").status, 127);
  ASSERT_NE(run_program(train + at("mute") + " 2>&-").status, 127);
  const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  EXPECT_EQ(lines(read("open/metrics.jsonl")), 3);
  EXPECT_EQ(lines(read("mute/metrics.jsonl")), 3);
  EXPECT_EQ(read("mute/.lock"), "");
  EXPECT_EQ(read("closed/metrics.jsonl").find("stopped"), std::string::npos);
}

TEST_F(Safety, AFolderOfPicturesIsReplacedWholeAndNothingElseIs) {
  const io::Bytes images = io::npy_bytes("|u1", false, "(20, 4, 4)", io::Bytes(320, 7));
  std::ofstream(at("images.npy"), std::ios::binary) << io::text_of(images);
  ASSERT_EQ(run_program("train ae " + at("images.npy") + " --hidden 4 --latent 1 --epochs 1 --quiet -o " +
                        at("run"))
                .status,
            0);
  const std::string words = "reconstruct " + at("run") + " " + at("images.npy");
  const auto files = [&](const std::string& name) {
    return std::distance(std::filesystem::directory_iterator(at(name)), {});
  };
  ASSERT_EQ(run_program(words + " -o " + at("out/")).status, 0);
  EXPECT_EQ(files("out"), 20);
  EXPECT_EQ(run_program(words + "@0:3 -o " + at("out/")).status, 2);
  EXPECT_EQ(
      run_program("reconstruct " + at("run") + " '" + at("images.npy") + "@0:3' --force -o " + at("out/"))
          .status,
      0);
  EXPECT_EQ(files("out"), 3);
  const auto into_run = run_program(words + " --force -o " + at("run/"));
  EXPECT_EQ(into_run.status, 2);
  EXPECT_NE(into_run.err.find("a folder with '"), std::string::npos) << into_run.err;
  std::ofstream(at("out/notes.txt")) << "mine";
  EXPECT_EQ(run_program(words + " --force -o " + at("out/")).status, 2);
  EXPECT_EQ(read("out/notes.txt"), "mine");
}

TEST_F(Safety, ANameThatCannotBeKeptIsRefusedBeforeTraining) {
  const io::Bytes images = io::npy_bytes("|u1", false, "(20, 4, 4)", io::Bytes(320, 7));
  std::ofstream(at("d\xff.npy"), std::ios::binary) << io::text_of(images);
  const auto ran = run_program("train ae '" + at("d\xff.npy") + "' --epochs 1 -o " + at("run"));
  EXPECT_EQ(ran.status, 2) << ran.err;
  EXPECT_NE(ran.err.find("UTF-8"), std::string::npos) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(at("run")));
}

// The run is made with a relative path and used from elsewhere, where another file has that name.
TEST_F(Safety, ARunFindsItsDataFromAnyFolder) {
  const auto rows = [&](const std::string& name, std::uint8_t value) {
    std::filesystem::create_directory(at(name));
    std::ofstream(at(name + "/x.npy"), std::ios::binary)
        << io::text_of(io::npy_bytes("|u1", false, "(20, 4, 4)", io::Bytes(320, value)));
  };
  rows("a", 7), rows("b", 9);
  const auto in = [&](const std::string& folder, const std::string& words) {
    return run_program("--version > /dev/null; cd " + at(folder) + " && " + testing::program_path() + " " +
                       words);
  };
  const std::string small = " --hidden 4 --latent 1 --quiet";
  ASSERT_EQ(in("a", "train ae x.npy --epochs 1 -o " + at("run") + small).status, 0);
  EXPECT_EQ(in("b", "train --resume " + at("run") + " --epochs 2 --quiet").status, 0);
  EXPECT_EQ(in("b", "evaluate " + at("run")).status, 0);
  rows("a", 8);
  const auto other = in("a", "train --resume " + at("run") + " --epochs 3 --quiet");
  EXPECT_EQ(other.status, 2);
  EXPECT_NE(other.err.find("other values"), std::string::npos) << other.err;
}

TEST_F(Safety, AFinishedRunSaysWhatIsTrueWhenResumed) {
  const std::string path = at("run");
  const auto first =
      run_program("train ae toy:moons:n=64 --hidden 4 --latent 1 --epochs 2 --quiet --json -o " + path);
  ASSERT_EQ(first.status, 0) << first.err;
  const auto last_line = [](std::string text) {
    text.pop_back();
    return nlohmann::json::parse(text.substr(text.rfind('\n') + 1));
  };
  const auto again = last_line(run_program("train --resume " + path + " --json --quiet").out);
  EXPECT_EQ(again["loss"], last_line(first.out)["loss"]);
  EXPECT_FALSE(again.contains("samples_per_second"));
}

TEST_F(Safety, SpecialFilesAreRefusedAtOnce) {
  ASSERT_EQ(mkfifo(at("p.npy").c_str(), 0600), 0);
  std::filesystem::create_symlink("/dev/zero", at("z.npy"));
  for (const char* name : {"p.npy", "z.npy"}) {
    const auto ran = run_program("data show " + at(name));
    EXPECT_EQ(ran.status, 2) << ran.err;
    EXPECT_NE(ran.err.find(name), std::string::npos) << ran.err;
  }
}

}  // namespace
}  // namespace pushforward

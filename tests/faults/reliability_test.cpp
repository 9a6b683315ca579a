// SPDX-License-Identifier: Apache-2.0
//
// Crashes, endless runs, files that were not safe, answers that changed silently.
#include <cmath>

#include "faults/faults.hpp"

namespace pushforward::testing {
namespace {

class ReliabilityFaults : public Faults {
 protected:
  void write_run(const std::string& more = "--steps 6") {
    write_images("img.npy", 60, 8);
    write("tab.npy", normal(60, 3, 1));
    done("train vae tab.npy -o run --latent 2 --hidden 4 --likelihood gaussian:learned " + more);
  }
  // metrics.jsonl without what depends on the clock.
  std::string metrics(const std::string& run) {
    return shell("sed -E 's/\"(seconds|samples_per_second)\":[^,}]*//g' " + run + "/metrics.jsonl").out;
  }
  void flip(const std::string& name, std::size_t byte, int bit) {
    std::string bytes = read(name);
    bytes[byte % bytes.size()] = static_cast<char>(bytes[byte % bytes.size()] ^ (1 << bit));
    write(name, bytes);
  }
};

TEST_F(ReliabilityFaults, F4AStandardOutputThatFails) {
  for (const char* command : {"train vae --help", "train --help", "sample --help", "distance --list",
                              "--help", "--version", "completion bash"})
    refused(std::string(command) + " >/dev/full", "", 1);
}

TEST_F(ReliabilityFaults, F5ADeepDottedKey) {
  write_run();
  std::string deep;
  for (int i = 0; i < 50000; ++i) deep += "a.";
  write("dotted.toml", deep + "b = 1\n");
  refused("train --config dotted.toml -o r");
  shell("cp dotted.toml run/config.toml");
  refused("run run");
}

TEST_F(ReliabilityFaults, F6ATemporaryFileFollowsNoLink) {
  write_run();
  write("precious", "mine");
  shell("ln -s \"$PWD/precious\" .out.npy.tmp");
  done("sample run -n 4 -o out.npy");
  EXPECT_EQ(read("precious"), "mine");
  EXPECT_FALSE(std::filesystem::is_symlink(at("out.npy")));
}

TEST_F(ReliabilityFaults, F11ErrorsAreOneLineWithoutControlBytes) {
  write_run();
  for (const char* words : {"sample run -o x.npy -n $'3\\n4'", "sample run -o x.npy -n $'\\e[31m3'",
                            "data show $'\\e]0;title\\a.npy'", "distance $'a\\nb' c", "train $'\\e[1mvae' x",
                            "sample run -n 3 -o $'o\\n\\x7f.xyz'", "sample $'\\xc2\\x9b31m' -n 3 -o x.npy"})
    refused(words);
  for (const char* name : {"$'a\\nb.npy'", "$'\\e[31mred.npy'"})
    done(fmt::format("sample run -n 3 -o {}", name));  // the note names it
}

TEST_F(ReliabilityFaults, F14FoldersOfPicturesAreWhole) {
  write_images("img.npy", 60, 8);
  done("train vae img.npy -o run --latent 2 --steps 2");
  done("sample run -n 5 -o f/");
  done("sample run -n 2 -o f/ --force");
  EXPECT_EQ(shell("ls f | wc -l").out, "2\n");
  refused("sample run -n 2 -o run/ --force");
  EXPECT_TRUE(std::filesystem::exists(at("run/config.toml")));
}

TEST_F(ReliabilityFaults, F15NoTemporaryFoldersStay) {
  write_images("img.npy", 60, 8);
  for (const char* signal : {"INT", "TERM"})
    for (const char* after : {"0.01", "0.03", "0.06", "0.1"})
      shell(fmt::format(
          "set -m; \"$P\" train ae img.npy -o r --epochs 100000 --latent 2 & sleep {}; kill -{} $!; "
          "wait $!; rm -rf r",
          after, signal));
  EXPECT_EQ(shell("ls -A | grep '^[.]'").out, "");
}

TEST_F(ReliabilityFaults, F17ModesOfFiles) {
  write_run();
  EXPECT_EQ(
      shell("umask 077; \"$P\" train ae tab.npy -o p --latent 1 --steps 1 --quiet >/dev/null; stat -c %a p")
          .out,
      "700\n");
  EXPECT_EQ(
      shell(
          "\"$P\" sample run -n 2 -o s.npy --quiet; chmod 600 s.npy; \"$P\" sample run -n 3 -o s.npy --force "
          "--quiet; stat -c %a s.npy")
          .out,
      "600\n");
}

TEST_F(ReliabilityFaults, F18SpecialFiles) {
  shell("ln -s /dev/zero z.npy; ln -s /dev/zero z.csv; mkdir png; mkfifo png/x.png; mkfifo f.npy");
  for (const char* data : {"z.npy", "z.csv", "png", "f.npy", "/dev/zero"})
    refused(fmt::format("data show {}", data));
}

}  // namespace
}  // namespace pushforward::testing

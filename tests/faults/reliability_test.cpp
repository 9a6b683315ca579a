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

// Every number of the list, through every command of it: none crashes, none is endless, each is refused in a
// line.
TEST_F(ReliabilityFaults, F1CountsThatCannotBe) {
  write_run();
  const char* commands[] = {"sample run -o o.npy -n ",
                            "sample run -o o.png -n ",
                            "evaluate run tab.npy --samples ",
                            "evaluate run tab.npy --importance ",
                            "evaluate run tab.npy --draws ",
                            "compare run run --data tab.npy -o o.html --samples ",
                            "interpolate run tab.npy --from 0 --to 3 -o o.csv --steps ",
                            "animate toy:moons:n=20 -o o.gif --steps 2 --particles ",
                            "animate toy:moons:n=20 -o o.gif --particles 5 --steps ",
                            "test tab.npy tab.npy -m energy --permutations ",
                            "train ae img.npy -o r --steps 1 --latent ",
                            "train vae img.npy -o r --steps 1 --hidden ",
                            "train generator toy:moons:n=60 -o r --steps 1 --samples ",
                            "train gan toy:moons:n=60 -o r --steps 1 --critic-steps "};
  for (const char* command : commands)
    for (const char* number : {"-1", "-9223372036854775808", "2305843009213693953", "9223372036854775807",
                               "18446744073709551616", "99999999999999999999"})
      refused(std::string(command) + number);
  for (const char* word : {"2305843009213693953", "-1", "1152921504606846977"}) {
    refused(fmt::format("data show toy:gaussian:n=5,d={}", word));
    refused(fmt::format("distance tab.npy tab.npy -m sliced:projections={}", word));
    refused(fmt::format("distance tab.npy tab.npy -m max-sliced:projections={}", word));
    for (const char* model : {"pca", "ppca", "fa", "sae", "wae", "gan", "generator"})
      refused(fmt::format("train {} tab.npy -o r --latent {}", model, word));
    write("lat.toml", fmt::format("model = \"ae\"\ndata = \"tab.npy\"\nlatent = {}\n", word));
    refused("train --config lat.toml -o r");
  }
  refused("sample run -o o.npy -n 3 --threads -1");
  refused("sample run -o o.npy -n 3 --threads 1000000");
}

TEST_F(ReliabilityFaults, F1CountsInARunsConfig) {
  write_run();
  for (const char* number : {"2305843009213693953", "-1", "0"})
    for (const char* option : {"latent", "batch", "hidden"}) {
      shell("rm -rf bad; cp -r run bad");
      shell(fmt::format("sed -i -E 's/^{} = .*/{} = {}/' bad/config.toml", option, option, number));
      for (const char* command : {"run bad", "evaluate bad tab.npy", "sample bad -n 2 -o o.npy --force"})
        EXPECT_EQ(verdict(shell(fmt::format("exec \"$P\" {}", command))), "") << option << " = " << number;
    }
}

TEST_F(ReliabilityFaults, F2AResumedRunHasTheSameMetrics) {
  write_run("--steps 5 --batch 16");
  const std::string before = metrics("run");
  done("train --resume run");
  EXPECT_EQ(metrics("run"), before);
}

TEST_F(ReliabilityFaults, F3WhatDoesNotExistIsLeftOut) {
  write_run("--epochs 1");
  const Outcome again = done("train --resume run --json --quiet");
  EXPECT_EQ(again.out.find("\"loss\":0.0"), std::string::npos) << again.out;
  EXPECT_EQ(again.out.find("\"samples_per_second\":0.0"), std::string::npos) << again.out;
}

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

// Refused before training begins, or a run that can be opened.
TEST_F(ReliabilityFaults, F7ANameThatIsNotUtf8) {
  write_images("d.npy", 20, 6);
  const Outcome trained =
      shell("cp d.npy $'d\\xff.npy'; exec \"$P\" train ae $'d\\xff.npy' -o r --steps 2 --latent 2");
  EXPECT_EQ(verdict(trained), "");
  if (trained.status == 0) {
    for (const char* command : {"run r", "evaluate r", "train --resume r"}) done(command);
  } else {
    EXPECT_FALSE(std::filesystem::exists(at("r")));
  }
}

TEST_F(ReliabilityFaults, F8LongVectorsOnTheLine) {
  std::string sixtyfour = "0.015625";
  for (int i = 1; i < 64; ++i) sixtyfour += ",0.015625";
  EXPECT_NEAR(value(fmt::format("entropy {} --bits", sixtyfour), "entropy"), 6, 1e-12);
  done(fmt::format("code {}", sixtyfour));
  done(fmt::format("divergence {0} {0}", sixtyfour));
  refused("sample nothing -n 1 -o " + std::string(300, 'x') + ".npy");
  write_run();
  refused("sample run -n 1 -o " + std::string(300, 'x') + ".npy");
}

// Every fifth byte of each file, a bit of it, until 60 are tried: each is refused, and the file named.
TEST_F(ReliabilityFaults, F9FlippedBits) {
  write_run();
  shell("cp -r run good");
  for (const auto& [file, command] :
       {std::pair<std::string, std::string>{"model.safetensors", "evaluate run tab.npy"},
        {"checkpoint.safetensors", "train --resume run --steps 9"},
        {"checkpoint.safetensors", "evaluate run tab.npy --weights last"}}) {
    const std::size_t size = read("run/" + file).size();
    for (std::size_t i = 0; i < 20; ++i) {
      flip("run/" + file, i * size / 20 + 3, static_cast<int>(i % 8));
      refused(command, file);
      shell("rm -rf run; cp -r good run");
    }
  }
}

TEST_F(ReliabilityFaults, F10AConfigThatLacksOptions) {
  write_run();
  for (const char* option : {"steps", "seed", "latent", "rate", "likelihood"}) {
    shell("rm -rf cut; cp -r run cut");
    shell(fmt::format("sed -i -E '/^{} = /,$d' cut/config.toml", option));
    for (const char* command : {"run cut", "train --resume cut", "evaluate cut tab.npy"}) refused(command);
  }
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

// A run's files never are descriptors 0 to 2. Who asks for lines on a standard output that is closed is told
// so, and the run goes on from where it stopped.
TEST_F(ReliabilityFaults, F12ClosedDescriptors) {
  write_images("img.npy", 60, 8);
  const std::string train = "\"$P\" train ae img.npy --hidden 4 --latent 2 --steps 10 -o ";
  shell(train + "a --json >/dev/null 2>&1");
  shell(train + "b <&- >&- 2>&-");
  shell(train + "c --json 2>&-");
  EXPECT_EQ(metrics("b"), metrics("a"));
  EXPECT_EQ(metrics("c"), metrics("a"));
  EXPECT_EQ(shell(train + "d --json <&- >&-").status, 1);
  done("train --resume d --json");
  EXPECT_EQ(metrics("d"), metrics("a"));
  EXPECT_EQ(shell("cat ?/.lock 2>/dev/null").out, "");
}

// With little memory: done, or one sentence.
TEST_F(ReliabilityFaults, F13LittleMemory) {
  write_images("img.npy", 60, 8);
  for (const int megabytes : {60, 70, 80, 90, 100, 120, 200}) {
    const Outcome outcome = shell(
        fmt::format("ulimit -v {}; exec \"$P\" train vae img.npy -o r{} --steps 2 --latent 2 --threads 1",
                    1024 * megabytes, megabytes));
    if (outcome.err.find("error while loading shared libraries") != std::string::npos) continue;
    EXPECT_EQ(verdict(outcome), "") << megabytes << " MB\n" << outcome.err;
  }
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

TEST_F(ReliabilityFaults, F16ARunThatIsTakenAway) {
  write_images("img.npy", 60, 8);
  const Outcome outcome = shell(
      "\"$P\" train ae img.npy -o r --latent 2 --epochs 1000000 --quiet & while [ ! -s r/metrics.jsonl ]; do "
      "sleep 0.05; "
      "done; mv r gone; wait $!");
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_EQ(verdict(outcome), "") << outcome.err;
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

// After a divergence, what is advised goes on.
TEST_F(ReliabilityFaults, F18OutputsThatWouldWait) {
  write_run();
  shell("mkfifo p.npy");
  refused("sample run -n 3 -o p.npy --force", "p.npy");
}

// As on a full disk: a sentence, and nothing that is half there.
TEST_F(ReliabilityFaults, F16AFileThatMayGrowNoFurther) {
  write_run();
  for (const char* command :
       {"sample run -n 2000 -o big.npy", "sample run -n 2000 -o big.csv", "encode run tab.npy -o big.csv",
        "train vae tab.npy -o big --hidden 400 --latent 2 --steps 2 --likelihood gaussian:learned",
        "report run tab.npy -o big.html"}) {
    const Outcome outcome = shell(fmt::format(
        "(ulimit -f 1; exec \"$P\" {} --quiet 2>&1 >/dev/null) | cat; exit ${{PIPESTATUS[0]}}", command));
    EXPECT_EQ(outcome.status, 1) << command << "\n" << outcome.out;
    EXPECT_NE(outcome.out.find("error: "), std::string::npos) << command << "\n" << outcome.out;
  }
  EXPECT_EQ(shell("ls -A | grep -E 'big|^[.]'").out, "");
}

TEST_F(ReliabilityFaults, F19AdviceAfterADivergence) {
  write("x.npy", normal(200, 3, 1));
  for (const char* how :
       {"ae x.npy --optimizer sgd --rate 1e6 --checkpoint-every 1", "gan x.npy --rate 1e5 --epochs 20",
        "vae x.npy --likelihood gaussian:learned --optimizer sgd --rate 1e3"}) {
    const Outcome outcome = program(fmt::format("train {} -o r --quiet", how));
    if (outcome.status != 0) {
      EXPECT_EQ(outcome.status, 1) << outcome.err;
      const Outcome again = program("train --resume r --rate 1e-5 --epochs 2 --quiet");
      EXPECT_EQ(again.status, 0) << how << "\n" << again.err;
      done("evaluate r x.npy");
    }
    shell("rm -rf r");
  }
}

TEST_F(ReliabilityFaults, F20DataThatChangedUnderARun) {
  write_run("--epochs 2");
  write("tab.npy", normal(60, 3, 2));
  const Outcome outcome = program("train --resume run --epochs 3");
  EXPECT_TRUE(outcome.status == 2 || outcome.err.find("tab.npy") != std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace pushforward::testing

// SPDX-License-Identifier: Apache-2.0
//
// Advice that works: a command fails, what its error advises is done literally, and then it succeeds.
//
// Each row holds the command, what the error must say, and the command that follows the advice. What is
// followed is taken from the message, so that another advice is another test.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward::testing {
namespace {

using Row = std::vector<std::string>;

// The advice of an error: what stands behind its last "; ".
std::string advice_of(const std::string& error) {
  const std::size_t at = error.rfind("; ");
  if (at == std::string::npos) return {};
  std::string text = error.substr(at + 2);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

class Advice : public OwnFolder {
 protected:
  void make(const std::string& data, const std::string& name) {
    const Ran ran = run_program(fmt::format("data make '{}' -o {} --quiet", data, at(name)));
    ASSERT_EQ(ran.status, 0) << ran.err;
  }
  void write(const std::string& name, const std::string& text) { std::ofstream(at(name)) << text; }

  // Runs `command`, which must be refused, and gives back its advice, which must hold `saying`.
  std::string refused(const std::string& command, const std::string& saying) {
    const Ran ran = run_program(command);
    EXPECT_TRUE(ran.status == 2 || ran.status == 1) << command << "\n" << ran.out << ran.err;
    const std::size_t line = ran.err.find("pushforward: error: ");
    const std::string error = line == std::string::npos ? ran.err : ran.err.substr(line);
    EXPECT_NE(error.find(saying), std::string::npos) << command << "\n" << ran.err;
    return advice_of(error);
  }
  void works(const std::string& command) {
    const Ran ran = run_program(command + " --quiet");
    EXPECT_EQ(ran.status, 0) << command << "\n" << ran.err;
  }
  // The options that an advice names, with their values: "--likelihood gaussian:learned --standardize takes
  // any data".
  static std::string options_in(const std::string& advice) {
    std::string out;
    bool value = false;
    for (std::size_t at = 0; at < advice.size();) {
      const std::size_t end = std::min(advice.find(' ', at), advice.size());
      std::string word = advice.substr(at, end - at);
      at = end + 1;
      while (!word.empty() && std::string(",?'()").find(word.back()) != std::string::npos) word.pop_back();
      while (!word.empty() && std::string("('").find(word.front()) != std::string::npos) word.erase(0, 1);
      if (word.starts_with("--")) {
        out += " " + word, value = true;
      } else {
        const bool plain = word.find_first_of(":=0123456789") != std::string::npos || word == "mse";
        if (value && plain) out += " " + word;
        value = false;
      }
    }
    return out;
  }
};

TEST_F(Advice, OfALossFitsTheDataAndTheModel) {
  make("toy:gaussian:n=300,d=3,scale=100", "far.npy");
  make("toy:gaussian:n=300,d=3", "near.npy");
  int run = 0;
  for (const auto& model : {"vae", "iwae", "vae --hidden none"})
    for (const auto& data : {"far.npy", "near.npy"}) {
      const std::string command = fmt::format("train {} {} --latent 2 --epochs 2 -o ", model, at(data));
      const std::string advice =
          refused(command + at("r" + std::to_string(run++)) + " --likelihood bernoulli",
                  "--likelihood gaussian:learned");
      works(command + at("r" + std::to_string(run++)) + options_in(advice));
    }
  for (const auto& model : {"ae", "wae", "sae"})
    for (const auto& data : {"far.npy", "near.npy"}) {
      const std::string command = fmt::format("train {} {} --latent 2 --epochs 2 -o ", model, at(data));
      const std::string advice =
          refused(command + at("r" + std::to_string(run++)) + " --loss bce", "--loss mse");
      works(command + at("r" + std::to_string(run++)) + options_in(advice));
    }
  const std::string advice = refused(fmt::format("train dae {} -o {}", at("far.npy"), at("d")), "train ae");
  EXPECT_EQ(options_in(advice), "") << "a dae has no option for this";
  works(fmt::format("train ae {} -o {} --epochs 2", at("far.npy"), at("d")));
}

// Before anything was learnt no rate can be the reason.
TEST_F(Advice, OfAFirstLossThatIsNotFiniteIsAboutTheData) {
  for (const auto& [scale, model] : {std::pair{"1e6", "vae"}, {"1e12", "iwae"}, {"1e25", "ae"}}) {
    make(fmt::format("toy:gaussian:n=300,d=3,scale={}", scale), fmt::format("big{}.npy", scale));
    const std::string likelihood = model == std::string("ae") ? "" : "--likelihood gaussian:learned";
    const std::string command = fmt::format("train {} {} --latent 2 --epochs 2 {} -o ", model,
                                            at(fmt::format("big{}.npy", scale)), likelihood);
    const char* saying = model == std::string("ae") ? "which float32 holds" : "before anything was learnt";
    const std::string advice = refused(command + at(std::string("a") + scale), saying);
    EXPECT_EQ(advice.find("--rate"), std::string::npos) << advice;
    EXPECT_NE(advice.find("--standardize"), std::string::npos) << advice;
    works(command + at(std::string("b") + scale) + options_in(advice));
  }
}

TEST_F(Advice, OfALaterLossIsAboutTheRate) {
  make("toy:gaussian:n=300,d=3", "x.npy");
  const std::string advice =
      refused(fmt::format("train ae {} -o {} --latent 2 --optimizer sgd --rate 1e6", at("x.npy"), at("r")),
              "diverged at step");
  EXPECT_NE(advice.find("--rate"), std::string::npos) << advice;
}

// What exists is gone on with only where it is a run that can.
TEST_F(Advice, OfAnOutputThatExists) {
  make("toy:gaussian:n=60,d=3", "x.npy");
  const auto train = [&](const std::string& model) {
    return fmt::format("train {} {} --latent 2 {} -o ", model, at("x.npy"),
                       model == "ae" ? "--epochs 1" : "");
  };
  works(train("ae") + at("run"));
  works(train("pca") + at("solved"));
  write("file", "text");
  std::filesystem::create_directory(at("folder"));
  const std::string advice = refused(train("ae") + at("run"), "go on with: pushforward ");
  const std::size_t begin = advice.find("pushforward ") + 12;
  works(advice.substr(begin, advice.find(',') - begin) + " --epochs 2");
  for (const char* name : {"solved", "file", "folder"})
    EXPECT_EQ(refused(train("ae") + at(name), "something that exists"), "choose another name") << name;
  works(train("ae") + at("another"));
  refused(train("ae") + at("run") + " --force", "none is ever replaced");
}

// A command without -m: what one row does not allow is left out, and said.
TEST_F(Advice, DefaultsDoNotSpoilWhatWasAsked) {
  make("toy:gaussian:n=200,d=3", "x.npy");
  works(fmt::format("train vae {} -o {} --latent 2 --likelihood gaussian:learned --epochs 1", at("x.npy"),
                    at("v")));
  const Ran one = run_program(fmt::format("evaluate {} '{}@0:1' --json", at("v"), at("x.npy")));
  EXPECT_EQ(one.status, 0) << one.err;
  EXPECT_NE(one.out.find("\"elbo\""), std::string::npos) << one.out;
  EXPECT_NE(one.err.find("note: mmd is left out: "), std::string::npos) << one.err;
  const Ran asked = run_program(fmt::format("evaluate {} '{}@0:1' -m mmd", at("v"), at("x.npy")));
  EXPECT_EQ(asked.status, 2) << "what was asked for is an error: " << asked.out;
  works(fmt::format("compare {0} {0} --data '{1}@0:1' -o {2}", at("v"), at("x.npy"), at("c.html")));
  // Its training data are gone: only what is measured against them is left out.
  std::filesystem::rename(at("x.npy"), at("y.npy"));
  const Ran moved = run_program(fmt::format("evaluate {} '{}@0:50'", at("v"), at("y.npy")));
  EXPECT_EQ(moved.status, 0) << moved.err;
  EXPECT_NE(moved.err.find("the memorisation check is left out"), std::string::npos) << moved.err;
}

// One held-out row has no MMD: monitors that nobody asked for do not end a training.
TEST_F(Advice, MonitorsThatCannotMeasureAreLeftOut) {
  make("toy:gaussian:n=4,d=2", "x.npy");
  const std::string command =
      fmt::format("train gmmn {} --validation 0.25 --epochs 3 --monitor-every 1 -o ", at("x.npy"));
  const Ran ran = run_program(command + at("r"));
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.err.find("--monitor mmd is left out"), std::string::npos) << ran.err;
}

TEST_F(Advice, OfWordsThatOthersUse) {
  make("toy:gaussian:n=60,d=2", "x.npy");
  const std::string pair = fmt::format("distance {0} {0} ", at("x.npy"));
  const std::string train = fmt::format("train ae {} --latent 1 --epochs 1 -o ", at("x.npy"));
  int run = 0;
  for (const auto& [command, typed] :
       {std::pair<std::string, std::string>{train + at("c") + " --epochs 1 ", "--lr 0.01"},
        {train + at("d") + " ", "--learning-rate 0.01"},
        {train + at("e") + " ", "--batch-size 7"},
        {fmt::format("test {0} {0} -m energy --permutations 99 ", at("x.npy")), "--alpha 0.05"}}) {
    ++run;
    const std::string advice = refused(command + typed, "did you mean '");
    const std::size_t begin = advice.find('\'') + 1, end = advice.find('\'', begin);
    if (begin == 0 || end == std::string::npos) continue;
    const std::size_t blank = typed.find(' ');
    works(command + advice.substr(begin, end - begin) +
          (blank == std::string::npos ? "" : typed.substr(blank)));
  }
  for (const std::string& taken :
       {pair + "-m KL", pair + "-m fid", pair + "-m EMD,Wasserstein,KID", pair + "-m W2",
        pair + "-m MMD:kernel=RBF", fmt::format("test {0} {0} -m Energy --permutations 99", at("x.npy")),
        fmt::format("test {0} {0} -m AUTO --permutations 99", at("x.npy")),
        fmt::format("witness {0} {0} -m MMD", at("x.npy")),
        std::string("divergence 0.5,0.5 0.4,0.6 -m KL,Jensen-Shannon"),
        std::string("DIVERGENCE 0.5,0.5 0.4,0.6"), std::string("data show TOY:Moons:n=9"),
        fmt::format(
            "train AE {} --latent 1 --epochs 1 --activation Swish --optimizer AdamW --schedule Cosine "
            "--initial Xavier -o {}",
            at("x.npy"), at("taken")),
        fmt::format("train GMMN {} --steps 2 --monitor MMD,W1 --watch mmd --network MLP -o {}", at("x.npy"),
                    at("g")),
        fmt::format("train generator {} --steps 2 --distance WGAN --critic-activation ReLU -o {}",
                    at("x.npy"), at("w")),
        fmt::format("train VAE {} --latent 1 --epochs 1 --likelihood Gaussian:Learned -o {}", at("x.npy"),
                    at("v"))})
    works(taken);
  const Ran ks = run_program(pair + "-m ks");
  EXPECT_EQ(ks.err.find("did you mean"), std::string::npos) << ks.err;
}

// What decides the rows and columns is said again where a command is proposed: it would answer another
// question.
TEST_F(Advice, OfATestIsOnTheSameData) {
  std::string x = "a b,c,d,kind\n", y = x;
  for (int i = 0; i < 40; ++i) {
    x += fmt::format("{},{},{},u\n", i % 7, i % 5, 1000 * i);
    y += fmt::format("{},{},{},v\n", i % 3, i % 11, 100 * i);
  }
  write("x y.csv", x), write("y.csv", y);
  const auto proposed = [&](const std::string& options) {
    const Ran ran =
        run_program(fmt::format("distance '{}' {} -m energy {}", at("x y.csv"), at("y.csv"), options));
    EXPECT_EQ(ran.status, 0) << ran.err;
    const std::string before = "Whether chance alone would do it: pushforward ";
    const std::size_t begin = ran.out.find(before);
    EXPECT_NE(begin, std::string::npos) << ran.out;
    return begin == std::string::npos
               ? ""
               : ran.out.substr(begin + before.size(), ran.out.size() - begin - before.size() - 1);
  };
  const std::string bare = fmt::format("test '{}' {}", at("x y.csv"), at("y.csv"));
  for (const std::string options :
       {"--columns 'a b,c'", "--drop d,kind", "--label-column kind", "--drop kind --standardize",
        "--standardize", "--header yes --drop kind --seed 7"}) {
    const std::string command = proposed(options);
    EXPECT_TRUE(command.starts_with(bare)) << command;
    std::size_t held = 0;
    for (std::size_t at = options.find("--"); at != std::string::npos;
         at = options.find("--", at + 2), ++held) {
      const std::string option = options.substr(at, options.find(' ', at) - at);
      EXPECT_NE(command.find(" " + option), std::string::npos)
          << options << " lacks " << option << ": " << command;
    }
    EXPECT_GE(held, 1u);
    works(command + " --permutations 99");
  }
  EXPECT_EQ(proposed("--columns 'a b,c'"), bare + " --columns 'a b,c'");
}

// Every option that help puts under "Data" is one that data_words() knows; pictures' have their own commands.
TEST_F(Advice, OfATestKnowsEveryOptionOfTheData) {
  const std::string help = run_program("distance --help").out;
  const std::size_t data = help.find("\nData:\n"), end = help.find("\n\n", data + 1);
  ASSERT_NE(data, std::string::npos);
  std::vector<std::string> options;
  for (std::size_t at = help.find("\n  --", data); at < end; at = help.find("\n  --", at + 1)) {
    const std::size_t begin = at + 3;
    options.push_back(help.substr(begin, help.find_first_of(" ,\n", begin) - begin));
  }
  EXPECT_EQ(options,
            (std::vector<std::string>{"--label-column", "--header", "--columns", "--drop", "--resize",
                                      "--fit", "--layout", "--grey", "--skip-broken", "--standardize"}));
  std::filesystem::create_directory(at("p"));
  make("toy:gaussian:n=20,d=2", "x.npy");
  const Ran layout = run_program(fmt::format("distance {0} {0} -m energy --layout nd", at("x.npy")));
  EXPECT_NE(layout.out.find(" --layout nd"), std::string::npos) << layout.out << layout.err;
}

TEST_F(Advice, OfARunThatIsDone) {
  make("toy:gaussian:n=60,d=2", "x.npy");
  const auto told = [&](const std::string& command) {
    const Ran ran = run_program(command);
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.err;
  };
  for (const auto& [length, option] : {std::pair{"--epochs 2", "--epochs 4"}, {"--steps 3", "--steps 6"}}) {
    const std::string run = at(std::string("run ") + length[2]);
    const std::string first =
        told(fmt::format("train ae {} --latent 1 --batch 30 {} -o '{}'", at("x.npy"), length, run));
    EXPECT_EQ(first.find("nothing was left"), std::string::npos) << first;
    const std::string again = told(fmt::format("train --resume '{}'", run));
    EXPECT_NE(again.find("nothing was left to do: the run had finished before"), std::string::npos) << again;
    const std::string command = fmt::format("train --resume '{}' {}", run, option);
    EXPECT_NE(again.find("for a longer one: pushforward " + command), std::string::npos) << again;
    EXPECT_EQ(told(command).find("nothing was left"), std::string::npos);
  }
}

}  // namespace
}  // namespace pushforward::testing

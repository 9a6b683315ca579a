// SPDX-License-Identifier: Apache-2.0
// The program as a user meets it: exit statuses, one-line errors, JSON, files, resuming. Training is on tiny
// data.
#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/npy.hpp"
#include "pushforward/model.hpp"
#include "pushforward/random.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Ran;
using testing::run_program;

bool one_line(const std::string& text) { return text.find('\n') == text.size() - 1; }

/// A folder of its own for each test, with 60 images of 4 × 4 bytes: a bright half, left or right.
class Program : public testing::OwnFolder {
 protected:
  void SetUp() override {
    std::vector<std::uint8_t> pixels;
    for (std::size_t i = 0; i < 60; ++i)
      for (std::size_t p = 0; p < 16; ++p) {
        const bool bright = (p % 4 < 2) == (i % 2 == 0);
        pixels.push_back(static_cast<std::uint8_t>((bright ? 200 : 20) + (i * 7 + p * 3) % 40));
      }
    io::write_npy(at("images.npy"), {std::span<const std::uint8_t>(pixels), {60, 4, 4}});
  }
  Ran train(const std::string& run, const std::string& more = "") const {
    return run_program(
        fmt::format("train vae {} -o {} --latent 2 --hidden 8 --epochs 3 --batch 16 --threads 1 {}",
                    at("images.npy"), at(run), more));
  }
};

TEST_F(Program, HelpAndVersionSucceed) {
  for (const char* words : {"", "--help", "--version", "train --help", "train vae --help", "sample --help"}) {
    const Ran ran = run_program(words);
    EXPECT_EQ(ran.status, 0) << words;
    EXPECT_FALSE(ran.out.empty()) << words;
    EXPECT_TRUE(ran.err.empty()) << words;
  }
  EXPECT_NE(run_program("train vae --help").out.find("--likelihood"), std::string::npos);
  EXPECT_NE(run_program("sample --help").out.find("Examples:"), std::string::npos);
}

TEST_F(Program, MisspeltWordsAreAnsweredWithTheNearest) {
  const std::pair<std::string, std::string> cases[] = {
      {"trian vae x", "did you mean 'train'?"},
      {"train vea x -o r", "did you mean 'vae'?"},
      {fmt::format("train vae {} -o {} --latnt 3", at("images.npy"), at("r")), "did you mean '--latent'?"},
      {fmt::format("train vae {} -o {} --activation rleu", at("images.npy"), at("r")),
       "did you mean 'relu'?"},
      {fmt::format("train vae {} -o {} --optimizer adma", at("images.npy"), at("r")), "did you mean 'adam'?"},
      {"sample r --wieghts last -o x.npy", "did you mean '--weights'?"},
      {"completion bsh", "did you mean 'bash'?"},
  };
  for (const auto& [words, hint] : cases) {
    const Ran ran = run_program(words);
    EXPECT_EQ(ran.status, 2) << words;
    EXPECT_TRUE(ran.out.empty()) << words;
    EXPECT_TRUE(one_line(ran.err)) << ran.err;
    EXPECT_TRUE(ran.err.starts_with("pushforward: error: ")) << ran.err;
    EXPECT_NE(ran.err.find(hint), std::string::npos) << ran.err;
  }
  EXPECT_FALSE(fs::exists(at("r")));
}

TEST_F(Program, WrongRequestsWriteNothing) {
  const std::string images = at("images.npy");
  for (const std::string& words : {
           fmt::format("train vae {} -o {} --epochs 0", images, at("r")),
           fmt::format("train vae {} -o {} --batch nine", images, at("r")),
           fmt::format("train vae {} -o {} --rate -1", images, at("r")),
           fmt::format("train vae {} -o {} --validation 1.5", images, at("r")),
           fmt::format("train vae {} -o {}", at("missing.npy"), at("r")),
           fmt::format("train vae {}", images),
           fmt::format("train vae -o {}", at("r")),
           fmt::format("train --resume {}", at("missing")),
           fmt::format("train --config {} -o {}", at("missing.toml"), at("r")),
           fmt::format("sample {} -o {}", at("missing"), at("o.npy")),
       }) {
    const Ran ran = run_program(words);
    EXPECT_EQ(ran.status, 2) << words << "\n" << ran.err;
    EXPECT_TRUE(one_line(ran.err)) << ran.err;
  }
  EXPECT_FALSE(fs::exists(at("r")));
  EXPECT_FALSE(fs::exists(at("o.npy")));
}

TEST_F(Program, TrainsAndTellsAsJson) {
  const Ran ran = train("run", "--json --quiet --validation 0.1");
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_TRUE(ran.err.empty()) << ran.err;
  std::vector<json> lines;
  std::istringstream stream(ran.out);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  ASSERT_EQ(lines.size(), 4u);  // three epochs and a summary
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(lines[i]["epoch"], i + 1);
    for (const char* key : {"step", "loss", "validation_loss", "seconds", "samples_per_second"})
      EXPECT_TRUE(lines[i].contains(key)) << key;
  }
  EXPECT_EQ(lines[3]["stopped"], "finished");
}

TEST_F(Program, RefusesToOverwriteWithoutForce) {
  ASSERT_EQ(train("run").status, 0);
  EXPECT_EQ(train("run").status, 2);  // a run directory is never overwritten
  EXPECT_EQ(train("run", "--force").status, 2);
  const std::string images = at("images.npy"), run = at("run");
  const std::pair<std::string, std::string> writers[] = {
      {fmt::format("sample {} -n 4 -o ", run), "s.png"},
      {fmt::format("encode {} {} -o ", run, images), "z.npy"},
      {fmt::format("decode {} {} -o ", run, at("z.npy")), "d.csv"},
      {fmt::format("reconstruct {} {} -o ", run, images), "r.png"},
      {fmt::format("manifold {} --grid 3 -o ", run), "m.png"},
      {fmt::format("interpolate {} {} --from 0 --to 1 -o ", run, images), "i.gif"},
      {fmt::format("report {} -o ", run), "report.html"},
  };
  for (const auto& [words, name] : writers) {
    const Ran first = run_program(words + at(name));
    EXPECT_EQ(first.status, 0) << words << first.err;
    const std::string before = read(name);
    EXPECT_FALSE(before.empty()) << name;
    const Ran second = run_program(words + at(name));
    EXPECT_EQ(second.status, 2) << words;
    EXPECT_NE(second.err.find("--force"), std::string::npos) << second.err;
    EXPECT_EQ(run_program(words + at(name) + " --force").status, 0) << words;
    EXPECT_TRUE(read(name) == before) << name << " depends on more than its input";
  }
}

TEST_F(Program, SameSeedSameSamplesAndAnotherSeedOthers) {
  ASSERT_EQ(train("run").status, 0);
  const std::string words = fmt::format("sample {} -n 5 -o ", at("run"));
  ASSERT_EQ(run_program(words + at("a.npy")).status, 0);
  ASSERT_EQ(run_program(words + at("b.npy")).status, 0);
  ASSERT_EQ(run_program(words + at("c.npy") + " --seed 1").status, 0);
  ASSERT_EQ(run_program(words + at("d.npy") + " --draw").status, 0);
  EXPECT_TRUE(read("a.npy") == read("b.npy"));
  EXPECT_FALSE(read("a.npy") == read("c.npy"));
  EXPECT_FALSE(read("a.npy") == read("d.npy"));
  const io::ArrayFile array = io::read_npy(at("a.npy"));
  EXPECT_EQ(array.array.shape, (std::vector<std::size_t>{5, 4, 4}));  // the data's shape
}

TEST_F(Program, AFolderOfGreySamplesIsGreyDataAgain) {
  ASSERT_EQ(train("run").status, 0);
  ASSERT_EQ(run_program(fmt::format("sample {} -n 3 -o {}/", at("run"), at("folder"))).status, 0);
  const json shown = json::parse(run_program(fmt::format("data show {}/ --json", at("folder"))).out);
  EXPECT_EQ(shown["shape"], (json::array({4, 4}))) << shown.dump();
  EXPECT_EQ(shown["rows"], 3);
}

TEST_F(Program, ConfigFileIsBeatenByTheCommandLine) {
  std::ofstream(at("options.toml")) << "model = \"vae\"\ndata = \"" << at("images.npy")
                                    << "\"\nlatent = 3\nhidden = [8, 4]\nepochs = 1\n";
  const Ran ran =
      run_program(fmt::format("train --config {} -o {} --latent 2 --quiet", at("options.toml"), at("run")));
  ASSERT_EQ(ran.status, 0) << ran.err;
  const json told = json::parse(run_program(fmt::format("run {} --json", at("run"))).out);
  EXPECT_EQ(told["options"]["latent"], 2);
  EXPECT_EQ(told["options"]["hidden"], (json::array({8, 4})));
  // A run's own config.toml is a valid --config.
  const Ran again =
      run_program(fmt::format("train --config {}/config.toml -o {} --quiet", at("run"), at("again")));
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_TRUE(read("run/model.safetensors") == read("again/model.safetensors"));
}

TEST_F(Program, UnknownKeyInAConfigFileNamesTheNearest) {
  std::ofstream(at("options.toml")) << "model = \"vae\"\nlatnt = 3\n";
  const Ran ran =
      run_program(fmt::format("train --config {} {} -o {}", at("options.toml"), at("images.npy"), at("run")));
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("did you mean 'latent'?"), std::string::npos) << ran.err;
}

TEST_F(Program, MoreEpochsLaterEndInTheSameBytes) {
  ASSERT_EQ(train("whole", "--quiet").status, 0);
  ASSERT_EQ(train("parts", "--quiet --epochs 1").status, 0);
  const Ran resumed = run_program(fmt::format("train --resume {} --epochs 3 --quiet", at("parts")));
  ASSERT_EQ(resumed.status, 0) << resumed.err;
  EXPECT_TRUE(read("whole/model.safetensors") == read("parts/model.safetensors"));
  EXPECT_TRUE(read("whole/checkpoint.safetensors") == read("parts/checkpoint.safetensors"));
}

TEST_F(Program, ARunThatGoesOnTakesARateAndRefusesABatchByName) {
  ASSERT_EQ(train("run", "--quiet --epochs 1").status, 0);
  const std::string before = read("run/checkpoint.safetensors");
  for (const char* words : {"--batch 7", "--seed 2", "--grey", "--critic-rate 0.1"}) {
    const Ran refused = run_program(fmt::format("train --resume {} --quiet {}", at("run"), words));
    EXPECT_EQ(refused.status, 2) << words;
    const std::string name = std::string(words).substr(2, std::string(words).find(' ') - 2);
    EXPECT_NE(refused.err.find(name), std::string::npos) << refused.err;
  }
  EXPECT_TRUE(read("run/checkpoint.safetensors") == before);
  ASSERT_EQ(run_program(fmt::format("train --resume {} --epochs 2 --rate 0.5 --quiet", at("run"))).status, 0);
  EXPECT_NE(read("run/config.toml").find("rate = 0.5"), std::string::npos);
}

TEST_F(Program, EvaluatesWithTheKeysOfTheContract) {
  ASSERT_EQ(train("run", "--quiet").status, 0);
  const Ran ran =
      run_program(fmt::format("evaluate {} {} --json --quiet --importance 10 --samples 50 --scores {}",
                              at("run"), at("images.npy"), at("scores.csv")));
  ASSERT_EQ(ran.status, 0) << ran.err;
  const json told = json::parse(ran.out);
  for (const char* key :
       {"elbo", "kl", "active_units", "nll", "nll_standard_error", "importance", "distances"})
    EXPECT_TRUE(told.contains(key)) << key << " in " << ran.out;
  EXPECT_EQ(told["importance"], 10);
  ASSERT_EQ(told["distances"].size(), 2u);
  EXPECT_EQ(told["distances"][0]["metric"], "mmd");
  const std::string scores = read("scores.csv");
  EXPECT_EQ(std::count(scores.begin(), scores.end(), '\n'), 61);  // a header and sixty rows
}

TEST_F(Program, ScoresSeparateWhatWasNeverSeen) {
  std::ofstream labels(at("labels.txt"));
  for (int i = 0; i < 60; ++i) labels << i % 2 << "\n";
  labels.close();
  const std::string data = fmt::format("{} --labels {}", at("images.npy"), at("labels.txt"));
  ASSERT_EQ(run_program(fmt::format("train pca '{}[0]' --labels {} -o {} --latent 1 --quiet",
                                    at("images.npy"), at("labels.txt"), at("run")))
                .status,
            0);
  const Ran ran = run_program(fmt::format("evaluate {} {} --anomaly 1 --json --quiet", at("run"), data));
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(json::parse(ran.out)["roc_auc"],
            1.0);  // the other half is bright: every such image scores higher
}

TEST_F(Program, StrangeRowsAreNamedAsTheDataNameThem) {
  std::ofstream table(at("table.csv"));
  table << "a,b,kind\n";
  for (int i = 0; i < 60; ++i) table << i % 7 << "," << i % 5 << (i % 3 ? ",setosa\n" : ",virginica\n");
  table.close();
  const std::string data = at("table.csv") + " --label-column kind --quiet ";
  ASSERT_EQ(run_program("train pca " + data + "--latent 1 -o " + at("run")).status, 0);
  const std::string evaluate = "evaluate " + at("run") + " " + data + "--json --anomaly ";
  const auto area = [&](const char* label) {
    return json::parse(run_program(evaluate + label).out)["roc_auc"].get<double>();
  };
  EXPECT_NEAR(area("setosa") + area("virginica"), 1, 1e-12) << "of two kinds, one is strange or the other";
  EXPECT_GT(std::abs(area("setosa") - 0.5), 1e-3);
  const Ran other = run_program(evaluate + "setosa,versicolor");
  EXPECT_EQ(other.status, 2);
  for (const char* word : {"--anomaly", "versicolor", "setosa, virginica"})
    EXPECT_NE(other.err.find(word), std::string::npos) << other.err;
}

// Small pictures side by side would run into one another: a 4x4 image is drawn 7 times as large, with a line
// of a pixel of its own between two.
TEST_F(Program, PicturesOfAManifoldStandApart) {
  ASSERT_EQ(train("run", "--quiet").status, 0);
  ASSERT_EQ(run_program(fmt::format("manifold {} --grid 3 -o {} --quiet", at("run"), at("m.png"))).status, 0);
  const std::string png = read("m.png");
  EXPECT_EQ(static_cast<unsigned char>(png[19]), 7 * (3 * 4 + 4));  // the width in its header
}

TEST_F(Program, QuietTrainingSaysNothing) {
  const Ran quiet = train("quiet", "--quiet"), told = train("told");
  EXPECT_EQ(quiet.out + quiet.err, "");
  EXPECT_NE(told.out.find("stopped"), std::string::npos);
  EXPECT_TRUE(fs::exists(at("quiet")));
  EXPECT_NE(train("json", "--quiet --json").out.find("\"stopped\""), std::string::npos);
}

// Addresses and patterns are no DATA, and what does instead is said.
TEST_F(Program, AddressesAndPatternsAreAnsweredWithWhatToDo) {
  for (const auto& [data, hint] :
       std::vector<std::pair<std::string, std::string>>{{"https://example.org/iris.csv", "download it first"},
                                                        {"http://example.org/x.npy", "download it first"},
                                                        {"s3://bucket/x.npz:x", "download it first"},
                                                        {"photos/*.jpg", "folder of pictures whole: photos/"},
                                                        {"*.csv", "name one file"},
                                                        {"x?.npy", "name one file"}}) {
    const Ran ran = run_program("data show '" + data + "'");
    EXPECT_EQ(ran.status, 2) << data;
    EXPECT_NE(ran.err.find(hint), std::string::npos) << ran.err;
  }
  fs::copy(at("images.npy"), at("what?.npy"));
  EXPECT_EQ(run_program("data show '" + at("what?.npy") + "' --quiet").status, 0);
}

TEST_F(Program, DataOfAnotherShapeIsRefusedWithBothShapes) {
  ASSERT_EQ(train("run", "--quiet").status, 0);
  const Ran ran = run_program(fmt::format("encode {} toy:moons:n=10 -o {}", at("run"), at("z.npy")));
  EXPECT_EQ(ran.status, 2);
  EXPECT_NE(ran.err.find("4x4"), std::string::npos) << ran.err;
  EXPECT_FALSE(fs::exists(at("z.npy")));
}

TEST_F(Program, CompletionIsASyntacticallyValidScript) {
  const Ran ran = run_program("completion bash");
  ASSERT_EQ(ran.status, 0) << ran.err;
  for (const char* word : {"train", "--latent", "vae", "--force"})
    EXPECT_NE(ran.out.find(word), std::string::npos) << word;
  std::ofstream(at("completion.bash")) << ran.out;
  EXPECT_EQ(std::system(fmt::format("bash -n {}", at("completion.bash")).c_str()), 0);
  EXPECT_EQ(run_program("completion zsh").status, 0);
  EXPECT_EQ(run_program("completion fish").status, 0);
}

// What bash offers for the last word of a line.
std::vector<std::string> offered(const std::string& script, const std::string& line) {
  const std::string work = fmt::format(
      "source {}; COMP_LINE='{}'; COMP_POINT=${{#COMP_LINE}}; _pushforward; printf '%s\\n' "
      "\"${{COMPREPLY[@]}}\"",
      script, line);
  std::vector<std::string> words;
  FILE* pipe = popen(fmt::format("bash -c \"$(cat <<'END'\n{}\nEND\n)\"", work).c_str(), "r");
  std::string text;
  for (int c = 0; pipe && (c = fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  if (pipe) pclose(pipe);
  std::istringstream lines(text);
  for (std::string word; lines >> word;) words.push_back(word);
  return words;
}

TEST_F(Program, CompletionOffersWhatTheOptionTakes) {
  using Words = std::vector<std::string>;
  const std::string script = at("completion.bash");
  std::ofstream(script) << run_program("completion bash").out;
  const std::pair<const char*, Words> cases[] = {
      {"pushforward tes", {"test"}},
      {"pushforward train vae mnist --likelihood b", {"bernoulli"}},
      {"pushforward train vae mnist --likelihood=b", {"bernoulli"}},
      {"pushforward train vae mnist --likelihood gaussian:l", {"learned"}},  // behind ':' bash begins a word
      {"pushforward train vae mnist --optimizer rm", {"rmsprop"}},
      {"pushforward train vae mnist --epochs ", {}},
      {"pushforward train vae mnist --likeli", {"--likelihood"}},
      {"pushforward distance a b -m si", {"sinkhorn"}},
      {"pushforward distance a b -m mmd,si", {"mmd,sinkhorn"}},
      {"pushforward distance a b --sample g", {}},
      {"pushforward distance a b --wrt w", {"weights"}},
      {"pushforward evaluate run -m prd", {"prdc"}},
      {"pushforward test a b --metric au", {"auto"}},
      {"pushforward divergence p q -m renyi", {"renyi"}},
      {"pushforward data sh", {"show"}},
      {"pushforward data show --schema-", {"--schema-to"}},
      {"pushforward data show --epo", {}},
  };
  for (const auto& [line, words] : cases) EXPECT_EQ(offered(script, line), words) << line;
}

TEST_F(Program, EveryExampleInEveryHelpUsesOptionsThatExist) {
  const std::string overview = run_program("--help").out;
  std::set<std::string> checked;
  std::istringstream lines(overview);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("  ") || line.size() < 3 || line[2] == ' ') continue;
    const std::string command = line.substr(2, line.find(' ', 2) - 2);
    const std::string help = run_program(command + " --help").out;
    const std::string options = command == "train" ? help + run_program("train vae --help").out : help;
    std::istringstream words(help.substr(std::min(help.size(), help.find("Examples:"))));
    for (std::string word; words >> word;)
      if (word.starts_with("--") && word.size() > 2) {
        EXPECT_NE(options.find(word.substr(0, word.find('='))), std::string::npos) << command << " " << word;
        checked.insert(word);
      }
  }
  EXPECT_GT(checked.size(), 5u);
}

// Code points, not bytes.
std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0, width = 0;
  for (const char c : text) {
    if (c == '\n')
      width = 0;
    else
      width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    widest = std::max(widest, width);
  }
  return widest;
}

// The model has been named by then: only DATA is left to be.
TEST_F(Program, HelpOfAModelAsksForNoOther) {
  const std::string help = run_program("train vae --help").out;
  EXPECT_NE(help.find("Usage: pushforward train vae [OPTIONS] [DATA]\n"), std::string::npos)
      << help.substr(0, 500);
  EXPECT_EQ(help.find("\n  MODEL"), std::string::npos);
  EXPECT_NE(run_program("distance --help").out.find("Usage: pushforward distance [OPTIONS] [X] [Y]\n"),
            std::string::npos);
}

TEST_F(Program, HelpIsAtMostAHundredColumnsWide) {
  std::vector<std::string> commands = {"", "train ", "data show ", "data list ", "data make ", "data fetch "};
  std::istringstream lines(run_program("--help").out);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("  ") && line.size() > 2 && line[2] != ' ')
      commands.push_back(line.substr(2, line.find(' ', 2) - 2) + " ");
  for (const ModelEntry& model : models()) commands.push_back("train " + model.name + " ");
  EXPECT_GT(commands.size(), 35u);
  for (const std::string& command : commands)
    EXPECT_LE(widest_line(run_program(command + "--help").out), 100u) << command;
}

}  // namespace
}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
// Gradients, witnesses, likelihoods and flows as a user types them.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <regex>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/csv.hpp"
#include "io/npy.hpp"
#include "report/drawing.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

using testing::Ran;
using testing::run_program;
using Json = nlohmann::json;

class CourseCommand : public testing::OwnFolder {
 protected:
  void SetUp() override {
    save("zero.npy", {0}, 1), save("one.npy", {1}, 1);
    save("x.npy", {0, 0, 1, 0, 0.3, 2}, 2), save("y.npy", {0, 1, 1, 3, -1, 0.5, 2, 2}, 2);
    save("a.npy", {0, 1, 3}, 1), save("b.npy", {5, 6, 8}, 1);
    save("cost.npy", {1, 10, 2, 9}, 2);
  }
  void save(const std::string& name, std::vector<double> values, std::size_t cols) {
    io::write_npy(at(name), io::ArrayView(std::span<const double>(values), {values.size() / cols, cols}));
  }
  Json json(const std::string& arguments) {
    const Ran ran = run_program(arguments + " --json --quiet");
    EXPECT_EQ(ran.status, 0) << arguments << "\n" << ran.err;
    const Json printed = Json::parse(ran.out);  // a list of one reading is that reading
    return printed.is_array() && printed.size() == 1 ? printed[0] : printed;
  }
  static void expect_refused(const std::string& arguments, const std::vector<std::string>& words) {
    const Ran ran = run_program(arguments);
    EXPECT_EQ(ran.status, 2) << arguments;
    EXPECT_EQ(ran.out, "") << arguments;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
    for (const std::string& word : words) EXPECT_NE(ran.err.find(word), std::string::npos) << ran.err;
  }
  std::string pair(const std::string& command, const std::string& x, const std::string& y) const {
    return command + " " + at(x) + " " + at(y) + " ";
  }
};

// Where the words of an SVG stand, as wide as a PNG's letters, which are the wider ones.
struct Words {
  double left, right, y;
  std::string text;
};

std::vector<Words> words_of(const std::string& svg) {
  std::vector<Words> found;
  const std::regex pattern(R"~(<text x="([-0-9.]+)" y="([-0-9.]+)" text-anchor="(\w+)"[^>]*>([^<]+)<)~");
  for (std::sregex_iterator word(svg.begin(), svg.end(), pattern), end; word != end; ++word) {
    const std::string anchor = (*word)[3], text = (*word)[4];
    const double width = report::words_width(text),
                 left = std::stod((*word)[1]) - (anchor == "start" ? 0
                                                 : anchor == "end" ? width
                                                                   : width / 2);
    found.push_back({left, left + width, std::stod((*word)[2]), text});
  }
  return found;
}

// Inside the picture, and beside each other.
void expect_readable(const std::string& svg, const std::string& which) {
  const std::vector<Words> words = words_of(svg);
  ASSERT_GE(words.size(), 4u) << which;
  const double width = std::stod(svg.substr(svg.find("width=\"") + 7));
  for (const Words& word : words) {
    EXPECT_GE(word.left, 0) << which << ": " << word.text;
    EXPECT_LE(word.right, width) << which << ": " << word.text;
    for (const Words& other : words)
      if (&other != &word && other.y == word.y && other.left >= word.left) {
        EXPECT_GE(other.left, word.right) << which << ": " << word.text << " | " << other.text;
      }
  }
}

// D = 2 − 2 exp(−(y−x)²/2): ∂D/∂y = 2 (y−x) exp(−(y−x)²/2) = −∂D/∂x.
TEST_F(CourseCommand, GradientsAreNumbersOfEitherSample) {
  const std::string mmd = pair("distance", "zero.npy", "one.npy") + "-m mmd:estimator=biased,bandwidth=1 ";
  json(mmd + "--gradient " + at("gx.csv"));
  json(mmd + "--of y --gradient " + at("gy.csv"));
  EXPECT_NEAR(io::read_csv(at("gx.csv")).values(0, 0), -2 * std::exp(-0.5), 1e-15);
  EXPECT_NEAR(io::read_csv(at("gy.csv")).values(0, 0), 2 * std::exp(-0.5), 1e-15);
}

TEST_F(CourseCommand, EveryGradientStandsTheCheck) {
  const std::string samples = "distance toy:gaussian:d=2,n=30 toy:moons:n=40 ";
  for (const std::string spec : {"w1", "w2", "w:p=1.5", "sinkhorn", "energy", "mmd", "mmd:estimator=biased",
                                 "sliced", "frechet", "kl-knn"})
    for (const std::string of : {"x", "y"}) {
      const Json found = json(samples + "-m " + spec + " --check --of " + of)["gradient"];
      EXPECT_GT(found["checked"], 0) << spec;
      EXPECT_LT(found["kinks"].get<double>(), 0.5 * found["checked"].get<double>()) << spec;
      // Where two of a direction's points change places within a step, the gradient of W2 has a kink, and the
      // difference errs by as much as the step: with a hundred directions some points do.
      const double close = spec == "sliced" ? 1e-3 : 1e-5;
      EXPECT_LT(found["largest_error"].get<double>(), close * found["largest_entry"].get<double>())
          << spec << " of " << of;
    }
}

TEST_F(CourseCommand, GradientsThatDoNotExistAreRefused) {
  const std::string two = pair("distance", "x.npy", "y.npy");
  expect_refused(two + "-m prdc --gradient " + at("g.csv"), {"prdc", "energy"});
  expect_refused(two + "-m w1,w2 --gradient " + at("g.csv"), {"2 distances"});
  expect_refused(two + "-m jsd-critic --check", {"jsd-critic", "trains"});
  expect_refused(two + "-m mmd --wrt weights --check", {"mmd", "weights"});
  expect_refused(two + "-m w1 --gradient " + at("g.png"), {".png", ".csv"});
}

TEST_F(CourseCommand, TransportWritesWhatTheEndingSays) {
  const std::string solve = pair("transport", "x.npy", "y.npy");
  json(solve + "-o " + at("plan.csv"));
  const io::Table table = io::read_csv(at("plan.csv"));
  EXPECT_EQ(table.columns, (std::vector<std::string>{"i", "j", "mass", "u", "v"}));
  double mass = 0;
  for (std::size_t k = 0; k < table.values.rows(); ++k) mass += table.values(k, 2);
  EXPECT_NEAR(mass, 1, 1e-15);
  for (const std::string& how :
       {pair("", "x.npy", "y.npy"), pair("", "a.npy", "b.npy"), " --cost " + at("cost.npy") + " ",
        std::string(" toy:gaussian:d=3,n=20 toy:gaussian:d=3,n=30 ")}) {
    json("transport" + how + "--force -o " + at("plan.png"));
    json("transport" + how + "--force -o " + at("PLAN.SVG"));
    EXPECT_TRUE(read("plan.png").starts_with("\x89PNG")) << how;
    EXPECT_TRUE(read("PLAN.SVG").starts_with("<svg")) << how;
  }
}

// In every command that writes: an unknown ending is refused, before work is done, and names the known ones.
TEST_F(CourseCommand, UnknownEndingsAreRefused) {
  const std::string two = pair("", "x.npy", "y.npy");
  for (const auto& [arguments, known] : std::vector<std::pair<std::string, std::string>>{
           {"transport" + two + "-o ", ".npz"},
           {"witness" + two + "-o ", ".png"},
           {"distance" + two + "-m c2st --score toy:moons -o ", ".csv"},
           {"distance" + two + "-m w1 --gradient ", ".npy"},
           {"data make toy:moons -o ", ".npy"},
           {"data show toy:moons -o ", ".png"},
           {"density 'normal(0,1)' 'normal(1,1)' --coupling ", ".csv"},
           {"density 'normal(0,1)' 'normal(1,1)' -o ", ".png"},
           {"divergence 0.5,0.5 0.2,0.8 -o ", ".png"},
           {"fit 'normal(0,1)' --family normal -o ", ".gif"},
           {"animate toy:moons -o ", ".gif"},
           {"report norun -o ", ".html"},
           {"compare norun norun2 --data toy:moons -o ", ".html"}}) {
    expect_refused(arguments + at("out.pdf"), {".pdf", known});
    expect_refused(arguments + at("out"), {"without an ending", known});
    EXPECT_FALSE(std::filesystem::exists(at("out.pdf")));
  }
}

TEST_F(CourseCommand, EndingsAreReadInAnyCase) {
  EXPECT_EQ(run_program("data make toy:moons:n=20 -o " + at("M.CSV")).status, 0);
  EXPECT_EQ(run_program("data make toy:moons:n=20 -o " + at("M.NPY")).status, 0);
  EXPECT_TRUE(read("M.NPY").starts_with("\x93NUMPY"));
  EXPECT_LT(json(pair("distance", "M.CSV", "M.NPY") + "-m w1")["value"], 1e-7);  // decimals of a float32
}

TEST_F(CourseCommand, WitnessesAreWrittenAndDrawn) {
  const Json one = json(pair("witness", "zero.npy", "one.npy") + "-m mmd:bandwidth=1 --at " + at("one.npy") +
                        " -o " + at("f.csv"));
  const double e = std::exp(-0.5), norm = std::sqrt(2 - 2 * e);
  EXPECT_NEAR(one["value"], norm, 1e-15);
  EXPECT_NEAR(one["f"]["difference_of_means"], norm, 1e-15);
  const io::Table at_one = io::read_csv(at("f.csv"));
  EXPECT_EQ(at_one.columns, (std::vector<std::string>{"x0", "f"}));
  EXPECT_NEAR(at_one.values(0, 1), (e - 1) / norm, 1e-15);
  const Json w1 = json(pair("witness", "x.npy", "y.npy") + "-m w1 -o " + at("f.png"));
  EXPECT_NEAR(w1["f"]["difference_of_means"], w1["value"].get<double>(), 1e-9);
  EXPECT_LE(w1["f"]["largest_slope"], 1 + 1e-12);
  EXPECT_LT(w1["gap"], 1e-9);
  EXPECT_TRUE(read("f.png").starts_with("\x89PNG"));
  json(pair("witness", "a.npy", "b.npy") + "-m mmd,w1,energy,sinkhorn -o " + at("line.svg"));
  EXPECT_NE(read("line.svg").find("sinkhorn"), std::string::npos);
  json(pair("witness", "a.npy", "b.npy") + "-m mmd,w1 -o " + at("line.csv"));
  EXPECT_EQ(io::read_csv(at("line.csv")).columns, (std::vector<std::string>{"x0", "mmd f", "w1 f"}));
}

// p, each q, and D*, on the line and in the plane; a fit also on its way.
TEST_F(CourseCommand, KnownDistributionsAreDrawn) {
  const std::string two_humps = "'0.5*normal(-2,0.5)+0.5*normal(2,0.5)'",
                    plane = "'0.5*mvnormal(-2+0,1+0+0+1)+0.5*mvnormal(2+0,1+0+0+1)'";
  for (const std::string& command :
       {"density " + two_humps, "density " + two_humps + " 'student(1)' -m kl,chi2", "density " + plane,
        "density " + plane + " 'mvnormal(0+0,1+0+0+2)' -m js",
        "fit " + two_humps + " --family laplace --by kl", "fit " + at("x.npy") + " --family mvnormal",
        std::string("divergence 0.5,0.5 0.2,0.8 -m kl"),
        std::string("divergence 1,0,0 0,1,0 0,0,1 -m emd,tv --positions 0,1,10")}) {
    json(command + " --force -o " + at("drawn.png"));
    json(command + " --force -o " + at("drawn.svg"));
    EXPECT_TRUE(read("drawn.png").starts_with("\x89PNG")) << command;
    EXPECT_TRUE(read("drawn.svg").starts_with("<svg")) << command;
  }
  EXPECT_NE(read("drawn.svg").find(">10<"), std::string::npos);  // a distance of the matrix, or a position
  json("fit " + two_humps + " --family normal --by kl,reverse-kl -o " + at("fit.gif"));
  EXPECT_TRUE(read("fit.gif").starts_with("GIF89a"));
  json("fit " + two_humps + " --family normal --by kl,reverse-kl -o " + at("fit.svg"));
  EXPECT_NE(read("fit.svg").find("reverse-kl: normal(-2,0.5)"), std::string::npos);
  expect_refused("density 'mvnormal(0+0+0,1+0+0+0+1+0+0+0+1)' -o " + at("cube.png"), {"3 coordinates"});
  expect_refused("fit toy:gaussian:d=3,n=20 --family mvnormal -o " + at("cube.png"), {"3 coordinates"});
}

TEST_F(CourseCommand, WordsOfPicturesStandBesideEachOther) {
  save("tall.npy", {0, 0, 2, 2, 1, 4}, 2), save("high.npy", {0, 1, 1.5, 1, 2.2, 3}, 2);
  save("thin.npy", {1000, -9, 1000.06, 9, 1000.02, 1}, 2), save("lean.npy", {1000.01, 3, 1000.05, -4}, 2);
  const std::vector<std::string> commands = {
      pair("witness", "tall.npy", "high.npy") + "-m mmd:bandwidth=0.9",  // a narrow panel
      pair("witness", "thin.npy", "lean.npy") + "-m mmd,w1",             // a thin one, far from 0
      pair("transport", "thin.npy", "lean.npy"),
      "density '0.5*mvnormal(0+0,1e-4+0+0+40)+0.5*mvnormal(0+3,1e-4+0+0+40)' 'mvnormal(0+0,1e-4+0+0+30)' "
      "-m kl,tv",
      "fit '0.5*mvnormal(0+0,1e-4+0+0+40)+0.5*mvnormal(0+3,1e-4+0+0+40)' --family mvnormal --by kl,js",
      "density 'normal(12345.6,0.001)' 'normal(12345.602,0.001)' -m kl",
      pair("witness", "tall.npy", "high.npy") + "-m w1,energy",
      // Numbers such as 1.23e-05 in a matrix.
      "divergence 0.2,0.3,0.5 0.2003,0.2997,0.5 0.1998,0.3,0.5002 -m js,kl,chi2",
      "density 'normal(0,1)' 'laplace(1,2)'",
  };
  for (const std::string& command : commands) {
    json(command + " --force -o " + at("words.svg"));
    expect_readable(read("words.svg"), command);
  }
}

// Options for tables mean the tables among several DATA; where there is none they are refused.
TEST_F(CourseCommand, OptionsOfTablesReachTheTablesOnly) {
  std::ofstream(at("bare.csv")) << "0,1\n2,3\n4,5\n";
  json("witness toy:moons:n=20 " + at("y.npy") + " -m mmd --header no --at " + at("bare.csv") + " -o " +
       at("f.csv"));
  EXPECT_EQ(io::read_csv(at("f.csv")).values.rows(), 3u);
  EXPECT_EQ(json("distance toy:moons:n=20 " + at("bare.csv") + " -m w1 --header yes")["m"], 2);
  json("distance toy:moons:n=40 toy:moons:n=40 -m jsd-critic:hidden=4,steps=5 --header no --score " +
       at("bare.csv") + " -o " + at("s.csv"));
  EXPECT_EQ(io::read_csv(at("s.csv")).values.rows(), 3u);
  expect_refused("distance toy:moons:n=20 " + at("y.npy") + " -m w1 --header no", {"--header", "CSV"});
}

// A column of words has to go, wherever a table of numbers is read.
TEST_F(CourseCommand, AColumnOfWordsIsLeftOutAsTheErrorSays) {
  std::string text = "a,kind,b\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("{},{},{}\n", i % 7, i % 2 ? "yes" : "no", i % 5);
  std::ofstream(at("words.csv")) << text;
  const std::string table = at("words.csv");
  for (const std::string& command :
       {"entropy --samples " + table, "fit " + table + " --family mvnormal",
        "learn-theta toy:gaussian:d=2,mean=theta " + table + " --by w1 --steps 1"})
    for (const char* cure : {"--drop kind", "--label-column kind"}) {
      expect_refused(command, {"'kind'", cure});
      json(command + " " + cure);
    }
}

// Nothing that was asked for is left out without a word.
TEST_F(CourseCommand, TheGameDrawsToo) {
  const std::string game =
      "density 'normal(0,1)' 'normal(2,1)' --draws 50 --game jsd-critic:hidden=4,steps=5";
  EXPECT_NEAR(json(game + " -o " + at("game.svg"))[1]["jsd"], 0.3368308203, 1e-9);
  EXPECT_NE(read("game.svg").find("D* = p/(p+q)"), std::string::npos);
  expect_refused(game + " -m kl", {"--game", "-m"});
  expect_refused(game + " --coupling " + at("map.csv"), {"--game", "--coupling"});
}

TEST_F(CourseCommand, VariancesOfATableHaveItsNames) {
  std::string text = "a,kind,b\n";
  for (int i = 0; i < 60; ++i)
    text += fmt::format("{},{},{}\n", i % 7 == 3 ? "" : fmt::format("{}", 0.5 * (i % 7)),
                        i % 2 ? "yes" : "maybe", 0.1 * (i % 5));
  std::ofstream(at("t.csv")) << text;
  ASSERT_EQ(run_program("train vae " + at("t.csv") + " -o " + at("run") + " --latent 1 --hidden 4 --steps 3")
                .status,
            0);
  json("encode " + at("run") + " " + at("t.csv") + " -o " + at("z.csv"));
  const Ran ran = run_program("decode " + at("run") + " " + at("z.csv") + " --variance -o " + at("v.csv"));
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_NE(ran.err.find("normal scores"), std::string::npos) << ran.err;
  EXPECT_EQ(io::read_csv(at("v.csv")).columns,
            (std::vector<std::string>{"a", "a missing", "kind=maybe", "kind=yes", "b"}));
}

TEST_F(CourseCommand, AWitnessThatIsNoneIsRefused) {
  const std::string two = pair("witness", "x.npy", "y.npy");
  expect_refused(two + "-m kl-knn", {"kl-knn", "mmd", "jsd-critic"});
  expect_refused(two + "-m mmd --at " + at("x.npy"), {"-o"});
  expect_refused(two + "-m mmd --at " + at("a.npy") + " -o " + at("f.csv"), {"1 columns", "2"});
  expect_refused("witness toy:gaussian:d=3,n=20 toy:gaussian:d=3,n=20 -o " + at("f.png"), {"3 features"});
}

// One sentence each, with what would do.
TEST_F(CourseCommand, WhatCannotBeComputedIsRefusedWithWhatCan) {
  // A divergence that is infinite for a whole family, either way round, of a density and of a sample.
  expect_refused("fit 'normal(0,1)' --family uniform --by kl", {"infinite", "uniform", "reverse-kl", "w2"});
  expect_refused("fit 'uniform(0,1)' --family normal --by reverse-kl", {"infinite", "normal", "kl", "w2"});
  expect_refused("fit 'laplace(0,1)' --family normal --by chi2", {"infinite", "kl"});
  save("signed.npy", {-1, 0.5, 1, 2}, 1);
  expect_refused("fit " + at("signed.npy") + " --family exponential --by kl", {"infinite", "w1"});
  // Weights, masses and spreads.
  for (const char* mixture :
       {"0.5*normal(0,1)+0.4*normal(1,1)", "0.5*mvnormal(0+0,1+0+0+1)+0.4*mvnormal(1+0,1+0+0+1)"})
    for (const std::string& command : {std::string("density '") + mixture + "'",
                                       std::string("fit '") + mixture + "' --family normal --by kl"})
      expect_refused(command, {"sum to 0.9", "1 within 1e-6"});
  expect_refused("divergence 0.5,0.5 0.2,0.8 0.5,0.6", {"C:", "1.1", "--normalize"});
  expect_refused("density 'normal(0,0)'", {"spread of 0", "above 0"});
  // Covariances.
  for (const char* command :
       {"density 'mvnormal(0+0,1+2+2+1)'", "density 'mvnormal(0+0,1+0+0+1)' 'mvnormal(0+0,1+2+2+1)'",
        "density '0.5*mvnormal(0+0,1+2+2+1)+0.5*mvnormal(0+0,1+0+0+1)'",
        "fit 'mvnormal(0+0,1+2+2+1)' --family mvnormal"})
    expect_refused(command, {"eigenvalue -1", "none below 0"});
  expect_refused("density 'mvnormal(0+0,1+2+3+1)'", {"3", "2 across", "symmetric"});
  expect_refused("density 'mvnormal(0+0,1+0+0)'", {"3 numbers", "4"});
  // Splits that leave nothing.
  expect_refused("density 'mvnormal(0+0,1+0+0+1)' --split 2", {"leaves nothing", "wanted 1"});
  expect_refused("density 'mvnormal(0+0+0,1+0+0+0+1+0+0+0+1)' --split 3", {"leaves nothing", "1 … 2"});
  expect_refused("density 'normal(0,1)' --split 1", {"on the line", "two coordinates"});
  expect_refused("entropy --samples toy:moons:n=100 --split 2", {"leaves nothing", "wanted 1"});
  expect_refused("entropy --samples toy:gaussian:d=1,n=100 --split 1", {"leaves nothing", "two columns"});
  // A witness of what has none.
  for (const char* none : {"prdc", "frechet", "histogram", "kl-knn", "sliced"})
    expect_refused(pair("witness", "x.npy", "y.npy") + "-m " + none, {none, "has none", "mmd", "w1"});
}

TEST_F(CourseCommand, ADiscriminatorIsALikelihoodOfLabels) {
  std::string text = "x,label\n";
  for (int i = 0; i < 200; ++i) text += fmt::format("{},{}\n", 0.01 * i + (i % 2 ? 1.0 : 0.0), i % 2);
  std::ofstream(at("lab.csv")) << text;
  const std::string lab = at("lab.csv");
  const std::string command = fmt::format(
      "distance '{0}[1]' '{0}[0]' --label-column label -m jsd-critic:hidden=8,steps=300 --score {0} -o {1}",
      lab, at("s.csv"));
  const Json likelihood = json(command)["likelihood"];
  const io::Table scores = io::read_csv(at("s.csv"));
  double sum = 0, right = 0;
  for (int i = 0; i < 200; ++i) {
    const double d = scores.values(static_cast<std::size_t>(i), 0);
    sum += std::log(i % 2 ? d : 1 - d), right += (d > 0.5) == (i % 2 == 1);
  }
  EXPECT_NEAR(likelihood["log_likelihood"], sum, 1e-3);  // D is written in float32
  EXPECT_NEAR(likelihood["cross_entropy"], -sum / 200, 1e-5);
  EXPECT_EQ(likelihood["accuracy"], right / 200);
  EXPECT_NEAR(likelihood["jsd"], std::log(2.0) + sum / 200, 1e-5);
  expect_refused(command + " --label-x 7 --force --quiet", {"label 7"});
}

}  // namespace
}  // namespace pushforward

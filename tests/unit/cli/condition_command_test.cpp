// SPDX-License-Identifier: Apache-2.0
// Conditions from end to end: trained on, sampled by, evaluated, and refused by name.
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/table_reader.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward::testing {
namespace {

using Json = nlohmann::json;

// size is 10 for small, 20 for large, deviation 1; color goes with neither; price = 3·size.
class ConditionCommand : public OwnFolder {
 protected:
  void SetUp() override {
    OwnFolder::SetUp();
    std::ofstream out(at("t.csv"));
    out << "size,sort,color,price\n";
    for (int i = 0; i < 360; ++i) {
      const double size = (i % 2 ? 20 : 10) + (i % 7 - 3) * 0.5;
      out << fmt::format("{:.2f},{},{},{:.2f}\n", size, i % 2 ? "large" : "\"small, cheap\"",
                         i % 3 ? "red" : "blue", 3 * size);
    }
  }
  Ran run(const std::string& command) {
    const Ran ran = run_program(command);
    EXPECT_EQ(ran.status, 0) << command << "\n" << ran.err;
    return ran;
  }
  void refused(const std::string& command, const std::string& saying) {
    const Ran ran = run_program(command);
    EXPECT_EQ(ran.status, 2) << command;
    EXPECT_NE(ran.err.find(saying), std::string::npos) << command << "\n" << ran.err;
  }
  std::string train(const std::string& words) {
    run(fmt::format("train {} -o {} --quiet", words, at("r")));
    return at("r");
  }
  io::TableRows table(const std::string& name) { return io::read_table(at(name), {}); }
};

TEST_F(ConditionCommand, ColumnsAreGivenAndTheOthersFollow) {
  const std::string r = train(fmt::format("vae {} --condition sort,color --steps 2000", at("t.csv")));
  run(fmt::format("sample {} -n 200 --where sort=large --where color=blue -o {} --quiet", r, at("s.csv")));
  const io::TableRows made = table("s.csv");
  ASSERT_EQ(made.schema.columns.size(), 4u);
  EXPECT_EQ(made.schema.columns[0].name, "size");
  EXPECT_EQ(made.schema.columns[1].categories, std::vector<std::string>{"large"});
  EXPECT_EQ(made.schema.columns[2].categories, std::vector<std::string>{"blue"});
  double mean = 0;
  for (std::size_t i = 0; i < 200; ++i) mean += made.values(i, 0) / 200;
  EXPECT_NEAR(mean, 20, 2.5);  // a model that hears nothing is at 15; a quarter of the way between the sorts
  run(fmt::format("sample {} -n 200 --where 'sort=small, cheap' -o {} --quiet", r, at("o.csv")));
  const io::TableRows open = table("o.csv");
  EXPECT_EQ(open.schema.columns[2].categories, (std::vector<std::string>{"blue", "red"}));  // drawn
  refused(fmt::format("sample {} --where sort=huge -o {}", r, at("x.csv")),
          "wanted one of large, small, cheap");
  refused(fmt::format("sample {} --where size=3 -o {}", r, at("x.csv")), "wanted one of sort, color");
  refused(fmt::format("sample {} --label 3 -o {}", r, at("x.csv")), "--where COLUMN=VALUE");
}

TEST_F(ConditionCommand, ATableOfConditionsGivesARowEach) {
  const std::string r = train(fmt::format("gan {} --condition sort --steps 30", at("t.csv")));
  std::ofstream(at("c.csv")) << "sort\nlarge\n\"small, cheap\"\nlarge\n";
  run(fmt::format("sample {} --conditions {} -o {} --quiet", r, at("c.csv"), at("s.csv")));
  const io::TableRows made = table("s.csv");
  ASSERT_EQ(made.values.rows(), 3u);
  EXPECT_EQ(made.values(0, 1), 0);
  EXPECT_EQ(made.values(1, 1), 1);
  EXPECT_EQ(made.values(2, 1), 0);
  std::ofstream(at("bad.csv")) << "sort\nhuge\n";
  refused(fmt::format("sample {} --conditions {} -o {}", r, at("bad.csv"), at("x.csv")), "huge");
}

TEST_F(ConditionCommand, NumbersAreConditionsToo) {
  const std::string r = train(fmt::format("vae {} --condition size --steps 2000", at("t.csv")));
  run(fmt::format("sample {} -n 100 --where size=20 -o {} --quiet", r, at("s.csv")));
  const io::TableRows made = table("s.csv");
  double price = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(made.values(i, 0), 20);
    price += made.values(i, 3) / 100;
  }
  EXPECT_NEAR(price, 60, 7.5);  // a quarter of the way to the other sort's 30
  refused(fmt::format("sample {} --where size=much -o {}", r, at("x.csv")), "--where size: got 'much'");
}

TEST_F(ConditionCommand, AFlowIsToldToo) {
  const std::string r =
      train(fmt::format("flow {} --condition sort,color --steps 1500 --hidden 32,32", at("t.csv")));
  run(fmt::format("sample {} -n 200 --where sort=large -o {} --quiet", r, at("s.csv")));
  const io::TableRows made = table("s.csv");
  double mean = 0;
  for (std::size_t i = 0; i < 200; ++i) mean += made.values(i, 0) / 200;
  EXPECT_NEAR(mean, 20, 2.5);  // a quarter of the way to the other sort's 10
  const Json found =
      Json::parse(run(fmt::format("evaluate {} {} --json --quiet --samples 100", r, at("t.csv"))).out);
  EXPECT_TRUE(found.contains("log_likelihood"));
  refused(fmt::format("train flow {} --condition sort --batch 50 --coupling-batch 100 -o {}", at("t.csv"),
                      at("x")),
          "--coupling-batch: got --condition beside it, wanted one of them");
}

TEST_F(ConditionCommand, EvaluatedUnderTheRowsOwnConditions) {
  const std::string r =
      train(fmt::format("vae {} --condition sort --steps 300 --validation 0.2", at("t.csv")));
  const Json found = Json::parse(run(fmt::format("evaluate {} --json --quiet --samples 100", r)).out);
  EXPECT_TRUE(found.contains("elbo"));
  EXPECT_TRUE(found.contains("distances"));
  run(fmt::format("report {} -o {} --quiet", r, at("r.html")));
  EXPECT_TRUE(Json::parse(run(fmt::format("evaluate {} {} --json --quiet --samples 100", r, at("t.csv"))).out)
                  .contains("elbo"));
}

TEST_F(ConditionCommand, RequestsThatDoNotFitAreRefused) {
  const std::string vae = fmt::format("train vae {} -o {} --quiet ", at("t.csv"), at("x"));
  refused(vae + "--condition kind", "--condition: got 'kind', wanted one of size, sort, color, price");
  refused(vae + "--condition label", "--condition label: got");
  refused(vae + "--condition size,sort,color,price", "every column");
  refused(fmt::format("train vae toy:moons -o {} --condition x0", at("x")), "no table");
  const std::string r = train(fmt::format("vae {} --steps 5", at("t.csv")));
  refused(fmt::format("sample {} --label 3 -o {}", r, at("x.csv")), "has no condition");
}

TEST_F(ConditionCommand, OneColumnAtATimeAndOneValueOfIt) {
  const std::string r = train(fmt::format("vae {} --condition sort,color --steps 5", at("t.csv")));
  const auto sample = [&](const std::string& words) {
    return fmt::format("sample {} {} -o {}", r, words, at("x.csv"));
  };
  refused(sample("--where sort=large,color=blue"),
          "--where sort: got 'large,color=blue', wanted one column; --where once for each column");
  refused(sample("--where sort"), "--where: got 'sort', wanted COLUMN=VALUE");
  refused(sample("--where sort=large --where 'sort=small, cheap'"),
          "--where sort: got two values, wanted one");
  refused(sample("--where sort=large --conditions c.csv"), "--conditions: got --label or --where beside it");
  std::ofstream(at("less.csv")) << "size,color,price\n10,red,30\n20,blue,60\n";
  refused(fmt::format("evaluate {} {}", r, at("less.csv")), "sort");
  std::ofstream(at("new.csv")) << "size,sort,color,price\n10,huge,red,30\n20,large,blue,60\n";
  refused(fmt::format("evaluate {} {}", r, at("new.csv")), "huge");
}

TEST_F(ConditionCommand, ARunGoesOnAndIsUsedAsAnyOther) {
  const std::string r =
      train(fmt::format("vae {} --condition sort,color --steps 5 --validation 0.2 --latent 2", at("t.csv")));
  run(fmt::format("train --resume {} --steps 10 --quiet", r));
  run(fmt::format("encode {} {} -o {} --quiet", r, at("t.csv"), at("codes.csv")));
  run(fmt::format("decode {} {} --conditions {} -o {} --quiet", r, at("codes.csv"), at("t.csv"),
                  at("back.csv")));
  run(fmt::format("reconstruct {} {} -o {} --quiet", r, at("t.csv"), at("again.csv")));
  const io::TableRows back = table("back.csv"), given = table("t.csv");
  ASSERT_EQ(back.values.rows(), given.values.rows());
  EXPECT_EQ(back.schema.columns[1].name, "sort");
  for (std::size_t i = 0; i < 360; ++i)
    ASSERT_EQ(back.values(i, 1), given.values(i, 1));  // as they were told
  EXPECT_EQ(table("again.csv").schema.columns.size(), 4u);
  run(fmt::format("interpolate {} {} --from 0 --to 1 --where sort=large -o {} --quiet", r, at("t.csv"),
                  at("w.csv")));
  run(fmt::format("compare {} --data {} -o {} --quiet --samples 100", r, at("t.csv"), at("page.html")));
}

TEST_F(ConditionCommand, WhatKnowsNothingOfConditionsRefusesThem) {
  const std::string r =
      train("vae toy:8gaussians:n=200 --condition label --likelihood gaussian:learned --steps 5 --latent 2");
  refused(fmt::format("export {} -o {}", r, at("x.onnx")), "without --condition");
  refused(fmt::format("train generator toy:8gaussians:n=200 --code {} --no-standardize --steps 5 -o {}", r,
                      at("x")),
          "--code");
  refused(fmt::format("evaluate {} toy:8gaussians:n=200 --features {} --quiet", r, r), "--features");
  refused(fmt::format("evaluate {} toy:gaussian:d=2,n=50 --quiet", r), "labels");
  refused(fmt::format("sample {} --label 8 -o {}", r, at("x.npy")), "--label: got '8', wanted one of 0, 1");
  refused(fmt::format("sample {} --where sort=large -o {}", r, at("x.npy")), "--where: got 'sort', wanted");
}

TEST_F(ConditionCommand, LabelsAreConditions) {
  const std::string r =
      train(fmt::format("vae {} --condition label --label-column sort --steps 2000", at("t.csv")));
  run(fmt::format("sample {} -n 200 --label large -o {} --quiet", r, at("s.csv")));
  const io::TableRows made = table("s.csv");
  ASSERT_EQ(made.schema.columns.size(), 3u);
  double mean = 0;
  for (std::size_t i = 0; i < 200; ++i) mean += made.values(i, 0) / 200;
  EXPECT_NEAR(mean, 20, 2.5);
  refused(fmt::format("sample {} --label huge -o {}", r, at("x.csv")),
          "--label: got 'huge', wanted one of large");
  std::ofstream(at("c.txt")) << "large\nlarge\n";
  run(fmt::format("sample {} --conditions {} -o {} --quiet", r, at("c.txt"), at("two.csv")));
  EXPECT_EQ(table("two.csv").values.rows(), 2u);
}

}  // namespace
}  // namespace pushforward::testing

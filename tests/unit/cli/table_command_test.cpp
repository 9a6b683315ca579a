// SPDX-License-Identifier: Apache-2.0
// A table from end to end: shown, trained on without options, and made again as a table of the same kind.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/table_reader.hpp"
#include "pushforward/model.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward::testing {
namespace {

using Json = nlohmann::json;

class TableCommand : public OwnFolder {
 protected:
  void SetUp() override {
    OwnFolder::SetUp();
    std::ofstream out(at("t.csv"));
    out << "age,sort,paid,member,day\n";
    for (int i = 0; i < 240; ++i)
      out << fmt::format("{},{},{},{},2020-01-{:02}\n", 20 + i % 50, i % 3 ? "red" : "\"blue, dark\"",
                         i % 8 == 0 ? "" : fmt::format("{:.2f}", 1 + 0.01 * i), i % 2 ? "True" : "False",
                         1 + i % 28);
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
  std::string text(const std::string& name) {
    std::ostringstream out;
    out << std::ifstream(at(name)).rdbuf();
    return out.str();
  }
  std::string train(const std::string& model, const std::string& more = "") {
    run(fmt::format("train {} {} -o {} --quiet {}", model, at("t.csv"), at("r"), more));
    return at("r");
  }
};

TEST_F(TableCommand, ShowsALineAColumnAndWritesASchema) {
  const Json shown =
      Json::parse(run(fmt::format("data show {} --json --schema-to {}", at("t.csv"), at("s.toml"))).out);
  EXPECT_EQ(shown["columns"][0]["kind"], "whole");
  EXPECT_EQ(shown["columns"][1]["most_frequent"], "red");
  EXPECT_EQ(shown["columns"][2]["missing"], 30);
  run(fmt::format("data show {} --schema {} --quiet", at("t.csv"), at("s.toml")));
  std::ofstream(at("wrong.csv")) << "age,sort,paid,member,day\n30,green,1,True,2020-01-01\n";
  refused(fmt::format("data show {} --schema {}", at("wrong.csv"), at("s.toml")), "'green'");
}

TEST_F(TableCommand, SamplesAreATableOfTheSameKind) {
  const std::string vae = train("vae", "--epochs 40");
  run(fmt::format("sample {} -n 300 -o {} --quiet", vae, at("s.csv")));
  io::TableRequest request;
  const io::TableRows data = io::read_table(at("t.csv"), request);
  request.schema = &data.schema;
  const io::TableRows made = io::read_table(at("s.csv"), request);  // refuses what is of another kind
  EXPECT_EQ(made.values.rows(), 300u);
  std::size_t missing = 0;
  for (std::size_t i = 0; i < 300; ++i) {
    EXPECT_GE(made.values(i, 0), 20);
    EXPECT_LE(made.values(i, 0), 69);
    missing += std::isnan(made.values(i, 2)) ? 1 : 0;
  }
  // 1/8 of 300 cells, within five standard deviations of a binomial, 5·√(300·7/64) = 29.
  EXPECT_NEAR(static_cast<double>(missing), 37.5, 29);
  EXPECT_TRUE(text("s.csv").starts_with("age,sort,paid,member,day\n"));
  run(fmt::format("sample {} -n 5 --means -o {} --quiet", vae, at("m.tsv")));
  EXPECT_TRUE(text("m.tsv").starts_with("age\tsort"));
}

TEST_F(TableCommand, ColumnsAreFoundByName) {
  const std::string vae = train("vae", "--epochs 2");
  std::ofstream(at("turned.csv")) << "day,member,paid,sort,age\n2020-01-01,True,1.5,red,30\n";
  std::ofstream(at("straight.csv")) << "age,sort,paid,member,day\n30,red,1.5,True,2020-01-01\n";
  run(fmt::format("encode {} {} -o {} --quiet", vae, at("turned.csv"), at("a.csv")));
  run(fmt::format("encode {} {} -o {} --quiet", vae, at("straight.csv"), at("b.csv")));
  EXPECT_EQ(text("a.csv"), text("b.csv"));
  std::ofstream(at("renamed.csv")) << "age,kind,paid,member,day\n30,red,1.5,True,2020-01-01\n";
  refused(fmt::format("encode {} {} -o {}", vae, at("renamed.csv"), at("c.csv")), "'kind'");
}

TEST_F(TableCommand, EveryModelTrainsWithoutOptions) {
  for (const ModelEntry& model : models()) {
    const std::string run_name = at("run_" + model.name);
    const std::string short_run = model.solved ? "" : " --steps 20";
    run(fmt::format("train {} {} -o {} --quiet{}", model.name, at("t.csv"), run_name, short_run));
    run(fmt::format("evaluate {} {} --quiet --json", run_name, at("t.csv")));
  }
}

TEST_F(TableCommand, LengthsCountStepsAndCodesAreNoWiderThanTheTable) {
  std::ofstream(at("n.csv")) << "a,b,c\n1,2,3\n2,3,5\n3,5,8\n4,1,1\n5,9,2\n6,1,7\n";
  const Json solved =
      Json::parse(run(fmt::format("train pca {} -o {} --json --quiet", at("n.csv"), at("p"))).out);
  EXPECT_EQ(solved["stopped"], "solved");
  const std::string out = run(fmt::format("train vae {} -o {} --json --quiet", at("n.csv"), at("v"))).out;
  const Json last = Json::parse(out.substr(out.rfind('\n', out.size() - 2) + 1));
  EXPECT_EQ(last["steps"], 3000);
  const std::string config = (std::ostringstream() << std::ifstream(at("v") + "/config.toml").rdbuf()).str();
  EXPECT_NE(config.find("latent = 2 "), std::string::npos);
  EXPECT_NE(config.find("checkpoint-every = 100 "), std::string::npos);  // an epoch is one step
}

TEST_F(TableCommand, EvaluateMeasuresWhatSampleWrites) {
  const std::string vae = train("vae", "--epochs 5");
  const Json found = Json::parse(run(fmt::format("evaluate {} --json --quiet --samples 200", vae)).out);
  EXPECT_TRUE(found.contains("distances"));
  EXPECT_EQ(found["distances"][1]["unit"], "standard deviations") << found.dump();
}

TEST_F(TableCommand, ChoosesColumnsAndReadsStandardInput) {
  const std::string kept =
      run(fmt::format("data show {} --columns age,paid --drop 3 --json", at("t.csv"))).out;
  EXPECT_EQ(Json::parse(kept)["columns"].size(), 1u);
  refused(fmt::format("data show {} --columns wage", at("t.csv")), "did you mean 'age'");
  refused(fmt::format("distance {0} {0}", at("t.csv")), "column 2 'sort'");
}

TEST_F(TableCommand, ADamagedTableFileIsNamed) {
  const std::string vae = train("vae", "--epochs 1");
  std::string bytes = text("r/table.safetensors");
  bytes[bytes.size() / 2] ^= 1;
  std::ofstream(at("r/table.safetensors")) << bytes;
  refused(fmt::format("sample {} -n 3 -o {}", vae, at("x.csv")), "table.safetensors");
  std::filesystem::remove(at("r/table.safetensors"));
  refused(fmt::format("sample {} -n 3 -o {}", vae, at("x.csv")), "table.safetensors");
}

}  // namespace
}  // namespace pushforward::testing

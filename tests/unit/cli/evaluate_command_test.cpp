// SPDX-License-Identifier: Apache-2.0
// evaluate on models that generate, and on files of samples: which scores stand there, and what is refused.
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/npy.hpp"
#include "pushforward/random.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Ran;
using testing::run_program;

class Evaluate : public testing::OwnFolder {
 protected:
  void write_normal(const std::string& name, std::size_t n, std::size_t d, const char* stream) const {
    std::vector<float> values(n * d);
    fill_normal(std::span<float>(values), Draw{1, stream_id(stream), 0}, 0.5f, 0.2f);
    io::write_npy(at(name), {std::span<const float>(values), {n, d}});
  }
  static json evaluated(const std::string& words) {
    const Ran ran = run_program("evaluate " + words + " --json --quiet");
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.status == 0 ? json::parse(ran.out) : json::object();
  }
  static void refused(const std::string& words, const std::string& why) {
    const Ran ran = run_program("evaluate " + words + " --quiet");
    EXPECT_EQ(ran.status, 2) << words;
    EXPECT_NE(ran.err.find(why), std::string::npos) << ran.err;
  }
};

TEST_F(Evaluate, CountsModesInTheDataUnitsAlsoWhereTheRunStandardised) {
  // One Gaussian over the ring: its points belong to every mode and are seldom near one.
  const std::string train = "train ppca toy:8gaussians:n=2000 --latent 1 --quiet -o ";
  ASSERT_EQ(run_program(train + at("plain")).status, 0);
  ASSERT_EQ(run_program(train + at("scaled") + " --standardize").status, 0);
  const json plain = evaluated(at("plain") + " toy:8gaussians:n=2000,seed=5");
  const json scaled = evaluated(at("scaled") + " toy:8gaussians:n=2000,seed=5");
  EXPECT_LE(plain["modes"], 8);
  EXPECT_LT(plain["high_quality"], 0.05);
  EXPECT_GT(plain["reverse_kl"], 0);
  // The ring has the same spread both ways (0.7071), so standardising is a change of units and no more.
  EXPECT_NEAR(plain["reverse_kl"].get<double>(), scaled["reverse_kl"].get<double>(), 0.1);
  EXPECT_GT(plain["memorisation"]["ratio"], 3);  // fresh ring points lie within 0.01 of others, these do not
  EXPECT_EQ(plain["memorisation"]["closer"].get<double>(), scaled["memorisation"]["closer"].get<double>());
}

// Blocks of 2500 have noise of their own: were it the same, every ball to a nearest neighbour would be empty.
TEST_F(Evaluate, ManySamplesAreAllDifferent) {
  ASSERT_EQ(
      run_program("train generator toy:gaussian:d=2,n=5000 --hidden none --latent 2 --steps 1 --quiet -o " +
                  at("run"))
          .status,
      0);
  const json scores = evaluated(at("run") + " toy:gaussian:d=2,n=5000,seed=2 -m prdc:k=1 --samples 5000");
  EXPECT_GT(scores["distances"][0]["parts"]["recall"], 0.05);
}

TEST_F(Evaluate, LeavesOutWhatItDoesNotKnow) {
  write_normal("data.npy", 300, 3, "data");
  ASSERT_EQ(run_program("train ppca " + at("data.npy") + " --latent 1 --quiet -o " + at("run")).status, 0);
  const json own = evaluated(at("run"));
  for (const char* key : {"modes", "high_quality", "reverse_kl", "parzen", "memorisation"})
    EXPECT_FALSE(own.contains(key)) << key;
  EXPECT_EQ(own["distances"].size(), 2u);
  EXPECT_FALSE(evaluated(at("run") + " " + at("data.npy")).contains("memorisation"));  // the same rows
}

TEST_F(Evaluate, SamplesStandForARun) {
  write_normal("data.npy", 300, 3, "data"), write_normal("samples.npy", 300, 3, "samples");
  write_normal("rest.npy", 200, 3, "rest");
  const std::string both = at("samples.npy") + " " + at("data.npy");
  const json scores = evaluated(both + " -m prdc,energy --parzen gan --parzen-validation " + at("rest.npy") +
                                " --training " + at("rest.npy"));
  EXPECT_EQ(scores["rows"], 300);
  EXPECT_TRUE(scores["distances"][0]["parts"].contains("density"));
  // The best window cannot beat the truth: −entropy of N(0, 0.04·I) in three dimensions, 0.571.
  EXPECT_LT(scores["parzen"], 0.571 + 3 * scores["parzen_standard_error"].get<double>());
  EXPECT_GT(scores["parzen"], 0.2);
  EXPECT_NEAR(scores["memorisation"]["ratio"], 1, 0.2);
  const json copies = evaluated(both + " --training " + at("samples.npy"));
  EXPECT_EQ(copies["memorisation"]["ratio"], 0);
  EXPECT_EQ(copies["memorisation"]["closer"], 1);
}

TEST_F(Evaluate, WindowsForMnistAreChosenOnTheRowsOfThePublishedProtocols) {
  const std::string words = "mnist@0:200 mnist:test@0:100 --parzen ";
  for (const auto& [protocol, rows] :
       {std::pair("gan", "mnist@50000:51000"), std::pair("gmmn", "mnist@55000:60000")}) {
    const json own = evaluated(words + protocol),
               named = evaluated(words + protocol + " --parzen-validation " + rows);
    EXPECT_TRUE(own["sigma"].is_number());
    EXPECT_EQ(own["sigma"], named["sigma"]);
    EXPECT_EQ(own["parzen"], named["parzen"]);
    const Ran told = run_program("evaluate " + words + protocol);
    EXPECT_NE(told.err.find(rows), std::string::npos) << told.err;
  }
}

TEST_F(Evaluate, MeasuresOnAnAutoencodersCodes) {
  write_normal("data.npy", 300, 3, "data"), write_normal("samples.npy", 300, 3, "samples");
  ASSERT_EQ(run_program("train pca " + at("data.npy") + " --latent 2 --quiet -o " + at("pca")).status, 0);
  const json scores =
      evaluated(at("samples.npy") + " " + at("data.npy") + " -m frechet --features " + at("pca"));
  EXPECT_EQ(scores["distances"][0]["d"], 2);
  write_normal("wide.npy", 50, 4, "wide");
  refused(at("wide.npy") + " " + at("wide.npy") + " --features " + at("pca"), "an autoencoder of rows of 3");
}

TEST_F(Evaluate, RefusesWhatCannotBeScored) {
  write_normal("data.npy", 60, 3, "data"), write_normal("wide.npy", 60, 4, "wide");
  ASSERT_EQ(run_program("train pca " + at("data.npy") + " --latent 2 --quiet -o " + at("pca")).status, 0);
  const std::string own = at("data.npy") + " " + at("data.npy");
  refused(at("pca") + " " + at("data.npy") + " --parzen gan", "pca, which does not generate");
  refused(at("data.npy"), "samples without DATA");
  refused(at("data.npy") + " " + at("wide.npy"), "rows of 3");
  refused(own + " --parzen gna", "did you mean 'gan'?");
  refused(own + " --parzen gan", "--parzen-validation");
  refused(own + " --parzen gan --parzen-validation " + at("wide.npy"), "rows of 4 numbers");
  refused(at("nothing"), "a run directory");
}

}  // namespace
}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
// What train says before its first epoch ends: what was read and decided.
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward::testing {
namespace {

class Decisions : public OwnFolder {
 protected:
  void write_table(std::size_t rows) {
    std::ofstream out(at("t.csv"));
    out << "a,b\n";
    for (std::size_t i = 0; i < rows; ++i) out << fmt::format("{}.5,{}\n", i * 7 % 101, i % 13);
  }
  std::string told(const std::string& more) {
    const Ran ran = run_program(fmt::format("train vae {} -o {} --hidden 8 {}", at("t.csv"), at("r"), more));
    EXPECT_EQ(ran.status, 0) << ran.err;
    return ran.err;
  }
};

TEST_F(Decisions, AreToldOnceBeforeTheFirstEpoch) {
  write_table(40);
  const std::string err = told("--steps 4 --batch 10");
  const std::size_t line = err.find("40 rows of 2 columns, none held out; dense 8; latent 1; ");
  ASSERT_NE(line, std::string::npos) << err;
  EXPECT_LT(line, err.find("epoch 1/")) << err;
  EXPECT_EQ(err.find("rows of 2 columns", line + 10), std::string::npos) << err;
  EXPECT_NE(err.find("likelihood mixed; f32; 4 steps of 10 rows, "), std::string::npos) << err;
}

TEST_F(Decisions, SayHowManyRowsAreHeldOut) {
  write_table(40);
  EXPECT_NE(told("--steps 2 --validation 0.1").find("36 rows of 2 columns and 4 held out"),
            std::string::npos);
}

// At such rates 400 steps are a small part of the way, or none.
TEST_F(Decisions, EndWithASentenceWhereTheLossStillFalls) {
  write_table(400);
  const std::string advice =
      fmt::format("the loss still falls; go on with: pushforward train --resume {} --steps 800", at("r"));
  EXPECT_NE(told("--steps 400 --batch 40 --rate 1e-4").find(advice), std::string::npos);
  const Ran ran = run_program(fmt::format("train --resume {} --steps 800", at("r")));
  EXPECT_EQ(ran.status, 0) << ran.err;
  std::filesystem::remove_all(at("r"));
  EXPECT_EQ(told("--steps 400 --batch 40 --rate 1e-9").find("still falls"), std::string::npos);
}

TEST_F(Decisions, AreSilentWhenQuiet) {
  write_table(40);
  EXPECT_EQ(told("--steps 2 --quiet"), "");
}

}  // namespace
}  // namespace pushforward::testing

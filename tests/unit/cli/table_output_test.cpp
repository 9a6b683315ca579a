// SPDX-License-Identifier: Apache-2.0
// Whatever writes a table of text takes each ending that the table of formats writes, with its separator.
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "data/formats.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward::testing {
namespace {

class TableOutput : public OwnFolder {
 protected:
  std::string first_line(const std::string& command, const std::string& path) {
    const Ran ran = run_program(command + " " + path + " --quiet");
    EXPECT_EQ(ran.status, 0) << ran.err;
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    return line;
  }
};

TEST_F(TableOutput, HasEveryEndingOfATable) {
  const Ran trained = run_program(
      fmt::format("train ae toy:8gaussians:n=60 --steps 2 --hidden 4 --latent 1 -o {} --quiet", at("run")));
  ASSERT_EQ(trained.status, 0) << trained.err;
  std::size_t tried = 0;
  for (const data::FileFormat& format : data::file_formats()) {
    if (format.holds != data::Holds::table) continue;
    for (const std::string_view ending : format.written) {
      const std::string tab = ending == ".tsv" ? "\t" : ",";
      const std::string coupling = at(fmt::format("coupling{}", ending)),
                        scores = at(fmt::format("s{}", ending));
      const std::string gaussians = at(fmt::format("g{}", ending));
      EXPECT_EQ(first_line("density 'normal(0,1)' 'normal(1,2)' --points 3 --coupling", coupling),
                fmt::format("u{0}x{0}y", tab));
      EXPECT_EQ(first_line("density 'mvnormal(0+0,1+0+0+1)' 'mvnormal(1+0,2+0+0+1)' --points 3 --coupling",
                           gaussians),
                fmt::format("x1{0}x2{0}y1{0}y2", tab));
      EXPECT_EQ(first_line(fmt::format("evaluate {} toy:8gaussians:n=20 --scores", at("run")), scores),
                fmt::format("score{}label", tab));
      ++tried;
    }
  }
  EXPECT_GE(tried, 2u);
}

}  // namespace
}  // namespace pushforward::testing

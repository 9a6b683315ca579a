// SPDX-License-Identifier: Apache-2.0
//
// Tables of many columns. What looks through all columns for each of them takes minutes where the rest takes
// a second; a run whose files could not be read again must be refused before it is trained.
#include <filesystem>

#include "faults/faults.hpp"

namespace pushforward::testing {
namespace {

class WideTableFaults : public Faults {
 protected:
  static std::string table(std::size_t columns, std::size_t rows) {
    std::string text;
    for (std::size_t c = 0; c < columns; ++c) text += fmt::format("{}c{}", c ? "," : "", c);
    text += '\n';
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t c = 0; c < columns; ++c)
        text += fmt::format("{}0.{}", c ? "," : "", (31 * c + 17 * i * i) % 97);
      text += '\n';
    }
    return text;
  }
};

// 200,000² steps are more than the patience of a fault.
TEST_F(WideTableFaults, AreReadInTimeThatGrowsWithTheirSize) {
  write("w.csv", table(200'000, 2));
  done("data show w.csv --quiet > shown.txt");
  EXPECT_NE(read("shown.txt").find("c199999"), std::string::npos);
  const Outcome unknown = refused("data show w.csv --label-column nobody");
  EXPECT_LT(unknown.err.size(), 10'000u);
}

TEST_F(WideTableFaults, MakeRunsThatOpen) {
  write("w.csv", table(15'000, 3));
  done("train vae w.csv -o run --hidden 2 --latent 1 --steps 2 --quiet");
  done("run run --quiet");
  done("sample run -n 2 -o s.csv --quiet");
  EXPECT_EQ(read("s.csv").substr(0, 9), "c0,c1,c2,");
}

TEST_F(WideTableFaults, AreRefusedBeforeTrainingWhereNoRunCouldDescribeThem) {
  write("w.csv", table(100'001, 2));
  refused("train vae w.csv -o run --hidden 1 --latent 1 --steps 1", "--columns or --drop");
  EXPECT_FALSE(std::filesystem::exists(at("run")));
}

// Columns without a name are told apart by their order, whichever of them models see.
TEST_F(WideTableFaults, ColumnsWithoutNamesComeBack) {
  std::string empty = "a,,\n", counts = ",a,\n";
  for (int i = 0; i < 30; ++i) {
    empty += fmt::format("{},{}.5,\n", i * i % 11, i % 7);
    counts += fmt::format("{},{}.5,{}\n", i, i * i % 13, i % 5);
  }
  write("empty.csv", empty), write("counts.csv", counts);
  for (const char* name : {"empty", "counts"}) {
    done(fmt::format("train vae {0}.csv -o {0} --hidden 2 --latent 1 --steps 2 --quiet", name));
    done(fmt::format("evaluate {0} {0}.csv --quiet", name));
    done(fmt::format("encode {0} {0}.csv -o {0}_codes.csv --quiet", name));
    done(fmt::format("evaluate {0} --quiet", name));
  }
  done("train vae counts.csv --drop 1 -o some --hidden 2 --latent 1 --steps 2 --quiet");
  done("evaluate some --quiet");
}

}  // namespace
}  // namespace pushforward::testing

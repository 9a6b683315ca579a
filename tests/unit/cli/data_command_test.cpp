// SPDX-License-Identifier: Apache-2.0
// `pushforward data` as a user types it: what comes out, what is refused, with which status.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/atomic_file.hpp"
#include "io/csv.hpp"
#include "io/npy.hpp"
#include "io/png.hpp"
#include "support/program.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward::testing {
namespace {

using io::TemporaryFolder;
using Json = nlohmann::ordered_json;

Json json_of(const std::string& arguments) {
  const Ran ran = run_program(arguments + " --json");
  EXPECT_EQ(ran.status, 0) << arguments << ": " << ran.err;
  EXPECT_EQ(std::count(ran.out.begin(), ran.out.end(), '\n'), 1) << "exactly one line";
  return Json::parse(ran.out);
}

void expect_refused(const std::string& arguments, const std::vector<std::string>& parts) {
  const Ran ran = run_program(arguments);
  EXPECT_EQ(ran.status, 2) << arguments << ": " << ran.err;
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  EXPECT_TRUE(ran.err.starts_with("pushforward: error: ")) << ran.err;
  for (const std::string& part : parts)
    EXPECT_NE(ran.err.find(part), std::string::npos) << ran.err << "lacks " << part;
}

TEST(DataCommand, ShowsFiguresAndLabels) {
  const TemporaryFolder folder;
  io::write_file(folder / "f.csv", "a,b,kind\n1,2,x\n3,4,y\n5,9,x\n");
  const Json shown = json_of("data show " + (folder / "f.csv") + " --label-column kind");
  EXPECT_EQ(shown["rows"], 3);
  EXPECT_EQ(shown["features"], 2);
  const Json& b = shown["columns"][1];  // 2, 4, 9
  EXPECT_EQ(shown["columns"][0]["name"], "a");
  EXPECT_EQ(b["minimum"], 2);
  EXPECT_EQ(b["maximum"], 9);
  EXPECT_DOUBLE_EQ(b["mean"].get<double>(), 5);
  EXPECT_NEAR(b["standard_deviation"].get<double>(), std::sqrt(26.0 / 3), 1e-12);  // 9+1+16
  EXPECT_EQ(shown["labels"]["x"], 2);
}

TEST(DataCommand, MakesToysThatReadBack) {
  const TemporaryFolder folder;
  const std::string npy = folder / "m.npy", csv = folder / "m.csv";
  EXPECT_EQ(json_of("data make toy:moons:n=50 --seed 3 -o " + npy)["rows"], 50);
  json_of("data make toy:moons:n=50,seed=3 -o " + csv);
  const Matrix<float> rows = io::to_matrix<float>(io::read_npy(npy).array, npy);
  const io::Table table = io::read_csv(csv);
  ASSERT_EQ(rows.rows(), 50u);
  EXPECT_EQ(table.columns, (std::vector<std::string>{"x1", "x2"}));
  for (std::size_t i = 0; i < rows.size(); ++i)
    EXPECT_EQ(rows.data()[i], static_cast<float>(table.values.data()[i]));
}

TEST(DataCommand, ReplacesAnOutputOnlyByForce) {
  const TemporaryFolder folder;
  const std::string out = folder / "m.npy", make = "data make toy:moons:n=5 --quiet -o " + out;
  EXPECT_EQ(run_program(make).status, 0);
  expect_refused(make, {"m.npy", "exists", "--force"});
  EXPECT_EQ(run_program(make + " --force").status, 0);
}

TEST(DataCommand, DrawsAPicture) {
  const TemporaryFolder folder;
  EXPECT_EQ(run_program("data show toy:rings:n=1000 --quiet -o " + (folder / "r.png")).status, 0);
  EXPECT_GT(io::read_png(folder / "r.png").width, 500u);
  std::filesystem::create_directory(folder / "images");
  for (const char* name : {"images/a.png", "images/b.png", "images/c.png"})
    io::write_png(folder / name, io::Image(28, 56, 3, 77));
  EXPECT_EQ(run_program("data show " + (folder / "images") + " --quiet -o " + (folder / "g.png")).status, 0);
  const io::Image grid =
      io::read_png(folder / "g.png");  // 2 × 2, enlarged twice, a separator of one source pixel
  EXPECT_EQ(grid.height, 2u * (28 * 2 + 3));
  EXPECT_EQ(grid.width, 2u * (56 * 2 + 3));
  EXPECT_EQ(grid.at(0, 0, 0), 128);
  EXPECT_EQ(grid.at(2, 2, 0), 77);
  EXPECT_EQ(grid.at(grid.height - 5, grid.width - 5, 2), 128) << "the fourth place is empty";
}

TEST(DataCommand, RefusesBadFilesInOneLineAndWritesNothing) {
  const TemporaryFolder folder;
  const std::string out = " -o " + (folder / "out.npy");
  const auto write = [&](const char* name, const io::Bytes& bytes) {
    io::write_file(folder / name, io::text_of(bytes));
    return "data make " + (folder / name) + out;
  };
  expect_refused(write("huge.npy", io::npy_bytes("<f8", false, "(1152921504606846976,)", io::Bytes(8))),
                 {"huge.npy", "(1152921504606846976,)"});
  expect_refused(write("cut-idx3-ubyte", io::idx_bytes(8, {100, 28, 28}, io::Bytes(40000))),
                 {"cut-idx3-ubyte", "40000", "78400"});
  io::write_file(folder / "t.csv", "1,2\n1,2\n1,2\n1,2\n1,2\n1,2\n1,NaN\n");
  expect_refused("data make " + (folder / "t.csv") + out, {"t.csv", "row 7", "'NaN'", "a finite number"});
  expect_refused("data make " + (folder / "absent.npy") + out, {"absent.npy"});
  EXPECT_FALSE(std::filesystem::exists(folder / "out.npy"));
}

TEST(DataCommand, NamesTheNearestWord) {
  expect_refused("data shwo mnist", {"'shwo'", "did you mean 'show'"});
  expect_refused("data show toy:moons --lables x", {"did you mean '--labels'"});
  expect_refused("data fetch mnits", {"did you mean 'mnist'"});
  expect_refused("data make toy:moons -o x.txt", {"x.txt", ".npy"});
  const TemporaryFolder folder;
  expect_refused("data show toy:gaussian:d=3,n=4 -o " + (folder / "x.png"), {"points in the plane"});
}

TEST(DataCommand, SaysWhatToDoAboutAMissingSet) {
  const TemporaryFolder folder;
  const io::ScopedVariable cache("PUSHFORWARD_DATA", folder / "cache");
  expect_refused("data show mnist", {"pushforward data fetch mnist"});
  const Json list = json_of("data list");
  EXPECT_EQ(list["sets"][0]["name"], "mnist");
  EXPECT_EQ(list["sets"][0]["present"], false);
}

TEST(DataCommand, ExplainsItself) {
  for (const char* words : {"data", "data --help", "data show --help", "data list --help"}) {
    const Ran ran = run_program(words);
    EXPECT_EQ(ran.status, 0) << words;
    EXPECT_NE(ran.out.find("pushforward data"), std::string::npos) << ran.out;
  }
}

}  // namespace
}  // namespace pushforward::testing

// SPDX-License-Identifier: Apache-2.0
// Pictures keep their names: what commands write of them is called as they were.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "io/atomic_file.hpp"
#include "io/jpeg.hpp"
#include "io/png.hpp"
#include "support/program.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward::testing {
namespace {

using io::TemporaryFolder;

std::string text_at(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Six gray pictures in two class folders, two of them called alike but for the ending, and a run on them.
class PictureNames : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"cat", "dog"})
      std::filesystem::create_directories(folder_ / ("in/" + std::string(name)));
    std::uint8_t light = 10;
    for (const char* name : {"cat/a.png", "cat/b, c.png", "dog/a.png", "dog/d.png", "dog/e.png"})
      io::write_png(folder_ / ("in/" + std::string(name)), shaded(light += 30));
    io::write_file(folder_ / "in/dog/d.jpg", io::text_of(io::encode_jpeg(shaded(200), 95)));
    works("train pca " + (folder_ / "in") + " -o " + (folder_ / "run") + " --latent 2");
  }
  static io::Image shaded(std::uint8_t light) {
    io::Image image(3, 3, 1, light);
    image.at(1, 1) = static_cast<std::uint8_t>(255 - light);
    return image;
  }
  void works(const std::string& command) {
    const Ran ran = run_program(command);
    EXPECT_EQ(ran.status, 0) << command << "\n" << ran.err;
  }
  std::string use(const std::string& command, const std::string& more) {
    return command + " " + (folder_ / "run") + " " + (folder_ / "in") + " " + more;
  }
  const TemporaryFolder folder_{};
};

TEST_F(PictureNames, OfFilesOfAFolder) {
  const std::string command = use("reconstruct", "-o " + (folder_ / "out/"));
  works(command);
  for (const char* name :
       {"cat/a.png", "cat/b, c.png", "dog/a.png", "dog/d.png.png", "dog/d.jpg.png", "dog/e.png"})
    EXPECT_TRUE(std::filesystem::exists(folder_ / ("out/" + std::string(name)))) << name;
  EXPECT_EQ(run_program(command).status, 2) << "it exists";
  works(command + " --force");
  const Ran own = run_program(use("reconstruct", "--force -o " + (folder_ / "in/")));
  EXPECT_EQ(own.status, 2);
  EXPECT_NE(own.err.find("the pictures come from"), std::string::npos) << own.err;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "in/dog/d.jpg"));
  io::write_file(folder_ / "out/notes.png", "mine");
  EXPECT_EQ(run_program(command + " --force").status, 2) << "a file that no command wrote";
}

TEST_F(PictureNames, OfRowsOfATable) {
  works(use("encode", "-o " + (folder_ / "codes.csv")));
  EXPECT_EQ(text_at(folder_ / "codes.csv").substr(0, 21), "file,z0,z1\ncat/a.png,");
  works(use("evaluate", "--scores " + (folder_ / "scores.csv")));
  const std::string scores = text_at(folder_ / "scores.csv");
  EXPECT_EQ(scores.substr(0, 17), "file,score,label\n");
  EXPECT_NE(scores.find("\"cat/b, c.png\","), std::string::npos) << scores;
}

}  // namespace
}  // namespace pushforward::testing

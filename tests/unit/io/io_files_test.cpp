// SPDX-License-Identifier: Apache-2.0
// Pictures and files on disk: PNG round trips, atomic replacement under failures, lines that survive a kill.
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "io/atomic_file.hpp"
#include "io/json_lines.hpp"
#include "io/png.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward::io {
namespace {

// --- PNG
// ---------------------------------------------------------------------------------------------------------

Image gradient(std::size_t height, std::size_t width, std::size_t channels) {
  Image image(height, width, channels);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(i * 7);
  return image;
}

TEST(Png, RoundTripIsExactInGreyAndColour) {
  const TemporaryFolder folder;
  for (std::size_t channels : {1u, 3u}) {
    const Image image = gradient(5, 9, channels);
    write_png(folder / "a.png", image);
    const Image read = read_png(folder / "a.png");
    EXPECT_EQ(read.height, 5u);
    EXPECT_EQ(read.width, 9u);
    EXPECT_EQ(read.channels, channels);
    EXPECT_EQ(read.pixels, image.pixels);
  }
}

TEST(Png, GreyIsRec601Luma) {
  Image image(1, 3, 3);
  image.at(0, 0, 0) = image.at(0, 1, 1) = image.at(0, 2, 2) = 255;
  // 0.299·255 = 76.245, 0.587·255 = 149.685, 0.114·255 = 29.07
  EXPECT_EQ(to_grey(image).pixels, (Bytes{76, 150, 29}));
}

TEST(Png, RefusesTruncatedAndHostileFiles) {
  const Bytes good = encode_png(gradient(20, 20, 3));
  for (std::size_t length = 0; length < good.size() - 12; ++length)
    EXPECT_THROW(parse_png(ByteSpan(good).first(length), "a.png"), RequestError) << length;
  Bytes huge = good;
  huge[16] = huge[20] = 0x7F;  // claims two thousand million pixels each way
  EXPECT_COMPLAINT(parse_png(huge, "a.png"), {"a.png", "a claim of"});
  Bytes flipped = good;
  flipped[good.size() / 2] ^= 1;
  EXPECT_THROW(parse_png(flipped, "a.png"), RequestError);
  EXPECT_COMPLAINT(parse_png(bytes_of("GIF89a something"), "a.png"), {"GIF89a", "a PNG file"});
}

// --- files
// -------------------------------------------------------------------------------------------------------

TEST(AtomicFile, UncommittedLeavesTheOldFileAndNothingElse) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  {
    AtomicFile file(folder / "a");
    file.write(std::string_view("new"));
  }
  EXPECT_EQ(text_of(read_file(folder / "a")), "old");
  EXPECT_EQ(folder.names(), std::set<std::string>{"a"});
  write_file(folder / "a", "new");
  EXPECT_EQ(text_of(read_file(folder / "a")), "new");
  EXPECT_EQ(folder.names(), std::set<std::string>{"a"});
}

TEST(AtomicFile, AFullDiskIsAWorkErrorAndTheOldFileStays) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  const FileSizeLimit full(100'000);
  EXPECT_THROW(write_file(folder / "a", std::string(200'000, 'x')), WorkError);
  EXPECT_THROW(
      {
        AtomicFile file(folder / "a");  // fails only when the buffer is flushed
        for (int i = 0; i < 2000; ++i) file.write(std::string(100, 'x'));
        file.commit();
      },
      WorkError);
  EXPECT_EQ(text_of(read_file(folder / "a")), "old");
  EXPECT_EQ(folder.names(), std::set<std::string>{"a"});
}

TEST(AtomicFile, WritesDevicesAsTheyAre) {
  EXPECT_NO_THROW(write_file("/dev/null", "x"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
  EXPECT_THROW(write_file("/dev/full", "x"), WorkError);
}

TEST(AtomicFile, ALinkStaysAndItsFileIsReplaced) {
  const TemporaryFolder folder;
  write_file(folder / "real", "old");
  std::filesystem::create_symlink("real", folder / "link");
  write_file(folder / "link", "new");
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(text_of(read_file(folder / "real")), "new");
}

TEST(AtomicFile, AMissingFolderIsTheUsersFault) {
  EXPECT_COMPLAINT(write_file("/nonexistent/a", "x"), {"/nonexistent/a", "does not exist"});
  const TemporaryFolder folder;
  EXPECT_COMPLAINT(write_file(folder / "", "x"), {"a folder"});
}

TEST(AtomicFolder, AppearsWholeOrNotAtAll) {
  const TemporaryFolder folder;
  {
    const AtomicFolder draft(folder / "run");
    write_file(draft.path() + "/a", "x");
  }
  EXPECT_TRUE(folder.names().empty());
  AtomicFolder draft(folder / "run/");
  write_file(draft.path() + "/a", "x");
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
  draft.commit();
  EXPECT_EQ(text_of(read_file(folder / "run/a")), "x");
  EXPECT_EQ(folder.names(), std::set<std::string>{"run"});
  EXPECT_THROW(AtomicFolder(folder / "run"), RequestError);
}

TEST(LineFile, CutsBackToAStepAndDropsATornLine) {
  const TemporaryFolder folder;
  const std::string path = folder / "metrics.jsonl";
  {
    LineFile file(path);
    for (const char* line : {"1", "2", "3"}) file.append(line);
  }
  { LineFile(path).append("4"); }
  std::filesystem::resize_file(path, 7);  // "4" lost its newline
  keep_lines(path, [](std::string_view line) { return line < "3"; });
  EXPECT_EQ(text_of(read_file(path)), "1\n2\n");
  LineFile(path).append("3");
  EXPECT_EQ(text_of(read_file(path)), "1\n2\n3\n");
  EXPECT_NO_THROW(keep_lines(folder / "absent", [](std::string_view) { return true; }));
}

TEST(ReadFile, NamesWhatIsWrong) {
  const TemporaryFolder folder;
  EXPECT_COMPLAINT(read_file(folder / "absent"), {"absent", "No such file"});
  EXPECT_COMPLAINT(read_file(folder / ""), {"a folder"});
  EXPECT_FALSE(read_file("/proc/self/status").empty());
}

}  // namespace
}  // namespace pushforward::io

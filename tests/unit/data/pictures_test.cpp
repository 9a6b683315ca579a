// SPDX-License-Identifier: Apache-2.0
// Folders of pictures as people have them.
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "data/pictures.hpp"
#include "io/atomic_file.hpp"
#include "io/jpeg.hpp"
#include "io/npy.hpp"
#include "io/npz.hpp"
#include "io/png.hpp"
#include "io/safetensors.hpp"
#include "io/webp.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward {
namespace {

using io::Image;

class Pictures : public ::testing::Test {
 protected:
  void save(const std::string& name, const io::Bytes& bytes) {
    std::filesystem::create_directories(std::filesystem::path(folder_ / name).parent_path());
    io::write_file(folder_ / name, io::text_of(bytes));
  }
  void png(const std::string& name, const Image& image = Image(4, 4, 3, 9)) {
    save(name, io::encode_png(image));
  }
  NamedRows load(const std::string& suffix = "", const PictureOptions& pictures = {},
                 LoadOptions options = {}) {
    return load_named_rows((folder_ / "") + suffix, options, pictures);
  }
  // The remarks in one text.
  static std::string said(const NamedRows& loaded) {
    std::string text;
    for (const std::string& remark : loaded.data.remarks) text += remark + "\n";
    return text;
  }
  const io::TemporaryFolder folder_{};
};

TEST_F(Pictures, OfEveryFormatInOneFolder) {
  png("a.PNG");
  save("b.jpeg", io::encode_jpeg(Image(4, 4, 3, 9), 90));
  save("c.webp", io::encode_webp(Image(4, 4, 3, 9)));
  png("deep/er/d.png");
  save("._a.png", io::Bytes{'j', 'u', 'n', 'k'});
  save(".DS_Store", {});
  save("e.gif", {});
  save("f.gif", {});
  save("notes.txt", {});
  const NamedRows loaded = load();
  EXPECT_EQ(loaded.names, (std::vector<std::string>{"a.PNG", "b.jpeg", "c.webp", "deep/er/d.png"}));
  EXPECT_EQ(loaded.data.shape, (RowShape{4, 4, 3, true}));
  const Matrix<double> values = loaded.data.doubles();
  for (double value : values.span()) EXPECT_NEAR(value, 9 / 255.0, 2 / 255.0);
  EXPECT_NE(said(loaded).find("2 .gif, 1 .txt"), std::string::npos) << said(loaded);
  EXPECT_EQ(said(loaded).find("DS_Store"), std::string::npos);
  EXPECT_EQ(load("@1:3").names, (std::vector<std::string>{"b.jpeg", "c.webp"}));
}

TEST_F(Pictures, ClassFoldersAreLabelsHoweverDeep) {
  for (const char* name : {"all/cat/x/1.png", "all/cat/y/2.png", "all/dog/3.png"}) png(name);
  const NamedRows loaded = load();
  EXPECT_EQ(loaded.data.label_names, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(loaded.data.labels, (std::vector<std::int32_t>{0, 0, 1}));
  EXPECT_EQ(load("[dog]").names, (std::vector<std::string>{"all/dog/3.png"}));
}

TEST_F(Pictures, OfTrainAndTestOneIsRead) {
  for (const char* name : {"train/cat/1.png", "train/dog/2.png", "test/cat/3.png"}) png(name);
  const NamedRows loaded = load();
  EXPECT_EQ(loaded.data.rows(), 2u);
  EXPECT_EQ(loaded.data.label_names, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_NE(said(loaded).find("train/ is read"), std::string::npos) << said(loaded);
  EXPECT_NE(said(loaded).find("/test names the 1 of test/"), std::string::npos) << said(loaded);
  std::filesystem::remove_all(folder_ / "train");
  png("val/cat/4.png");
  EXPECT_COMPLAINT(load(), {"test, val", "one of them"});
  png("birds/5.png");
  EXPECT_EQ(load().data.label_names, (std::vector<std::string>{"birds", "test", "val"}))
      << "these are classes";
}

TEST_F(Pictures, BrokenFilesAreNamedAtOnceOrSkipped) {
  for (const char* name : {"a.png", "c.png", "e.png"}) png(name);
  io::Bytes cut = io::encode_png(Image(4, 4, 3, 9));
  cut.resize(cut.size() - 20);
  save("b.png", cut);
  save("d.jpg", io::Bytes{'w', 'o', 'r', 'd', 's'});
  EXPECT_COMPLAINT(load(), {"2 broken of 5", "b.png", "d.jpg", "--skip-broken"});
  const NamedRows loaded = load("", {.fit = "crop", .skip_broken = true});
  EXPECT_EQ(loaded.names, (std::vector<std::string>{"a.png", "c.png", "e.png"}));
  EXPECT_EQ(loaded.data.rows(), 3u);
  EXPECT_NE(said(loaded).find("skipped 2 broken"), std::string::npos) << said(loaded);
  for (const char* name : {"a.png", "c.png", "e.png"}) std::filesystem::remove(folder_ / name);
  EXPECT_COMPLAINT(load("", {.fit = "crop", .skip_broken = true}), {"2 broken of 2"});
}

TEST_F(Pictures, SixteenBitsAreKeptBesideEight) {
  png("a.png", Image(1, 1, 1, 100));
  // 1 × 1 of 0x8001: header, a stored block of deflate in zlib's frame, sums.
  io::Bytes deep = {0x89, 'P', 'N', 'G', 13, 10, 0x1A, 10};
  const auto add = [&deep](std::string body) {
    const std::uint32_t size = static_cast<std::uint32_t>(body.size()) - 4,
                        sum = io::crc_32(io::bytes_of(body));
    for (int shift : {24, 16, 8, 0}) deep.push_back(static_cast<std::uint8_t>(size >> shift));
    deep.insert(deep.end(), body.begin(), body.end());
    for (int shift : {24, 16, 8, 0}) deep.push_back(static_cast<std::uint8_t>(sum >> shift));
  };
  using namespace std::string_literals;
  add("IHDR\0\0\0\1\0\0\0\1\x10\0\0\0\0"s);
  // Adler-32 of 00 80 01: a = 1 + 0x81 = 0x82, b = 1 + 0x81 + 0x82 = 0x104.
  add("IDAT\x78\x01\1\3\0\xFC\xFF\0\x80\1\1\x04\0\x82"s);
  add("IEND"s);
  save("b.png", deep);
  const NamedRows loaded = load();
  EXPECT_EQ(loaded.data.doubles()(0, 0), 100 * 257 * (1.0 / 65535));
  EXPECT_EQ(loaded.data.doubles()(1, 0), 0x8001 * (1.0 / 65535));
  EXPECT_NE(said(loaded).find("1 of 2 pictures have 16 bits"), std::string::npos) << said(loaded);
}

TEST_F(Pictures, FitCropsPadsOrStretches) {
  Image image(2, 6, 1);  // dark, then light in the middle third
  for (std::size_t y = 0; y < 2; ++y) image.at(y, 2) = image.at(y, 3) = 240;
  png("a.png", image);
  LoadOptions options;
  options.resize = "2x2";
  const auto row = [&](const char* fit) {
    const Matrix<double> values = load("", {.fit = fit, .skip_broken = false}, options).data.doubles();
    std::vector<long> out;
    for (double v : values.span()) out.push_back(std::lround(v * 255));
    return out;
  };
  EXPECT_EQ(row("crop"), (std::vector<long>{240, 240, 240, 240})) << "the middle as it is";
  // Three source pixels a target pixel, triangles that reach three: 240·(weight of pixels 2 and 3).
  const std::vector<long> stretched = row("stretch");
  EXPECT_GT(stretched[0], 0);
  EXPECT_LT(stretched[0], 240);
  options.resize = "6x6";
  const std::vector<long> padded = row("pad");
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(padded[i], 0) << "above is black";
  EXPECT_EQ(padded[2 * 6 + 2], 240);
  EXPECT_COMPLAINT(row("squeeze"), {"--fit", "squeeze", "crop"});
}

TEST_F(Pictures, MixedSizesSuggestOne) {
  png("a.png", Image(50, 70, 3, 1));
  png("b.png", Image(90, 40, 3, 1));
  png("c.png", Image(90, 50, 3, 1));
  EXPECT_COMPLAINT(load(), {"b.png", "90x40", "50x70 as in", "--resize 48x48"});
}

TEST_F(Pictures, OnePictureIsOneRow) {
  png("brack[1]/a@0:1.png");
  const NamedRows loaded = load("brack[1]/a@0:1.png");
  EXPECT_EQ(loaded.data.rows(), 1u);
  EXPECT_EQ(loaded.names, (std::vector<std::string>{"a@0:1.png"}));
  EXPECT_EQ(load("brack[1]").data.rows(), 1u) << "an existing path wins over a label";
  EXPECT_EQ(load("brack[1]@0:1").data.rows(), 1u);
}

TEST_F(Pictures, ALinkToAFolderAboveEnds) {
  png("sub/a.png");
  std::filesystem::create_directory_symlink(folder_ / "", folder_ / "sub/up");
  EXPECT_EQ(load().data.rows(), 1u);
}

TEST(Arrays, ChannelsFirstArePutLast) {
  const io::TemporaryFolder folder;
  std::vector<float> values(2 * 3 * 4 * 5);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 1000;
  io::write_npy(folder / "x.npy", io::ArrayView(std::span<const float>(values), {2, 3, 4, 5}));
  const Dataset data = load_data(folder / "x.npy");
  EXPECT_EQ(data.shape, (RowShape{4, 5, 3, true}));
  const Tensor rows = data.floats(0, 2);
  for (std::size_t c = 0; c < 3; ++c)  // row 1, pixel (2, 3)
    EXPECT_EQ(rows(1, (2 * 5 + 3) * 3 + c), values[((3 + c) * 4 + 2) * 5 + 3]);
  io::write_npy(folder / "y.npy", io::ArrayView(std::span<const float>(values), {1, 4, 10, 3}));
  EXPECT_EQ(load_data(folder / "y.npy").shape, (RowShape{4, 10, 3, true})) << "channels are last already";
}

TEST(Arrays, FloatsOnTheScaleOfBytesAreDivided) {
  const io::TemporaryFolder folder;
  const std::vector<float> bytes = {0, 10, 250.5f, 255}, others = {0, 10, 250, 256};
  io::write_npy(folder / "x.npy", io::ArrayView(std::span<const float>(bytes), {1, 2, 2}));
  io::write_npy(folder / "y.npy", io::ArrayView(std::span<const float>(others), {1, 2, 2}));
  EXPECT_EQ(load_data(folder / "x.npy").doubles()(0, 3), 255 * (1.0 / 255));
  EXPECT_EQ(load_named_rows(folder / "x.npy", {}).data.remarks.size(), 1u);
  EXPECT_EQ(load_data(folder / "y.npy").doubles()(0, 3), 256);
}

TEST(Arrays, OfAnArchiveXIsRowsAndYLabels) {
  const io::TemporaryFolder folder;
  const std::vector<float> x = {1, 2, 3, 4}, weights = {5, 6};
  const std::vector<std::int64_t> y = {7, 9};
  const io::NamedArrays arrays = {{"w", io::ArrayView(weights)},
                                  {"X", io::ArrayView(std::span<const float>(x), {2, 2})},
                                  {"y", io::ArrayView(y)}};
  io::write_npz(folder / "a.npz", arrays);
  io::write_safetensors(folder / "a.safetensors", arrays);
  for (const char* name : {"a.npz", "a.safetensors"}) {
    const Dataset data = load_data(folder / name);
    EXPECT_EQ(data.cols(), 2u) << name;
    EXPECT_EQ(data.doubles()(1, 1), 4) << name;
    EXPECT_EQ(data.labels, (std::vector<std::int32_t>{7, 9})) << name;
    EXPECT_EQ(load_data((folder / name) + ":w").cols(), 1u);
    EXPECT_COMPLAINT(load_data((folder / name) + ":v"), {name, "'v'"});
    LoadOptions options;
    options.labels_file = (folder / name) + ":y";
    EXPECT_EQ(load_data((folder / name) + ":w", options).labels, (std::vector<std::int32_t>{7, 9}));
  }
}

TEST(Arrays, OfOtherProgramsAreExplained) {
  const io::TemporaryFolder folder;
  io::write_file(folder / "x.pt", "PK\x03\x04 archive/data.pkl");
  io::write_file(folder / "x.mat", "MATLAB 5.0 MAT-file, Platform: GLNXA64" + std::string(100, ' '));
  io::write_file(folder / "x.h5", "\x89HDF\r\n\x1a\n" + std::string(100, ' '));
  EXPECT_COMPLAINT(load_data(folder / "x.pt"), {"pickle", "numpy.save"});
  EXPECT_COMPLAINT(load_data(folder / "x.mat"), {"MATLAB", "savez"});
  EXPECT_COMPLAINT(load_data(folder / "x.h5"), {"HDF5", "h5py"});
}

}  // namespace
}  // namespace pushforward

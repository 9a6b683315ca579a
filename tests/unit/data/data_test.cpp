// SPDX-License-Identifier: Apache-2.0
// DATA arguments: their grammar, every kind of source, and what is refused.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include <gtest/gtest.h>

#include "data/named.hpp"
#include "data/parts.hpp"
#include "io/atomic_file.hpp"
#include "io/npy.hpp"
#include "io/npz.hpp"
#include "io/png.hpp"
#include "pushforward/threads.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward {
namespace {

using io::Bytes;
using io::TemporaryFolder;

void write_bytes(const std::string& path, const Bytes& bytes) { io::write_file(path, io::text_of(bytes)); }

std::vector<double> all(const Dataset& data) {
  const Matrix<double> values = data.doubles();
  return {values.data(), values.data() + values.size()};
}

// --- grammar
// -----------------------------------------------------------------------------------------------------

TEST(DataArgument, SplitsSuffixesFromTheRight) {
  const data::Argument argument = data::parse_argument("a@b[1].npy[3,8]@0:100[3]@:7");
  EXPECT_EQ(argument.source, "a@b[1].npy");
  ASSERT_EQ(argument.suffixes.size(), 4u);
  EXPECT_EQ(std::get<data::OnlyLabels>(argument.suffixes[0]).labels, (std::vector<std::string>{"3", "8"}));
  EXPECT_EQ(std::get<data::OnlyRows>(argument.suffixes[1]).begin, 0u);
  EXPECT_EQ(std::get<data::OnlyRows>(argument.suffixes[1]).end, 100u);
  EXPECT_FALSE(std::get<data::OnlyRows>(argument.suffixes[3]).begin.has_value());
  EXPECT_EQ(data::parse_argument("x@1").source, "x@1");
  EXPECT_EQ(data::parse_argument("x@a:b").source, "x@a:b");
  EXPECT_COMPLAINT(data::parse_argument("@1:2"), {"DATA"});
  EXPECT_COMPLAINT(data::parse_argument(""), {"DATA"});
}

TEST(DataArgument, SuffixesApplyLeftToRight) {
  const TemporaryFolder folder;
  write_bytes(folder / "a.npy", io::npy_bytes("|u1", false, "(6, 1)", {10, 11, 12, 13, 14, 15}));
  io::write_file(folder / "labels.txt", "1\n2\n1\n2\n1\n2\n");
  LoadOptions options;
  options.labels_file = folder / "labels.txt";
  const std::string path = folder / "a.npy";
  EXPECT_EQ(all(load_data(path + "[2]@1:3", options)), (std::vector<double>{13, 15}));
  EXPECT_EQ(all(load_data(path + "@1:3[2]", options)), (std::vector<double>{11}));
  EXPECT_EQ(load_data(path + "[2]@1:3", options).labels, (std::vector<std::int32_t>{2, 2}));
  EXPECT_EQ(load_data(path + "@3:", options).rows(), 3u);
  EXPECT_EQ(load_data(path + "[1,2]", options).rows(), 6u);
  EXPECT_COMPLAINT(load_data(path + "@3:7", options), {"rows 3 to 7", "at most 6"});
  EXPECT_COMPLAINT(load_data(path + "@3:3", options), {"rows 3 to 3"});
  EXPECT_COMPLAINT(load_data(path + "[3]", options), {"the label '3'", "one of 1, 2"});
  EXPECT_COMPLAINT(load_data(path + "[1]"), {"data without labels", "--labels FILE"});
}

TEST(DataArgument, NamesTheNearestWord) {
  EXPECT_COMPLAINT(load_data("mnits"), {"'mnits'", "did you mean 'mnist'"});
  EXPECT_COMPLAINT(load_data("toy:moon"), {"did you mean 'moons'"});
  EXPECT_COMPLAINT(load_data("toy:moons:nosie=1"), {"did you mean 'noise'"});
  EXPECT_COMPLAINT(load_data("mnist:tset"), {"did you mean 'test'"});
  EXPECT_COMPLAINT(load_data("faces:test"), {"faces"});
  EXPECT_COMPLAINT(load_data("absent.npy"), {"absent.npy", "No such file"});
  EXPECT_COMPLAINT(load_data(std::string(5000, 'x')), {"DATA", "that exists"});
  EXPECT_COMPLAINT(load_data("absent-images-idx3-ubyte"), {"No such file"});
  EXPECT_COMPLAINT(load_data("toy:moons:n=0"), {"moons:n", "from 1"});
  EXPECT_COMPLAINT(load_data("toy:moons:n=99999999999"), {"moons:n", "4294967295"});
  EXPECT_COMPLAINT(load_data("toy:gaussian:n=4000000000,d=9000000000000000000"), {"gaussian:d", "1000000"});
  EXPECT_THROW(load_data("toy:gaussian:n=4000000000,d=1000000"), WorkError) << "32 PB";
  EXPECT_COMPLAINT(load_data("toy:moons:noise=-1"), {"noise"});
}

TEST(DataArgument, RefusesOptionsThatWouldDoNothing) {
  LoadOptions options;
  options.label_column = "x";
  EXPECT_COMPLAINT(load_data("toy:moons:n=3", options), {"--label-column"});
  options = {};
  options.grey = true;
  EXPECT_COMPLAINT(load_data("toy:moons:n=3", options), {"--grey"});
}

TEST(NamedData, SaysHowToFetchWhatIsMissing) {
  const TemporaryFolder folder;
  const io::ScopedVariable cache("PUSHFORWARD_DATA", folder / "");
  EXPECT_COMPLAINT(load_data("mnist"), {"mnist", "pushforward data fetch mnist"});
  EXPECT_FALSE(named_data()[0].present);
}

// --- arrays
// ------------------------------------------------------------------------------------------------------

TEST(ArrayData, AxesMeanRowsThenImages) {
  const TemporaryFolder folder;
  const auto load = [&](const std::string& shape, const std::string& type = "|u1") {
    write_bytes(folder / "a.npy", io::npy_bytes(type, false, shape, Bytes(24 * (type == "|u1" ? 1 : 4))));
    return load_data(folder / "a.npy");
  };
  EXPECT_EQ(load("(24,)").shape, (RowShape{1, 1, 1, false}));
  EXPECT_EQ(load("(4, 6)").shape, (RowShape{1, 6, 1, false}));
  EXPECT_EQ(load("(4, 2, 3)").shape, (RowShape{2, 3, 1, true}));
  EXPECT_EQ(load("(2, 2, 2, 3)").shape, (RowShape{2, 2, 3, true}));
  EXPECT_EQ(load("(4, 6)").scale, 1) << "2-D bytes are not scaled";
  EXPECT_EQ(load("(4, 2, 3)").scale, 1.0 / 255);
  EXPECT_EQ(load("(4, 2, 3)", "<f4").scale, 1);
  EXPECT_EQ(load("(2, 2, 2, 3)").shape.text(), "2x2x3");
  EXPECT_COMPLAINT(load("(2, 2, 2, 3, 1)"), {"5 axes"});
  EXPECT_COMPLAINT(load("(0, 24)"), {"bytes"});
  write_bytes(folder / "a.npy", io::npy_bytes("|u1", false, "(0, 24)", {}));
  EXPECT_COMPLAINT(load_data(folder / "a.npy"), {"(0, 24)", "at least one row"});
}

TEST(ArrayData, KeepsThePrecisionThatItCameIn) {
  const TemporaryFolder folder;
  const auto index_of = [&](const std::string& type, std::size_t size) {
    write_bytes(folder / "a.npy", io::npy_bytes(type, false, "(2,)", Bytes(2 * size)));
    return load_data(folder / "a.npy").rows_data.index();  // 0 bytes, 1 float32, 2 float64
  };
  EXPECT_EQ(index_of("|b1", 1), 0u);
  EXPECT_EQ(index_of("|u1", 1), 0u);
  EXPECT_EQ(index_of("|i1", 1), 1u);
  EXPECT_EQ(index_of(">u2", 2), 1u);
  EXPECT_EQ(index_of("<f2", 2), 1u);
  EXPECT_EQ(index_of("<f4", 4), 1u);
  EXPECT_EQ(index_of("<i4", 4), 2u);
  EXPECT_EQ(index_of("<u8", 8), 2u);
  EXPECT_EQ(index_of("<f8", 8), 2u);
}

TEST(ArrayData, RefusesNanByRowAndColumn) {
  const TemporaryFolder folder;
  const std::vector<double> values = {1, 2, 3, std::nan(""), 5, 6};
  io::write_npy(folder / "a.npy", io::ArrayView(std::span<const double>(values), {3, 2}));
  EXPECT_COMPLAINT(load_data(folder / "a.npy"), {"row 2, column 2", "NaN"});
}

TEST(ArrayData, FindsAnArrayInAnArchive) {
  const TemporaryFolder folder;
  const std::vector<float> a = {1, 2}, b = {3};
  io::write_npz(folder / "x.npz", {{"a", a}, {"b", b}});
  EXPECT_EQ(all(load_data((folder / "x.npz") + ":a")), (std::vector<double>{1, 2}));
  EXPECT_EQ(all(load_data((folder / "x.npz") + ":a@1:2")), (std::vector<double>{2}));
  EXPECT_COMPLAINT(load_data(folder / "x.npz"), {"2 arrays", "a, b"});
  EXPECT_COMPLAINT(load_data((folder / "x.npz") + ":c"), {"'c'", "a, b"});
}

TEST(ArrayData, TellsAFileWithoutAnEndingByItsContents) {
  const TemporaryFolder folder;
  write_bytes(folder / "x", io::npy_bytes("|u1", false, "(2,)", {4, 5}));
  EXPECT_EQ(all(load_data(folder / "x")), (std::vector<double>{4, 5}));
  io::write_file(folder / "y", "hello");
  EXPECT_COMPLAINT(load_data(folder / "y"), {"unknown kind"});
}

TEST(IdxData, FindsItsLabelsBesideIt) {
  const TemporaryFolder folder;
  write_bytes(folder / "t10k-images-idx3-ubyte", io::idx_bytes(8, {2, 1, 2}, {0, 51, 102, 255}));
  EXPECT_TRUE(load_data(folder / "t10k-images-idx3-ubyte").labels.empty());
  write_bytes(folder / "t10k-labels-idx1-ubyte.gz", io::gzipped(io::idx_bytes(8, {2}, {7, 2})));
  const Dataset data = load_data(folder / "t10k-images-idx3-ubyte");
  EXPECT_EQ(data.labels, (std::vector<std::int32_t>{7, 2}));
  EXPECT_EQ(data.shape, (RowShape{1, 2, 1, true}));
  EXPECT_EQ(all(data), (std::vector<double>{0, 51 / 255.0, 102 / 255.0, 1}));
  write_bytes(folder / "t10k-labels-idx1-ubyte", io::idx_bytes(8, {3}, {7, 2, 1}));
  EXPECT_COMPLAINT(load_data(folder / "t10k-images-idx3-ubyte"), {"3 labels", "2, one for each row"});
}

// --- tables
// ------------------------------------------------------------------------------------------------------

TEST(TableData, CarriesColumnsAndLabels) {
  const TemporaryFolder folder;
  io::write_file(folder / "f.tsv", "a\tkind\tb\n1\tx\t2\n3\tw\t4\n5\tx\t6\n");
  LoadOptions options;
  options.label_column = "kind";
  const Dataset data = load_data(folder / "f.tsv", options);
  EXPECT_TRUE(data.table);
  EXPECT_EQ(data.columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(data.label_names, (std::vector<std::string>{"w", "x"}));
  EXPECT_EQ(data.labels, (std::vector<std::int32_t>{1, 0, 1}));
  EXPECT_EQ(all(load_data((folder / "f.tsv") + "[x]", options)), (std::vector<double>{1, 2, 5, 6}));
  EXPECT_COMPLAINT(load_data(folder / "f.tsv"), {"row 1 (line 2), column 2 'kind'", "'x'", "--label-column"});
}

// --- folders
// -----------------------------------------------------------------------------------------------------

io::Image flat(std::size_t h, std::size_t w, std::size_t c, std::uint8_t value) {
  return io::Image(h, w, c, value);
}

TEST(FolderData, IsSortedByNameAndIgnoresOtherFiles) {
  const TemporaryFolder folder;
  io::write_png(folder / "b.png", flat(2, 3, 1, 20));
  io::write_png(folder / "a.PNG", flat(2, 3, 1, 10));
  io::write_file(folder / "notes.txt", "x");
  const Dataset data = load_data(folder / "");
  EXPECT_EQ(data.shape, (RowShape{2, 3, 1, true}));
  EXPECT_EQ(data.doubles()(0, 0), 10 / 255.0);
  EXPECT_EQ(data.doubles()(1, 5), 20 / 255.0);
}

TEST(FolderData, SubfoldersAreLabels) {
  const TemporaryFolder folder;
  for (const char* name : {"10", "9", "cat"}) std::filesystem::create_directory(folder / name);
  io::write_png(folder / "10/a.png", flat(1, 1, 3, 1));
  io::write_png(folder / "9/a.png", flat(1, 1, 3, 2));
  EXPECT_EQ(load_data(folder / "").labels, (std::vector<std::int32_t>{10, 9}));
  io::write_png(folder / "cat/a.png", flat(1, 1, 3, 3));
  const Dataset named = load_data(folder / "");
  EXPECT_EQ(named.label_names, (std::vector<std::string>{"10", "9", "cat"}));
  EXPECT_EQ(load_data((folder / "") + "[cat]").rows(), 1u);
  io::write_png(folder / "a.png", flat(1, 1, 3, 3));
  EXPECT_EQ(load_data(folder / "").rows(), 4u);
  EXPECT_TRUE(load_data(folder / "").labels.empty()) << "pictures lie beside the subfolders";
}

TEST(FolderData, RefusesAnImageOfAnotherSizeOrKind) {
  const TemporaryFolder folder;
  io::write_png(folder / "a.png", flat(4, 4, 3, 9));
  io::write_png(folder / "b.png", flat(4, 5, 3, 9));
  EXPECT_COMPLAINT(load_data(folder / ""), {"b.png", "4x5", "4x4 as in", "a.png", "--resize"});
  io::write_png(folder / "b.png", flat(4, 4, 1, 9));
  EXPECT_EQ(load_data(folder / "").shape.channels, 3u) << "gray beside color becomes color";
  LoadOptions options;
  options.grey = true;
  EXPECT_EQ(load_data(folder / "", options).shape.channels, 1u);
  io::write_file(folder / "b.png", "not a picture at all, just words");
  EXPECT_COMPLAINT(load_data(folder / ""),
                   {"b.png", "a picture that can be read", "1 broken of 2", "--skip-broken"});
}

TEST(FolderData, ResizesBilinearly) {
  const TemporaryFolder folder;
  io::Image image(1, 2, 1);
  image.at(0, 1) = 200;
  io::write_png(folder / "a.png", image);
  LoadOptions options;
  options.resize = "1x4";
  // Centres at 0.25, 0.75, 1.25, 1.75 of pixels centred at 0.5 and 1.5: clamped, ¼, ¾, clamped.
  const Dataset wide = load_data(folder / "", options);
  EXPECT_EQ(all(wide), (std::vector<double>{0, 50 / 255.0, 150 / 255.0, 200 / 255.0}));
  options.resize = "1x1";
  EXPECT_EQ(all(load_data(folder / "", options)), (std::vector<double>{100 / 255.0}));
  for (const char* bad : {"0x3", "3", "3x", "ax3", "3x4x5", "99999x1"}) {
    options.resize = bad;
    EXPECT_COMPLAINT(load_data(folder / "", options), {"--resize"});
  }
  const TemporaryFolder empty;
  EXPECT_COMPLAINT(load_data(empty / ""), {"no pictures", "JPEG"});
}

// --- reading out
// -------------------------------------------------------------------------------------------------

// Every type of rows, gathered in an odd order, against doubles().
TEST(Dataset, GatherIsDoublesRoundedOnce) {
  const std::size_t n = 37, d = 61;
  Dataset data;
  data.scale = 1.0 / 255;
  Matrix<std::uint8_t> bytes(n, d);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes.data()[i] = static_cast<std::uint8_t>(i * 31);
  Matrix<float> floats(n, d);
  Matrix<double> wide(n, d);
  for (std::size_t i = 0; i < floats.size(); ++i)
    wide.data()[i] = 1.0 / (3.0 + double(i)), floats.data()[i] = float(wide.data()[i]);
  std::vector<std::uint32_t> index(n);
  std::iota(index.begin(), index.end(), 0u);
  std::reverse(index.begin(), index.end());
  index.push_back(5);
  const auto check = [&](double tolerance) {
    Tensor out(index.size(), d);
    data.gather(index, out);
    const Matrix<double> all_rows = data.doubles();
    const Tensor sequential = data.floats(0, n);
    for (std::size_t i = 0; i < index.size(); ++i)
      for (std::size_t j = 0; j < d; ++j) {
        EXPECT_NEAR(out(i, j), all_rows(index[i], j), tolerance * std::abs(all_rows(index[i], j)));
        EXPECT_EQ(out(i, j), sequential(index[i], j));
      }
  };
  data.rows_data = bytes;
  check(0x1p-23);  // the scale and the product are rounded: two halves of a unit
  data.rows_data = floats;
  check(0x1p-23);
  data.rows_data = wide;
  check(0x1p-24);
  data.scale = 1;
  data.rows_data = floats;
  check(0);
}

TEST(Dataset, White255IsExactlyOne) {
  Dataset data;
  data.scale = 1.0 / 255;
  data.rows_data = Matrix<std::uint8_t>(1, 70);
  auto& bytes = std::get<Matrix<std::uint8_t>>(data.rows_data);
  std::fill_n(bytes.data(), 70, std::uint8_t{255});
  const Tensor out = data.floats(0, 1);
  for (std::size_t j = 0; j < 70; ++j) EXPECT_EQ(out(0, j), 1.0f);
  EXPECT_EQ(data.range(), std::pair(1.0, 1.0));
}

TEST(Dataset, GatherIsTheSameOnAnyNumberOfThreads) {
  const std::size_t n = 3000, d = 784;
  Dataset data;
  data.scale = 1.0 / 255;
  Matrix<std::uint8_t> bytes(n, d);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes.data()[i] = static_cast<std::uint8_t>(i * i >> 5);
  data.rows_data = std::move(bytes);
  std::vector<std::uint32_t> index(n);
  for (std::size_t i = 0; i < n; ++i) index[i] = static_cast<std::uint32_t>(i * 7919 % n);
  Tensor one(n, d), two(n, d);
  const int before = threads();
  set_threads(1);
  data.gather(index, one);
  set_threads(2);
  data.gather(index, two);
  set_threads(before);
  EXPECT_EQ(std::memcmp(one.data(), two.data(), one.size() * sizeof(float)), 0);
}

TEST(Dataset, GatherChecksItsIndices) {
  const Dataset data = load_data("toy:moons:n=3");
  Tensor out(1, 2), narrow(1, 1);
  const std::vector<std::uint32_t> outside = {3}, fine = {2};
  EXPECT_COMPLAINT(data.gather(outside, out), {"row 3", "below 3"});
  EXPECT_COMPLAINT(data.gather(fine, narrow), {"1 × 1", "1 × 2"});
  EXPECT_COMPLAINT(data.floats(2, 4), {"2 to 4"});
}

TEST(Dataset, PointsBorrowWhatNeedsNoScaling) {
  Matrix<double> storage;
  const Dataset wide = load_data("toy:moons:n=3");
  const Points borrowed = wide.points(storage);
  EXPECT_TRUE(storage.empty());
  EXPECT_EQ(borrowed.at(1, 1), wide.doubles()(1, 1));
  Dataset bytes;
  bytes.scale = 1.0 / 255;
  bytes.rows_data = Matrix<std::uint8_t>(1, 1);
  std::get<Matrix<std::uint8_t>>(bytes.rows_data)(0, 0) = 51;
  EXPECT_EQ(bytes.points(storage).at(0, 0), 51 * (1.0 / 255));
}

}  // namespace
}  // namespace pushforward

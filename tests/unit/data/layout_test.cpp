// SPDX-License-Identifier: Apache-2.0
// What the axes of an array mean: --layout, and what is guessed. Labels that come with arrays.
#include <numeric>

#include <gtest/gtest.h>

#include "data/archive.hpp"
#include "data/layout.hpp"
#include "data/parts.hpp"
#include "io/npy.hpp"
#include "io/npz.hpp"
#include "pushforward/error.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward {
namespace {

using Sizes = std::vector<std::size_t>;

// Number n·1000 + c·100 + h·10 + w, put where `letters` say.
std::vector<float> array_of(std::string_view letters, Sizes& axes) {
  const auto length = [](char letter) -> std::size_t {
    return letter == 'n' ? 5 : letter == 'c' ? 2 : letter == 'h' ? 3 : 4;
  };
  const auto unit = [](char letter) {
    return letter == 'n' ? 1000.0f : letter == 'c' ? 100.0f : letter == 'h' ? 10.0f : 1.0f;
  };
  std::vector<float> values = {0};
  axes.clear();
  for (const char letter : letters) {
    axes.push_back(length(letter));
    std::vector<float> more;
    for (const float value : values)
      for (std::size_t i = 0; i < axes.back(); ++i)
        more.push_back(value + unit(letter) * static_cast<float>(i));
    values = std::move(more);
  }
  return values;
}

Dataset loaded(std::string_view letters) {
  Sizes axes;
  const std::vector<float> values = array_of(letters, axes);
  return data::from_array(io::ArrayView(std::span<const float>(values), axes), "x.npy", letters);
}

TEST(Layout, EveryOrderOfAxesGivesTheSameRows) {
  std::string letters = "chnw";  // all 24 orders
  do {
    const Dataset data = loaded(letters);
    ASSERT_EQ(data.rows(), 5u) << letters;
    ASSERT_EQ(data.shape, (RowShape{3, 4, 2, true})) << letters;
    for (std::size_t i = 0; i < 5; ++i)
      for (std::size_t h = 0; h < 3; ++h)
        for (std::size_t w = 0; w < 4; ++w)
          for (std::size_t c = 0; c < 2; ++c)
            ASSERT_EQ(std::get<Matrix<float>>(data.rows_data)(i, (h * 4 + w) * 2 + c),
                      static_cast<float>(1000 * i + 100 * c + 10 * h + w))
                << letters;
  } while (std::next_permutation(letters.begin(), letters.end()));
}

TEST(Layout, FewerAxes) {
  EXPECT_EQ(loaded("hwc").rows(), 1u);
  EXPECT_EQ(loaded("wh").shape, (RowShape{3, 4, 1, true}));
  EXPECT_EQ(loaded("whn").rows(), 5u);
  const std::vector<float> numbers = {1, 2, 3, 4, 5, 6};
  const Dataset columns = data::from_array(io::ArrayView(std::span<const float>(numbers), {2, 3}), "x", "dn");
  EXPECT_EQ(columns.rows(), 3u);
  EXPECT_EQ(columns.shape, (RowShape{1, 2, 1, false}));
  EXPECT_EQ(columns.floats(2, 3)(0, 1), 6);
}

TEST(Layout, RefusesWhatDoesNotFit) {
  const std::vector<float> numbers(24);
  const io::ArrayView array(std::span<const float>(numbers), {2, 3, 4});
  for (const char* letters : {"nchw", "nh", "nhh", "nhx", "hd", "n", "ndc", "nh w", "NHW"})
    EXPECT_THROW(data::from_array(array, "x", letters), RequestError) << letters;
}

TEST(Layout, GuessesChannelsFirstAndSaysSo) {
  const std::vector<std::uint8_t> pixels(2 * 3 * 4 * 5);
  const auto shape_of = [&](Sizes axes) {
    return data::from_array(io::ArrayView(std::span<const std::uint8_t>(pixels), std::move(axes)), "x");
  };
  EXPECT_EQ(shape_of({2, 3, 4, 5}).shape, (RowShape{4, 5, 3, true}));
  EXPECT_EQ(shape_of({2, 3, 4, 5}).remarks.size(), 1u);
  EXPECT_EQ(shape_of({2, 4, 5, 3}).shape, (RowShape{4, 5, 3, true}));
  EXPECT_TRUE(shape_of({2, 4, 5, 3}).remarks.empty());
}

// '<U3' and '|S3' as NumPy writes them.
io::Bytes texts_npy(const std::vector<std::string>& texts, bool wide, const std::string& shape) {
  io::Bytes elements;
  for (const std::string& text : texts)
    for (std::size_t i = 0; i < 3; ++i) {
      elements.push_back(i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0);
      if (wide) elements.insert(elements.end(), 3, 0);
    }
  return io::npy_bytes(wide ? "<U3" : "|S3", false, shape, elements);
}

TEST(ArrayLabels, TextsAreRead) {
  for (const bool wide : {false, true}) {
    const auto texts = io::npy_texts(texts_npy({"a", "bcd", ""}, wide, "(3,)"), "y.npy");
    ASSERT_TRUE(texts);
    EXPECT_EQ(*texts, (std::vector<std::string>{"a", "bcd", ""}));
    EXPECT_THROW(io::npy_texts(texts_npy({"a"}, wide, "(3,)"), "y.npy"), RequestError) << "cut off";
  }
  EXPECT_FALSE(io::npy_texts(io::npy_bytes("<f4", false, "(1,)", io::Bytes(4)), "y.npy"));
}

TEST(ArrayLabels, WideCharactersBecomeUtf8) {
  io::Bytes snowman = {0x03, 0x26, 0, 0}, high = {0x00, 0xF6, 0x01, 0}, none = {0x00, 0xD8, 0, 0};
  const auto text = [](const io::Bytes& unit) {
    return io::npy_texts(io::npy_bytes("<U1", false, "(1,)", unit), "y.npy")->front();
  };
  EXPECT_EQ(text(snowman), "\xE2\x98\x83");
  EXPECT_EQ(text(high), "\xF0\x9F\x98\x80");
  EXPECT_THROW(text(none), RequestError) << "half a pair";
}

class ArchiveLabels : public ::testing::Test {
 protected:
  std::vector<std::int32_t> labels(std::vector<std::pair<std::string, io::ArrayView>> arrays,
                                   const std::string& key = "") {
    const io::TemporaryFolder folder;
    io::write_npz(folder / "a.npz", arrays);
    return data::load_archive(folder / "a.npz", key).labels;
  }
  const Matrix<double> rows_ = Matrix<double>(3, 2);
  const std::vector<double> whole_ = {2, 0, 1}, broken_ = {2, 0.5, 1};
  const std::vector<std::uint8_t> other_ = {7, 8, 9};
};

TEST_F(ArchiveLabels, WholeNumbersOfAnyType) {
  EXPECT_EQ(labels({{"X", rows_}, {"y", whole_}}), (std::vector<std::int32_t>{2, 0, 1}));
  EXPECT_EQ(labels({{"X", rows_}, {"y", other_}}), (std::vector<std::int32_t>{7, 8, 9}));
  EXPECT_TRUE(labels({{"X", rows_}, {"y", broken_}}).empty());
}

TEST_F(ArchiveLabels, OneOfManyIsALabel) {
  Matrix<double> one(3, 3);
  one(0, 2) = one(1, 0) = one(2, 1) = 1;
  EXPECT_EQ(labels({{"X", rows_}, {"y", one}}), (std::vector<std::int32_t>{2, 0, 1}));
  one(0, 0) = 1;
  EXPECT_TRUE(labels({{"X", rows_}, {"y", one}}).empty());
}

TEST_F(ArchiveLabels, BelongToTheRowsOfTheirName) {
  EXPECT_EQ(labels({{"x_train", rows_}, {"y_train", whole_}, {"y_test", other_}}, "x_train"),
            (std::vector<std::int32_t>{2, 0, 1}));
  EXPECT_EQ(labels({{"train_images", rows_}, {"train_labels", other_}, {"y", whole_}}, "train_images"),
            (std::vector<std::int32_t>{7, 8, 9}));
}

}  // namespace
}  // namespace pushforward

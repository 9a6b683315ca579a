// SPDX-License-Identifier: Apache-2.0
// Data from memory are what a file of the same array would be, and train to the same bytes.
#include <numeric>

#include <gtest/gtest.h>

#include "io/npy.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/rows.hpp"
#include "unit/models/run_files.hpp"

namespace pushforward {
namespace {

using namespace testing;

Matrix<double> cloud(std::size_t n, std::size_t d) {
  Matrix<double> points(n, d);
  fill_normal(points.span(), Draw{3}.on("in memory"), 1.0, 2.0);
  return points;
}

std::span<const double> values_of(const Matrix<double>& points) { return {points.data(), points.size()}; }

TEST(DataFrom, IsWhatAFileOfTheArrayIs) {
  const Folder folder;
  const Matrix<double> points = cloud(20, 3);
  io::write_npy(folder / "x.npy", points);
  const Dataset file = load_data(folder / "x.npy"), memory = data_from(values_of(points), {20, 3});
  EXPECT_EQ(memory.shape, file.shape);
  EXPECT_EQ(memory.rows_data.index(), file.rows_data.index());
  EXPECT_TRUE(std::ranges::equal(memory.doubles().span(), file.doubles().span()));
}

TEST(DataFrom, BytesOfImagesCountFromZeroToOneInEitherOrderOfAxes) {
  std::vector<std::uint8_t> last(2 * 4 * 5 * 3), first(last.size());
  std::iota(last.begin(), last.end(), std::uint8_t{0});
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t y = 0; y < 4; ++y)
      for (std::size_t x = 0; x < 5; ++x)
        for (std::size_t c = 0; c < 3; ++c)
          first[((i * 3 + c) * 4 + y) * 5 + x] = last[((i * 4 + y) * 5 + x) * 3 + c];
  const Dataset nhwc = data_from(std::span<const std::uint8_t>(last), {2, 4, 5, 3}),
                nchw = data_from(std::span<const std::uint8_t>(first), {2, 3, 4, 5});
  EXPECT_EQ(nhwc.shape.text(), "4x5x3");
  EXPECT_EQ(nchw.shape, nhwc.shape);
  EXPECT_TRUE(std::ranges::equal(nhwc.doubles().span(), nchw.doubles().span()));
  EXPECT_EQ(nhwc.doubles()(1, 59), 119 / 255.0);
}

TEST(DataFrom, RowsAndAFunctionTrainToTheBytesOfASpan) {
  const Matrix<double> points = cloud(30, 3);
  std::vector<float> floats(points.size());
  std::transform(points.data(), points.data() + points.size(), floats.begin(),
                 [](double v) { return static_cast<float>(v); });
  std::vector<std::vector<double>> rows;
  for (std::size_t i = 0; i < 30; ++i) rows.emplace_back(&floats[3 * i], &floats[3 * i] + 3);
  const std::vector<Dataset> all = {data_from(std::span<const float>(floats), {30, 3}), data_from(rows),
                                    data_from(30, {.width = 3}, [&](std::size_t i, std::span<float> out) {
                                      std::copy_n(&floats[3 * i], 3, out.begin());
                                    })};
  const Folder folder;
  for (std::size_t k = 0; k < all.size(); ++k) {
    const std::string path = folder / std::to_string(k);
    pushforward::Run run =
        make_run("ae", {{"latent", "2"}, {"hidden", "5"}, {"steps", "4"}, {"batch", "8"}, {"threads", "1"}},
                 all[k], path);
    train(run, all[k], nullptr);
    EXPECT_TRUE(file_bytes(path + "/model.safetensors") == file_bytes(folder / "0" + "/model.safetensors"))
        << k;
  }
}

TEST(DataFrom, RefusesWhatDoesNotFitByName) {
  const std::vector<double> six(6, 1.0), bad = {1, 2, 3, NAN};
  const auto says = [](const std::function<void()>& work, const std::string& piece) {
    const std::string message = message_of(work);
    EXPECT_NE(message.find(piece), std::string::npos) << message;
  };
  const std::span<const double> values(six);
  says([&] { data_from(values, {2, 4}); }, "got 6 values");
  says([&] { data_from(values, {}); }, "got 6 values");
  says([&] { data_from(values, {std::size_t{1} << 62, 6}); }, "rows");
  says(
      [&] {
        data_from(std::span<const double>(bad), {2, 2}, {.name = "mine"});
      },
      "mine: row 2, column 2: got NaN");
  says([&] { data_from({{1, 2}, {3}}); }, "row 2: got 1 values");
  says([&] { data_from(std::vector<std::vector<double>>{}); }, "0");
  says([&] { data_from(values, {2, 3}, {.labels = {1}}); }, "got 1 labels");
  says([&] { data_from(values, {2, 3}, {.columns = {"a"}}); }, "got 1 columns' names");
  says([&] { data_from(0, {.width = 2}, [](std::size_t, std::span<float>) {}); }, "got 0 rows");
}

}  // namespace
}  // namespace pushforward

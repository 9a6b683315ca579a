// SPDX-License-Identifier: Apache-2.0
// --init FILE.safetensors: names, layouts, and what is refused. That outputs equal PyTorch's is tried by
// bindings/python/tests/test_initial_weights.py.
#include <fstream>

#include <gtest/gtest.h>

#include "io/safetensors.hpp"
#include "train/weight_names.hpp"
#include "unit/train/small_run.hpp"

namespace pushforward {
namespace {

using namespace testing;

std::string written(const Folder& folder, const std::string& text) {
  std::ofstream(folder / "names.toml") << text;
  return folder / "names.toml";
}

// Numbers 0, 1, 2, … of each shape, arrays by name.
std::string counted_arrays(const Folder& folder,
                           const std::vector<std::pair<std::string, std::vector<std::size_t>>>& shapes) {
  std::vector<std::vector<float>> values;
  io::NamedArrays arrays;
  for (const auto& [name, shape] : shapes) {
    std::size_t count = 1;
    for (const std::size_t n : shape) count *= n;
    values.emplace_back(count);
    for (std::size_t i = 0; i < count; ++i) values.back()[i] = static_cast<float>(i);
  }
  for (std::size_t i = 0; i < shapes.size(); ++i)
    arrays.emplace_back(shapes[i].first, io::ArrayView(std::span<const float>(values[i]), shapes[i].second));
  io::write_safetensors(folder / "state.safetensors", arrays);
  return folder / "state.safetensors";
}

pushforward::Run begun(const Settings& more, const Dataset& data = small_data()) {
  return make_run("ae", with({{"hidden", "none"}, {"latent", "3"}, {"threads", "1"}}, more), data);
}

std::string refusal(const Settings& more, const Dataset& data = small_data()) {
  try {
    begun(more, data);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

TEST(InitialWeights, ARunsOwnFileGivesItsBits) {
  const Folder folder;
  const std::string first = finished_run(folder, "first");
  pushforward::Run from = open_run(first);
  pushforward::Run run =
      make_run("vae", with(kSmall, {{"init", first + "/model.safetensors"}}), small_data());
  EXPECT_TRUE(std::ranges::equal(run.arena.values().span(), from.arena.values().span()));
}

TEST(InitialWeights, WhatStaysAsDrawnLeavesItsArray) {
  const Folder folder;
  const std::string first = finished_run(folder, "first"), names = written(folder, "encoder = ''\n");
  const Settings settings = with(kSmall, {{"init", first + "/model.safetensors"}, {"names", names}});
  pushforward::Run run = make_run("vae", settings, small_data()), from = open_run(first);
  pushforward::Run drawn = make_run("vae", kSmall, small_data());
  EXPECT_EQ(value_of(run, "encoder.0.weight")(2, 3), value_of(drawn, "encoder.0.weight")(2, 3));
  EXPECT_EQ(value_of(run, "decoder.0.weight")(2, 1), value_of(from, "decoder.0.weight")(2, 1));
}

TEST(InitialWeights, StackedLeftAndByLayer) {
  const Folder folder;
  const std::string file =
      counted_arrays(folder, {{"a", {1, 10}}, {"b", {2, 10}}, {"down.bias", {3}}, {"more", {7}}});
  const std::string names = written(folder,
                                    "encoder.0 = 'down'\n'encoder.0.weight' = ['a', 'b']\ndecoder = ''\n"
                                    "leave = ['more']\n");
  pushforward::Run run = begun({{"init", file}, {"names", names}}), drawn = begun({});
  const auto weight = value_of(run, "encoder.0.weight");
  for (std::size_t j = 0; j < 10; ++j) {
    EXPECT_EQ(weight(0, j), static_cast<float>(j));
    EXPECT_EQ(weight(1, j), static_cast<float>(j));
    EXPECT_EQ(weight(2, j), static_cast<float>(10 + j));
  }
  EXPECT_EQ(value_of(run, "encoder.0.bias")(0, 2), 2.0f);
  EXPECT_EQ(value_of(run, "decoder.0.weight")(4, 1), value_of(drawn, "decoder.0.weight")(4, 1));
}

// y = W x with x in planes: the number of channel c at pixel p is column c·pixels + p there, p·channels + c
// here.
TEST(InitialWeights, PlanesBecomeChannelsLast) {
  const Folder folder;
  Dataset data = grey_data(83, 12);
  data.shape = {.height = 3, .width = 2, .channels = 2, .image = true};
  const std::string file = counted_arrays(
      folder, {{"down.weight", {3, 12}}, {"down.bias", {3}}, {"up.weight", {12, 3}}, {"up.bias", {12}}});
  const std::string names = written(folder,
                                    "encoder.0 = { array = 'down', inputs = '2x3x2' }\n"
                                    "decoder.0 = { array = 'up', outputs = '2x3x2' }\n");
  pushforward::Run run = begun({{"init", file}, {"names", names}}, data);
  for (std::size_t p = 0; p < 6; ++p)
    for (std::size_t c = 0; c < 2; ++c) {
      const std::size_t here = p * 2 + c, there = c * 6 + p;
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(value_of(run, "encoder.0.weight")(i, here), static_cast<float>(i * 12 + there));
        EXPECT_EQ(value_of(run, "decoder.0.weight")(here, i), static_cast<float>(there * 3 + i));
      }
      EXPECT_EQ(value_of(run, "decoder.0.bias")(0, here), static_cast<float>(there));
    }
  EXPECT_EQ(value_of(run, "encoder.0.bias")(0, 1), 1.0f);
}

TEST(InitialWeights, RefusesWhatIsLeftOverAndWhatDoesNotFit) {
  const Folder folder;
  const std::string file = counted_arrays(folder, {{"encoder.0.weight", {10, 3}}, {"other", {2}}});
  const std::string left = refusal({{"init", file}});
  for (const char* word : {"encoder.0.bias", "decoder.0.weight", "no parameter takes: other", "--names"})
    EXPECT_NE(left.find(word), std::string::npos) << word << ": " << left;
  EXPECT_EQ(left.find("for encoder.0.weight"), std::string::npos) << left;
  const std::string names = written(folder, "'encoder.0.bias' = ''\ndecoder = ''\nleave = ['other']\n");
  const std::string shape = refusal({{"init", file}, {"names", names}});
  EXPECT_NE(shape.find("got (10, 3), wanted (3, 10) for encoder.0.weight"), std::string::npos) << shape;
}

TEST(InitialWeights, NamesAreLookedForByTheLongestBeginning) {
  const Folder folder;
  const WeightNames names =
      WeightNames::read(written(folder, "a = 'x'\n'a.1' = 'y'\n'a.1.bias' = 'z'\n'b.1' = ''\n"));
  const auto all = [](const std::string&) { return true; };
  EXPECT_EQ(names.of("a.0.weight", all).arrays, std::vector<std::string>{"x.0.weight"});
  EXPECT_EQ(names.of("a.1.weight", all).arrays, std::vector<std::string>{"y.weight"});
  EXPECT_EQ(names.of("a.1.bias", all).arrays, std::vector<std::string>{"z"});
  EXPECT_EQ(names.of("a.10.bias", all).arrays, std::vector<std::string>{"x.10.bias"});
  EXPECT_TRUE(names.of("b.1.bias", all).arrays.empty());
  EXPECT_EQ(names.of("c.bias", all).arrays, std::vector<std::string>{"c.bias"});
  const auto of_pytorch = [](const std::string& name) { return name.ends_with("running_var"); };
  EXPECT_EQ(names.of("a.1.running_variance", of_pytorch).arrays, std::vector<std::string>{"y.running_var"});
  EXPECT_EQ(names.unknown({"a.1.bias", "b.2.bias"}), std::vector<std::string>{"b.1"});
}

}  // namespace
}  // namespace pushforward

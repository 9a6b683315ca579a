// SPDX-License-Identifier: Apache-2.0
// Options by name, the plan that they come to, and config.toml there and back.
#include <gtest/gtest.h>

#include "train/config.hpp"
#include "train/plan.hpp"
#include "unit/models/support.hpp"

namespace pushforward {
namespace {

using namespace testing;

bool mentions(const std::string& text, const std::string& word) {
  return text.find(word) != std::string::npos;
}

TEST(Options, LaterRowsReplaceDefaultsAndSettingIsRemembered) {
  Options options({{"rate", "0.1", "first"}, {"batch", "8", ""}, {"rate", "0.2", "second"}});
  EXPECT_EQ(options.rows().size(), 2u);
  EXPECT_EQ(options.text("rate"), "0.2");
  EXPECT_FALSE(options.given("rate"));
  options.set("rate", "0.3");
  EXPECT_TRUE(options.given("rate"));
  EXPECT_DOUBLE_EQ(options.number("rate", 0, 1), 0.3);
}

TEST(Options, RefuseWhatDoesNotSuitAndNameIt) {
  Options options = options_of(find_model("vae"));
  EXPECT_TRUE(mentions(message_of([&] { options.set("epoch", "3"); }), "did you mean 'epochs'?"));
  options.set("batch", "0");
  EXPECT_TRUE(mentions(message_of([&] { options.count("batch", 1); }), "--batch"));
  options.set("beta", "nan");
  EXPECT_TRUE(mentions(message_of([&] { options.number("beta", 0, 10); }), "--beta"));
  for (const char* text : {"400,x", "400,0"}) {
    const Options wrong = options_with("vae", {{"hidden", text}});
    EXPECT_TRUE(mentions(message_of([&] { option_table(VaeOptions{}).read(wrong); }), "--hidden")) << text;
  }
  EXPECT_TRUE(
      option_table(VaeOptions{}).read(options_with("vae", {{"hidden", "none"}})).network.hidden->empty());
  options.set("binarize", "perhaps");
  EXPECT_THROW(options.yes("binarize"), RequestError);
}

TEST(Options, EveryModelHasADefaultForEveryOption) {
  for (const ModelEntry& entry : models()) {
    Options options = options_of(entry);
    if (entry.settle) entry.settle(options);
    for (const OptionRow& row : options.rows())
      EXPECT_FALSE(row.meaning.empty()) << entry.name << " " << row.name;
    EXPECT_FALSE(entry.formula.empty() || entry.source.empty() || entry.examples.empty()) << entry.name;
    if (!entry.solved) {
      EXPECT_NO_THROW(plan_training(options, 1000)) << entry.name;
    }
  }
}

TEST(TrainPlan, CountsSteps) {
  const TrainPlan plan = plan_training(options_with("ae", {{"batch", "30"}, {"epochs", "4"}}), 100);
  EXPECT_EQ(plan.steps_per_epoch, 4u);  // 30 + 30 + 30 + 10
  EXPECT_EQ(plan.total_steps, 16u);
  EXPECT_EQ(plan_training(options_with("ae", {{"batch", "30"}, {"steps", "9"}}), 100).epochs, 3u);
  EXPECT_EQ(plan_training(options_with("ae", {{"batch", "300"}}), 100).batch, 100u);
  const TrainPlan held = plan_training(options_with("ae", {{"validation", "0.25"}}), 100);
  EXPECT_EQ(held.rows, 75u);
  EXPECT_EQ(held.held_out, 25u);
  EXPECT_EQ(plan_training(options_with("ae", {{"validation", "mnist:test"}}), 100).held_out, 0u);
  EXPECT_EQ(plan_training(options_with("ae", {{"validation", "0"}}), 100).rows, 100u);
}

TEST(TrainPlan, RefusesWhatCannotBe) {
  EXPECT_THROW(plan_training(options_with("ae", {{"validation", "0.0"}, {"patience", "3"}}), 100),
               RequestError);
  for (const auto& [name, value] : Settings{{"validation", "0.001"},
                                            {"validation", "1"},
                                            {"patience", "3"},
                                            {"epochs", "0"},
                                            {"batch", "-1"},
                                            {"rate", "-1"},
                                            {"ema", "2"},
                                            {"precision", "f16"}})
    EXPECT_THROW(plan_training(options_with("ae", {{name, value}}), 100), RequestError)
        << name << " " << value;
}

TEST(Config, ComesBackAsItWas) {
  Options options = options_with(
      "vae", {{"rate", "0.0005"}, {"hidden", "20,10"}, {"likelihood", "gaussian:0.5"}, {"binarize", "yes"}});
  const RunConfig config{
      "vae", "a \"folder\"\\with\tall", 123, {.height = 2, .width = 3, .channels = 1, .image = true}};
  const std::string text = config_text(config, options);
  const RunConfig back = parse_config(text, "config.toml");
  EXPECT_EQ(back.model, "vae");
  EXPECT_EQ(back.data, config.data);
  EXPECT_EQ(back.rows, 123u);
  EXPECT_EQ(back.shape, config.shape);
  Options again = options_of(find_model("vae"));
  for (const auto& [name, value] : back.options) again.set(name, value);
  for (const OptionRow& row : options.rows())
    if (row.name != "rate") {
      EXPECT_EQ(again.text(row.name), options.text(row.name)) << row.name;
    }
  EXPECT_EQ(again.number("rate", 0, 1), 0.0005);
  EXPECT_EQ(config_text(back, again), text);
}

TEST(Config, RefusesOtherVersionsAndDamage) {
  const std::string good = config_text({"ae", "x", 5, {.width = 4}}, options_of(find_model("ae")));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return message_of([&] { parse_config(text, "run/config.toml"); });
  };
  EXPECT_TRUE(mentions(with("format = 1", "format = 9"), "got run format 9"));
  EXPECT_TRUE(mentions(with("format = 1", "format = 9"), "run/config.toml"));
  EXPECT_TRUE(mentions(with("format = 1", "format = \"one\""), "format"));
  EXPECT_TRUE(mentions(with("width = 4", "width = -4"), "width"));
  EXPECT_TRUE(mentions(with("[shape]", "[sheep]"), "[shape]"));
  EXPECT_TRUE(mentions(with("rows = 5", "rows = = 5"), "TOML"));
  for (std::size_t cut = 0; cut + 1 < good.find("[options]"); cut += 7)  // cut off anywhere in the head
    EXPECT_THROW(parse_config(good.substr(0, cut), "x"), RequestError) << cut;
}

}  // namespace
}  // namespace pushforward

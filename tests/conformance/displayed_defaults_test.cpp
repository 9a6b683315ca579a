// SPDX-License-Identifier: Apache-2.0
//
// Every default that a card shows is a value that may be typed, and means what leaving the option out means:
// all options of all registries are walked.
#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pushforward/data.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/error.hpp"
#include "pushforward/layer.hpp"
#include "pushforward/random.hpp"
#include "pushforward/run.hpp"
#include "pushforward/train.hpp"

namespace pushforward::testing {
namespace {

Matrix<double> draws(std::size_t rows, std::uint64_t seed) {
  Matrix<double> out(rows, 2);
  fill_normal(out.span(), Draw{seed}.on("displayed defaults"), 0.0, 1.0);
  return out;
}

TEST(DisplayedDefaults, OfDistances) {
  const Matrix<double> a = draws(30, 1), b = draws(25, 2);
  const Sample x{Points(a.view())}, y{Points(b.view())};
  std::size_t tried = 0;
  for (const DistanceEntry& entry : distances())
    for (const OptionRow& row : entry.options) {
      if (row.fallback.empty()) continue;
      const Spec spec{entry.name, {{row.name, row.fallback}}};
      SCOPED_TRACE(spec.text());
      ++tried;
      std::unique_ptr<Distance> given;
      ASSERT_NO_THROW(given = make_distance(spec, 7));
      const Facts facts = facts_of(spec);
      EXPECT_EQ(facts.learned, entry.facts.learned);
      if (facts.learned) continue;  // trains a network for seconds
      EXPECT_EQ(given->measure(x, y).value, make_distance(Spec{entry.name}, 7)->measure(x, y).value);
    }
  EXPECT_GT(tried, 30u);
}

TEST(DisplayedDefaults, OfDivergences) {
  const std::vector<double> p = {0.1, 0.2, 0.7}, q = {0.3, 0.4, 0.3}, positions = {0, 1, 3};
  for (const DivergenceEntry& entry : divergences())
    for (const OptionRow& row : entry.options) {
      if (row.fallback.empty()) continue;
      const Spec spec{entry.name, {{row.name, row.fallback}}};
      SCOPED_TRACE(spec.text());
      ASSERT_NO_THROW(divergence_facts(spec));
      EXPECT_EQ(divergence(spec, p, q, positions), divergence(Spec{entry.name}, p, q, positions));
    }
}

// A refused value is refused still, also beside a shown default; and what is said twice is.
TEST(DisplayedDefaults, ExcuseNothingElse) {
  for (const char* text :
       {"mmd:bandwidth=mean", "mmd:bandwidth=median,a=2", "mmd:bandwidth=median,bandwidth=2",
        "mmd:bandwidth=median,root=perhaps", "mmd:estimator=block,block=root of m"})
    EXPECT_THROW(make_distance(parse_spec(text)), RequestError) << text;
}

// Beside the options that a trial of the layer gives; what has no name comes first and alone.
TEST(DisplayedDefaults, OfLayers) {
  std::size_t taken = 0;
  for (const LayerEntry& entry : layers())
    for (const OptionRow& row : entry.options) {
      if (row.fallback.empty()) continue;
      for (const auto& [text, shape] : entry.trials) {
        Spec spec = parse_spec(text);
        if (std::ranges::any_of(spec.options,
                                [&, &name = row.name](const auto& o) { return o.first == name; }))
          continue;
        if (row.name.empty() && !spec.options.empty()) continue;
        spec.options.emplace_back(row.name, row.fallback);
        EXPECT_NO_THROW(make_layer(LayerPlan(entry, spec), shape)) << spec.text();
        ++taken;
      }
    }
  EXPECT_GT(taken, 0u);
}

Dataset images() {
  Dataset data;
  Matrix<std::uint8_t> rows(12, 64);
  for (std::size_t i = 0; i < rows.size(); ++i) rows.data()[i] = static_cast<std::uint8_t>(i * i % 251);
  data.name = "images", data.shape = {8, 8, 1, true}, data.scale = 1.0 / 255;
  data.rows_data = std::move(rows);
  return data;
}

TEST(DisplayedDefaults, OfModels) {
  const Dataset data = images();
  std::size_t tried = 0;
  for (const ModelEntry& model : models()) {
    const auto made = [&](const std::string& name, const std::string& value) {
      Options options = options_of(model);
      if (options.known("hidden")) options.set("hidden", "8");
      if (!name.empty()) options.set(name, value);
      create_run("", model, options, data, "images");
    };
    try {
      made("", "");
    } catch (const RequestError&) {
      continue;  // a model of other data
    }
    const Options all = options_of(model);
    for (const OptionRow& row : all.rows()) {
      if (row.fallback.empty() || row.name == "hidden") continue;
      ++tried;
      EXPECT_NO_THROW(made(row.name, row.fallback)) << model.name << " --" << row.name << ' ' << row.fallback;
    }
  }
  EXPECT_GT(tried, 200u);
}

}  // namespace
}  // namespace pushforward::testing

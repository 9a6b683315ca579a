// SPDX-License-Identifier: Apache-2.0
// Small data of known structure, and models on them.
#pragma once

#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "pushforward/error.hpp"
#include "pushforward/models.hpp"

namespace pushforward::testing {

/// n rows of d features: `rank` strong directions of falling strength, noise of sd `noise`, and a mean.
inline Dataset low_rank_data(std::size_t n, std::size_t d, std::size_t rank, double noise,
                             std::uint64_t seed = 5) {
  Matrix<double> directions(rank, d), codes(n, rank), rest(n, d);
  const Draw draw{seed, stream_id("low rank data"), 0};
  fill_normal(directions.span(), draw.on("directions"));
  fill_normal(codes.span(), draw.on("codes"));
  fill_normal(rest.span(), draw.on("noise"), 0, noise);
  Matrix<double> rows(n, d);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < d; ++j) {
      rows(i, j) = rest(i, j) + 0.1 * static_cast<double>(j);
      for (std::size_t k = 0; k < rank; ++k)
        rows(i, j) += codes(i, k) * directions(k, j) / static_cast<double>(k + 1);
    }
  Dataset data;
  data.name = "low rank", data.shape = {.width = d}, data.rows_data = std::move(rows);
  return data;
}

/// n "images" of d grey values in 0…1, two kinds of them.
inline Dataset grey_data(std::size_t n, std::size_t d, std::uint64_t seed = 6) {
  Matrix<float> rows(n, d), noise(n, d);
  fill_uniform(noise.span(), Draw{seed, stream_id("grey data"), 0}, 0, 0.3f);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < d; ++j) rows(i, j) = ((i + j) % 3 == 0 ? 0.7f : 0.0f) + noise(i, j);
  Dataset data;
  data.name = "grey", data.shape = {.width = d}, data.rows_data = std::move(rows);
  return data;
}

using Settings = std::vector<std::pair<std::string, std::string>>;

/// `settings`, and `more` after them, which are heard.
inline Settings with(Settings settings, const Settings& more) {
  settings.insert(settings.end(), more.begin(), more.end());
  return settings;
}

/// The complaint that `work` ends in; "" where it has none.
inline std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

inline Options options_with(const std::string& model, const Settings& settings) {
  Options options = options_of(find_model(model));
  for (const auto& [name, value] : settings) options.set(name, value);
  return options;
}

/// A run in memory only, or at `path`.
inline Run make_run(const std::string& model, const Settings& settings, const Dataset& data,
                    const std::string& path = "") {
  return create_run(path, find_model(model), options_with(model, settings), data, data.name);
}

/// Of a generator's run.
inline GeneratorOptions generator_options(const Run& run) {
  return option_table(GeneratorOptions{}).read(run.options);
}

inline View<float> value_of(Run& run, const std::string& name) {
  for (const Parameter* parameter : run.arena.parameters())
    if (parameter->name == name) return parameter->value;
  throw RequestError("test: no parameter called " + name);
}

inline double field(const Fields& fields, const std::string& key) { return number_of(fields, key); }

}  // namespace pushforward::testing

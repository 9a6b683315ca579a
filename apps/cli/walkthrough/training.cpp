// SPDX-License-Identifier: Apache-2.0
#include "training.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "io/base64.hpp"
#include "pushforward/data.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli::walkthrough {
Run trained(const Training& training, const Demonstration& demonstration, const OnStep& on_step) {
  const ModelEntry& entry = find_model(training.model);
  Options options = options_of(entry);
  for (const auto& [name, value] : training.options) options.set(name, value);
  options.set("seed", fmt::format("{}", demonstration.seed));
  const Dataset data = load_data(training.data, {.seed = demonstration.seed});
  Run run = create_run("", entry, options, data, training.data);
  const Dataset prepared = prepare_data(run, data);
  train(run, prepared, nullptr, [&](const Progress& progress) {
    const double part = static_cast<double>(progress.step) /
                        static_cast<double>(std::max<std::uint64_t>(1, progress.total_steps));
    demonstration.progress(training.first + part * (training.last - training.first));
    if (on_step) on_step(run, progress);
    return Continue::yes;
  });
  return run;
}

std::string images_base64(View<const float> rows) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < rows.rows; ++i)
    for (std::size_t k = 0; k < rows.cols; ++k)
      bytes.push_back(static_cast<std::uint8_t>(std::lround(255 * std::clamp(rows(i, k), 0.0F, 1.0F))));
  return io::base64(bytes);
}

std::string floats_base64(View<const float> values) {
  static_assert(std::endian::native == std::endian::little);
  std::vector<std::uint8_t> bytes(4 * values.rows * values.cols);
  std::size_t at = 0;
  for (std::size_t i = 0; i < values.rows; ++i)
    for (std::size_t k = 0; k < values.cols; ++k, at += 4) std::memcpy(&bytes[at], &values(i, k), 4);
  return io::base64(bytes);
}

View<const float> weights_of(const Run& run, const std::string& name) {
  for (const Parameter* parameter : run.model->parameters())
    if (parameter->name == name) return parameter->value;
  throw WorkError(fmt::format("{}: no parameter is called {}", run.entry->name, name));
}

}  // namespace pushforward::cli::walkthrough

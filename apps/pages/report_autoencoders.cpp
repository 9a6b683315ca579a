// SPDX-License-Identifier: Apache-2.0
// A run is asked for what it holds (errors of stages, a noise), never for its model's name.
#include "pages/report_autoencoders.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "data/noise.hpp"
#include "pages/json.hpp"
#include "pages/rows_seen.hpp"
#include "pushforward/learner.hpp"

namespace pushforward::pages {
namespace {

constexpr std::size_t kTriples = 24;

bool has(const Run& run, std::string_view option) {
  return run.options.known(option) && run.options.has(option);
}

// noisy, denoised and clean images, one behind the other.
Tensor triples(const Run& run, View<const float> clean, View<const float> noisy) {
  Tensor rows(3 * clean.rows, clean.cols), denoised(clean.rows, clean.cols);
  reconstruct(*run.model, noisy, denoised, nullptr);
  for (std::size_t i = 0; i < clean.rows; ++i) {
    std::copy_n(noisy.row(i), clean.cols, rows.row(3 * i));
    std::copy_n(denoised.row(i), clean.cols, rows.row(3 * i + 1));
    std::copy_n(clean.row(i), clean.cols, rows.row(3 * i + 2));
  }
  return rows;
}

}  // namespace

void add_stages(Page& page, const Run& run) {
  const auto* staged = as<Staged>(*run.model);
  const std::vector<double> errors = staged != nullptr ? staged->stage_errors() : std::vector<double>{};
  if (errors.empty()) return;
  std::vector<std::pair<std::string, std::string>> rows;
  Curve curve{"squared error", {}, {}, {}};
  for (std::size_t k = 0; k < errors.size(); ++k) {
    rows.emplace_back(fmt::format("after layer {}", k + 1), short_number(errors[k]));
    curve.x.push_back(static_cast<double>(k + 1)), curve.y.push_back(errors[k]);
  }
  page.section(
      "Stage by stage",
      "The squared error of the stack so far, through the virtual output layers, on the rows that were "
      "held out while it was trained (where there were none: the training rows). Each layer narrows the "
      "code, so the error rises; fine-tuning of the whole network then brings it down to the figure "
      "above.");
  page.add(facts_block(rows));
  if (curve.x.size() > 1)
    page.add(beside_block(Json::array({curves_block(std::span(&curve, 1), "error after each stage", "layers",
                                                    "squared error")}),
                          "Per observation, summed over features."));
}

void add_denoised(Page& page, const Run& run, const Dataset& data, const Dataset* inputs,
                  const PageOptions& how) {
  if (!run.shape.image || !(has(run, "noise") || (has(run, "noisy") && inputs != nullptr))) return;
  const std::size_t n = std::min(kTriples, data.rows());
  const Tensor clean = data.floats(0, n);
  Tensor noisy(n, data.cols());
  if (inputs != nullptr)
    noisy = inputs->floats(0, n);
  else
    Noise::parse(run.options.text("noise"), "--noise")
        .apply_rows(clean.view(), noisy, noise_draw(how.seed), 0);
  const Tensor rows = triples(run, clean.view(), std::as_const(noisy).view());
  page.section("Denoised", "What the model saw, what it made of it, and what it should have been.");
  page.add(images_block(std::as_const(rows).view(), run.shape, {.columns = 12, .group = 3},
                        "Triples of images: noisy, denoised and clean",
                        fmt::format("Rows 0 to {} of {}: noisy, denoised, clean.", n - 1, data.name)));
}

}  // namespace pushforward::pages

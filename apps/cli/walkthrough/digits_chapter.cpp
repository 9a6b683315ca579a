// SPDX-License-Identifier: Apache-2.0
// Digits of every kind of model, side by side, with their distances to digits that none of them saw.
#include <fmt/format.h>

#include "pushforward/distance.hpp"
#include "pushforward/floor.hpp"
#include "training.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr std::size_t kShown = 20, kMeasured = 1000;

struct Kind {
  const char *id, *model;
  std::map<std::string, std::string> options;
  std::size_t quick, full;  ///< epochs
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> table = {
      {"vae", "vae", {{"latent", "16"}, {"hidden", "256"}}, 8, 25},
      {"wae", "wae", {{"latent", "8"}, {"hidden", "256"}}, 6, 20},
      {"gmmn", "gmmn", {{"hidden", "256"}}, 12, 30},
      {"gan", "gan", {{"hidden", "256"}}, 16, 30},
      {"wgan", "wgan", {{"hidden", "256"}}, 6, 6},
      {"flow", "flow", {{"hidden", "1024,1024"}}, 12, 12},
  };
  return table;
}

Json reading(const Spec& spec, const Tensor& x, const Tensor& y) {
  const std::unique_ptr<Distance> distance = make_distance(spec);
  const double value = *distance->measure({x.view()}, {y.view()}).value;
  const Floor floor = measure_floor(*distance, facts_of(spec), {x.view()}, {y.view()});
  return {{"value", value}, {"floor", floor.value}, {"times", value / floor.value}};
}

Json result_of(const Kind& kind, const std::string& data, const Dataset& test,
               const Demonstration& demonstration, double first, double last) {
  std::map<std::string, std::string> options = kind.options;
  options["epochs"] = fmt::format("{}", demonstration.quick ? kind.quick : kind.full);
  const Run run = trained({kind.model, data, options, first, last}, demonstration);
  Tensor made(kMeasured, run.shape.size());
  generate(*run.model, made, Draw{demonstration.seed}.on("sample"), false);
  restore_units(run, made);
  const Tensor held = test.floats(0, kMeasured);
  return {{"id", kind.id},
          {"title", run.entry->title},
          {"epochs", options["epochs"]},
          {"mmd", reading({"mmd"}, held, made)},
          {"sliced", reading({"sliced"}, held, made)},
          {"images", images_base64(std::as_const(made).view().slice(0, kShown))}};
}

}  // namespace

Json digits_chapter(const Demonstration& demonstration) {
  const std::string data = demonstration.quick ? "mnist@0:6000" : "mnist";
  const Dataset test = load_data("mnist:test");
  Json models = Json::array();
  const auto count = static_cast<double>(kinds().size());
  for (std::size_t i = 0; i < kinds().size(); ++i)
    models.push_back(result_of(kinds()[i], data, test, demonstration, static_cast<double>(i) / count,
                               static_cast<double>(i + 1) / count));
  return {{"data", data},
          {"models", models},
          {"test", images_base64(std::as_const(test).floats(0, kShown).view())}};
}

}  // namespace pushforward::cli::walkthrough

// SPDX-License-Identifier: Apache-2.0
#include "pages/trainings.hpp"

#include <algorithm>
#include <set>

#include "pages/blocks.hpp"

namespace pushforward::pages {
namespace {

constexpr const char* kMonitored =
    "What the loss means: closed-form distances from generated to held-out rows, lower is nearer; variety is "
    "the "
    "spread of generated rows over that of the data, 1 when alike.";

bool is_loss(const Series& curve) { return curve.name == "loss" || curve.name == "validation_loss"; }

// Each in a chart of its own.
Json charts(const std::vector<Series>& all, const std::string& x_label) {
  Json list = Json::array();
  for (const Series& series : all)
    if (const Curve curve{series.name, series.x, series.y}; curve.x.size() > 1)
      list.push_back(curves_block(std::span(&curve, 1), curve.name, x_label, curve.name));
  return list;
}

using Part = std::vector<Series> History::*;

std::vector<std::string> names_in(const std::vector<History>& histories, Part part) {
  std::vector<std::string> names;
  for (const History& history : histories)
    for (const Series& curve : history.*part)
      if (curve.x.size() > 1 && std::find(names.begin(), names.end(), curve.name) == names.end())
        names.push_back(curve.name);
  return names;
}

struct Trained {
  std::string name, model;
  History history;
};

// The curves called `name` of those runs whose model is `model` (or of all); a run keeps its color.
Json chart_of(const std::vector<Trained>& all, Part part, const std::string& name, const std::string& model,
              const std::string& x_label) {
  std::vector<Curve> curves;
  for (std::size_t r = 0; r < all.size(); ++r)
    if (model.empty() || all[r].model == model)
      if (const Series* curve = find_series(all[r].history.*part, name))
        curves.push_back({all[r].name, curve->x, curve->y, r});
  if (curves.empty()) return nullptr;
  return curves_block(curves, model.empty() ? name : model + ": " + name, x_label, name);
}

const std::vector<double>* list_in(const Fields& fields, const std::string& key) {
  const Field* field = find_field(fields, key);
  return field ? std::get_if<std::vector<double>>(&field->value) : nullptr;
}

std::vector<std::string> list_names(const std::vector<const Fields*>& figures) {
  std::vector<std::string> keys;
  for (const Fields* fields : figures)
    for (const Field& field : *fields)
      if (const auto* list = list_in(*fields, field.key);
          list && list->size() > 1 && std::find(keys.begin(), keys.end(), field.key) == keys.end())
        keys.push_back(field.key);
  return keys;
}

}  // namespace

void add_training(Page& page, const std::string& run_path) {
  const History history = read_history(run_path);
  std::vector<Curve> losses;
  std::vector<Series> parts;
  for (const Series& series : history.epochs)
    if (!is_loss(series))
      parts.push_back(series);
    else if (series.x.size() > 1)
      losses.push_back({series.name, series.x, series.y});
  Json monitored = charts(history.monitored, "step"), rest = charts(parts, "epoch");
  if (losses.empty() && monitored.empty() && rest.empty()) return;
  page.section("Training", "Point at a curve to read it.");
  if (!losses.empty()) {
    page.add(beside_block(Json::array({curves_block(losses, "loss", "epoch", "loss")}),
                          "Mean over observations at the end of each epoch."));
  }
  page.add(beside_block(std::move(monitored), kMonitored));
  page.add(beside_block(std::move(rest), "The loss's parts at the end of each epoch."));
}

void add_trainings(Page& page, const std::vector<std::string>& names, const std::vector<std::string>& models,
                   const std::vector<std::string>& run_paths) {
  std::vector<Trained> all;
  std::vector<History> histories;
  for (std::size_t r = 0; r < names.size(); ++r) {
    histories.push_back(read_history(run_paths[r]));
    all.push_back({names[r], models[r], histories.back()});
  }
  Json monitored = Json::array(), losses = Json::array();
  for (const std::string& name : names_in(histories, &History::monitored))
    monitored.push_back(chart_of(all, &History::monitored, name, "", "step"));
  const std::set<std::string> kinds(models.begin(), models.end());
  for (const std::string& name : names_in(histories, &History::epochs))
    for (const std::string& model : kinds)
      if (Json chart = chart_of(all, &History::epochs, name, model, "epoch"); !chart.is_null())
        losses.push_back(std::move(chart));
  if (monitored.empty() && losses.empty()) return;
  page.section("Training", "A run has the same color in every chart. Point at a curve to read it.");
  page.add(beside_block(std::move(monitored), kMonitored));
  page.add(beside_block(std::move(losses),
                        "What each run went down, by the epoch: a chart a model, for losses of models that "
                        "differ do not compare."));
}

Json list_charts(const std::vector<std::string>& names, const std::vector<const Fields*>& figures) {
  Json charts = Json::array();
  for (const std::string& key : list_names(figures)) {
    std::vector<Curve> curves;
    for (std::size_t r = 0; r < figures.size(); ++r)
      if (const auto* list = list_in(*figures[r], key)) {
        curves.push_back({names[r], {}, *list, r});
        for (std::size_t i = 0; i < list->size(); ++i) curves.back().x.push_back(static_cast<double>(i + 1));
      }
    charts.push_back(curves_block(curves, key, "number", key));
  }
  return charts;
}

}  // namespace pushforward::pages

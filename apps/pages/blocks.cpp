// SPDX-License-Identifier: Apache-2.0
#include "pages/blocks.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "io/base64.hpp"
#include "io/png.hpp"

namespace pushforward::pages {
namespace {

constexpr std::size_t kMostPoints = 1200;  // of a curve: the page is no wider than that

bool is_gray(const io::Image& image) {
  for (std::size_t i = 0; i + 2 < image.pixels.size(); i += 3)
    if (image.pixels[i] != image.pixels[i + 1] || image.pixels[i] != image.pixels[i + 2]) return false;
  return true;
}

std::string data_url(const io::Image& image) {
  const bool one = image.channels == 3 && is_gray(image);
  return "data:image/png;base64," + io::base64(io::encode_png(one ? io::to_grey(image) : image));
}

Json texts(const std::vector<std::pair<std::string, std::string>>& rows) {
  Json list = Json::array();
  for (const auto& [key, value] : rows) list.push_back({key, value});
  return list;
}

// Every so many values, and the last one.
std::vector<double> thinned(const std::vector<double>& values) {
  const std::size_t step = (values.size() + kMostPoints - 1) / kMostPoints;
  if (step <= 1) return values;
  std::vector<double> some;
  for (std::size_t i = 0; i < values.size(); i += step) some.push_back(values[i]);
  if ((values.size() - 1) % step != 0) some.push_back(values.back());
  return some;
}

Json coordinate(View<const float> points, std::size_t k) {
  Json list = Json::array();
  for (std::size_t i = 0; i < points.rows; ++i)
    list.push_back(chart_number(static_cast<double>(points(i, k)), 4));
  return list;
}

Json surface_json(const report::Surface& surface) {
  Json values = Json::array();
  for (std::size_t i = 0; i < surface.values.size(); ++i)
    values.push_back(chart_number(surface.values.data()[i], 3));
  return {{"x", surface.box.low[0]},   {"y", surface.box.low[1]},          {"x2", surface.box.high[0]},
          {"y2", surface.box.high[1]}, {"columns", surface.values.cols()}, {"values", std::move(values)}};
}

}  // namespace

Json chart_number(double value, int digits) {
  if (!std::isfinite(value)) return nullptr;
  return std::strtod(fmt::format("{:.{}g}", value, digits).c_str(), nullptr);
}

Json chart_numbers(std::span<const double> values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(chart_number(value));
  return list;
}

Curve share_curve(const std::string& name, const std::vector<double>& values, double low, double high,
                  std::size_t bins) {
  Curve curve{name, {}, std::vector<double>(bins, 0), {}};
  const double width = (high - low) / static_cast<double>(bins);
  for (std::size_t b = 0; b < bins; ++b) curve.x.push_back(low + (static_cast<double>(b) + 0.5) * width);
  for (const double value : values) {
    const double at = std::clamp((value - low) / width, 0.0, static_cast<double>(bins) - 1);
    curve.y[static_cast<std::size_t>(at)] += 1 / static_cast<double>(values.size());
  }
  return curve;
}

Json curves_block(std::span<const Curve> curves, const std::string& title, const std::string& x_label,
                  const std::string& y_label) {
  Json list = Json::array();
  for (std::size_t i = 0; i < curves.size(); ++i)
    list.push_back({{"name", curves[i].name},
                    {"color", curves[i].color.value_or(i)},
                    {"x", chart_numbers(thinned(curves[i].x))},
                    {"y", chart_numbers(thinned(curves[i].y))}});
  return {{"type", "curves"}, {"title", title}, {"x", x_label}, {"y", y_label}, {"curves", std::move(list)}};
}

Json beside_block(Json blocks, const std::string& caption) {
  if (blocks.empty()) return nullptr;
  return {{"type", "beside"}, {"blocks", std::move(blocks)}, {"caption", caption}};
}

Json bars_block(std::span<const double> values, double reference, const std::string& title,
                const std::string& x_label, const std::string& means) {
  return {{"type", "bars"}, {"title", title},        {"x", x_label}, {"values", chart_numbers(values)},
          {"means", means}, {"reference", reference}};
}

Json picture_block(const io::Image& image, const std::string& alternative, const std::string& caption) {
  return {{"type", "picture"},      {"source", data_url(image)}, {"width", image.width},
          {"height", image.height}, {"alt", alternative},        {"caption", caption}};
}

Json plane_block(const std::vector<Cloud>& clouds, const CloudOptions& options) {
  Json list = Json::array();
  for (const Cloud& cloud : clouds) {
    Json one = {{"name", cloud.name},
                {"behind", cloud.behind},
                {"x", coordinate(cloud.points, 0)},
                {"y", coordinate(cloud.points, 1)}};
    if (!cloud.labels.empty())
      one["labels"] = std::vector<std::int32_t>(cloud.labels.begin(), cloud.labels.end());
    list.push_back(std::move(one));
  }
  Json block = {{"type", "plane"},
                {"title", options.title},
                {"alt", options.alternative},
                {"caption", options.caption},
                {"x", options.x_label},
                {"y", options.y_label},
                {"clouds", std::move(list)},
                {"names", options.label_names}};
  if (options.surface)
    block["surface"] = surface_json(*options.surface), block["surface_name"] = options.surface_name;
  return block;
}

Json facts_block(const std::vector<std::pair<std::string, std::string>>& rows) {
  return {{"type", "facts"}, {"rows", texts(rows)}};
}

Json folded_block(const std::string& summary, const std::vector<std::pair<std::string, std::string>>& rows) {
  if (rows.empty()) return nullptr;
  return {{"type", "facts"}, {"rows", texts(rows)}, {"summary", summary}};
}

Json table_block(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                 const std::string& caption) {
  return {{"type", "table"}, {"header", header}, {"rows", rows}, {"caption", caption}};
}

}  // namespace pushforward::pages

// SPDX-License-Identifier: Apache-2.0
#include "report/picture.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward::report {

Colour class_colour(std::size_t label) {
  static constexpr Colour palette[] = {{0, 114, 178},   {230, 159, 0},  {0, 158, 115},  {213, 94, 0},
                                       {204, 121, 167}, {86, 180, 233}, {120, 94, 240}, {148, 103, 50},
                                       {90, 90, 90},    {181, 176, 18}};
  return palette[label % std::size(palette)];
}

std::string css_colour(Colour c) { return fmt::format("#{:02x}{:02x}{:02x}", c[0], c[1], c[2]); }

void blend(Image& picture, long y, long x, Colour colour, double opacity) {
  if (y < 0 || x < 0 || y >= static_cast<long>(picture.height) || x >= static_cast<long>(picture.width))
    return;
  std::uint8_t* pixel = &picture.at(static_cast<std::size_t>(y), static_cast<std::size_t>(x));
  for (std::size_t c = 0; c < 3; ++c)
    pixel[c] = static_cast<std::uint8_t>(std::lround(pixel[c] + (colour[c] - pixel[c]) * opacity));
}

Image picture_of(const Dataset& data, std::size_t most) {
  if (!data.shape.image && data.cols() == 2) {
    ScatterOptions options;
    options.labels = data.labels, options.label_names = data.label_names;
    if (data.columns.size() == 2) options.x_name = data.columns[0], options.y_name = data.columns[1];
    return scatter(data.floats(0, data.rows()), options);
  }
  if (!data.shape.image)
    throw RequestError(Complaint{data.name, fmt::format("rows of {} numbers", data.cols()),
                                 "images, or points in the plane", "only these have a picture"});
  const auto [low, high] = data.range();
  const bool inside = low >= 0 && high <= 1;
  return image_grid(data.floats(0, std::min(most, data.rows())), data.shape,
                    {.low = inside ? 0 : low, .high = inside ? 1 : high});
}

std::vector<double> ticks(double low, double high, std::size_t count) {
  if (!(high > low) || count == 0) return {low};
  const double rough = (high - low) / static_cast<double>(count);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (double factor : {1.0, 2.0, 5.0})
    if (factor * power >= rough * 0.999) {
      step = factor * power;
      break;
    }
  std::vector<double> out;
  const double first = std::ceil(low / step - 1e-9);
  for (double k = first; k * step <= high + 1e-9 * step; ++k) out.push_back(k == 0 ? 0.0 : k * step);
  return out;
}

namespace {

constexpr int kDigits = 4, kMostDigits = 5;  // of a label: as a rule, and before an offset is left out
constexpr double kBetween = 8;               // pixels

// From the first digit of the largest value to the first of the step.
int digits_of(double most, double step) {
  const auto place = [](double v) { return static_cast<int>(std::floor(std::log10(v) + 1e-9)); };
  return place(std::max(most, step)) - place(step) + 1;
}

// A round number below all values, a multiple of the power of ten above their range.
double offset_below(double low, double high) {
  const double unit = std::pow(10.0, std::floor(std::log10(high - low)) + 1);
  return std::floor(low / unit) * unit;
}

bool stand_apart(const std::vector<Tick>& ticks, double pixels, double letter) {
  const auto half = [&](const Tick& tick) { return letter * static_cast<double>(tick.text.size()) / 2; };
  for (std::size_t i = 1; i < ticks.size(); ++i)
    if ((ticks[i].value - ticks[i - 1].value) * pixels < half(ticks[i]) + half(ticks[i - 1]) + kBetween)
      return false;
  return true;
}

}  // namespace

Labels labels(double low, double high, std::size_t count, double length, double letter, bool offset) {
  Labels out;
  if (!(high > low)) return {{{low, fmt::format("{:.{}g}", low, kDigits)}}};
  for (std::size_t wanted = count; wanted > 0; --wanted) {
    const std::vector<double> values = ticks(low, high, wanted);
    const double step = values.size() > 1 ? values[1] - values[0] : std::max(high - low, 1e-300);
    const double most = std::max(std::abs(low), std::abs(high));
    const int digits = digits_of(most, step);
    out.offset = offset && digits > kMostDigits ? offset_below(low, high) : 0;
    out.ticks.clear();
    for (const double value : values)
      out.ticks.push_back(
          {value, out.offset == 0
                      ? fmt::format("{:.{}g}", value, std::clamp(digits, kDigits, 17))
                      : fmt::format("{:.{}g}", std::round((value - out.offset) / step) * step, kDigits)});
    if (letter == 0 || stand_apart(out.ticks, length / (high - low), letter)) return out;
  }
  out.ticks.resize(std::min<std::size_t>(out.ticks.size(), 1));
  return out;
}

}  // namespace pushforward::report

// SPDX-License-Identifier: Apache-2.0
#include "pages/json.hpp"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/text.hpp"
#include "pushforward/error.hpp"

namespace pushforward::pages {

Json json_number(double value) {
  if (std::isnan(value))
    throw WorkError(Complaint{
        "output", "NaN", "a number",
        "data or weights are so large that what is computed of them overflows: rescale the data, or go "
        "on from a run with train --resume RUN and a lower --rate"});
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

Json to_json(const FieldValue& value) {
  if (const auto* real = std::get_if<double>(&value)) return json_number(*real);
  if (const auto* parts = std::get_if<Fields>(&value)) return to_json(*parts);
  if (const auto* list = std::get_if<std::vector<double>>(&value)) {
    Json array = Json::array();
    for (double number : *list) array.push_back(json_number(number));
    return array;
  }
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* whole = std::get_if<long long>(&value)) return *whole;
  return std::get<bool>(value);
}

Json to_json(const Fields& fields) {
  Json object = Json::object();
  for (const Field& field : fields) object[field.key] = to_json(field.value);
  return object;
}

std::string short_number(double value) {
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return fmt::format("{:.6g}", value);
}

std::string short_text(const FieldValue& value) {
  if (const auto* real = std::get_if<double>(&value)) return short_number(*real);
  if (const auto* whole = std::get_if<long long>(&value)) return fmt::format("{}", *whole);
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? "yes" : "no";
  if (const auto* text = std::get_if<std::string>(&value)) return printable(*text);
  std::vector<std::string> pieces;
  if (const auto* list = std::get_if<std::vector<double>>(&value))
    for (double number : *list) pieces.push_back(short_number(number));
  if (const auto* parts = std::get_if<Fields>(&value))
    for (const Field& part : *parts) pieces.push_back(printable(part.key) + " " + short_text(part.value));
  return fmt::format("{}", fmt::join(pieces, ", "));
}

}  // namespace pushforward::pages

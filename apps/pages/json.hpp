// SPDX-License-Identifier: Apache-2.0
//
// Figures as JSON, in full precision, and as a person reads them.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "pushforward/fields.hpp"

namespace pushforward::pages {

using Json = nlohmann::ordered_json;

/// A number in full precision; infinities as "inf" and "-inf". NaN is a bug and throws.
Json json_number(double value);
Json to_json(const FieldValue& value);
Json to_json(const Fields& fields);

/// As a person reads a number: six significant digits, no trailing zeros; "inf".
std::string short_number(double value);
std::string short_text(const FieldValue& value);

}  // namespace pushforward::pages

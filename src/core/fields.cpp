// SPDX-License-Identifier: Apache-2.0
// Looking fields up by name.
#include "pushforward/fields.hpp"

#include <algorithm>

#include "pushforward/error.hpp"

namespace pushforward {

const Field* find_field(const Fields& fields, std::string_view key) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == key; });
  return found == fields.end() ? nullptr : &*found;
}

double number_of(const Fields& fields, std::string_view key) {
  if (const Field* field = find_field(fields, key)) {
    if (const auto* real = std::get_if<double>(&field->value)) return *real;
    if (const auto* whole = std::get_if<long long>(&field->value)) return static_cast<double>(*whole);
  }
  throw RequestError(Complaint{"fields", "no number called '" + std::string(key) + "'", "one"});
}

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
#include "core/value_of.hpp"

#include "pushforward/error.hpp"

namespace pushforward {

double value_of(std::string_view what, const Reading& reading) {
  if (reading.value) return *reading.value;
  const Field* note = find_field(reading.extra, "note");
  throw WorkError(Complaint{std::string(what), "a reading without a value", "one with a value",
                            note ? std::get<std::string>(note->value) : ""});
}

}  // namespace pushforward

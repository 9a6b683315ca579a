// SPDX-License-Identifier: Apache-2.0
//
// A reading as Python has it: made in a fraction of a microsecond, its dictionaries when somebody looks.
#pragma once

#include <optional>
#include <string>

#include "borrow.hpp"
#include "pushforward/reading.hpp"

namespace pushforward::python {

struct NamedReading {
  std::string name;
  Reading reading{};
  std::optional<double> floor{};
  nb::object samples{};  ///< what Python noted of x and y, for show(); may be null
};

/// One that is a number with its unit.
NamedReading exact_reading(std::string name, double value, std::string unit);

}  // namespace pushforward::python

// SPDX-License-Identifier: Apache-2.0
//
// The default that a card shows is a value that may be typed: "bandwidth=median" is what leaving it out
// means.
//
// Most defaults are read like any value. Some are phrases ("root of n"), and some belong to another choice
// ("a=1" of kernel=rq); so what is refused is tried once more without the options whose value is the shown
// default.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "pushforward/error.hpp"
#include "pushforward/spec.hpp"

namespace pushforward {

/// The SPEC without the options that are given once, as their rows show them.
inline Spec without_displayed_defaults(const std::vector<OptionRow>& rows, const Spec& spec) {
  Spec out{spec.name};
  for (const auto& [key, value] : spec.options) {
    const auto named = [&name = key](const auto& option) { return option.first == name; };
    const auto shown = [&, &name = key, &text = value](const OptionRow& row) {
      return row.name == name && !row.fallback.empty() && row.fallback == text;
    };
    const bool once = std::count_if(spec.options.begin(), spec.options.end(), named) == 1;
    if (!once || std::none_of(rows.begin(), rows.end(), shown)) out.options.emplace_back(key, value);
  }
  return out;
}

/// make(spec); where that is refused, make of what is left without the shown defaults.
template <class Make>
auto with_displayed_defaults(const std::vector<OptionRow>& rows, const Spec& spec, const Make& make)
    -> decltype(make(spec)) {
  try {
    return make(spec);
  } catch (const RequestError&) {
    const Spec fewer = without_displayed_defaults(rows, spec);
    if (fewer.options.size() == spec.options.size()) throw;
    return make(fewer);
  }
}

}  // namespace pushforward

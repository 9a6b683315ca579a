// SPDX-License-Identifier: Apache-2.0
//
// A file that says which array of a state_dict is which parameter of a run (--names FILE.toml). What it does
// not mention is found by its own name.
//
//   "encoder.0" = "enc.fc1"                    # all of a layer: .weight, .bias, …
//   "encoder.1.weight" = ["mu.weight", "logvar.weight"]       # stacked, the first one's rows on top
//   "decoder.0" = { array = "dec.fc", outputs = "64x7x7" }    # its outputs are planes: channels first
//   "encoder.4" = { array = "enc.fc", inputs = "64x7x7" }     # the same of what goes in
//   "critic" = ""                              # stays as it was drawn
//   leave = ["classifier.weight"]              # arrays that no parameter takes
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace pushforward {

/// Channels × height × width of planes that another program put one behind the other; 0 = none.
struct Planes {
  std::size_t channels = 0, height = 0, width = 0;

  std::size_t size() const { return channels * height * width; }
};

/// Where a parameter's numbers are.
struct WeightSource {
  std::vector<std::string> arrays{};  ///< stacked along their first axis; none: it stays as it was drawn
  Planes inputs{}, outputs{};
};

class WeightNames {
 public:
  WeightNames() = default;  ///< everything by its own name
  static WeightNames read(const std::string& path);

  /// Of a parameter, whether it is named itself or with its layer. Names of a layer's arrays may be
  /// PyTorch's: `has(array)` says which there are.
  template <class Has>
  WeightSource of(const std::string& parameter, const Has& has) const {
    const Entry* entry = find(parameter);
    if (entry == nullptr) return {{found(parameter, has)}};
    WeightSource source = entry->source;
    if (entry->key.size() < parameter.size())
      for (std::string& array : source.arrays)
        array = found(array + parameter.substr(entry->key.size()), has);
    return source;
  }
  const std::vector<std::string>& left() const { return left_; }
  const std::string& path() const { return path_; }
  /// Keys that name none of these parameters.
  std::vector<std::string> unknown(const std::vector<std::string>& parameters) const;

 private:
  struct Entry {
    std::string key;
    WeightSource source;
  };

  const Entry* find(const std::string& parameter) const;
  /// The name itself, or where there is only the one that PyTorch has for the same thing, that.
  template <class Has>
  static std::string found(const std::string& name, const Has& has) {
    const std::string other = in_pytorch(name);
    return !has(name) && has(other) ? other : name;
  }
  static std::string in_pytorch(const std::string& name);

  std::vector<Entry> entries_;
  std::vector<std::string> left_;
  std::string path_;
};

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
//
// The runs and data that a studio was started with, by names: what a browser may ask for, and nothing else.
// A name is never a path.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "../output.hpp"

namespace pushforward::cli::studio {

class Things {
 public:
  /// Run directories, folders of them, and DATA; new runs go into `folder`. RequestError for what is neither.
  Things(const std::vector<std::string>& arguments, std::string folder, std::uint64_t seed);

  /// RequestError for a name that is not one of these.
  std::string run_path(const std::string& name) const;
  std::string data_argument(const std::string& name) const;
  /// Where a new run of this name will be; RequestError for a name with anything but letters, digits, "-",
  /// "_" and ".", and for one that exists.
  std::string new_path(const std::string& name) const;
  /// A run that was begun.
  void add_run(const std::string& path);

  Json json() const;

 private:
  void add_argument(const std::string& argument, std::uint64_t seed);

  std::string folder_;
  mutable std::mutex mutex_{};
  std::map<std::string, std::string> runs_{};
  std::vector<std::pair<std::string, std::string>> data_{};  // argument, what it is
};

}  // namespace pushforward::cli::studio

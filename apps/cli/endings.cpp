// SPDX-License-Identifier: Apache-2.0
#include "endings.hpp"

#include <algorithm>
#include <filesystem>

#include "output.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli {

std::string endings_text(const std::vector<std::string>& endings) {
  std::string text;
  for (std::size_t i = 0; i < endings.size(); ++i)
    text += (i == 0 ? "" : i + 1 == endings.size() ? " or " : ", ") + endings[i];
  return text;
}

void check_output(const std::string& path, const std::vector<std::string>& endings, bool force) {
  const bool known = std::any_of(endings.begin(), endings.end(),
                                 [&](const std::string& ending) { return has_ending(path, ending); });
  if (!known) {
    const std::string ending = std::filesystem::path(path).extension().string();
    throw RequestError(Complaint{path.empty() ? "-o" : path,
                                 ending.empty() ? "a name without an ending" : "the ending " + ending,
                                 endings_text(endings), "the ending says what is written"});
  }
  check_output(path, force);
}

}  // namespace pushforward::cli

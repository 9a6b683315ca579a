// SPDX-License-Identifier: Apache-2.0
//
// Pages of docs/ that a registry or the program writes in part. Such a part is a *card* between the lines
// "<!-- KIND NAME -->" and "<!-- /KIND -->". To write all cards anew after a row or an option changed, and to
// add those that are missing at the page's end:
//
//   PUSHFORWARD_REGENERATE=1 build/release/tests/pushforward_tests --gtest_filter='*Docs.*'
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace pushforward::testing {

/// The text of a file below the source tree ("docs/cli.md").
std::string read_page(const std::string& path);

/// Expects the page's cards of this kind to be those of `names`, in any order, each with the text that `card`
/// gives.
void expect_cards(const std::string& path, const std::string& kind, const std::vector<std::string>& names,
                  const std::function<std::string(const std::string& name)>& card);

/// The lines of the page's ```sh blocks that begin with "pushforward ".
std::vector<std::string> commands_of(const std::string& path);

/// Runs such a line and expects status 0.
void expect_runs(const std::string& line);

}  // namespace pushforward::testing

// SPDX-License-Identifier: Apache-2.0
//
// The pages as `web/` builds them, embedded in the program: text, script and style, numbers missing.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace pushforward::pages {

struct ChapterPage {
  std::string chapter;  ///< whose numbers it shows; "" of a list of contents
  std::string html;
};

struct Words {
  std::string missing;  ///< "Fetch them, …"
  std::string not_yet;
};

struct Bundle {
  std::vector<std::string> chapters;         ///< in a reader's order
  std::map<std::string, ChapterPage> pages;  ///< by path: "en/coding.html"
  std::map<std::string, std::string> files;  ///< by path: "assets/app.js"
  std::map<std::string, Words> words;        ///< by language
};

/// The file of a page about results, with marks <!--title--> and <!--json--> where those go.
std::string page_frame();
/// The file of the studio's page.
std::string studio_page();

/// Unpacked anew at each call.
Bundle read_bundle();

}  // namespace pushforward::pages

// SPDX-License-Identifier: Apache-2.0
//
// A page about results: JSON that the components of web/ draw. Both are in one HTML file, which loads
// nothing.
//
//   { "title", "lead", "sections": [ { "title", "text", "blocks": [ { "type", … } ] } ] }
//
// web/src/page.ts draws a block by its type; blocks.hpp makes them.
#pragma once

#include <string>
#include <string_view>

#include "pages/json.hpp"

namespace pushforward::pages {

class Page {
 public:
  Page(const std::string& title, const std::string& lead);

  /// What follows stands below this heading.
  void section(std::string_view heading, std::string_view text = "");
  /// A null block is left out.
  void add(Json block);

  const Json& json() const { return page_; }
  /// The file: components, style and numbers.
  std::string html() const;

 private:
  Json page_;
};

}  // namespace pushforward::pages

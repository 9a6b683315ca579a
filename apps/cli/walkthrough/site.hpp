// SPDX-License-Identifier: Apache-2.0
//
// The folder that `walkthrough` writes.
//
//   index.html, en/, zh/      the pages
//   assets/, LICENSES.txt     script and style of all pages, and whose code is in them
//   data/ID.json, data/ID.js  a chapter's numbers, for readers and for the pages
//   walkthrough.json          what it was computed by: version, seed, mode
//
// A chapter whose numbers are there is not computed again, so that an interrupted run goes on where it
// stopped.
#pragma once

#include <optional>
#include <string>

#include "chapter.hpp"
#include "pages/bundle.hpp"

namespace pushforward::cli::walkthrough {

class Site {
 public:
  /// RequestError where the folder holds something else, or numbers of another seed, mode or version, unless
  /// `force`.
  Site(std::string folder, const Demonstration& demonstration, bool force);

  /// The numbers of a chapter that was computed before.
  std::optional<Json> kept(const std::string& id) const;
  void keep(const std::string& id, const Json& numbers) const;
  /// Writes every page; those of chapters without numbers say which data to fetch.
  void write_pages() const;

 private:
  std::string path(const std::string& file) const { return folder_ + "/" + file; }
  void begin(bool force) const;
  std::string page(const std::string& path, const pages::ChapterPage& page) const;

  std::string folder_;
  Json made_by_;
  pages::Bundle bundle_ = pages::read_bundle();
};

}  // namespace pushforward::cli::walkthrough

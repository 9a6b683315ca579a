// SPDX-License-Identifier: Apache-2.0
// The table of chapters; their order on the pages is that of web/contents.mjs.
#include "chapter.hpp"

namespace pushforward::cli::walkthrough {

Json coding_chapter(const Demonstration&);
Json kl_bits_chapter(const Demonstration&);
Json divergences_chapter(const Demonstration&);
Json three_histograms_chapter(const Demonstration&);
Json parallel_lines_chapter(const Demonstration&);

std::span<const Chapter> chapters() {
  static const std::vector<Chapter> table = {
      {"coding", coding_chapter},
      {"kl-bits", kl_bits_chapter},
      {"divergences", divergences_chapter},
      {"three-histograms", three_histograms_chapter},
      {"parallel-lines", parallel_lines_chapter},
  };
  return table;
}

}  // namespace pushforward::cli::walkthrough

// SPDX-License-Identifier: Apache-2.0
// The table of chapters; their order on the pages is that of web/contents.mjs.
#include "chapter.hpp"

namespace pushforward::cli::walkthrough {

Json coding_chapter(const Demonstration&);
Json kl_bits_chapter(const Demonstration&);
Json divergences_chapter(const Demonstration&);
Json three_histograms_chapter(const Demonstration&);
Json parallel_lines_chapter(const Demonstration&);
Json two_ways_chapter(const Demonstration&);
Json game_chapter(const Demonstration&);
Json transport_chapter(const Demonstration&);
Json witness_chapter(const Demonstration&);
Json sinkhorn_chapter(const Demonstration&);
Json linear_chapter(const Demonstration&);
Json vae_chapter(const Demonstration&);
Json faces_chapter(const Demonstration&);
Json particles_chapter(const Demonstration&);
Json gan_line_chapter(const Demonstration&);
Json losses_chapter(const Demonstration&);
Json stacked_chapter(const Demonstration&);
Json denoising_chapter(const Demonstration&);
Json bound_chapter(const Demonstration&);
Json critic_chapter(const Demonstration&);
Json which_chapter(const Demonstration&);
Json digits_chapter(const Demonstration&);
Json slips_chapter(const Demonstration&);

std::span<const Chapter> chapters() {
  static const std::vector<Chapter> table = {
      {"coding", coding_chapter},
      {"kl-bits", kl_bits_chapter},
      {"divergences", divergences_chapter},
      {"three-histograms", three_histograms_chapter},
      {"parallel-lines", parallel_lines_chapter},
      {"two-ways", two_ways_chapter},
      {"game", game_chapter},
      {"transport", transport_chapter},
      {"witness", witness_chapter},
      {"sinkhorn", sinkhorn_chapter},
      {"linear", linear_chapter, {"mnist"}},
      {"vae", vae_chapter, {"mnist"}},
      {"faces", faces_chapter, {"faces"}},
      {"particles", particles_chapter},
      {"gan-line", gan_line_chapter},
      {"losses", losses_chapter, {"mnist"}},
      {"stacked", stacked_chapter, {"mnist"}},
      {"denoising", denoising_chapter, {"mnist"}},
      {"bound", bound_chapter},
      {"critic", critic_chapter},
      {"which", which_chapter},
      {"digits", digits_chapter, {"mnist"}},
      {"slips", slips_chapter},
  };
  return table;
}

}  // namespace pushforward::cli::walkthrough

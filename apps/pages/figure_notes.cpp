// SPDX-License-Identifier: Apache-2.0
#include "pages/figure_notes.hpp"

#include <algorithm>
#include <array>

namespace pushforward::pages {
namespace {

constexpr std::array kNotes = {
    FigureNote{"squared_error", "between a row and what comes back through the code, summed over its numbers",
               "lower"},
    FigureNote{"cross_entropy", "of a row given its code, in nats, summed over its numbers", "lower"},
    FigureNote{"elbo", "bound on ln p(x) from below, in nats a row", "higher"},
    FigureNote{"kl", "nats that the code spends on a row: KL(q(z|x)‖p(z)); near 0, it says nothing", ""},
    FigureNote{"active_units", "coordinates of the code that say something of the row", ""},
    FigureNote{"nll", "−ln p(x) by importance samples, in nats a row: tighter than the ELBO", "lower"},
    FigureNote{"importance", "samples of that estimate", ""},
    FigureNote{"log_likelihood", "ln p(x), in nats a row", "higher"},
    FigureNote{"bits_per_dimension", "−log₂ p(x) over the numbers of a row", "lower"},
    FigureNote{"noise_variance", "of what the code does not explain", ""},
    FigureNote{"explained_variance_ratio", "share of the variance along this component", ""},
    FigureNote{"principal_angles", "degrees between the code's plane and PCA's; 0 is the same plane",
               "lower"},
    FigureNote{"stage_squared_errors", "squared error with so many layers trained", "lower"},
    FigureNote{"psnr", "of the output against the clean image, in dB", "higher"},
    FigureNote{"ssim", "of the output against the clean image; 1 is the same", "higher"},
    FigureNote{"noisy_psnr", "the same of the noisy input", ""},
    FigureNote{"noisy_ssim", "the same of the noisy input", ""},
    FigureNote{"training_distance", "the distance that was trained with, between generated rows and these",
               "lower"},
    FigureNote{"training_estimate", "what the trained critic reads between generated rows and these",
               "lower"},
    FigureNote{"training_estimate_bound", "which side of the true distance that reading is on", ""},
    FigureNote{"modes", "modes of the data with a sample within three standard deviations, of 2500 samples",
               "higher"},
    FigureNote{"high_quality", "share of samples that lie near a mode; a perfect model has 0.989", "higher"},
    FigureNote{"reverse_kl", "from the samples' shares of the modes to equal ones, in nats", "lower"},
    FigureNote{"parzen", "log-likelihood under Parzen windows: for published tables, not for quality",
               "higher"},
    FigureNote{"sigma", "width of the windows", ""},
    FigureNote{"memorisation ratio",
               "distance to the closest training row, generated over held-out: about 1 is fresh, 0 is copied",
               ""},
    FigureNote{"memorisation closer",
               "share of samples closer to a training row than 99 % of held-out rows; fresh rows have 0.01",
               ""},
    FigureNote{"memorisation distance", "from a generated row to the closest training row, median", ""},
    FigureNote{"memorisation held_out_distance", "the same of held-out rows", ""},
    FigureNote{"path_energy", "of the way from noise to data, over that of a straight line", ""},
    FigureNote{"iterations", "until the fit stood still", ""},
    FigureNote{"converged", "whether it did", ""},
    FigureNote{"precision", "share of generated rows that lie where the data do", "higher"},
    FigureNote{"recall", "share of the data that the generated rows reach", "higher"},
    FigureNote{"density", "how deep in the data the generated rows lie; 1 for the data's own law", "higher"},
    FigureNote{"coverage", "share of data rows with a generated row beside them", "higher"},
};

std::string_view without_number(std::string_view name) {
  const std::size_t blank = name.rfind(' ');
  const bool number = blank != std::string_view::npos &&
                      name.find_first_not_of("0123456789", blank + 1) == std::string_view::npos;
  return number ? name.substr(0, blank) : name;
}

}  // namespace

const FigureNote* figure_note(std::string_view name) {
  const std::string_view plain = without_number(name);
  const auto found =
      std::find_if(kNotes.begin(), kNotes.end(), [&](const FigureNote& note) { return note.name == plain; });
  return found == kNotes.end() ? nullptr : &*found;
}

}  // namespace pushforward::pages

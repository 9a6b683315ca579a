// SPDX-License-Identifier: Apache-2.0
//
// A divergence of histograms: both samples are counted on one grid, and what is known of known distributions
// applies.
//
// The grid spans the smallest box that holds both samples, `bins` cells a side, in one or two dimensions; the
// share of each sample in each cell is a distribution over the same k = bins^d values, and any divergence of
// divergence.hpp measures them. The upper edge belongs to the last cell. A divergence that uses positions
// (w1, energy) gets the cells' middles. In more dimensions nearly every cell would be empty, and every value
// would say more about the grid than about the samples.
//
// The value depends on the grid (that is why it is reported), grows with `bins`, and is biased upwards for
// small samples: two samples of one distribution differ by about √(k/n). kl, chi2 and their reverses are
// infinite as soon as one cell holds only one of the samples; js, tv and hellinger are not. Because the grid
// depends on both samples, no triangle inequality is claimed even for metrics.
//
// Cost: O(n + m + bins^d).
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "distances/distance_row.hpp"
#include "distances/pool_scale.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kMostCells = 10'000'000;

// Equal cells between the least and the greatest of both samples, in each coordinate.
class Grid {
 public:
  Grid(const Sample& x, const Sample& y, std::size_t bins) : bins_(bins) {
    for (std::size_t k = 0; k < x.d(); ++k) {
      double low = x.points.at(0, k), high = low;
      for (const Sample* sample : {&x, &y})
        for (std::size_t i = 0; i < sample->n(); ++i)
          low = std::min(low, sample->points.at(i, k)), high = std::max(high, sample->points.at(i, k));
      lows_.push_back(low), highs_.push_back(high);
    }
  }

  std::vector<double> shares(const Sample& sample) const {
    std::vector<double> masses(cells(), 0.0);
    for (std::size_t i = 0; i < sample.n(); ++i)
      masses[cell(sample.points, i)] += sample.weights.empty() ? 1.0 : sample.weights[i];
    if (sample.weights.empty())
      for (double& mass : masses) mass /= static_cast<double>(sample.n());
    return masses;
  }
  std::vector<double> middles() const {
    std::vector<double> all(bins_);
    const double width = lows_[0] < highs_[0] ? (highs_[0] - lows_[0]) / static_cast<double>(bins_) : 1.0;
    for (std::size_t b = 0; b < bins_; ++b) all[b] = lows_[0] + (static_cast<double>(b) + 0.5) * width;
    return all;
  }
  const std::vector<double>& lows() const { return lows_; }
  const std::vector<double>& highs() const { return highs_; }

 private:
  std::size_t cells() const { return lows_.size() == 2 ? bins_ * bins_ : bins_; }
  std::size_t cell(const Points& points, std::size_t i) const {
    std::size_t index = 0;
    for (std::size_t k = 0; k < lows_.size(); ++k) {
      const double span = highs_[k] - lows_[k];
      const double place = span > 0 ? (points.at(i, k) - lows_[k]) / span * static_cast<double>(bins_) : 0;
      index = index * bins_ + std::min(bins_ - 1, static_cast<std::size_t>(place));
    }
    return index;
  }

  std::size_t bins_;
  std::vector<double> lows_{}, highs_{};
};

// `bins` and `divergence` are ours; every other option must be one of the divergence's own ("alpha=2" of
// renyi).
HistogramOptions read_options(const Spec& spec) {
  Spec own{spec.name}, other;
  for (const auto& option : spec.options)
    (option.first == "bins" || option.first == "divergence" ? own : other).options.push_back(option);
  HistogramOptions options = option_table(HistogramOptions{}).read(own);
  options.divergence.options = std::move(other.options);
  std::vector<std::string> valid = {"divergence", "bins"};
  for (const OptionRow& row : find_divergence(options.divergence.name).options) valid.push_back(row.name);
  for (const auto& [key, value] : options.divergence.options)
    if (std::find(valid.begin(), valid.end(), key) == valid.end())
      throw unknown_word(spec.name + ": option", key, valid);
  return options;
}

// The divergence's name alone: its own options stand beside it.
OptionKind<Spec> divergence_name() {
  return {.read = [](const OptionText& text) { return Spec{std::string(text.text)}; },
          .text = [](const Spec& spec, char) { return spec.name; }};
}

Facts facts_with(const DivergenceFacts& of) {
  return {.symmetric = of.symmetric,
          .non_negative = true,
          .zero_on_itself = of.zero_on_itself,
          .weighted = true,
          .largest_d = of.uses_positions ? 1u : 2u};
}

class Histogram : public Distance {
 public:
  explicit Histogram(HistogramOptions options)
      : chosen_(std::move(options)),
        entry_(find_divergence(chosen_.divergence.name)),
        facts_(facts_with(divergence_facts(chosen_.divergence))),
        divergence_(make_divergence(chosen_.divergence)) {}

  Reading measure(const Sample& x, const Sample& y, const Gradient&) const override {
    check_samples("histogram", x, y, facts_);
    const double cells = std::pow(static_cast<double>(chosen_.bins), static_cast<double>(x.d()));
    if (cells > static_cast<double>(kMostCells))
      throw RequestError(Complaint{"histogram: bins", fmt::format("{:.3g} cells", cells),
                                   fmt::format("at most {}", kMostCells), "use fewer bins"});
    const Grid grid(x, y, chosen_.bins);
    const std::vector<double> p = grid.shares(x), q = grid.shares(y);
    const std::vector<double> positions = x.d() == 1 ? grid.middles() : std::vector<double>{};
    Reading reading;
    reading.value = divergence_->measure({p, q, positions});
    reading.estimator = fmt::format("histograms on a shared grid, {}", entry_.title);
    reading.unit = divergence_unit(entry_, false);
    reading.options = {{"divergence", chosen_.divergence.text()},
                       {"bins", chosen_.bins},
                       {"low", grid.lows()},
                       {"high", grid.highs()}};
    return reading;
  }

  // Shares are right to the last place; what is summed over cells is no larger than 1, or than the span where
  // a divergence uses positions.
  std::optional<Rounding> rounding(const Sample& x, const Sample& y) const override {
    constexpr double kUnits = 64;
    const double span = facts_.largest_d == 1 ? 2 * pool_scale(x, y).spread : 1;
    return Rounding{kUnits * 0x1p-52 * span};
  }

 private:
  HistogramOptions chosen_;
  const DivergenceEntry& entry_;
  Facts facts_;
  std::unique_ptr<Divergence> divergence_;
};

}  // namespace

const OptionTable<HistogramOptions>& option_table(const HistogramOptions&) {
  static const auto table =
      OptionTable<HistogramOptions>("histogram")
          .add("divergence", &HistogramOptions::divergence,
               "any of `divergence`, whose own options may follow", divergence_name())
          .add("bins", &HistogramOptions::bins,
               "cells a side, between the least and the greatest of both samples", count_of(1, kMostUnits));
  return table;
}

std::unique_ptr<Distance> make_distance(const HistogramOptions& options, std::uint64_t) {
  option_table(options).check(options);
  return std::make_unique<Histogram>(options);
}

DistanceEntry histogram_entry() {
  const OptionTable<HistogramOptions>& table = option_table(HistogramOptions{});
  DistanceEntry entry;
  entry.name = "histogram";
  entry.title = "Divergence of histograms on a shared grid";
  entry.formula =
      "D(p,q) with p_c, q_c the shares of X and Y in cell c of a grid over both; any divergence of "
      "`divergence`";
  entry.source = "the divergence's own; see divergence --list";
  entry.options = table.rows();
  entry.facts = {
      .symmetric = true, .non_negative = true, .zero_on_itself = true, .weighted = true, .largest_d = 2};
  entry.facts_of = [](const Spec& spec) {
    return facts_with(divergence_facts(read_options(spec).divergence));
  };
  entry.examples = {{.options = "",
                     .d = 1,
                     .x = {0},
                     .y = {1},
                     .value = std::log(2.0),
                     .by_hand = "no cell holds both: ln 2"},
                    {.options = "divergence=tv,bins=2",
                     .d = 1,
                     .x = {0, 1, 0, 0.9},
                     .y = {0.1, 0.2, 0.3, 1},
                     .value = 0.25,
                     .by_hand = "shares (½, ½) and (¾, ¼): ½(¼ + ¼)"},
                    {.options = "divergence=tv,bins=2",
                     .d = 2,
                     .x = {0, 0, 1, 1},
                     .y = {0, 1, 1, 1},
                     .value = 0.5,
                     .by_hand = "cells (0,0), (0,1), (1,0), (1,1): (½, 0, 0, ½) and (0, ½, 0, ½)"},
                    {.options = "divergence=w1,bins=4",
                     .d = 1,
                     .x = {0, 0},
                     .y = {4},
                     .value = 3,
                     .by_hand = "from the middle ½ of the first cell to 3½, that of the last"}};
  entry.make = [](const Spec& spec, std::uint64_t seed) { return make_distance(read_options(spec), seed); };
  return entry;
}

}  // namespace pushforward

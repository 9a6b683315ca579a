// SPDX-License-Identifier: Apache-2.0
//
// Maximum mean discrepancy between masses on the line, squared.
//
//   MMD² = Σ_ij (p_i − q_i)(p_j − q_j) k(x_i, x_j),   k(x,y) = exp(−(x − y)²/2σ²)          0 … 2
//
// Unlike the f-divergences it knows how far values are from each other, and unlike W_1 only as far as its
// kernel reaches: beyond a few σ all distances are alike (2·Σ), and as σ → ∞ it tends to (difference of
// means)²/σ². Cost O(k²). Source: Gretton et al., JMLR 13 (2012) 723–773. Between samples: `distance -m mmd`.
#include <algorithm>
#include <cmath>

#include "core/summation.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/divergences.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

class KernelDiscrepancy final : public Divergence {
 public:
  explicit KernelDiscrepancy(double bandwidth) : bandwidth_(bandwidth) {}

  double measure(const DiscretePair& pair, std::span<double> gradient) const override {
    CompensatedSum total;
    for (std::size_t i = 0; i < pair.p.size(); ++i) {
      CompensatedSum witness;  // Σ_j (p_j − q_j) k(x_i, x_j)
      for (std::size_t j = 0; j < pair.p.size(); ++j)
        if (pair.p[j] != pair.q[j]) witness.add((pair.p[j] - pair.q[j]) * kernel(at(pair, i) - at(pair, j)));
      total.add((pair.p[i] - pair.q[i]) * witness.value());
      if (!gradient.empty()) gradient[i] = 2 * witness.value();
    }
    return std::max(0.0, total.value());
  }
  std::optional<OnTheLine> on_the_line() const override {
    return OnTheLine{OnTheLine::Kind::kernel, bandwidth_};
  }

 private:
  static double at(const DiscretePair& pair, std::size_t i) {
    return pair.positions.empty() ? static_cast<double>(i) : pair.positions[i];
  }
  double kernel(double apart) const {
    const double z = apart / bandwidth_;
    return std::exp(-z * z / 2);
  }

  double bandwidth_;
};

}  // namespace

const OptionTable<KernelDiscrepancyOptions>& option_table(const KernelDiscrepancyOptions&) {
  static const auto table =
      OptionTable<KernelDiscrepancyOptions>("mmd").add("bandwidth", &KernelDiscrepancyOptions::bandwidth,
                                                       "σ, in the unit of the positions", positive_number());
  return table;
}

std::unique_ptr<Divergence> make_divergence(const KernelDiscrepancyOptions& options) {
  option_table(options).check(options);
  return std::make_unique<KernelDiscrepancy>(options.bandwidth);
}

DivergenceEntry kernel_discrepancy_row() {
  const OptionTable<KernelDiscrepancyOptions>& table = option_table(KernelDiscrepancyOptions{});
  return {
      .name = "mmd",
      .title = "maximum mean discrepancy, squared (Gaussian kernel)",
      .formula = "Σ_ij (p_i − q_i)(p_j − q_j) exp(−(x_i − x_j)²/2σ²)",
      .range = "[0, 2]",
      .source = "Gretton et al. 2012",
      .options = table.rows(),
      .facts = {.symmetric = true, .uses_positions = true, .gradient = true},
      .examples =
          {{.options = "", .p = {1, 0}, .q = {0, 1}, .value = 0.7869386805747332, .by_hand = "2 − 2e^(−½)"},
           {.options = "bandwidth=2",
            .p = {1, 0},
            .q = {0, 1},
            .positions = {1, 5},
            .value = 1.7293294335267746,
            .by_hand = "2 − 2e^(−2)"}},
      .make = from_table(table, [](const KernelDiscrepancyOptions& o) { return make_divergence(o); }),
      .unit = "squared"};
}

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
//
// Monte Carlo between mixtures of R^d, where cubature would take too long.
//
// Half of the draws come from p and half from q, and term/m is averaged, m = ½(p + q). A bounded term is at
// most a constant times m there; KL's p ln(p/q) is at most 2 ln(p/q), whose square is integrable wherever the
// divergence is finite but for the heaviest tails. A term that grows like p^a q^(1−a), a > 1, has a second
// moment only where ∫ p^(2a−1) q^(2−2a) converges: otherwise the standard error would be a number without
// meaning, and the request is refused.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/summation.hpp"
#include "divergences/densities/space_divergence.hpp"
#include "divergences/densities/tails.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kBlock = 16384;

struct Estimate {
  double mean = 0, error = 0;
};

// Mean and standard error over n draws that come in blocks: values(block's first draw, count, out).
template <class Values>
Estimate average(std::size_t n, const Values& values) {
  CompensatedSum sum, squares;
  std::vector<double> out(std::min(kBlock, n));
  for (std::size_t done = 0; done < n; done += kBlock) {
    const std::size_t count = std::min(kBlock, n - done);
    values(done, std::span<double>(out.data(), count));
    for (std::size_t i = 0; i < count; ++i) sum.add(out[i]), squares.add(out[i] * out[i]);
  }
  const double total = static_cast<double>(n), mean = sum.value() / total;
  return {mean, std::sqrt(std::max(0.0, squares.value() / total - mean * mean) / (total - 1))};
}

Matrix<double> block_of(const SpaceDensity& density, std::size_t count, std::uint64_t seed,
                        const char* stream, std::size_t first) {
  return sample_density(density, count, Draw{seed}.on(stream).at(first));
}

std::span<const double> row(const Matrix<double>& rows, std::size_t i) { return {rows.row(i), rows.cols()}; }

double log_mean(double log_p, double log_q) {
  const double high = std::max(log_p, log_q);
  return high + std::log1p(std::exp(std::min(log_p, log_q) - high)) - std::log(2.0);
}

void check_second_moment(const CellTerms& terms, const SpaceDensity& p, const SpaceDensity& q) {
  const TailExponents tails = terms.tails();
  const bool heavy = (tails.at_infinity > 1 && !power_converges(2 * tails.at_infinity - 1, p, q)) ||
                     (tails.at_zero < 0 && !power_converges(1 - 2 * tails.at_zero, q, p));
  if (heavy)
    throw RequestError(
        Complaint{fmt::format("density in R^{}", p.d()), "an estimate by draws whose variance is infinite",
                  "tails of q at least as heavy as those of p", "kl, js, tv and hellinger are safe"});
}

}  // namespace

DensityReading sample_terms(const CellTerms& terms, const SpaceDensity& p, const SpaceDensity& q,
                            const DensityOptions& options) {
  if (!converges(terms, p, q))
    return {.value = terms.finish({kInfinity, kInfinity}), .estimator = "closed form (tails and supports)"};
  check_second_moment(terms, p, q);
  const bool homogeneous = terms.degree() == 1;
  CompensatedSum overlap;
  // term/m; a term of degree 1 takes the densities relative to m, which do not underflow.
  const auto at = [&](std::span<const double> x) {
    const double log_p = p.log_density(x), log_q = q.log_density(x), log_m = log_mean(log_p, log_q);
    const double base = homogeneous ? log_m : 0, scale = homogeneous ? 1 : std::exp(-log_m);
    const CellSums cell = terms.term(Cell::of_logs(log_p - base, log_q - base));
    overlap.add(cell.overlap * scale / 2);
    return cell.sum * scale;
  };
  const Estimate sum = average(options.draws, [&](std::size_t first, std::span<double> out) {
    const Matrix<double> x = block_of(p, out.size(), options.seed, "density draws of p", first),
                         y = block_of(q, out.size(), options.seed, "density draws of q", first);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = (at(row(x, i)) + at(row(y, i))) / 2;
  });
  const CellSums sums{sum.mean, overlap.value() / static_cast<double>(options.draws)};
  return {.value = terms.finish(sums),
          .standard_error = sum.error * std::abs(terms.finish_slope(sums)),
          .estimator = "Monte Carlo from both"};
}

DensityReading sample_entropy(const SpaceDensity& p, const DensityOptions& options) {
  const Estimate h = average(options.draws, [&](std::size_t first, std::span<double> out) {
    const Matrix<double> x = block_of(p, out.size(), options.seed, "density draws of p", first);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = -p.log_density(row(x, i));
  });
  return {.value = h.mean, .standard_error = h.error, .estimator = "Monte Carlo"};
}

DensityReading sample_energy(const SpaceDensity& p, const SpaceDensity& q, const DensityOptions& options) {
  const auto length = [](std::span<const double> a, std::span<const double> b) {
    double sum = 0;
    for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
    return std::sqrt(sum);
  };
  // Two independent draws of each make one term ‖X−Y'‖ + ‖X'−Y‖ − ‖X−X'‖ − ‖Y−Y'‖.
  const Estimate energy =
      average(std::max<std::size_t>(2, options.draws / 2), [&](std::size_t first, std::span<double> out) {
        const auto draws = [&](const SpaceDensity& density, const char* stream) {
          return block_of(density, out.size(), options.seed, stream, first);
        };
        const Matrix<double> x = draws(p, "density draws of p"), y = draws(q, "density draws of q"),
                             x2 = draws(p, "more draws of p"), y2 = draws(q, "more draws of q");
        for (std::size_t i = 0; i < out.size(); ++i)
          out[i] = length(row(x, i), row(y2, i)) + length(row(x2, i), row(y, i)) -
                   length(row(x, i), row(x2, i)) - length(row(y, i), row(y2, i));
      });
  return {.value = std::max(0.0, energy.mean),
          .standard_error = energy.error,
          .estimator = "Monte Carlo from both"};
}

}  // namespace pushforward

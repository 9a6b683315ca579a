// SPDX-License-Identifier: Apache-2.0
//
// The bound of a variational autoencoder where everything is known: z ~ N(0, 1), x|z ~ N(wz, σ²).
//
//   ln p(x) = ELBO(q) + KL[q(z|x) ‖ p(z|x)],   p(z|x) = N(wx/(w² + σ²), σ²/(w² + σ²))
//   ELBO    = E_q ln p(x|z) − KL[q(z|x) ‖ N(0, 1)]
//
// and with K samples of q, E ln (1/K) Σ p(x, z_k)/q(z_k) climbs from the ELBO to ln p(x) [Burda et al. 2016].
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "chapter.hpp"
#include "pushforward/density.hpp"
#include "pushforward/random.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr double kW = 1.5, kSigma = 0.7, kX = 2.0;
constexpr std::size_t kDraws = 4000;

struct Gaussian {
  double mean, sd;
};

KnownDensity known(const Gaussian& g) { return LineDensity({{.a = g.mean, .b = g.sd}}); }
double kl(const Gaussian& p, const Gaussian& q) {
  return density_divergence({"kl"}, known(p), known(q)).value;
}

double log_normal(double x, const Gaussian& g) {
  const double t = (x - g.mean) / g.sd;
  return -0.5 * t * t - std::log(g.sd) - 0.5 * std::log(2 * std::numbers::pi);
}

constexpr double kVariance = kW * kW + kSigma * kSigma;
const Gaussian kPosterior = {kW * kX / kVariance, kSigma / std::sqrt(kVariance)};

Json terms(const Gaussian& q) {
  const double reconstruction =
      log_normal(kX, {kW * q.mean, kSigma}) - kW * kW * q.sd * q.sd / (2 * kSigma * kSigma);
  const double prior = kl(q, {0, 1});
  return {{"mean", q.mean},
          {"sd", q.sd},
          {"reconstruction", reconstruction},
          {"kl", prior},
          {"elbo", reconstruction - prior},
          {"gap", kl(q, kPosterior)}};
}

// The mean over draws of the bound with K samples.
double importance_bound(const Gaussian& q, std::size_t samples, std::uint64_t seed) {
  const Matrix<double> z = sample_density(known(q), kDraws * samples, Draw{seed}.on("bound"));
  double sum = 0;
  for (std::size_t i = 0; i < kDraws; ++i) {
    double largest = -HUGE_VAL;
    std::vector<double> logs(samples);
    for (std::size_t k = 0; k < samples; ++k) {
      const double at = z(i * samples + k, 0);
      logs[k] = log_normal(kX, {kW * at, kSigma}) + log_normal(at, {0, 1}) - log_normal(at, q);
      largest = std::max(largest, logs[k]);
    }
    double weights = 0;
    for (const double log : logs) weights += std::exp(log - largest);
    sum += largest + std::log(weights / static_cast<double>(samples));
  }
  return sum / static_cast<double>(kDraws);
}

}  // namespace

Json bound_chapter(const Demonstration& demonstration) {
  const Gaussian far = {0, 1};
  Json importance = Json::array();
  const std::vector<std::size_t> counts = {1, 2, 5, 10, 50};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    demonstration.progress(static_cast<double>(i) / static_cast<double>(counts.size()));
    importance.push_back(
        {{"samples", counts[i]}, {"bound", importance_bound(far, counts[i], demonstration.seed)}});
  }
  return {{"w", kW},
          {"sigma", kSigma},
          {"x", kX},
          {"log_p", log_normal(kX, {0, std::sqrt(kVariance)})},
          {"posterior", {{"mean", kPosterior.mean}, {"sd", kPosterior.sd}}},
          {"start", terms(far)},
          {"best", terms(kPosterior)},
          {"importance", importance}};
}

}  // namespace pushforward::cli::walkthrough

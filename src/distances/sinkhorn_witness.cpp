// SPDX-License-Identifier: Apache-2.0
//
// At a point of x the soft minimum is the potential that the iterations found; elsewhere it continues it,
// smoothly. The largest exponent is taken out of the sum, so nothing overflows however small ε is.
#include "distances/sinkhorn_witness.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "distances/owned_sample.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

class SinkhornWitness final : public Witness {
 public:
  SinkhornWitness(const Sample& x, const Sample& y, const SinkhornOptions& options, bool debiased,
                  std::optional<double> value)
      : x_(x), y_(y), options_(options), debiased_(debiased), value_(value), xy_(sinkhorn(x, y, options)) {
    if (debiased) xx_ = sinkhorn_self(x, options);
  }

  void values(const Points& at, View<double> out) const override {
    parallel_for(at.n(), 1 + 20'000 / (x_.n() + y_.n()), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const std::vector<double> z = row_of(at, i);
        out(i, 0) = soft_minimum(z, y_, xy_.g) - (debiased_ ? soft_minimum(z, x_, xx_.f) : 0);
      }
    });
  }

  Fields about() const override {
    Fields about;
    if (value_) about.emplace_back("value", *value_);
    about.insert(about.end(),
                 {{"value_is", debiased_ ? "Sinkhorn divergence" : "entropic transport OT_eps"},
                  {"over", "the first variation: how the value rises when mass of X is put at a point"},
                  {"epsilon", options_.epsilon},
                  {"converged", xy_.converged && (!debiased_ || xx_.converged)}});
    return about;
  }

 private:
  double cost(std::span<const double> a, std::span<const double> b) const {
    double square = 0;
    for (std::size_t k = 0; k < a.size(); ++k) square += (a[k] - b[k]) * (a[k] - b[k]);
    return options_.p == 2 ? square : std::pow(square, options_.p / 2);
  }

  // −ε ln Σ_j w_j exp((g_j − C_j)/ε)
  double soft_minimum(std::span<const double> z, const OwnedSample& sample,
                      const std::vector<double>& g) const {
    std::vector<double> exponents(sample.n());
    double most = -std::numeric_limits<double>::infinity();
    for (std::size_t j = 0; j < exponents.size(); ++j)
      if (sample.weight(j) > 0) {
        exponents[j] = (g[j] - cost(z, sample.point(j))) / options_.epsilon;
        most = std::max(most, exponents[j]);
      }
    double sum = 0;
    for (std::size_t j = 0; j < exponents.size(); ++j)
      if (sample.weight(j) > 0) sum += sample.weight(j) * std::exp(exponents[j] - most);
    return -options_.epsilon * (most + std::log(sum));
  }

  OwnedSample x_, y_;
  SinkhornOptions options_;
  bool debiased_;
  std::optional<double> value_;
  SinkhornResult xy_, xx_{};
};

}  // namespace

std::unique_ptr<Witness> sinkhorn_witness(const Sample& x, const Sample& y, const SinkhornOptions& options,
                                          bool debiased, std::optional<double> value) {
  return std::make_unique<SinkhornWitness>(x, y, options, debiased, value);
}

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
//
// The points x_1 ≤ … ≤ x_n of a sample against a density q with distribution function F, exactly.
//
//   kl      (1/n) Σ −ln q(x_i)
//   w1      ∫ |F_n − F| dx: between neighbours F_n is constant and F crosses it at most once, at a quantile;
//           ∫_{−∞}^t F = t·F(t) − E[X; X ≤ t] gives each piece
//   w2²     (1/n) Σ x_i² − 2 Σ x_i E[X; Q(i/n − 1/n) < X ≤ Q(i/n)] + E X²
//   energy  (2/n) Σ E|x_i − X| − E|X − X'| − (1/n²) Σ |x_i − x_j|,  E|x − X| = x(2F(x) − 1) + E X − 2E[X; X ≤
//   x] mmd     (1/n²) Σ k(x_i,x_j) − (2/n) Σ E k(x_i,X) + E k(X,X')
#include "divergences/densities/sample_divergence.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/summation.hpp"
#include "divergences/densities/kernel_distance.hpp"
#include "divergences/densities/line_families.hpp"
#include "divergences/densities/quadrature.hpp"
#include "pushforward/cell_terms.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

double partial_mean_of(const LineDensity& q, double t) {
  double sum = 0;
  for (const LineComponent& c : q.components()) sum += c.weight * partial_mean(c, t);
  return sum;
}

// ∫_{−∞}^t F.
double area_below(const LineDensity& q, double t) { return t * q.cdf(t) - partial_mean_of(q, t); }

bool has_moment_of(const LineDensity& q, double order) {
  return std::all_of(q.components().begin(), q.components().end(),
                     [&](const LineComponent& c) { return has_moment(c, order); });
}

class OfSample : public FitObjective {
 public:
  DensityReading reading(const KnownDensity& q) const override {
    return {.value = (*this)(q), .estimator = "exact, the points against the density"};
  }
};

class Likelihood final : public OfSample {
 public:
  explicit Likelihood(const Matrix<double>& rows) : rows_(rows) {}
  double operator()(const KnownDensity& q) const override {
    if (const auto* line = std::get_if<LineDensity>(&q))
      return mean([&](std::size_t i) { return line->log_density(rows_(i, 0)); });
    const SpaceDensity space = as_space(q);
    return mean([&](std::size_t i) { return space.log_density({rows_.row(i), rows_.cols()}); });
  }
  std::string meaning() const override {
    return "mean of -ln q(x), which is KL(P||Q) plus the entropy of P: maximum likelihood";
  }

 private:
  template <class F>
  double mean(const F& log_density) const {
    CompensatedSum sum;
    for (std::size_t i = 0; i < rows_.rows(); ++i) sum.add(-log_density(i));
    return sum.value() / static_cast<double>(rows_.rows());
  }

  const Matrix<double>& rows_;
};

class OfSortedSample : public OfSample {
 public:
  explicit OfSortedSample(const Matrix<double>& rows) : x_(rows.data(), rows.data() + rows.size()) {
    std::sort(x_.begin(), x_.end());
    n_ = static_cast<double>(x_.size());
  }
  double operator()(const KnownDensity& q) const final {
    const auto& line = std::get<LineDensity>(q);
    return has_moment_of(line, moment()) ? value(line) : kInfinity;
  }

 protected:
  virtual double value(const LineDensity& q) const = 0;
  virtual double moment() const { return 1; }
  double level(std::size_t i) const { return static_cast<double>(i) / n_; }
  double quantile(const LineDensity& q, std::size_t i) const {
    return q.quantile(level(i), static_cast<double>(x_.size() - i) / n_);
  }

  std::vector<double> x_;
  double n_;
};

class Wasserstein1 final : public OfSortedSample {
 public:
  using OfSortedSample::OfSortedSample;

 private:
  double value(const LineDensity& q) const override {
    const double last = x_.back();
    CompensatedSum sum;
    sum.add(area_below(q, x_.front()));
    sum.add(q.mean() - partial_mean_of(q, last) - last * q.survival(last));
    for (std::size_t i = 1; i < x_.size(); ++i) {
      const double a = x_[i - 1], b = x_[i], u = level(i);
      if (a == b) continue;
      const double c = std::clamp(quantile(q, i), a, b), below = area_below(q, c);
      sum.add(u * (c - a) - (below - area_below(q, a)));
      sum.add(area_below(q, b) - below - u * (b - c));
    }
    return std::max(0.0, sum.value());
  }
};

class Wasserstein2 final : public OfSortedSample {
 public:
  using OfSortedSample::OfSortedSample;

 private:
  double moment() const override { return 2; }
  double value(const LineDensity& q) const override {
    const double place = q.mean();  // differences from it, which do not cancel
    CompensatedSum sum;
    sum.add(q.variance());
    double before = 0;
    for (std::size_t i = 1; i <= x_.size(); ++i) {
      const double t = i < x_.size() ? quantile(q, i) : kInfinity;
      const double upto = i < x_.size() ? partial_mean_of(q, t) - place * q.cdf(t) : 0;
      const double x = x_[i - 1] - place;
      sum.add(x * x / n_), sum.add(-2 * x * (upto - before));
      before = upto;
    }
    return std::sqrt(std::max(0.0, sum.value()));
  }
};

class Energy final : public OfSortedSample {
 public:
  explicit Energy(const Matrix<double>& rows) : OfSortedSample(rows) {
    CompensatedSum sum;  // Σ_ij |x_i − x_j| = 2 Σ_i x_(i) (2i − 1 − n)
    for (std::size_t i = 0; i < x_.size(); ++i)
      sum.add(2 * x_[i] * (2 * static_cast<double>(i) + 1 - n_) / (n_ * n_));
    within_ = sum.value();
  }

 private:
  double value(const LineDensity& q) const override {
    CompensatedSum across;
    const double mean = q.mean();
    for (double x : x_) across.add((x * (2 * q.cdf(x) - 1) + mean - 2 * partial_mean_of(q, x)) / n_);
    const Integral own =
        integrate([&](double x) { return 2 * q.cdf(x) * q.survival(x); }, q.landmarks(), 1e-12);
    return std::max(0.0, 2 * across.value() - own.value - within_);
  }

  double within_;
};

class Kernel final : public OfSortedSample {
 public:
  Kernel(const Matrix<double>& rows, double sigma) : OfSortedSample(rows), sigma_(sigma) {
    CompensatedSum sum;
    for (double a : x_) {
      double row = 0;
      for (double b : x_) {
        const double z = (a - b) / sigma;
        row += std::exp(-z * z / 2);
      }
      sum.add(row / (n_ * n_));
    }
    within_ = sum.value();
  }

 private:
  double moment() const override { return 0; }
  double value(const LineDensity& q) const override {
    CompensatedSum across;
    for (double x : x_) across.add(kernel_mean(q, x, sigma_) / n_);
    return std::max(0.0, within_ + kernel_product(q, q, sigma_).value - 2 * across.value());
  }

  double sigma_, within_;
};

void check_rows(const Matrix<double>& rows) {
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t k = 0; k < rows.cols(); ++k)
      if (!std::isfinite(rows(i, k)))
        throw RequestError(
            Complaint{"fit", fmt::format("{} in row {}, column {}", rows(i, k), i, k), "finite numbers"});
}

}  // namespace

std::unique_ptr<FitObjective> objective_of_sample(const Matrix<double>& rows, const Spec& divergence) {
  check_rows(rows);
  const std::string& name = find_divergence(divergence.name).name;
  const auto line = make_divergence(divergence)->on_the_line();
  if (name == "kl" || name == "cross-entropy") return std::make_unique<Likelihood>(rows);
  if (line && rows.cols() == 1) {
    if (line->kind == OnTheLine::Kind::energy) return std::make_unique<Energy>(rows);
    if (line->kind == OnTheLine::Kind::kernel) return std::make_unique<Kernel>(rows, line->order);
    if (line->order == 1) return std::make_unique<Wasserstein1>(rows);
    if (line->order == 2) return std::make_unique<Wasserstein2>(rows);
  }
  if (line)
    throw RequestError(Complaint{"--by " + divergence.text(), fmt::format("a sample in R^{}", rows.cols()),
                                 "kl (maximum likelihood), or w1, w2, energy, mmd on the line",
                                 "`pushforward train generator --distance` descends the others on samples"});
  throw RequestError(Complaint{"--by " + divergence.text(), "a sample, which has no density",
                               "kl (maximum likelihood), w1, w2, energy or mmd",
                               "or give P as a density, such as 0.5*normal(-2,1)+0.5*normal(2,1)"});
}

}  // namespace pushforward

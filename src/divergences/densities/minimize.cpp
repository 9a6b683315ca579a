// SPDX-License-Identifier: Apache-2.0
#include "divergences/densities/minimize.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Dense>

namespace pushforward {
namespace {

constexpr double kDifference = 1e-5;  // of central differences, in parameters of order 1

double or_infinite(double value) { return std::isnan(value) ? HUGE_VAL : value; }

// ---- Nelder and Mead ----

struct Corner {
  std::vector<double> at;
  double value;
};

class Simplex {
 public:
  Simplex(const Objective& f, const std::vector<double>& start, double step, Minimum* told)
      : f_(f), n_(start.size()), told_(told) {
    const auto n = static_cast<double>(n_);
    expansion_ = 1 + 2 / std::max(2.0, n), contraction_ = 0.75 - 1 / (2 * std::max(2.0, n)),
    shrink_ = 1 - 1 / std::max(2.0, n);
    corners_.push_back({start, or_infinite(f(start))});
    for (std::size_t k = 0; k < n_; ++k) {
      std::vector<double> at = start;
      at[k] += step;
      const double value = or_infinite(f(at));
      corners_.push_back({std::move(at), value});
    }
  }

  Corner run(std::size_t most, double tolerance) {
    for (std::size_t round = 0; round < most; ++round) {
      std::stable_sort(corners_.begin(), corners_.end(),
                       [](const Corner& a, const Corner& b) { return a.value < b.value; });
      if (told_ && (told_->path.empty() || told_->path.back() != corners_[0].at))
        told_->path.push_back(corners_[0].at);
      if (size() < tolerance) break;
      move();
    }
    return *std::min_element(corners_.begin(), corners_.end(),
                             [](const Corner& a, const Corner& b) { return a.value < b.value; });
  }

 private:
  double size() const {
    double widest = 0;
    for (const Corner& corner : corners_)
      for (std::size_t k = 0; k < n_; ++k)
        widest = std::max(widest, std::abs(corner.at[k] - corners_[0].at[k]));
    return widest;
  }
  // centre + t·(worst − centre)
  Corner along(double t) const {
    std::vector<double> at(n_, 0.0);
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t k = 0; k < n_; ++k) at[k] += corners_[i].at[k] / static_cast<double>(n_);
    for (std::size_t k = 0; k < n_; ++k) at[k] += t * (corners_.back().at[k] - at[k]);
    const double value = or_infinite(f_(at));
    return {std::move(at), value};
  }
  void move() {
    Corner& worst = corners_.back();
    Corner reflected = along(-1);
    if (reflected.value < corners_[0].value) {
      Corner expanded = along(-expansion_);
      worst = expanded.value < reflected.value ? std::move(expanded) : std::move(reflected);
    } else if (reflected.value < corners_[n_ - 1].value) {
      worst = std::move(reflected);
    } else {
      const bool outside = reflected.value < worst.value;
      Corner contracted = along(outside ? -contraction_ : contraction_);
      if (contracted.value < std::min(reflected.value, worst.value))
        worst = std::move(contracted);
      else
        shrink();
    }
  }
  void shrink() {
    for (std::size_t i = 1; i < corners_.size(); ++i) {
      for (std::size_t k = 0; k < n_; ++k)
        corners_[i].at[k] = corners_[0].at[k] + shrink_ * (corners_[i].at[k] - corners_[0].at[k]);
      corners_[i].value = or_infinite(f_(corners_[i].at));
    }
  }

  const Objective& f_;
  std::size_t n_;
  Minimum* told_;
  double expansion_, contraction_, shrink_;
  std::vector<Corner> corners_;
};

// ---- BFGS ----

using Vector = Eigen::VectorXd;

double at(const Objective& f, const Vector& x) {
  return or_infinite(f(std::vector<double>(x.data(), x.data() + x.size())));
}

// Not finite beside a wall of infinities.
Vector gradient(const Objective& f, Vector x) {
  Vector g(x.size());
  for (Eigen::Index k = 0; k < x.size(); ++k) {
    const double here = x(k);
    x(k) = here + kDifference;
    const double above = at(f, x);
    x(k) = here - kDifference;
    g(k) = (above - at(f, x)) / (2 * kDifference);
    x(k) = here;
  }
  return g;
}

Corner quasi_newton(const Objective& f, const Corner& from, Minimum* told) {
  const auto n = static_cast<Eigen::Index>(from.at.size());
  Vector x = Eigen::Map<const Vector>(from.at.data(), n), g = gradient(f, x);
  double value = from.value;
  Eigen::MatrixXd inverse = Eigen::MatrixXd::Identity(n, n);
  for (int round = 0; round < 200 && g.allFinite() && g.norm() > 1e-10; ++round) {
    Vector way = -inverse * g;
    if (!(way.dot(g) < 0)) inverse.setIdentity(), way = -g;
    if (way.norm() > 1) way /= way.norm();
    double step = 1, next = at(f, x + way);
    while (!(next <= value + 1e-4 * step * way.dot(g)) && step > 1e-10)
      step /= 2, next = at(f, x + step * way);
    if (!(next < value)) break;
    const Vector moved = step * way, new_g = gradient(f, x + moved), change = new_g - g;
    x += moved, value = next;
    if (told) told->path.emplace_back(x.data(), x.data() + n);
    if (const double curve = moved.dot(change); curve > 1e-300) {
      if (round == 0) inverse *= curve / change.squaredNorm();
      const Eigen::MatrixXd turn = Eigen::MatrixXd::Identity(n, n) - moved * change.transpose() / curve;
      inverse = turn * inverse * turn.transpose() + moved * moved.transpose() / curve;
    }
    g = new_g;
  }
  return {std::vector<double>(x.data(), x.data() + n), value};
}

// ---- where the function has creases ----

// A quasi-Newton end that is none: the slope of a smooth minimum is that of rounding, 1e-9.
bool is_smooth(const Objective& f, const std::vector<double>& x) {
  const Vector g = gradient(f, Eigen::Map<const Vector>(x.data(), static_cast<Eigen::Index>(x.size())));
  return g.allFinite() && g.norm() <= 1e-7;
}

// On a crease a simplex becomes flat and crawls along it: so new ones, upright, until two gain nothing.
void follow_crease(const Objective& f, Minimum& best) {
  const std::size_t n = best.at.size();
  int idle = 0;
  for (double step : {0.03, 0.003, 0.01, 0.001, 0.0003, 0.003, 0.0001, 0.001}) {
    Corner found = Simplex(f, best.at, step, &best).run(200 * (n + 1), 1e-10);
    idle = best.value - found.value > 1e-15 * (1 + std::abs(best.value)) ? 0 : idle + 1;
    if (found.value < best.value) best.at = std::move(found.at), best.value = found.value;
    if (idle == 2) return;
  }
}

}  // namespace

Minimum minimize(const Objective& f, std::vector<double> start, double step) {
  Minimum best{std::move(start), 0};
  best.value = or_infinite(f(best.at)), best.path = {best.at};
  for (int round = 0; round < 6; ++round) {
    const std::size_t n = best.at.size();
    Corner found = Simplex(f, best.at, step, &best).run((round == 0 ? 60 : 25) * (n + 1), 1e-9);
    if (!std::isfinite(found.value)) return best;
    found = quasi_newton(f, found, &best);
    const double gain = best.value - found.value;
    if (found.value < best.value) best.at = found.at, best.value = found.value;
    step = std::max(1e-3, step / 10);
    if (round > 0 && !(gain > 1e-13 * (1 + std::abs(best.value)))) break;
  }
  if (!is_smooth(f, best.at)) follow_crease(f, best);
  return best;
}

std::vector<double> way_down(const Objective& f, const Minimum& from) {
  constexpr double h = 2e-3;
  const auto n = static_cast<Eigen::Index>(from.at.size());
  const Vector x = Eigen::Map<const Vector>(from.at.data(), n);
  const auto moved = [&](Eigen::Index i, double by_i, Eigen::Index j, double by_j) {
    Vector to = x;
    to(i) += by_i, to(j) += by_j;
    return at(f, to);
  };
  Eigen::MatrixXd hessian(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j <= i; ++j)
      hessian(i, j) = hessian(j, i) =
          i == j ? (moved(i, h, i, 0) - 2 * from.value + moved(i, -h, i, 0)) / (h * h)
                 : (moved(i, h, j, h) - moved(i, h, j, -h) - moved(i, -h, j, h) + moved(i, -h, j, -h)) /
                       (4 * h * h);
  if (!hessian.allFinite()) return {};
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(hessian);
  if (eigen.eigenvalues()(0) > -1e-5 * std::max(1e-3, hessian.cwiseAbs().maxCoeff())) return {};
  const Vector way = eigen.eigenvectors().col(0);
  return {way.data(), way.data() + n};
}

}  // namespace pushforward

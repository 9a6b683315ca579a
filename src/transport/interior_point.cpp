// SPDX-License-Identifier: Apache-2.0
// Newton steps along the central path: see interior_point.hpp.
#include "transport/interior_point.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Cholesky>
#include <Eigen/Core>

namespace pushforward::transport {
namespace {

constexpr std::size_t kMostSteps = 400, kPatience = 25;  // steps without gain: the first ones have none
constexpr double kProven = 1e-13;                        // relative gap at which to stop
constexpr double kNothing = 1e-3;   // of what destroying and making all mass costs: relative to no less
constexpr double kBoundary = 0.95;  // of the way to the nearest bound
constexpr double kCentring = 0.1;   // how much of the mean complementarity a step aims at
constexpr double kMostChange = 2;   // of u/ρ in a step: e^(−u/ρ) is followed by its tangent

using Vector = Eigen::ArrayXd;
using Table = Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

class Path {
 public:
  Path(View<const double> cost, std::span<const double> a, std::span<const double> b, double rho)
      : cost_(Eigen::Map<const Table>(cost.data, static_cast<Eigen::Index>(cost.rows),
                                      static_cast<Eigen::Index>(cost.cols))),
        a_(Eigen::Map<const Vector>(a.data(), static_cast<Eigen::Index>(a.size()))),
        b_(Eigen::Map<const Vector>(b.data(), static_cast<Eigen::Index>(b.size()))),
        rho_(rho) {
    start();
  }

  InteriorPoint run() {
    InteriorPoint found;
    double best = std::numeric_limits<double>::infinity();
    std::size_t since = 0;  // steps without gain
    for (; found.steps < kMostSteps && since < kPatience; ++found.steps) {
      const double gap = relative_gap();
      if (gap < best)
        best = gap, keep(found), since = 0;
      else
        ++since;
      if (!(gap > kProven) || spent() || !step()) break;
    }
    return found;
  }

 private:
  // Half of each row's and column's least cost, less a little: well inside, and not so far that e^(−u/ρ)
  // vanishes. The plan is p qᵀ over the mass.
  void start() {
    const double inside = 0.1 * std::min(rho_, std::max(cost_.mean(), 1e-3 * rho_));
    u_ = (cost_.rowwise().minCoeff() / 2).min(rho_) - inside;
    v_ = (cost_.colwise().minCoeff().transpose() / 2).min(rho_) - inside;
    slacks();
    const Vector p = a_ * (-u_ / rho_).exp(), q = b_ * (-v_ / rho_).exp();
    plan_ = (p.matrix() * q.matrix().transpose()).array() / std::sqrt(p.sum() * q.sum());
  }

  void slacks() { slack_ = (cost_.colwise() - u_).rowwise() - v_.transpose(); }

  void keep(InteriorPoint& found) const {
    found.plan.resize(static_cast<std::size_t>(plan_.rows()), static_cast<std::size_t>(plan_.cols()));
    std::copy_n(plan_.data(), plan_.size(), found.plan.data());
    found.u.assign(u_.data(), u_.data() + u_.size()), found.v.assign(v_.data(), v_.data() + v_.size());
  }

  static double divergence(const Vector& p, const Vector& q) {
    return (p * (p / q).max(std::numeric_limits<double>::min()).log() - p + q).sum();
  }

  double relative_gap() const {
    const Vector rows = plan_.rowwise().sum(), columns = plan_.colwise().sum().transpose();
    const double primal = (plan_ * cost_).sum() + rho_ * (divergence(rows, a_) + divergence(columns, b_));
    const double dual =
        rho_ * ((a_ * (1 - (-u_ / rho_).exp())).sum() + (b_ * (1 - (-v_ / rho_).exp())).sum());
    return (primal - dual) / std::max(std::abs(primal), kNothing * rho_ * (a_.sum() + b_.sum()));
  }

  // What is left to gain is below rounding.
  bool spent() const { return (plan_ * slack_).sum() < kProven * kNothing * rho_ * (a_.sum() + b_.sum()); }

  // False where rounding has left nothing to factor.
  bool step() {
    const double mu = kCentring * (plan_ * slack_).mean();
    const Table inverse = 1 / slack_, w = plan_ * inverse;
    const Vector p = a_ * (-u_ / rho_).exp(), q = b_ * (-v_ / rho_).exp();
    const Vector row_diagonal = w.rowwise().sum() + p / rho_,
                 column_diagonal = w.colwise().sum().transpose() + q / rho_;
    const Vector row_side = p - mu * inverse.rowwise().sum(),
                 column_side = q - mu * inverse.colwise().sum().transpose();
    Vector du, dv;
    const bool solved =
        w.rows() <= w.cols()
            ? eliminate(w, row_diagonal, column_diagonal, row_side, column_side, du, dv)
            : eliminate(w.transpose(), column_diagonal, row_diagonal, column_side, row_side, dv, du);
    if (!solved) return false;
    const Table sum = (Table::Zero(w.rows(), w.cols()).colwise() + du).rowwise() + dv.transpose();
    const Table change = mu * inverse - plan_ + w * sum;
    const double dual =
        std::min(length(slack_, -sum),
                 kMostChange * rho_ / std::max({du.abs().maxCoeff(), dv.abs().maxCoeff(), 1e-300}));
    const double primal = length(plan_, change);
    u_ += std::min(1.0, dual) * du, v_ += std::min(1.0, dual) * dv;
    plan_ += std::min(1.0, primal) * change;
    slacks();
    return u_.allFinite() && v_.allFinite() && plan_.allFinite() && slack_.minCoeff() > 0;
  }

  // Solves [D W; Wᵀ E] by the Schur complement D − W E⁻¹ Wᵀ.
  template <class W>
  static bool eliminate(const W& w, const Vector& d, const Vector& e, const Vector& left, const Vector& right,
                        Vector& x, Vector& y) {
    const Table scaled = w.rowwise() / e.sqrt().transpose();
    Eigen::MatrixXd schur = d.matrix().asDiagonal();
    schur.selfadjointView<Eigen::Lower>().rankUpdate(scaled.matrix(), -1);
    const Eigen::LLT<Eigen::MatrixXd> factor(schur.selfadjointView<Eigen::Lower>());
    if (factor.info() != Eigen::Success) return false;
    x = factor.solve((left - (w.matrix() * (right / e).matrix()).array()).matrix()).array();
    y = (right - (w.matrix().transpose() * x.matrix()).array()) / e;
    return x.allFinite() && y.allFinite();
  }

  // How far along `change` the values stay above 0.
  static double length(const Table& values, const Table& change) {
    const double most = (-change / values).maxCoeff();
    return most > 0 ? kBoundary / most : 1;
  }

  const Eigen::Map<const Table> cost_;
  const Eigen::Map<const Vector> a_, b_;
  const double rho_;
  Vector u_, v_;
  Table plan_, slack_;
};

}  // namespace

InteriorPoint unbalanced_by_interior_point(View<const double> cost, std::span<const double> a,
                                           std::span<const double> b, double rho) {
  return Path(cost, a, b, rho).run();
}

}  // namespace pushforward::transport

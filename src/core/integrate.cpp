// SPDX-License-Identifier: Apache-2.0
// Steps of fixed and of chosen length; the formulas' sources stand in the header.
#include "pushforward/integrate.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "core/synonyms.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

// A method as a table of Butcher: stage i is taken at t + c_i h of y + h Σ_j a_ij k_j.
struct Tableau {
  std::vector<double> c;
  std::vector<std::vector<double>> a;
  std::vector<double> b;
};

const Tableau& tableau_of(Solver::Kind kind) {
  static const Tableau tables[] = {
      {{0}, {{}}, {1}},
      {{0, 1}, {{}, {1}}, {0.5, 0.5}},
      {{0, 0.5, 0.5, 1}, {{}, {0.5}, {0, 0.5}, {0, 0, 1}}, {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6}},
      {{0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1},
       {{},
        {1.0 / 5},
        {3.0 / 40, 9.0 / 40},
        {44.0 / 45, -56.0 / 15, 32.0 / 9},
        {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
        {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
        {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}},
       {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84, 0}}};
  return tables[static_cast<std::size_t>(kind)];
}

// Of dopri5: the solution of order 5 less that of order 4.
constexpr double kError[] = {71.0 / 57600,      0,          -71.0 / 16695, 71.0 / 1920,
                             -17253.0 / 339200, 22.0 / 525, -1.0 / 40};

constexpr std::size_t kMostSteps = 20'000;  // taken or refused, by dopri5
constexpr double kShortest = 1e-10;         // of the whole way: a shorter step meets rounding, not error

// y + h Σ_j w_j k_j.
void combine(View<const double> y, double h, const std::vector<double>& weights,
             const std::vector<Matrix<double>>& k, View<double> out) {
  std::copy_n(y.data, y.size(), out.data);
  for (std::size_t j = 0; j < weights.size(); ++j)
    if (const double w = h * weights[j]; w != 0)
      for (std::size_t e = 0; e < y.size(); ++e) out.data[e] += w * k[j].data()[e];
}

class Integration {
 public:
  Integration(const Slope& slope, double from, double to, View<double> y, const Solver& solver,
              std::size_t steering)
      : slope_(slope),
        from_(from),
        way_(to - from),
        y_(y),
        solver_(solver),
        steering_(steering > 0 ? steering : y.cols),
        table_(tableau_of(solver.kind)),
        k_(table_.c.size(), Matrix<double>(y.rows, y.cols)),
        next_(y.rows, y.cols) {}

  Integrated run() {
    solver_.adaptive() ? adapt() : march();
    return done_;
  }

 private:
  void evaluate(double t, View<const double> y, Matrix<double>& k) {
    slope_(t, y, k.view());
    ++done_.evaluations;
    for (const double v : k.span())
      if (!std::isfinite(v))
        throw WorkError(Complaint{"--solver " + solver_.text(),
                                  fmt::format("a velocity of {} at t = {:.4g}", v, t), "finite numbers",
                                  "the flow leaves what it was trained on; look at its data"});
  }

  // All stages from the first one that is not known yet.
  void stages(double t, double h, std::size_t known) {
    for (std::size_t i = known; i < table_.c.size(); ++i) {
      combine(y_, h, table_.a[i], k_, next_.view());
      evaluate(t + table_.c[i] * h, next_.view(), k_[i]);
    }
  }

  void march() {
    const double n = static_cast<double>(solver_.steps), h = way_ / n;
    for (std::size_t s = 0; s < solver_.steps; ++s, ++done_.steps) {
      stages(from_ + way_ * (static_cast<double>(s) / n), h, 0);
      combine(y_, h, table_.b, k_, next_.view());
      std::copy_n(next_.data(), y_.size(), y_.data);
    }
  }

  // The largest error of a row, in units of what is tolerated. The last stage was taken at next_.
  double error(double h) const {
    double largest = 0;
    for (std::size_t i = 0; i < y_.rows; ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < steering_; ++j) {
        double e = 0;
        for (std::size_t s = 0; s < k_.size(); ++s) e += kError[s] * k_[s](i, j);
        const double size = std::max(std::abs(y_(i, j)), std::abs(next_(i, j)));
        const double share = h * e / (solver_.tolerance * (1 + size));
        sum += share * share;
      }
      largest = std::max(largest, std::sqrt(sum / static_cast<double>(steering_)));
    }
    return largest;
  }

  [[noreturn]] void give_up(double t, double best) const {
    const double reached = solver_.tolerance * best;
    throw WorkError(Complaint{
        "--solver " + solver_.text(),
        fmt::format("an error of {:.2g} a step at t = {:.4g} after {} steps", reached, t,
                    done_.steps + done_.rejected),
        fmt::format("at most {:g}", solver_.tolerance),
        fmt::format(
            "--solver dopri5:tolerance={:.1g} is within reach, or steps of one length: rk4:steps=1000",
            2 * reached)});
  }

  // A step's length follows from the last error: h (0.9/error)^(1/5), within 0.2 and 10 times.
  void adapt() {
    double at = 0, length = 0.05, best = INFINITY;  // shares of the way
    if (way_ == 0 || y_.size() == 0) return;
    evaluate(from_, y_, k_[0]);
    while (at < 1) {
      length = std::min(length, 1 - at);
      const double h = length * way_;
      stages(from_ + at * way_, h, 1);
      const double error_now = error(std::abs(h));
      if (error_now <= 1) {
        at = length < 1 - at ? at + length : 1, ++done_.steps, best = INFINITY;
        std::copy_n(next_.data(), y_.size(), y_.data);
        std::swap(k_[0], k_.back());  // the last stage is the next step's first
      } else {
        ++done_.rejected, best = std::min(best, error_now);
      }
      length *= error_now > 0 ? std::clamp(0.9 * std::pow(error_now, -0.2), 0.2, 10.0) : 10.0;
      if (at < 1 && (length < kShortest || done_.steps + done_.rejected > kMostSteps))
        give_up(from_ + at * way_, std::isfinite(best) ? best : error_now);
    }
  }

  const Slope& slope_;
  double from_, way_;
  View<double> y_;
  const Solver& solver_;
  std::size_t steering_;
  const Tableau& table_;
  std::vector<Matrix<double>> k_;
  Matrix<double> next_;
  Integrated done_;
};

constexpr const char* kNames[] = {"euler", "heun", "rk4", "dopri5"};

}  // namespace

std::string Solver::text() const {
  const std::string name = kNames[static_cast<std::size_t>(kind)];
  return adaptive() ? fmt::format("{}:tolerance={:g}", name, tolerance)
                    : fmt::format("{}:steps={}", name, steps);
}

Solver parse_solver(const Spec& spec) {
  static const std::vector<std::string> names(std::begin(kNames), std::end(kNames));
  Solver solver{.kind = static_cast<Solver::Kind>(find_word("--solver", spec.name, names))};
  SpecReader read(spec);
  if (solver.adaptive())
    solver.tolerance = read.number("tolerance", solver.tolerance, 1e-12, 1);
  else
    solver.steps = static_cast<std::size_t>(read.count("steps", 100, 1, 1'000'000));
  read.finish();
  return solver;
}

Integrated integrate(const Slope& slope, double from, double to, View<double> y, const Solver& solver,
                     std::size_t steering) {
  return Integration(slope, from, to, y, solver, steering).run();
}

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
//
// The schedule of Sinkhorn's algorithm: which ε, in which precision, until when.
//
// * ε goes down from the mean cost by quarters to the one asked for (unless `tolerance` is 0, which asks for
//   exactly so many plain iterations): each level only has to correct what the last one left.
// * Sweeps are float32 while that is good enough: until the error is near what rounding exponents to float32
//   leaves, and only where exponents are below 2¹⁴. The last sweeps, and the value, are float64; so the
//   answer does not depend on the float32 part but for its speed. Small problems are float64 throughout.
// * The sweep that gives the value tells the marginals' error, too: where the first float64 sweep leaves
//   little to do it is taken at once, and a second one only if it was not enough.
// * Costs are recomputed in every sweep for p = 2 in d ≤ 8, where that is cheaper than reading them; else
//   kept in a table if memory allows.
//
// * Where all exponentials of a sweep fit a cache they are kept, and later sweeps only scale them (sinkhorn_
//   pass.hpp): two fifths of the time of a sweep of 1000 × 1000 pairs in the plane. Beyond, a machine with
//   AVX-512 waits for memory either way, and recomputed costs in low dimensions are faster.
#include "pushforward/sinkhorn.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

#include "pushforward/error.hpp"
#include "transport/sinkhorn_pass.hpp"
#include "transport/sinkhorn_relaxation.hpp"

namespace pushforward {
namespace {

using namespace entropic;

constexpr double kLevelRatio = 4, kLevelError = 0.01;
constexpr long long kLevelIterations = 100;
constexpr std::size_t kFloatPairs = 1 << 16;  // fewer pairs take no time in double
constexpr double kFloatExponent = 1 << 14;    // beyond, float32 exponents have less than three digits
constexpr double kFloatChange = 60, kDoubleChange = 900;  // changes of potentials that unsafe sweeps bear
constexpr double kRelaxedChange = 8;  // beyond, overshooting might leave the range of numbers
constexpr std::size_t kKeptBytes = std::size_t{16} << 20;  // of exponentials: what a cache may hold
constexpr long long kStreamedDoubles = 3;                  // double sweeps before a table of doubles pays
constexpr double kNear =
    8;  // times the tolerance: an error of which a sweep is likely to leave less than that

class Solver {
 public:
  Solver(Geometry geometry, const SinkhornOptions& options, bool self)
      : geometry_(std::move(geometry)),
        options_(options),
        self_(self),
        epsilon_(options.epsilon / geometry_.unit),
        largest_(largest_cost(geometry_)) {
    potentials_.f.assign(geometry_.rows, 0), potentials_.g.assign(geometry_.cols, 0);
  }

  SinkhornResult solve(const Gradient& gradient) {
    gradient_ = gradient;
    if (!self_ && options_.tolerance > 0)
      for (double level = mean_cost(geometry_); level > epsilon_ * kLevelRatio / 2; level /= kLevelRatio)
        run_level(level, std::max(options_.tolerance, kLevelError), kLevelIterations);
    run_last_level();
    return finish();
  }

 private:
  void set_epsilon(double epsilon) {
    const double kappa = std::numbers::log2e / epsilon;
    if (kappa_ > 0 && kappa != kappa_) {
      for (double& value : potentials_.f) value *= kappa / kappa_;
      for (double& value : potentials_.g) value *= kappa / kappa_;
    }
    if (kappa != kappa_) safe_ = true, relaxation_.rest();
    kappa_ = kappa;
  }
  bool float_pays() const {
    return geometry_.n * geometry_.m >= kFloatPairs && kappa_ * largest_ < kFloatExponent;
  }
  bool table_pays(std::size_t bytes) const {
    const bool cheap = geometry_.p == 2 && geometry_.d <= 8;
    return !cheap && geometry_.rows * geometry_.cols * bytes <= options_.memory;
  }
  bool kept_pay(std::size_t bytes) const { return geometry_.rows * geometry_.cols * bytes <= kKeptBytes; }
  long long left() const { return options_.iterations - iterations_; }

  /// One sweep; returns the error that it found, or +∞ where columns are not exact and rows alone say
  /// nothing.
  template <class T>
  double iterate(Sweeper<T>& sweeper, double until) {
    // Plain to the end when iterations run out: it takes out what overshooting stirred up.
    const bool far = safe_ || change_ > kRelaxedChange;
    const bool plain =
        self_ || far || options_.tolerance == 0 || left() <= std::max(1LL, options_.iterations / 20);
    const double omega = plain ? 1 : relaxation_.omega();
    const Step step = self_ ? sweeper.iterate_self(kappa_, potentials_.f, safe_, shares_.next())
                            : sweeper.iterate(kappa_, potentials_, safe_, omega);
    if (self_ && options_.tolerance > 0) shares_.observe(step.error);
    safe_ = !(step.change < (sizeof(T) == 4 ? kFloatChange : kDoubleChange));
    change_ = step.change, error_ = step.error;
    ++iterations_;
    const bool exact = exact_columns_;
    exact_columns_ = omega == 1;
    if (step.error <= until)
      relaxation_.rest();
    else
      relaxation_.observe(step.error);
    return exact ? step.error : INFINITY;
  }

  /// float32 sweeps until the error is below `until`, or as low as float32 lets it go.
  void run_float(double until, long long limit) {
    if (!float_) float_.emplace(geometry_, table_pays(sizeof(float)), kept_pay(sizeof(float)));
    stored_ = stored_ || table_pays(sizeof(float));
    const double rounding = std::ldexp(std::max(1.0, kappa_ * largest_), -23);
    until = options_.tolerance > 0 ? std::max(until, rounding / 32) : -1;
    double before = INFINITY;
    for (long long k = 0; k < limit; ++k) {
      const double error = iterate(*float_, until);
      const bool stuck = error <= rounding && error > 0.97 * before;
      if (until > 0 && (error_ <= until || stuck))
        return;  // columns that overshot are left to the next sweep
      before = error;
    }
  }

  /// `last`: at the ε asked for, whose potentials may be the answer.
  void run_double(double until, long long limit, bool last) {
    double error = INFINITY;
    // The last sweep is a plain one: an overshoot would be left in the answer.
    for (long long k = 0; k < limit && !(error <= until && exact_columns_); ++k) {
      prepare_double(k >= kStreamedDoubles);
      error = iterate(*double_, until);
      if (last && k == 0 && !(error <= until) && error_ <= kNear * until && exact_columns_ && !self_ &&
          arrived())
        return;
    }
  }
  /// Whether the plan is as good as asked for; keeps its evaluation if so.
  bool arrived() {
    Evaluation e = evaluate();
    double mass = 0;
    for (std::size_t j = 0; j < geometry_.m; ++j) mass += e.col_sums[j];
    if (!(look_at_rows(e, mass).error + look_at_columns(e, mass).error <= options_.tolerance)) return false;
    evaluation_ = std::move(e);
    return true;
  }
  Evaluation evaluate() {
    if (self_) std::copy_n(potentials_.f.begin(), geometry_.n, potentials_.g.begin());
    if (gradient_.points.wanted()) slopes_.resize(geometry_.rows, geometry_.d);
    return double_->evaluate(kappa_, potentials_, slopes_.data());
  }
  void prepare_double(bool many) {
    const bool keep = kept_pay(sizeof(double));
    if (!double_) double_.emplace(geometry_, false, keep);
    if (!many || keep || double_stored_ || !table_pays(sizeof(double))) return;
    double_.emplace(geometry_, true, false);
    double_stored_ = stored_ = true;
  }

  void run_level(double epsilon, double until, long long limit) {
    set_epsilon(epsilon);
    limit = std::min(limit, left() - options_.iterations / 2 - 1);  // half of them are for the ε asked for
    if (float_pays())
      run_float(until, limit);
    else
      run_double(until, limit, false);
  }

  void run_last_level() {
    set_epsilon(epsilon_);
    if (float_pays()) run_float(options_.tolerance, left() - 1);
    float_.reset();
    run_double(options_.tolerance > 0 ? options_.tolerance : -1, left(), true);
  }

  SinkhornResult finish() {
    if (!double_) double_.emplace(geometry_, false, false);
    SinkhornResult result = describe(evaluation_ ? *evaluation_ : evaluate());
    for (std::size_t k = 0; k < gradient_.points.size(); ++k)
      gradient_.points.data[k] = slopes_.data()[k] * (geometry_.unit / geometry_.length);
    std::copy_n(result.f.begin(), gradient_.weights.size(), gradient_.weights.begin());
    return result;
  }

  SinkhornResult describe(const Evaluation& e) {
    const Geometry& g = geometry_;
    SinkhornResult result;
    double mass = 0;
    for (std::size_t j = 0; j < g.m; ++j) mass += e.col_sums[j];
    const Side rows = look_at_rows(e, mass), columns = look_at_columns(e, mass);
    const double to_cost = g.unit / kappa_;
    // A plan of another mass is that of potentials shifted by a constant; with it, the dual is
    result.value = (rows.dual + columns.dual) * to_cost - options_.epsilon * std::log(mass);
    result.transport_cost = e.cost * g.unit / mass;
    result.marginal_error = rows.error + columns.error;
    bound(rows, columns, result);
    result.converged = result.marginal_error <= options_.tolerance;
    result.iterations = iterations_, result.stored = stored_;
    for (std::size_t i = 0; i < g.n; ++i) result.f.push_back(potentials_.f[i] * to_cost);
    if (!self_)
      for (std::size_t j = 0; j < g.m; ++j) result.g.push_back(potentials_.g[j] * to_cost);
    return result;
  }

  /// Of the rows or the columns: how far marginals are off, and the potentials' part of the dual and their
  /// range.
  struct Side {
    double error = 0, dual = 0, low = INFINITY, high = -INFINITY;
    void add(double weight, double marginal, double potential) {
      error += std::abs(marginal - weight);
      if (!(weight > 0)) return;
      dual += weight * potential;
      low = std::min(low, potential), high = std::max(high, potential);
    }
    double range() const { return high - low; }
    double largest() const { return std::max(std::abs(low), std::abs(high)); }
  };
  Side look_at_rows(const Evaluation& e, double mass) const {
    Side side;
    for (std::size_t i = 0; i < geometry_.n; ++i)
      if (geometry_.a[i] > 0)
        side.add(geometry_.a[i], geometry_.a[i] * (e.row_sums[i] / mass), potentials_.f[i]);
    return side;
  }
  Side look_at_columns(const Evaluation& e, double mass) {
    Side side;
    for (std::size_t j = 0; j < geometry_.m; ++j) {
      side.add(geometry_.b[j], e.col_sums[j] / mass, potentials_.g[j]);
      if (!(geometry_.b[j] > 0)) potentials_.g[j] = exact_column(geometry_, j, kappa_, potentials_.f);
    }
    return side;
  }

  /// The dual is concave: the best value is above this one by at most Σ (a − P1)_i h_i + Σ (b − Pᵀ1)_j k_j,
  /// h and k what the best potentials are more than these. Their ranges are at most those of C and of f or g
  /// together; differences of marginals sum to 0, so half of each range counts.
  void bound(const Side& rows, const Side& columns, SinkhornResult& result) const {
    constexpr double kUnit = 0x1p-51;  // two roundings
    const Geometry& g = geometry_;
    const double to_cost = g.unit / kappa_, largest = largest_ * g.unit;
    const double terms = static_cast<double>(g.d) + 8, steepness = std::max(1.0, g.p);
    // Of an exponent: costs from products of centred coordinates, both potentials; then the exponential, the
    // two that scale it where it is kept, and sums.
    const double of_costs = terms * steepness * largest + (g.p < 1 ? std::pow(kUnit, g.p - 1) * g.unit : 0);
    const double of_exponents =
        kUnit * (of_costs + (rows.largest() + columns.largest()) * to_cost) / options_.epsilon + 4 * kUnit;
    const auto hidden = [&](const Side& side, double error) {
      return 0.5 * error * (largest + side.range() * to_cost);
    };
    const auto or_infinite = [](double value) { return std::isnan(value) ? INFINITY : value; };
    result.rounding = or_infinite(hidden(rows, of_exponents) + hidden(columns, of_exponents) +
                                  of_exponents * options_.epsilon);
    result.error_bound =
        or_infinite(hidden(rows, rows.error) + hidden(columns, columns.error) + result.rounding);
  }

  const Geometry geometry_;
  const SinkhornOptions options_;
  const bool self_;
  const double epsilon_, largest_;
  Potentials potentials_{};
  Gradient gradient_{};
  double kappa_ = 0, change_ = 0, error_ = 0;  // of the last sweep: what it changed, and the error it found
  Relaxation relaxation_{};
  SelfShares shares_{};
  bool safe_ = true, exact_columns_ = true, stored_ = false, double_stored_ = false;
  long long iterations_ = 0;
  std::optional<Sweeper<float>> float_{};
  std::optional<Sweeper<double>> double_{};
  std::optional<Evaluation> evaluation_{};  // of the last potentials
  Matrix<double> slopes_{};
};

void check(const Sample& x, const Sample& y, const SinkhornOptions& options) {
  const auto refuse = [](const char* what, double got, const char* wanted) {
    throw RequestError(Complaint{std::string("sinkhorn: ") + what, std::to_string(got), wanted});
  };
  if (!(options.epsilon > 0) || !std::isfinite(options.epsilon))
    refuse("epsilon", options.epsilon, "a number above 0");
  if (!(options.p > 0) || !std::isfinite(options.p)) refuse("p", options.p, "a number above 0");
  if (options.iterations < 1) refuse("iterations", static_cast<double>(options.iterations), "at least 1");
  if (x.n() == 0 || y.n() == 0) refuse("points", 0, "at least one in each sample");
  if (x.d() != y.d())
    refuse("features of the second sample", static_cast<double>(y.d()), "as many as of the first");
}

}  // namespace

SinkhornResult sinkhorn(const Sample& x, const Sample& y, const SinkhornOptions& options,
                        const Gradient& gradient) {
  check(x, y, options);
  return Solver(make_geometry(x, y, options.p), options, false).solve(gradient);
}

SinkhornResult sinkhorn_self(const Sample& x, const SinkhornOptions& options, const Gradient& gradient) {
  check(x, x, options);
  return Solver(make_geometry(x, x, options.p), options, true).solve(gradient);
}

double mean_cost(const Sample& x, const Sample& y, double p) {
  const entropic::Geometry geometry = entropic::make_geometry(x, y, p);
  return entropic::mean_cost(geometry) * geometry.unit;
}

}  // namespace pushforward

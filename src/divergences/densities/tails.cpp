// SPDX-License-Identifier: Apache-2.0
//
// Tails decide whether χ², α- and Rényi divergences of densities are finite, and no quadrature can: p²/q of
// two normals is finite only while sd_p² < 2 sd_q², and just below that bound it is a normal of enormous
// width.
//
// Far out in a direction a mixture decays like exp(−A r² − B r) r^(−C) with the least (A, B, C) of its
// components: A = 1/(2 sd²) and B = −mean/sd² for a normal; B = 1/scale for a Laplace; B = rate and C = 1 −
// shape for a gamma; C = df + 1 for a Student. A term that grows like p^a q^(1−a) then decays with the
// exponents a·(p's) + (1−a)·(q's): it converges if the first that is not 0 is above 0, the last above 1. A
// term that grows like p·ln(p/q) converges under p's own exponents, less the degree of ln(p/q). At an end
// where densities behave like powers of the distance to it, the same is asked of those powers.
//
// In R^d directions are tried: the axes, the axes of every covariance, and a few hundred between them. The
// sets on which an exponent is not positive are cones, open ones but for exact ties, which are found on the
// axes.
#include "divergences/densities/tails.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include <Eigen/Dense>

#include "divergences/densities/line_families.hpp"
#include "divergences/densities/quadrature.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

using Family = LineComponent::Family;

// In long doubles: squares of spreads from 1e-300 to 1e300 are ordinary numbers there.
using Real = long double;

struct Decay {
  Real a = 0, b = 0, c = 0;
  bool operator<(const Decay& o) const { return std::array{a, b, c} < std::array{o.a, o.b, o.c}; }
};
using Tail = std::optional<Decay>;  // nothing: the support ends here

// `step` is how far the coordinate moves: ±1 on the line, anything along a direction of R^d.
Tail decay_of(const LineComponent& c, double step) {
  const Real length = std::abs(step), mean = c.a, spread = c.b;
  switch (c.family) {
    case Family::normal:
      return Decay{step * step / (2 * spread * spread), -step * mean / (spread * spread), 0};
    case Family::laplace:
      return Decay{0, length / spread, 0};
    case Family::student:
      return Decay{0, 0, length > 0 ? c.c + 1 : 0};
    case Family::exponential:
    case Family::gamma: {
      if (step < 0) return {};
      const bool gamma = c.family == Family::gamma;
      return Decay{0, step * (gamma ? c.b : c.a), gamma && step > 0 ? 1 - c.a : 0};
    }
    case Family::uniform:
    case Family::beta:
      break;
  }
  return length > 0 ? Tail() : Tail(Decay{});
}

Tail heaviest(const LineDensity& density, double side) {
  Tail least;
  for (const LineComponent& c : density.components())
    if (const Tail own = decay_of(c, side); own && (!least || *own < *least)) least = own;
  return least;
}

// Along a direction of R^d; the normal coordinates by the component's Cholesky factor.
Tail decay_of(const SpaceDensity::Component& c, const Matrix<double>& root, std::span<const double> u) {
  Decay sum;
  std::vector<double> step(u.size(), 0.0), mean(u.size(), 0.0);
  for (std::size_t k = 0; k < u.size(); ++k) {
    if (c.axes[k].family == Family::normal) {
      step[k] = u[k], mean[k] = c.axes[k].a;
      for (std::size_t j = 0; j < k; ++j) step[k] -= root(k, j) * step[j], mean[k] -= root(k, j) * mean[j];
      step[k] /= root(k, k), mean[k] /= root(k, k);
      sum.a += step[k] * step[k] / 2, sum.b -= step[k] * mean[k];
      continue;
    }
    const Tail own = decay_of(c.axes[k], u[k]);
    if (!own) return {};
    sum.b += own->b, sum.c += own->c;
  }
  return sum;
}

Tail heaviest(const SpaceDensity& density, std::span<const double> u) {
  Tail least;
  for (std::size_t i = 0; i < density.components().size(); ++i)
    if (const Tail own = decay_of(density.components()[i], density.roots()[i], u);
        own && (!least || *own < *least))
      least = own;
  return least;
}

// `moving`: how many coordinates go to infinity, each of which wants a power of its own.
bool power_converges(const Decay& p, const Decay& q, double power, double moving) {
  const Real a = power * p.a + (1 - power) * q.a, b = power * p.b + (1 - power) * q.b;
  const Real c = power * p.c + (1 - power) * q.c;
  const Real rounding = 1e-14L * (std::abs(power * p.a) + std::abs((1 - power) * q.a));
  if (std::abs(a) > rounding) return a > 0;
  const Real rounding_b = 1e-14L * (std::abs(power * p.b) + std::abs((1 - power) * q.b));
  return b > rounding_b || (std::abs(b) <= rounding_b && c > moving);
}

// ∫ p ln(p/q), where p is the heavier.
bool log_converges(const Decay& p, const Decay& q, double moving) {
  if (p.a > 0 || p.b > 0) return true;
  const double degree = q.a > p.a ? 2 : q.b > p.b ? 1 : 0;
  return p.c > moving + degree;
}

// How a term behaves, found by asking it.
struct Growth {
  TailExponents power;
  bool log_at_infinity, log_at_zero, quadratic;  // quadratic: of degree 2 in (p, q), like (p − q)²
};

Growth growth_of(const CellTerms& terms) {
  const auto grows = [&](double far_p, double far_q) {
    const double near = terms.term(Cell::of_logs(far_p, far_q)).sum;
    const double far = terms.term(Cell::of_logs(10 * far_p, 10 * far_q)).sum;
    return std::isfinite(far) && far > 5 * near;
  };
  const TailExponents power = terms.tails();
  return {power, power.at_infinity == 1 && grows(0, -1e7), power.at_zero == 0 && grows(-1e7, 0),
          terms.degree() == 2};
}

bool tail_converges(const Growth& growth, const Tail& p, const Tail& q, double moving) {
  if (!p || !q) return true;  // one has an end here, which is judged by its mass outside
  if (growth.power.at_infinity > 1 && !power_converges(*p, *q, growth.power.at_infinity, moving))
    return false;
  if (growth.power.at_zero < 0 && !power_converges(*p, *q, growth.power.at_zero, moving)) return false;
  if (growth.log_at_infinity && *p < *q && !log_converges(*p, *q, moving)) return false;
  return !(growth.log_at_zero && *q < *p && !log_converges(*q, *p, moving));
}

// The least power of |x − end| among components that have mass just inside it; nothing where none has.
std::optional<double> power_near(std::span<const LineComponent> components, double end, int side) {
  std::optional<double> least;
  for (const LineComponent& c : components) {
    const Support s = support_of(c);
    const bool at_end = side < 0 ? s.low == end : s.high == end;
    if (!at_end && !(s.low < end && end < s.high)) continue;
    const double power = at_end ? power_at_end(c, side) : 0;
    least = least ? std::min(*least, power) : power;
  }
  return least;
}

// side −1: the end is a lower one.
bool end_converges(const Growth& growth, std::span<const LineComponent> p, std::span<const LineComponent> q,
                   double end, int side) {
  const auto cp = power_near(p, end, side), cq = power_near(q, end, side);
  if (growth.quadratic && ((cp && 2 * *cp <= -1) || (cq && 2 * *cq <= -1))) return false;
  if (!cp || !cq) return true;
  const auto converges = [&](double a) { return a * *cp + (1 - a) * *cq > -1; };
  if (*cp < *cq && growth.power.at_infinity > 1 && !converges(growth.power.at_infinity)) return false;
  return !(*cp > *cq && growth.power.at_zero < 0 && !converges(growth.power.at_zero));
}

bool ends_converge(const Growth& growth, std::span<const LineComponent> p, std::span<const LineComponent> q) {
  for (const auto& components : {p, q})
    for (const LineComponent& c : components) {
      const Support s = support_of(c);
      if (std::isfinite(s.low) && !end_converges(growth, p, q, s.low, -1)) return false;
      if (std::isfinite(s.high) && !end_converges(growth, p, q, s.high, 1)) return false;
    }
  return true;
}

// A point inside each interval between ends of supports.
std::vector<double> between_ends(std::span<const LineComponent> p, std::span<const LineComponent> q) {
  std::vector<double> ends;
  for (const auto& components : {p, q})
    for (const LineComponent& c : components)
      ends.push_back(support_of(c).low), ends.push_back(support_of(c).high);
  ends = in_order(std::move(ends));
  if (ends.empty()) return {0};
  std::vector<double> inside = {ends.front() - 1 - std::abs(ends.front())};
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) inside.push_back(ends[i] + (ends[i + 1] - ends[i]) / 2);
  inside.push_back(ends.back() + 1 + std::abs(ends.back()));
  return inside;
}

bool holds(const LineComponent& c, double x) {
  const Support s = support_of(c);
  return s.low <= x && x <= s.high;
}

struct Outside {
  bool p = false, q = false;  // p has mass where q has none; q where p has none
};

Outside outside(const LineDensity& p, const LineDensity& q) {
  Outside found;
  const auto some = [](const LineDensity& density, double x) {
    return std::any_of(density.components().begin(), density.components().end(),
                       [&](const LineComponent& c) { return holds(c, x); });
  };
  for (double x : between_ends(p.components(), q.components())) {
    const bool in_p = some(p, x), in_q = some(q, x);
    found.p |= in_p && !in_q, found.q |= in_q && !in_p;
  }
  return found;
}

std::vector<LineComponent> axis_of(const SpaceDensity& density, std::size_t k) {
  std::vector<LineComponent> axis;
  for (const SpaceDensity::Component& c : density.components()) axis.push_back(c.axes[k]);
  return axis;
}

// Every box between ends of supports, by a point inside it.
Outside outside(const SpaceDensity& p, const SpaceDensity& q) {
  Outside found;
  std::vector<std::vector<double>> inside;
  for (std::size_t k = 0; k < p.d(); ++k) inside.push_back(between_ends(axis_of(p, k), axis_of(q, k)));
  std::vector<std::size_t> at(p.d(), 0);
  const auto some = [&](const SpaceDensity& density) {
    return std::any_of(density.components().begin(), density.components().end(), [&](const auto& c) {
      for (std::size_t k = 0; k < at.size(); ++k)
        if (!holds(c.axes[k], inside[k][at[k]])) return false;
      return true;
    });
  };
  for (std::size_t k = 0; k < at.size();) {
    const bool in_p = some(p), in_q = some(q);
    found.p |= in_p && !in_q, found.q |= in_q && !in_p;
    for (k = 0; k < at.size() && ++at[k] == inside[k].size(); ++k) at[k] = 0;
  }
  return found;
}

bool outside_converges(const CellTerms& terms, const Outside& found) {
  if (found.p && std::isinf(terms.term(Cell::of(1, 0)).sum)) return false;
  return !(found.q && std::isinf(terms.term(Cell::of(0, 1)).sum));
}

// The axes, those of every covariance, and some between.
std::vector<std::vector<double>> directions(const SpaceDensity& p, const SpaceDensity& q) {
  const std::size_t d = p.d();
  std::vector<std::vector<double>> found;
  const auto add = [&](std::vector<double> u) {
    found.push_back(u);
    for (double& part : u) part = -part;
    found.push_back(std::move(u));
  };
  for (std::size_t k = 0; k < d; ++k) {
    std::vector<double> axis(d, 0.0);
    axis[k] = 1, add(std::move(axis));
  }
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto n = static_cast<Eigen::Index>(d);
  for (const SpaceDensity* density : {&p, &q})
    for (const SpaceDensity::Component& c : density->components()) {
      const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(
          Eigen::MatrixXd(Eigen::Map<const RowMajor>(c.covariance.data(), n, n)));
      for (Eigen::Index k = 0; k < n; ++k) {
        const Eigen::VectorXd u = eigen.eigenvectors().col(k);
        add({u.data(), u.data() + d});
      }
    }
  const std::size_t between = d > 1 ? 512 : 0;
  std::vector<double> some(between * d);
  fill_normal(std::span<double>(some), Draw{}.on("directions"));
  for (std::size_t i = 0; i < between; ++i) add({some.begin() + i * d, some.begin() + (i + 1) * d});
  return found;
}

double moving(std::span<const double> u) {
  return static_cast<double>(std::count_if(u.begin(), u.end(), [](double v) { return v != 0; }));
}

}  // namespace

bool converges(const CellTerms& terms, const LineDensity& p, const LineDensity& q) {
  if (!outside_converges(terms, outside(p, q))) return false;
  const Growth growth = growth_of(terms);
  for (double side : {1.0, -1.0})
    if (!tail_converges(growth, heaviest(p, side), heaviest(q, side), 1)) return false;
  return ends_converge(growth, p.components(), q.components());
}

bool converges(const CellTerms& terms, const SpaceDensity& p, const SpaceDensity& q) {
  if (!outside_converges(terms, outside(p, q))) return false;
  const Growth growth = growth_of(terms);
  for (std::size_t k = 0; k < p.d(); ++k)
    if (!ends_converge(growth, axis_of(p, k), axis_of(q, k))) return false;
  for (const std::vector<double>& u : directions(p, q))
    if (!tail_converges(growth, heaviest(p, u), heaviest(q, u), moving(u))) return false;
  return true;
}

bool power_converges(double a, const SpaceDensity& p, const SpaceDensity& q) {
  for (const std::vector<double>& u : directions(p, q)) {
    const Tail tp = heaviest(p, u), tq = heaviest(q, u);
    if (tp && tq && !power_converges(*tp, *tq, a, moving(u))) return false;
  }
  return true;
}

std::vector<double> power_landmarks(std::span<const LineComponent> p, std::span<const LineComponent> q,
                                    double a) {
  std::vector<double> points;
  const auto around = [&](Real centre, Real spread, Real reach) {
    points.push_back(static_cast<double>(centre));
    for (Real steps = 1; steps < reach; steps *= 2)
      for (const Real at : {centre - steps * spread, centre + steps * spread})
        points.push_back(static_cast<double>(at));
  };
  const auto rate_of = [](const LineComponent& c) {  // of an exponential tail to the right
    return c.family == Family::exponential ? c.a : c.family == Family::gamma ? c.b : 0;
  };
  for (const LineComponent& i : p)
    for (const LineComponent& j : q) {
      const bool normal_i = i.family == Family::normal, normal_j = j.family == Family::normal;
      const Real vi = Real(i.b) * i.b, vj = Real(j.b) * j.b;
      if (normal_i && normal_j) {
        const Real precision = a / vi + (1 - a) / vj;
        if (precision > 0)
          around((a * i.a / vi + (1 - a) * j.a / vj) / precision, 1 / std::sqrt(precision), 40);
      } else if (normal_i && j.family == Family::laplace && a > 0) {
        for (Real sign : {1.0L, -1.0L})
          around(i.a + sign * std::abs(1 - a) * vi / (a * Real(j.b)), i.b / std::sqrt(a), 40);
      } else if (normal_j && i.family == Family::laplace && a < 1) {
        for (Real sign : {1.0L, -1.0L})
          around(j.a + sign * std::abs(a) * vj / ((1 - a) * Real(i.b)), j.b / std::sqrt(1 - a), 40);
      } else if (i.family == Family::laplace && j.family == Family::laplace) {
        const Real rate = a / Real(i.b) + (1 - a) / Real(j.b);
        if (rate > 0) around(i.a, 1 / rate, 750), around(j.a, 1 / rate, 750);
      } else if (rate_of(i) > 0 && rate_of(j) > 0) {
        const double rate = a * rate_of(i) + (1 - a) * rate_of(j);
        if (rate > 0) around(0, 1 / rate, 750);
      }
    }
  return points;
}

bool has_kink(const CellTerms& terms) { return terms.term(Cell::of_logs(1e-6, 0)).sum > 1e-9; }

}  // namespace pushforward

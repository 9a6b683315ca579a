// SPDX-License-Identifier: Apache-2.0
//
// Mixtures in R^d, coordinate after coordinate.
//
// With L the Cholesky factor of a component's covariance, x_k given x_1 … x_{k−1} is normal with mean μ_k +
// Σ_{j<k} L_kj z_j and deviation L_kk, z_j = (x_j − its conditional mean)/L_jj. So a component's density is a
// product of d densities on the line, each conditional on those before; coordinates that are not normal are
// independent of the others and simply stand in their place.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "divergences/densities/line_families.hpp"
#include "divergences/densities/space_chain.hpp"
#include "pushforward/density.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

using Family = LineComponent::Family;

// Row by row; a pivot below 1e-14 of its variance is none.
Matrix<double> cholesky_of(const SpaceDensity::Component& c) {
  const std::size_t d = c.axes.size();
  Matrix<double> root(d, d);
  for (std::size_t i = 0; i < d; ++i) {
    if (c.axes[i].family != Family::normal) continue;
    for (std::size_t j = 0; j <= i; ++j) {
      if (c.axes[j].family != Family::normal) continue;
      double rest = c.covariance(i, j);
      for (std::size_t k = 0; k < j; ++k) rest -= root(i, k) * root(j, k);
      if (i != j) {
        root(i, j) = rest / root(j, j);
      } else if (rest > 1e-14 * c.covariance(i, i)) {
        root(i, i) = std::sqrt(rest);
      } else {
        throw RequestError(Complaint{"mvnormal", "a covariance that is not positive definite",
                                     "one that is, without which there is no density",
                                     "w2 between two mvnormal is defined for any covariance"});
      }
    }
  }
  return root;
}

SpaceDensity::Component part_of(const SpaceDensity::Component& c, std::size_t first, std::size_t count) {
  SpaceDensity::Component part{c.weight, {}, Matrix<double>(count, count)};
  for (std::size_t i = 0; i < count; ++i) {
    part.axes.push_back(c.axes[first + i]);
    for (std::size_t j = 0; j < count; ++j) part.covariance(i, j) = c.covariance(first + i, first + j);
  }
  return part;
}

std::string number_text(double value, int digits) { return fmt::format("{:.{}g}", value, digits); }

std::string joined(std::span<const double> numbers, const char* between, int digits) {
  std::vector<std::string> texts;
  for (double number : numbers) texts.push_back(number_text(number, digits));
  return fmt::format("{}", fmt::join(texts, between));
}

std::string text_of_line(const LineComponent& c, int digits) {
  std::vector<double> numbers = {c.a, c.b};
  if (c.family == Family::exponential) numbers = {c.a};
  if (c.family == Family::student) numbers = {c.c, c.a, c.b};
  return fmt::format("{}({})", family_of(c).name, joined(numbers, ",", digits));
}

std::string text_of_gaussian(std::span<const double> mean, View<const double> covariance, int digits) {
  return fmt::format("mvnormal({},{})", joined(mean, "+", digits), joined(covariance.span(), "+", digits));
}

// A run of normal coordinates is one mvnormal.
std::string text_of_product(const SpaceDensity::Component& c, int digits) {
  std::vector<std::string> factors;
  for (std::size_t i = 0; i < c.axes.size();) {
    std::size_t end = i + 1;
    if (c.axes[i].family == Family::normal)
      while (end < c.axes.size() && c.axes[end].family == Family::normal) ++end;
    if (end == i + 1) {
      factors.push_back(text_of_line(c.axes[i], digits));
    } else {
      const SpaceDensity::Component part = part_of(c, i, end - i);
      std::vector<double> mean;
      for (const LineComponent& axis : part.axes) mean.push_back(axis.a);
      factors.push_back(text_of_gaussian(mean, part.covariance, digits));
    }
    i = end;
  }
  return fmt::format("{}", fmt::join(factors, "*"));
}

// The component that a uniform number falls into, and that number anew in (0, 1).
template <class Components>
std::size_t choose(const Components& components, double u) {
  std::size_t i = 0;
  while (i + 1 < components.size() && u >= components[i].weight) u -= components[i].weight, ++i;
  return i;
}

// In (0, 1): 53 bits and a half.
double open_uniform(const Draw& draw, std::uint32_t index) {
  return std::max(uniform01(draw, index), 0x1p-54);
}

double draw_of(const LineComponent& c, const Draw& draw, std::uint32_t index) {
  const double u = open_uniform(draw, index);
  return quantile_of(c, u, 1 - u);
}

}  // namespace

SpaceDensity::SpaceDensity(std::vector<Component> components) : components_(std::move(components)) {
  std::vector<double> weights;
  for (const Component& c : components_) {
    if (c.axes.size() != d())
      throw RequestError(Complaint{"mixture",
                                   fmt::format("components of {} and {} coordinates", d(), c.axes.size()),
                                   "the same number"});
    weights.push_back(c.weight);
    for (const LineComponent& axis : c.axes) check_component(axis);
  }
  weights = distribution_of("weights of the mixture", weights);
  for (std::size_t i = 0; i < weights.size(); ++i) components_[i].weight = weights[i];
  std::erase_if(components_, [](const Component& c) { return c.weight == 0; });
  for (const Component& c : components_) {
    roots_.push_back(cholesky_of(c));
    double constant = std::log(c.weight);
    for (std::size_t k = 0; k < c.axes.size(); ++k)
      constant += log_constant(conditional(c, roots_.back(), k, {}));
    constants_.push_back(constant);
  }
}

double SpaceDensity::log_density(std::span<const double> x) const {
  constexpr std::size_t kFew = 16;
  double few[kFew];
  std::vector<double> many(d() > kFew ? d() : 0);
  const std::span<double> z(many.empty() ? few : many.data(), d());
  LogSum sum;
  for (std::size_t i = 0; i < components_.size(); ++i) {
    double term = constants_[i];
    for (std::size_t k = 0; k < d(); ++k) {
      const LineComponent axis = conditional(components_[i], roots_[i], k, z.first(k));
      term += log_shape(axis, x[k]);
      z[k] = (x[k] - axis.a) / axis.b;
    }
    sum.add(term);
  }
  return sum.value();
}

std::vector<double> SpaceDensity::mean() const {
  std::vector<double> mean(d(), 0.0);
  for (const Component& c : components_)
    for (std::size_t k = 0; k < d(); ++k) mean[k] += c.weight * mean_of(c.axes[k]);
  return mean;
}

SpaceDensity SpaceDensity::marginal(std::size_t first, std::size_t count) const {
  std::vector<Component> parts;
  for (const Component& c : components_) parts.push_back(part_of(c, first, count));
  return SpaceDensity(std::move(parts));
}

LineDensity SpaceDensity::marginal_line(std::size_t coordinate) const {
  std::vector<LineComponent> parts;
  for (const Component& c : components_) {
    parts.push_back(c.axes[coordinate]);
    parts.back().weight = c.weight;
  }
  return LineDensity(std::move(parts));
}

std::size_t dimension_of(const KnownDensity& density) {
  if (const auto* gaussian = std::get_if<GaussianDensity>(&density)) return gaussian->d();
  if (const auto* space = std::get_if<SpaceDensity>(&density)) return space->d();
  return 1;
}

SpaceDensity as_space(const KnownDensity& density) {
  if (const auto* space = std::get_if<SpaceDensity>(&density)) return *space;
  if (const auto* g = std::get_if<GaussianDensity>(&density)) {
    SpaceDensity::Component c{1, {}, g->covariance};
    for (std::size_t i = 0; i < g->d(); ++i)
      c.axes.push_back({Family::normal, 1, g->mean[i], std::sqrt(g->covariance(i, i)), 0});
    return SpaceDensity({std::move(c)});
  }
  std::vector<SpaceDensity::Component> components;
  for (const LineComponent& line : std::get<LineDensity>(density).components()) {
    SpaceDensity::Component c{line.weight, {line}, Matrix<double>(1, 1)};
    if (line.family == Family::normal) c.covariance(0, 0) = line.b * line.b;
    components.push_back(std::move(c));
  }
  return SpaceDensity(std::move(components));
}

std::string text_of(const KnownDensity& density, int digits) {
  if (const auto* g = std::get_if<GaussianDensity>(&density))
    return text_of_gaussian(g->mean, g->covariance, digits);
  std::vector<std::string> terms;
  const auto add = [&](double weight, std::string product) {
    if (weight == 1) return terms.push_back(std::move(product));
    terms.push_back(fmt::format("{}*{}", number_text(weight, digits), product));
  };
  if (const auto* line = std::get_if<LineDensity>(&density))
    for (const LineComponent& c : line->components()) add(c.weight, text_of_line(c, digits));
  else
    for (const SpaceDensity::Component& c : std::get<SpaceDensity>(density).components())
      add(c.weight, text_of_product(c, digits));
  return fmt::format("{}", fmt::join(terms, "+"));
}

double log_density(const KnownDensity& density, std::span<const double> x) {
  if (const auto* line = std::get_if<LineDensity>(&density)) return line->log_density(x[0]);
  if (const auto* space = std::get_if<SpaceDensity>(&density)) return space->log_density(x);
  return as_space(density).log_density(x);
}

Matrix<double> sample_density(const KnownDensity& density, std::size_t n, const Draw& draw) {
  const SpaceDensity space = as_space(density);
  const std::size_t d = space.d();
  Matrix<double> rows(n, d);
  const auto stride = static_cast<std::uint32_t>(d + 1);
  parallel_for(n, 256, [&](std::size_t begin, std::size_t end) {
    std::vector<double> z(d);
    for (std::size_t i = begin; i < end; ++i) {
      // Rows are steps of the stream, so that no number of rows exhausts an index.
      const Draw own = draw.at(draw.step + i / kRowsAStep);
      const auto first = static_cast<std::uint32_t>(i % kRowsAStep) * stride;
      const std::size_t which = choose(space.components(), uniform01(own, first));
      for (std::size_t k = 0; k < d; ++k) {
        const LineComponent axis =
            conditional(space.components()[which], space.roots()[which], k, std::span(z).first(k));
        rows(i, k) = draw_of(axis, own, first + 1 + static_cast<std::uint32_t>(k));
        z[k] = (rows(i, k) - axis.a) / axis.b;
      }
    }
  });
  return rows;
}

}  // namespace pushforward

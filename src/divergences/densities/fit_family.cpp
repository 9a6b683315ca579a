// SPDX-License-Identifier: Apache-2.0
#include "divergences/densities/fit_family.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/synonyms.hpp"
#include "divergences/densities/line_families.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

using Family = LineComponent::Family;
constexpr double kLongest = 18;  // of a logarithm: e^18 times the target's spread is no optimum

double exp_of(double log) { return std::exp(std::clamp(log, -2 * kLongest, 2 * kLongest)); }
double log_ratio(double value, double scale) {
  return std::clamp(std::log(value / scale), -kLongest, kLongest);
}

// Weights from logits, the last of which is 0; and back.
std::vector<double> softmax(const double* logits, std::size_t k) {
  std::vector<double> weights(k, 1.0);
  double sum = 1;
  for (std::size_t i = 0; i + 1 < k; ++i) weights[i] = exp_of(logits[i]), sum += weights[i];
  for (double& weight : weights) weight /= sum;
  return weights;
}

class OnLine final : public FitFamily {
 public:
  OnLine(Family family, std::size_t parts, const Outline& outline)
      : family_(family),
        parts_(parts),
        place_(outline.whole.mean[0]),
        scale_(std::sqrt(outline.whole.covariance(0, 0))) {}

  std::size_t parts() const override { return parts_; }

  std::vector<double> theta(const std::vector<Hump>& humps) const override {
    std::vector<double> theta;
    for (std::size_t i = 0; i + 1 < parts_; ++i)
      theta.push_back(log_ratio(std::max(humps[i].weight, 1e-3), std::max(humps.back().weight, 1e-3)));
    for (const Hump& hump : humps) append(theta, hump.mean[0], std::sqrt(hump.covariance(0, 0)));
    return theta;
  }

  KnownDensity density(const std::vector<double>& theta) const override {
    const std::vector<double> weights = softmax(theta.data(), parts_);
    std::vector<LineComponent> components;
    const std::size_t each = (theta.size() - parts_ + 1) / parts_;
    for (std::size_t i = 0; i < parts_; ++i) {
      components.push_back(component(theta.data() + parts_ - 1 + i * each));
      components.back().weight = weights[i];
    }
    std::sort(components.begin(), components.end(),
              [](const LineComponent& a, const LineComponent& b) { return a.a < b.a; });
    return LineDensity(std::move(components));
  }

 private:
  void append(std::vector<double>& theta, double mean, double sd) const {
    const double place = (mean - place_) / scale_;
    switch (family_) {
      case Family::exponential:
        theta.push_back(log_ratio(scale_, mean > 0 ? mean : sd));
        return;
      case Family::gamma:
        theta.push_back(log_ratio(std::max(mean * mean, sd * sd / 10), sd * sd));
        theta.push_back(log_ratio(std::max(mean, sd / 3) * scale_, sd * sd));
        return;
      case Family::beta: {
        const double m = std::clamp(mean, 0.02, 0.98), size = std::max(m * (1 - m) / (sd * sd) - 1, 0.5);
        theta.push_back(std::log(m * size)), theta.push_back(std::log((1 - m) * size));
        return;
      }
      case Family::student:
        theta.insert(theta.end(), {place, log_ratio(sd, scale_), std::log(5.0)});
        return;
      case Family::uniform:
        theta.insert(theta.end(), {place, log_ratio(std::sqrt(3.0) * sd, scale_)});
        return;
      case Family::laplace:
        theta.insert(theta.end(), {place, log_ratio(sd / std::sqrt(2.0), scale_)});
        return;
      case Family::normal:
        theta.insert(theta.end(), {place, log_ratio(sd, scale_)});
    }
  }

  LineComponent component(const double* t) const {
    switch (family_) {
      case Family::exponential:
        return {family_, 1, exp_of(t[0]) / scale_, 1, 0};
      case Family::gamma:
        return {family_, 1, exp_of(t[0]), exp_of(t[1]) / scale_, 0};
      case Family::beta:
        return {family_, 1, exp_of(t[0]), exp_of(t[1]), 0};
      case Family::uniform: {
        const double centre = place_ + scale_ * t[0], half = scale_ * exp_of(t[1]);
        return {family_, 1, centre - half, centre + half, 0};
      }
      case Family::student:
        return {family_, 1, place_ + scale_ * t[0], scale_ * exp_of(t[1]), exp_of(t[2])};
      case Family::normal:
      case Family::laplace:
        break;
    }
    return {family_, 1, place_ + scale_ * t[0], scale_ * exp_of(t[1]), 0};
  }

  Family family_;
  std::size_t parts_;
  double place_, scale_;
};

class InSpace final : public FitFamily {
 public:
  InSpace(std::size_t parts, const Outline& outline) : parts_(parts), place_(outline.whole.mean) {
    for (std::size_t k = 0; k < outline.d; ++k) scale_.push_back(std::sqrt(outline.whole.covariance(k, k)));
  }

  std::size_t parts() const override { return parts_; }

  std::vector<double> theta(const std::vector<Hump>& humps) const override {
    std::vector<double> theta;
    for (std::size_t i = 0; i + 1 < parts_; ++i)
      theta.push_back(log_ratio(std::max(humps[i].weight, 1e-3), std::max(humps.back().weight, 1e-3)));
    for (const Hump& hump : humps) {
      SpaceDensity::Component alone = component_of(hump);
      alone.weight = 1;
      const Matrix<double> root = SpaceDensity({std::move(alone)}).roots()[0];
      for (std::size_t k = 0; k < d(); ++k) theta.push_back((hump.mean[k] - place_[k]) / scale_[k]);
      for (std::size_t i = 0; i < d(); ++i)
        for (std::size_t j = 0; j <= i; ++j)
          theta.push_back(i == j ? log_ratio(root(i, i), scale_[i]) : root(i, j) / scale_[i]);
    }
    return theta;
  }

  KnownDensity density(const std::vector<double>& theta) const override {
    const std::vector<double> weights = softmax(theta.data(), parts_);
    std::vector<SpaceDensity::Component> components;
    const double* t = theta.data() + parts_ - 1;
    for (std::size_t c = 0; c < parts_; ++c) {
      Hump hump{weights[c], {}, Matrix<double>(d(), d())};
      for (std::size_t k = 0; k < d(); ++k) hump.mean.push_back(place_[k] + scale_[k] * *t++);
      Matrix<double> root(d(), d());
      for (std::size_t i = 0; i < d(); ++i)
        for (std::size_t j = 0; j <= i; ++j, ++t) root(i, j) = scale_[i] * (i == j ? exp_of(*t) : *t);
      for (std::size_t i = 0; i < d(); ++i)
        for (std::size_t j = 0; j < d(); ++j)
          for (std::size_t k = 0; k <= std::min(i, j); ++k) hump.covariance(i, j) += root(i, k) * root(j, k);
      components.push_back(component_of(hump));
    }
    if (parts_ == 1) {
      GaussianDensity gaussian{{}, std::move(components[0].covariance)};
      for (const LineComponent& axis : components[0].axes) gaussian.mean.push_back(axis.a);
      return gaussian;
    }
    std::sort(components.begin(), components.end(),
              [](const auto& a, const auto& b) { return a.axes[0].a < b.axes[0].a; });
    return SpaceDensity(std::move(components));
  }

 private:
  std::size_t d() const { return place_.size(); }
  static SpaceDensity::Component component_of(const Hump& hump) {
    SpaceDensity::Component c{hump.weight, {}, hump.covariance};
    for (std::size_t k = 0; k < hump.mean.size(); ++k)
      c.axes.push_back({Family::normal, 1, hump.mean[k], std::sqrt(hump.covariance(k, k)), 0});
    return c;
  }

  std::size_t parts_;
  std::vector<double> place_, scale_;
};

const std::vector<std::string> kNames = {"normal", "laplace", "uniform", "exponential", "gamma",
                                         "beta",   "student", "mixture", "mvnormal"};

}  // namespace

std::size_t parts_of_family(const Spec& given) {
  const Spec spec = spec_meant(given, "--family", kNames);
  SpecReader read(spec);
  const std::size_t parts =
      spec.name == "mixture" ? static_cast<std::size_t>(read.count("", 2, 1)) : std::size_t{1};
  read.finish();
  if (parts > 8)
    throw RequestError(Complaint{"--family mixture", fmt::format("{} components", parts), "8 or fewer"});
  return parts;
}

std::unique_ptr<FitFamily> make_fit_family(const Spec& given, const Outline& outline) {
  const std::size_t parts = parts_of_family(given);
  const Spec spec = spec_meant(given, "--family", kNames);
  const bool either = spec.name == "mixture", space = spec.name == "mvnormal";
  if (outline.d > 1 && !either && !space)
    throw RequestError(Complaint{"--family " + spec.name,
                                 fmt::format("a target of {} coordinates", outline.d), "one on the line",
                                 "mvnormal and mixture:K fit in R^d"});
  for (std::size_t k = 0; k < outline.d; ++k) {
    const double variance = outline.whole.covariance(k, k);
    if (!std::isfinite(variance) || !std::isfinite(outline.whole.mean[k]))
      throw RequestError(Complaint{"fit", fmt::format("a target whose coordinate {} is beyond 1e150", k + 1),
                                   "one whose variance is a number", "measure in another unit"});
    if (!(variance > std::numeric_limits<double>::min()))
      throw RequestError(
          Complaint{"fit", fmt::format("a target whose coordinate {} varies by less than 1e-150", k + 1),
                    "one with a spread to fit", "measure in another unit, if it varies at all"});
  }
  if (outline.d > 1) return std::make_unique<InSpace>(parts, outline);
  for (const LineFamily& row : line_families())
    if (row.name == spec.name) return std::make_unique<OnLine>(row.family, 1, outline);
  return std::make_unique<OnLine>(Family::normal, parts, outline);
}

FitParameters parameters_of(const KnownDensity& q) {
  FitParameters out;
  const auto line = [&](const LineComponent& c, const std::string& suffix) {
    const std::string form(family_of(c).form);  // name(first,second)
    std::vector<double> numbers = {c.a, c.b};
    if (c.family == Family::student) numbers = {c.c, c.a, c.b};
    const std::size_t open = form.find('(');
    const std::vector<std::string> names =
        split(std::string_view(form).substr(open + 1, form.size() - open - 2), ',');
    for (std::size_t i = 0; i < names.size(); ++i) out.emplace_back(names[i] + suffix, numbers[i]);
  };
  const auto gaussian = [&](const SpaceDensity::Component& c, const std::string& suffix) {
    for (std::size_t k = 0; k < c.axes.size(); ++k)
      out.emplace_back(fmt::format("mean[{}]{}", k + 1, suffix), c.axes[k].a);
    for (std::size_t i = 0; i < c.axes.size(); ++i)
      for (std::size_t j = 0; j <= i; ++j)
        out.emplace_back(fmt::format("covariance[{},{}]{}", i + 1, j + 1, suffix), c.covariance(i, j));
  };
  const auto each = [&](const auto& components, const auto& write) {
    for (std::size_t i = 0; i < components.size(); ++i) {
      const std::string suffix = components.size() > 1 ? fmt::format(" {}", i + 1) : "";
      if (components.size() > 1) out.emplace_back("weight" + suffix, components[i].weight);
      write(components[i], suffix);
    }
  };
  if (const auto* mixture = std::get_if<LineDensity>(&q))
    each(mixture->components(), line);
  else
    each(as_space(q).components(), gaussian);
  return out;
}

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
// The conformance run of divergences: each check states a promise, draws hard pairs with a fixed seed, and
// reports.
#include "conformance/divergence_conformance.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward::testing {
namespace {

using Vector = std::vector<double>;

Vector normalised(Vector masses) { return distribution_of("test", masses, {.normalize = true}); }

// Distributions of four kinds: smooth, with zeros, with masses over 300 orders of magnitude, a single atom.
Vector draw_distribution(std::size_t k, std::uint64_t number) {
  const Draw draw{11, stream_id("divergence conformance"), number};
  Vector masses(k);
  fill_uniform(std::span<double>(masses), draw);
  const std::uint64_t kind = number % 4;
  for (std::size_t i = 0; i < k; ++i) {
    if (kind == 1 && uniform01(draw, static_cast<std::uint32_t>(100 + i)) < 0.4) masses[i] = 0;
    if (kind == 2) masses[i] = std::pow(10.0, -323 * masses[i]);
    if (kind == 3) masses[i] = i == number % k ? 1 : 0;
  }
  if (*std::max_element(masses.begin(), masses.end()) == 0) masses[0] = 1;
  return normalised(masses);
}

Vector mixture(const Vector& p, const Vector& q) {
  Vector m(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) m[i] = p[i] / 2 + q[i] / 2;
  return normalised(m);
}

// Last two cells pooled into one.
Vector merged(Vector p) {
  const double last = p.back();
  p.pop_back(), p.back() += last;
  return p;
}

// The first cell cut in the proportion 1 : 3, its second half put at the end.
Vector split_first(Vector p) {
  p.push_back(p[0] * 0.75);
  p[0] *= 0.25;
  return p;
}

struct Check {
  const DivergenceEntry& entry;
  std::unique_ptr<Divergence> made;
  DivergenceFacts facts;
  std::vector<std::string> broken{};

  double operator()(const Vector& p, const Vector& q, const Vector& positions = {},
                    std::span<double> grad = {}) const {
    return made->measure({p, q, positions}, grad);
  }
  void fail(const std::string& promise, const Vector& p, const Vector& q, double got) {
    std::string text = promise + fmt::format(": got {} for p =", got);
    for (double v : p) text += fmt::format(" {}", v);
    text += ", q =";
    for (double v : q) text += fmt::format(" {}", v);
    broken.push_back(entry.name + " " + text);
  }

  // Rounding of k sums of terms: relative 1e-12, and 1e-15 absolute. Roots of such rounding are 3e-8 near
  // zero.
  bool close(double a, double b) const {
    if (a == b) return true;
    return std::abs(a - b) <= 1e-12 * std::max(std::abs(a), std::abs(b)) + 1e-15 ||
           (std::abs(a * a - b * b) <= 1e-15 && facts.metric);
  }
  void ordinary_value(const Vector& p, const Vector& q) {
    const double value = (*this)(p, q);
    if (std::isnan(value)) fail("is never NaN", p, q, value);
    if (!(value >= 0) || std::signbit(value)) fail("is never negative", p, q, value);
  }
  void zero_on_itself(const Vector& p) {
    const double value = (*this)(p, p);
    if (facts.zero_on_itself && value != 0) fail("is 0 on itself", p, p, value);
  }
  void separates(const Vector& p, const Vector& q) {
    if (facts.zero_on_itself && (*this)(p, q) == 0) fail("is above 0 for different distributions", p, q, 0);
  }
  void symmetric(const Vector& p, const Vector& q) {
    if (facts.symmetric && !close((*this)(p, q), (*this)(q, p))) fail("is symmetric", p, q, (*this)(q, p));
  }
  void triangle(const Vector& p, const Vector& q, const Vector& r) {
    const double around = (*this)(p, r) + (*this)(r, q);
    if (facts.metric && (*this)(p, q) > around * (1 + 1e-12) + 1e-15)
      fail("obeys the triangle inequality", p, q, around);
  }
  void shrinks_by_merging(const Vector& p, const Vector& q) {
    const double fine = (*this)(p, q), coarse = (*this)(merged(p), merged(q));
    if (facts.shrinks_by_merging && !(coarse <= fine * (1 + 1e-12) + 1e-15))
      fail("does not grow when cells are pooled", p, q, coarse);
  }
  void splits_atoms(const Vector& p, const Vector& q) {
    Vector at(p.size());
    std::iota(at.begin(), at.end(), 0.0);
    const double before = (*this)(p, q, at);
    at.push_back(at[0]);
    const double after = (*this)(split_first(p), split_first(q), at);
    const bool promised = facts.shrinks_by_merging || facts.uses_positions;
    if (promised && !close(before, after)) fail("does not change when an atom is split", p, q, after);
  }
  void value_does_not_depend_on_gradient(const Vector& p, const Vector& q) {
    Vector grad(p.size(), std::numeric_limits<double>::quiet_NaN());
    const double plain = (*this)(p, q), with = (*this)(p, q, {}, grad);
    if (plain != with) fail("has one value with and without a gradient", p, q, with);
    for (double g : grad)
      if (facts.gradient && std::isnan(g)) fail("writes every entry of its gradient, never NaN", p, q, g);
  }
  // Along e_i − e_j, by central differences; p and q are smooth here.
  void gradient(const Vector& p, const Vector& q) {
    if (!facts.gradient) return;
    Vector grad(p.size(), 1e300), up = p, down = p;
    (*this)(p, q, {}, grad);
    const double h = 1e-5;
    for (std::size_t i = 1; i < p.size(); ++i) {
      up = down = p;
      up[i] += h, up[0] -= h, down[i] -= h, down[0] += h;
      const double numeric = ((*this)(up, q) - (*this)(down, q)) / (2 * h), analytic = grad[i] - grad[0];
      // Curvature error h²·f‴ ≤ 1e-10·1e4 for masses above 0.05, rounding 1e-16/h.
      if (!(std::abs(numeric - analytic) <= 2e-6 * std::max(1.0, std::abs(numeric))))
        fail(fmt::format("has the gradient {} that differences show", numeric), p, q, analytic);
    }
  }
};

void worked_examples(Check& check) {
  if (check.entry.examples.empty()) check.broken.push_back(check.entry.name + " has a worked example");
  for (const DivergenceExample& example : check.entry.examples) {
    const std::string text = check.entry.name + (example.options.empty() ? "" : ":" + example.options);
    const double got = check.entry.make(parse_spec(text))->measure({example.p, example.q, example.positions});
    const bool right =
        got == example.value || std::abs(got - example.value) <= 1e-14 * std::max(1.0, example.value);
    if (!right) check.fail("gives its worked example " + example.by_hand, example.p, example.q, got);
  }
}

}  // namespace

std::vector<std::string> broken_promises(const DivergenceEntry& entry, const std::string& options) {
  const Spec spec = parse_spec(entry.name + (options.empty() ? "" : ":" + options));
  Check check{entry, entry.make(spec), entry.facts_of ? entry.facts_of(spec) : entry.facts};
  worked_examples(check);
  for (std::uint64_t trial = 0; trial < 64; ++trial) {
    const std::size_t k = 2 + trial % 5;
    const Vector p = draw_distribution(k, trial), q = draw_distribution(k, 1000 + trial / 4),
                 r = draw_distribution(k, 2000 + trial * 7);
    check.ordinary_value(p, q), check.zero_on_itself(p), check.symmetric(p, q);
    check.triangle(p, q, r), check.triangle(p, q, mixture(p, q));
    check.shrinks_by_merging(p, q), check.splits_atoms(p, q), check.value_does_not_depend_on_gradient(p, q);
  }
  for (std::uint64_t trial = 0; trial < 16; ++trial) {
    Vector p = draw_distribution(6, 4 * trial), q = draw_distribution(6, 3000 + 4 * trial);
    for (double& v : p) v = 0.05 + v * 0.7;
    for (double& v : q) v = 0.05 + v * 0.7;
    check.gradient(p, q), check.separates(p, q);
  }
  return check.broken;
}

namespace {

const std::vector<std::pair<std::string, std::vector<std::string>>> kOptions = {
    {"renyi", {"alpha=0.3", "alpha=0.5", "alpha=1", "alpha=1.00001", "alpha=2", "alpha=7"}},
    {"alpha",
     {"alpha=-1.5", "alpha=-0.001", "alpha=0.3", "alpha=0.5", "alpha=0.99999", "alpha=2", "alpha=5"}},
    {"mmd", {"bandwidth=0.3", "bandwidth=2", "bandwidth=20"}},
    {"w", {"p=1", "p=1.5", "p=3", "p=40"}},
    {"f",
     {"generator=tv", "generator=squared-hellinger", "generator=chi2", "generator=neyman-chi2",
      "generator=kl", "generator=reverse-kl", "generator=js", "generator=le-cam"}}};

std::vector<std::string> options_of(const DivergenceEntry& entry) {
  std::vector<std::string> all = {""};
  for (const auto& [name, more] : kOptions)
    if (name == entry.name) all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(DivergenceConformance, EveryRowOfTheRegistryKeepsItsPromises) {
  for (const DivergenceEntry& entry : divergences())
    for (const std::string& options : options_of(entry))
      for (const std::string& line : broken_promises(entry, options)) ADD_FAILURE() << options << " " << line;
}

TEST(DivergenceConformance, RowsThatTakeOptionsAreRunWithSome) {
  for (const DivergenceEntry& entry : divergences()) {
    if (!entry.options.empty()) {
      EXPECT_GT(options_of(entry).size(), 2u) << entry.name;
    }
  }
}

// ---- planted errors: the run must catch each ----

class Wrong final : public Divergence {
 public:
  using Function = std::function<double(const DiscretePair&, std::span<double>)>;
  explicit Wrong(Function f) : f_(std::move(f)) {}
  double measure(const DiscretePair& pair, std::span<double> gradient = {}) const override {
    return f_(pair, gradient);
  }

 private:
  Function f_;
};

DivergenceEntry wrong_row(const std::string& like, Wrong::Function f) {
  DivergenceEntry row = find_divergence(like);
  row.facts_of = {};
  row.make = [f](const Spec&) { return std::make_unique<Wrong>(f); };
  return row;
}

double right(const std::string& name, const DiscretePair& pair, std::span<double> gradient = {}) {
  return make_divergence({name})->measure(pair, gradient);
}

bool caught(const DivergenceEntry& row, const std::string& words) {
  const auto broken = broken_promises(row, "");
  return std::any_of(broken.begin(), broken.end(),
                     [&](const std::string& line) { return line.find(words) != line.npos; });
}

TEST(DivergenceConformance, CatchesAHalvedValue) {
  EXPECT_TRUE(
      caught(wrong_row("kl", [](auto& pair, auto g) { return right("kl", pair, g) / 2; }), "worked example"));
}

TEST(DivergenceConformance, CatchesTheTextbookSumWithoutItsConventions) {
  const auto naive = [](const DiscretePair& pair, std::span<double>) {
    double sum = 0;
    for (std::size_t i = 0; i < pair.p.size(); ++i) sum += pair.p[i] * std::log(pair.p[i] / pair.q[i]);
    return sum;
  };
  EXPECT_TRUE(caught(wrong_row("kl", naive), "never NaN"));
}

TEST(DivergenceConformance, CatchesRoundingBelowZero) {
  const auto naive = [](const DiscretePair& pair, std::span<double>) { return right("js", pair) - 1e-17; };
  EXPECT_TRUE(caught(wrong_row("js", naive), "never negative"));
}

TEST(DivergenceConformance, CatchesAMiddleThatUnderflows) {
  const auto through_m = [](const DiscretePair& pair, std::span<double>) {
    double sum = 0;
    for (std::size_t i = 0; i < pair.p.size(); ++i) {
      const double m = (pair.p[i] + pair.q[i]) / 2;
      if (pair.p[i] > 0) sum += pair.p[i] * std::log(pair.p[i] / m) / 2;
      if (pair.q[i] > 0) sum += pair.q[i] * std::log(pair.q[i] / m) / 2;
    }
    return sum;
  };
  const Vector p = {1, 5e-324}, q = {1, 0};
  EXPECT_FALSE(std::isfinite(through_m({p, q}, {})));
  EXPECT_NEAR(right("js", {p, q}), 0, 1e-300);
}

TEST(DivergenceConformance, CatchesAFalseClaimOfSymmetry) {
  DivergenceEntry row = find_divergence("chi2");
  row.facts.symmetric = true;
  EXPECT_TRUE(caught(row, "symmetric"));
}

TEST(DivergenceConformance, CatchesSquaredMetricsThatClaimTheTriangle) {
  for (const char* name : {"js", "l2", "energy"}) {
    DivergenceEntry row = find_divergence(name);
    row.facts.metric = true;
    EXPECT_TRUE(caught(row, "triangle")) << name;
  }
}

TEST(DivergenceConformance, CatchesAFalseClaimOfDataProcessing) {
  DivergenceEntry row = find_divergence("l2");
  row.facts.shrinks_by_merging = true;
  EXPECT_TRUE(caught(row, "split"));
  EXPECT_TRUE(caught(row, "pooled"));
}

TEST(DivergenceConformance, CatchesAWrongGradient) {
  const auto halved = [](const DiscretePair& pair, std::span<double> gradient) {
    const double value = right("chi2", pair, gradient);
    for (double& g : gradient) g /= 2;
    return value;
  };
  EXPECT_TRUE(caught(wrong_row("chi2", halved), "differences"));
  const auto unwritten = [](const DiscretePair& pair, std::span<double>) { return right("chi2", pair); };
  EXPECT_TRUE(caught(wrong_row("chi2", unwritten), "writes every entry"));
}

}  // namespace
}  // namespace pushforward::testing

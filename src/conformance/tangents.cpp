// SPDX-License-Identifier: Apache-2.0
//
// Whether a layer's tangent pass is the derivative of its forward along tx, and its backward the gradient of
// G = ⟨dty, J(x; θ)·tx⟩ + ⟨dy, f(x; θ)⟩.
//
// The oracle knows only the twin f: J·tx is a central difference along tx after Richardson, and the gradient
// of G a central difference of that. In double precision, with steps of 1e-3, the inner one is good to 1e-12
// and the outer one, which divides by the step again, to some 1e-9: ample for a tolerance of 1e-5. Where an
// output has a kink near x along tx, J·tx means nothing there: its entry of dty is set to 0, for the layer
// and for the oracle. A kink that only the outer steps meet shows in their disagreement (numeric.hpp).
// Differences of differences cost twenty evaluations an entry, so large arrays are tried at sixty entries.
#include <cmath>

#include <fmt/format.h>

#include "conformance/layer_rig.hpp"

namespace pushforward::conformance {
namespace {

constexpr double kStep = 1e-3;
constexpr double kNear = 4e-3;  // a kink within this of x spoils an entry: the outer steps move it, too
constexpr double kKink = 1e-4;
constexpr std::size_t kEntries = 60;

// The oracle: f and J·tx, in double.
struct Oracle {
  explicit Oracle(const Rig& r, const Tensor& direction)
      : rig(r), x(in_double(r.x)), tx(in_double(direction)), parameters(r.parameters_in_double()) {}

  Matrix<double> value(double along) const {
    Matrix<double> at = x, y(x.rows(), rig.outputs());
    for (std::size_t i = 0; i < at.size(); ++i) at.data()[i] += along * tx.data()[i];
    rig.twin(at, parameters, y);
    return y;
  }
  Matrix<double> central(double h) const {
    Matrix<double> above = value(h);
    const Matrix<double> below = value(-h);
    for (std::size_t i = 0; i < above.size(); ++i)
      above.data()[i] = (above.data()[i] - below.data()[i]) / (2 * h);
    return above;
  }
  Matrix<double> tangent() const {
    Matrix<double> narrow = central(kStep / 2);
    const Matrix<double> wide = central(kStep);
    for (std::size_t i = 0; i < wide.size(); ++i)
      narrow.data()[i] = (4 * narrow.data()[i] - wide.data()[i]) / 3;
    return narrow;
  }
  // G; an empty dy is 0.
  double objective(const Tensor& dy, const Tensor& dty) const {
    const Matrix<double> ty = tangent(), y = value(0);
    double sum = 0;
    for (std::size_t i = 0; i < ty.size(); ++i) {
      sum += static_cast<double>(dty.data()[i]) * ty.data()[i];
      if (!dy.empty()) sum += static_cast<double>(dy.data()[i]) * y.data()[i];
    }
    return sum;
  }

  const Rig& rig;
  Matrix<double> x, tx;
  std::vector<Matrix<double>> parameters;
};

// dty with 0 where an output has a kink nearby.
Tensor away_from_kinks(const Oracle& oracle, Tensor dty) {
  const Matrix<double> wide = oracle.central(kNear), narrow = oracle.central(kNear / 2);
  for (std::size_t i = 0; i < dty.size(); ++i) {
    const double size = std::max({std::abs(wide.data()[i]), std::abs(narrow.data()[i]), 0.1});
    if (std::abs(wide.data()[i] - narrow.data()[i]) > kKink * size) dty.data()[i] = 0;
  }
  return dty;
}

// What a call of tangent_backward left.
struct Outcome {
  bool curved = false;
  Tensor dx, dtx;
  std::vector<Tensor> gradients;
};

struct TangentTrial {
  explicit TangentTrial(Rig& r) : rig(r), tx(random_tensor(r.x.rows(), r.x.cols(), r.draw("tx"))) {
    y = rig.forward(rig.x, saved);
    oracle = std::make_unique<Oracle>(rig, tx);
    dty = away_from_kinks(*oracle, random_tensor(y.rows(), y.cols(), rig.draw("dty")));
    ty = tangent();
  }
  Tensor tangent() {
    Tensor out = filled(y.rows(), y.cols(), kPoison);
    rig.layer->tangent(rig.x, y, saved, tx, out, rig.pass());
    return out;
  }
  Outcome backward(const Tensor& dy, bool want_dx, bool want_parameters, float prefill) {
    std::fill_n(rig.arena.gradients().data, rig.arena.trained_size(), prefill);
    Outcome o;
    o.dx = want_dx ? filled(tx.rows(), tx.cols(), kPoison) : Tensor();
    o.dtx = want_dx ? filled(tx.rows(), tx.cols(), kPoison) : Tensor();
    const View<const float> by = dy.empty() ? View<const float>{} : dy.view();
    o.curved =
        rig.layer->tangent_backward(rig.x, y, saved, tx, ty, by, dty, want_dx ? o.dx.view() : View<float>{},
                                    want_dx ? o.dtx.view() : View<float>{}, want_parameters, rig.pass());
    o.gradients = rig.gradients();
    return o;
  }

  Rig& rig;
  Saved saved;
  Tensor tx, y, ty, dty;
  std::unique_ptr<Oracle> oracle;
};

void check_value(TangentTrial& trial, Findings& findings) {
  const Matrix<double> wanted = trial.oracle->tangent();
  double worst = 0, largest = 1e-3;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (trial.dty.data()[i] == 0) continue;  // at a kink
    const double gap = std::abs(static_cast<double>(trial.ty.data()[i]) - wanted.data()[i]);
    worst = std::isnan(gap) ? INFINITY : std::max(worst, gap);
    largest = std::max(largest, std::abs(wanted.data()[i]));
  }
  findings.require(worst <= trial.rig.options.gradient_tolerance * largest,
                   "tangent is the derivative along tx",
                   fmt::format("off by {:.3g} of {:.3g}", worst, largest));
  findings.require(same_bits(trial.tangent().span(), trial.ty.span()), "tangent repeats", "other bits again");
}

// Compares at sixty entries, spread evenly, or at all there are. f is a sum of `terms` whose rounding a
// difference of differences magnifies to some 1e-9 of its size, √terms: numbers are taken in that unit.
std::string compare_some(const Tensor& got, std::span<double> at, const std::function<double()>& f,
                         double tolerance, std::size_t terms) {
  const double unit = std::sqrt(static_cast<double>(terms));
  const std::size_t stride = (at.size() + kEntries - 1) / kEntries;
  std::vector<float> some;
  std::vector<double> wanted;
  for (std::size_t i = 0; i < at.size(); i += stride) {
    some.push_back(got.data()[i] / static_cast<float>(unit));
    wanted.push_back(central_differences(at.subspan(i, 1), f).front() / unit);
  }
  return compare_gradient(some, wanted, tolerance);
}

// dx, dtx and parameter gradients against differences of G. Where the layer says that dx is 0, it is.
void check_against_oracle(TangentTrial& trial, const Tensor& dy, const std::string& how, Findings& findings) {
  const Outcome got = trial.backward(dy, true, true, 0);
  Oracle& oracle = *trial.oracle;
  const double tolerance = trial.rig.options.gradient_tolerance;
  const std::size_t terms = trial.dty.size();
  const auto f = [&] { return oracle.objective(dy, trial.dty); };
  Tensor dx = got.dx;
  if (!got.curved) {
    for (const float v : dx.span())
      if (!std::isnan(v))
        return findings.note("tangent backward leaves dx alone", "written, and said to be 0");
    dx.zero();
  }
  findings.note("tangent backward's dx" + how, compare_some(dx, oracle.x.span(), f, tolerance, terms));
  findings.note("tangent backward's dtx" + how, compare_some(got.dtx, oracle.tx.span(), f, tolerance, terms));
  std::size_t trained = 0, position = 0;
  for (const Parameter* p : trial.rig.layer->parameters()) {
    Matrix<double>& values = oracle.parameters[position++];
    if (p->trained)
      findings.note("tangent backward's gradient in " + p->name + how,
                    compare_some(got.gradients[trained++], values.span(), f, tolerance, terms));
  }
}

void check_flags(TangentTrial& trial, Findings& findings) {
  constexpr float prefill = 3;
  const Tensor& dy = trial.rig.dy;
  const Outcome plain = trial.backward(dy, true, true, 0), onto = trial.backward(dy, true, true, prefill);
  for (std::size_t p = 0; p < plain.gradients.size(); ++p) {
    Matrix<double> wanted = in_double(plain.gradients[p]);
    for (double& g : wanted.span()) g += static_cast<double>(prefill);
    const double gap = difference(onto.gradients[p].span(), wanted.span());
    findings.require(gap <= 1e-5, "tangent backward adds parameter gradients",
                     fmt::format("off by {:.3g} from a prefill", gap));
  }
  findings.require(same_bits(onto.dx.span(), plain.dx.span()) && same_bits(onto.dtx.span(), plain.dtx.span()),
                   "a second tangent backward gives the same", "other bits");
  findings.require(all_same(trial.backward(dy, false, true, 0).gradients, plain.gradients),
                   "tangent backward's gradients without dx", "other bits");
  for (const Tensor& g : trial.backward(dy, true, false, prefill).gradients)
    for (const float v : g.span())
      if (v != prefill)
        return findings.note("parameters=false leaves gradients, of tangents too", "a gradient was changed");
}

// The ordinary backward after the tangent passes is what it was before.
void check_undisturbed(TangentTrial& trial, Findings& findings) {
  Rig& rig = trial.rig;
  Saved fresh;
  const Tensor y = rig.forward(rig.x, fresh);
  const Tensor before = rig.backward(y, fresh, rig.dy, true, true, 0);
  const std::vector<Tensor> gradients = rig.gradients();
  const Tensor after = rig.backward(trial.y, trial.saved, rig.dy, true, true, 0);
  findings.require(same_bits(before.span(), after.span()) && all_same(rig.gradients(), gradients),
                   "tangents leave the ordinary backward alone", "other bits");
  const Outcome first = trial.backward(rig.dy, true, true, 0);
  TangentTrial again(rig);
  const Outcome second = again.backward(rig.dy, true, true, 0);
  findings.require(
      same_bits(first.dx.span(), second.dx.span()) && all_same(first.gradients, second.gradients),
      "the ordinary backward leaves tangents alone", "other bits");
}

}  // namespace

void check_tangents(Rig& rig, Findings& findings) {
  TangentTrial trial(rig);
  check_value(trial, findings);
  check_against_oracle(trial, rig.dy, "", findings);
  check_against_oracle(trial, Tensor(), " without dy", findings);
  check_flags(trial, findings);
  check_undisturbed(trial, findings);
}

}  // namespace pushforward::conformance

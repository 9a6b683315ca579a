// SPDX-License-Identifier: Apache-2.0
//
// Ordinary differential equations y′ = f(t, y), solved for many rows at once.
//
//   euler    y + h k₁                                                                        order 1, 1 f a
//   step heun     y + h/2 (k₁ + k₂), k₂ at the end of an Euler step                               order 2, 2
//   rk4      y + h/6 (k₁ + 2k₂ + 2k₃ + k₄) [Kutta 1901]                                      order 4, 4
//   dopri5   a pair of orders 5 and 4 whose difference steers the step                       order 5, 6
//            [Dormand & Prince, J. Comput. Appl. Math. 6 (1980); Hairer, Nørsett & Wanner, "Solving ordinary
//            differential equations I", 1993, chapters II.4 and II.5]
//
// The adaptive one accepts a step when every row's error, √(mean over its numbers of (e/(τ(1 + |y|)))²), is
// at most 1: no row hides behind the others. All rows share a step, so that f sees one time.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "pushforward/spec.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct Solver {
  enum class Kind { euler, heun, rk4, dopri5 };
  Kind kind = Kind::dopri5;
  std::size_t steps = 100;  ///< of equal length; dopri5 chooses its own
  double tolerance = 1e-5;  ///< τ of dopri5, absolute and relative

  bool adaptive() const { return kind == Kind::dopri5; }
  /// "rk4:steps=20", "dopri5:tolerance=1e-05".
  std::string text() const;
};
/// euler, heun or rk4 with steps=N (100), or dopri5 with tolerance=T (1e-5).
Solver parse_solver(const Spec& spec);

/// Writes f(t, y) to dy, B × D both.
using Slope = std::function<void(double t, View<const double> y, View<double> dy)>;

struct Integrated {
  std::size_t steps = 0, rejected = 0, evaluations = 0;
};

/// Brings y (B × D) from time `from` to time `to`, in place; `to` may lie before `from`. dopri5 looks at the
/// error of a row's first `steering` numbers (0: of all): what is only summed up along the way may jump, and
/// must not decide how finely the way is followed. WorkError where dopri5 cannot meet its tolerance, which
/// says what it reached, and where y′ is not finite.
Integrated integrate(const Slope& slope, double from, double to, View<double> y, const Solver& solver,
                     std::size_t steering = 0);

}  // namespace pushforward
#pragma GCC visibility pop

// SPDX-License-Identifier: Apache-2.0
//
// How parameters begin: Parameter{…, .initial = NormalInitial{.sd = 0.02}}, or as a user writes it,
// read_initial("normal:sd=0.02"). `in` and `out` are a unit's numbers of inputs and outputs (fan-in and
// fan-out).
#pragma once

#include <string_view>
#include <variant>

#pragma GCC visibility push(default)
namespace pushforward {

/// zeros.
struct ZerosInitial {};
/// constant:V.
struct ConstantInitial {
  double value = 0;
};
/// normal: N(0, sd²).
struct NormalInitial {
  double sd = 0.02;
};
/// uniform: U ±a.
struct UniformInitial {
  double a = 0.05;
};
/// he: N(0, 2/in), which keeps the variance through rectifiers [He, Zhang, Ren & Sun, ICCV 2015].
struct HeInitial {};
/// lecun: N(0, 1/in) [LeCun, Bottou, Orr & Müller, 1998].
struct LecunInitial {};
/// xavier: U ±√(6/(in+out)) [Glorot & Bengio, AISTATS 2010].
struct XavierInitial {};
/// fan-in: U ±1/√in, what several frameworks do unasked.
struct FanInInitial {};
/// orthogonal: rows or columns orthonormal, Q of a Gaussian matrix with the signs of R's diagonal [Saxe,
/// McClelland & Ganguli, ICLR 2014; Mezzadri 2007 for the signs].
struct OrthogonalInitial {};
/// identity: ones on the diagonal.
struct IdentityInitial {};

using Initial = std::variant<ZerosInitial, ConstantInitial, NormalInitial, UniformInitial, HeInitial,
                             LecunInitial, XavierInitial, FanInInitial, OrthogonalInitial, IdentityInitial>;

/// The one that a SPEC names.
Initial read_initial(std::string_view text);

}  // namespace pushforward
#pragma GCC visibility pop

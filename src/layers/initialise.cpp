// SPDX-License-Identifier: Apache-2.0
//
// How parameters begin (initial.hpp).
//
// Each parameter draws from a stream named after it, so adding a layer does not change how the others begin.
#include <cmath>

#include <Eigen/QR>

#include "layers/layer_row.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

using Dense = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

void orthogonal(Parameter& p, const Draw& draw) {
  const bool wide = p.rows < p.cols;
  const auto tall = static_cast<Eigen::Index>(std::max(p.rows, p.cols));
  const auto thin = static_cast<Eigen::Index>(std::min(p.rows, p.cols));
  Dense gaussian(tall, thin);
  fill_normal(std::span<float>(gaussian.data(), p.size()), draw);
  const Eigen::HouseholderQR<Dense> qr(gaussian);
  Dense q = qr.householderQ() * Dense::Identity(tall, thin);
  for (Eigen::Index j = 0; j < thin; ++j)
    if (qr.matrixQR()(j, j) < 0) q.col(j) = -q.col(j);
  Eigen::Map<Dense> out(p.value.data, static_cast<Eigen::Index>(p.rows), static_cast<Eigen::Index>(p.cols));
  if (wide)
    out = q.transpose();
  else
    out = q;
}

double fan(const Parameter& p, std::size_t count, const char* which) {
  if (count > 0) return static_cast<double>(count);
  throw RequestError(Complaint{p.name, std::string("a rule that asks for its ") + which,
                               "zeros, constant or normal for what is no weight"});
}
double in(const Parameter& p) { return fan(p, p.fan_in, "inputs"); }
double out(const Parameter& p) { return fan(p, p.fan_out, "outputs"); }

void constant(Parameter& p, double value) { std::fill_n(p.value.data, p.size(), static_cast<float>(value)); }
void normal(Parameter& p, const Draw& draw, double sd) {
  fill_normal(p.value.span(), draw, 0, static_cast<float>(sd));
}
void uniform(Parameter& p, const Draw& draw, double a) {
  fill_uniform(p.value.span(), draw, static_cast<float>(-a), static_cast<float>(a));
}

void begin(const ZerosInitial&, Parameter& p, const Draw&) { constant(p, 0); }
void begin(const ConstantInitial& o, Parameter& p, const Draw&) { constant(p, o.value); }
void begin(const NormalInitial& o, Parameter& p, const Draw& draw) { normal(p, draw, o.sd); }
void begin(const UniformInitial& o, Parameter& p, const Draw& draw) { uniform(p, draw, o.a); }
void begin(const HeInitial&, Parameter& p, const Draw& draw) { normal(p, draw, std::sqrt(2 / in(p))); }
void begin(const LecunInitial&, Parameter& p, const Draw& draw) { normal(p, draw, std::sqrt(1 / in(p))); }
void begin(const XavierInitial&, Parameter& p, const Draw& draw) {
  uniform(p, draw, std::sqrt(6 / (in(p) + out(p))));
}
void begin(const FanInInitial&, Parameter& p, const Draw& draw) { uniform(p, draw, 1 / std::sqrt(in(p))); }
void begin(const OrthogonalInitial&, Parameter& p, const Draw& draw) { orthogonal(p, draw); }
void begin(const IdentityInitial&, Parameter& p, const Draw&) {
  constant(p, 0);
  for (std::size_t i = 0; i < std::min(p.rows, p.cols); ++i) p.value(i, i) = 1;
}

// A table of a rule without options.
template <class T>
const OptionTable<T>& bare(const char* name) {
  static const OptionTable<T> table(name);
  return table;
}

}  // namespace

static const auto& option_table(const ConstantInitial&) {
  using O = ConstantInitial;
  static const auto table = OptionTable<O>("constant").add("", &O::value, "the number", any_number());
  return table;
}
static const auto& option_table(const NormalInitial&) {
  using O = NormalInitial;
  static const auto table = OptionTable<O>("normal").add("sd", &O::sd, "deviation", positive_number());
  return table;
}
static const auto& option_table(const UniformInitial&) {
  using O = UniformInitial;
  static const auto table = OptionTable<O>("uniform").add("a", &O::a, "half its width", positive_number());
  return table;
}
static const auto& option_table(const ZerosInitial&) { return bare<ZerosInitial>("zeros"); }
static const auto& option_table(const HeInitial&) { return bare<HeInitial>("he"); }
static const auto& option_table(const LecunInitial&) { return bare<LecunInitial>("lecun"); }
static const auto& option_table(const XavierInitial&) { return bare<XavierInitial>("xavier"); }
static const auto& option_table(const FanInInitial&) { return bare<FanInInitial>("fan-in"); }
static const auto& option_table(const OrthogonalInitial&) { return bare<OrthogonalInitial>("orthogonal"); }
static const auto& option_table(const IdentityInitial&) { return bare<IdentityInitial>("identity"); }

namespace {

const OptionChoice<Initial>& choice() {
  static const OptionChoice<Initial> initials("initial");
  return initials;
}

}  // namespace

OptionKind<Initial> initial_kind() { return choice_of(choice()); }

Initial read_initial(std::string_view text) { return choice().read(parse_spec(text, "initial")); }

void initialise(Parameter& p, const Draw& draw) {
  choice().check(p.initial);
  const Draw own = draw.on("initial " + p.name);
  std::visit([&](const auto& rule) { begin(rule, p, own); }, p.initial);
}

}  // namespace pushforward

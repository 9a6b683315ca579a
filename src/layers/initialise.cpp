// SPDX-License-Identifier: Apache-2.0
//
// How parameters begin. `in` and `out` are a unit's numbers of inputs and outputs (fan-in and fan-out).
//
//   he       N(0, 2/in)           [He, Zhang, Ren & Sun, ICCV 2015]: keeps the variance through rectifiers
//   lecun    N(0, 1/in)           [LeCun, Bottou, Orr & Müller, 1998]
//   xavier   U ±√(6/(in+out))     [Glorot & Bengio, AISTATS 2010]
//   fan-in   U ±1/√in             what several frameworks do unasked
//   orthogonal                    Q of a Gaussian matrix with the signs of R's diagonal [Saxe, McClelland &
//                                 Ganguli, ICLR 2014; Mezzadri 2007 for the signs]: rows or columns
//                                 orthonormal
//
// Each parameter draws from a stream named after it, so adding a layer does not change how the others begin.
#include <cmath>

#include <Eigen/QR>

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

void fill(Parameter& p, float value) { std::fill_n(p.value.data, p.size(), value); }

void identity(Parameter& p) {
  fill(p, 0);
  for (std::size_t i = 0; i < std::min(p.rows, p.cols); ++i) p.value(i, i) = 1;
}

double fan(const Parameter& p, std::size_t count, const char* which) {
  if (count > 0) return static_cast<double>(count);
  throw RequestError(Complaint{"initial " + p.initial.name, p.name + " without " + which, "a weight",
                               "use zeros or normal"});
}

}  // namespace

void initialise(Parameter& p, const Draw& draw) {
  const Draw own = draw.on("initial " + p.name);
  SpecReader read(p.initial);
  const auto normal = [&](double sd) { fill_normal(p.value.span(), own, 0, static_cast<float>(sd)); };
  const auto uniform = [&](double a) {
    fill_uniform(p.value.span(), own, static_cast<float>(-a), static_cast<float>(a));
  };
  const auto in = [&] { return fan(p, p.fan_in, "fan-in"); };
  const auto out = [&] { return fan(p, p.fan_out, "fan-out"); };
  const std::string& name = p.initial.name;
  if (name == "zeros" || name.empty())
    fill(p, 0);
  else if (name == "constant")
    fill(p, static_cast<float>(read.number("", 0)));
  else if (name == "normal")
    normal(read.positive("sd", 0.02));
  else if (name == "uniform")
    uniform(read.positive("a", 0.05));
  else if (name == "he")
    normal(std::sqrt(2 / in()));
  else if (name == "lecun")
    normal(std::sqrt(1 / in()));
  else if (name == "xavier")
    uniform(std::sqrt(6 / (in() + out())));
  else if (name == "fan-in")
    uniform(1 / std::sqrt(in()));
  else if (name == "orthogonal")
    orthogonal(p, own);
  else if (name == "identity")
    identity(p);
  else
    throw unknown_word("initial", name,
                       std::vector<std::string>{"zeros", "constant", "normal", "uniform", "he", "lecun",
                                                "xavier", "fan-in", "orthogonal", "identity"});
  read.finish();
}

}  // namespace pushforward

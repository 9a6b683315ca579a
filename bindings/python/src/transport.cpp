// SPDX-License-Identifier: Apache-2.0
//
// Exact transport: the plan, both potentials and the gap that proves it.
#include "pushforward/transport.hpp"

#include "borrow.hpp"

namespace pushforward::python {
namespace {

nb::object rows_of(const std::vector<TransportArc>& plan, std::uint32_t TransportArc::*end) {
  auto memory = std::make_unique<std::int64_t[]>(plan.size());
  for (std::size_t k = 0; k < plan.size(); ++k) memory[k] = plan[k].*end;
  std::int64_t* data = memory.release();
  nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<std::int64_t*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, std::int64_t>(data, {plan.size()}, owner));
}

nb::dict dict_of(const TransportResult& r) {
  auto mass = std::make_unique<double[]>(r.plan.size());
  for (std::size_t k = 0; k < r.plan.size(); ++k) mass[k] = r.plan[k].mass;
  nb::dict found;
  found["value"] = r.value, found["dual"] = r.dual, found["gap"] = r.gap, found["method"] = r.method;
  found["warning"] = gap_warning(r.gap);
  found["i"] = rows_of(r.plan, &TransportArc::source), found["j"] = rows_of(r.plan, &TransportArc::sink);
  found["mass"] = array_of(std::move(mass), {r.plan.size()});
  found["u"] = array_of(r.u), found["v"] = array_of(r.v);
  return found;
}

nb::dict transport(const Array& x, const Array& y, const MaybeVector& a, const MaybeVector& b, double p,
                   bool normalize) {
  const Sample first = sample_of(x, a), second = sample_of(y, b);
  TransportResult found;
  {
    const Working working;
    found = solve_transport(first, second, {.p = p, .normalize = normalize});
  }
  return dict_of(found);
}

nb::dict transport_by_costs(const Vector& cost, const MaybeVector& a, const MaybeVector& b, bool normalize) {
  const View<const double> costs{cost.data(), cost.shape(0), cost.shape(1)};
  TransportResult found;
  {
    const Working working;
    found = solve_transport(costs, numbers_of(a), numbers_of(b), {.normalize = normalize});
  }
  return dict_of(found);
}

}  // namespace

void bind_transport(nb::module_& module) {
  using namespace nb::literals;
  module.def("transport", &transport, "x"_a.noconvert(), "y"_a.noconvert(), "a"_a.none(), "b"_a.none(), "p"_a,
             "normalize"_a,
             nb::sig("def transport(x: typing.Any, y: typing.Any, a: typing.Any, b: typing.Any, p: float, "
                     "normalize: bool) -> dict[str, typing.Any]"));
  module.def("transport_by_costs", &transport_by_costs, "cost"_a.noconvert(), "a"_a.none(), "b"_a.none(),
             "normalize"_a,
             nb::sig("def transport_by_costs(cost: typing.Any, a: typing.Any, b: typing.Any, normalize: "
                     "bool) -> dict[str, typing.Any]"));
}

}  // namespace pushforward::python

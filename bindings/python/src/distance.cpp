// SPDX-License-Identifier: Apache-2.0
//
// Distances, one pair of samples at a time or many on all processors.
//
// A batch is B × n × d against B × m × d (or one m × d for all). Its problems are claimed one by one by the
// library's threads, each computed as it would be alone, so a batch has the bits of its problems.
#include "pushforward/distance.hpp"

#include <functional>
#include <mutex>
#include <shared_mutex>

#include <nanobind/stl/function.h>
#include <nanobind/stl/unique_ptr.h>

#include "borrow.hpp"
#include "pushforward/distance_names.hpp"
#include "pushforward/error.hpp"
#include "pushforward/fit.hpp"
#include "pushforward/floor.hpp"
#include "pushforward/two_sample.hpp"
#include "pushforward/witness.hpp"
#include "reading.hpp"

namespace pushforward::python {
namespace {

using OnFitPython = std::function<void(std::size_t, std::size_t, double)>;

// A fit asks Python now and then whether the user wants to stop, and tells whoever wants to know.
void watch(Distance& distance, const std::optional<OnFitPython>& tell) {
  watch_fit(distance, [tell](std::size_t step, std::size_t most, double loss) {
    const nb::gil_scoped_acquire locked;
    stop_on_signal();
    if (tell) (*tell)(step, most, loss);
  });
}

std::size_t problems_of(const Array& x, const Array& y) {
  return x.ndim() == 3 ? x.shape(0) : y.ndim() == 3 ? y.shape(0) : 1;
}

// Calls solve(i) for every problem. An error names the problem; its kind stays.
void for_problems(std::size_t count, const std::function<void(std::size_t)>& solve) {
  const int threads = process_threads().load();
  parallel_tasks(count, [&](std::size_t i) {
    set_threads(threads);  // this may be another thread, which has a number of its own
    try {
      solve(i);
    } catch (const RequestError& error) {
      throw RequestError("problem " + std::to_string(i) + ": " + error.what());
    }
  });
}

// Gradients of one or more problems, in memory that becomes NumPy's.
struct GradientMemory {
  GradientMemory(bool in_points, bool in_weights, const Array& of, std::size_t count, std::size_t rows,
                 std::size_t columns)
      : batch(of.ndim() == 3), problems(count), n(rows), d(columns) {
    if (in_points) points = std::make_unique<double[]>(count * n * d);
    if (in_weights) weights = std::make_unique<double[]>(count * n);
  }
  Gradient wanted(std::size_t problem) {
    Gradient gradient;
    if (points) gradient.points = {points.get() + problem * n * d, n, d};
    if (weights) gradient.weights = {weights.get() + problem * n, n};
    return gradient;
  }
  nb::object points_array() {
    if (!points) return nb::none();
    if (batch) return array_of(std::move(points), {problems, n, d});
    return array_of(std::move(points), {n, d});
  }
  nb::object weights_array() {
    if (!weights) return nb::none();
    if (batch) return array_of(std::move(weights), {problems, n});
    return array_of(std::move(weights), {n});
  }
  bool batch;
  std::size_t problems, n, d;
  std::unique_ptr<double[]> points{}, weights{};
};

class BoundDistance {
 public:
  BoundDistance(const std::string& name, const OptionList& options, std::uint64_t seed,
                const std::optional<OnFitPython>& tell)
      : spec_(distance_meant(spec_of(name, options))),
        seed_(seed),
        distance_(make_distance(spec_, seed)),
        facts_(facts_of(spec_)) {
    if (facts_.learned) watch(*distance_, tell);
  }

  // Beside its floor of `splits` halvings of x, unless that is 0.
  NamedReading measure(const Array& x, const Array& y, const MaybeVector& a, const MaybeVector& b,
                       std::size_t splits) const {
    const Sample first = sample_of(x, a), second = sample_of(y, b);
    const Working working;
    const std::shared_lock measuring(frozen_);
    NamedReading found{spec_.name, distance_->measure(first, second)};
    if (splits > 0 && found.reading.value) found.floor = floor_of(first, second, splits);
    return found;
  }

  std::vector<NamedReading> measure_batch(const Array& x, const Array& y, const MaybeVector& a,
                                          const MaybeVector& b, std::size_t splits) const {
    std::vector<NamedReading> readings(problems_of(x, y), {spec_.name});
    const Working working;
    const std::shared_lock measuring(frozen_);
    for_problems(readings.size(), [&](std::size_t i) {
      const Sample first = sample_of(x, a, i), second = sample_of(y, b, i);
      readings[i].reading = distance_->measure(first, second);
      if (splits > 0 && readings[i].reading.value) readings[i].floor = floor_of(first, second, splits);
    });
    return readings;
  }

  // The reading, and its derivatives in the points and weights of the first sample, or of the second.
  nb::tuple gradient(const Array& x, const Array& y, const MaybeVector& a, const MaybeVector& b, bool in_y,
                     bool points, bool weights) const {
    const Sample first = sample_of(x, a), second = sample_of(y, b);
    GradientMemory memory = memory_for(in_y ? y : x, 1, points, weights);
    NamedReading found{spec_.name};
    {
      const Working working;
      const std::shared_lock measuring(frozen_);
      found.reading = derive(first, second, in_y, memory.wanted(0));
    }
    return nb::make_tuple(found, memory.points_array(), memory.weights_array());
  }

  // The same of a batch. Of a sample that all problems share every problem has derivatives of its own.
  nb::tuple gradient_batch(const Array& x, const Array& y, const MaybeVector& a, const MaybeVector& b,
                           bool in_y, bool points, bool weights) const {
    std::vector<NamedReading> readings(problems_of(x, y), {spec_.name});
    GradientMemory memory = memory_for(in_y ? y : x, readings.size(), points, weights);
    memory.batch = true;
    {
      const Working working;
      const std::shared_lock measuring(frozen_);
      for_problems(readings.size(), [&](std::size_t i) {
        readings[i].reading = derive(sample_of(x, a, i), sample_of(y, b, i), in_y, memory.wanted(i));
      });
    }
    return nb::make_tuple(readings, memory.points_array(), memory.weights_array());
  }

  void freeze(const Array& x, const Array& y) {
    const Sample first{pooled_points_of(x)}, second{pooled_points_of(y)};
    const Working working;
    const std::unique_lock changing(frozen_);
    distance_->freeze(first, second);
  }
  std::vector<double> frozen() const { return distance_->frozen(); }
  void thaw(const std::vector<double>& frozen) {
    const Working working;
    const std::unique_lock changing(frozen_);
    distance_->thaw(frozen);
  }
  void redraw(std::uint64_t seed) {
    const Working working;
    const std::unique_lock changing(frozen_);
    distance_->redraw(seed);
  }

  nb::tuple test(const Array& x, const Array& y, std::size_t permutations, double level, std::uint64_t seed) {
    const Sample first = sample_of(x, {}), second = sample_of(y, {});
    PermutationOptions options;
    options.permutations = permutations, options.level = level, options.seed = seed;
    PermutationTest found;
    {
      const Working working;
      const std::shared_lock measuring(frozen_);
      check_test(spec_.name, facts_, first, second, options);
      found = permutation_test(*distance_, facts_, first, second, options);
    }
    return nb::make_tuple(NamedReading{spec_.name, found.reading}, found.p_value, found.reject, found.effect,
                          found.null_mean, found.null_sd, found.null_quantiles);
  }

  std::unique_ptr<Witness> witness(const Array& x, const Array& y, const MaybeVector& a,
                                   const MaybeVector& b) const {
    if (!facts_.witness)
      throw RequestError(Complaint{"witness", spec_.text() + ", which has none",
                                   "one of " + names_with([](const Facts& f) { return f.witness; })});
    const Sample first = sample_of(x, a), second = sample_of(y, b);
    const Working working;
    const std::shared_lock measuring(frozen_);
    return distance_->witness(first, second);
  }

  void want_gradient() const {
    if (facts_.gradient_points || facts_.gradient_weights) return;
    throw RequestError(Complaint{"gradient", spec_.name + ", which has none",
                                 "one of " + names_with([](const Facts& f) { return f.gradient_points; })});
  }

  const Facts& facts() const { return facts_; }
  std::string name() const { return spec_.name; }

 private:
  template <class Has>
  static std::string names_with(const Has& has) {
    std::string names;
    for (const DistanceEntry& entry : distances())
      if (has(entry.facts)) names += (names.empty() ? "" : ", ") + entry.name;
    return names;
  }

  GradientMemory memory_for(const Array& of, std::size_t problems, bool points, bool weights) const {
    want_gradient();
    const std::size_t axis = of.ndim() - 2;
    return {points && facts_.gradient_points,
            weights && facts_.gradient_weights,
            of,
            problems,
            of.shape(axis),
            of.shape(axis + 1)};
  }

  // By another object: a floor freezes the distance that it is measured with.
  double floor_of(const Sample& x, const Sample& y, std::size_t splits) const {
    return measure_floor(*make_distance(spec_, seed_), facts_, x, y, {splits, seed_}).value;
  }

  Reading derive(const Sample& x, const Sample& y, bool in_y, const Gradient& wanted) const {
    return in_y ? distance_->measure_in_y(x, y, wanted) : distance_->measure(x, y, wanted);
  }

  Spec spec_;
  std::uint64_t seed_;
  std::unique_ptr<Distance> distance_;
  Facts facts_;
  mutable std::shared_mutex frozen_{};  ///< what is frozen changes while nobody measures
};

// ---- witnesses ----

nb::object values_at(const Witness& witness, const Array& at) {
  const Points points = points_of(at);
  const std::size_t n = points.n(), k = witness.names().size();
  auto memory = std::make_unique<double[]>(n * k);
  {
    const Working working;
    check_samples("witness", {points}, {points}, {});
    witness.values(points, {memory.get(), n, k});
  }
  return array_of(std::move(memory), {n, k});
}

// ---- the registry ----

nb::list rows_of(const std::vector<OptionRow>& options) {
  nb::list rows;
  for (const OptionRow& row : options)
    rows.append(nb::make_tuple(row.name, row.fallback, row.meaning, row.flag));
  return rows;
}

nb::list distance_rows() {
  nb::list rows;
  for (const DistanceEntry& entry : distances()) {
    nb::dict row;
    row["name"] = entry.name, row["title"] = entry.title, row["formula"] = entry.formula;
    row["source"] = entry.source, row["options"] = rows_of(entry.options);
    row["gradient"] = entry.facts.gradient_points, row["weighted"] = entry.facts.weighted;
    row["symmetric"] = entry.facts.symmetric, row["learned"] = entry.facts.learned;
    row["witness"] = entry.facts.witness, row["randomised"] = entry.facts.randomised;
    rows.append(row);
  }
  return rows;
}

}  // namespace

void bind_distances(nb::module_& module) {
  using namespace nb::literals;
  using D = BoundDistance;
  nb::class_<Witness>(module, "Witness")
      .def_prop_ro("names", &Witness::names)
      .def_prop_ro(
          "about", [](const Witness& w) { return dict_of(w.about()); },
          nb::sig("def about(self) -> dict[str, typing.Any]"))
      .def("values", &values_at, "at"_a.noconvert(),
           nb::sig("def values(self, at: typing.Any) -> typing.Any"));
  nb::class_<D> distance(module, "Distance");
  distance
      .def(
          nb::init<const std::string&, const OptionList&, std::uint64_t, const std::optional<OnFitPython>&>(),
          "name"_a, "options"_a, "seed"_a, "on_fit"_a.none() = nb::none())
      .def_prop_ro("name", &D::name)
      .def_prop_ro("has_gradient", [](const D& d) { return d.facts().gradient_points; })
      .def_prop_ro("has_weight_gradient", [](const D& d) { return d.facts().gradient_weights; })
      .def_prop_ro("learned", [](const D& d) { return d.facts().learned; })
      .def_prop_ro("randomised", [](const D& d) { return d.facts().randomised; })
      .def("measure", &D::measure, "x"_a.noconvert(), "y"_a.noconvert(), "a"_a.none(), "b"_a.none(),
           "splits"_a)
      .def("measure_batch", &D::measure_batch, "x"_a.noconvert(), "y"_a.noconvert(), "a"_a.none(),
           "b"_a.none(), "splits"_a)
      .def("witness", &D::witness, "x"_a.noconvert(), "y"_a.noconvert(), "a"_a.none(), "b"_a.none())
      .def("want_gradient", &D::want_gradient)
      .def("freeze", &D::freeze, "x"_a.noconvert(), "y"_a.noconvert())
      .def("frozen", &D::frozen)
      .def("thaw", &D::thaw, "frozen"_a)
      .def("redraw", &D::redraw, "seed"_a)
      .def("test", &D::test, "x"_a.noconvert(), "y"_a.noconvert(), "permutations"_a, "level"_a, "seed"_a,
           nb::sig("def test(self, x: typing.Any, y: typing.Any, permutations: int, level: float, seed: int) "
                   "-> tuple[Reading, float, bool, float | None, float, float, list[tuple[float, float]]]"))
      .def("gradient", &D::gradient, "x"_a.noconvert(), "y"_a.noconvert(), "a"_a.none(), "b"_a.none(),
           "in_y"_a, "points"_a, "weights"_a,
           nb::sig("def gradient(self, x: typing.Any, y: typing.Any, a: typing.Any, b: typing.Any, in_y: "
                   "bool, points: bool, weights: bool) -> tuple[Reading, typing.Any, typing.Any]"))
      .def("gradient_batch", &D::gradient_batch, "x"_a.noconvert(), "y"_a.noconvert(), "a"_a.none(),
           "b"_a.none(), "in_y"_a, "points"_a, "weights"_a,
           nb::sig(
               "def gradient_batch(self, x: typing.Any, y: typing.Any, a: typing.Any, b: typing.Any, in_y: "
               "bool, points: bool, weights: bool) -> tuple[list[Reading], typing.Any, typing.Any]"));
  module.def("distance_rows", &distance_rows, nb::sig("def distance_rows() -> list[dict[str, typing.Any]]"));
}

}  // namespace pushforward::python

// SPDX-License-Identifier: Apache-2.0
//
// The network of a learned distance, played against whatever Python trains: it takes a step on real and
// generated points, and tells the generator's loss with its gradient in the generated points.
#include "pushforward/critic.hpp"

#include <algorithm>

#include "borrow.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/distance_names.hpp"
#include "pushforward/error.hpp"
#include "pushforward/optimizer.hpp"
#include "reading.hpp"

namespace pushforward::python {
namespace {

using Floats = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

View<const float> view_of(const Floats& array) { return {array.data(), array.shape(0), array.shape(1)}; }

nb::object array_of(std::unique_ptr<float[]> memory, std::initializer_list<std::size_t> shape) {
  float* data = memory.release();
  nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<float*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, float>(data, shape, owner));
}

class BoundCritic {
 public:
  BoundCritic(const std::string& name, const OptionList& options, std::uint64_t seed, std::size_t d,
              double rate, const std::string& optimizer)
      : name_(distance_meant(spec_of(name, options)).name),
        seed_(seed),
        rate_(rate),
        critic_(made(spec_of(name, options), seed)->critic({.channels = d}, 1)) {
    arena_.bind(critic_->parameters(), Draw{seed}.on("critic"));
    optimizer_ = make_optimizer(parse_spec(optimizer, "critic_optimizer"), arena_.trained_size(), 0, {});
  }

  // The critic descends its own loss on these points; the parts of that loss.
  nb::dict step(const Floats& real, const Floats& generated) {
    const View<const float> x = view_of(real), y = view_of(generated);
    Losses losses;
    {
      const WorkingOn working(this);
      const Pass pass{.training = true, .draw = Draw{seed_}.on("critic step").at(steps_)};
      losses = critic_->accumulate(x, y, pass);
      const View<float> trained{arena_.values().data, 1, arena_.trained_size()};
      optimizer_->step(trained, arena_.gradients(), rate_, 1, ++steps_);
      critic_->after_step();
    }
    nb::dict parts;
    parts["loss"] = losses.loss;
    for (std::size_t i = 0; i < losses.count; ++i)
      parts[nb::cast(std::string(losses.parts[i].name))] = losses.parts[i].value;
    return parts;
  }

  // The generator's loss on its points, and its gradient in them.
  nb::tuple loss(const Floats& generated, bool training) {
    const View<const float> y = view_of(generated);
    auto gradient = std::make_unique<float[]>(y.size());
    double loss = 0;
    {
      const WorkingOn working(this);
      const Pass pass{.training = training, .draw = Draw{seed_}.on("critic loss").at(steps_)};
      loss = critic_->generator_loss(y, {gradient.get(), y.rows, y.cols}, pass);
    }
    return nb::make_tuple(loss, array_of(std::move(gradient), {y.rows, y.cols}));
  }

  NamedReading read(const Floats& real, const Floats& generated) {
    const WorkingOn working(this);
    return {name_, critic_->read(view_of(real), view_of(generated))};
  }

  // Weights and the optimiser's moments, end to end, behind the number of steps.
  nb::tuple state() {
    std::size_t size = 0;
    each_block([&](View<float> block) { size += block.size(); });
    auto all = std::make_unique<float[]>(size);
    float* to = all.get();
    each_block([&](View<float> block) { to = std::copy_n(block.data, block.size(), to); });
    return nb::make_tuple(steps_, array_of(std::move(all), {1, size}));
  }

  void restore(std::uint64_t steps, const Floats& all) {
    std::size_t size = 0;
    each_block([&](View<float> block) { size += block.size(); });
    if (size != all.size())
      throw RequestError(Complaint{"critic", std::to_string(all.size()) + " numbers of state",
                                   std::to_string(size), "the distance and its options must be the same"});
    const float* from = all.data();
    each_block([&](View<float> block) { std::copy_n(from, block.size(), block.data), from += block.size(); });
    steps_ = steps;
  }

 private:
  static std::unique_ptr<Distance> made(const Spec& spec, std::uint64_t seed) {
    if (!facts_of(spec).learned)
      throw RequestError(Complaint{"critic", spec.name + ", which is not learned", "a learned distance"});
    return make_distance(spec, seed);
  }

  template <class Visit>
  void each_block(const Visit& visit) {
    visit(arena_.values());
    for (auto& [name, block] : optimizer_->state()) visit(block);
  }

  std::string name_;
  std::uint64_t seed_, steps_ = 0;
  double rate_;
  std::unique_ptr<Critic> critic_;
  Arena arena_;
  std::unique_ptr<Optimizer> optimizer_{};
};

}  // namespace

void bind_critics(nb::module_& module) {
  using namespace nb::literals;
  using C = BoundCritic;
  nb::class_<C>(module, "Critic")
      .def(nb::init<const std::string&, const OptionList&, std::uint64_t, std::size_t, double,
                    const std::string&>(),
           "name"_a, "options"_a, "seed"_a, "d"_a, "rate"_a, "optimizer"_a)
      .def("step", &C::step, "real"_a.noconvert(), "generated"_a.noconvert(),
           nb::sig("def step(self, real: typing.Any, generated: typing.Any) -> dict[str, float]"))
      .def("loss", &C::loss, "generated"_a.noconvert(), "training"_a,
           nb::sig("def loss(self, generated: typing.Any, training: bool) -> tuple[float, typing.Any]"))
      .def("read", &C::read, "real"_a.noconvert(), "generated"_a.noconvert())
      .def("state", &C::state, nb::sig("def state(self) -> tuple[int, typing.Any]"))
      .def("restore", &C::restore, "steps"_a, "state"_a);
}

}  // namespace pushforward::python

// SPDX-License-Identifier: Apache-2.0
//
// The gradient flow of a distance, with as many atoms as there are particles.
//
// Distances differ by orders of magnitude in how steep they are, so the rate is set once, by the first
// gradient: what is seen then is the shape of the flow and not its unit. Along it nothing is rescaled, so a
// distance whose gradient fades far from the data (a Gaussian kernel) stands still there, as it should.
#include "pushforward/particles.hpp"

#include <algorithm>
#include <cmath>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kFirstUpdates = 200, kUpdates = 5;  // of a critic
constexpr std::size_t kRows = 1000;                       // against which a distance is measured
constexpr double kCriticRate = 1e-3, kFirstMove = 0.02, kLongestMove = 0.05;

const DistanceEntry& with_gradient(const Spec& spec) {
  if (!facts_of(spec).gradient_points && !facts_of(spec).learned)
    throw RequestError(Complaint{"--distance", spec.text() + ", which has no gradient", "one that has",
                                 "energy, mmd, sinkhorn, sliced, w2, jsd-critic, w1-critic, …"});
  return find_distance(spec.name);
}

}  // namespace

ParticleFlow::ParticleFlow(const Spec& distance, const Dataset& data, const ParticleOptions& options)
    : data_(data),
      options_(options),
      distance_(with_gradient(distance).make(distance, options.seed)),
      facts_(facts_of(distance)) {
  if (options.particles < std::max<std::size_t>(2, facts_.smallest_n))
    throw RequestError(Complaint{"--particles", std::to_string(options.particles),
                                 std::to_string(std::max<std::size_t>(2, facts_.smallest_n)) + " or more"});
  start();
  if (facts_.learned) {
    critic_ = distance_->critic(data.shape, 1);
    arena_.bind(critic_->parameters(), Draw{options.seed, stream_id("initial"), 0});
    optimizer_ = make_optimizer(AdamOptions{.beta1 = 0.5, .beta2 = 0.9}, arena_.trained_size(), 0, {});
    fit_critic(kFirstUpdates);
  } else {
    gather("rows", 0, std::max(kRows, options.particles));
    distance_->freeze({Points(std::as_const(batch_).view())}, {Points(points())});
  }
}

void ParticleFlow::start() {
  const Matrix<double> rows = data_.doubles();
  const auto n = static_cast<double>(rows.rows());
  const std::size_t d = rows.cols();
  std::vector<double> mean(d, 0);
  double squares = 0;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t k = 0; k < d; ++k) mean[k] += rows(i, k) / n;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t k = 0; k < d; ++k) squares += std::pow(rows(i, k) - mean[k], 2) / n;
  spread_ = std::sqrt(squares);
  if (!(spread_ > 0))
    throw RequestError(Complaint{data_.name, "points that are all the same", "data with a spread"});
  particles_.resize(options_.particles, d);
  fill_normal(particles_.span(), Draw{options_.seed}.on("particles"), 0, static_cast<float>(spread_ / 4));
  for (std::size_t i = 0; i < particles_.rows(); ++i)
    for (std::size_t k = 0; k < d; ++k) particles_(i, k) += static_cast<float>(mean[k]);
}

// Drawn with repetition.
void ParticleFlow::gather(std::string_view stream, std::uint64_t at, std::size_t rows) {
  const Draw draw = Draw{options_.seed}.on(stream).at(at);
  std::vector<std::uint32_t> index(rows);
  for (std::size_t i = 0; i < index.size(); ++i)
    index[i] = static_cast<std::uint32_t>(uniform01(draw, static_cast<std::uint32_t>(i)) *
                                          static_cast<double>(data_.rows()));
  batch_.resize(index.size(), data_.cols());
  data_.gather(index, batch_);
}

void ParticleFlow::fit_critic(std::size_t updates) {
  const View<float> values{arena_.values().data, 1, arena_.trained_size()};
  for (std::size_t k = 0; k < updates; ++k) {
    gather("critic rows", updates_, options_.particles);  // it sees as many of both
    critic_->accumulate(batch_, points(), Pass{true, Draw{options_.seed}.on("critic").at(updates_)});
    optimizer_->step(values, arena_.gradients(), kCriticRate, 1, ++updates_);
    critic_->after_step();
  }
}

// n times the gradient of D in the particles: of a unit mass each.
void ParticleFlow::find_gradient() {
  gradient_.resize(particles_.rows(), particles_.cols());
  const auto n = static_cast<double>(particles_.rows());
  if (critic_) {
    fit_critic(kUpdates);
    slopes_.resize(particles_.rows(), particles_.cols());
    critic_->generator_loss(points(), slopes_, Pass{true, Draw{options_.seed}.on("slopes").at(step_)});
    for (std::size_t i = 0; i < slopes_.size(); ++i)
      gradient_.data()[i] = static_cast<double>(slopes_.data()[i]);
  } else {
    gather("rows", step_, std::max(kRows, options_.particles));
    distance_->redraw(options_.seed + step_);
    distance_->measure_in_y({Points(std::as_const(batch_).view())}, {Points(points())},
                            {.points = gradient_.view()});
  }
  for (double& g : gradient_.span()) g *= n;
}

void ParticleFlow::move() {
  if (step_ == 0) {
    double squares = 0;
    for (double g : gradient_.span()) squares += g * g / static_cast<double>(particles_.rows());
    rate_ = squares > 0 ? options_.rate * kFirstMove * spread_ / std::sqrt(squares) : 0;
  }
  const double rate = rate_ * (1 - 0.9 * static_cast<double>(step_) /
                                       static_cast<double>(std::max<std::uint64_t>(1, options_.steps)));
  for (std::size_t i = 0; i < particles_.rows(); ++i) {
    double square = 0;
    for (std::size_t k = 0; k < gradient_.cols(); ++k) square += gradient_(i, k) * gradient_(i, k);
    const double length = rate * std::sqrt(square);
    const double shorter = length > kLongestMove * spread_ ? kLongestMove * spread_ / length : 1;
    for (std::size_t k = 0; k < gradient_.cols(); ++k)
      particles_(i, k) -= static_cast<float>(shorter * rate * gradient_(i, k));
  }
}

void ParticleFlow::step() {
  find_gradient();
  move();
  ++step_;
}

}  // namespace pushforward

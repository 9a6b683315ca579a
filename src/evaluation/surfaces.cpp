// SPDX-License-Identifier: Apache-2.0
#include "evaluation/surfaces.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/learner.hpp"

#include <algorithm>

namespace pushforward {
namespace {

constexpr std::size_t kCriticGrid = 72, kWitnessGrid = 40;  // a side; a witness costs its points' pairs

Tensor in_units(const Run* run, Tensor nodes) {
  if (run == nullptr || run->standardization.empty()) return nodes;
  Dataset data;
  data.name = "grid", data.shape = run->shape, data.rows_data = std::move(nodes);
  const Dataset prepared = prepare_data(*run, std::move(data));
  return prepared.floats(0, prepared.rows());
}

Tensor on_line(const Run* run, const std::vector<double>& places) {
  Tensor nodes(places.size(), 1);
  for (std::size_t i = 0; i < places.size(); ++i) nodes(i, 0) = static_cast<float>(places[i]);
  return in_units(run, std::move(nodes));
}

// −δD/δq at the nodes: they join q with weight 0.
std::vector<double> witness_at(const Distance& distance, View<const float> generated, View<const float> data,
                               const Tensor& nodes) {
  const std::size_t n = generated.rows;
  Tensor joined(n + nodes.rows(), nodes.cols());
  std::copy_n(generated.data, generated.size(), joined.data());
  std::copy_n(nodes.data(), nodes.size(), joined.row(n));
  std::vector<double> weights(joined.rows(), 0), gradient(joined.rows());
  std::fill_n(weights.begin(), n, 1 / static_cast<double>(n));
  const Points points(std::as_const(joined).view());
  distance.measure_in_y({Points(data)}, {points, weights}, {.weights = gradient});
  std::vector<double> values;
  for (std::size_t i = 0; i < nodes.rows(); ++i) values.push_back(-gradient[n + i]);
  return values;
}

// One column of a critic's scores.
std::vector<double> scores_at(Critic& critic, const Tensor& nodes, std::size_t column) {
  Tensor scores(nodes.rows(), critic.score_names().size());
  critic.score(nodes, scores);
  std::vector<double> values;
  for (std::size_t i = 0; i < nodes.rows(); ++i) values.push_back(static_cast<double>(scores(i, column)));
  return values;
}

report::Surface surface_with(const report::Box& box, std::size_t side, const std::vector<double>& values) {
  report::Surface surface{box, Matrix<double>(side, side)};
  std::copy(values.begin(), values.end(), surface.values.data());
  return surface;
}

// What a run's distance sees points with: its critic, or a distance that has a witness; neither where points
// are codes or are seen in packs.
struct Seer {
  Critic* critic = nullptr;
  std::unique_ptr<Distance> distance{};
};

Seer seer_of(const Run& run) {
  auto* adversarial = as<Adversarial>(*run.model);
  if (adversarial == nullptr || !adversarial->compares_rows()) return {};
  if (Critic* critic = adversarial->critic()) return {critic};
  const Spec& spec = adversarial->distance();
  if (!facts_of(spec).gradient_weights) return {};
  return {nullptr, make_distance(spec)};
}

}  // namespace

report::Surface critic_surface(Critic& critic, const Run* run, const report::Box& box) {
  const Tensor nodes = in_units(run, report::Surface::nodes(box, kCriticGrid, kCriticGrid));
  return surface_with(box, kCriticGrid, scores_at(critic, nodes, critic.score_names().size() - 1));
}

report::Surface witness_surface(const Distance& distance, View<const float> generated, View<const float> data,
                                const Run* run, const report::Box& box) {
  const Tensor nodes = in_units(run, report::Surface::nodes(box, kWitnessGrid, kWitnessGrid));
  return surface_with(box, kWitnessGrid, witness_at(distance, generated, data, nodes));
}

std::vector<double> critic_on_line(Critic& critic, const Run* run, const std::vector<double>& places) {
  return scores_at(critic, on_line(run, places), 0);
}

std::vector<double> witness_on_line(const Distance& distance, View<const float> generated,
                                    View<const float> data, const Run* run,
                                    const std::vector<double>& places) {
  return witness_at(distance, generated, data, on_line(run, places));
}

std::optional<LineFunction> line_function_of(const Run& run, View<const float> generated,
                                             View<const float> data, const std::vector<double>& places) {
  const Seer seer = seer_of(run);
  if (seer.critic)
    return LineFunction{seer.critic->score_names()[0] == "d" ? "D" : "f",
                        critic_on_line(*seer.critic, &run, places)};
  if (!seer.distance) return std::nullopt;
  return LineFunction{"f", witness_on_line(*seer.distance, generated, data, &run, places)};
}

std::optional<report::Surface> surface_of(const Run& run, View<const float> generated, View<const float> data,
                                          const report::Box& box) {
  const Seer seer = seer_of(run);
  if (seer.critic) return critic_surface(*seer.critic, &run, box);
  if (!seer.distance) return std::nullopt;
  return witness_surface(*seer.distance, generated, data, &run, box);
}

std::optional<LineFunction> line_function_of(const ParticleFlow& flow, const std::vector<double>& places) {
  if (Critic* critic = flow.critic())
    return LineFunction{critic->score_names()[0] == "d" ? "D" : "f",
                        critic_on_line(*critic, nullptr, places)};
  if (!flow.facts().gradient_weights) return std::nullopt;
  return LineFunction{"f", witness_on_line(flow.distance(), flow.points(), flow.rows(), nullptr, places)};
}

std::optional<report::Surface> surface_of(const ParticleFlow& flow, const report::Box& box) {
  if (Critic* critic = flow.critic()) return critic_surface(*critic, nullptr, box);
  if (!flow.facts().gradient_weights) return std::nullopt;
  return witness_surface(flow.distance(), flow.points(), flow.rows(), nullptr, box);
}

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
#include "surfaces.hpp"
#include "pushforward/critic.hpp"

#include <algorithm>

namespace pushforward::cli {
namespace {

constexpr std::size_t kCriticGrid = 72, kWitnessGrid = 40;  // a side; a witness costs its points' pairs

Tensor nodes_in_units(const Run* run, const report::Box& box, std::size_t side) {
  Tensor nodes = report::Surface::nodes(box, side, side);
  if (run == nullptr || run->standardization.empty()) return nodes;
  Dataset data;
  data.name = "grid", data.shape = run->shape, data.rows_data = std::move(nodes);
  const Dataset prepared = prepare_data(*run, std::move(data));
  return prepared.floats(0, prepared.rows());
}

}  // namespace

report::Surface critic_surface(Critic& critic, const Run* run, const report::Box& box) {
  const Tensor nodes = nodes_in_units(run, box, kCriticGrid);
  Tensor scores(nodes.rows(), critic.score_names().size());
  critic.score(nodes, scores);
  report::Surface surface{box, Matrix<double>(kCriticGrid, kCriticGrid)};
  for (std::size_t i = 0; i < nodes.rows(); ++i)
    surface.values.data()[i] = static_cast<double>(scores(i, scores.cols() - 1));
  return surface;
}

report::Surface witness_surface(const Distance& distance, View<const float> generated, View<const float> data,
                                const Run* run, const report::Box& box) {
  const Tensor nodes = nodes_in_units(run, box, kWitnessGrid);
  const std::size_t n = generated.rows;
  Tensor joined(n + nodes.rows(), 2);
  std::copy_n(generated.data, generated.size(), joined.data());
  std::copy_n(nodes.data(), nodes.size(), joined.row(n));
  std::vector<double> weights(joined.rows(), 0), gradient(joined.rows());
  std::fill_n(weights.begin(), n, 1 / static_cast<double>(n));
  const Points points(std::as_const(joined).view());
  distance.measure({points, weights}, {Points(data)}, {.weights = gradient});
  report::Surface surface{box, Matrix<double>(kWitnessGrid, kWitnessGrid)};
  for (std::size_t i = 0; i < nodes.rows(); ++i) surface.values.data()[i] = -gradient[n + i];
  return surface;
}

std::optional<report::Surface> surface_of(const Run& run, View<const float> generated, View<const float> data,
                                          const report::Box& box) {
  const Options& options = run.options;
  if (Critic* critic = run.model->critic()) {
    if (options.known("pack") && options.text("pack") != "1") return std::nullopt;  // sees pairs, not points
    return critic_surface(*critic, &run, box);
  }
  const bool on_codes = run.model->encodes() || (options.known("code") && options.has("code"));
  if (on_codes || !options.known("distance") || !options.has("distance")) return std::nullopt;
  const Spec spec = parse_spec(options.text("distance"), "--distance");
  if (!facts_of(spec).gradient_weights) return std::nullopt;
  return witness_surface(*make_distance(spec), generated, data, &run, box);
}

}  // namespace pushforward::cli

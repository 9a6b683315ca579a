// SPDX-License-Identifier: Apache-2.0
#include "pushforward/latent_plane.hpp"

#include <numbers>

#include <boost/math/special_functions/erf.hpp>

namespace pushforward {
namespace {

double coordinate(const PlaneOptions& options, std::size_t k) {
  const double middle = (static_cast<double>(k) + 0.5) / static_cast<double>(options.grid);
  if (options.quantile) return std::numbers::sqrt2 * boost::math::erf_inv(2 * middle - 1);
  if (options.grid == 1) return 0;
  return options.range * (2 * static_cast<double>(k) / static_cast<double>(options.grid - 1) - 1);
}

}  // namespace

Tensor decode_plane(const Run& run, const PlaneOptions& options) {
  const std::size_t g = options.grid;
  Tensor codes(g * g, 2), rows(g * g, run.shape.size());
  for (std::size_t i = 0; i < g * g; ++i) {
    codes(i, 0) = static_cast<float>(coordinate(options, i % g));
    codes(i, 1) = static_cast<float>(coordinate(options, g - 1 - i / g));
  }
  decode(*run.model, codes, rows, nullptr);
  restore_units(run, rows);
  return rows;
}

}  // namespace pushforward

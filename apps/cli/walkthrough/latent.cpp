// SPDX-License-Identifier: Apache-2.0
#include "latent.hpp"

#include <cmath>

namespace pushforward::cli::walkthrough {

Json decoder_of(const Run& run) {
  const View<const float> first = weights_of(run, "decoder.0.weight"),
                          second = weights_of(run, "decoder.1.weight");
  return {{"hidden", first.rows},
          {"pixels", second.rows},
          {"weight0", floats_base64(first)},
          {"bias0", floats_base64(weights_of(run, "decoder.0.bias"))},
          {"weight1", floats_base64(second)},
          {"bias1", floats_base64(weights_of(run, "decoder.1.bias"))}};
}

Json decoded_by(const Run& run) {
  constexpr std::size_t kTried = 3;
  Tensor z(kTried, 2), x(kTried, run.shape.size());
  for (std::size_t i = 0; i < kTried; ++i)
    z(i, 0) = static_cast<float>(i) - 1, z(i, 1) = 0.5F * static_cast<float>(i);
  decode(*run.model, z, x, nullptr);
  Json list = Json::array();
  for (std::size_t i = 0; i < kTried; ++i) {
    const std::vector<double> row(x.row(i), x.row(i) + x.cols());
    list.push_back({{"z", {z(i, 0), z(i, 1)}}, {"x", rounded(row, 6)}});
  }
  return list;
}

Json codes_of(const Run& run, const Dataset& data, std::size_t n) {
  Tensor means(n, 2), variances(n, 2);
  const Tensor rows = data.floats(0, n);
  encode(*run.model, rows, means, nullptr);
  code_variance(*run.model, rows, variances);
  Json list = Json::array();
  for (std::size_t i = 0; i < n; ++i) {
    const std::vector<double> z = {means(i, 0), means(i, 1), std::sqrt(variances(i, 0)),
                                   std::sqrt(variances(i, 1))};
    list.push_back(rounded(z, 4));
  }
  return list;
}

}  // namespace pushforward::cli::walkthrough

// SPDX-License-Identifier: Apache-2.0
// A model that is added: x ~ N(μ, σ²I), solved.
#include "models/linear_gaussian.hpp"
#include "models/registry.hpp"

namespace pushforward {
namespace {

struct AddedOptions {
  std::size_t latent = 1;  ///< of the code, which says nothing
  TrainOptions training{};
  DataOptions data{};
};

const OptionTable<AddedOptions>& option_table(const AddedOptions&) {
  static const auto table = solved_table<AddedOptions>(
      OptionTable<AddedOptions>("added-model")
          .add("latent", &AddedOptions::latent, "latents, of which none has a meaning", count_of(1, 10)));
  return table;
}

LinearGaussianFit fit(const Dataset& training, std::size_t latent) {
  const auto n = static_cast<double>(training.rows());
  const auto d = static_cast<Eigen::Index>(training.cols());
  const Tensor rows = training.floats(0, training.rows());
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(d), square = mean;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (Eigen::Index k = 0; k < d; ++k) {
      const double x = rows(i, static_cast<std::size_t>(k));
      mean[k] += x / n, square[k] += x * x / n;
    }
  const double variance = (square - mean.cwiseAbs2()).mean();
  return {mean, EigenMatrix::Zero(d, static_cast<Eigen::Index>(latent)),
          Eigen::VectorXd::Constant(d, variance)};
}

}  // namespace

ModelEntry added_model() {
  return {.name = "added-model",
          .title = "One Gaussian of one variance",
          .formula = "x ~ N(μ, σ²I)",
          .source = "this test",
          .options = option_table(AddedOptions{}).settings(),
          .solved = true,
          .make = [](const Options& options, RowShape shape) {
            return make_linear_gaussian(shape, option_table(AddedOptions{}).read(options).latent, fit);
          }};
}

}  // namespace pushforward

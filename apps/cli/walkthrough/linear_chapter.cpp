// SPDX-License-Identifier: Apache-2.0
//
// The linear autoencoder and principal components: gradient descent arrives at the same plane, not at the
// same axes.
//
//   min Σ‖x − WᵀWx‖²  =  the sum of all but the two largest eigenvalues of the covariance
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "models/principal.hpp"
#include "training.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr const char* kData = "mnist@0:2000";
constexpr std::size_t kShown = 60;  // rows drawn, and eigenvalues

EigenMatrix rows_of(View<const float> weights) {
  EigenMatrix columns(static_cast<long>(weights.cols), static_cast<long>(weights.rows));
  for (std::size_t i = 0; i < weights.rows; ++i)
    for (std::size_t k = 0; k < weights.cols; ++k)
      columns(static_cast<long>(k), static_cast<long>(i)) = weights(i, k);
  return columns;
}

// Degrees between a row of weights and the nearest component.
double angle_to_nearest(const EigenMatrix& rows, const EigenMatrix& components, long row) {
  double cosine = 0;
  for (long c = 0; c < components.cols(); ++c)
    cosine = std::max(cosine, std::abs(rows.col(row).dot(components.col(c))) / rows.col(row).norm());
  return std::acos(std::min(1.0, cosine)) * 180 / std::numbers::pi;
}

// Signed pictures: −1 … 1 becomes 0 … 1, the largest entry reaching an end.
std::string pictures(const EigenMatrix& columns) {
  Tensor rows(static_cast<std::size_t>(columns.cols()), static_cast<std::size_t>(columns.rows()));
  for (long c = 0; c < columns.cols(); ++c)
    for (long k = 0; k < columns.rows(); ++k)
      rows(static_cast<std::size_t>(c), static_cast<std::size_t>(k)) =
          static_cast<float>(0.5 + 0.5 * columns(k, c) / columns.col(c).cwiseAbs().maxCoeff());
  return images_base64(std::as_const(rows).view());
}

// Both planes' coordinates of some rows, for the picture of codes.
Json codes(const Tensor& rows, const Principal& principal, const EigenMatrix& weights) {
  Json pca = Json::array(), ae = Json::array();
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    Eigen::VectorXd x(static_cast<long>(rows.cols()));
    for (std::size_t k = 0; k < rows.cols(); ++k)
      x(static_cast<long>(k)) = rows(i, k) - principal.mean(static_cast<long>(k));
    const Eigen::VectorXd a = principal.components.transpose() * x, b = weights.transpose() * x;
    pca.push_back(rounded(std::vector<double>{a(0), a(1)}, 4)),
        ae.push_back(rounded(std::vector<double>{b(0), b(1)}, 4));
  }
  return {{"pca", pca}, {"ae", ae}};
}

struct Descent {
  std::vector<double> epochs, errors, first_angles, second_angles;
};

}  // namespace

Json linear_chapter(const Demonstration& demonstration) {
  const Dataset data = load_data(kData);
  const Principal principal = principal_components(data, 2);
  const double floor = principal.eigenvalues.tail(principal.eigenvalues.size() - 2).sum();
  Descent descent;
  const Training training = {"ae",
                             kData,
                             {{"hidden", "none"},
                              {"tied", "yes"},
                              {"center", "yes"},
                              {"latent", "2"},
                              {"epochs", "600"},
                              {"rate", "0.003"},
                              {"schedule", "cosine"}}};
  const Run run = trained(training, demonstration, [&](const Run& now, const Progress& progress) {
    if (!progress.epoch_end || (progress.epoch > 20 && progress.epoch % 10 != 0)) return;
    const std::vector<double> angles =
        principal_angles(rows_of(weights_of(now, "encoder.0.weight")), principal.components);
    descent.epochs.push_back(static_cast<double>(progress.epoch));
    descent.errors.push_back(progress.losses.loss);
    descent.first_angles.push_back(angles[0]), descent.second_angles.push_back(angles[1]);
  });
  const EigenMatrix weights = rows_of(weights_of(run, "encoder.0.weight"));
  const Fields figures = evaluate(*run.model, data, {.training = &data});
  const std::vector<double> values(principal.eigenvalues.data(), principal.eigenvalues.data() + kShown);
  return {{"eigenvalues", rounded(values, 7)},
          {"total_variance", principal.eigenvalues.sum()},
          {"floor", floor},
          {"squared_error", to_json(figures)["squared_error"]},
          {"excess", to_json(figures)["squared_error"].get<double>() / floor - 1},
          {"angles", numbers(principal_angles(weights, principal.components))},
          {"axis_angles", numbers(std::vector<double>{angle_to_nearest(weights, principal.components, 0),
                                                      angle_to_nearest(weights, principal.components, 1)})},
          {"epochs", numbers(descent.epochs)},
          {"errors", rounded(descent.errors, 6)},
          {"first_angles", rounded(descent.first_angles, 4)},
          {"second_angles", rounded(descent.second_angles, 4)},
          {"components", pictures(principal.components)},
          {"weights", pictures(weights)},
          {"codes", codes(data.floats(0, 400), principal, weights)},
          {"labels", Json(std::vector<int>(data.labels.begin(), data.labels.begin() + 400))}};
}

}  // namespace pushforward::cli::walkthrough

// SPDX-License-Identifier: Apache-2.0
// Codes, samples and likelihoods of the linear Gaussian model; parameters are kept in float32, algebra is
// float64.
#include "models/linear_gaussian.hpp"

#include <cmath>
#include <optional>

#include "models/onnx_parts.hpp"

namespace pushforward {
namespace {

class LinearGaussian final : public Model,
                             public Codec,
                             public Generative,
                             public Evaluates,
                             public Scores,
                             public OnnxModel {
 public:
  LinearGaussian(RowShape shape, std::size_t latent, FitLinearGaussian fit)
      : shape_(shape),
        k_(latent),
        fit_(std::move(fit)),
        mean_(kept("mean", 1, shape.size())),
        weight_(kept("weight", shape.size(), latent)),
        noise_(kept("noise_variance", 1, shape.size())),
        fitted_(kept("fitted", 1, 2)) {}

  std::vector<Parameter*> parameters() override { return {&mean_, &weight_, &noise_, &fitted_}; }
  std::size_t latent() const override { return k_; }
  bool draws() const override { return true; }

  void prepare(const Dataset& training) override {
    const LinearGaussianFit fit = fit_(training, k_);
    store(fit.mean.transpose(), mean_);
    store(fit.weight, weight_);
    store(fit.noise.transpose(), noise_);
    fitted_.value(0, 0) = static_cast<float>(fit.iterations);
    fitted_.value(0, 1) = fit.converged ? 1.0f : 0.0f;
  }

  void encode(View<const float> x, View<float> z, const Draw* draw) override {
    const LowRankGaussian density = gaussian();
    EigenMatrix codes = density.posterior_means(loaded(x));
    if (draw != nullptr) {
      const EigenMatrix factor = density.posterior_covariance().llt().matrixL();
      codes += normals(z.rows, k_, *draw) * factor.transpose();
    }
    store(codes, z);
  }

  void decode(View<const float> z, View<float> x, const Draw* draw) override {
    EigenMatrix means = (loaded(z) * loaded(weight_).transpose()).rowwise() + loaded(mean_).row(0);
    if (draw != nullptr)
      means += normals(x.rows, x.cols, *draw) * loaded(noise_).row(0).cwiseSqrt().asDiagonal();
    store(means, x);
  }

  void sample_latent(View<float> z, const Draw& draw) override { fill_normal(z.span(), draw); }
  bool normal_prior() const override { return true; }

  Fields evaluate(const Dataset& data, const EvaluateOptions& options) override {
    Fields fields = {{"log_likelihood", -mean_of(scores(data, options))},
                     {"squared_error", mean_of(reconstruction_errors(*this, data, options))}};
    fields.emplace_back("noise_variance", loaded(noise_).mean());
    if (fitted_.value(0, 0) > 0) {
      fields.emplace_back("iterations", static_cast<long long>(fitted_.value(0, 0)));
      fields.emplace_back("converged", fitted_.value(0, 1) > 0);
    }
    return fields;
  }

  /// −ln p(x).
  std::vector<double> scores(const Dataset& data, const EvaluateOptions& options) override {
    const LowRankGaussian density = gaussian();
    std::vector<double> out;
    for_evaluation(data, options, [&](View<const float> x, std::size_t) {
      for (double log_p : density.log_density(loaded(x))) out.push_back(-log_p);
    });
    return out;
  }

  std::vector<Fields> summary() override {
    return {{{"layer", "x = Wz + μ + noise"}, {"parameters", weight_.size() + mean_.size() + noise_.size()}}};
  }

  // E[z|x] = β(x − μ), E[x|z] = Wz + μ.
  std::vector<OnnxPart> onnx_parts() override {
    const auto d = static_cast<std::int64_t>(shape_.size()), k = static_cast<std::int64_t>(k_);
    return {encoder_part(
                shape_.size(),
                [=, this](OnnxGraph& graph, const OnnxRows& x) {
                  Tensor gain(k_, shape_.size());
                  store(gaussian().gain(), gain);
                  const OnnxRows centred = graph.each("Sub", x, {}, {write_parameter(graph, mean_, {1, d})});
                  return graph.product(centred, graph.constant("gain", {k, d}, std::as_const(gain).span()),
                                       "", true, k_);
                }),
            decoder_part(k_, [=, this](OnnxGraph& graph, const OnnxRows& z) {
              return graph.product(z, write_parameter(graph, weight_, {d, k}),
                                   write_parameter(graph, mean_, {d}), true, shape_.size());
            })};
  }

 private:
  LowRankGaussian gaussian() const {
    return {loaded(mean_).row(0).transpose(), loaded(weight_), loaded(noise_).row(0).transpose()};
  }
  static EigenMatrix normals(std::size_t rows, std::size_t cols, const Draw& draw) {
    EigenMatrix out(static_cast<Eigen::Index>(rows), static_cast<Eigen::Index>(cols));
    fill_normal(std::span<double>(out.data(), rows * cols), draw);
    return out;
  }

  RowShape shape_;
  std::size_t k_;
  FitLinearGaussian fit_;
  Parameter mean_, weight_, noise_, fitted_;
};

}  // namespace

std::unique_ptr<Model> make_linear_gaussian(RowShape shape, std::size_t latent, FitLinearGaussian fit) {
  return std::make_unique<LinearGaussian>(shape, latent, std::move(fit));
}

}  // namespace pushforward

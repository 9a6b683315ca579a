// SPDX-License-Identifier: Apache-2.0
//
// PCA: the linear autoencoder, solved.
//
// h = Wx, y = Wᵀh with orthonormal rows of W and centred x loses least squared error when the rows span the
// eigenvectors of the covariance with the largest eigenvalues; what is lost is the sum of the others
// [Bourlard & Kamp, "Auto-association by multilayer perceptrons and singular value decomposition", 1988;
// Baldi & Hornik, "Neural networks and principal component analysis", 1989]. Here by eigen-decomposition; `ae
// --hidden none` gets there by gradient descent.
#include "core/whole_number.hpp"
#include "models/evaluation.hpp"
#include "models/onnx_parts.hpp"
#include "models/principal.hpp"
#include "models/registry.hpp"

namespace pushforward {
namespace {

class Pca final : public Model, public Codec, public Evaluates, public Scores, public OnnxModel {
 public:
  Pca(const PcaOptions& options, RowShape shape)
      : shape_(shape),
        k_(options.latent),
        mean_(kept("mean", 1, shape.size())),
        components_(kept("components", k_, shape.size())),
        variances_(kept("variances", 1, k_)),
        total_(kept("total_variance", 1, 1)) {}

  std::vector<Parameter*> parameters() override { return {&mean_, &components_, &variances_, &total_}; }
  std::size_t latent() const override { return k_; }

  void prepare(const Dataset& training) override {
    const Principal p = principal_components(training, k_);
    store(p.mean.transpose(), mean_);
    store(p.components.transpose(), components_);
    store(p.eigenvalues.head(static_cast<Eigen::Index>(k_)).transpose(), variances_);
    total_.value(0, 0) = static_cast<float>(p.eigenvalues.sum());
  }

  void encode(View<const float> x, View<float> z, const Draw* draw) override {
    refuse_draws(draw, "PCA");
    store((loaded(x).rowwise() - loaded(mean_).row(0)) * loaded(components_).transpose(), z);
  }
  void decode(View<const float> z, View<float> x, const Draw* draw) override {
    refuse_draws(draw, "PCA");
    store((loaded(z) * loaded(components_)).rowwise() + loaded(mean_).row(0), x);
  }

  Fields evaluate(const Dataset& data, const EvaluateOptions& options) override {
    Fields fields = {{"squared_error", mean_of(reconstruction_errors(*this, data, options))}};
    std::vector<double> ratios;
    for (float v : variances_.value.span()) ratios.push_back(static_cast<double>(v) / total_variance());
    fields.emplace_back("explained_variance_ratio", std::move(ratios));
    return fields;
  }
  std::vector<double> scores(const Dataset& data, const EvaluateOptions& options) override {
    return reconstruction_errors(*this, data, options);
  }
  std::vector<Fields> summary() override {
    return {{{"layer", "eigenvectors of the covariance"}, {"parameters", components_.size() + mean_.size()}}};
  }

  std::vector<OnnxPart> onnx_parts() override {
    const auto d = static_cast<std::int64_t>(shape_.size()), k = static_cast<std::int64_t>(k_);
    return {encoder_part(
                shape_.size(),
                [=, this](OnnxGraph& graph, const OnnxRows& x) {
                  const OnnxRows centred = graph.each("Sub", x, {}, {write_parameter(graph, mean_, {1, d})});
                  return graph.product(centred, write_parameter(graph, components_, {k, d}), "", true, k_);
                }),
            decoder_part(k_, [=, this](OnnxGraph& graph, const OnnxRows& z) {
              return graph.product(z, write_parameter(graph, components_, {k, d}),
                                   write_parameter(graph, mean_, {d}), false, shape_.size());
            })};
  }

 private:
  double total_variance() const { return std::max(1e-30, static_cast<double>(total_.value(0, 0))); }

  RowShape shape_;
  std::size_t k_;
  Parameter mean_, components_, variances_, total_;
};

}  // namespace

const OptionTable<PcaOptions>& option_table(const PcaOptions&) {
  static const auto table = solved_table<PcaOptions>(OptionTable<PcaOptions>("pca").add(
      "latent", &PcaOptions::latent, "number of components", count_of(1, kMostUnits)));
  return table;
}

ModelEntry pca_entry() {
  return {.name = "pca",
          .title = "Principal component analysis: the linear autoencoder in closed form",
          .formula = "h = W(x − μ), y = Wᵀh + μ; rows of W: leading eigenvectors of the covariance",
          .source = "Hotelling 1933; Baldi & Hornik, Neural Networks 2 (1989)",
          .options = option_table(PcaOptions{}).settings(),
          .solved = true,
          .examples = "  pushforward train pca mnist -o runs/pca --latent 30\n",
          .make = model_from<Pca>(option_table(PcaOptions{}))};
}

}  // namespace pushforward

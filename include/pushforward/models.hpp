// SPDX-License-Identifier: Apache-2.0
//
// Models as structs, trained without a word:
//
//   Run run = create_run("", VaeOptions{.network = {.latent = 2}, .training = {.epochs = 5}}, data);
//   train(run, data, nullptr);
//
// What each computes stands in `pushforward train MODEL --help`. A preset (preset.hpp) that is not given is
// the model's own, or what other options and the data ask for, as on the command line. A value out of bounds
// is a RequestError that names the field.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pushforward/integrate.hpp"
#include "pushforward/option_table.hpp"
#include "pushforward/run.hpp"
#include "pushforward/train.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

using Sizes = std::vector<std::size_t>;

/// Networks of an encoder and its mirror, or of a generator.
struct NetworkOptions {
  Preset<std::size_t> latent = usual(20);                 ///< size of the code
  Preset<Sizes> hidden = usual(Sizes{400});               ///< mirrored in a decoder
  Preset<std::string> network = usual("mlp");             ///< mlp, conv, dcgan, resnet, or layers
  Preset<std::string> activation = usual("relu");         ///< of hidden layers
  Preset<std::string> code_activation = usual("linear");  ///< of the code
  Preset<std::string> output_activation{};                ///< of the output
  Preset<std::string> initial = usual("fan-in");          ///< how weights begin
  std::string init{};   ///< start from the weights of this run, or of a safetensors file
  std::string names{};  ///< TOML file that says which array of `init` is which parameter
};
/// p(x|z): what a decoder's output means (a Gaussian's variance: fixed, one learnt number, the mean squared
/// error of a batch, or σ²(z) a feature).
struct LikelihoodKind {
  enum Kind { bernoulli, gaussian, gaussian_learned, gaussian_optimal, gaussian_head, mixed };
  Kind kind = bernoulli;
  double variance = 1;  ///< of gaussian

  LikelihoodKind(Kind k = bernoulli, double v = 1) : kind(k), variance(v) {}
};
enum class OutputBias { initial, data };
struct LikelihoodOptions {
  Preset<LikelihoodKind> kind = usual<LikelihoodKind>({});
  double variance_floor = 1e-4;  ///< least variance of those that are learnt
  bool binarize = false;         ///< observations are drawn as Bernoulli(x) anew each time they are seen
  Preset<OutputBias> output_bias = usual(OutputBias::initial);  ///< data: begins at the training mean
};
/// mse: squared error; bce: cross-entropy on logits, of data in 0…1; mixed: of a table with categories.
enum class ReconstructionError { mse, bce, mixed };
/// What rows are told beside their noise or code.
struct ConditionOptions {
  std::string on{};                   ///< label, or columns of a table by commas
  std::optional<std::size_t> size{};  ///< set by create_run: how many numbers it is
};
/// Distances to held-out points that are measured while a model learns.
struct MonitorOptions {
  std::vector<Spec> distances{{"w1"}, {"mmd"}, {"energy"}};
  Preset<std::size_t> every = usual(500);  ///< steps
  std::string watch{};  ///< one of them, which decides what weights are best and when patience ends
};
/// Where latents come from: N(0, I), or U(−A, A) in every coordinate.
struct LatentDistribution {
  std::optional<double> uniform{};  ///< A
};
/// What a model makes small, and how it is trained where it is learned.
struct PlugOptions {
  Preset<Spec> distance = usual(Spec{"energy"});  ///< any that has a gradient, measured or learned
  /// Updates of a learned one before each of the model; 0: 1, or none where nothing is learned.
  Preset<std::size_t> critic_steps = usual(0);
  Preset<double> critic_rate{};                 ///< its learning rate (the model's)
  Preset<OptimizerOptions> critic_optimizer{};  ///< its optimizer (the model's)
  Preset<Sizes> critic_hidden{};                ///< its hidden layers
  Preset<std::string> critic_network{};         ///< its network (as the model's)
  Preset<std::string> critic_activation{};      ///< of its hidden layers
  Preset<double> instance_noise{};   ///< sd of noise on what it sees while training, real and generated alike
  Preset<double> label_smoothing{};  ///< share by which a discriminator's target for real points is below 1
};

/// vae: variational autoencoder.
struct VaeOptions {
  NetworkOptions network{};
  LikelihoodOptions likelihood{};
  ConditionOptions condition{};
  double beta = 1;        ///< weight of the KL term
  std::size_t draws = 1;  ///< of z a row and step
  TrainOptions training{.rate = {}, .schedule = {}};
  DataOptions data{};
};
/// iwae: importance-weighted autoencoder.
struct IwaeOptions {
  NetworkOptions network{};
  LikelihoodOptions likelihood{};
  ConditionOptions condition{};
  std::size_t importance = 5;  ///< draws K of the bound
  TrainOptions training{.rate = {}, .schedule = {}};
  DataOptions data{};
};
/// ae: autoencoder.
struct AeOptions {
  NetworkOptions network{.latent = usual(30)};
  Preset<ReconstructionError> loss = usual(ReconstructionError::mse);
  bool tied = false;       ///< the decoder uses the encoder's weights, transposed
  bool center = false;     ///< take the training data's mean out first, and put it back
  bool unit_norm = false;  ///< rows of encoder weights are projected to length 1 after each step
  TrainOptions training{.schedule = usual(CosineSchedule{})};
  DataOptions data{};
};
/// sae: stacked autoencoder.
struct SaeOptions {
  NetworkOptions network{
      .latent = usual(30), .hidden = usual(Sizes{1000, 500, 250}), .activation = usual("sigmoid")};
  Preset<ReconstructionError> loss{};  ///< (bce for data in 0…1, else mse)
  std::size_t pretrain_epochs = 10;    ///< of each layer's pre-training; 0 = none
  bool no_pretrain = false;            ///< from random weights, for as many epochs in all
  std::vector<double> corruption{};    ///< share of each layer's inputs that pre-training sets to 0
  std::vector<double> dropout{};       ///< share of each encoder layer's inputs that training leaves out
  ReconstructionError stage_loss = ReconstructionError::mse;  ///< of pre-training: mse or bce
  std::optional<OptimizerOptions> pretrain_optimizer{};       ///< (that of training)
  bool fresh_decoder = false;                                 ///< fine-tuning begins with a random decoder
  TrainOptions training{.schedule = usual(CosineSchedule{})};
  DataOptions data{};
};
/// dae: denoising autoencoder.
struct DaeOptions {
  /// gaussian: x + level·ε; salt_pepper and masking: a share of values become 0 or 1, or 0.
  struct Noise {
    enum class Kind { gaussian, salt_pepper, masking, none } kind = Kind::gaussian;
    double level = 0.3;  ///< above 0, at most 1
  };
  NetworkOptions network{.latent = usual(100), .network = {}};
  Preset<Noise> noise = usual<Noise>({});  ///< made on the fly, clipped to 0…1
  std::string noisy{};                     ///< noisy data in its place, row by row
  Preset<ReconstructionError> loss = usual(ReconstructionError::mse);
  Preset<bool> residual{};  ///< the network says what to add to what it sees (image networks: yes)
  TrainOptions training{.schedule = usual(CosineSchedule{})};
  DataOptions data{};
};
/// wae: Wasserstein autoencoder.
struct WaeOptions {
  NetworkOptions network{.latent = usual(8), .hidden = usual(Sizes{512, 512})};
  PlugOptions plug{.distance = usual(Spec{"mmd", {{"kernel", "imq"}}})};  ///< between codes and prior
  double distance_weight = 100;                                           ///< beside the reconstruction error
  LatentDistribution prior{};
  Preset<ReconstructionError> loss = usual(ReconstructionError::mse);
  MonitorOptions monitor{};
  ConditionOptions condition{};
  TrainOptions training{.batch = usual(256)};
  DataOptions data{};
};

/// generator, and what recipes for it are called: gan, gmmn, wgan. Their presets differ, nothing else.
struct GeneratorOptions {
  enum class Recipe { generator, gan, gmmn, wgan } recipe = Recipe::generator;
  NetworkOptions network{.latent = usual(32), .hidden = usual(Sizes{512, 512})};
  PlugOptions plug{};         ///< between generated points and data
  std::string code{};         ///< run of an autoencoder, on whose codes the distance is taken
  std::string code_config{};  ///< set by create_run: the options of that run
  Preset<LatentDistribution> noise = usual<LatentDistribution>({});
  std::optional<std::size_t> samples{};      ///< points generated a step (as many as a batch)
  Preset<std::string> norm = usual("none");  ///< none, batch or layer: before an activation
  OutputBias output_bias = OutputBias::initial;
  std::size_t pack = 1;  ///< points that a learned distance sees at once; divides the batch
  MonitorOptions monitor{};
  ConditionOptions condition{};
  TrainOptions training{.batch = usual(256), .rate = {}, .optimizer = {}};
  DataOptions data{};
};

/// flow: flow matching.
struct FlowOptions {
  /// Who goes where in a batch.
  struct Coupling {
    enum class Kind { independent, exact, sinkhorn } kind = Kind::exact;
    double eps = 0.05;  ///< of sinkhorn, in units of the mean cost
  };
  NetworkOptions network{.hidden = usual(Sizes{256, 256, 256}),
                         .activation = usual("silu")};  ///< a dense one
  std::string norm = "none";                            ///< none or layer: before an activation
  std::size_t waves = 4;          ///< frequencies by which the network is told of the time; 0 = it alone
  std::string source = "normal";  ///< where ways begin: normal, uniform:A, or any DATA as wide as the rows
  std::string source_digest{};    ///< set by create_run: by which the DATA of `source` are known again
  Coupling coupling{};
  std::optional<std::size_t> coupling_batch{};  ///< rows that are coupled at once (a batch)
  double sigma = 0;                             ///< deviation of the noise that is added between the ends
  Solver solver{};                              ///< by which velocities are integrated
  MonitorOptions monitor{};
  ConditionOptions condition{};
  TrainOptions training{.batch = usual(256)};
  DataOptions data{};
};

/// pca, ppca and fa are solved; of `training`, validation, standardize, threads and seed are theirs.
struct PcaOptions {
  std::size_t latent = 30;  ///< components
  TrainOptions training{};
  DataOptions data{};
};
struct PpcaOptions {
  std::size_t latent = 20;
  TrainOptions training{};
  DataOptions data{};
};
struct FaOptions {
  std::size_t latent = 20;        ///< factors
  std::size_t iterations = 1000;  ///< most rounds of EM
  double tolerance = 1e-7;        ///< relative gain of the likelihood below which EM stops
  double noise_floor = 1e-4;      ///< least noise variance, in units of the data's mean variance
  TrainOptions training{};
  DataOptions data{};
};

/// Their fields, as help shows them (option_table.hpp); a table is called as its model is.
const OptionTable<NetworkOptions>& option_table(const NetworkOptions&);
const OptionTable<LikelihoodOptions>& option_table(const LikelihoodOptions&);
const OptionTable<ConditionOptions>& option_table(const ConditionOptions&);
const OptionTable<MonitorOptions>& option_table(const MonitorOptions&);
const OptionTable<PlugOptions>& option_table(const PlugOptions&);
const OptionTable<VaeOptions>& option_table(const VaeOptions&);
const OptionTable<IwaeOptions>& option_table(const IwaeOptions&);
const OptionTable<AeOptions>& option_table(const AeOptions&);
const OptionTable<SaeOptions>& option_table(const SaeOptions&);
const OptionTable<DaeOptions>& option_table(const DaeOptions&);
const OptionTable<WaeOptions>& option_table(const WaeOptions&);
const OptionTable<GeneratorOptions>& option_table(const GeneratorOptions& of_its_recipe);
const OptionTable<FlowOptions>& option_table(const FlowOptions&);
const OptionTable<PcaOptions>& option_table(const PcaOptions&);
const OptionTable<PpcaOptions>& option_table(const PpcaOptions&);
const OptionTable<FaOptions>& option_table(const FaOptions&);

/// Makes a run (run.hpp) of the model of that struct; an empty path makes no files.
template <class T>
Run create_run(const std::string& path, const T& options, const Dataset& training) {
  const auto& table = option_table(options);
  return create_run(path, find_model(table.name()), table.options(options), training, training.name);
}

}  // namespace pushforward
#pragma GCC visibility pop

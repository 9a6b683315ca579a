// SPDX-License-Identifier: Apache-2.0
// The options that models share, one row each: name, default, a sentence. A model's own row of the same name
// replaces the default here ("later rows win"), so that every model begins with what suits it.
#include <algorithm>
#include <iterator>
#include <string_view>

#include "pushforward/train.hpp"
#include "train/plan.hpp"

namespace pushforward {

std::vector<OptionRow> training_options() {
  return {
      {"epochs", "20",
       "passes over the training data (where neither these nor --steps are given: 20, but 3000 to 30000 "
       "steps)"},
      {"steps", "", "updates of the model; overrides --epochs"},
      {"batch", "128", "observations a step; the last, smaller batch of an epoch is trained on too"},
      {"rate", "0.001", "learning rate"},
      {"optimizer", "adam",
       "adam, adamw, sgd, rmsprop or adagrad, with options: sgd:momentum=0.9,nesterov=yes; a momentum that "
       "rises: "
       "momentum=0.5,later=0.9,from=STEP,over=STEPS"},
      {"schedule", "constant",
       "of the rate: constant, step:N,factor=F,times=T, cosine, exponential:F,floor=L or "
       "stages:N,growth=G,factor=F"},
      {"warmup", "0", "steps over which the rate (and in a VAE the weight of the KL term) rises from 0"},
      {"weight-decay", "0", "λ of ½λ‖W‖², on weights and not on biases; decoupled for adamw"},
      {"clip-norm", "0", "gradients of larger norm are scaled down to this one; 0 = never"},
      {"ema", "0",
       "decay of a moving average of the weights (0.999; (1+s)/(10+s) at an early step s), which other "
       "commands then "
       "use; 0 = none"},
      {"validation", "",
       "held-out data, or the share of the last rows of the data that is held out (0.1); 0 = none (train's "
       "default "
       "for 1000 pictures or rows of a table and more: a tenth, at most 1000 rows)"},
      {"patience", "0",
       "stop after this many epochs without a better validation loss and keep the best weights; 0 = never"},
      {"checkpoint-every", "0", "steps between checkpoints; 0 = every epoch"},
      {"log-every", "0", "steps between lines in metrics.jsonl besides one an epoch; 0 = none"},
      {"precision", "auto",
       "arithmetic of matrix products: f32, bf16, or auto: whichever is faster on this processor, measured "
       "once "
       "and kept (small networks: f32)"},
      {"standardize", "", "columns to mean 0 and deviation 1, undone on output (default: yes for tables)",
       true},
      {"threads", "0", "threads of the pool; 0 = the processors that this process may use"},
      {"slices", "1",
       "parts of a batch, each with noise of its own, whose gradients are added up in one order: the same "
       "bits on "
       "any number of processes that mpirun starts, each of which takes some (a run that begins on several "
       "has as "
       "many)"},
      {"seed", "0", "seed of everything random"},
  };
}

std::vector<OptionRow> resume_options() {
  constexpr std::string_view kNames[] = {"epochs",           "steps",     "rate",     "schedule",
                                         "weight-decay",     "clip-norm", "patience", "precision",
                                         "checkpoint-every", "log-every"};
  std::vector<OptionRow> rows = training_options();
  std::erase_if(
      rows, [&](const OptionRow& row) { return std::ranges::find(kNames, row.name) == std::end(kNames); });
  for (OptionRow& row : rows) row.fallback.clear();  // the run's own
  rows.push_back({"critic-rate", "", "learning rate of the critic of a learned distance"});
  return rows;
}

std::vector<OptionRow> data_options() {
  return {
      {"label-column", "", "column of a CSV or TSV that holds the labels"},
      {"header", "", "whether the first row of a CSV or TSV holds names, yes or no (default: looks)"},
      {"columns", "", "only these columns of a table: names or numbers from 1, separated by commas"},
      {"drop", "", "columns of a table that are left out"},
      {"schema", "", "what the columns of a table are: a file that pushforward data show --schema-to wrote"},
      {"scaling", "",
       "of a table's numbers: quantile (to a normal distribution) or plain (default: quantile for generative "
       "networks)"},
      {"blocks", "", "set by the program: what the numbers of an encoded row of a table are"},
      {"labels", "", "file of labels for the data, one a row"},
      {"layout", "",
       "what the axes of an array mean, a letter each: n rows, c channels, h height, w width, d numbers "
       "(default: "
       "looks for nchw, else nhwc)"},
      {"resize", "", "brings pictures to one size, HxW"},
      {"fit", "crop", "what --resize does to another aspect ratio: crop (to the middle), pad or stretch"},
      {"skip-broken", "no", "goes on without pictures that cannot be read", true},
      {"grey", "no", "makes pictures grey", true},
  };
}

std::vector<OptionRow> network_options() {
  return {
      {"latent", "20", "size of the code"},
      {"hidden", "400",
       "sizes of hidden layers, mirrored in the decoder: 400,400; none = a single linear map each way, and "
       "the "
       "default behind another --network"},
      {"network", "mlp",
       "mlp, conv, dcgan, resnet, or layers: 'conv 32 4x4/2, relu, conv 64 4x4/2, relu, dense 256'; the "
       "decoder mirrors them"},
      {"activation", "relu",
       "of hidden layers: relu, leaky-relu, elu, selu, gelu, silu, softplus, tanh, sigmoid, linear"},
      {"code-activation", "linear", "of the code"},
      {"output-activation", "", "of the output (default: sigmoid for cross-entropy, else linear)"},
      {"initial", "fan-in",
       "weights: fan-in (U ±1/√in, biases too), he, lecun, xavier, orthogonal, normal:sd=S, uniform:a=A"},
      {"init", "",
       "start from the weights of this run, or of a safetensors file, such as a PyTorch state_dict"},
      {"names", "", "TOML file that says which array of --init FILE is which parameter (docs/data.md)"},
  };
}

void settle_network(Options& options) {
  if (!options.known("network") || !options.known("hidden")) return;
  if (options.text("network") != "mlp" && !options.given("hidden")) options.set("hidden", "none");
}

namespace {

// A model's own row without a sentence takes a shared option away.
std::vector<OptionRow> without_refused(std::vector<OptionRow> rows) {
  std::vector<std::string> refused;
  for (const OptionRow& row : rows)
    if (row.meaning.empty()) refused.push_back(row.name);
  std::erase_if(rows,
                [&](const OptionRow& row) { return std::ranges::find(refused, row.name) != refused.end(); });
  return rows;
}

}  // namespace

Options options_of(const ModelEntry& model) {
  std::vector<OptionRow> rows;
  const auto append = [&](const std::vector<OptionRow>& more) {
    rows.insert(rows.end(), more.begin(), more.end());
  };
  if (!model.solved) {
    append(network_options());
    append(model.options);
    append(training_options());
    append(model.options);
    append(data_options());
    return Options(without_refused(std::move(rows)));
  }
  append(model.options);
  for (const OptionRow& row : training_options())
    if (row.name == "validation" || row.name == "standardize" || row.name == "threads" || row.name == "seed")
      rows.push_back(row);
  append(data_options());
  return Options(std::move(rows));
}

}  // namespace pushforward

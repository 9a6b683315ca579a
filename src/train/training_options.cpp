// SPDX-License-Identifier: Apache-2.0
// The options that models share. A model's struct has presets of its own for them.
#include <algorithm>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "pushforward/error.hpp"
#include "pushforward/option_table.hpp"
#include "pushforward/train.hpp"
#include "train/plan.hpp"

namespace pushforward {
namespace {

constexpr double kHuge = 1e30;

const OptionWords<Arithmetic> kArithmetic = {
    {"auto", Arithmetic::automatic}, {"f32", Arithmetic::f32}, {"bf16", Arithmetic::bf16}};

// A share, or DATA.
OptionKind<ValidationRows> held_out_kind() {
  return {.read = [](const OptionText& text) -> ValidationRows {
            if (!is_share(text.text)) return std::string(text.text);
            return number_of(0, 1).read(text);
          },
          .text =
              [](const ValidationRows& value, char) {
                const auto* share = std::get_if<double>(&value);
                return share != nullptr ? fmt::format("{}", *share) : std::get<std::string>(value);
              },
          .check =
              [](const ValidationRows& value, const std::string& where) {
                if (const auto* share = std::get_if<double>(&value)) number_of(0, 1).check(*share, where);
              }};
}

}  // namespace

bool is_share(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
}

const OptionTable<TrainOptions>& option_table(const TrainOptions&) {
  using O = TrainOptions;
  static const auto table =
      OptionTable<O>("training")
          .add("epochs", &O::epochs,
               "passes over the training data (where neither these nor --steps are given: 20, but 3000 to "
               "30000 steps)",
               count_of())
          .add("steps", &O::steps, "updates of the model; overrides --epochs", count_of(1))
          .add("batch", &O::batch,
               "observations a step; the last, smaller batch of an epoch is trained on too", count_of(1))
          .add("rate", &O::rate, "learning rate", number_of(0, kHuge))
          .add(
              "optimizer", &O::optimizer,
              "adam, adamw, sgd, rmsprop or adagrad, with options: sgd:momentum=0.9,nesterov=yes; a momentum "
              "that rises: momentum=0.5,later=0.9,from=STEP,over=STEPS",
              choice_of(optimizers()))
          .add("schedule", &O::schedule,
               "of the rate: constant, step:N,factor=F,times=T, cosine, exponential:F,floor=L or "
               "stages:N,growth=G,factor=F",
               choice_of(schedules()))
          .add("warmup", &O::warmup,
               "steps over which the rate (and in a VAE the weight of the KL term) rises from 0", count_of())
          .add("weight-decay", &O::weight_decay,
               "λ of ½λ‖W‖², on weights and not on biases; decoupled for adamw", number_of(0, kHuge))
          .add("clip-norm", &O::clip_norm, "gradients of larger norm are scaled down to this one; 0 = never",
               number_of(0, kHuge))
          .add("ema", &O::ema,
               "decay of a moving average of the weights (0.999; (1+s)/(10+s) at an early step s), which "
               "other commands then use; 0 = none",
               number_of(0, 1))
          .add("validation", &O::validation,
               "held-out data, or the share of the last rows of the data that is held out (0.1); 0 = none "
               "(train's default for 1000 pictures or rows of a table and more: a tenth, at most 1000 rows)",
               held_out_kind())
          .add("patience", &O::patience,
               "stop after this many epochs without a better validation loss and keep the best weights; 0 = "
               "never",
               count_of())
          .add("checkpoint-every", &O::checkpoint_every, "steps between checkpoints; 0 = every epoch",
               count_of())
          .add("log-every", &O::log_every,
               "steps between lines in metrics.jsonl besides one an epoch; 0 = none", count_of())
          .add("precision", &O::precision,
               "arithmetic of matrix products: f32, bf16, or auto: whichever is faster on this processor, "
               "measured once and kept (small networks: f32)",
               word_of(kArithmetic))
          .add("standardize", &O::standardize,
               "columns to mean 0 and deviation 1, undone on output (default: yes for tables)", yes_flag())
          .add("threads", &O::threads, "threads of the pool; 0 = the processors that this process may use",
               count_of(0, kMostThreads))
          .add(
              "slices", &O::slices,
              "parts of a batch, each with noise of its own, whose gradients are added up in one order: the "
              "same bits on any number of processes that mpirun starts, each of which takes some (a run that "
              "begins on several has as many)",
              count_of(1))
          .add("seed", &O::seed, "seed of everything random", seed_option());
  return table;
}

const OptionTable<DataOptions>& option_table(const DataOptions&) {
  using O = DataOptions;
  static const auto table =
      OptionTable<O>("data")
          .add("label-column", &O::label_column, "column of a CSV or TSV that holds the labels", any_text())
          .add("header", &O::header,
               "whether the first row of a CSV or TSV holds names, yes or no (default: looks)", any_text())
          .add("columns", &O::columns,
               "only these columns of a table: names or numbers from 1, separated by commas", any_text())
          .add("drop", &O::drop, "columns of a table that are left out", any_text())
          .add("schema", &O::schema,
               "what the columns of a table are: a file that pushforward data show --schema-to wrote",
               any_text())
          .add("scaling", &O::scaling,
               "of a table's numbers: quantile (to a normal distribution) or plain (default: quantile for "
               "generative networks)",
               word_of(OptionWords<NumberScale>{{"plain", NumberScale::plain},
                                                {"quantile", NumberScale::quantile}}))
          .add("blocks", &O::blocks, "set by the program: what the numbers of an encoded row of a table are",
               any_text())
          .add("labels", &O::labels, "file of labels for the data, one a row", any_text())
          .add("layout", &O::layout,
               "what the axes of an array mean, a letter each: n rows, c channels, h height, w width, d "
               "numbers (default: looks for nchw, else nhwc)",
               any_text())
          .add("resize", &O::resize, "brings pictures to one size, HxW", any_text())
          .add("fit", &O::fit,
               "what --resize does to another aspect ratio: crop (to the middle), pad or "
               "stretch",
               any_text())
          .add("skip-broken", &O::skip_broken, "goes on without pictures that cannot be read", yes_flag())
          .add("grey", &O::grey, "makes pictures grey", yes_flag());
  return table;
}

std::vector<OptionRow> resume_options() {
  constexpr std::string_view kNames[] = {"epochs",           "steps",     "rate",     "schedule",
                                         "weight-decay",     "clip-norm", "patience", "precision",
                                         "checkpoint-every", "log-every"};
  std::vector<OptionRow> rows = option_table(TrainOptions{}).rows();
  std::erase_if(
      rows, [&](const OptionRow& row) { return std::ranges::find(kNames, row.name) == std::end(kNames); });
  for (OptionRow& row : rows) row.fallback.clear();  // the run's own
  rows.push_back({"critic-rate", "", "learning rate of the critic of a learned distance"});
  return rows;
}

void settle_network(Options& options) {
  if (!options.known("network") || !options.known("hidden")) return;
  if (options.text("network") != "mlp" && !options.given("hidden")) options.set("hidden", "none");
}

Options options_of(const ModelEntry& model) { return Options(model.options); }

}  // namespace pushforward

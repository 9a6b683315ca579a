// SPDX-License-Identifier: Apache-2.0
// Options into numbers. An epoch has ⌈rows/batch⌉ steps; --steps beats --epochs.
#include "train/plan.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "pushforward/error.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

std::uint64_t whole(const Options& options, std::string_view name, long long minimum) {
  return static_cast<std::uint64_t>(options.count(name, minimum));
}

// Layer by layer: then no epoch of the whole network is one way to end.
bool pretrains(const Options& options) {
  return options.known("pretrain-epochs") && options.count("pretrain-epochs", 0) > 0;
}

void plan_length(const TrainOptions& o, bool pretrains, TrainPlan& plan) {
  plan.batch = std::min(*o.batch, plan.rows);
  plan.steps_per_epoch = (plan.rows + plan.batch - 1) / plan.batch;
  if (o.steps.has_value()) {
    plan.total_steps = *o.steps;
    plan.epochs = (plan.total_steps + plan.steps_per_epoch - 1) / plan.steps_per_epoch;
    return;
  }
  plan.epochs = *o.epochs;
  if (plan.epochs == 0 && !pretrains) throw RequestError(Complaint{"--epochs", "0", WholeRange{1}.text()});
  plan.total_steps = plan.epochs * plan.steps_per_epoch;
}

// Models that monitor have these options; whether --watch is one of --monitor is theirs to check.
void plan_monitor(const Options& options, TrainPlan& plan) {
  if (!options.known("monitor")) return;
  if (options.has("monitor") && options.text("monitor") != "none")
    plan.monitor_every = whole(options, "monitor-every", 0);
  plan.watch = options.text("watch");
}

// Of the training rows: from the struct, else read from the option's text, which is a share.
double share_held_out(const Options& options) {
  const auto* given = std::any_cast<ValidationRows>(&options.value("validation"));
  return given != nullptr ? std::get<double>(*given) : options.number("validation", 0, 1);
}

}  // namespace

bool standardizes(const Options& options, const Dataset& data) {
  return options.known("standardize") &&
         (options.has("standardize") ? options.yes("standardize") : data.table);
}

bool holds_out(const Options& options) {
  const std::string& text = options.text("validation");
  return !text.empty() && (!is_share(text) || share_held_out(options) > 0);
}

std::size_t validation_rows(const Options& options, std::size_t rows) {
  const std::string& text = options.text("validation");
  if (!is_share(text)) return 0;
  const double share = share_held_out(options);
  if (share == 0) return 0;
  const auto held_out = static_cast<std::size_t>(std::floor(share * static_cast<double>(rows)));
  if (held_out < 1 || held_out >= rows)
    throw RequestError(
        Complaint{"--validation", text, fmt::format("a share that leaves rows on both sides of {}", rows)});
  return held_out;
}

std::size_t least_rows(const Run& run, const TrainPlan& plan) {
  // What a batch norm keeps besides what it learns; no other layer has such a parameter.
  const auto moments = [](const Parameter* p) { return p->name.ends_with("running_mean"); };
  const std::vector<Parameter*>& all = run.arena.parameters();
  const auto normalized = std::find_if(all.begin(), all.end(), moments);
  if (normalized == all.end()) return 1;
  const bool critic = std::any_of(all.begin(), all.end(), [&](const Parameter* p) {
    return moments(p) && p->name.starts_with("critic");
  });
  const std::size_t least = critic && run.options.known("pack") ? 2 * whole(run.options, "pack", 1) : 2;
  if (plan.batch < least)
    throw RequestError(
        Complaint{plan.rows < least ? "training data" : "--batch", fmt::format("{}", plan.batch),
                  fmt::format("{} or more rows: batch norm takes their mean and variance", least),
                  plan.rows < least ? "a network without batch norm learns from fewer"
                                    : fmt::format("--batch {}, or layer norm", least)});
  if (run.options.known("samples") && run.options.has("samples") && whole(run.options, "samples", 1) < 2)
    throw RequestError(Complaint{"--samples", run.options.text("samples"),
                                 "2 or more: batch norm takes their mean and variance",
                                 "--samples 2, or layer norm"});
  return least;
}

TrainPlan plan_training(const Options& options, std::size_t rows) {
  if (rows < 1) throw RequestError(Complaint{"training data", "no rows", "one or more"});
  TrainPlan plan;
  plan.held_out = validation_rows(options, rows);
  plan.rows = rows - plan.held_out;
  const TrainOptions o = option_table(TrainOptions{}).read(options);
  plan_length(o, pretrains(options), plan);
  plan.warmup = o.warmup;
  plan.checkpoint_every = *o.checkpoint_every > 0 ? *o.checkpoint_every : plan.steps_per_epoch;
  plan.log_every = o.log_every;
  plan.rate = *o.rate;
  plan.weight_decay = o.weight_decay;
  plan.clip_norm = o.clip_norm;
  plan.ema = *o.ema;
  plan.patience = o.patience;
  plan_monitor(options, plan);
  if (plan.patience > 0 && !holds_out(options) && plan.watch.empty())
    throw RequestError(Complaint{"--patience", options.text("patience"), "--validation beside it",
                                 "hold out a tenth of the rows with --validation 0.1"});
  plan.optimizer = *o.optimizer;
  plan.schedule = *o.schedule;
  plan.precision = *o.precision == Arithmetic::bf16 ? Precision::bf16 : Precision::f32;
  plan.threads = static_cast<int>(o.threads);
  plan.slices = *o.slices;
  plan.seed = o.seed;
  return plan;
}

}  // namespace pushforward

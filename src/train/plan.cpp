// SPDX-License-Identifier: Apache-2.0
// Options into numbers. An epoch has ⌈rows/batch⌉ steps; --steps beats --epochs.
#include "train/plan.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr double kHuge = 1e30;

std::uint64_t whole(const Options& options, std::string_view name, long long minimum) {
  return static_cast<std::uint64_t>(options.count(name, minimum));
}

// Layer by layer: then no epoch of the whole network is one way to end.
bool pretrains(const Options& options) {
  return options.known("pretrain-epochs") && options.count("pretrain-epochs", 0) > 0;
}

void plan_length(const Options& options, TrainPlan& plan) {
  plan.batch = std::min<std::size_t>(whole(options, "batch", 1), plan.rows);
  plan.steps_per_epoch = (plan.rows + plan.batch - 1) / plan.batch;
  if (options.has("steps")) {
    plan.total_steps = whole(options, "steps", 1);
    plan.epochs = (plan.total_steps + plan.steps_per_epoch - 1) / plan.steps_per_epoch;
  } else {
    plan.epochs = whole(options, "epochs", pretrains(options) ? 0 : 1);
    plan.total_steps = plan.epochs * plan.steps_per_epoch;
  }
}

// Models that monitor have these options; whether --watch is one of --monitor is theirs to check.
void plan_monitor(const Options& options, TrainPlan& plan) {
  if (!options.known("monitor")) return;
  if (options.has("monitor") && options.text("monitor") != "none")
    plan.monitor_every = whole(options, "monitor-every", 0);
  plan.watch = options.text("watch");
}

// Else the name of data, or nothing.
bool is_share(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.eE+-") == std::string::npos;
}

}  // namespace

bool standardizes(const Options& options, const Dataset& data) {
  return options.known("standardize") &&
         (options.has("standardize") ? options.yes("standardize") : data.table);
}

bool holds_out(const Options& options) {
  const std::string& text = options.text("validation");
  return !text.empty() && (!is_share(text) || options.number("validation", 0, 1) > 0);
}

std::size_t validation_rows(const Options& options, std::size_t rows) {
  const std::string& text = options.text("validation");
  if (!is_share(text)) return 0;
  const double share = options.number("validation", 0, 1);
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
  plan_length(options, plan);
  plan.warmup = whole(options, "warmup", 0);
  plan.checkpoint_every = whole(options, "checkpoint-every", 0);
  if (plan.checkpoint_every == 0) plan.checkpoint_every = plan.steps_per_epoch;
  plan.log_every = whole(options, "log-every", 0);
  plan.rate = options.number("rate", 0, kHuge);
  plan.weight_decay = options.number("weight-decay", 0, kHuge);
  plan.clip_norm = options.number("clip-norm", 0, kHuge);
  plan.ema = options.number("ema", 0, 1);
  plan.patience = whole(options, "patience", 0);
  plan_monitor(options, plan);
  if (plan.patience > 0 && !holds_out(options) && plan.watch.empty())
    throw RequestError(Complaint{"--patience", options.text("patience"), "--validation beside it",
                                 "hold out a tenth of the rows with --validation 0.1"});
  plan.optimizer = options.spec("optimizer");
  plan.schedule = options.spec("schedule");
  make_optimizer(plan.optimizer, 0, plan.weight_decay, {});  // refuses what they do not know
  Schedule(plan.schedule, plan.total_steps, plan.warmup);
  plan.precision =
      options.word("precision", {"auto", "f32", "bf16"}) == "bf16" ? Precision::bf16 : Precision::f32;
  plan.threads = static_cast<int>(options.count("threads", 0, kMostThreads));
  plan.slices = whole(options, "slices", 1);
  plan.seed = options.seed("seed");
  return plan;
}

}  // namespace pushforward

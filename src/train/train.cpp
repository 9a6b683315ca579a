// SPDX-License-Identifier: Apache-2.0
//
// The loop. A step gathers a batch, lets every phase add its gradient, and moves that phase's slice of the
// arena; what surrounds a step (checks, averages, lines, checkpoints) hangs on its number alone, so that a
// resumed run does at every step what an unbroken one would.
//
//   epoch e, step s:  rows as batches.hpp says, draws (seed, "train", s)
//
// Two things keep a checkpoint from disturbing anything: it is written after the step is complete, and it
// holds the sums of the unfinished epoch. Nothing is allocated in a step once every batch shape has been
// seen. A run directory is locked while it is trained: two trainings that go on with one run would overwrite
// each other's checkpoints and mix their lines.
#include "pushforward/train.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/subnormals.hpp"
#include "io/atomic_file.hpp"
#include "io/temporary.hpp"
#include "pushforward/condition.hpp"
#include "train/config.hpp"
#include "train/divergence.hpp"
#include "train/loop.hpp"

namespace pushforward {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string text_of(double number) { return std::isnan(number) ? "NaN" : fmt::format("{}", number); }

void copy(View<const float> from, Tensor& to) {
  to.resize(1, from.size());
  std::memcpy(to.data(), from.data, from.size() * sizeof(float));
}

const Dataset& as_when_begun(Run& run, const Dataset& training, const Dataset* validation) {
  check_shape(run, training);
  if (!training.standardized) check_data(run, training, validation);  // else they are no more as loaded
  return training;
}

}  // namespace

Loop::Loop(Run& run, const Dataset& training, const Dataset* validation, const OnProgress& on_progress)
    : run_(run),
      learner_(learner(*run.model)),
      training_(as_when_begun(run, training, validation)),
      validation_(validation),
      on_progress_(on_progress),
      plan_(plan_training(run.options, training.rows())),
      held_out_(training, validation, run.inputs, run.validation_inputs, plan_),
      stages_(plan_stages(*run.model, plan_)),
      batches_(plan_) {
  if (!held_out_.any() && holds_out(run.options))
    throw RequestError(Complaint{"--validation", run.options.text("validation"), "its data, loaded"});
  plan_.least_rows = least_rows(run, plan_);
  if (is_sliced(run, plan_)) {
    own_ = OwnSlices::of(plan_.slices, collective().rank(), collective().size());
    sliced_.emplace(plan_);
  }
  if (leads()) lock_directory();
  if (plan_.threads > 0) set_threads(plan_.threads);
  learner_.begin(training);
  made_of_training_ = learner_.learnt_from(training);
  if (validation != nullptr) made_of_validation_ = learner_.learnt_from(*validation);
  enter_stage();
  make_buffers();
  if (!leads()) collective().barrier();  // what a killed process left is put right by the leader
  if (!run_.path.empty()) leads() ? open_directory() : follow_directory();
  if (leads()) collective().barrier();
}

void Loop::lock_directory() {
  if (run_.path.empty()) return;
  lock_.emplace(run_.path + "/.lock");
  if (!lock_->held())
    throw WorkError(Complaint{run_.path, "a run that another process is training", "one at a time",
                              "wait until that one has ended, or stop it"});
  io::remove_all_stale(run_.path);
}

void Loop::make_buffers() {
  batch_.resize(plan_.batch, learnt_from().cols());
  std::ranges::fill(run_.arena.gradients().span(), 0.0f);  // whoever used the model before left some
  if (plan_.ema > 0) copy(part(run_.arena.values(), 0, run_.arena.trained_size()), state_.average);
}

// From where the checkpoint stands: moments and counters come from it, lines logged after it go.
void Loop::open_directory() {
  load_checkpoint(run_, state_, [this] {
    enter_stage();
    return state_.step > stages_[stage_].begin;
  });
  metrics_.open(metrics_path(run_), state_.metric_lines, state_.metrics_sum);
  state_.metric_lines = metrics_.lines();
  last_epoch_.loss = state_.last_epoch_loss;
  good_.open(run_, state_);
  const std::string path = run_.path + "/config.toml";
  const std::string config = config_text(config_of(run_), run_.options);
  if (io::text_of(io::read_file(path)) != config) io::write_file(path, config);  // a new --epochs
}

// The same, for ranks that read what the leader writes and write nothing: from here on a run in memory.
void Loop::follow_directory() {
  load_checkpoint(run_, state_, [this] {
    enter_stage();
    return state_.step > stages_[stage_].begin;
  });
  last_epoch_.loss = state_.last_epoch_loss;
  run_.path.clear();
}

// The phases of the stage that the next step belongs to, with moments that begin anew.
void Loop::enter_stage() {
  stage_ = stage_at(stages_, state_.step);
  phases_ = slice_phases(run_, stages_[stage_].phases, plan_, state_);
}

// What a stage of pre-training came to, as the held-out rows see it.
void Loop::close_stage() {
  if (in_last_stage()) return;
  const Dataset rows = held_out_.rows();
  with_average([&] { as<Staged>(*run_.model)->end_stage(stage_, rows); });
}

// Nothing has been learnt yet, so that no rate can be the reason: it is the data, the likelihood or how
// weights begin.
void Loop::refuse_first(double number, const std::string& what) const {
  const auto [low, high] = training_.range();
  const bool far = std::max(-low, high) > kFar;
  const bool can = run_.options.known("standardize") && run_.standardization.empty();
  throw WorkError(Complaint{"the first step",
                            fmt::format("{} of {}, before anything was learnt", what, text_of(number)),
                            fmt::format("a finite number for data from {} to {}", low, high),
                            far && can ? "--standardize brings every column to mean 0 and deviation 1"
                                       : "choose another --likelihood, --loss, --distance or --initial"});
}

void Loop::check_finite(double number, const std::string& what, bool first) {
  if (std::isfinite(number)) return;
  if (first && is_finite(run_, state_)) refuse_first(number, what);
  throw Diverged{fmt::format("{} of {}", what, text_of(number))};
}

Losses Loop::update(PhaseMemory& memory, std::size_t phase, const Step& step) {
  const Losses losses =
      sliced_ ? sliced_->accumulate(*run_.model, phase, batch_, batch_rows_, own_, step, memory.gradients)
              : learner_.accumulate(phase, batch_, step);
  const bool first = state_.step == 0 && phase == 0 && step.repeat == 0;
  check_finite(losses.loss, "a loss", first);
  double scale = 1;
  if (plan_.clip_norm > 0) {
    const double before = norm(memory.gradients);
    check_finite(before, "a gradient norm", first);
    scale = before > plan_.clip_norm ? plan_.clip_norm / before : 1;
  }
  const std::uint64_t updates =
      (state_.step - stages_[stage_].begin) * memory.phase.repeats + step.repeat + 1;
  moved_ = true;
  state_.gradient_norm = state_.optimizers[phase]->step(
      memory.values, memory.gradients, memory.rate * rate_factor(state_.step), scale, updates);
  check_finite(state_.gradient_norm, "a gradient norm", first);
  learner_.after_step(phase);
  return losses;
}

// One update of the model: every phase as often as it repeats. The loss is the last phase's, the parts are
// all's.
Losses Loop::one_step() {
  const Clock::time_point begin = Clock::now();
  if (state_.step == stages_[stage_].begin)
    if (auto* staged = as<Staged>(*run_.model)) staged->begin_stage(stage_, draw("stage", stage_));
  Step step{state_.step, plan_.total_steps, 0, Pass{true, draw("train", state_.step), plan_.precision},
            stage_};
  Losses out;
  for (std::size_t p = 0; p < phases_.size(); ++p) {
    Losses losses;
    for (step.repeat = 0; step.repeat < phases_[p].phase.repeats; ++step.repeat) {
      batch_rows_ = batches_.gather(learnt_from(), state_.step, step.repeat, own_, batch_);
      if (has_pairs())
        batches_.gather(run_.inputs, state_.step, step.repeat, own_, inputs_), step.inputs = inputs_.view();
      losses = update(phases_[p], p, step);
    }
    for (std::size_t i = 0; i < losses.count; ++i) out.add(losses.parts[i].name, losses.parts[i].value);
    out.loss = losses.loss;
  }
  if (!state_.average.empty())
    exponential_average(state_.average, part(run_.arena.values(), 0, run_.arena.trained_size()), ema_decay());
  ++state_.step;
  state_.loss = out.loss;
  state_.epoch.add(out, batch_rows_);
  good_.see(out.loss);
  trained_rows_ += static_cast<double>(batch_rows_);
  train_seconds_ += seconds_since(begin);
  return out;
}

// Runs `work` with the averaged weights in place, where there are any.
template <class Work>
void Loop::with_average(Work work) {
  if (state_.average.empty()) return work();
  const View<float> trained = part(run_.arena.values(), 0, run_.arena.trained_size());
  copy(trained, aside_);
  std::memcpy(trained.data, state_.average.data(), trained.size() * sizeof(float));
  work();
  std::memcpy(trained.data, aside_.data(), trained.size() * sizeof(float));
}

void Loop::monitor() {
  if (monitored_now()) return;
  const Step step{state_.step, plan_.total_steps, 0, Pass{false, draw("monitor", 0), plan_.precision},
                  stage_};
  with_average(
      [&] { watcher_.measure(*run_.model, held_out_.data(), held_out_.inputs(), held_out_.first(), step); });
}

// By the validation loss, or by the monitored distance that --watch names.
void Loop::judge(double value) {
  check_finite(value, plan_.watch.empty() ? "a validation loss" : "a monitored " + plan_.watch);
  ++state_.epochs_without_gain;
  if (state_.best_epoch > 0 && !(value < state_.best_validation)) return;
  state_.best_validation = value;
  state_.best_epoch = epochs_begun();
  state_.epochs_without_gain = 0;
  copy(run_.arena.values(), state_.best);
}

void Loop::log(Json line, const Losses& losses, const std::optional<Losses>& validation) {
  if (!metrics_.is_open()) return;
  if (!stages_[stage_].name.empty()) line["stage"] = stages_[stage_].name;
  add_losses(line, losses, "");
  if (validation) add_losses(line, *validation, "validation_");
  if (monitored_now()) add_parts(line, *watcher_.last(), "monitor_");
  line["rate"] = plan_.rate * rate_factor(state_.step - 1);
  line["gradient_norm"] = state_.gradient_norm;
  line["seconds"] = seconds_since(begin_);
  line["samples_per_second"] = samples_per_second();
  metrics_.append(line);
  ++state_.metric_lines;
}

Continue Loop::report(bool epoch_end, const Losses& losses, const std::optional<Losses>& validation) {
  if (!on_progress_) return Continue::yes;
  std::string warned;
  if (epoch_end && plan_.steps_per_epoch >= kLong)
    warned = watcher_.warning(*run_.model, losses, state_.step);
  if (warned.empty() && monitored_now())
    warned = watcher_.warning(*run_.model, *watcher_.last(), state_.step);
  return on_progress_({.step = state_.step,
                       .total_steps = plan_.total_steps,
                       .epoch = epochs_begun(),
                       .epochs = plan_.epochs,
                       .epoch_end = epoch_end,
                       .losses = losses,
                       .validation = validation,
                       .monitor = epoch_end || monitored_now() ? watcher_.last() : std::nullopt,
                       .warning = std::move(warned),
                       .gradient_norm = state_.gradient_norm,
                       .seconds = seconds_since(begin_),
                       .samples_per_second = samples_per_second(),
                       .stage = stages_[stage_].name});
}

// What an epoch ends with: its mean loss, the validation, a line. One that --steps cuts short is reported but
// not judged, so that the run can go on from before it.
Continue Loop::close_epoch() {
  last_epoch_ = state_.epoch.mean(last_step_);
  state_.last_epoch_loss = last_epoch_.loss;
  std::optional<Losses> validation;
  if (held_out_.any())
    with_average([&] {
      validation = held_out_.mean_loss(
          learner_, judged_by(), {.step = state_.step, .total_steps = plan_.total_steps, .stage = stage_});
      if (at_epoch_end() && in_last_stage() && plan_.watch.empty()) judge(validation->loss);
    });
  if (!plan_.watch.empty() && at_epoch_end() && in_last_stage()) {
    monitor();
    with_average([&] { judge(watcher_.value(plan_.watch)); });
  }
  state_.epoch.clear();
  log(Json{{"epoch", epochs_begun()}, {"step", state_.step}}, last_epoch_, validation);
  return report(true, last_epoch_, validation);
}

// Last step's state first, then the weights for others: a kill between the two loses nothing, since resume
// reads only the first and writes both again.
void Loop::checkpoint() {
  if (!is_finite(run_, state_)) throw Diverged{"a weight or moment that is not finite"};
  if (run_.path.empty()) return;
  metrics_.sync();
  state_.metrics_sum = metrics_.sum();
  keep_files(run_, [&] { save_checkpoint(run_, state_), write_model(); });
  good_.written(state_);
}

// Nothing comes after the last step that would show whether its weights overflow: the loss of its batch does.
// Each rank looks at its rows.
void Loop::check_last() {
  if (trained_rows_ == 0) return;
  Step step{state_.step, plan_.total_steps, 0, Pass{false, draw("validation", 0), plan_.precision}, stage_};
  if (has_pairs()) step.inputs = inputs_.view();
  double loss = 0;
  try {
    if (!batch_.empty()) loss = learner_.validate(batch_, step).loss;
  } catch (const RequestError&) {
    if (has_run_away(run_)) throw;  // else it wants more rows than the last batch has
  }
  for (const double of_rank : collective().gather(loss)) check_finite(of_rank, "a last loss");
}

void Loop::write_model() {
  Tensor last;
  copy(run_.arena.values(), last);
  use_weights(run_, state_, Weights::automatic);
  save_model(run_);
  std::memcpy(run_.arena.values().data, last.data(), last.size() * sizeof(float));
}

Summary Loop::finish(Stopped why) {
  metrics_.sync();
  if (why != Stopped::interrupted) check_last(), good_.finish();
  use_weights(run_, state_, Weights::automatic);
  if (!run_.path.empty()) keep_files(run_, [&] { save_model(run_); });
  Summary out;
  out.stopped = why;
  out.steps = state_.step, out.epochs = epochs_begun();
  out.seconds = seconds_since(begin_), out.samples_per_second = samples_per_second();
  out.last = last_epoch_;
  if (out.last.count != last_step_.count) out.last.count = 0;  // names would not outlive this loop
  out.best_epoch = state_.best_epoch;
  if (state_.best_epoch > 0) out.best_validation = Losses{.loss = state_.best_validation};
  return out;
}

Summary Loop::train_to_end() {
  try {
    return train_steps();
  } catch (const Diverged& problem) {
    go_back(run_, good_, {problem.what, state_.step, moved_});
  } catch (const RequestError& problem) {  // such as a distance that was given points at infinity
    if (!moved_ || !has_run_away(run_)) throw;
    go_back(run_, good_, {problem.what(), state_.step, moved_});
  }
}

Summary Loop::train_steps() {
  while (state_.step < plan_.total_steps && !out_of_patience()) {
    if (state_.step == stages_[stage_].end) enter_stage();
    last_step_ = one_step();
    if (plan_.monitor_every > 0 && state_.step % plan_.monitor_every == 0) monitor();
    if (monitored_now() || (plan_.log_every > 0 && state_.step % plan_.log_every == 0))
      log(Json{{"step", state_.step}}, last_step_, {});
    Continue go = report(false, last_step_);
    if (at_epoch_end() && close_epoch() == Continue::stop) go = Continue::stop;
    if (state_.step == stages_[stage_].end) close_stage();
    const bool last = state_.step == plan_.total_steps || out_of_patience();
    go = collective().broadcast(go);  // one decides, for signals come when they come
    if (go == Continue::stop || last || state_.step % plan_.checkpoint_every == 0) checkpoint();
    if (go == Continue::stop && !last) return finish(Stopped::interrupted);
  }
  if (out_of_patience()) return finish(Stopped::patience);
  if (!at_epoch_end()) {
    if (plan_.monitor_every > 0 && state_.step % plan_.monitor_every == 0) monitor();  // as before it ended
    close_epoch();
  }
  return finish(Stopped::finished);
}

namespace {

// Conditions of rows as loaded, where the caller has not filled them.
void fill_conditions(Run& run, const Dataset& training, const Dataset* validation) {
  if (!run.conditions) return;
  if (run.inputs.rows() == 0) run.inputs = conditions_of(run, training);
  if (validation != nullptr && run.validation_inputs.rows() == 0)
    run.validation_inputs = conditions_of(run, *validation);
}

}  // namespace

std::string_view to_text(Stopped why) {
  constexpr std::string_view kWords[] = {"finished", "solved", "interrupted", "patience"};
  return kWords[static_cast<std::size_t>(why)];
}

Summary train(Run& run, const Dataset& training, const Dataset* validation, const OnProgress& on_progress) {
  if (!can<Learner>(*run.model)) return {.stopped = Stopped::solved};
  const FlushSubnormals fast;
  fill_conditions(run, training, validation);
  const auto as_loaded = [&](const Dataset& data) { return prepares(run) && !data.standardized; };
  if (as_loaded(training) || (validation != nullptr && as_loaded(*validation))) {
    const Dataset prepared = prepare_data(run, as_when_begun(run, training, validation));
    const Dataset held_out = validation == nullptr ? Dataset{} : prepare_data(run, *validation);
    return Loop(run, prepared, validation == nullptr ? nullptr : &held_out, on_progress).train_to_end();
  }
  return Loop(run, training, validation, on_progress).train_to_end();
}

}  // namespace pushforward

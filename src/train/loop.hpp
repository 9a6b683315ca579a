// SPDX-License-Identifier: Apache-2.0
//
// What a training holds while it runs; what it does is in train.cpp.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "io/file_lock.hpp"
#include "pushforward/collective.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/train.hpp"
#include "train/batches.hpp"
#include "train/checkpoint.hpp"
#include "train/good_checkpoint.hpp"
#include "train/held_out.hpp"
#include "train/metrics_log.hpp"
#include "train/phase_memory.hpp"
#include "train/plan.hpp"
#include "train/sliced_batch.hpp"
#include "train/stages.hpp"
#include "train/watcher.hpp"

namespace pushforward {

class Loop {
 public:
  Loop(Run& run, const Dataset& training, const Dataset* validation, const OnProgress& on_progress);

  Summary train_to_end();

 private:
  using Clock = std::chrono::steady_clock;
  using Json = nlohmann::ordered_json;

  static constexpr std::size_t kLong = 100;  // steps of an epoch whose mean may be warned of
  static constexpr double kFar = 10;         // from 0, of data that networks begin badly with

  void lock_directory();
  void make_buffers();
  void open_directory();
  void follow_directory();
  void enter_stage();
  void close_stage();
  Losses update(PhaseMemory& memory, std::size_t phase, const Step& step);
  Losses one_step();
  [[noreturn]] void refuse_first(double number, const std::string& what) const;
  void check_finite(double number, const std::string& what, bool first = false);
  Summary train_steps();
  void check_last();
  void monitor();
  void judge(double value);
  Continue close_epoch();
  void log(Json line, const Losses& losses, const std::optional<Losses>& validation);
  Continue report(bool epoch_end, const Losses& losses, const std::optional<Losses>& validation = {});
  void checkpoint();
  void write_model();
  Summary finish(Stopped why);
  template <class Work>
  void with_average(Work work);

  bool out_of_patience() const { return plan_.patience > 0 && state_.epochs_without_gain >= plan_.patience; }
  bool monitored_now() const { return watcher_.measured_at(state_.step); }
  bool at_epoch_end() const { return state_.step % plan_.steps_per_epoch == 0; }
  std::size_t epochs_begun() const {
    return (state_.step + plan_.steps_per_epoch - 1) / plan_.steps_per_epoch;
  }
  const Dataset& learnt_from() const { return made_of_training_ ? *made_of_training_ : training_; }
  // The rows that held_out_ is a view of, as validate() takes them.
  const Dataset& judged_by() const {
    if (validation_ == nullptr) return learnt_from();
    return made_of_validation_ ? *made_of_validation_ : *validation_;
  }
  bool leads() const { return collective().rank() == 0; }
  bool has_pairs() const { return run_.inputs.rows() > 0; }
  bool in_last_stage() const { return stage_ + 1 == stages_.size(); }
  double rate_factor(std::uint64_t step) const {
    return stages_[stage_].schedule(step - stages_[stage_].begin);
  }
  // It rises to --ema over the first steps, so that a short run does not average over how it began.
  double ema_decay() const {
    const auto s = static_cast<double>(state_.step);
    return std::min(plan_.ema, (1 + s) / (10 + s));
  }
  double samples_per_second() const { return trained_rows_ / std::max(1e-9, train_seconds_); }
  Draw draw(std::string_view stream, std::uint64_t at) const { return {plan_.seed, stream_id(stream), at}; }

  Run& run_;
  Learner& learner_;
  const Dataset& training_;
  const Dataset* validation_;  // of their own, or null
  std::optional<Dataset> made_of_training_, made_of_validation_;
  const OnProgress& on_progress_;
  std::optional<io::FileLock> lock_;
  TrainPlan plan_;
  HeldOut held_out_;
  std::vector<StagePlan> stages_;
  std::size_t stage_ = 0;

  TrainState state_;
  std::vector<PhaseMemory> phases_;
  Batches batches_;
  OwnSlices own_;                      // all, on one rank
  std::optional<SlicedBatch> sliced_;  // where there is more than one slice
  std::size_t batch_rows_ = 0;         // of a step, those of other ranks included
  Tensor batch_, inputs_, aside_;
  MetricsLog metrics_;
  GoodCheckpoint good_;
  bool moved_ = false;  // an optimiser has been at work in this call

  Clock::time_point begin_ = Clock::now();
  double train_seconds_ = 0, trained_rows_ = 0;
  Losses last_step_{}, last_epoch_{.loss = kUnknown};
  Watcher watcher_;
};

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
#include "training_teller.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "decisions.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "train_telling.hpp"

namespace pushforward::cli {
namespace {

constexpr double kSlow = 1;  // seconds of a step after which nobody waits for a second one

}  // namespace

TrainingTeller::TrainingTeller(const Run& run, std::string decided, bool json, bool quiet,
                               TrainingAnimation* animation)
    : run_(run),
      decided_(std::move(decided)),
      json_(json),
      animation_(animation),
      bar_("training " + run.entry->name, quiet),
      last_(Clock::now()) {}

// After the second step, as the first one makes kernels; of long steps after the first.
void TrainingTeller::tell_decisions(const Progress& progress) {
  const Clock::time_point now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - last_).count();
  last_ = now;
  const bool last_chance = progress.epoch_end || progress.step == progress.total_steps;
  if (decided_told_ || (!begun_ && seconds < kSlow && !last_chance)) return;
  decided_told_ = true;
  bar_.line(fmt::format("{}; {}", decided_, length_text(run_, progress, seconds)));
}

Continue TrainingTeller::operator()(const Progress& progress) {
  tell_decisions(progress);
  begun_ = true;
  if (animation_) animation_->see(progress);
  if (!progress.warning.empty()) bar_.line("pushforward: warning: " + progress.warning);
  if (progress.monitor) monitored_ = monitor_text(progress.monitor);
  if (progress.epoch_end && json_) print_json(epoch_json(progress));
  if (progress.epoch_end && !json_) bar_.line(epoch_text(progress));
  if (!progress.epoch_end) {
    blocks_.see(progress.step, progress.total_steps, progress.losses.loss, progress.stage);
    for (std::size_t i = 0; i < progress.losses.count; ++i)
      if (progress.losses.parts[i].name == "estimate")
        late_.see(progress.step, progress.total_steps, progress.losses.parts[i].value);
  }
  const double done = static_cast<double>(progress.step) /
                      static_cast<double>(std::max<std::uint64_t>(1, progress.total_steps));
  bar_.update(done, fmt::format("loss {}{}  {} rows/s", short_number(progress.losses.loss), monitored_,
                                rate_text(progress.samples_per_second)));
  return interrupt_requested() ? Continue::stop : Continue::yes;
}

}  // namespace pushforward::cli

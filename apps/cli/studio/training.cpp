// SPDX-License-Identifier: Apache-2.0
#include "training.hpp"

#include <chrono>

#include <fmt/format.h>

#include "../train_telling.hpp"
#include "core/whole_number.hpp"
#include "pages/rows_seen.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/train.hpp"
#include "train/training_data.hpp"

namespace pushforward::cli::studio {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kStepPause{200}, kSeenPause{1000};
constexpr std::size_t kImages = 60, kPoints = 600;

bool is_picture(const Run& run) {
  return run.shape.image && (run.shape.channels == 1 || run.shape.channels == 3);
}

// The same noise each time, so that pictures can be compared; null of what has nothing to look at.
Json seen_of(const Run& run, const Dataset& original, const Dataset& prepared) {
  const bool generates = can<Generative>(*run.model), plane = pages::is_plane(run.shape) && !run.encoding;
  if (!(is_picture(run) || plane) || !(generates || can<Encodes>(*run.model))) return nullptr;
  const std::size_t n = std::min(plane ? kPoints : kImages, prepared.rows());
  Tensor rows(n, run.shape.size());
  tell(run, drawn_conditions(run, n, {}, 0), 0, n);
  if (generates)
    generate(*run.model, rows, Draw{0}.on("sample"), false);
  else
    reconstruct(*run.model, prepared.floats(0, n), rows, nullptr);
  restore_units(run, rows);
  if (!plane)
    return pages::images_block(std::as_const(rows).view(), run.shape, {},
                               generates ? "Samples" : "What comes back", "");
  return pages::plane_block(
      {{"the data", original.floats(0, std::min(kPoints, original.rows())).view(), {}, true},
       {generates ? "samples" : "what comes back", std::as_const(rows).view()}},
      {.alternative = "What the model makes now, over the data"});
}

Json step_json(const Progress& progress) {
  Json line = epoch_json(progress);
  line["type"] = "step", line["total"] = progress.total_steps, line["epochs"] = progress.epochs;
  return line;
}

}  // namespace

Training::~Training() { finish(); }

void Training::finish() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void Training::begin(const Wanted& wanted) {
  if (running_) throw RequestError("studio: one training at a time; stop it first");
  const ModelEntry& model = find_model(wanted.model);
  const Options options = options_given(model, wanted.options);
  const TrainingData data = load_training_data(wanted.data, options, load_silently);
  start(wanted.path, create_run(wanted.path, model, options, data.training, wanted.data));
}

void Training::resume(const std::string& path) {
  if (running_) throw RequestError("studio: one training at a time; stop it first");
  start(path, resume_run(path));
}

void Training::start(std::string path, Run run) {
  if (running_.exchange(true)) throw RequestError("studio: one training at a time; stop it first");
  if (thread_.joinable()) thread_.join();
  stop_ = false;
  {
    const std::lock_guard lock(mutex_);
    log_.clear();
  }
  tell({{"type", "begin"}, {"run", path}, {"model", run.entry->name}, {"data", run.data_name}});
  thread_ = std::thread([this, run = std::move(run)]() mutable {
    Json end = {{"type", "end"}};
    try {
      work(run);
      end["stopped"] = stop_ ? "interrupted" : "finished";
    } catch (const std::exception& problem) {
      end["stopped"] = "failed", end["error"] = problem.what();
    }
    running_ = false;  // first, for who hears of the end begins the next
    tell(std::move(end));
  });
}

void Training::work(Run& run) {
  set_threads(static_cast<int>(run.options.count("threads", 0, kMostThreads)));
  TrainingData data = load_training_data(data_argument(run), run.options, load_silently);
  const Dataset original = data.training.slice(0, std::min(data.training.rows(), kPoints));
  const Dataset prepared = prepare_data(run, original);
  Clock::time_point step_told{}, seen_told{};
  train_on(run, std::move(data), [&](const Progress& progress) {
    const Clock::time_point now = Clock::now();
    if (progress.epoch_end) {
      Json epoch = {{"type", "epoch"}, {"epochs", progress.epochs}};
      epoch.update(epoch_json(progress));
      tell(std::move(epoch));
    } else if (now - step_told >= kStepPause) {
      step_told = now;
      tell_step(step_json(progress));
    }
    if (now - seen_told >= kSeenPause) {
      seen_told = now;
      if (Json seen = seen_of(run, original, prepared); !seen.is_null())
        tell_step({{"type", "seen"}, {"step", progress.step}, {"block", std::move(seen)}});
    }
    return stop_ ? Continue::stop : Continue::yes;
  });
}

void Training::tell(Json event) {
  const std::lock_guard lock(mutex_);
  log_.push_back({++last_, event.dump(-1, ' ', false, Json::error_handler_t::replace)});
  news_.notify_all();
}

// Of each type only the last one is kept.
void Training::tell_step(Json event) {
  const std::string type = event["type"];
  const std::lock_guard lock(mutex_);
  std::erase_if(log_, [&](const Event& old) { return old.text.starts_with("{\"type\":\"" + type); });
  Json first = {{"type", type}};
  first.update(event);
  log_.push_back({++last_, first.dump(-1, ' ', false, Json::error_handler_t::replace)});
  news_.notify_all();
}

std::vector<Event> Training::events_after(std::uint64_t id) {
  std::unique_lock lock(mutex_);
  news_.wait_for(lock, std::chrono::milliseconds(500), [&] { return last_ > id; });
  std::vector<Event> fresh;
  for (const Event& event : log_)
    if (event.id > id || id > last_) fresh.push_back(event);
  return fresh;
}

}  // namespace pushforward::cli::studio

// SPDX-License-Identifier: Apache-2.0
// Links and renames; the reasons are in the header.
#include "train/good_checkpoint.hpp"

#include <cmath>
#include <filesystem>

#include "io/temporary.hpp"

namespace pushforward {
namespace {

namespace fs = std::filesystem;

constexpr double kGrowth = 100;

// What the file says of its weights; unknown where it cannot be read.
double norm_in(const std::string& path) {
  try {
    const io::Safetensors file = io::read_safetensors(path);
    const auto found = file.metadata.find("weights_norm");
    return found == file.metadata.end() ? kUnknown : std::strtod(found->second.c_str(), nullptr);
  } catch (const RequestError&) {
    return kUnknown;
  }
}

}  // namespace

void GoodCheckpoint::open(Run& run, const TrainState& state) {
  good_ = good_path(run), last_ = checkpoint_path(run);
  size_ = static_cast<double>(run.arena.values().size());
  std::error_code ignored;
  waiting_ = fs::exists(good_, ignored) && std::isfinite(norm_in(good_));
  good_norm_ = waiting_ ? norm_in(good_) : state.weights_norm;
  waiting_loss_ = state.loss, waiting_norm_ = state.weights_norm;
  if (!waiting_) keep();
}

void GoodCheckpoint::written(const TrainState& state) {
  waiting_ = !good_.empty();
  waiting_loss_ = state.loss, waiting_norm_ = state.weights_norm;
}

void GoodCheckpoint::see(double loss) {
  if (!waiting_ || !(loss <= waiting_loss_) || !is_small(waiting_norm_)) return;
  keep();
  good_norm_ = waiting_norm_;
  waiting_ = false;
}

// Root mean squares; what an earlier version did not record is no objection.
bool GoodCheckpoint::is_small(double norm) const {
  const double root = std::sqrt(size_);
  return !std::isfinite(good_norm_) || norm / root <= kGrowth * (1 + good_norm_ / root);
}

// Atomic; where a file system has no links, the file is copied.
void GoodCheckpoint::keep() const {
  const std::string beside = io::temporary_name(good_);
  std::error_code problem;
  fs::create_hard_link(last_, beside, problem);
  if (problem) fs::copy_file(last_, beside, problem);
  if (!problem) fs::rename(beside, good_, problem);
  if (problem)
    fs::remove(beside, problem);  // without one the last checkpoint is all that there is to go back to
}

void GoodCheckpoint::finish() {
  std::error_code ignored;
  if (!good_.empty() && (!waiting_ || is_small(waiting_norm_))) fs::remove(good_, ignored);
}

bool GoodCheckpoint::restore() {
  std::error_code problem;
  if (good_.empty()) return false;
  if (!waiting_) return fs::remove(good_, problem), false;  // the last one is good itself
  fs::rename(good_, last_, problem);
  return !problem;
}

}  // namespace pushforward

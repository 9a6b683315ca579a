// SPDX-License-Identifier: Apache-2.0
#include "animation.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "io/gif.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "surfaces.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kShown = 1000, kMoving = 500;  // points of data, and generated ones
constexpr std::uint64_t kFrames = 60;
constexpr int kHundredths = 8;

report::Box wider(report::Box box) {
  for (std::size_t k = 0; k < 2; ++k) {
    const double more = 0.12 * (box.high[k] - box.low[k]);
    box.low[k] -= more, box.high[k] += more;
  }
  return box;
}

}  // namespace

void check_animation(const std::string& path, RowShape shape, bool force) {
  if (!path.ends_with(".gif")) throw RequestError(Complaint{path, "an unknown ending", ".gif"});
  if (shape.image || shape.size() != 2)
    throw RequestError(Complaint{path, fmt::format("rows of {}", shape.text()), "points of the plane",
                                 "for example toy:8gaussians"});
  check_output(path, force);
}

void check_animated(const Run& run) {
  if (run.model->generates()) return;
  throw RequestError(Complaint{"--animate", run.entry->name + ", which does not generate",
                               "a model that does", "generator, gan, gmmn, wgan, vae"});
}

Animation::Animation(Tensor data)
    : data_(std::move(data)), box_(wider(report::box_of(std::as_const(data_).view()))) {}

void Animation::add(View<const float> points, const report::Surface* surface) {
  report::ScatterOptions options;
  options.size = 420, options.radius = 2, options.behind = data_;
  options.box = &box_, options.surface = surface;
  frames_.push_back(report::scatter(points, options));
}

void Animation::write(const std::string& path) {
  if (frames_.empty()) return;
  const report::Image last = frames_.back();
  frames_.insert(frames_.end(), 100 / kHundredths, last);
  io::write_gif(path, frames_, kHundredths);
}

TrainingAnimation::TrainingAnimation(const Run& run, const Dataset& original, std::string path)
    : run_(run), path_(std::move(path)), animation_(original.floats(0, std::min(original.rows(), kShown))) {
  Dataset shown;
  shown.name = original.name, shown.shape = original.shape, shown.rows_data = animation_.data();
  const Dataset prepared = prepare_data(run, std::move(shown));
  data_ = prepared.floats(0, prepared.rows());
}

// More frames at the beginning, where more happens: frame k at total·(k/60)².
void TrainingAnimation::see(const Progress& progress) {
  if (progress.epoch_end || progress.step < next_) return;
  const auto frame = static_cast<double>(animation_.frames() + 1) / static_cast<double>(kFrames);
  next_ = std::max(
      progress.step + 1,
      static_cast<std::uint64_t>(std::llround(frame * frame * static_cast<double>(progress.total_steps))));
  Tensor points(kMoving, 2);
  run_.model->generate(points, Draw{0}.on("sample"), false);
  const auto surface = surface_of(run_, points, data_, animation_.box());
  restore_units(run_, points);
  animation_.add(points, surface ? &*surface : nullptr);
}

void TrainingAnimation::write() { animation_.write(path_); }

}  // namespace pushforward::cli

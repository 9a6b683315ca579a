// SPDX-License-Identifier: Apache-2.0
//
// Points that move over data in the plane, as an animated GIF.
#pragma once

#include <string>
#include <vector>

#include "pushforward/run.hpp"
#include "pushforward/train.hpp"
#include "report/surface.hpp"

namespace pushforward::cli {

/// Refuses, before any work, a path that is no new .gif and data that are not points of the plane.
void check_animation(const std::string& path, RowShape shape, bool force);
/// Refuses a run whose model does not generate.
void check_animated(const Run& run);

class Animation {
 public:
  /// `data` (n × 2) lies under all frames, grey, and a little more than it is shown.
  explicit Animation(Tensor data);

  const report::Box& box() const { return box_; }
  const Tensor& data() const { return data_; }
  std::size_t frames() const { return frames_.size(); }
  /// `surface` may be null.
  void add(View<const float> points, const report::Surface* surface);
  /// The last frame stays for a second.
  void write(const std::string& path);

 private:
  Tensor data_;
  report::Box box_;
  std::vector<report::Image> frames_;
};

/// A training's frames: the same noise through the generator some sixty times, with the critic or the
/// witness of its distance.
class TrainingAnimation {
 public:
  /// Of a run that generates points of the plane. `original`: training rows as loaded.
  TrainingAnimation(const Run& run, const Dataset& original, std::string path);
  /// Adds a frame when one is due.
  void see(const Progress& progress);
  void write();

 private:
  const Run& run_;
  std::string path_;
  Animation animation_;
  Tensor data_;  // in the run's units, for the witness
  std::uint64_t next_ = 0;
};

}  // namespace pushforward::cli

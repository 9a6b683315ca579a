// SPDX-License-Identifier: Apache-2.0
//
// What moves while something learns, as an animated GIF: points over data on the line or in the plane, or an
// autoencoder's reconstructions, codes and plane.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/surfaces.hpp"
#include "pushforward/run.hpp"
#include "pushforward/train.hpp"
#include "report/surface.hpp"

namespace pushforward::cli {

/// Refuses, before any work, a path that is no new .gif and data that are not points of the line or the
/// plane.
void check_animation(const std::string& path, RowShape shape, bool force);
/// The same of a training: also a run of which nothing can be seen (rows that are no images and of more than
/// two features, with a code that is no plane), or that is solved at once.
void check_training_animation(const std::string& path, const Run& run, bool force);

class Animation {
 public:
  /// Of `data` (n × 1 or n × 2) a thousand rows, evenly spaced, lie under all frames, grey, and a little more
  /// than they are shown.
  explicit Animation(const Dataset& data);
  /// Before the first frame: shows these points as well, where what learns begins.
  void reach(View<const float> points);

  bool on_line() const { return data_.cols() == 1; }
  const report::Box& box() const { return box_; }
  const std::vector<double>& places() const { return places_; }  ///< of a function on the line
  const Tensor& data() const { return data_; }
  std::size_t frames() const { return frames_.size(); }
  /// Points of the plane; `surface` may be null.
  void add(View<const float> points, const report::Surface* surface);
  /// Points of the line: p and q as densities, and D on its own scale 0…1, or f between its extremes.
  void add_line(View<const float> points, const std::optional<LineFunction>& function);
  void add_picture(report::Image picture) { frames_.push_back(std::move(picture)); }
  /// The last frame stays for a second.
  void write(const std::string& path);

 private:
  explicit Animation(Tensor data);
  void lay_places();

  Tensor data_;
  report::Box box_;
  std::vector<double> places_, density_;
  std::vector<report::Image> frames_;
};

/// A training's frames, some sixty: of a generator the same noise pushed forward, with the critic or the
/// witness of its distance; of an autoencoder rows beside their reconstructions, codes, and, with a code of
/// two, the decoded plane.
class TrainingAnimation {
 public:
  /// `original`: training rows as loaded.
  TrainingAnimation(const Run& run, const Dataset& original, std::string path);
  /// Adds a frame when one is due.
  void see(const Progress& progress);
  void write();

 private:
  void see_generated();
  void see_codes();

  const Run& run_;
  std::string path_;
  Animation animation_;
  Tensor data_;                     // in the run's units
  Dataset conditions_{}, drawn_{};  // of those rows, and of what is made of noise
  std::vector<std::int32_t> labels_{};
  std::uint64_t next_ = 0;
};

}  // namespace pushforward::cli

// SPDX-License-Identifier: Apache-2.0
//
// Noise that a denoising model learns to take away.
//
//   gaussian:S     x + S·ε, ε ~ N(0, 1), clipped to 0…1
//   salt-pepper:P  a share P of the values become 0 or 1, half each way
//   masking:P      a share P of the values become 0 [Vincent, Larochelle, Bengio & Manzagol, ICML 2008]
//
// Every value is hit on its own (in a colour picture: every channel of a pixel). Value i of the result is a
// function of (clean value i, draw, i) and of nothing else, so noise is the same whatever the threads, and a
// resumed run meets the noise that it would have met.
#pragma once

#include <string>
#include <string_view>

#include "pushforward/data.hpp"
#include "pushforward/random.hpp"
#include "pushforward/spec.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

class Noise {
 public:
  enum class Kind { gaussian, salt_pepper, masking };

  /// "gaussian:0.3", "salt-pepper:0.1", "masking:0.25"; RequestError for another word, or a level that is not
  /// in 0…1 or is 0. `where` names it in errors ("--noise").
  static Noise parse(std::string_view text, std::string_view where);
  Noise(Kind kind, double level) : kind_(kind), level_(level) {}

  Kind kind() const { return kind_; }
  double level() const { return level_; }
  /// Whether the result is clipped to 0…1, and so means something for such data only.
  bool clips() const { return kind_ != Kind::masking; }
  std::string text() const;

  /// Writes noisy (of clean's shape; not clean itself).
  void apply(View<const float> clean, View<float> noisy, const Draw& draw) const;
  /// The same with a draw of its own for every row, the first of which is called `first`: how rows are cut
  /// into batches makes no difference.
  void apply_rows(View<const float> clean, View<float> noisy, const Draw& draw, std::size_t first) const;

 private:
  Kind kind_;
  double level_;
};

/// The draw of noise that measures a model, from a command's seed.
inline Draw noise_draw(std::uint64_t seed) { return Draw{seed}.on("noise"); }

/// Refuses pairs that are none: another number of rows, or rows of another shape.
void check_pairs(const Dataset& clean, const Dataset& noisy);

}  // namespace pushforward

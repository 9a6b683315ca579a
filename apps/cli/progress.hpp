// SPDX-License-Identifier: Apache-2.0
//
// Progress of long work on standard error: a bar with rate and time left on a terminal, a plain line now and
// then elsewhere, nothing with --quiet.
#pragma once

#include <chrono>
#include <string>

#include "pushforward/fit.hpp"

namespace pushforward::cli {

/// "1:05", "2:03:09".
std::string clock_text(double seconds);
/// "12.3k" for 12345, "1.2M".
std::string rate_text(double per_second);

class ProgressBar {
 public:
  ProgressBar(std::string what, bool quiet);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// done in 0…1; `detail` is what stands behind the bar ("loss 104.2, 51k images/s"). Draws at most ten
  /// times a second on a terminal and every ten seconds elsewhere.
  void update(double done, const std::string& detail, bool tell_left = true);
  /// A line that stays, above the bar.
  void line(const std::string& text);

 private:
  using Clock = std::chrono::steady_clock;
  void draw(double done, const std::string& detail, bool tell_left);

  std::string what_;
  bool quiet_, terminal_, drawn_ = false;
  double first_ = -1;
  Clock::time_point start_, last_;
};

/// What `watch_fit` takes: a bar that shows the steps of the fit.
OnFit fit_teller(ProgressBar& bar);

}  // namespace pushforward::cli

// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/text.hpp"
#include "output.hpp"

namespace pushforward::cli {
namespace {

constexpr int kBarWidth = 24;
constexpr std::chrono::milliseconds kTerminalPause{100};
constexpr std::chrono::seconds kPlainPause{10};

std::size_t terminal_width() {
  winsize size = {};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

void put(const std::string& text) { std::fputs(text.c_str(), stderr); }

}  // namespace

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::max(0.0, seconds) + 0.5);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string rate_text(double per_second) {
  if (per_second >= 1e6) return fmt::format("{:.1f}M", per_second / 1e6);
  if (per_second >= 1e4) return fmt::format("{:.1f}k", per_second / 1e3);
  return fmt::format("{:.4g}", per_second);
}

ProgressBar::ProgressBar(std::string what, bool quiet)
    : what_(std::move(what)),
      quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) != 0),
      start_(Clock::now()),
      last_(start_) {}

ProgressBar::~ProgressBar() {
  if (drawn_) put("\r\033[K");
}

void ProgressBar::update(double done, const std::string& detail, bool tell_left) {
  if (quiet_) return;
  if (first_ < 0) first_ = done;
  const auto now = Clock::now();
  if (now - last_ < (terminal_ ? Clock::duration(kTerminalPause) : Clock::duration(kPlainPause))) return;
  last_ = now;
  draw(std::clamp(done, 0.0, 1.0), detail, tell_left);
}

void ProgressBar::draw(double done, const std::string& detail, bool tell_left) {
  const double seconds = std::chrono::duration<double>(last_ - start_).count();
  const double gained = done - first_;  // a resumed run does not begin at 0
  const std::string left = gained > 0 && tell_left ? clock_text(seconds * (1 - done) / gained) + " left" : "";
  if (!terminal_) {
    put(fmt::format("{} {:3.0f} %  {}  {}\n", what_, 100 * done, printable(detail), left));
    return;
  }
  const int filled = static_cast<int>(done * kBarWidth);
  std::string bar;
  for (int i = 0; i < kBarWidth; ++i) bar += i < filled ? "━" : "─";
  const std::size_t room =
      terminal_width() - std::min<std::size_t>(terminal_width(), what_.size() + kBarWidth + 9);
  const std::string tail = fmt::format("{}  {}", left, printable(detail)).substr(0, room);
  put(fmt::format("\r{} {} {:3.0f} %  {}\033[K", what_, bar, 100 * done, tail));
  drawn_ = true;
}

OnFit fit_teller(ProgressBar& bar) {
  return [&bar](std::size_t step, std::size_t most, double loss) {
    bar.update(static_cast<double>(step) / static_cast<double>(std::max<std::size_t>(1, most)),
               fmt::format("loss {}  step {} of at most {}", short_number(loss), step, most));
  };
}

void ProgressBar::line(const std::string& text) {
  if (quiet_) return;
  put((drawn_ ? "\r\033[K" : "") + printable(text) + "\n");
  drawn_ = false;
}

}  // namespace pushforward::cli

// SPDX-License-Identifier: Apache-2.0
#include "support/run_limited.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>

namespace pushforward::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kPatience = 20;  // seconds of the clock for one of work: others may use the machine
constexpr rlim_t kMemory = rlim_t{4} << 30, kFile = rlim_t{1} << 28, kCore = 0;

struct Pipe {
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  }
  int ends[2] = {-1, -1};
};

void limit(int what, rlim_t most) {
  const rlimit both{most, most};
  ::setrlimit(static_cast<__rlimit_resource>(what), &both);
}

[[noreturn]] void become(const std::string& program, const std::vector<std::string>& words,
                         const std::string& where, double seconds, const Pipe& out, const Pipe& err) {
  ::setpgid(0, 0);
  const auto processor = static_cast<rlim_t>(seconds) + 1;
  const rlimit time{processor, processor + 5};
  ::setrlimit(RLIMIT_CPU, &time);
  limit(RLIMIT_AS, kMemory), limit(RLIMIT_FSIZE, kFile), limit(RLIMIT_CORE, kCore);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, 0), ::dup2(out.ends[1], 1), ::dup2(err.ends[1], 2);
  std::vector<char*> arguments = {const_cast<char*>(program.c_str())};
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  if (::chdir(where.c_str()) == 0) ::execv(program.c_str(), arguments.data());
  std::_Exit(126);
}

// Reads both ends until they close or the time is over.
void listen(const Pipe& out, const Pipe& err, Outcome& outcome, Clock::time_point end) {
  std::array<pollfd, 2> ends = {{{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}};
  std::array<char, 65536> buffer;
  int open = 2;
  while (open > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return void(outcome.late = true);
    ::poll(ends.data(), ends.size(), static_cast<int>(left));
    for (std::size_t i = 0; i < 2; ++i) {
      if ((ends[i].revents & (POLLIN | POLLHUP)) == 0) continue;
      const ssize_t got = ::read(ends[i].fd, buffer.data(), buffer.size());
      if (got > 0) (i == 0 ? outcome.out : outcome.err).append(buffer.data(), static_cast<std::size_t>(got));
      if (got <= 0) ends[i].fd = -1, --open;
    }
  }
}

}  // namespace

Outcome run_limited(const std::string& program, const std::vector<std::string>& words,
                    const std::string& where, double seconds) {
  const Pipe out, err;
  const pid_t child = ::fork();
  if (child == 0) become(program, words, where, seconds, out, err);
  ::close(out.ends[1]), ::close(err.ends[1]);
  Outcome outcome;
  const auto patience = std::chrono::microseconds(static_cast<long long>(kPatience * seconds * 1e6));
  listen(out, err, outcome, Clock::now() + patience);
  if (outcome.late) ::kill(-child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  ::kill(-child, SIGKILL);
  ::close(out.ends[0]), ::close(err.ends[0]);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) outcome.late = true;
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return outcome;
}

}  // namespace pushforward::testing

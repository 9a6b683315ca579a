// SPDX-License-Identifier: Apache-2.0
// posix_spawn, a pipe, and a wait.
#include "process.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/bytes.hpp"
#include "pushforward/error.hpp"

extern char** environ;

namespace pushforward::cli {
namespace {

class Actions {
 public:
  Actions() { posix_spawn_file_actions_init(&actions_); }
  Actions(const Actions&) = delete;
  Actions& operator=(const Actions&) = delete;
  ~Actions() { posix_spawn_file_actions_destroy(&actions_); }
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

class OwnSignals {
 public:
  OwnSignals() {
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_init(&attributes_);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
  }
  OwnSignals(const OwnSignals&) = delete;
  OwnSignals& operator=(const OwnSignals&) = delete;
  ~OwnSignals() { posix_spawnattr_destroy(&attributes_); }
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

[[noreturn]] void fail(const std::string& program, int problem, const std::string& hint) {
  throw WorkError(Complaint{program, std::strerror(problem), "a program that runs", hint});
}

std::string read_to_end(int fd) {
  std::string text;
  char chunk[4096];
  for (;;) {
    const ssize_t got = ::read(fd, chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(chunk, static_cast<std::size_t>(got));
  }
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 127;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

Finished run_program(const std::vector<std::string>& argv, const std::string& folder,
                     const std::string& hint) {
  int ends[2];
  if (::pipe(ends) != 0) fail(argv[0], errno, hint);
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  Actions actions;
  posix_spawn_file_actions_addchdir_np(actions.get(), folder.c_str());
  posix_spawn_file_actions_addopen(actions.get(), 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(actions.get(), ends[1], 1);
  posix_spawn_file_actions_adddup2(actions.get(), ends[1], 2);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t child = 0;
  const OwnSignals own;  // whatever this thread holds back, the child does not
  const int problem = ::posix_spawnp(&child, words[0], actions.get(), own.get(), words.data(), environ);
  ::close(ends[1]);
  Finished finished;
  if (problem == 0) {
    finished.output = read_to_end(ends[0]);
    finished.status = wait_for(child);
  }
  ::close(ends[0]);
  if (problem != 0) fail(argv[0], problem, hint);
  return finished;
}

std::string run_checked(const std::vector<std::string>& argv, const std::string& folder,
                        const std::string& hint) {
  Finished finished = run_program(argv, folder, hint);
  if (finished.status == 0) return std::move(finished.output);
  throw WorkError(Complaint{argv[0],
                            fmt::format("exit status {} ({})", finished.status, last_line(finished.output)),
                            "success", hint});
}

}  // namespace pushforward::cli

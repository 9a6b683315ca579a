// SPDX-License-Identifier: Apache-2.0
//
// The one training of a studio: in a thread of its own, stopped with a checkpoint, told as events.
//
//   {"type": "begin", "run", "model", "data", "resumed"}
//   {"type": "epoch", "epoch", "epochs", "step", "loss", …}     as `train --json` prints them
//   {"type": "step", "step", "total", "loss", "monitor_…"}      some five a second, the last one kept
//   {"type": "seen", …}                                         what the model makes now, some one a second
//   {"type": "end", "stopped", "detail", "error"}
//
// Everyone who follows gets the same events, from the beginning of the training.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "../output.hpp"
#include "pushforward/run.hpp"
#include "server.hpp"

namespace pushforward::cli::studio {

/// What to train; options by their names, as on the command line.
struct Wanted {
  std::string path, model, data;
  std::map<std::string, std::string> options{};
};

class Training {
 public:
  Training() = default;
  /// Stops and waits.
  ~Training();

  /// RequestError while another one goes on, and for what `train` refuses.
  void begin(const Wanted& wanted);
  void resume(const std::string& path);
  /// Asks for a stop; a checkpoint is written, then the "end" comes.
  void stop() { stop_ = true; }
  /// Stops and waits for the checkpoint.
  void finish();

  bool running() const { return running_; }
  std::vector<Event> events_after(std::uint64_t id);

 private:
  void start(std::string path, Run run);
  void work(Run& run);
  void tell(Json event);
  void tell_step(Json event);

  std::mutex mutex_{};  // of what follows
  std::condition_variable news_{};
  std::vector<Event> log_{};
  std::uint64_t last_ = 0;  // the newest event's id
  std::atomic<bool> running_{false}, stop_{false};
  std::thread thread_{};
};

}  // namespace pushforward::cli::studio

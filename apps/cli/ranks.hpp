// SPDX-License-Identifier: Apache-2.0
//
// `mpirun -n 4 pushforward train …`: the processes join, rank 0 speaks for all, and what fails on one ends
// all.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pushforward/collective.hpp"

namespace pushforward::cli {

class Ranks {
 public:
  /// Joins the processes that mpirun started, where it started several. Refuses commands that run on one.
  void join(const std::vector<std::string>& words);
  /// Ends this process's part with this status. What failed on one rank only ends the others as well; every
  /// other rank leaves rank 0 the time to say it, and then says it itself.
  int end(int status, const std::string& complaint);

 private:
  std::unique_ptr<Collective> processes_{};
  std::optional<Sharing> sharing_{};
  int standard_error_ = 2;
};

/// `count` threads, or where it is 0 this rank's share of the processors.
void set_threads_of_rank(int count);

}  // namespace pushforward::cli

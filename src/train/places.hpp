// SPDX-License-Identifier: Apache-2.0
//
// Where a run's data are: from the root, so that a run can be used from any folder, and given anew where they
// have moved. What they are is known by their digest (data/digest.hpp).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pushforward/run.hpp"

namespace pushforward {

/// A DATA argument from the root, where it begins with the name of something that is there; else "".
std::string place_of(const std::string& argument);
/// Whether --validation names data and not a share.
bool names_data(const std::string& validation);

/// Whether --OPTION TEXT names a file or folder (--source may: it is taken for one).
bool names_file(std::string_view option, const std::string& text);

/// Options that name files, which a run may be given anew: --validation DATA, --noisy, --labels.
std::vector<OptionRow> place_options();
/// Brings options that name files to names from the root.
void settle_places(Options& options);
/// Options of a run with new places; RequestError for one that the run has no place of.
void move_places(Options& options, const std::map<std::string, std::string>& moved);

/// From now on the run's training data are there (--data).
void give_data(Run& run, const std::string& argument);
/// The DATA argument of a run's training data. RequestError that says what to do where they are gone.
std::string known_data(const Run& run);
/// Refuses data with other values than the run was trained on.
void check_training_data(const Run& run, const Dataset& training);

}  // namespace pushforward

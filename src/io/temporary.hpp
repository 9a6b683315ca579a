// SPDX-License-Identifier: Apache-2.0
//
// Names for what is not finished yet, beside the name that it will have: ".NAME.RANDOM.tmp".
//
// Nobody can guess RANDOM (64 bits of getrandom), so nobody can put a link or a file of theirs there first.
// Whoever makes a temporary holds a lock (flock) on it, which the kernel drops when the process dies; so what
// a killed process left behind is told from what another one is writing, and `remove_stale` takes only the
// former.
#pragma once

#include <string>

namespace pushforward::io {

/// A new name beside `target`, in the same folder.
std::string temporary_name(const std::string& target);

/// Removes what dead processes of this user left beside `target` under such names.
void remove_stale(const std::string& target);
/// The same for every target in `folder`.
void remove_all_stale(const std::string& folder);

}  // namespace pushforward::io

// SPDX-License-Identifier: Apache-2.0
// Area under the ROC curve: how well a score tells the strange rows from the ordinary ones.
#pragma once

#include <span>
#include <vector>

#pragma GCC visibility push(default)
namespace pushforward {

/// The share of (strange, ordinary) pairs in which the strange row scores higher, ties counting half:
/// (R − s(s+1)/2) / (s·o) with R the sum of the s strange rows' mid-ranks (Mann & Whitney 1947; Hanley &
/// McNeil 1982). RequestError unless both kinds are there.
double roc_auc(std::span<const double> scores, const std::vector<bool>& strange);

}  // namespace pushforward
#pragma GCC visibility pop

// SPDX-License-Identifier: Apache-2.0
//
// What others call the words of this program: "lr" is "rate", "fid" is "frechet", "rbf" is "gaussian".
//
// Only words of one meaning stand here. Whoever asks for a Kolmogorov-Smirnov test is not sent to another
// distance because its name is as short: a wrong hint is worse than none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pushforward {

/// A word as it is compared: small letters and digits alone, so that "Batch_Size" and "--batch-size" agree.
std::string plain_word(std::string_view word);

/// What `plain` (as plain_word() gives it) may be called here, the likeliest first, with options where it
/// means them ("mmd:kernel=polynomial"); empty for unknown words.
std::vector<std::string_view> words_meant(std::string_view plain);

/// What others call the row of a registry, for its help.
std::vector<std::string_view> synonyms_of(std::string_view name);

/// Whether `plain` names something well known that this program has not: "vqvae" is no misspelt "vae".
bool is_unknown_here(std::string_view plain);

}  // namespace pushforward

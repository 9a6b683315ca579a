// SPDX-License-Identifier: Apache-2.0
//
// What others call the words of this program: "lr" is "rate", "fid" is "frechet", "rbf" is "gaussian".
//
// A name that is read (of a distance, a model, an activation, …) is found by find_word(): in any case, with
// dashes or without, and by what others call it. Only words of one meaning stand here. Whoever asks for a
// Kolmogorov-Smirnov test is not sent to another distance because its name is as short: a wrong hint is worse
// than none.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pushforward/spec.hpp"

namespace pushforward {

/// A word as it is compared: small letters and digits alone, so that "Batch_Size" and "--batch-size" agree.
std::string plain_word(std::string_view word);

/// What `plain` (as plain_word() gives it) may be called here, the likeliest first, with options where it
/// means them ("mmd:kernel=polynomial"); empty for unknown words.
std::vector<std::string_view> words_meant(std::string_view plain);

/// What others call the row of a registry, for its help.
std::vector<std::string_view> synonyms_of(std::string_view name);

/// Where in `valid` the word is that is meant: as it stands, else in any case and spelling ("Batch_Norm"),
/// else as others call it.
std::optional<std::size_t> place_of_word(std::string_view word, std::span<const std::string> valid);

/// The same; where there is none, RequestError of `where` that names the nearest.
std::size_t find_word(std::string where, std::string_view word, std::span<const std::string> valid);

/// The SPEC under the name of `valid` that is meant; "kid", which is "mmd:kernel=polynomial", brings its
/// options where they are not given.
Spec spec_meant(Spec spec, std::string where, std::span<const std::string> valid);

/// Whether `plain` names something well known that this program has not: "vqvae" is no misspelt "vae".
bool is_unknown_here(std::string_view plain);

}  // namespace pushforward

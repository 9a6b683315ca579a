// SPDX-License-Identifier: Apache-2.0
//
// Files of several named arrays as data: NPZ and safetensors, FILE:KEY.
//
// Without a key, the array called X (x, data, images) is the rows, or the only one; the one called y (Y,
// label, labels, target, targets), where it has a whole number, a text or a row of one 1 for each row, is
// their labels; those of x_train are y_train, and so on.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "io/array.hpp"
#include "pushforward/data.hpp"

namespace pushforward::data {

/// "FILE.npz:KEY" as file and key; an empty file when it is no such thing.
std::pair<std::string, std::string> split_archive(const std::string& source);
/// The array; its bytes are its own. RequestError lists the keys there are.
io::ArrayFile read_archived(const std::string& file, const std::string& key);
/// The texts of an array of such, or nothing.
std::optional<std::vector<std::string>> archived_texts(const std::string& file, const std::string& key);
/// The rows, and labels where there are some.
Dataset load_archive(const std::string& file, std::string key, std::string_view layout = {});

}  // namespace pushforward::data

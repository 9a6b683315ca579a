// SPDX-License-Identifier: Apache-2.0
// What the fuzzer of the whole program begins with: good files of every kind, a run, and good commands.
#pragma once

#include <string>
#include <vector>

namespace pushforward::fuzz {

using Words = std::vector<std::string>;

/// Writes the files into `folder` (those that the program makes, by `program`). Throws where that fails.
void write_corpus(const std::string& folder, const std::string& program);

/// Commands that succeed in a copy of that folder. Every command, every model, SPECs, densities, networks,
/// suffixes.
const std::vector<Words>& good_commands();

/// A file of the folder, and the commands that read it, with FILE in its place.
struct FileKind {
  std::string name;
  std::vector<Words> readers;
};
const std::vector<FileKind>& file_kinds();

/// Words that go wrong: numbers at the ends of ranges, empty and endless texts, control bytes, what is no
/// UTF-8.
const Words& hostile_words();

}  // namespace pushforward::fuzz

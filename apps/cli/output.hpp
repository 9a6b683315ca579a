// SPDX-License-Identifier: Apache-2.0
//
// The only place of the program that writes: results to standard output, everything else to standard error.
#pragma once

#include <string>
#include <string_view>

#include "pages/json.hpp"
#include "pushforward/fields.hpp"

namespace pushforward::cli {

using pages::Json;
using pages::json_number;
using pages::short_number;
using pages::short_text;
using pages::to_json;

/// One JSON value, one line, on standard output. Every object that it is, or is a list of, begins with
/// "format", the version of what its fields are called and mean.
void print_json(const Json& value);
/// A line of text on standard output.
void print_line(std::string_view line);
/// Two aligned columns, key and value, a field a line; six significant digits.
void print_fields(const Fields& fields);
/// A table with a header row; columns are padded to their widest cell, numbers to the right.
void print_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);
/// "pushforward: note: …" on standard error, unless quiet.
void note(std::string_view text, bool quiet);

/// Says so where the system gave fewer threads than were asked for.
void note_refused_threads(bool quiet);

/// Whether there is a file or folder of this name; RequestError for a name that no file can have.
bool exists(const std::string& path);
/// Refuses an output file that exists, unless `force`.
void check_output(const std::string& path, bool force);

}  // namespace pushforward::cli

// SPDX-License-Identifier: Apache-2.0
//
// What a run on a table has besides: its encoding in a file, and the defaults that a table asks for.
#pragma once

#include <memory>
#include <string>

#include "pushforward/run.hpp"

namespace pushforward {

/// Before a model settles its options: what suits a table where the user left it open. A mixed likelihood, so
/// that nothing is asked of rows that they do not hold.
void propose_for_table(Options& options, const TableSchema& schema);
/// After it: the encoding, the blocks that the model learns, a code no wider than the table.
std::shared_ptr<const TableEncoding> settle_table(Options& options, const ModelEntry& model,
                                                  const Dataset& training);

/// Into a run directory, and from it.
void write_encoding(const std::string& run, const TableEncoding& encoding);
std::shared_ptr<const TableEncoding> read_encoding(const std::string& run);
void write_encoding_file(const std::string& path, const TableEncoding& encoding);
/// RequestError when it is damaged.
std::shared_ptr<const TableEncoding> read_encoding_file(const std::string& path);

}  // namespace pushforward

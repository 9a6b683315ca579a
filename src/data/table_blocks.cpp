// SPDX-License-Identifier: Apache-2.0
// Blocks from their text: "n3 b c5 n m".
#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "pushforward/error.hpp"
#include "pushforward/table_encoding.hpp"

namespace pushforward {
namespace {

TableBlock parse_block(const std::string& word, std::string_view where) {
  const std::string digits = word.substr(1);
  TableBlock block;
  block.size = digits.empty() ? 1 : whole_number(digits, where, {1, static_cast<std::uint64_t>(kMostUnits)});
  using enum TableBlock::Kind;
  const bool single = digits.empty();
  if (word[0] == 'n') return block;
  if (word[0] == 'b' && single) return block.kind = truth, block;
  if (word[0] == 'm' && single) return block.kind = missing, block;
  if (word[0] == 'c' && !single) return block.kind = category, block;
  throw RequestError(Complaint{std::string(where), fmt::format("'{}'", word), "nN, b, cN or m"});
}

}  // namespace

std::vector<TableBlock> parse_blocks(std::string_view text, std::string_view where) {
  std::vector<TableBlock> blocks;
  std::size_t at = 0;
  for (const std::string& word : split(text, ' ')) {
    if (word.empty()) continue;
    TableBlock block = parse_block(word, where);
    const bool follows = !blocks.empty() && (blocks.back().kind == TableBlock::Kind::numbers ||
                                             blocks.back().kind == TableBlock::Kind::truth);
    if (block.kind == TableBlock::Kind::missing && !follows)
      throw RequestError(Complaint{std::string(where), "m first", "what may be missing before it"});
    block.begin = at, at += block.size;
    blocks.push_back(block);
  }
  return blocks;
}

}  // namespace pushforward

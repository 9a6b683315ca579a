// SPDX-License-Identifier: Apache-2.0
//
// Rows of cells from a text [RFC 4180]: what a CSV or TSV file is before its cells mean anything.
//
// Cells may be quoted ("" inside quotes is a quote; separators and line ends inside quotes are text), lines
// end in LF or CRLF, empty lines and lines of '#' before the first row are skipped. Cells are views into the
// text: nothing is copied but cells with quotes inside.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "io/bytes.hpp"

namespace pushforward::io {

/// The bytes of a file as UTF-8 text without its byte-order mark: UTF-16 is told by its mark, gzip by its
/// magic bytes. Excel's and Parquet's files are refused with what to do about them. `room` keeps what had to
/// be converted.
std::string_view text_in(ByteSpan bytes, std::string_view where, Bytes& room);

/// The separator of the first rows: of tab, ';', '|', ',' and blank, the first that every row has equally
/// often; else `usual`.
char guess_separator(std::string_view text, char usual);

class RowLexer {
 public:
  RowLexer(std::string_view text, char separator, std::string_view where);

  /// The next row that is not empty; its cells live until the next call. False at the end.
  bool next(std::vector<std::string_view>& cells);
  /// Where the last row began, from 1.
  std::size_t line() const { return row_line_; }

 private:
  bool at_line_end() const { return text_[at_] == '\n' || text_[at_] == '\r'; }
  void skip_line_end();
  void skip_comments();
  bool accept(char c);
  std::string_view cell();
  std::string_view quoted_cell();
  [[noreturn]] void refuse(std::size_t line, std::string got, std::string wanted) const;

  std::string_view text_;
  char separator_;
  std::string_view where_;
  std::size_t at_ = 0, line_ = 1, row_line_ = 1;
  std::deque<std::string> unescaped_{};
};

/// Whether the first row holds names: when it holds no number or date at all, or when a word stands over a
/// number and the other cells are words or counts ("label,0,1,2").
bool is_header(const std::vector<std::string>& first, const std::vector<std::string>* second);
/// Spelt like a number; NaN and infinity too: a broken value must not turn its row into a header.
bool spelt_like_a_number(std::string_view cell);

}  // namespace pushforward::io

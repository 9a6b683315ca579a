// SPDX-License-Identifier: Apache-2.0
#include "io/text_rows.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include "core/text.hpp"
#include "io/cells.hpp"
#include "io/deflate.hpp"

namespace pushforward::io {
namespace {

constexpr std::size_t kMostExpansion =
    300;                              // text of a repeated row packs a hundredfold, a bomb a thousandfold
constexpr std::size_t kSampled = 50;  // rows that the separator is guessed from

void append_utf8(std::uint32_t code, Bytes& out) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<std::uint8_t>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) return put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  if (code < 0x10000)
    return put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F));
  put(0x80 | (code & 0x3F));
}

Bytes from_utf16(ByteSpan bytes, bool big, std::string_view where) {
  if (bytes.size() % 2 != 0)
    throw RequestError(Complaint{std::string(where), "an odd number of bytes", "UTF-16, as its mark says"});
  const auto unit = [&](std::size_t i) {
    const std::uint32_t a = bytes[i], b = bytes[i + 1];
    return big ? a << 8 | b : b << 8 | a;
  };
  Bytes out;
  out.reserve(bytes.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    std::uint32_t code = unit(i);
    const bool pair =
        code >= 0xD800 && code < 0xDC00 && i + 2 < bytes.size() && (unit(i + 2) & 0xFC00) == 0xDC00;
    if (pair) code = 0x10000 + ((code - 0xD800) << 10) + (unit(i + 2) - 0xDC00), i += 2;
    append_utf8(code, out);
  }
  return out;
}

Bytes unpacked(ByteSpan bytes, std::string_view where) {
  const std::size_t most = std::max<std::size_t>(1 << 20, bytes.size() * kMostExpansion);
  Bytes out = gunzip(bytes, most, where);
  if (out.size() >= most)
    throw RequestError(Complaint{std::string(where),
                                 fmt::format("more than {} times its size when unpacked", kMostExpansion),
                                 "a gzipped table", "unpack it with gunzip first if it is one"});
  return out;
}

void refuse_other_programs(std::string_view text, std::string_view where) {
  const auto refuse = [&](const char* got, const char* hint) {
    throw RequestError(Complaint{std::string(where), got, "a text table", hint});
  };
  if (text.starts_with("PK\x03\x04"))
    refuse("an Excel file, or another ZIP archive",
           "in Excel, save it as CSV UTF-8; or pandas: "
           "read_excel(FILE).to_csv(\"table.csv\", index=False)");
  if (text.starts_with("\xD0\xCF\x11\xE0")) refuse("an old Excel file", "in Excel, save it as CSV UTF-8");
  if (text.starts_with("PAR1"))
    refuse("a Parquet file",
           "write it as CSV: duckdb -c \"COPY 'FILE' TO 'table.csv'\", or pandas: "
           "read_parquet(FILE).to_csv(\"table.csv\", index=False)");
}

// How often each candidate stands in a row outside quotes; the same for all sampled rows, or 0.
std::size_t steady_count(std::string_view text, char separator) {
  std::size_t at = 0, count = 0, rows = 0, wanted = 0;
  bool quoted = false;
  const auto end_row = [&](bool empty) {
    if (empty) return true;
    if (rows++ == 0) wanted = count;
    return count == wanted;
  };
  std::size_t begin = 0;
  for (; at < text.size() && rows < kSampled; ++at) {
    const char c = text[at];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == separator) ++count;
    if (c != '\n') continue;
    const std::string_view line = text.substr(begin, at - begin);
    if (!line.starts_with('#') && !end_row(trimmed(line).empty() || line == "\r")) return 0;
    begin = at + 1, count = 0;
  }
  if (at == text.size() && begin < at && !end_row(trimmed(text.substr(begin)).empty())) return 0;
  return wanted;
}

// Columns are called by words, or by numbers as they are counted: "label,0,1,2".
bool may_be_names(const std::vector<std::string>& row) {
  std::set<std::string_view> counted;
  for (const std::string& cell : row) {
    const bool digits = trimmed(cell).find_first_not_of("0123456789") == std::string_view::npos;
    if (spelt_like_a_number(cell) && (!digits || !counted.insert(trimmed(cell)).second)) return false;
  }
  return true;
}

}  // namespace

std::string_view text_in(ByteSpan bytes, std::string_view where, Bytes& room) {
  if (is_gzip(bytes)) room = unpacked(bytes, where), bytes = room;
  std::string_view text = text_of(bytes);
  refuse_other_programs(text, where);
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    Bytes converted = from_utf16(bytes.subspan(2), text.starts_with("\xFE"), where);
    room = std::move(converted);
    return text_of(room);
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const bool ascii = std::none_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
  if (ascii || is_utf8(text)) return text;
  Bytes converted;  // of the one-byte codes, Latin-1 is the common one
  converted.reserve(text.size() + text.size() / 8);
  for (const char c : text) append_utf8(static_cast<unsigned char>(c), converted);
  room = std::move(converted);
  return text_of(room);
}

char guess_separator(std::string_view text, char usual) {
  for (const char candidate : {'\t', ';', '|'})
    if (steady_count(text, candidate) > 0) return candidate;
  if (steady_count(text, usual) > 0) return usual;
  for (const char candidate : {',', ' '})
    if (steady_count(text, candidate) > 0) return candidate;
  return usual;
}

bool spelt_like_a_number(std::string_view cell) {
  cell = trimmed(cell);
  double value = 0;
  const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return !cell.empty() && end == cell.data() + cell.size();
}

bool is_header(const std::vector<std::string>& first, const std::vector<std::string>* second) {
  bool any_value = false;
  for (std::size_t c = 0; c < first.size(); ++c) {
    const bool number = spelt_like_a_number(first[c]);
    any_value |= number || !date_form_of(first[c], false).empty() ||
                 (!trimmed(first[c]).empty() && form_of_number(first[c], false)) || truth_of(first[c]) >= 0;
    const bool word = !number && !trimmed(first[c]).empty();
    if (word && second && c < second->size() && spelt_like_a_number((*second)[c])) return may_be_names(first);
  }
  return !any_value;
}

RowLexer::RowLexer(std::string_view text, char separator, std::string_view where)
    : text_(text), separator_(separator), where_(where) {
  if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  skip_comments();
}

// numpy.savetxt writes a header behind a '#': the last such line stays if it has as many cells as the next.
void RowLexer::skip_comments() {
  const auto separators = [&](std::size_t begin) {
    const std::string_view line = text_.substr(begin, text_.find('\n', begin) - begin);
    return std::count(line.begin(), line.end(), separator_);
  };
  while (at_ < text_.size() && text_[at_] == '#') {
    const std::size_t end = text_.find('\n', at_),
                      next = end == std::string_view::npos ? text_.size() : end + 1;
    const bool names = next < text_.size() && text_[next] != '#' && separators(at_) > 0 &&
                       separators(at_) == separators(next);
    if (names) {
      at_ += at_ + 1 < text_.size() && text_[at_ + 1] == ' ' ? 2 : 1;
      return;
    }
    at_ = next, ++line_;
  }
}

bool RowLexer::next(std::vector<std::string_view>& cells) {
  cells.clear();
  unescaped_.clear();
  while (at_ < text_.size() && at_line_end()) skip_line_end();
  if (at_ == text_.size()) return false;
  row_line_ = line_;
  do cells.push_back(cell());
  while (accept(separator_));
  if (at_ < text_.size()) skip_line_end();
  return true;
}

void RowLexer::skip_line_end() {
  if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
  ++at_, ++line_;
}

bool RowLexer::accept(char c) {
  if (at_ == text_.size() || text_[at_] != c) return false;
  return ++at_, true;
}

std::string_view RowLexer::cell() {
  if (accept('"')) return quoted_cell();
  const char *begin = text_.data() + at_, *end = text_.data() + text_.size(), *p = begin;
  while (p != end && *p != separator_ && *p != '\n' && *p != '\r') ++p;
  at_ += static_cast<std::size_t>(p - begin);
  return {begin, static_cast<std::size_t>(p - begin)};
}

std::string_view RowLexer::quoted_cell() {
  const std::size_t opened = line_, begin = at_;
  std::string inside;
  bool escaped = false;
  std::string_view whole;
  for (;;) {
    const std::size_t from = at_, quote = text_.find('"', at_);
    if (quote == std::string_view::npos) refuse(opened, "a quoted cell without end", "a closing '\"'");
    at_ = quote + 1;
    if (!escaped) whole = text_.substr(begin, quote - begin);
    if (escaped) inside += text_.substr(from, quote - from);
    if (!accept('"')) break;
    if (!escaped) inside = whole, escaped = true;
    inside += '"';
  }
  if (escaped) whole = unescaped_.emplace_back(std::move(inside));
  line_ += static_cast<std::size_t>(std::count(whole.begin(), whole.end(), '\n'));
  if (at_ < text_.size() && text_[at_] != separator_ && !at_line_end())
    refuse(line_, "text after a closing quote", "a separator or the line's end");
  return whole;
}

void RowLexer::refuse(std::size_t line, std::string got, std::string wanted) const {
  throw RequestError(Complaint{fmt::format("{}: line {}", where_, line), std::move(got), std::move(wanted)});
}

}  // namespace pushforward::io

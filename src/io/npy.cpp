// SPDX-License-Identifier: Apache-2.0
// NPY: a strict parser of its little dictionary, and a writer.
#include "io/npy.hpp"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "io/atomic_file.hpp"

namespace pushforward::io {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostAxes = 32;  // NumPy's own limit

// The dictionary of the header. Only what NumPy writes is understood; anything else is named in the error.
class Header {
 public:
  Header(std::string_view text, std::string_view where) : text_(text), where_(where) { parse(); }

  std::string descr{};
  bool fortran = false;
  std::vector<std::size_t> shape{};

 private:
  void parse() {
    bool seen[3] = {};
    expect('{');
    while (!accept('}')) {
      const std::string key = word();
      expect(':');
      const int which = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : 3;
      if (which == 3 || seen[which])
        refuse(in_quotes(key), "the keys 'descr', 'fortran_order' and 'shape', once each");
      seen[which] = true;
      if (which == 0) descr = description();
      if (which == 1) fortran = truth();
      if (which == 2) shape = tuple();
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (!(seen[0] && seen[1] && seen[2]))
      refuse("an incomplete header", "'descr', 'fortran_order' and 'shape'");
    skip_blanks();
    if (at_ < text_.size()) refuse(in_quotes(text_.substr(at_)), "the header's end");
  }

  [[noreturn]] void refuse(std::string got, std::string wanted) const {
    throw RequestError(Complaint{fmt::format("{}: NPY header", where_), std::move(got), std::move(wanted)});
  }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool accept(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    return ++at_, true;
  }
  void expect(char c) {
    if (!accept(c))
      refuse(at_ < text_.size() ? in_quotes(text_.substr(at_)) : "its end", fmt::format("'{}'", c));
  }
  bool accept(std::string_view literal) {
    skip_blanks();
    if (!text_.substr(at_).starts_with(literal)) return false;
    return at_ += literal.size(), true;
  }
  std::string word() {
    const char quote = accept('"') ? '"' : (expect('\''), '\'');
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) refuse("a text without end", "a closing quote");
    std::string inside(text_.substr(at_, end - at_));
    at_ = end + 1;
    return inside;
  }
  std::string description() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '[') refuse("an array of structures", "an array of real numbers");
    return word();
  }
  bool truth() {
    if (accept("True")) return true;
    if (!accept("False")) refuse(in_quotes(text_.substr(at_)), "True or False for fortran_order");
    return false;
  }
  std::size_t length() {
    skip_blanks();
    std::size_t value = 0;
    const char* begin = text_.data() + at_;
    const auto [end, problem] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (problem != std::errc{}) refuse(in_quotes(text_.substr(at_)), "a whole number from 0 in the shape");
    at_ += static_cast<std::size_t>(end - begin);
    accept('L');  // Python 2 wrote long integers so
    return value;
  }
  std::vector<std::size_t> tuple() {
    std::vector<std::size_t> axes;
    expect('(');
    while (!accept(')')) {
      axes.push_back(length());
      if (axes.size() > kMostAxes) refuse("more axes", fmt::format("at most {}", kMostAxes));
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return axes;
  }

  std::string_view text_, where_;
  std::size_t at_ = 0;
};

std::optional<Dtype> dtype_called(std::string_view code) {
  constexpr std::pair<std::string_view, Dtype> table[] = {
      {"b1", Dtype::boolean}, {"?", Dtype::boolean}, {"i1", Dtype::i8},  {"i2", Dtype::i16},
      {"i4", Dtype::i32},     {"i8", Dtype::i64},    {"u1", Dtype::u8},  {"u2", Dtype::u16},
      {"u4", Dtype::u32},     {"u8", Dtype::u64},    {"f2", Dtype::f16}, {"f4", Dtype::f32},
      {"f8", Dtype::f64}};
  for (const auto& [name, dtype] : table)
    if (name == code) return dtype;
  return std::nullopt;
}

std::string_view code_of(Dtype dtype) {
  constexpr std::string_view codes[] = {"b1", "i1", "i2", "i4", "i8", "u1",
                                        "u2", "u4", "u8", "f2", "f4", "f8"};
  return codes[static_cast<std::size_t>(dtype)];
}

constexpr bool kLittle = std::endian::native == std::endian::little;

// In Python; what is followed must work.
std::string way_to_numbers(std::string_view code) {
  if (code.starts_with('U') || code.starts_with('S'))
    return "texts may be labels (--labels); as columns, write them as a CSV";
  if (code.starts_with('O')) return "if all have one shape: numpy.stack(list(x)).astype(numpy.float32)";
  if (code.starts_with('c')) return "its parts side by side: numpy.concatenate([x.real, x.imag], axis=1)";
  return "convert it with .astype(numpy.float32)";
}

void set_type(ArrayView& array, std::string_view descr, std::string_view where) {
  std::string_view code = descr;
  char order = '|';
  if (!code.empty() && std::string_view("<>=|").find(code[0]) != std::string_view::npos)
    order = code[0], code.remove_prefix(1);
  const std::optional<Dtype> dtype = dtype_called(code);
  if (!dtype)
    throw RequestError(Complaint{std::string(where), fmt::format("elements of type {}", in_quotes(descr)),
                                 "bool, int8 … int64, uint8 … uint64, float16, float32 or float64",
                                 way_to_numbers(code)});
  array.dtype = *dtype;
  array.swapped = size_of(*dtype) > 1 && ((order == '<' && !kLittle) || (order == '>' && kLittle));
}

std::string_view header_text(Cursor& cursor, std::string_view where) {
  const ByteSpan magic = cursor.take(kMagic.size(), "NPY magic");
  if (text_of(magic) != kMagic)
    throw RequestError(Complaint{std::string(where),
                                 fmt::format("{} at its start", in_quotes(text_of(magic))), "'\\x93NUMPY'",
                                 "this is not an NPY file"});
  const auto major = cursor.little<std::uint8_t>("NPY version");
  cursor.little<std::uint8_t>("NPY version");
  if (major < 1 || major > 3)
    throw RequestError(Complaint{std::string(where), fmt::format("NPY version {}", major), "1, 2 or 3"});
  const std::size_t length = major == 1 ? cursor.little<std::uint16_t>("NPY header length")
                                        : cursor.little<std::uint32_t>("NPY header length");
  return text_of(cursor.take(length, "NPY header"));
}

}  // namespace

ArrayView parse_npy(ByteSpan bytes, std::string_view where) {
  Cursor cursor(bytes, where);
  Header header(header_text(cursor, where), where);
  ArrayView array;
  set_type(array, header.descr, where);
  array.fortran = header.fortran;
  array.shape = std::move(header.shape);
  const std::size_t needed = bytes_needed(array.dtype, array.shape, where);
  if (cursor.left() != needed)
    throw RequestError(
        Complaint{std::string(where), fmt::format("{} bytes of elements", cursor.left()),
                  fmt::format("{} for {} of {}", needed, text_of_shape(array.shape), name_of(array.dtype)),
                  cursor.left() < needed ? "the file is truncated" : ""});
  array.bytes = cursor.take(needed, "elements");
  return array;
}

namespace {

void append_utf8(std::string& text, std::uint32_t code, std::string_view where) {
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
    throw RequestError(
        Complaint{std::string(where), fmt::format("the character U+{:X}", code), "Unicode text"});
  if (code < 0x80) {
    text += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr std::uint32_t kFirst[] = {0, 0xC0, 0xE0, 0xF0};
  text += static_cast<char>(kFirst[more] | code >> (6 * more));
  for (int k = more - 1; k >= 0; --k) text += static_cast<char>(0x80 | (code >> (6 * k) & 0x3F));
}

// Filled up with zeros at the end.
std::string text_at(const std::uint8_t* bytes, std::size_t length, bool wide, bool big,
                    std::string_view where) {
  std::string text;
  for (std::size_t i = 0; i < length; ++i) {
    const std::uint8_t* b = bytes + (wide ? 4 * i : i);
    const auto byte = [&](std::size_t k) { return static_cast<std::uint32_t>(b[big ? 3 - k : k]); };
    const std::uint32_t code = wide ? byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24 : *b;
    if (code == 0) break;
    if (wide)
      append_utf8(text, code, where);
    else
      text += static_cast<char>(code);
  }
  return text;
}

}  // namespace

std::optional<std::vector<std::string>> npy_texts(ByteSpan bytes, std::string_view where) {
  Cursor cursor(bytes, where);
  const Header header(header_text(cursor, where), where);
  const std::string_view descr = header.descr;
  const std::size_t kind = descr.find_first_of("US");
  std::size_t length = 0;
  const char* end = descr.data() + descr.size();
  if (kind == std::string_view::npos || kind > 1 ||
      std::from_chars(descr.data() + kind + 1, end, length).ptr != end || length > (1u << 20))
    return std::nullopt;
  const bool wide = descr[kind] == 'U';
  const std::size_t units = bytes_needed(wide ? Dtype::u32 : Dtype::u8, header.shape, where);
  if (length > 0 && cursor.left() / length != units)
    throw RequestError(Complaint{std::string(where), fmt::format("{} bytes of texts", cursor.left()),
                                 fmt::format("{} times {}", units, length)});
  const ByteSpan elements = cursor.take(units * length, "elements");
  const std::size_t one = length * (wide ? 4 : 1), count = one == 0 ? 0 : elements.size() / one;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i)
    texts.push_back(text_at(elements.data() + i * one, length, wide, descr[0] == '>', where));
  return texts;
}

ArrayFile read_npy(const std::string& path) {
  ArrayFile file{read_file(path)};
  file.array = parse_npy(file.bytes, path);
  return file;
}

std::string npy_header(const ArrayView& array) {
  const char order = size_of(array.dtype) == 1 ? '|' : kLittle ? '<' : '>';
  std::string text = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': {}, }}", order,
                                 code_of(array.dtype), text_of_shape(array.shape));
  const std::size_t before = kMagic.size() + 4;
  text.append((64 - (before + text.size() + 1) % 64) % 64, ' ') += '\n';
  std::string header(kMagic);
  header += {'\1', '\0', static_cast<char>(text.size() & 255), static_cast<char>(text.size() >> 8)};
  return header + text;
}

void write_npy(const std::string& path, const ArrayView& array) {
  AtomicFile file(path);
  file.write(npy_header(array));
  file.write(array.bytes);
  file.commit();
}

}  // namespace pushforward::io

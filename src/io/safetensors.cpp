// SPDX-License-Identifier: Apache-2.0
// safetensors: a header checked field by field, then borrowed bytes.
#include "io/safetensors.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/hash.hpp"
#include "io/atomic_file.hpp"

namespace pushforward::io {
namespace {

using Json = nlohmann::json;  // its ordered sister looks through all keys for each new one

// Room for a hundred thousand arrays. The reference implementation takes 100 MB, but a parsed header is some
// fifty times larger than its text, and a hostile one must not fill the memory.
constexpr std::size_t kLongestHeader = 16 << 20;
constexpr bool kSwapped = std::endian::native == std::endian::big;

constexpr std::pair<std::string_view, Dtype> kTypes[] = {
    {"BOOL", Dtype::boolean}, {"I8", Dtype::i8},   {"I16", Dtype::i16}, {"I32", Dtype::i32},
    {"I64", Dtype::i64},      {"U8", Dtype::u8},   {"U16", Dtype::u16}, {"U32", Dtype::u32},
    {"U64", Dtype::u64},      {"F16", Dtype::f16}, {"F32", Dtype::f32}, {"F64", Dtype::f64}};

std::string_view code_of(Dtype dtype) {
  for (const auto& [name, known] : kTypes)
    if (known == dtype) return name;
  return "";
}

[[noreturn]] void refuse(std::string_view where, std::string got, std::string wanted) {
  throw RequestError(Complaint{std::string(where), std::move(got), std::move(wanted)});
}

// A member of an object; null where it is missing.
const Json* member(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

std::vector<std::size_t> counts(const Json* list, std::string_view where, std::string_view what) {
  std::vector<std::size_t> values;
  if (list == nullptr || !list->is_array())
    refuse(where, fmt::format("no {}", what), "a list of whole numbers");
  for (const Json& value : *list) {
    if (!value.is_number_unsigned()) refuse(where, fmt::format("a broken {}", what), "whole numbers from 0");
    values.push_back(value.get<std::size_t>());
  }
  return values;
}

Dtype type_of(const Json* code, std::string_view where) {
  if (code == nullptr || !code->is_string()) refuse(where, "no dtype", "one");
  for (const auto& [name, dtype] : kTypes)
    if (code->get_ref<const std::string&>() == name) return dtype;
  refuse(where, "elements of type " + in_quotes(code->get_ref<const std::string&>()),
         "F32, F64, F16, BOOL, I8 … U64");
}

ArrayView parse_tensor(const Json& entry, ByteSpan data, const std::string& where) {
  if (!entry.is_object()) refuse(where, "a broken entry", "dtype, shape and data_offsets");
  ArrayView array;
  array.dtype = type_of(member(entry, "dtype"), where);
  array.shape = counts(member(entry, "shape"), where, "shape");
  array.swapped = kSwapped && size_of(array.dtype) > 1;
  const std::vector<std::size_t> offsets = counts(member(entry, "data_offsets"), where, "data_offsets");
  if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > data.size())
    refuse(where, "offsets outside the file", fmt::format("two, up to {}", data.size()));
  const std::size_t needed = bytes_needed(array.dtype, array.shape, where);
  if (offsets[1] - offsets[0] != needed)
    refuse(where, fmt::format("{} bytes", offsets[1] - offsets[0]),
           fmt::format("{} for {} of {}", needed, text_of_shape(array.shape), name_of(array.dtype)));
  array.bytes = data.subspan(offsets[0], needed);
  return array;
}

Metadata parse_metadata(const Json& object, std::string_view where) {
  Metadata metadata;
  if (!object.is_object()) refuse(where, "broken metadata", "texts by name");
  for (const auto& [key, value] : object.items()) {
    if (!value.is_string())
      refuse(where, "metadata " + in_quotes(key) + " that is not a text", "texts by name");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

// In the order of their bytes, which must lie one after another from the first to the last.
void check_layout(NamedArrays& arrays, ByteSpan data, std::string_view where) {
  std::stable_sort(arrays.begin(), arrays.end(), [](const auto& a, const auto& b) {
    return std::pair(a.second.bytes.data(), a.second.bytes.size()) <
           std::pair(b.second.bytes.data(), b.second.bytes.size());
  });
  const std::uint8_t* at = data.data();
  for (const auto& [name, array] : arrays) {
    if (array.bytes.data() != at)
      refuse(where, "a hole or an overlap before " + in_quotes(name), "arrays end to end");
    at += array.bytes.size();
  }
  if (at != data.data() + data.size())
    refuse(where, fmt::format("{} bytes that belong to no array", data.data() + data.size() - at), "none");
}

constexpr std::string_view kSum = "xxh64", kSumOf = "xxh64_of",
                           kRule = "this whole file, with the sixteen digits of xxh64 as zeros";
constexpr std::size_t kDigits = 16;

// Where the sum's digits begin in a header as write_safetensors writes it: quotes inside of texts are escaped
// there, so that this is nowhere else. npos where there is none.
std::size_t place_of_sum(std::string_view header) {
  const std::string key = fmt::format("\"{}\":\"", kSum);
  const std::size_t found = header.find(key);
  return found == std::string_view::npos || found + key.size() + kDigits > header.size()
             ? std::string_view::npos
             : found + key.size();
}

// `header` with its length before it and zeros for the sum.
std::string sum_of(std::string_view header, std::size_t place, const auto& pieces) {
  Hash64 hash;
  hash.update(header.substr(0, place)), hash.update(std::string(kDigits, '0'));
  hash.update(header.substr(place + kDigits));
  for (const ByteSpan piece : pieces) hash.update(piece.data(), piece.size());
  return hash.text();
}

// Compares, and takes the sum out of the metadata.
bool check_sum(Metadata& metadata, std::string_view start, ByteSpan data, std::string_view where) {
  const auto sum = metadata.find(std::string(kSum)), rule = metadata.find(std::string(kSumOf));
  if (sum == metadata.end() && rule == metadata.end()) return false;
  const auto damaged = [&](std::string got, std::string wanted) {
    throw RequestError(Complaint{std::string(where), std::move(got), std::move(wanted),
                                 "the file was damaged or changed since it was written; restore it"});
  };
  const std::size_t place = place_of_sum(start);
  if (sum == metadata.end() || rule == metadata.end() || rule->second != kRule ||
      place == std::string_view::npos)
    damaged("a broken sum of its bytes", "the one that it was written with");
  const std::string found = sum_of(start, place, std::initializer_list<ByteSpan>{data});
  if (found != sum->second) damaged("bytes of the sum " + found, in_quotes(sum->second) + ", as written");
  metadata.erase(sum), metadata.erase(rule);
  return true;
}

// A header nests four deep; a hostile one a million times, which costs some hundred bytes a level.
bool is_deep(ByteSpan text) {
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t c = text[i];
    if (quoted && c == '\\') ++i;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth > 0) --depth;
    if (depth > 8) return true;
  }
  return false;
}

Json parse_header(ByteSpan text, std::string_view where) {
  if (is_deep(text)) refuse(where, "a header of many levels", "a safetensors file");
  Json header = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!header.is_object()) refuse(where, "a header that is not a JSON object", "a safetensors file");
  return header;
}

// In the order of the arrays.
std::string header_of(const NamedArrays& arrays, const Metadata& metadata) {
  std::string header = "{\"__metadata__\":" + Json(metadata).dump();
  std::size_t offset = 0;
  for (const auto& [name, array] : arrays) {
    const std::size_t end = offset + array.bytes.size();
    header += fmt::format(R"(,{}:{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", Json(name).dump(),
                          code_of(array.dtype), Json(array.shape).dump(), offset, end);
    offset = end;
  }
  return header + "}";
}

}  // namespace

const ArrayView* Safetensors::find(std::string_view name) const {
  const auto found = places.find(std::string(name));
  return found == places.end() ? nullptr : &arrays[found->second].second;
}

const ArrayView& Safetensors::get(std::string_view name, Dtype dtype,
                                  std::span<const std::size_t> shape) const {
  const ArrayView* array = find(name);
  const std::string place = fmt::format("{}: {}", where, in_quotes(name));
  const std::string wanted = fmt::format("{} of {}", text_of_shape(shape), name_of(dtype));
  if (array == nullptr) refuse(place, "no such array", wanted);
  if (array->dtype != dtype || !std::ranges::equal(array->shape, shape))
    refuse(place, fmt::format("{} of {}", text_of_shape(array->shape), name_of(array->dtype)), wanted);
  return *array;
}

const std::string& Safetensors::text(std::string_view key) const {
  const auto found = metadata.find(std::string(key));
  if (found == metadata.end()) refuse(where, "no metadata " + in_quotes(key), "one");
  return found->second;
}

Safetensors parse_safetensors(ByteSpan bytes, std::string_view where) {
  Cursor cursor(bytes, where);
  const auto length = cursor.little<std::uint64_t>("safetensors header length");
  if (length > std::min(cursor.left(), kLongestHeader))
    refuse(where, fmt::format("a header of {} bytes in {}", length, bytes.size()),
           "a safetensors file, whole");
  const Json header = parse_header(cursor.take(static_cast<std::size_t>(length), "header"), where);
  const ByteSpan data = cursor.take(cursor.left(), "elements");
  Safetensors file;
  file.where = where;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__")
      file.metadata = parse_metadata(entry, where);
    else
      file.arrays.emplace_back(name,
                               parse_tensor(entry, data, fmt::format("{}: {}", where, in_quotes(name))));
  }
  check_layout(file.arrays, data, where);
  for (std::size_t i = 0; i < file.arrays.size(); ++i) file.places.emplace(file.arrays[i].first, i);
  file.summed = check_sum(file.metadata, text_of(bytes.first(bytes.size() - data.size())), data, where);
  return file;
}

Safetensors read_safetensors(const std::string& path) {
  Bytes bytes = read_file(path);
  Safetensors file = parse_safetensors(bytes, path);
  file.bytes = std::move(bytes);  // keeps its place in memory, so the arrays stay valid
  return file;
}

void write_safetensors(const std::string& path, const NamedArrays& arrays, const Metadata& metadata) {
  Metadata summed = metadata;
  summed[std::string(kSum)] = std::string(kDigits, '0'), summed[std::string(kSumOf)] = kRule;
  std::string header = header_of(arrays, summed);
  header.append((8 - header.size() % 8) % 8, ' ');
  if (header.size() > kLongestHeader)
    refuse(path,
           fmt::format("{} arrays whose names, shapes and texts take {} bytes", arrays.size(), header.size()),
           fmt::format("at most {}", kLongestHeader));
  std::string start;
  for (std::size_t i = 0; i < 8; ++i) start += static_cast<char>(header.size() >> 8 * i & 255);
  start += header;
  std::vector<ByteSpan> pieces;
  for (const auto& [name, array] : arrays) pieces.push_back(array.bytes);
  const std::size_t place = place_of_sum(start);
  start.replace(place, kDigits, sum_of(start, place, pieces));
  AtomicFile file(path);
  file.write(start);
  for (const auto& [name, array] : arrays) file.write(array.bytes);
  file.commit();
}

}  // namespace pushforward::io

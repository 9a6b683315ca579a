// SPDX-License-Identifier: Apache-2.0
// safetensors: a header checked field by field, then borrowed bytes.
#include "io/safetensors.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "io/atomic_file.hpp"

namespace pushforward::io {
namespace {

using Json = nlohmann::ordered_json;

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

Json parse_header(ByteSpan text, std::string_view where) {
  Json header = Json::parse(text.begin(), text.end(), nullptr, false);
  if (!header.is_object()) refuse(where, "a header that is not a JSON object", "a safetensors file");
  return header;
}

Json header_of(const NamedArrays& arrays, const Metadata& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const auto& [name, array] : arrays) {
    const std::size_t end = offset + array.bytes.size();
    header[name] = {{"dtype", code_of(array.dtype)}, {"shape", array.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  return header;
}

}  // namespace

const ArrayView* Safetensors::find(std::string_view name) const {
  const auto found =
      std::find_if(arrays.begin(), arrays.end(), [&](const auto& a) { return a.first == name; });
  return found == arrays.end() ? nullptr : &found->second;
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
  return file;
}

Safetensors read_safetensors(const std::string& path) {
  Bytes bytes = read_file(path);
  Safetensors file = parse_safetensors(bytes, path);
  file.bytes = std::move(bytes);  // keeps its place in memory, so the arrays stay valid
  return file;
}

void write_safetensors(const std::string& path, const NamedArrays& arrays, const Metadata& metadata) {
  std::string header = header_of(arrays, metadata).dump();
  header.append((8 - header.size() % 8) % 8, ' ');
  std::string length;
  for (std::size_t i = 0; i < 8; ++i) length += static_cast<char>(header.size() >> 8 * i & 255);
  AtomicFile file(path);
  file.write(length + header);
  for (const auto& [name, array] : arrays) file.write(array.bytes);
  file.commit();
}

}  // namespace pushforward::io

// SPDX-License-Identifier: Apache-2.0
// ZIP's central directory, read and written; the arrays inside are npy.cpp's.
#include "io/npz.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/atomic_file.hpp"
#include "io/deflate.hpp"
#include "io/npy.hpp"

namespace pushforward::io {
namespace {

constexpr std::uint32_t kLocal = 0x04034b50, kEntry = 0x02014b50, kEnd = 0x06054b50, kEnd64 = 0x06064b50,
                        kLocator64 = 0x07064b50;
constexpr std::size_t kEndSize = 22, kLocatorSize = 20;
constexpr std::uint16_t kStored = 0, kDeflated = 8;
constexpr std::uint32_t kIn64 = 0xFFFFFFFF;

[[noreturn]] void refuse(std::string_view where, std::string got, std::string wanted) {
  throw RequestError(Complaint{std::string(where), std::move(got), std::move(wanted)});
}

ByteSpan from(ByteSpan bytes, std::uint64_t offset, std::string_view where) {
  if (offset > bytes.size())
    refuse(where, fmt::format("an offset of {} in {} bytes", offset, bytes.size()), "a ZIP archive, whole");
  return bytes.subspan(static_cast<std::size_t>(offset));
}

struct Directory {
  std::uint64_t entries = 0, offset = 0;
};

// The end record stands last, before a comment of at most 65535 bytes.
std::size_t find_end(ByteSpan bytes, std::string_view where) {
  if (bytes.size() >= kEndSize) {
    const std::size_t last = bytes.size() - kEndSize;
    for (std::size_t back = 0; back <= std::min<std::size_t>(last, 65535); ++back)
      if (Cursor(bytes.subspan(last - back), where).little<std::uint32_t>("end") == kEnd) return last - back;
  }
  refuse(where, "no ZIP directory at its end", "an NPZ file (a ZIP archive of NPY files), whole");
}

Directory parse_end64(ByteSpan bytes, std::size_t end, std::string_view where) {
  if (end < kLocatorSize) refuse(where, "no 64-bit directory", "a ZIP archive, whole");
  Cursor locator(bytes.subspan(end - kLocatorSize), where);
  if (locator.little<std::uint32_t>("ZIP64 locator") != kLocator64)
    refuse(where, "no 64-bit directory", "a ZIP archive, whole");
  locator.take(4, "ZIP64 locator");
  Cursor record(from(bytes, locator.little<std::uint64_t>("ZIP64 locator"), where), where);
  if (record.little<std::uint32_t>("ZIP64 end") != kEnd64)
    refuse(where, "no 64-bit directory", "a ZIP archive, whole");
  record.take(28, "ZIP64 end");
  Directory directory;
  directory.entries = record.little<std::uint64_t>("ZIP64 end");
  record.take(8, "ZIP64 end");
  directory.offset = record.little<std::uint64_t>("ZIP64 end");
  return directory;
}

Directory parse_end(ByteSpan bytes, std::string_view where) {
  const std::size_t end = find_end(bytes, where);
  Cursor cursor(bytes.subspan(end + 4), where);
  if (cursor.little<std::uint32_t>("ZIP end") != 0) refuse(where, "a part of a split archive", "a whole one");
  cursor.take(2, "ZIP end");
  Directory directory;
  directory.entries = cursor.little<std::uint16_t>("ZIP end");
  cursor.take(4, "ZIP end");
  directory.offset = cursor.little<std::uint32_t>("ZIP end");
  if (directory.entries == 0xFFFF || directory.offset == kIn64) return parse_end64(bytes, end, where);
  return directory;
}

// Replaces the fields that stand in the 64-bit extra field, in the order that ZIP fixes.
void read_extra64(ByteSpan extra, std::initializer_list<std::uint64_t*> fields, std::string_view where) {
  Cursor cursor(extra, where);
  while (cursor.left() >= 4) {
    const auto id = cursor.little<std::uint16_t>("extra field");
    const auto length = cursor.little<std::uint16_t>("extra field");
    Cursor inside(cursor.take(length, "extra field"), where);
    if (id != 1) continue;
    for (std::uint64_t* field : fields)
      if (*field == kIn64) *field = inside.little<std::uint64_t>("64-bit size");
    return;
  }
}

ByteSpan packed_bytes(ByteSpan archive, std::uint64_t offset, std::uint64_t size, std::string_view where) {
  Cursor local(from(archive, offset, where), where);
  if (local.little<std::uint32_t>("member header") != kLocal)
    refuse(where, fmt::format("no member at byte {}", offset), "one, as the directory says");
  local.take(22, "member header");
  const std::size_t name = local.little<std::uint16_t>("member header");
  const std::size_t extra = local.little<std::uint16_t>("member header");
  local.take(name + extra, "member header");
  if (size > local.left())
    refuse(where, fmt::format("a member of {} bytes in {}", size, local.left()), "a whole file");
  return local.take(static_cast<std::size_t>(size), "member");
}

ZipMember parse_entry(Cursor& cursor, ByteSpan archive, std::string_view where) {
  if (cursor.little<std::uint32_t>("directory") != kEntry)
    refuse(where, "a broken ZIP directory", "a ZIP archive, whole");
  cursor.take(4, "directory");
  const auto flags = cursor.little<std::uint16_t>("directory");
  const auto method = cursor.little<std::uint16_t>("directory");
  cursor.take(4, "directory");
  ZipMember member;
  member.crc = cursor.little<std::uint32_t>("directory");
  std::uint64_t packed = cursor.little<std::uint32_t>("directory");
  std::uint64_t size = cursor.little<std::uint32_t>("directory");
  const std::size_t name = cursor.little<std::uint16_t>("directory");
  const std::size_t extra = cursor.little<std::uint16_t>("directory");
  const std::size_t comment = cursor.little<std::uint16_t>("directory");
  cursor.take(8, "directory");
  std::uint64_t offset = cursor.little<std::uint32_t>("directory");
  member.name = text_of(cursor.take(name, "member name"));
  read_extra64(cursor.take(extra, "extra field"), {&size, &packed, &offset}, where);
  cursor.take(comment, "comment");
  if ((flags & 1) != 0) refuse(where, "an encrypted member " + in_quotes(member.name), "a plain one");
  if (method != kStored && method != kDeflated)
    refuse(where, fmt::format("a member {} packed by method {}", in_quotes(member.name), method),
           "stored or deflated");
  member.deflated = method == kDeflated;
  member.size = static_cast<std::size_t>(size);
  member.packed = packed_bytes(archive, offset, packed, where);
  return member;
}

std::string key_of(const ZipMember& member) {
  return member.name.ends_with(".npy") ? member.name.substr(0, member.name.size() - 4) : member.name;
}

const ZipMember& find_member(const std::vector<ZipMember>& members, std::string_view key,
                             std::string_view where) {
  if (key.empty() && members.size() == 1) return members[0];
  std::vector<std::string> keys;
  for (const ZipMember& member : members) {
    if (key_of(member) == key) return member;
    keys.push_back(key_of(member));
  }
  if (key.empty())
    throw RequestError(Complaint{std::string(where), fmt::format("{} arrays", keys.size()), "FILE.npz:KEY",
                                 fmt::format("the keys are {}", fmt::join(keys, ", "))});
  throw unknown_word(std::string(where), key, keys);
}

class ZipWriter {
 public:
  explicit ZipWriter(const std::string& path) : path_(path), file_(path) {}

  void add(const std::string& name, ByteSpan contents, bool deflated) {
    Bytes packed = deflated ? deflate_raw(contents) : Bytes(contents.begin(), contents.end());
    const std::string facts = little(deflated ? kDeflated : kStored, 2) + little(0, 2) +
                              little(kFirstDay, 2) + little(crc_32(contents), 4) + size(packed.size()) +
                              size(contents.size()) + little(name.size(), 2);
    directory_ += little(kEntry, 4) + little(20, 2) + little(20, 2) + little(0, 2) + facts +
                  little(0, 2 + 2) + little(0, 2 + 2 + 4) + size(offset_) + name;
    put(little(kLocal, 4) + little(20, 2) + little(0, 2) + facts + little(0, 2) + name);
    put(text_of(packed));
    ++members_;
  }
  void finish() {
    const std::string at = size(offset_), length = size(directory_.size());
    put(directory_);
    put(little(kEnd, 4) + little(0, 4) + little(members_, 2) + little(members_, 2) + length + at +
        little(0, 2));
    file_.commit();
  }

 private:
  static constexpr std::uint16_t kFirstDay = 1 << 5 | 1;  // 1 January 1980

  static std::string little(std::uint64_t value, std::size_t bytes) {
    std::string out;
    for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>(value >> 8 * i & 255);
    return out;
  }
  std::string size(std::size_t value) const {
    if (value >= kIn64)
      throw WorkError(
          Complaint{path_, fmt::format("{} bytes", value), "an archive under 4 GiB", "write .npy files"});
    return little(value, 4);
  }
  void put(std::string_view text) {
    file_.write(text);
    offset_ += text.size();
  }

  std::string path_, directory_{};
  AtomicFile file_;
  std::size_t offset_ = 0;
  std::uint16_t members_ = 0;
};

}  // namespace

std::vector<ZipMember> parse_zip(ByteSpan bytes, std::string_view where) {
  const Directory directory = parse_end(bytes, where);
  Cursor cursor(from(bytes, directory.offset, where), where);
  std::vector<ZipMember> members;
  for (std::uint64_t i = 0; i < directory.entries; ++i) members.push_back(parse_entry(cursor, bytes, where));
  return members;
}

Bytes unpack(const ZipMember& member, std::string_view where) {
  Bytes bytes = member.deflated ? inflate_raw(member.packed, member.size, where)
                                : Bytes(member.packed.begin(), member.packed.end());
  if (bytes.size() != member.size || crc_32(bytes) != member.crc)
    refuse(where, "a member " + in_quotes(member.name) + " whose checksum is wrong", "an undamaged file");
  return bytes;
}

std::vector<std::string> npz_keys(ByteSpan bytes, std::string_view where) {
  std::vector<std::string> keys;
  for (const ZipMember& member : parse_zip(bytes, where)) keys.push_back(key_of(member));
  return keys;
}

ArrayFile parse_npz(ByteSpan archive, std::string_view key, std::string_view where) {
  const std::vector<ZipMember> members = parse_zip(archive, where);
  const ZipMember& member = find_member(members, key, where);
  ArrayFile file{unpack(member, where)};
  file.array = parse_npy(file.bytes, fmt::format("{}:{}", where, key_of(member)));
  return file;
}

Bytes npz_member(ByteSpan archive, std::string_view key, std::string_view where) {
  return unpack(find_member(parse_zip(archive, where), key, where), where);
}

ArrayFile read_npz(const std::string& path, std::string_view key) {
  return parse_npz(read_file(path), key, path);
}

void write_npz(const std::string& path, const std::vector<std::pair<std::string, ArrayView>>& arrays,
               bool deflated) {
  ZipWriter zip(path);
  for (const auto& [name, array] : arrays) {
    const std::string header = npy_header(array);
    Bytes contents(header.begin(), header.end());
    contents.insert(contents.end(), array.bytes.begin(), array.bytes.end());
    zip.add(name + ".npy", contents, deflated);
  }
  zip.finish();
}

}  // namespace pushforward::io

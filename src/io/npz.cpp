// SPDX-License-Identifier: Apache-2.0
// The archive is libzip's, the arrays inside are npy.cpp's.
#include "io/npz.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zip.h>

#include "io/atomic_file.hpp"
#include "io/npy.hpp"

namespace pushforward::io {
namespace {

constexpr int kLevel = 6;  // of deflate: zlib's own default, where libzip's is the slowest

class Failure {
 public:
  Failure() { zip_error_init(&error_); }
  Failure(const Failure&) = delete;
  Failure& operator=(const Failure&) = delete;
  ~Failure() { zip_error_fini(&error_); }
  zip_error_t* operator&() { return &error_; }
  std::string text() { return zip_error_strerror(&error_); }

 private:
  zip_error_t error_{};
};

struct Close {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_file_t* member) const { zip_fclose(member); }
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Archive = std::unique_ptr<zip_t, Close>;
using Member = std::unique_ptr<zip_file_t, Close>;
using Source = std::unique_ptr<zip_source_t, Close>;

Source taken(zip_source_t* source) {
  if (source == nullptr) throw std::bad_alloc();
  return Source(source);
}

[[noreturn]] void refuse(std::string_view where, std::string got, std::string wanted) {
  throw RequestError(Complaint{std::string(where), std::move(got), std::move(wanted)});
}

// ---- reading ----

Archive open_archive(ByteSpan bytes, std::string_view where) {
  Failure failure;
  Source source = taken(zip_source_buffer_create(bytes.data(), bytes.size(), 0, &failure));
  Archive archive(zip_open_from_source(source.get(), ZIP_RDONLY, &failure));
  if (!archive) refuse(where, failure.text(), "an NPZ file (a ZIP archive of NPY files), whole");
  (void)source.release();  // the archive's from now on
  return archive;
}

std::vector<std::string> keys_of(zip_t* archive) {
  std::vector<std::string> keys;
  const zip_int64_t members = zip_get_num_entries(archive, 0);
  for (zip_int64_t i = 0; i < members; ++i) {
    const char* name = zip_get_name(archive, static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
    keys.emplace_back(name == nullptr ? "" : name);
    if (keys.back().ends_with(".npy")) keys.back().resize(keys.back().size() - 4);
  }
  return keys;
}

std::size_t find_member(const std::vector<std::string>& keys, std::string_view key, std::string_view where) {
  if (key.empty() && keys.size() == 1) return 0;
  const auto found = std::ranges::find(keys, key);
  if (found != keys.end()) return static_cast<std::size_t>(found - keys.begin());
  if (key.empty())
    throw RequestError(Complaint{std::string(where), fmt::format("{} arrays", keys.size()), "FILE.npz:KEY",
                                 fmt::format("the keys are {}", fmt::join(keys, ", "))});
  throw unknown_word(std::string(where), key, keys);
}

// What the directory says of a member's size, where its bytes in the archive (there are `present` in all) can
// hold so much.
std::size_t size_of_member(zip_t* archive, std::size_t present, std::size_t index, const std::string& name,
                           std::string_view where) {
  zip_stat_t facts;
  if (zip_stat_index(archive, index, 0, &facts) != 0)
    refuse(where, zip_strerror(archive), "a ZIP archive, whole");
  if (facts.encryption_method != ZIP_EM_NONE) refuse(where, "an encrypted member " + name, "a plain one");
  const std::size_t packed = std::min<std::size_t>(facts.comp_size, present);
  const std::size_t most = facts.comp_method == ZIP_CM_STORE ? packed : most_inflated(packed);
  if (facts.size > most)
    throw RequestError(Complaint{std::string(where),
                                 fmt::format("{} bytes said to hold {}", packed, facts.size),
                                 "a size that compressed bytes can have", "the file is damaged"});
  return static_cast<std::size_t>(facts.size);
}

Bytes unpack(zip_t* archive, std::size_t present, std::size_t index, const std::string& key,
             std::string_view where) {
  const std::string name = in_quotes(key);
  Bytes bytes(size_of_member(archive, present, index, name, where));
  const Member member(zip_fopen_index(archive, index, 0));
  if (!member)
    refuse(where, fmt::format("a member {}: {}", name, zip_strerror(archive)), "an undamaged file");
  std::size_t have = 0;
  std::uint8_t more = 0;  // libzip compares the checksum where the end is read
  zip_int64_t got = 0;
  while (have < bytes.size() && (got = zip_fread(member.get(), bytes.data() + have, bytes.size() - have)) > 0)
    have += static_cast<std::size_t>(got);
  if (got >= 0) got = zip_fread(member.get(), &more, 1);
  if (got < 0)
    refuse(where, fmt::format("a member {}: {}", name, zip_file_strerror(member.get())), "an undamaged file");
  if (have < bytes.size() || got > 0)
    refuse(where, fmt::format("a member {} of another size than its directory says", name),
           "an undamaged file");
  return bytes;
}

// ---- writing ----

// Arrays with their headers; what they borrow must live until `write`.
class ArchiveWriter {
 public:
  ArchiveWriter()
      : target_(taken(zip_source_buffer_create(nullptr, 0, 0, nullptr))),
        archive_(zip_open_from_source(target_.get(), ZIP_TRUNCATE, nullptr)) {
    if (!archive_) throw std::bad_alloc();
    zip_source_keep(target_.get());  // the archive frees it when it closes; it is read afterwards
  }

  void add(const std::string& name, ByteSpan header, ByteSpan contents, bool deflated) {
    std::array<zip_buffer_fragment_t, 2> pieces = {fragment(header), fragment(contents)};
    Source source = taken(zip_source_buffer_fragment(archive_.get(), pieces.data(), pieces.size(), 0));
    const zip_int64_t at = zip_file_add(archive_.get(), name.c_str(), source.get(), ZIP_FL_ENC_UTF_8);
    if (at < 0) fail(name);
    (void)source.release();
    const auto index = static_cast<zip_uint64_t>(at);
    if (zip_set_file_compression(archive_.get(), index, deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE, kLevel) !=
            0 ||
        zip_file_set_dostime(archive_.get(), index, 0, kFirstDay, 0) != 0)
      fail(name);
  }

  void write(const std::string& path) {
    if (zip_close(archive_.get()) != 0) fail(path);
    (void)archive_.release();
    AtomicFile file(path);
    Bytes piece(1 << 20);
    if (zip_source_open(target_.get()) != 0) fail_source(path);
    for (;;) {
      const zip_int64_t got = zip_source_read(target_.get(), piece.data(), piece.size());
      if (got < 0) fail_source(path);
      if (got == 0) break;
      file.write(ByteSpan(piece).first(static_cast<std::size_t>(got)));
    }
    zip_source_close(target_.get());
    file.commit();
  }

 private:
  static constexpr zip_uint16_t kFirstDay = 1 << 5 | 1;  // 1 January 1980

  static zip_buffer_fragment_t fragment(ByteSpan bytes) {
    return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw WorkError(Complaint{what, zip_strerror(archive_.get()), "an archive that can be written"});
  }
  [[noreturn]] void fail_source(const std::string& what) const {
    throw WorkError(Complaint{what, zip_error_strerror(zip_source_error(target_.get())),
                              "an archive that can be written"});
  }

  Source target_;
  Archive archive_;
};

}  // namespace

std::vector<std::string> npz_keys(ByteSpan bytes, std::string_view where) {
  return keys_of(open_archive(bytes, where).get());
}

Bytes npz_member(ByteSpan bytes, std::string_view key, std::string_view where) {
  const Archive archive = open_archive(bytes, where);
  const std::vector<std::string> keys = keys_of(archive.get());
  const std::size_t index = find_member(keys, key, where);
  return unpack(archive.get(), bytes.size(), index, keys[index], where);
}

ArrayFile parse_npz(ByteSpan archive, std::string_view key, std::string_view where) {
  ArrayFile file{npz_member(archive, key, where)};
  file.array = parse_npy(file.bytes, key.empty() ? std::string(where) : fmt::format("{}:{}", where, key));
  return file;
}

ArrayFile read_npz(const std::string& path, std::string_view key) {
  return parse_npz(read_file(path), key, path);
}

void write_npz(const std::string& path, const std::vector<std::pair<std::string, ArrayView>>& arrays,
               bool deflated) {
  std::vector<std::string> headers;
  headers.reserve(arrays.size());  // the writer borrows them
  ArchiveWriter archive;
  for (const auto& [name, array] : arrays) {
    headers.push_back(npy_header(array));
    archive.add(name + ".npy", bytes_of(headers.back()), array.bytes, deflated);
  }
  archive.write(path);
}

}  // namespace pushforward::io

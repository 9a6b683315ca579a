// SPDX-License-Identifier: Apache-2.0
// zlib's streams, owned and bounded.
#include "io/deflate.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <zlib.h>

namespace pushforward::io {
namespace {

constexpr int kRaw = -MAX_WBITS, kGzip = MAX_WBITS + 16;
constexpr std::size_t kMostAtOnce = 1u << 30;  // zlib counts in 32 bits

std::uint32_t piece(std::size_t left) { return static_cast<std::uint32_t>(std::min(left, kMostAtOnce)); }

class Inflater {
 public:
  Inflater(ByteSpan input, int format, std::string_view where) : input_(input), where_(where) {
    if (inflateInit2(&stream_, format) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  // Fills `out`; returns how much of it there was.
  std::size_t fill(std::span<std::uint8_t> out) {
    std::size_t made = 0;
    while (made < out.size() && !ended_) {
      if (stream_.avail_in == 0) refill();
      stream_.next_out = out.data() + made;
      stream_.avail_out = piece(out.size() - made);
      const std::uint32_t room = stream_.avail_out;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      made += room - stream_.avail_out;
      if (status == Z_STREAM_END)
        next_member();
      else if (status != Z_OK)
        refuse(status == Z_BUF_ERROR ? "the end of the compressed bytes" : "broken compressed bytes");
    }
    return made;
  }
  bool ended() const { return ended_; }

 private:
  void refill() {
    stream_.next_in = const_cast<std::uint8_t*>(input_.data() + used_);
    stream_.avail_in = piece(input_.size() - used_);
    used_ += stream_.avail_in;
  }
  // gzip files may be put one after another; what follows a raw stream is not its business.
  void next_member() {
    const std::size_t left = stream_.avail_in + (input_.size() - used_);
    ended_ = !is_gzip(input_.last(left)) || inflateReset(&stream_) != Z_OK;
  }
  [[noreturn]] void refuse(std::string_view got) const {
    throw RequestError(Complaint{std::string(where_), std::string(got), "a complete deflated stream",
                                 "the file is truncated or damaged"});
  }

  ByteSpan input_;
  std::string_view where_;
  z_stream stream_{};
  std::size_t used_ = 0;
  bool ended_ = false;
};

}  // namespace

bool is_gzip(ByteSpan bytes) { return bytes.size() >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B; }

Bytes gunzip(ByteSpan bytes, std::size_t most, std::string_view where) {
  constexpr std::size_t kFirst = 1 << 16;
  most = std::min(most, most_inflated(bytes.size()));
  Inflater inflater(bytes, kGzip, where);
  Bytes out;
  std::size_t made = 0;
  while (made == out.size() && made < most && !inflater.ended()) {
    out.resize(std::min(most, std::max(kFirst, 2 * made)));
    made += inflater.fill(std::span(out).subspan(made));
  }
  out.resize(made);
  return out;
}

Bytes inflate_raw(ByteSpan bytes, std::size_t size, std::string_view where) {
  if (size > most_inflated(bytes.size()))
    throw RequestError(Complaint{std::string(where),
                                 fmt::format("{} bytes said to hold {}", bytes.size(), size),
                                 "a size that deflated bytes can have", "the file is damaged"});
  Inflater inflater(bytes, kRaw, where);
  Bytes out(size + 1);
  const std::size_t made = inflater.fill(out);
  if (made != size)
    throw RequestError(Complaint{std::string(where),
                                 fmt::format("{} inflated bytes{}", made, made > size ? " or more" : ""),
                                 fmt::format("{}", size), "the file is damaged"});
  out.resize(size);
  return out;
}

Bytes deflate_raw(ByteSpan bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRaw, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::bad_alloc();
  Bytes out(deflateBound(&stream, static_cast<uLong>(bytes.size())));
  std::size_t used = 0, made = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_in = const_cast<std::uint8_t*>(bytes.data() + used);
    stream.avail_in = piece(bytes.size() - used);
    stream.next_out = out.data() + made;
    stream.avail_out = piece(out.size() - made);
    const std::uint32_t in = stream.avail_in, room = stream.avail_out;
    status = deflate(&stream, used + in == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    used += in - stream.avail_in, made += room - stream.avail_out;
  }
  deflateEnd(&stream);
  out.resize(made);
  return out;
}

std::uint32_t crc_32(ByteSpan bytes) {
  return static_cast<std::uint32_t>(crc32_z(crc32_z(0, nullptr, 0), bytes.data(), bytes.size()));
}

}  // namespace pushforward::io

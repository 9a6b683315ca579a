// SPDX-License-Identifier: Apache-2.0
// zlib's stream, owned and bounded.
#include "io/deflate.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <zlib.h>

namespace pushforward::io {
namespace {

constexpr int kGzip = MAX_WBITS + 16;
constexpr std::size_t kMostAtOnce = 1u << 30;  // zlib counts in 32 bits

std::uint32_t piece(std::size_t left) { return static_cast<std::uint32_t>(std::min(left, kMostAtOnce)); }

class Inflater {
 public:
  Inflater(ByteSpan input, std::string_view where) : input_(input), where_(where) {
    if (inflateInit2(&stream_, kGzip) != Z_OK) throw std::bad_alloc();
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
  // Gzip files may be put one after another; what else follows is not looked at.
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
  Inflater inflater(bytes, where);
  Bytes out;
  std::size_t made = 0;
  while (made == out.size() && made < most && !inflater.ended()) {
    out.resize(std::min(most, std::max(kFirst, 2 * made)));
    made += inflater.fill(std::span(out).subspan(made));
  }
  out.resize(made);
  return out;
}

}  // namespace pushforward::io

// SPDX-License-Identifier: Apache-2.0
//
// The batch gather: rows chosen by index become a float32 batch. It runs once a training step.
//
// Bytes are widened and multiplied by the scale in vector registers; a table of 256 floats, one load an
// element, was five times slower. float32 rows that are not scaled are copied. A batch of 128 digits takes
// some 10 µs on one thread, less than waking the others would cost, so threads share only batches of a
// million elements and more.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "data/gather.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pushforward/data.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward::data::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// out_i = bytes_i · scale.
void ScaleBytes(const std::uint8_t* bytes, std::size_t count, float scale, float* out) {
  const hn::ScalableTag<float> floats;
  const hn::Rebind<std::int32_t, decltype(floats)> words;
  const hn::Rebind<std::uint8_t, decltype(floats)> octets;
  const auto factor = hn::Set(floats, scale);
  const std::size_t lanes = hn::Lanes(floats);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto wide = hn::PromoteTo(words, hn::LoadU(octets, bytes + i));
    hn::StoreU(hn::Mul(hn::ConvertTo(floats, wide), factor), floats, out + i);
  }
  for (; i < count; ++i) out[i] = static_cast<float>(bytes[i]) * scale;
}

}  // namespace pushforward::data::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>

#include <fmt/format.h>

#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace data {
namespace {

HWY_EXPORT(ScaleBytes);

void scale_row(const std::uint8_t* row, std::size_t count, double scale, float* out) {
  HWY_DYNAMIC_DISPATCH(ScaleBytes)(row, count, static_cast<float>(scale), out);
}
void scale_row(const float* row, std::size_t count, double scale, float* out) {
  if (scale == 1)
    std::memcpy(out, row, count * sizeof(float));
  else
    std::transform(row, row + count, out, [s = static_cast<float>(scale)](float v) { return v * s; });
}
void scale_row(const double* row, std::size_t count, double scale, float* out) {
  std::transform(row, row + count, out, [scale](double v) { return static_cast<float>(v * scale); });
}

constexpr std::size_t kElementsPerThread = 1 << 19;

template <class T>
void gather_rows(const Matrix<T>& rows, std::span<const std::uint32_t> index, double scale, View<float> out) {
  const std::size_t cols = rows.cols();
  const std::size_t grain = std::max<std::size_t>(1, kElementsPerThread / std::max<std::size_t>(1, cols));
  parallel_for(index.size(), grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) scale_row(rows.row(index[i]), cols, scale, out.row(i));
  });
}

}  // namespace
}  // namespace data

void Dataset::gather(std::span<const std::uint32_t> index, View<float> out) const {
  if (out.rows != index.size() || out.cols != cols())
    throw RequestError(Complaint{"gather", fmt::format("room for {} × {}", out.rows, out.cols),
                                 fmt::format("{} × {}", index.size(), cols())});
  const std::size_t n = rows();
  const auto outside = std::find_if(index.begin(), index.end(), [n](std::uint32_t i) { return i >= n; });
  if (outside != index.end())
    throw RequestError(Complaint{"gather", fmt::format("row {}", *outside), fmt::format("one below {}", n)});
  std::visit([&](const auto& rows) { data::gather_rows(rows, index, scale, out); }, rows_data);
}

Tensor Dataset::floats(std::size_t begin, std::size_t end) const {
  if (begin > end || end > rows())
    throw RequestError(Complaint{"floats", fmt::format("rows {} to {}", begin, end),
                                 fmt::format("rows within 0 to {}", rows())});
  Tensor out;
  out.resize(end - begin, cols());
  std::visit(
      [&](const auto& rows) {
        for (std::size_t i = begin; i < end; ++i)
          data::scale_row(rows.row(i), rows.cols(), scale, out.row(i - begin));
      },
      rows_data);
  return out;
}

}  // namespace pushforward

#endif  // HWY_ONCE

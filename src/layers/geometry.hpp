// SPDX-License-Identifier: Apache-2.0
//
// Windows over images: which pixels a kernel sees, and what layers refuse.
//
// Without a padding as little is padded as makes the result ⌈size/stride⌉ large, the odd zero below and
// right; a number pads alike on both sides.
#pragma once

#include <optional>
#include <string>

#include "ops/convolution.hpp"

namespace pushforward {

/// "4×3".
std::string extent_text(const Extent& extent);

struct Window {
  Extent kernel, stride, dilation;
  std::optional<Extent> padding;

  Extent zeros() const { return padding.value_or(Extent{0, 0}); }
};
/// Of a convolution's options, and of pooling's, whose stride is by default the kernel's size.
inline Window window_of(const auto& o) {
  if constexpr (requires { o.stride.has_value(); })
    return {o.kernel, o.stride.value_or(o.kernel), o.dilation, o.padding};
  else
    return {o.kernel, o.stride, o.dilation, o.padding};
}

/// Window over `image`, with as many channels out as in (the caller sets result.channels and groups).
/// RequestError where the kernel is larger than the (padded) image.
Convolution window_over(const RowShape& image, const Window& window, std::string_view layer);
/// The window whose adjoint makes an image from `result`: an image (result − 1)·stride + 1 + output_padding
/// large without padding (by default the largest, stride times), else (result − 1)·stride − 2·padding + reach
/// + output_padding. `channels` are the image's.
Convolution window_onto(const RowShape& result, const Window& window, std::size_t channels,
                        const std::optional<Extent>& output_padding, std::string_view layer);

/// Rows and columns of that image.
Extent size_onto(const RowShape& result, const Window& window, const Extent& output_padding,
                 std::string_view layer);

/// Refuses a row that is no image.
void check_image(const RowShape& shape, std::string_view layer);

/// Calls at(result pixel, image pixel, tap) for every tap of a window that lies inside the image.
template <class At>
void for_taps(const Convolution& g, const At& at) {
  for (std::size_t p = 0; p < g.result.height; ++p)
    for (std::size_t q = 0; q < g.result.width; ++q)
      for (std::size_t i = 0; i < g.kernel.height; ++i)
        for (std::size_t j = 0; j < g.kernel.width; ++j) {
          const std::size_t row = p * g.stride.height + i * g.dilation.height - g.before.height;
          const std::size_t col = q * g.stride.width + j * g.dilation.width - g.before.width;
          if (row >= g.image.height || col >= g.image.width) continue;  // also where it wrapped below 0
          at(p * g.result.width + q, row * g.image.width + col, i * g.kernel.width + j);
        }
}

}  // namespace pushforward

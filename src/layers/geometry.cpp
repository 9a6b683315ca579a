// SPDX-License-Identifier: Apache-2.0
// Windows over images: sizes of results, zeros at the edges, refusals.
#include "layers/geometry.hpp"

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

// From the first to the last pixel that a kernel reaches.
std::size_t reach(std::size_t kernel, std::size_t dilation) { return (kernel - 1) * dilation + 1; }

struct Line {
  std::size_t result, before;
};

// One axis. The caller checked that the kernel fits.
Line line_over(std::size_t image, std::size_t kernel, std::size_t stride, std::size_t dilation, bool same,
               std::size_t padding) {
  const std::size_t span = reach(kernel, dilation);
  if (!same) return {(image + 2 * padding - span) / stride + 1, padding};
  const std::size_t result = (image + stride - 1) / stride, wanted = (result - 1) * stride + span;
  return {result, wanted > image ? (wanted - image) / 2 : 0};
}

[[noreturn]] void refuse_kernel(const RowShape& image, const Window& w, std::string_view layer) {
  std::string got = fmt::format("a kernel of {}", extent_text(w.kernel));
  if (w.dilation.area() > 1) got += fmt::format(" with dilation {}", extent_text(w.dilation));
  std::string wanted = fmt::format("one no larger than its input, {}", image.text());
  if (w.zeros() != Extent{0, 0}) wanted += fmt::format(", padded by {}", extent_text(w.zeros()));
  throw RequestError(Complaint{std::string(layer), got, wanted});
}

void check_output_padding(const Extent& o, const Window& w, std::string_view layer) {
  if (o.height < w.stride.height && o.width < w.stride.width) return;
  throw RequestError(Complaint{fmt::format("{}:output-padding", layer), extent_text(o),
                               fmt::format("less than the stride, {}", extent_text(w.stride))});
}

std::size_t grown(std::size_t result, std::size_t kernel, std::size_t stride, std::size_t dilation, bool same,
                  std::size_t padding, std::size_t more, std::string_view layer) {
  const std::size_t span = reach(kernel, dilation), full = (result - 1) * stride + span + more;
  if (same) return (result - 1) * stride + 1 + more;
  if (full > 2 * padding) return full - 2 * padding;
  throw RequestError(Complaint{fmt::format("{}:padding", layer), fmt::format("{}", padding),
                               fmt::format("less than half of {}, or nothing is left", full)});
}

}  // namespace

std::string extent_text(const Extent& e) { return fmt::format("{}×{}", e.height, e.width); }

Convolution window_over(const RowShape& image, const Window& w, std::string_view layer) {
  check_image(image, layer);
  const std::size_t tall = reach(w.kernel.height, w.dilation.height);
  const std::size_t wide = reach(w.kernel.width, w.dilation.width);
  if (tall > image.height + 2 * w.zeros().height || wide > image.width + 2 * w.zeros().width)
    refuse_kernel(image, w, layer);
  const Line rows = line_over(image.height, w.kernel.height, w.stride.height, w.dilation.height, !w.padding,
                              w.zeros().height);
  const Line cols =
      line_over(image.width, w.kernel.width, w.stride.width, w.dilation.width, !w.padding, w.zeros().width);
  Convolution g{.image = image, .result = image, .kernel = w.kernel, .stride = w.stride};
  g.dilation = w.dilation, g.before = {rows.before, cols.before};
  g.result.height = rows.result, g.result.width = cols.result;
  return g;
}

Extent size_onto(const RowShape& result, const Window& w, const Extent& more, std::string_view layer) {
  return {grown(result.height, w.kernel.height, w.stride.height, w.dilation.height, !w.padding,
                w.zeros().height, more.height, layer),
          grown(result.width, w.kernel.width, w.stride.width, w.dilation.width, !w.padding, w.zeros().width,
                more.width, layer)};
}

Convolution window_onto(const RowShape& result, const Window& w, std::size_t channels,
                        const std::optional<Extent>& output_padding, std::string_view layer) {
  check_image(result, layer);
  const Extent most{w.stride.height - 1, w.stride.width - 1};
  const Extent more = output_padding.value_or(w.padding ? Extent{0, 0} : most);
  check_output_padding(more, w, layer);
  const Extent size = size_onto(result, w, more, layer);
  RowShape image = result;
  image.height = size.height, image.width = size.width, image.channels = channels;
  Convolution g = window_over(image, w, layer);
  g.result = result;
  return g;
}

void check_image(const RowShape& shape, std::string_view layer) {
  if (shape.image) return;
  throw RequestError(Complaint{std::string(layer), fmt::format("rows of {} numbers", shape.text()),
                               "images, height × width × channels",
                               "put reshape before it, or take images as DATA"});
}

}  // namespace pushforward

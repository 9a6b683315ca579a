// SPDX-License-Identifier: Apache-2.0
#include "data/layout.hpp"

#include <string>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward::data {
namespace {

struct Axis {
  std::size_t length = 1, stride = 0;
};

class Axes {
 public:
  Axes(std::string_view letters, const std::vector<std::size_t>& lengths) : letters_(letters) {
    std::size_t stride = 1;
    axes_.resize(lengths.size());
    for (std::size_t a = lengths.size(); a-- > 0; stride *= lengths[a]) axes_[a] = {lengths[a], stride};
  }
  Axis operator[](char letter) const {
    const std::size_t at = letters_.find(letter);
    return at == std::string_view::npos ? Axis{} : axes_[at];
  }

 private:
  std::string_view letters_;
  std::vector<Axis> axes_;
};

void check_letters(std::string_view letters, std::size_t axes, std::string_view where) {
  std::string sorted(letters);
  std::sort(sorted.begin(), sorted.end());
  const bool known = sorted.find_first_not_of("cdhnw") == std::string::npos;
  const bool once = std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
  const auto has = [&](char letter) { return sorted.find(letter) != std::string::npos; };
  const bool picture = has('h') && has('w') && !has('d'), numbers = has('d') && !has('h') && !has('w');
  if (!known || !once || !(picture || (numbers && !has('c'))))
    throw RequestError(
        Complaint{"--layout", fmt::format("'{}'", letters),
                  "letters for the axes: h and w, with c and n where there are such, or n and d",
                  "for example nchw, nhwc, hwcn, nhw, dn"});
  if (letters.size() != axes)
    throw RequestError(Complaint{std::string(where), fmt::format("{} axes", axes),
                                 fmt::format("{}, as --layout {} says", letters.size(), letters)});
}

}  // namespace

Layout parse_layout(std::string_view letters, const std::vector<std::size_t>& lengths,
                    std::string_view where) {
  check_letters(letters, lengths.size(), where);
  const Axes axes(letters, lengths);
  const bool picture = letters.find('d') == std::string_view::npos;
  const Axis h = axes['h'], w = axes[picture ? 'w' : 'd'], c = axes['c'];
  Layout layout{{h.length, w.length, c.length, picture}, axes['n'].length, axes['n'].stride};
  layout.from.reserve(layout.shape.size());
  for (std::size_t y = 0; y < h.length; ++y)
    for (std::size_t x = 0; x < w.length; ++x)
      for (std::size_t k = 0; k < c.length; ++k)
        layout.from.push_back(y * h.stride + x * w.stride + k * c.stride);
  return layout;
}

}  // namespace pushforward::data

// SPDX-License-Identifier: Apache-2.0
// --noise-distribution.
#include "models/latent_noise.hpp"

#include <fmt/format.h>

#include "pushforward/error.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {

OptionKind<LatentDistribution> latent_kind() {
  return {.read = [](const OptionText& text) -> LatentDistribution {
            const Spec spec = parse_spec(text.text, text.where);
            SpecReader read(spec);
            LatentDistribution out;
            if (find_option_word({spec.name, text.where}, {"normal", "uniform"}) == 1)
              out.uniform = read.positive("", 1);
            read.finish();
            return out;
          },
          .text = [](const LatentDistribution& value, char) -> std::string {
            if (!value.uniform) return "normal";
            return *value.uniform == 1 ? "uniform" : fmt::format("uniform:{}", *value.uniform);
          },
          .check =
              [](const LatentDistribution& value, const std::string& where) {
                if (value.uniform) positive_number().check(*value.uniform, where);
              }};
}

void LatentNoise::fill(View<float> z, const Draw& draw) const {
  const auto a = static_cast<float>(uniform_.value_or(0));
  if (uniform_)
    fill_uniform(z.span(), draw, -a, a);
  else
    fill_normal(z.span(), draw);
}

}  // namespace pushforward

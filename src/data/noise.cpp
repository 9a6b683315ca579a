// SPDX-License-Identifier: Apache-2.0
// The draws go into the result's own memory first: no room is needed besides.
#include "data/noise.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/synonyms.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

struct Word {
  const char* name;
  Noise::Kind kind;
};
constexpr Word kWords[] = {{"gaussian", Noise::Kind::gaussian},
                           {"salt-pepper", Noise::Kind::salt_pepper},
                           {"masking", Noise::Kind::masking}};

Noise::Kind kind_of(const std::string& name, std::string_view where) {
  std::vector<std::string> valid;
  for (const Word& word : kWords) valid.emplace_back(word.name);
  return kWords[find_word(std::string(where), name, valid)].kind;
}

}  // namespace

Noise Noise::parse(std::string_view text, std::string_view where) {
  const Spec spec = parse_spec(text, where);
  const Kind kind = kind_of(spec.name, where);
  SpecReader read(spec);
  if (!read.has(""))
    throw RequestError(Complaint{std::string(where), fmt::format("'{}'", text), "its level, too",
                                 fmt::format("for example {}:0.2", spec.name)});
  const double level = read.number("", 0);
  read.finish();
  if (!(level > 0 && level <= 1))
    throw RequestError(Complaint{
        std::string(where), fmt::format("'{}'", text),
        kind == Kind::gaussian ? "a standard deviation above 0 and up to 1" : "a share above 0 and up to 1"});
  return {kind, level};
}

std::string Noise::text() const {
  for (const Word& word : kWords)
    if (word.kind == kind_) return fmt::format("{}:{}", word.name, level_);
  return {};
}

void Noise::apply(View<const float> clean, View<float> noisy, const Draw& draw) const {
  const auto level = static_cast<float>(level_);
  if (kind_ == Kind::gaussian) {
    fill_normal(noisy.span(), draw, 0, level);
    for (std::size_t i = 0; i < clean.size(); ++i)
      noisy.data[i] = std::clamp(clean.data[i] + noisy.data[i], 0.0f, 1.0f);
    return;
  }
  fill_uniform(noisy.span(), draw);
  const float black = kind_ == Kind::masking ? level : level / 2;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const float u = noisy.data[i];
    noisy.data[i] = u < black ? 0.0f : u < level ? 1.0f : clean.data[i];
  }
}

void Noise::apply_rows(View<const float> clean, View<float> noisy, const Draw& draw,
                       std::size_t first) const {
  for (std::size_t i = 0; i < clean.rows; ++i)
    apply(clean.slice(i, i + 1), noisy.slice(i, i + 1), draw.at(first + i));
}

void check_pairs(const Dataset& clean, const Dataset& noisy) {
  if (clean.rows() == noisy.rows() && clean.cols() == noisy.cols() &&
      (!clean.shape.image || !noisy.shape.image || clean.shape == noisy.shape))
    return;
  throw RequestError(
      Complaint{noisy.name, fmt::format("{} rows of {}", noisy.rows(), noisy.shape.text()),
                fmt::format("{} rows of {}, as {} has", clean.rows(), clean.shape.text(), clean.name),
                "pairs belong together row by row"});
}

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
// Draws of the source; rows of DATA are drawn with replacement.
#include "models/flow_source.hpp"

#include <cmath>
#include <filesystem>
#include <limits>
#include <numbers>

#include <fmt/format.h>

#include "core/synonyms.hpp"
#include "data/digest.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

std::string digest_text(const Dataset& data) { return fmt::format("{:016x}", digest_of(data)); }

// DATA with its file, where it begins with one, named from the root.
std::string from_root(const std::string& argument) {
  std::error_code problem;
  for (std::size_t end = argument.size(); end > 0 && end != std::string::npos;
       end = argument.find_last_of("[@:", end - 1))
    if (std::filesystem::exists(argument.substr(0, end), problem))
      return std::filesystem::absolute(argument.substr(0, end), problem).string() + argument.substr(end);
  return argument;
}

// Which noise it names; nothing for data.
std::optional<std::size_t> noise_named(std::string_view source) {
  static const std::vector<std::string> words = {"normal", "uniform"};
  return place_of_word(source.substr(0, source.find(':')), words);
}

}  // namespace

bool starts_from_data(const std::string& source) { return !noise_named(source); }

FlowSource::FlowSource(const FlowOptions& options, std::size_t features)
    : features_(features),
      argument_(options.source),
      digest_(options.source_digest),
      seed_(options.training.seed + 1) {
  if (starts_from_data(argument_)) return;
  const Spec spec = parse_spec(argument_, "--source");
  SpecReader read(spec);
  kind_ = *noise_named(argument_) == 0 ? Kind::normal : Kind::uniform;
  if (kind_ == Kind::uniform) half_width_ = read.positive("", 1);
  read.finish();
}

const Dataset& FlowSource::data() {
  if (data_) return *data_;
  Dataset loaded = load_data(argument_, {.seed = seed_});
  if (const std::string found = digest_text(loaded); !digest_.empty() && found != digest_)
    throw RequestError(Complaint{"--source " + argument_, fmt::format("other values (digest {})", found),
                                 fmt::format("those that the run began with ({})", digest_),
                                 "give it back its data"});
  if (loaded.cols() != features_)
    throw RequestError(Complaint{"--source " + argument_, fmt::format("rows of {}", loaded.shape.text()),
                                 fmt::format("rows of {} numbers, as the training data have", features_)});
  return data_.emplace(std::move(loaded));
}

void FlowSource::fill(View<float> x, const Draw& draw) {
  if (kind_ == Kind::normal) return fill_normal(x.span(), draw);
  const auto a = static_cast<float>(half_width_);
  if (kind_ == Kind::uniform) return fill_uniform(x.span(), draw, -a, a);
  const Dataset& rows = data();
  std::vector<double> places(x.rows);
  fill_uniform(places, draw, 0, static_cast<double>(rows.rows()));
  std::vector<std::uint32_t> index(x.rows);
  for (std::size_t i = 0; i < index.size(); ++i)
    index[i] = static_cast<std::uint32_t>(std::min(places[i], static_cast<double>(rows.rows() - 1)));
  rows.gather(index, x);
}

double FlowSource::log_density(std::span<const double> x) const {
  double sum = 0;
  for (const double v : x) {
    if (kind_ == Kind::normal) sum -= 0.5 * (v * v + std::log(2 * std::numbers::pi));
    if (kind_ == Kind::uniform && std::abs(v) > half_width_) return -std::numeric_limits<double>::infinity();
    if (kind_ == Kind::uniform) sum -= std::log(2 * half_width_);
  }
  return sum;
}

void settle_source(FlowOptions& options, const Dataset& training) {
  options.source = from_root(options.source);
  const Dataset source = load_data(options.source, {.seed = options.training.seed + 1});
  if (source.cols() != training.cols())
    throw RequestError(Complaint{"--source " + options.source, fmt::format("rows of {}", source.shape.text()),
                                 fmt::format("rows of {}, as the training data", training.shape.text())});
  options.source_digest = digest_text(source);
}

}  // namespace pushforward

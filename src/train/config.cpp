// SPDX-License-Identifier: Apache-2.0
// Writing by hand keeps the order and the sentences of the options; reading is toml++'s.
#include "train/config.hpp"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "core/memory.hpp"
#include "io/toml_depth.hpp"
#include "pushforward/error.hpp"
#include "pushforward/version.hpp"

namespace pushforward {
namespace {

// Whether TOML reads it as a number that prints back as the same text ("20", "0.5", not "1e-3" or "1.0").
bool is_toml_number(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789.-") == std::string::npos;
  if (!digits || text.size() > 15 || text.back() == '.') return false;
  try {
    return text.find('.') == std::string::npos ? fmt::format("{}", parse_count(text, "")) == text
                                               : fmt::format("{}", parse_number(text, "")) == text;
  } catch (const RequestError&) {
    return false;
  }
}

std::string toml_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + "\"";
}

std::string toml_value(const std::string& text) { return is_toml_number(text) ? text : toml_text(text); }

std::string text_of_node(const toml::node& node, const std::string& where) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return fmt::format("{}", whole->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "yes" : "no";
  throw RequestError(Complaint{where, "a list, table or date", "a text, a number or true or false"});
}

toml::table parsed(const std::string& text, const std::string& where) {
  io::check_toml(text, where);
  try {
    return toml::parse(text, where);
  } catch (const toml::parse_error& problem) {
    throw RequestError(Complaint{fmt::format("{}:{}", where, problem.source().begin.line),
                                 std::string(problem.description()), "TOML"});
  }
}

template <class T>
T wanted(const toml::table& table, std::string_view key, const std::string& where) {
  if (const auto value = table[key].value<T>()) return *value;
  throw RequestError(Complaint{where, fmt::format("no usable '{}'", key), "the config.toml of a run",
                               "it may be damaged or of another program"});
}

std::size_t wanted_size(const toml::table& table, std::string_view key, const std::string& where) {
  const auto value = wanted<std::int64_t>(table, key, where);
  if (value < 1 || value > 1'000'000'000)
    throw RequestError(
        Complaint{fmt::format("{}: {}", where, key), fmt::format("{}", value), "1 to 1000000000"});
  return static_cast<std::size_t>(value);
}

void check_format(const toml::table& table, const std::string& where) {
  const auto format = wanted<std::int64_t>(table, "format", where);
  if (format == kRunFormat) return;
  const std::string maker = table["program"].value_or(std::string("unknown"));
  throw RequestError(Complaint{where, fmt::format("run format {} (made by version {})", format, maker),
                               fmt::format("format {}, this program's", kRunFormat),
                               "use the version that made it, or train again"});
}

}  // namespace

std::string config_text(const RunConfig& config, const Options& options) {
  std::string out =
      fmt::format("format = {}\nprogram = \"{}\"\nmodel = {}\ndata = {}\nrows = {}\n", kRunFormat, version(),
                  toml_text(config.model), toml_text(config.data), config.rows);
  out += fmt::format("\n[shape]\nheight = {}\nwidth = {}\nchannels = {}\nimage = {}\n\n[options]\n",
                     config.shape.height, config.shape.width, config.shape.channels,
                     config.shape.image ? "true" : "false");
  for (const OptionRow& row : options.rows())
    out += fmt::format("{} = {}  # {}\n", row.name, toml_value(options.text(row.name)), row.meaning);
  return out;
}

RunConfig parse_config(const std::string& text, const std::string& where) {
  const toml::table table = parsed(text, where);
  check_format(table, where);
  const toml::table* shape = table["shape"].as_table();
  const toml::table* options = table["options"].as_table();
  if (shape == nullptr || options == nullptr)
    throw RequestError(Complaint{where, "no [shape] or no [options]", "the config.toml of a run"});
  RunConfig out{wanted<std::string>(table, "model", where),
                wanted<std::string>(table, "data", where),
                wanted_size(table, "rows", where),
                {wanted_size(*shape, "height", where), wanted_size(*shape, "width", where),
                 wanted_size(*shape, "channels", where), wanted<bool>(*shape, "image", where)}};
  checked_product({out.shape.height, out.shape.width, out.shape.channels, sizeof(double)}, where + ": shape");
  for (const auto& [key, node] : *options)
    out.options.emplace_back(std::string(key.str()),
                             text_of_node(node, fmt::format("{}: {}", where, key.str())));
  return out;
}

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
// Writing by hand keeps the order and the sentences of the options; reading is toml++'s.
#include "train/config.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "core/hash.hpp"
#include "core/memory.hpp"
#include "core/text.hpp"
#include "io/toml_depth.hpp"
#include "pushforward/error.hpp"
#include "pushforward/train.hpp"
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
  if (!is_utf8(text))
    throw RequestError(Complaint{"config.toml", fmt::format("'{}', which is no UTF-8", text),
                                 "names that a run can be opened with again", "rename the file or folder"});
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

using Values = std::vector<std::pair<std::string, std::string>>;

std::string digest_text(std::uint64_t digest) { return digest == 0 ? "" : fmt::format("{:016x}", digest); }
std::string yes_no(bool truth) { return truth ? "yes" : "no"; }
std::string option_key(std::string_view name) { return fmt::format("options.{}", name); }
std::string shape_text(const RowShape& shape) {
  return fmt::format("{}x{}x{} {}", shape.height, shape.width, shape.channels, shape.image);
}

std::uint64_t digest_in(const toml::table& table, std::string_view key, const std::string& where) {
  if (!table.contains(key)) return 0;
  const auto text = wanted<std::string>(table, key, where);
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (problem != std::errc{} || end != text.data() + text.size() || text.size() != 16)
    throw RequestError(
        Complaint{fmt::format("{}: {}", where, key), fmt::format("'{}'", text), "16 hexadecimal digits"});
  return value;
}

// A key that is misspelt by damage must not be a key that is missing.
void check_keys(const toml::table& table, const std::string& where) {
  const std::vector<std::string> known = {
      "format",        "program",      "model", "data",    "path", "rows", "digest", "validation_digest",
      "inputs_digest", "standardized", "shape", "options", "check"};
  for (const auto& [key, node] : table)
    if (std::ranges::find(known, key.str()) == known.end()) throw unknown_word(where, key.str(), known);
}

std::string word_of(const std::string& name, const std::string& value) {
  Hash64 hash;
  hash.update(name), hash.update("="), hash.update(value);
  return fmt::format("{}:{:08x}", name, hash.value() & 0xFFFFFFFFu);
}

std::string words_of(const Values& values) {
  std::string out;
  for (const auto& [name, value] : values) {
    if (!out.empty()) out += ' ';
    out += word_of(name, value);
  }
  return out;
}

// In the form in which config_text gave them; what is empty is not written.
Values values_of(const RunConfig& config) {
  Values out = {{"model", config.model},
                {"data", config.data},
                {"path", config.path},
                {"rows", fmt::format("{}", config.rows)},
                {"digest", digest_text(config.digests.training)},
                {"validation_digest", digest_text(config.digests.validation)},
                {"inputs_digest", digest_text(config.digests.inputs)},
                {"standardized", config.standardized ? yes_no(*config.standardized) : ""},
                {"shape", shape_text(config.shape)}};
  std::erase_if(out, [](const auto& value) { return value.second.empty(); });
  for (const auto& [name, value] : config.options) out.emplace_back(option_key(name), value);
  return out;
}

// What may be changed with an editor: what --resume may change, and where the data are.
bool may_be_edited(const std::string& key) {
  if (key == "data" || key == "path") return true;
  const std::vector<OptionRow> rows = resume_options();
  return std::ranges::any_of(rows, [&](const OptionRow& row) { return option_key(row.name) == key; });
}

void compare(RunConfig& config, const std::string& text, const std::string& sum, const std::string& words,
             const std::string& where) {
  const Values values = values_of(config);
  const std::vector<std::string> written = split(words, ' ');
  std::vector<std::string> edited;
  const auto name_of = [](const std::string& word) { return word.substr(0, word.rfind(':')); };
  for (const std::string& word : written) {
    const std::string name = name_of(word);
    if (std::ranges::find(values, name, &Values::value_type::first) == values.end())
      throw RequestError(Complaint{where, fmt::format("no '{}'", name),
                                   "every value that it was written with",
                                   "the file was cut or edited; restore it"});
  }
  for (const auto& [name, value] : values) {
    if (std::ranges::find(written, word_of(name, value)) != written.end()) continue;
    if (!may_be_edited(name))
      throw RequestError(
          Complaint{fmt::format("{}: {}", where, name), fmt::format("'{}'", value),
                    "the value that the run was made with",
                    "restore it; other values begin a new run: pushforward train --config FILE -o NEW"});
    edited.push_back(name);
  }
  Hash64 found;
  found.update(std::string_view(text).substr(0, text.rfind("\n[check]")));
  if (edited.empty() && found.text() == sum) return;
  config.remark = edited.empty()
                      ? fmt::format("{}: its text is not as it was written, its values are", where)
                      : fmt::format("{}: edited since it was written: {}", where, fmt::join(edited, ", "));
}

}  // namespace

std::string config_text(const RunConfig& config, const Options& options) {
  std::string out = fmt::format("format = {}\nprogram = \"{}\"\n", kRunFormat, version());
  Values values;
  const auto line = [&](const std::string& name, const std::string& value, const std::string& text) {
    out += fmt::format("{} = {}\n", name, text);
    values.emplace_back(name, value);
  };
  const auto words = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) line(name, value, toml_text(value));
  };
  words("model", config.model), words("data", config.data);
  if (is_utf8(config.path)) words("path", config.path);
  line("rows", fmt::format("{}", config.rows), fmt::format("{}", config.rows));
  words("digest", digest_text(config.digests.training));
  words("validation_digest", digest_text(config.digests.validation));
  words("inputs_digest", digest_text(config.digests.inputs));
  if (config.standardized)
    line("standardized", yes_no(*config.standardized), *config.standardized ? "true" : "false");
  out += fmt::format("\n[shape]\nheight = {}\nwidth = {}\nchannels = {}\nimage = {}\n\n[options]\n",
                     config.shape.height, config.shape.width, config.shape.channels,
                     config.shape.image ? "true" : "false");
  values.emplace_back("shape", shape_text(config.shape));
  for (const OptionRow& row : options.rows()) {
    out += fmt::format("{} = {}  # {}\n", row.name, toml_value(options.text(row.name)), row.meaning);
    values.emplace_back(option_key(row.name), options.text(row.name));
  }
  Hash64 sum;
  sum.update(out);
  return out + fmt::format("\n[check]\ntext = \"{}\"\nvalues = \"{}\"\n", sum.text(), words_of(values));
}

RunConfig parse_config(const std::string& text, const std::string& where) {
  const toml::table table = parsed(text, where);
  check_format(table, where);
  const toml::table* shape = table["shape"].as_table();
  const toml::table* options = table["options"].as_table();
  if (shape == nullptr || options == nullptr)
    throw RequestError(Complaint{where, "no [shape] or no [options]", "the config.toml of a run"});
  check_keys(table, where);
  RunConfig out{wanted<std::string>(table, "model", where),
                wanted<std::string>(table, "data", where),
                wanted_size(table, "rows", where),
                {wanted_size(*shape, "height", where), wanted_size(*shape, "width", where),
                 wanted_size(*shape, "channels", where), wanted<bool>(*shape, "image", where)}};
  checked_product({out.shape.height, out.shape.width, out.shape.channels, sizeof(double)}, where + ": shape");
  out.path = table["path"].value_or(std::string());
  out.digests = {digest_in(table, "digest", where), digest_in(table, "validation_digest", where),
                 digest_in(table, "inputs_digest", where)};
  if (table.contains("standardized")) out.standardized = wanted<bool>(table, "standardized", where);
  for (const auto& [key, node] : *options)
    out.options.emplace_back(std::string(key.str()),
                             text_of_node(node, fmt::format("{}: {}", where, key.str())));
  if (const toml::table* check = table["check"].as_table()) {
    out.checked = true;
    compare(out, text, wanted<std::string>(*check, "text", where),
            wanted<std::string>(*check, "values", where), where);
  }
  if (!out.checked && out.standardized)
    throw RequestError(Complaint{where, "no [check]", "the section that it was written with at its end",
                                 "the file was cut; restore it"});
  return out;
}

}  // namespace pushforward

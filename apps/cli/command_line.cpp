// SPDX-License-Identifier: Apache-2.0
// CLI11 behind this program's manners: it takes the words apart, and what each of them holds is read here.
#include "command_line.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "pushforward/error.hpp"

namespace pushforward::cli {
namespace {

using Words = std::vector<std::string>;

struct Entry {
  CLI::Option* option;
  std::string default_text;  // of a switch: whether help must say how it is turned off
  bool is_switch = false;
  /// What the words of this option mean; `typed` is its name as it was typed.
  std::function<void(const Words& values, const std::string& typed)> take;
};

// "-n", "--count"; of a switch "--x" and "--no-x".
Words names_of(const CLI::Option& option) {
  Words names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

bool is_word_of(const std::string& word, const std::string& name) {
  if (!name.starts_with("--")) return word.starts_with(name) && !word.starts_with("--");
  return word == name || word.starts_with(name + "=");
}

// The name by which an option was called last; a position is called by its own.
std::string typed_name(const CLI::Option& option, const Words& words) {
  std::string typed = option.get_positional() ? option.get_name(true) : option.get_name();
  for (const std::string& word : words)
    for (const std::string& name : names_of(option))
      if (is_word_of(word, name)) typed = name;
  return typed;
}

bool is_true(const std::string& value, const std::string& typed) {
  if (value == "true" || value == "yes" || value == "1") return true;
  if (value == "false" || value == "no" || value == "0") return false;
  throw RequestError(Complaint{typed, fmt::format("'{}'", value), "yes or no"});
}

double real_number(const std::string& text, const std::string& typed, double least, double most) {
  const double value = parse_number(text, typed);
  if (!(value >= least && value <= most))
    throw RequestError(Complaint{typed, text, fmt::format("a number from {} to {}", least, most)});
  return value;
}

bool turned_off_by(const std::string& name) { return name.starts_with("--no-"); }

// "x|y" as its words; none of what stands for other values ("FILE.csv|.tsv", "kl:RHO|tv:RHO").
Words alternatives(const std::string& type) {
  const bool plain = type.find('|') != std::string::npos && std::all_of(type.begin(), type.end(), [](char c) {
                       return c == '|' || c == '-' || std::islower(static_cast<unsigned char>(c));
                     });
  return plain ? split(type, '|') : Words{};
}

// A switch is listed as --x, or as --x, --no-x where it can be on by itself.
class Help : public CLI::Formatter {
 public:
  explicit Help(const std::vector<Entry>& entries) : entries_(entries) { column_width(34); }

  std::string make_option_name(const CLI::Option* option, bool positional) const override {
    const auto entry =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.option == option; });
    if (entry == entries_.end() || !entry->is_switch) return Formatter::make_option_name(option, positional);
    std::string text;
    for (const std::string& name : names_of(*option))
      if (!turned_off_by(name) || entry->default_text != "no") text += (text.empty() ? "" : ",") + name;
    return text;
  }

  // Without positions that help does not list.
  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string text = fmt::format("Usage: {} [OPTIONS]", name);
    for (const CLI::Option* option : app->get_options())
      if (option->get_positional() && !option->get_group().empty()) text += " " + make_option_usage(option);
    return text + "\n";
  }

 private:
  const std::vector<Entry>& entries_;
};

// Breaks what stands right of the options' names, so that a help text is at most kWidth columns wide; other
// lines (examples) are for whoever writes them.
constexpr std::size_t kWidth = 100, kNames = 34;

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string wrapped(const std::string& line) {
  std::string text;
  std::size_t column = 0;
  const std::size_t indent = line.starts_with("  ") ? kNames : 0;
  for (std::size_t begin = 0; begin < line.size();) {
    std::size_t end = std::min(line.find(' ', begin), line.size());
    if (end - begin > kWidth - kNames)  // a list of SPECs: broken at its commas
      end = std::min(std::min(line.find(',', begin), line.size() - 1) + 1, end);
    const std::size_t width = columns_of(std::string_view(line).substr(begin, end - begin));
    if (column > indent && column + width > kWidth) {
      text.erase(text.find_last_not_of(' ') + 1);
      text += '\n' + std::string(indent, ' '), column = indent;
    }
    text.append(line, begin, end - begin), column += width;
    const bool blank = end < line.size() && line[end] == ' ';
    if (blank) text += ' ', ++column;
    begin = end + (blank ? 1 : 0);
  }
  return text;
}

// A long command goes on in the next line, before an option.
std::string wrapped_example(std::string line) {
  std::string text;
  while (columns_of(line) > kWidth) {
    const std::size_t at = line.rfind(" --", kWidth - 2);
    if (at == std::string::npos || at < 8) break;
    text += line.substr(0, at) + " \\\n";
    line = "      " + line.substr(at + 1);
  }
  return text + line;
}

std::string help_text(const CLI::App& app) {
  std::string text;
  const std::string whole = app.help();
  bool examples = false;
  for (std::size_t begin = 0; begin < whole.size();) {
    const std::size_t end = std::min(whole.find('\n', begin), whole.size());
    const std::string line = whole.substr(begin, end - begin);
    examples |= line == "Examples:";
    if (!line.empty() || !text.ends_with("\n\n"))
      text += (examples ? wrapped_example(line) : wrapped(line)) + '\n';
    begin = end + 1;
  }
  return text;
}

}  // namespace

struct CommandLine::Parts {
  CLI::App app;
  std::vector<Entry> entries;
  std::vector<const CLI::Option*> written;
  std::map<const CLI::Option*, std::function<Words()>> accepted;

  CLI::Option* add(const std::string& names, const std::string& help, const std::string& type,
                   const std::string& group, const std::string& shown) {
    CLI::Option* option = app.add_option(names, CLI::callback_t(), help);
    option->type_name(type)->group(group)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    if (!shown.empty()) option->default_str(shown);
    return option;
  }
  void take_value(CLI::Option* option, std::function<void(const std::string&, const std::string&)> take) {
    entries.push_back(
        {option, "", false, [take = std::move(take)](const Words& values, const std::string& typed) {
           take(values.back(), typed);
         }});
  }
  CLI::Option* add_switch(const std::string& name, const std::string& help, const std::string& group,
                          const std::string& default_text, std::function<void(bool)> take) {
    CLI::Option* option = app.add_flag(fmt::format("{0},--no-{1}{{no}}", name, name.substr(2)));
    option->description(help)->group(group)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    entries.push_back(
        {option, default_text, true, [take = std::move(take)](const Words& values, const std::string& typed) {
           for (const std::string& value : values) take(is_true(value, typed));
         }});
    return option;
  }

  Words all_names() const {
    Words names;
    for (const CLI::Option* option : app.get_options())
      for (const std::string& name : names_of(*option)) names.push_back(name);
    return names;
  }

  // CLI11 would take the word behind "--x=" for its value, any value of a switch, and "--force" for the value
  // of "-o".
  void check_values(const Words& words) const {
    for (const std::string& word : words) {
      if (word == "--") break;
      const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
      if (equals == std::string::npos || !app.get_option_no_throw(word.substr(0, equals))) continue;
      const std::string name = word.substr(0, equals), value = word.substr(equals + 1);
      if (value.empty()) throw RequestError(Complaint{name, "nothing behind '='", "a value"});
      if (turned_off_by(name))
        throw RequestError(
            Complaint{name, fmt::format("'{}'", value), "no value",
                      fmt::format("--{}=yes or --{}=no has one", name.substr(5), name.substr(5))});
    }
    const Words names = all_names();
    for (const Entry& entry : entries)
      for (const std::string& value : entry.option->results())
        if (std::find(names.begin(), names.end(), value) != names.end())
          throw RequestError(Complaint{typed_name(*entry.option, words),
                                       fmt::format("'{}', an option", value), "a value", "see --help"});
  }

  RequestError explain(const CLI::ParseError& problem, const Words& words) const {
    const Words extra = app.remaining(true);
    if (!extra.empty() && extra.front().starts_with("-")) {
      const std::string near = nearest_word(extra.front(), all_names());
      return RequestError(Complaint{app.get_name(), fmt::format("'{}'", extra.front()),
                                    "an option that --help lists",
                                    near.empty() ? "" : fmt::format("did you mean '{}'?", near)});
    }
    if (!extra.empty())
      return RequestError(Complaint{app.get_name(), fmt::format("'{}'", extra.front()), "nothing more",
                                    "options begin with '--'; see --help"});
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&problem) && !words.empty())
      return RequestError(Complaint{words.back(), "nothing behind it", "a value", "see --help"});
    return RequestError(fmt::format("{}: {}; see --help", app.get_name(), problem.what()));
  }
};

CommandLine::CommandLine(const std::string& command, const std::string& summary, const std::string& examples)
    : parts_(std::make_unique<Parts>()) {
  parts_->app.name("pushforward " + command);
  parts_->app.description(summary);
  parts_->app.formatter(std::make_shared<Help>(parts_->entries));
  if (!examples.empty()) parts_->app.footer("Examples:\n" + examples);
}

CommandLine::~CommandLine() = default;

void CommandLine::text(const std::string& names, std::string& value, const std::string& help,
                       TextOption how) {
  CLI::Option* option = parts_->add(names, help, how.type, how.group, value);
  option->required(how.required);
  if (how.written) parts_->written.push_back(option);
  if (how.words) parts_->accepted[option] = how.words;
  parts_->take_value(option, [&value](const std::string& word, const std::string&) { value = word; });
}

void CommandLine::texts(const std::string& names, std::vector<std::string>& values, const std::string& help,
                        TextOption how) {
  CLI::Option* option = parts_->add(names, help, how.type, how.group, "");
  option->required(how.required)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  if (how.words) parts_->accepted[option] = how.words;
  if (!names.starts_with("-")) option->expected(CLI::detail::expected_max_vector_size);
  parts_->entries.push_back(
      {option, "", false, [&values](const Words& words, const std::string&) { values = words; }});
}

void CommandLine::count(const std::string& names, std::size_t& value, const std::string& help,
                        CountOption how) {
  const WholeRange range{how.least, how.most};
  const bool shown = !how.required && value >= range.least && value <= range.most;
  CLI::Option* option = parts_->add(names, help, how.type, how.group, shown ? fmt::format("{}", value) : "");
  option->required(how.required);
  parts_->take_value(option, [&value, range](const std::string& word, const std::string& typed) {
    value = whole_number(word, typed, range);
  });
}

void CommandLine::number(const std::string& names, double& value, const std::string& help, NumberOption how) {
  const bool shown = value >= how.least && value <= how.most;
  CLI::Option* option = parts_->add(names, help, how.type, how.group, shown ? fmt::format("{}", value) : "");
  parts_->take_value(option, [&value, how](const std::string& word, const std::string& typed) {
    value = real_number(word, typed, how.least, how.most);
  });
}

void CommandLine::flag(const std::string& names, bool& value, const std::string& help, FlagOption how) {
  parts_->add_switch(names, help, how.group, value ? "yes" : "no", [&value](bool on) { value = on; });
}

void CommandLine::setting(const OptionRow& row, std::map<std::string, std::string>& given,
                          const std::string& group) {
  const std::string name = "--" + row.name;
  if (row.flag) {
    parts_->add_switch(name, row.meaning, group, row.fallback,
                       [&given, key = row.name](bool on) { given[key] = on ? "yes" : "no"; });
    return;
  }
  const std::string help =
      row.fallback.empty() ? row.meaning : fmt::format("{} [{}]", row.meaning, row.fallback);
  parts_->take_value(
      parts_->add(name, help, "", group, ""),
      [&given, key = row.name](const std::string& word, const std::string&) { given[key] = word; });
}

bool CommandLine::given(const std::string& name) const {
  const CLI::Option* option = parts_->app.get_option_no_throw(name);
  return option && option->count() > 0;
}

std::vector<std::string> CommandLine::names() const {
  Words names = {"--help"};
  for (const Entry& entry : parts_->entries)
    for (const std::string& name : names_of(*entry.option))
      if (name.starts_with("--") && !entry.option->get_group().empty() &&
          !(entry.is_switch && turned_off_by(name) && entry.default_text == "no"))
        names.push_back(name);
  return names;
}

std::vector<ValuedOption> CommandLine::valued() const {
  std::vector<ValuedOption> all;
  for (const Entry& entry : parts_->entries) {
    if (entry.is_switch || entry.option->get_positional() || entry.option->get_group().empty()) continue;
    const auto words = parts_->accepted.find(entry.option);
    all.push_back({names_of(*entry.option), words != parts_->accepted.end()
                                                ? words->second()
                                                : alternatives(entry.option->get_type_name())});
  }
  return all;
}

std::vector<std::string> CommandLine::written_paths() const {
  Words paths;
  for (const CLI::Option* option : parts_->written)
    if (option->count() > 0) paths.push_back(option->results().back());
  return paths;
}

void CommandLine::parse(const std::vector<std::string>& words) {
  Words from_the_back(words.rbegin(), words.rend());  // as CLI11 takes them
  try {
    parts_->app.parse(std::move(from_the_back));
  } catch (const CLI::CallForHelp&) {
    throw HelpRequested{help_text(parts_->app)};
  } catch (const CLI::ParseError& problem) {
    throw parts_->explain(problem, words);
  }
  parts_->check_values(words);
  for (const Entry& entry : parts_->entries)
    if (entry.option->count() > 0) entry.take(entry.option->results(), typed_name(*entry.option, words));
}

}  // namespace pushforward::cli

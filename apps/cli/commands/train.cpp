// SPDX-License-Identifier: Apache-2.0
//
// pushforward train: the options come from the model's row in the registry, so a new model needs no line
// here.
//
// Where the model comes from: the first word (train vae mnist …), a file (--config), or a run (--resume).
// Then an app with that model's options parses the rest, so that `train vae --help` lists the VAE's.
#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include "animation.hpp"
#include "command.hpp"
#include "core/shell_word.hpp"
#include "core/synonyms.hpp"
#include "data_argument.hpp"
#include "decisions.hpp"
#include "interrupt.hpp"
#include "io/bytes.hpp"
#include "io/toml_depth.hpp"
#include "ops/bfloat16.hpp"
#include "output.hpp"
#include "output_folders.hpp"
#include "pushforward/collective.hpp"
#include "pushforward/error.hpp"
#include "pushforward/option_table.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/train.hpp"
#include "ranks.hpp"
#include "train/can_go_on.hpp"
#include "train/data_defaults.hpp"
#include "train/divergence.hpp"
#include "train/places.hpp"
#include "train/training_data.hpp"
#include "train/units.hpp"
#include "train_telling.hpp"
#include "training_teller.hpp"

namespace pushforward::cli {
namespace {

constexpr const char* kExamples =
    "  pushforward train vae mnist -o run --latent 2        digits, and a plane to look at\n"
    "  pushforward train vae photos/ -o run --resize 64x64  a folder of pictures\n"
    "  pushforward train ae table.csv -o run --latent 3     a table, standardised\n"
    "  pushforward train --config run/config.toml -o again  the same options by the same names\n"
    "  pushforward train --resume run --epochs 50           goes on where it stopped, to the same bits";

/// What the words after `train` ask for, before the model's own options are known.
struct Request {
  const ModelEntry* model = nullptr;
  std::map<std::string, std::string> from_file{};  ///< --config
};

std::optional<std::string> value_after(const std::vector<std::string>& words, std::string_view option) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == option && i + 1 < words.size()) return words[i + 1];
    if (words[i].starts_with(std::string(option) + "=")) return words[i].substr(option.size() + 1);
  }
  return std::nullopt;
}

std::string toml_text(const toml::node& node, const std::string& where) {
  if (const auto text = node.value<std::string>(); node.is_string()) return *text;
  if (node.is_boolean()) return *node.value<bool>() ? "yes" : "no";
  if (node.is_integer()) return fmt::format("{}", *node.value<std::int64_t>());
  if (node.is_floating_point()) return fmt::format("{}", *node.value<double>());
  if (const toml::array* list = node.as_array()) {
    std::vector<std::string> pieces;
    for (const toml::node& element : *list) pieces.push_back(toml_text(element, where));
    return fmt::format("{}", fmt::join(pieces, ","));
  }
  throw RequestError(Complaint{where, "a table or a date", "a text, a number, a truth or a list of them"});
}

// Keys at the top and in any section count alike, but for what a run's config.toml says about itself: so that
// file is a valid --config, too.
void collect(const toml::table& table, const std::string& path, std::map<std::string, std::string>& out) {
  for (const auto& [key, node] : table) {
    const toml::table* section = node.as_table();
    if (section && key.str() != "shape" && key.str() != "check") collect(*section, path, out);
    if (!section) out[std::string(key.str())] = toml_text(node, path + ": " + std::string(key.str()));
  }
}

std::map<std::string, std::string> read_config(const std::string& path) {
  std::map<std::string, std::string> values;
  const io::Bytes bytes = io::read_file(path);
  io::check_toml(io::text_of(bytes), path);
  try {
    collect(toml::parse(io::text_of(bytes), path), path, values);
  } catch (const toml::parse_error& problem) {
    throw RequestError(Complaint{fmt::format("{}: line {}", path, problem.source().begin.line),
                                 std::string(problem.description()), "a TOML file of options"});
  }
  return values;
}

std::string training_overview() {
  std::string text =
      "Trains a model and writes a run directory.\n\n"
      "Usage: pushforward train MODEL DATA -o RUN [options]\n"
      "       pushforward train --config FILE.toml -o RUN [options]\n"
      "       pushforward train --resume RUN [--epochs N] [--rate R] …\n\nModels:\n";
  for (const ModelEntry& model : models()) text += fmt::format("  {:<12}{}\n", model.name, model.title);
  return text + "\nOptions of a model: pushforward train MODEL --help\n\nExamples:\n" + kExamples;
}

Request find_request(const std::vector<std::string>& words) {
  Request request;
  if (words.empty()) throw HelpRequested{training_overview()};
  if (const auto path = value_after(words, "--config")) {
    request.from_file = read_config(*path);
    if (const auto name = request.from_file.find("model"); name != request.from_file.end())
      request.model = &find_model(name->second);
  }
  if (!words[0].starts_with("-")) request.model = &find_model(words[0]);
  if (request.model) return request;
  if (words[0] == "--help" || words[0] == "-h") throw HelpRequested{training_overview()};
  throw RequestError(Complaint{"train", fmt::format("'{}' first", words[0]),
                               "a MODEL, --config FILE or --resume RUN", "see pushforward train --help"});
}

// The heading under which help shows an option.
std::string group_of(const OptionRow& row) {
  const auto among = [&](const std::vector<OptionRow>& rows) {
    return std::ranges::find(rows, row.name, &OptionRow::name) != rows.end();
  };
  return among(option_table(DataOptions{}).rows())    ? "Data"
         : among(option_table(TrainOptions{}).rows()) ? "Training"
                                                      : "Network and loss";
}

void add_model_options(CommandLine& line, const Options& defaults,
                       std::map<std::string, std::string>& given) {
  for (const OptionRow& row : defaults.rows()) line.setting(row, given, group_of(row));
}

// Options of all models that are none of `known`, each once.
std::vector<OptionRow> other_model_options(std::set<std::string> known) {
  std::vector<OptionRow> others;
  for (const ModelEntry& model : models()) {
    const Options options = options_of(model);
    for (const OptionRow& row : options.rows())
      if (known.insert(row.name).second) others.push_back(row);
  }
  return others;
}

struct Arguments {
  std::string model, data, output, config, animation;
  bool summary = false, json = false, quiet = false;
  bool begun = false;  // a step has been told
};

void add_telling(CommandLine& line, Arguments& arguments) {
  line.flag("--json", arguments.json, "One JSON object a line: an epoch each, then the summary");
  line.flag("--quiet", arguments.quiet, "No progress, no notes and no summary but that of --json");
  line.text("--animate", arguments.animation,
            "For generators of points in the plane: their samples over the data while they train, some "
            "sixty pictures, with the critic or witness of their distance",
            {.type = "OUT.gif", .written = true});
}

// A critic's loss is no measure of its generator, and rows held out that are best served by an earlier epoch
// have nothing to gain.
bool would_learn_on(const Run& run, const Summary& summary) {
  auto* adversarial = as<Adversarial>(*run.model);
  const bool has_critic = adversarial != nullptr && adversarial->critic() != nullptr;
  if (summary.stopped != Stopped::finished || has_critic) return false;
  return !summary.best_validation || 10 * (summary.epochs - summary.best_epoch) <= summary.epochs;
}

// Twice as long as it is, by the option that says how long: --steps overrides --epochs.
std::string longer(const Run& run, const Summary& summary) {
  const bool by_steps = run.options.known("steps") && run.options.has("steps");
  return fmt::format("pushforward train --resume {} {}", shell_word(run.path),
                     by_steps ? fmt::format("--steps {}", 2 * summary.steps)
                              : fmt::format("--epochs {}", 2 * summary.epochs));
}

// Of a run that had nothing left to do.
std::string done_already(const Run& run, const Summary& summary) {
  const std::string done = fmt::format("{} steps, {} epochs", summary.steps, summary.epochs);
  if (summary.stopped == Stopped::patience)
    return fmt::format(
        "nothing was left to do: the run had ended before, after {}, as its --patience says; a larger one "
        "goes on: "
        "pushforward train --resume {} --patience {}",
        done, shell_word(run.path), 2 * run.options.count("patience", 0));
  return fmt::format("nothing was left to do: the run had finished before, after {}; for a longer one: {}",
                     done, longer(run, summary));
}

void train_and_tell(Run& run, TrainingData data, Arguments& arguments) {
  catch_interrupts();
  if (run.options.known("precision") && run.options.text("precision") == "bf16" && !bf16_is_native())
    note(
        "this processor has no bfloat16 products: --precision bf16 rounds as they would, and is slower than "
        "f32",
        arguments.quiet);
  if (!run.entry->solved && !prepares(run))
    if (const std::string advice = offset_advice(data.training); !advice.empty())
      note(advice, arguments.quiet);
  std::optional<TrainingAnimation> animation;
  if (!arguments.animation.empty()) animation.emplace(run, data.training, arguments.animation);
  Summary summary;
  bool still_falls = false;
  LateEstimate late;
  {
    TrainingTeller teller(run, decisions(run, data), arguments.json, arguments.quiet,
                          animation ? &*animation : nullptr);
    summary = train_on(run, std::move(data), [&](const Progress& progress) {
      arguments.begun = true;
      return teller(progress);
    });
    still_falls = teller.still_falls() && would_learn_on(run, summary);
    late = teller.late_estimate();
  }
  if (animation) animation->write();
  if (arguments.json)
    print_json(to_json(summary_fields(summary, run.options)));
  else if (!arguments.quiet)
    print_fields(summary_fields(summary, run.options));
  if (summary.stopped == Stopped::interrupted)
    throw Interrupted(fmt::format("train: interrupted at step {}; go on with: pushforward train --resume {}",
                                  summary.steps, shell_word(run.path)));
  note_refused_threads(arguments.quiet);
  if (late.impossible())
    note(fmt::format("the critic's estimate was {:.3g} over the last tenth of the steps, below 0, where no "
                     "distance is: the generator ran ahead of it, and has not arrived; try --critic-steps 5, "
                     "a lower --rate, or a smaller generator (--hidden none)",
                     late.mean()),
         arguments.quiet);
  else if (still_falls)
    note("the loss still falls; go on with: " + longer(run, summary), arguments.quiet);
  if (!run.entry->solved && summary.samples_per_second == 0)
    note(done_already(run, summary), arguments.quiet);
  note(fmt::format("the run is in {}; try: pushforward evaluate {}", run.path, shell_word(run.path)),
       arguments.quiet);
}

// The two ways in.

// A new run that failed before its first step has learnt nothing and stands in the way of what its error
// advises to try; one that diverged goes on.
void train_new(Run& run, TrainingData data, Arguments& arguments) {
  try {
    train_and_tell(run, std::move(data), arguments);
  } catch (const WentBack&) {
    throw;
  } catch (const Interrupted&) {
    throw;
  } catch (const std::exception&) {
    std::error_code ignored;
    if (!arguments.begun) std::filesystem::remove_all(run.path, ignored);
    throw;
  }
}

// A slice for each rank, unless the run says otherwise.
void settle_ranks(Options& options, const ModelEntry& model) {
  const std::size_t ranks = collective().size();
  if (ranks == 1) return;
  if (model.solved)
    throw RequestError(Complaint{fmt::format("{} ranks", ranks), model.name,
                                 "a model that learns step by step", "it is solved at once, on one"});
  if (!options.given("slices")) options.set("slices", fmt::format("{}", ranks));
}

// Defaults, then the config file, then the command line; `about` are the keys that are no options.
void merge_options(Options& options, const Request& request, const std::map<std::string, std::string>& given,
                   const std::string& file) {
  static const std::set<std::string> about = {"model",         "data",        "format", "program",
                                              "rows",          "path",        "digest", "validation_digest",
                                              "inputs_digest", "standardized"};
  for (const auto& [name, value] : request.from_file) {
    if (about.contains(name)) continue;
    if (!options.known(name)) {
      std::vector<std::string> valid;
      for (const OptionRow& row : options.rows()) valid.push_back(row.name);
      throw unknown_word(file, name, valid);
    }
    options.set(name, value);
  }
  for (const auto& [name, value] : given) options.set(name, value);
  set_threads_of_rank(static_cast<int>(options.count("threads", 0, kMostThreads)));
  options.set("threads", fmt::format("{}", threads()));  // a run resumes with the threads that it began with
  settle_ranks(options, *request.model);
}

void settle_arguments(Arguments& arguments, const Request& request) {
  if (!arguments.config.empty() && arguments.data.empty() && arguments.model != request.model->name)
    std::swap(arguments.data, arguments.model);  // train --config FILE DATA
  for (const char* key : {"path", "data"})  // a run's file says where its data are, and what they were called
    if (const auto data = request.from_file.find(key);
        data != request.from_file.end() && arguments.data.empty())
      if (key == std::string_view("data") || !place_of(data->second).empty()) arguments.data = data->second;
  if (arguments.data.empty())
    throw RequestError(Complaint{"train", "no DATA", "what to train on", "for example: mnist"});
  if (arguments.summary) return arguments.output.clear();
  if (arguments.output.empty())
    throw RequestError(Complaint{"train", "no -o RUN", "the run directory to make"});
  if (collective().rank() > 0) return arguments.output.clear(), arguments.animation.clear();  // rank 0 writes
  if (exists(arguments.output))
    throw RequestError(
        Complaint{arguments.output, "something that exists", "a new run directory",
                  can_go_on(arguments.output)
                      ? fmt::format("go on with: pushforward train --resume {}, or choose another name",
                                    shell_word(arguments.output))
                      : "choose another name"});
}

// A row a layer; lines without a layer (of solved models) keep their own fields.
void print_layers(const std::vector<Fields>& lines) {
  std::vector<std::vector<std::string>> rows;
  double parameters = 0, operations = 0;
  for (const Fields& line : lines) {
    if (!find_field(line, "operations")) {
      print_fields(line);
      continue;
    }
    const double p = number_of(line, "parameters"), o = number_of(line, "operations");
    rows.push_back({std::get<std::string>(find_field(line, "layer")->value),
                    std::get<std::string>(find_field(line, "output")->value), fmt::format("{:.0f}", p),
                    fmt::format("{:.0f}", o)});
    parameters += p, operations += o;
  }
  if (rows.empty()) return;
  rows.push_back({"all", "", fmt::format("{:.0f}", parameters), fmt::format("{:.0f}", operations)});
  print_table({"layer", "output", "parameters", "operations"}, rows);
}

void print_summary(Run& run, bool json) {
  const std::vector<Fields> lines = run.model->summary();
  if (!json) return print_layers(lines);
  for (const Fields& layer : lines) print_json(to_json(layer));
}

// The head of its help.
std::string about(const ModelEntry& model) {
  const auto others = synonyms_of(model.name);
  return model.title + "\n" + model.formula +
         (others.empty() ? "" : fmt::format("\nAlso called: {}", fmt::join(others, ", ")));
}

void train_new(const std::vector<std::string>& words) {
  const Request request = find_request(words);
  Options options = options_of(*request.model);
  Arguments arguments;
  std::map<std::string, std::string> given;
  CommandLine line("train " + request.model->name, about(*request.model),
                   request.model->examples.empty() ? kExamples : request.model->examples);
  const bool named = !words[0].starts_with("-");  // what help is asked for then says which model it is
  line.text("MODEL", arguments.model, "The model; with --config it is the file's",
            {.group = named ? "" : "Options"});
  line.text("DATA", arguments.data, "What to train on; with --config it is the file's");
  line.text("-o,--output", arguments.output, "The run directory to make", {.type = "RUN", .written = true});
  line.text("--config", arguments.config, "TOML file of options; the command line beats it",
            {.type = "FILE"});
  line.flag("--summary", arguments.summary, "Print the network layer by layer, and stop");
  add_telling(line, arguments);
  add_model_options(line, options, given);
  line.parse(words);
  const OutputFolders folders(line.written_paths());
  settle_arguments(arguments, request);
  merge_options(options, request, given, arguments.config);
  TrainingData data = load_training_data(arguments.data, options, arguments.quiet);
  if (!request.model->solved) settle_validation(options, data.training);
  if (!arguments.animation.empty())  // a model in memory says what there is to see, before there is a run
    check_training_animation(arguments.animation,
                             create_run("", *request.model, options, data.training, arguments.data), false);
  Run run = create_run(arguments.output, *request.model, options, data.training, arguments.data);
  arguments.summary ? print_summary(run, arguments.json) : train_new(run, std::move(data), arguments);
}

void train_resumed(const std::vector<std::string>& words) {
  Arguments arguments;
  std::string path, place;
  std::map<std::string, std::string> changed;
  CommandLine line(
      "train", "Goes on with a run where it stopped, to the same bits; options given here replace its own.",
      kExamples);
  line.text("--resume", path, "The run directory", {.required = true});
  line.text("--data", place, "Where the training data are now, if they have moved",
            {.type = "DATA", .group = "Data"});
  for (const OptionRow& row : place_options()) line.setting(row, changed, "Data");
  add_model_options(line, Options(resume_options()), changed);
  std::set<std::string> known = {"data"};
  for (const OptionRow& row : resume_options()) known.insert(row.name);
  for (const OptionRow& row : place_options()) known.insert(row.name);
  for (const OptionRow& row : other_model_options(known))  // resume_run says why it refuses them
    line.setting(row, changed, "");
  add_telling(line, arguments);
  line.parse(words);
  const OutputFolders folders(line.written_paths());
  if (collective().rank() > 0) arguments.animation.clear();
  Run run = resume_run(path, changed);
  set_threads_of_rank(static_cast<int>(run.options.count("threads", 0, kMostThreads)));
  if (!run.remark.empty()) note(run.remark, arguments.quiet);
  if (!place.empty()) give_data(run, place);
  if (!arguments.animation.empty()) check_training_animation(arguments.animation, run, false);
  train_and_tell(run, load_training_data(run, arguments.quiet), arguments);
}

// A run holds hours of work: it is never replaced, and whoever asks for that is told what to do.
void refuse_force(const std::vector<std::string>& words) {
  if (std::find(words.begin(), words.end(), "--force") != words.end())
    throw RequestError(Complaint{"train", "--force",
                                 "a run directory that does not exist: none is ever replaced",
                                 "choose another name, or remove the old one first"});
}

void train_command_words(const std::vector<std::string>& words) {
  refuse_force(words);
  const bool resume = value_after(words, "--resume").has_value();
  resume ? train_resumed(words) : train_new(words);
}

}  // namespace

Command train_command() {
  return {
      .name = "train",
      .summary = "Trains a model and writes a run directory",
      .group = "Train and use a network",
      .examples = kExamples,
      .declare = {},
      .parse_and_run = train_command_words,
      .first_words =
          [] {
            std::vector<std::string> names;
            for (const ModelEntry& model : models()) names.push_back(model.name);
            return names;
          },
      .smaller = "smaller --hidden, --network, --latent or --batch, or fewer rows (DATA@0:1000), take less",
      .learns = true};
}

}  // namespace pushforward::cli

// SPDX-License-Identifier: Apache-2.0
// Making, opening and resuming run directories; what is in one is said in the header.
#include "pushforward/run.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "core/shell_word.hpp"
#include "core/whole_number.hpp"
#include "data/digest.hpp"
#include "io/atomic_file.hpp"
#include "io/bytes.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/train.hpp"
#include "train/can_go_on.hpp"
#include "train/checkpoint.hpp"
#include "train/config.hpp"
#include "train/data_defaults.hpp"
#include "train/fast_precision.hpp"
#include "train/initial_weights.hpp"
#include "train/places.hpp"
#include "train/plan.hpp"
#include "train/table_run.hpp"
#include "train/units.hpp"

namespace pushforward {
namespace {

namespace fs = std::filesystem;

void build(Run& run) {
  run.model = run.entry->make(run.options, run.shape);
  const std::uint64_t seed = run.options.seed("seed");
  run.arena.bind(run.model->parameters(), Draw{seed, stream_id("initial"), 0});
}

// Of a table only numbers that are still as they came: what is one of K stays 0 or 1.
Standardization taken_off(const Run& run, const Dataset& rows, bool standard) {
  if (!run.encoding) return standard ? column_statistics(rows) : solved_units(rows);
  const std::vector<bool> numbers = run.encoding->numbers();
  if (std::ranges::find(numbers, true) == numbers.end()) return {};
  if (run.encoding->identity()) return standard ? column_statistics(rows) : solved_units(rows);
  if (!standard) return {};
  Standardization out = column_statistics(run.encoding->encode(rows));
  for (std::size_t j = 0; j < numbers.size(); ++j)
    if (!numbers[j]) out.mean[j] = 0, out.deviation[j] = 1;
  return out;
}

// What a model that looks at the data in prepare() is told of them.
void tell_training(const Run& run, const Dataset& loaded, std::size_t rows) {
  if (!run.conditions) return;
  tell(run, run.conditions->of(loaded), 0, rows);
}

void prepare_model(Run& run, const Dataset& training, const Dataset& loaded) {
  const std::size_t held_out = validation_rows(run.options, training.rows());
  const bool standard = standardizes(run.options, training), solved = run.entry->solved;
  if (!run.encoding || run.encoding->identity()) check_float32_holds(training, !standard && !solved);
  Dataset part;
  if (held_out > 0) part = training.slice(0, training.rows() - held_out);
  const Dataset& rows = held_out > 0 ? part : training;
  if (standard || solved) run.standardization = taken_off(run, rows, standard);
  tell_training(run, loaded, rows.rows());
  if (!prepares(run))
    run.model->prepare(rows);
  else
    run.model->prepare(prepare_data(run, rows));
}

void begin_weights(Run& run) {
  const auto given = [&](const char* name) {
    return run.options.known(name) && run.options.has(name) ? run.options.text(name) : std::string();
  };
  const std::string place = given("init"), names = given("names");
  if (place.empty() && !names.empty()) throw RequestError("--names requires --init FILE.safetensors");
  if (!place.empty()) start_from(run, place, names);
}

void write_folder(Run& run) {
  io::AtomicFolder folder(run.path);
  const std::string target = std::exchange(run.path, folder.path());
  const std::string config = config_text(config_of(run), run.options);
  parse_config(config, target + "/config.toml");  // before hours of work that nothing could open
  io::write_file(run.path + "/config.toml", config);
  if (!run.standardization.empty())
    io::write_safetensors(run.path + "/data.safetensors",
                          {{"mean", io::ArrayView(run.standardization.mean)},
                           {"deviation", io::ArrayView(run.standardization.deviation)},
                           {"scale", io::ArrayView(std::span<const double>(&run.standardization.scale, 1))}});
  if (run.encoding) write_encoding(run.path, *run.encoding);
  if (run.conditions) run.conditions->write(run.path);
  save_model(run);
  TrainState state;  // step 0: no moments yet, which is what an optimiser begins with
  save_checkpoint(run, state);
  io::write_file(metrics_path(run), "");
  folder.commit();
  run.path = target;
}

void check_is_run(const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    throw RequestError(
        Complaint{path, "nothing there", "a run directory", "make one with pushforward train"});
  if (!fs::exists(path + "/config.toml", ignored))
    throw RequestError(Complaint{path, "no config.toml in it", "a run directory"});
}

Standardization read_standardization(const Run& run, std::optional<bool> standardized) {
  const std::string path = run.path + "/data.safetensors";
  std::error_code ignored;
  if (!standardized.value_or(fs::exists(path, ignored))) return {};
  const io::Safetensors file = io::read_safetensors(path);
  const std::size_t shape[] = {run.shape.size()};
  Standardization out{io::to_vector<double>(file.get("mean", io::Dtype::f64, shape), path),
                      io::to_vector<double>(file.get("deviation", io::Dtype::f64, shape), path), 0};
  const std::size_t one[] = {1};
  if (file.find("scale") != nullptr)
    out.scale = io::to_vector<double>(file.get("scale", io::Dtype::f64, one), path)[0];
  return out;
}

// A run of an earlier version has no [check]; but the option that was written last is there, or the file was
// cut.
void check_whole(const RunConfig& config, const Options& options, const std::string& where) {
  const std::string& last = options.rows().back().name;
  if (config.checked || std::ranges::any_of(config.options, [&](const auto& o) { return o.first == last; }))
    return;
  throw RequestError(
      Complaint{where, fmt::format("no '{}'", last), "every option", "the file was cut; restore it"});
}

void check_digest(std::uint64_t& known, const Dataset& data, const std::string& which) {
  const std::uint64_t found = digest_of(data);
  if (known != 0 && known != found)
    throw RequestError(
        Complaint{which + data.name, fmt::format("other values (digest {:016x})", found),
                  fmt::format("those that the run began with ({:016x})", known),
                  "give it back its data, or begin a new run with --init RUN for its weights"});
  known = found;
}

Run from_config(const std::string& path, const std::map<std::string, std::string>& changed = {}) {
  check_is_run(path);
  const std::string where = path + "/config.toml";
  const RunConfig config = parse_config(std::string(io::text_of(io::read_file(where))), where);
  Run run;
  run.path = path, run.entry = &find_model(config.model), run.options = options_of(*run.entry);
  for (const auto& [name, value] : config.options) run.options.set(name, value);
  check_whole(config, run.options, where);
  if (!config.checked && io::read_safetensors(model_path(run)).summed)
    throw RequestError(
        Complaint{where, "no [check]", "one, as this run was written with", "restore the file"});
  if (changed.contains("epochs")) run.options.set("steps", "");  // which would override them
  std::map<std::string, std::string> moved;
  for (const auto& [name, value] : changed) {
    const std::vector<OptionRow> places = place_options();
    const bool place = std::ranges::find(places, name, &OptionRow::name) != places.end();
    if (place) moved.emplace(name, value);
    if (!place) run.options.set(name, value);
  }
  move_places(run.options, moved);
  run.data_name = config.data, run.data_rows = config.rows, run.shape = config.shape;
  run.data_path = config.path, run.digests = config.digests, run.remark = config.remark;
  if (run.options.has("blocks")) run.encoding = read_encoding(path);
  if (run.options.known("condition") && run.options.has("condition"))
    run.conditions = std::make_shared<const Conditions>(path);
  run.standardization = read_standardization(run, config.standardized);
  build(run);
  return run;
}

void check_changeable(const std::map<std::string, std::string>& changed) {
  std::vector<OptionRow> may = resume_options();
  for (OptionRow& row : place_options()) may.push_back(std::move(row));
  for (const auto& [name, value] : changed)
    if (std::ranges::find(may, name, &OptionRow::name) == may.end())
      throw RequestError(
          Complaint{"--resume", "--" + name,
                    "an option that may change on the way, such as --epochs, --rate or --precision",
                    "begin a new run, with --init RUN for its weights"});
}

template <class T>
Matrix<T> standardized(const Matrix<T>& rows, double scale, const Standardization& s) {
  Matrix<T> out(rows.rows(), rows.cols());
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (std::size_t j = 0; j < rows.cols(); ++j)
      out(i, j) = static_cast<T>((static_cast<double>(rows(i, j)) * scale - s.mean[j]) / s.deviation[j]);
  return out;
}

}  // namespace

RunConfig config_of(const Run& run) {
  RunConfig out{run.entry->name, run.data_name, run.data_rows, run.shape};
  out.path = run.data_path, out.digests = run.digests, out.standardized = !run.standardization.empty();
  return out;
}

namespace {

// --condition, and the size that the model must know.
std::shared_ptr<const Conditions> settle_conditions(Options& options, const Dataset& training) {
  if (!options.known("condition") || !options.has("condition")) return nullptr;
  auto conditions = std::make_shared<const Conditions>(options.text("condition"), training);
  options.set_count("condition-size", conditions->width());
  return conditions;
}

}  // namespace

Run create_run(const std::string& path, const ModelEntry& model, Options options, const Dataset& loaded,
               const std::string& data_name) {
  std::error_code ignored;
  if (!path.empty() && fs::exists(path, ignored))
    throw RequestError(Complaint{
        path, "something that exists", "a new run directory",
        can_go_on(path) ? fmt::format("go on with: pushforward train --resume {}, or choose another name",
                                      shell_word(path))
                        : "choose another name"});
  if (loaded.rows() < 1) throw RequestError(Complaint{data_name, "no rows", "one or more"});
  const std::shared_ptr<const Conditions> conditions = settle_conditions(options, loaded);
  const Dataset rest = conditions && conditions->columns() ? conditions->rest(loaded) : Dataset{};
  const Dataset& training = rest.rows() > 0 ? rest : loaded;
  if (training.table && training.schema) propose_for_table(options, *training.schema);
  if (!path.empty()) settle_places(options);
  propose_for_pictures(options, training);
  propose_for_numbers(options, training);
  if (model.settle) model.settle(options);
  if (model.settle_on) model.settle_on(options, training);
  settle_network(options);
  Run run;
  run.conditions = conditions;
  if (training.table && training.schema) run.encoding = settle_table(options, model, training);
  settle_length(options, training.rows() - validation_rows(options, training.rows()));
  if (!model.solved) plan_training(options, training.rows());  // refuses before anything is made
  run.path = path, run.entry = &model, run.options = std::move(options);
  run.data_name = data_name, run.data_rows = training.rows(), run.shape = training.shape;
  if (run.encoding) run.shape = {1, run.encoding->width(), 1, false};
  if (!path.empty()) run.data_path = place_of(data_name), run.digests.training = digest_of(loaded);
  if (run.options.count("threads", 0, kMostThreads) == 0)
    run.options.set_count("threads", static_cast<std::size_t>(threads()));
  build(run);
  settle_precision(run);
  if (!model.solved)
    least_rows(run, plan_training(run.options, training.rows()));  // refuses too small a --batch
  prepare_model(run, training, loaded);
  begin_weights(run);
  if (!path.empty()) write_folder(run);
  return run;
}

void check_shape(const Run& run, const Dataset& training) {
  const bool encoded = run.encoding != nullptr && training.standardized;
  if (run.encoding && !encoded) {
    if (training.rows() == run.data_rows) return;  // its columns are the encoding's to check
  }
  if (training.cols() != run.shape.size() || training.rows() != run.data_rows)
    throw RequestError(
        Complaint{training.name, fmt::format("{} rows of {}", training.rows(), training.shape.text()),
                  fmt::format("{} rows of {}, as when the run began", run.data_rows, run.shape.text())});
}

void check_data(Run& run, const Dataset& training, const Dataset* validation) {
  check_shape(run, training);
  if (run.path.empty()) return;
  check_digest(run.digests.training, training, "");
  if (validation != nullptr) check_digest(run.digests.validation, *validation, "--validation ");
  if (run.inputs.rows() > 0) check_digest(run.digests.inputs, run.inputs, run.conditions ? "" : "--noisy ");
}

std::string data_argument(const Run& run) {
  if (run.data_path.empty() || place_of(run.data_path).empty()) return run.data_name;
  return run.data_path;
}

Run open_run(const std::string& path, Weights weights) {
  Run run = from_config(path);
  if (weights == Weights::automatic) {
    load_parameters(run, io::read_safetensors(model_path(run)), "");
    return run;
  }
  TrainState state;  // without optimisers: their moments are not asked for
  load_checkpoint(run, state);
  use_weights(run, state, weights);
  return run;
}

Run resume_run(const std::string& path, const std::map<std::string, std::string>& changed) {
  check_changeable(changed);
  Run run = from_config(path, changed);
  if (run.entry->solved)
    throw RequestError(Complaint{"--resume",
                                 fmt::format("{}, which is solved and not trained", run.entry->name),
                                 "a run that has steps"});
  TrainState state;
  load_checkpoint(run, state);
  settle_precision(run);
  return run;
}

bool can_go_on(const std::string& path) {
  try {
    const std::string where = path + "/config.toml";
    return !find_model(parse_config(std::string(io::text_of(io::read_file(where))), where).model).solved;
  } catch (const Error&) {
    return false;  // a file, a folder of other things, a run of another version
  }
}

bool prepares(const Run& run) {
  return !run.standardization.empty() || (run.encoding && !run.encoding->identity()) ||
         (run.conditions && run.conditions->columns());
}

Dataset prepare_data(const Run& run, Dataset data) {
  if (data.standardized && data.cols() == run.shape.size()) return data;
  if (run.conditions) data = run.conditions->rest(std::move(data));
  if (run.encoding) data = run.encoding->encode(data);
  if (data.cols() != run.shape.size())
    throw RequestError(Complaint{data.name, fmt::format("rows of {}", data.shape.text()),
                                 fmt::format("{}, as the run was trained on", run.shape.text())});
  if (!prepares(run)) return data;
  data.standardized = true;
  if (run.standardization.empty()) return data;
  data.rows_data = std::visit(
      [&](const auto& rows) -> decltype(Dataset::rows_data) {
        using Rows = std::decay_t<decltype(rows)>;
        if constexpr (std::is_same_v<Rows, Matrix<std::uint8_t>>)
          return standardized(data.doubles(), 1, run.standardization);
        else
          return standardized(rows, data.scale, run.standardization);
      },
      data.rows_data);
  data.scale = 1;
  return data;
}

namespace {

void undo_standardization(const Run& run, View<float> rows) {
  if (run.standardization.empty()) return;
  for (std::size_t i = 0; i < rows.rows; ++i)
    for (std::size_t j = 0; j < rows.cols; ++j)
      rows(i, j) = static_cast<float>(static_cast<double>(rows(i, j)) * run.standardization.deviation[j] +
                                      run.standardization.mean[j]);
}

}  // namespace

void restore_units(const Run& run, View<float> rows) {
  undo_standardization(run, rows);
  if (!run.encoding || !run.encoding->schema().plain()) return;
  const Dataset decoded = run.encoding->decode(rows);
  const Matrix<double>& values = std::get<Matrix<double>>(decoded.rows_data);
  std::transform(values.data(), values.data() + values.size(), rows.data,
                 [](double v) { return static_cast<float>(v); });
}

Dataset restore_rows(const Run& run, Tensor& rows) {
  undo_standardization(run, rows);
  if (run.encoding) return run.encoding->decode(std::as_const(rows).view());
  Dataset data;
  data.shape = run.shape, data.rows_data = std::move(rows);
  return data;
}

}  // namespace pushforward

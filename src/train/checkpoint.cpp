// SPDX-License-Identifier: Apache-2.0
// Saving and loading; the layout is in the header.
#include "train/checkpoint.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "pushforward/error.hpp"
#include "train/config.hpp"

namespace pushforward {
namespace {

std::string hexadecimal(double value) { return fmt::format("{:a}", value); }

double from_hexadecimal(const std::string& text, const std::string& where) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0')
    throw RequestError(Complaint{where, fmt::format("'{}'", text), "a number", "the checkpoint is damaged"});
  return value;
}

std::string joined(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ",")); }

io::Metadata metadata_of(const TrainState& state) {
  io::Metadata out;
  out["format"] = std::to_string(kRunFormat);
  out["step"] = std::to_string(state.step);
  out["metric_lines"] = std::to_string(state.metric_lines);
  out["best_epoch"] = std::to_string(state.best_epoch);
  out["best_validation"] = hexadecimal(state.best_validation);
  out["epochs_without_gain"] = std::to_string(state.epochs_without_gain);
  out["epoch_rows"] = hexadecimal(state.epoch.rows);
  out["epoch_loss"] = hexadecimal(state.epoch.loss);
  out["epoch_parts"] = joined(state.epoch.names);
  out["loss"] = hexadecimal(state.loss), out["gradient_norm"] = hexadecimal(state.gradient_norm);
  out["last_epoch_loss"] = hexadecimal(state.last_epoch_loss);
  out["weights_norm"] = hexadecimal(state.weights_norm);
  out["metrics_sum"] = state.metrics_sum;
  for (std::size_t i = 0; i < state.epoch.names.size(); ++i)
    out[fmt::format("epoch_part_{}", i)] = hexadecimal(state.epoch.parts[i]);
  return out;
}

std::size_t count_of(const io::Safetensors& file, std::string_view key) {
  constexpr std::uint64_t most = std::uint64_t{1} << 62;  // an epoch's rows times all its steps
  return whole_number(file.text(key), fmt::format("{}: {}", file.where, key), {0, most});
}

void read_metadata(const io::Safetensors& file, TrainState& state) {
  const auto number = [&](const std::string& key) {
    return from_hexadecimal(file.text(key), file.where + ": " + key);
  };
  state.step = count_of(file, "step");
  state.metric_lines = count_of(file, "metric_lines");
  state.best_epoch = count_of(file, "best_epoch");
  state.best_validation = number("best_validation");
  state.epochs_without_gain = count_of(file, "epochs_without_gain");
  state.epoch.rows = number("epoch_rows"), state.epoch.loss = number("epoch_loss");
  const auto optional = [&](const std::string& key, double& to) {  // an earlier version did not keep it
    if (file.metadata.contains(key)) to = number(key);
  };
  optional("loss", state.loss), optional("gradient_norm", state.gradient_norm);
  optional("last_epoch_loss", state.last_epoch_loss), optional("weights_norm", state.weights_norm);
  if (file.metadata.contains("metrics_sum")) state.metrics_sum = file.text("metrics_sum");
  const std::string& names = file.text("epoch_parts");
  state.epoch.names = names.empty() ? std::vector<std::string>{} : split(names, ',');
  state.epoch.parts.clear();
  for (std::size_t i = 0; i < state.epoch.names.size(); ++i)
    state.epoch.parts.push_back(number(fmt::format("epoch_part_{}", i)));
}

// Calls visit(name, floats) on every moment of every phase's optimiser.
template <class Visit>
void for_moments(TrainState& state, Visit visit) {
  for (std::size_t p = 0; p < state.optimizers.size(); ++p)
    for (auto& [name, values] : state.optimizers[p]->state())
      visit(fmt::format("optimizer/{}/{}", state.phase_names[p], name), values);
}

void load_floats(const io::Safetensors& file, const std::string& name, View<float> to) {
  const std::size_t shape[] = {to.size()};
  io::decode<float>(file.get(name, io::Dtype::f32, shape), to.span(), file.where + ": " + name);
}

io::ArrayView flat(View<float> values) {
  return io::ArrayView(std::span<const float>(values.data, values.size()));
}

void load_optional(const io::Safetensors& file, const std::string& name, std::size_t size, Tensor& to) {
  if (file.find(name) == nullptr) return;
  to.resize(1, size);
  load_floats(file, name, to);
}

}  // namespace

void EpochSums::add(const Losses& losses, std::size_t rows_of_step) {
  if (names.size() != losses.count) {
    names.clear();
    for (std::size_t i = 0; i < losses.count; ++i) names.emplace_back(losses.parts[i].name);
    parts.assign(losses.count, 0);
  }
  const auto weight = static_cast<double>(rows_of_step);
  rows += weight, loss += weight * losses.loss;
  for (std::size_t i = 0; i < losses.count; ++i) parts[i] += weight * losses.parts[i].value;
}

Losses EpochSums::mean(const Losses& like) const {
  Losses out;
  const bool literals = like.count == names.size();
  const double n = std::max(1.0, rows);
  out.loss = loss / n;
  for (std::size_t i = 0; i < names.size(); ++i)
    out.add(literals ? like.parts[i].name : std::string_view(names[i]), parts[i] / n);
  return out;
}

void EpochSums::clear() {
  rows = loss = 0;
  std::fill(parts.begin(), parts.end(), 0.0);
}

std::string checkpoint_path(const Run& run) { return run.path + "/checkpoint.safetensors"; }
std::string good_path(const Run& run) { return run.path + "/good.safetensors"; }
std::string model_path(const Run& run) { return run.path + "/model.safetensors"; }
std::string metrics_path(const Run& run) { return run.path + "/metrics.jsonl"; }

io::NamedArrays named_parameters(const Run& run, const std::string& prefix) {
  io::NamedArrays out;
  for (const Parameter* parameter : run.arena.parameters())
    out.emplace_back(prefix + parameter->name, io::ArrayView(View<const float>(parameter->value)));
  return out;
}

void load_parameters(Run& run, const io::Safetensors& file, const std::string& prefix) {
  for (const Parameter* parameter : run.arena.parameters()) {
    const std::size_t shape[] = {parameter->rows, parameter->cols};
    const std::string name = prefix + parameter->name;
    io::decode<float>(file.get(name, io::Dtype::f32, shape), parameter->value.span(),
                      file.where + ": " + name);
    const auto values = parameter->value.span();
    if (!std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); }))
      throw RequestError(Complaint{file.where + ": " + name, "a weight that is not finite",
                                   "those of a training that went well",
                                   "begin a new run with a lower --rate"});
  }
}

void keep_files(const Run& run, const std::function<void()>& write) {
  try {
    write();
  } catch (const RequestError& problem) {
    throw WorkError(Complaint{run.path,
                              fmt::format("a run directory that cannot be used ({})", problem.what()),
                              "the one that the training began in",
                              "what was learnt since the last checkpoint is lost; it must stay where it is"});
  }
}

void save_checkpoint(Run& run, TrainState& state) {
  state.weights_norm = norm(run.arena.values());
  io::NamedArrays arrays = named_parameters(run, "parameters/");
  for_moments(state, [&](std::string name, View<float> values) {
    arrays.emplace_back(std::move(name), flat(values));
  });
  if (!state.average.empty()) arrays.emplace_back("average", flat(state.average));
  if (!state.best.empty()) arrays.emplace_back("best", flat(state.best));
  io::write_safetensors(checkpoint_path(run), arrays, metadata_of(state));
}

void load_checkpoint(Run& run, TrainState& state, const std::function<bool()>& make_optimizers) {
  const io::Safetensors file = io::read_safetensors(checkpoint_path(run));
  read_metadata(file, state);
  load_parameters(run, file, "parameters/");
  if (make_optimizers && make_optimizers())
    for_moments(state, [&](const std::string& name, View<float> values) { load_floats(file, name, values); });
  load_optional(file, "average", run.arena.trained_size(), state.average);
  load_optional(file, "best", run.arena.values().size(), state.best);
}

void use_weights(Run& run, const TrainState& state, Weights which) {
  const View<float> values = run.arena.values();
  if (which == Weights::automatic) {
    const bool best =
        run.options.known("patience") && run.options.count("patience", 0) > 0 && !state.best.empty();
    which = best ? Weights::best : state.average.empty() ? Weights::last : Weights::ema;
  }
  const Tensor* from = which == Weights::best  ? &state.best
                       : which == Weights::ema ? &state.average
                                               : nullptr;
  if (from == nullptr) return;
  if (from->empty())
    throw RequestError(Complaint{"--weights", which == Weights::best ? "best" : "ema",
                                 which == Weights::best ? "a run with --validation" : "a run with --ema"});
  std::memcpy(values.data, from->data(), from->size() * sizeof(float));
}

void save_model(const Run& run) {
  io::write_safetensors(model_path(run), named_parameters(run, ""),
                        {{"format", std::to_string(kRunFormat)}, {"model", run.entry->name}});
}

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
// Which array goes where, and how its numbers lie.
#include "train/initial_weights.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/safetensors.hpp"
#include "pushforward/error.hpp"
#include "pushforward/export.hpp"
#include "train/weight_names.hpp"

namespace pushforward {
namespace {

using Shape = std::vector<std::size_t>;
using Names = std::vector<std::string>;

constexpr std::size_t kMostNames = 40;  // in one line of error

std::string listed(const Names& names) {
  const std::size_t n = std::min(names.size(), kMostNames);
  std::string text =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(n), ", "));
  return n < names.size() ? fmt::format("{} and {} more", text, names.size() - n) : text;
}

// ---- a run's ----

void start_from_run(Run& run, const std::string& path) {
  const Run other = open_run(path);
  std::size_t found = 0;
  for (const Parameter* to : run.arena.parameters())
    for (const Parameter* from : other.arena.parameters()) {
      if (from->name != to->name) continue;
      if (from->rows != to->rows || from->cols != to->cols)
        throw RequestError(Complaint{"--init " + path,
                                     fmt::format("{} of {}×{}", from->name, from->rows, from->cols),
                                     fmt::format("{}×{}", to->rows, to->cols)});
      std::copy_n(from->value.data, from->size(), to->value.data);
      ++found;
    }
  if (found == 0)
    throw RequestError(Complaint{"--init " + path, "no parameter of the same name", "a run of a like model"});
}

// ---- a file's ----

// Shapes that other programs keep a parameter in, by its name: what an export of the model writes.
std::map<std::string, Shape> exported_shapes(const Run& run) {
  std::map<std::string, Shape> shapes;
  if (!can<OnnxModel>(*run.model)) return shapes;
  for (const std::string& part : onnx_parts(run)) {
    const OnnxGraph graph = onnx_graph(run, part);
    for (const OnnxGraph::Constant& each : graph.constants())
      shapes.emplace(each.name, Shape(each.extents.begin(), each.extents.end()));
  }
  return shapes;
}

struct Place {
  std::string where;  // for errors: the file, the array
  const Parameter& parameter;
  Shape exported;

  bool vector() const { return !parameter.decays; }  // a number an output, as biases are
  Shape wanted() const {
    if (!exported.empty()) return exported;
    return vector() ? Shape{parameter.cols} : Shape{parameter.rows, parameter.cols};
  }
  bool takes(const Shape& shape) const {
    return shape == exported || shape == Shape{parameter.rows, parameter.cols} ||
           (parameter.rows == 1 && shape == Shape{parameter.cols}) ||
           (parameter.cols == 1 && shape == Shape{parameter.rows}) ||
           (parameter.size() == 1 && shape.empty());
  }
};

// Arrays one behind the other along their first axis.
struct Stacked {
  Shape shape{};
  std::vector<float> values{};
};

Stacked stacked(const io::Safetensors& file, const WeightSource& source, const Place& place) {
  Stacked all;
  for (const std::string& name : source.arrays) {
    const io::ArrayView& array = *file.find(name);
    const std::vector<float> values = io::to_vector<float>(array, place.where);
    all.values.insert(all.values.end(), values.begin(), values.end());
    if (all.shape.empty()) {
      all.shape = array.shape;
      continue;
    }
    if (array.shape.empty() ||
        !std::equal(all.shape.begin() + 1, all.shape.end(), array.shape.begin() + 1, array.shape.end()))
      throw RequestError(
          Complaint{place.where, io::text_of_shape(array.shape),
                    io::text_of_shape(all.shape) + ", but for the first, as the one before it"});
    all.shape[0] += array.shape[0];
  }
  return all;
}

// Planes one behind the other become channels last: where each number comes from.
std::vector<std::size_t> order_of(const Planes& planes, std::size_t count, const Place& place) {
  std::vector<std::size_t> from(count);
  const std::size_t area = planes.height * planes.width;
  if (planes.size() != 0 && planes.size() != count)
    throw RequestError(Complaint{
        place.where, fmt::format("planes of {}x{}x{}", planes.channels, planes.height, planes.width),
        fmt::format("{} numbers, as {} has", count, place.parameter.name)});
  for (std::size_t j = 0; j < count; ++j)
    from[j] = planes.size() == 0 ? j : j % planes.channels * area + j / planes.channels;
  return from;
}

// A row's taps by channels, as filters are kept here; in the file channels by taps.
std::vector<std::size_t> order_of_filter(const Shape& shape, std::size_t count) {
  std::vector<std::size_t> from(count);
  const std::size_t channels = shape[1], taps = shape[2] * shape[3];
  for (std::size_t j = 0; j < count; ++j) from[j] = j % channels * taps + j / channels;
  return from;
}

void fill(const Stacked& found, const WeightSource& source, const Place& place) {
  const Parameter& to = place.parameter;
  if (!place.takes(found.shape))
    throw RequestError(Complaint{place.where, io::text_of_shape(found.shape),
                                 fmt::format("{} for {}", io::text_of_shape(place.wanted()), to.name)});
  if (!std::ranges::all_of(found.values, [](float v) { return std::isfinite(v); }))
    throw RequestError(Complaint{place.where, "a weight that is not finite", "finite ones"});
  const bool filters = found.shape.size() == 4;
  const std::vector<std::size_t> rows = order_of(place.vector() ? Planes{} : source.outputs, to.rows, place);
  const std::vector<std::size_t> cols =
      filters ? order_of_filter(found.shape, to.cols)
              : order_of(place.vector() ? source.outputs : source.inputs, to.cols, place);
  for (std::size_t i = 0; i < to.rows; ++i)
    for (std::size_t j = 0; j < to.cols; ++j) to.value(i, j) = found.values[rows[i] * to.cols + cols[j]];
}

// What PyTorch counts beside the weights.
bool is_counter(const std::string& array) { return array.ends_with("num_batches_tracked"); }

// What the model took from the data, and no layer from its batches: --center's mean.
bool of_data(const Parameter& parameter) {
  return !parameter.trained && parameter.name.find('.') == std::string::npos;
}

struct Assignment {
  const Parameter* parameter;
  WeightSource source;
};

// Refuses what is left over on either side.
std::vector<Assignment> assigned(const Run& run, const io::Safetensors& file, const WeightNames& names) {
  const auto has = [&](const std::string& array) { return file.find(array) != nullptr; };
  std::vector<Assignment> all;
  Names parameters, lacking, left;
  std::set<std::string> used(names.left().begin(), names.left().end());
  for (const Parameter* p : run.arena.parameters()) {
    parameters.push_back(p->name);
    WeightSource source = names.of(p->name, has);
    if (of_data(*p) && source.arrays == Names{p->name} && !has(p->name)) continue;
    for (const std::string& array : source.arrays)
      if (used.insert(array); !has(array))
        lacking.push_back(array == p->name ? array : p->name + " (" + array + ")");
    if (source.arrays.empty()) used.insert(p->name);
    if (!source.arrays.empty()) all.push_back({p, std::move(source)});
  }
  if (const Names unknown = names.unknown(parameters); !unknown.empty())
    throw RequestError(Complaint{names.path(), listed(unknown), "names among " + listed(parameters)});
  for (const auto& [array, values] : file.arrays)
    if (!used.contains(array) && !is_counter(array)) left.push_back(array);
  if (lacking.empty() && left.empty()) return all;
  std::string got;
  if (!lacking.empty()) got = "no array for " + listed(lacking);
  if (!left.empty())
    got += (got.empty() ? "" : ", and ") + ("arrays that no parameter takes: " + listed(left));
  throw RequestError(Complaint{"--init " + file.where, got, "an array for every parameter, and none besides",
                               "--names FILE.toml says which is which, and what to leave"});
}

void start_from_file(Run& run, const std::string& path, const std::string& names_path) {
  const io::Safetensors file = io::read_safetensors(path);
  const WeightNames names = names_path.empty() ? WeightNames() : WeightNames::read(names_path);
  const std::map<std::string, Shape> shapes = exported_shapes(run);
  for (const auto& [parameter, source] : assigned(run, file, names)) {
    const auto shape = shapes.find(parameter->name);
    const Place place{fmt::format("--init {}: {}", path, fmt::join(source.arrays, " + ")), *parameter,
                      shape == shapes.end() ? Shape{} : shape->second};
    fill(stacked(file, source, place), source, place);
  }
}

}  // namespace

void start_from(Run& run, const std::string& place, const std::string& names) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(place, ignored)) return start_from_file(run, place, names);
  if (!names.empty())
    throw RequestError("--names requires --init FILE.safetensors: a run's parameters have their own names");
  if (!std::filesystem::exists(place, ignored))
    throw RequestError(
        Complaint{"--init " + place, "nothing there", "a run directory or a safetensors file"});
  start_from_run(run, place);
}

}  // namespace pushforward

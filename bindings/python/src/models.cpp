// SPDX-License-Identifier: Apache-2.0
//
// Runs: the registry of models as data, trainings of rows in memory or of a DATA argument, what a trained
// model makes of rows, and its networks as nodes.
#include <chrono>
#include <functional>

#include <nanobind/stl/map.h>
#include <nanobind/stl/vector.h>

#include "borrow.hpp"
#include "core/whole_number.hpp"
#include "data/parts.hpp"
#include "io/csv.hpp"
#include "pushforward/apply.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/error.hpp"
#include "pushforward/export.hpp"
#include "train/training_data.hpp"
#include "train/units.hpp"

namespace pushforward::python {
namespace {

using Given = std::map<std::string, std::string>;

io::Dtype dtype_of(const Array& array) {
  const nb::dlpack::dtype type = array.dtype();
  using enum io::Dtype;
  const auto code = static_cast<nb::dlpack::dtype_code>(type.code);
  const auto pick = [&](std::initializer_list<io::Dtype> by_size) {
    std::size_t k = 0;
    for (unsigned bits = 8; bits < type.bits; bits *= 2) ++k;
    return by_size.begin()[k];
  };
  if (code == nb::dlpack::dtype_code::Bool) return boolean;
  if (code == nb::dlpack::dtype_code::Int) return pick({i8, i16, i32, i64});
  if (code == nb::dlpack::dtype_code::UInt) return pick({u8, u16, u32, u64});
  if (code == nb::dlpack::dtype_code::Float && type.bits <= 64) return pick({f16, f16, f32, f64});
  throw nb::type_error("x: got another type, wanted real numbers");
}

// As a file of the array would be read.
Dataset dataset_of(const Array& array, const std::string& name, const std::string& layout) {
  std::vector<std::size_t> shape;
  for (std::size_t k = 0; k < array.ndim(); ++k) shape.push_back(array.shape(k));
  io::ArrayView view;
  view.dtype = dtype_of(array), view.shape = shape;
  view.bytes = {static_cast<const std::uint8_t*>(array.data()), array.nbytes()};
  const nb::gil_scoped_release released;
  return data::from_array(view, name, layout);
}

Dataset load(const std::string& argument, const Options& options,
             std::shared_ptr<const TableSchema> schema = nullptr) {
  const Working working;
  LoadOptions how = load_options(options, options.seed("seed"));
  if (schema) how.schema = std::move(schema), how.schema_file.clear(), how.mixed = true;  // columns by name
  return load_silently(argument, how, picture_options(options));
}

nb::object array_of_floats(const Tensor& rows) {
  auto memory = std::make_unique<float[]>(rows.size());
  std::copy_n(rows.data(), rows.size(), memory.get());
  float* data = memory.release();
  nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<float*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, float>(data, {rows.rows(), rows.cols()}, owner));
}

// ---- training ----

Options read_options(const std::string& model, const Given& given) {
  const Working working;
  return options_given(find_model(model), given);
}

Run begin(const std::string& path, const std::string& model, const Given& given, const Dataset& data,
          const std::string& name) {
  const Options options = read_options(model, given);  // with the process's threads, unless `given` has some
  const Working working;
  set_threads(static_cast<int>(options.count("threads", 0, kMostThreads)));
  return create_run(path, find_model(model), options, data, name);
}

void add(nb::dict& line, const std::string& prefix, const Losses& losses) {
  for (std::size_t i = 0; i < losses.count; ++i)
    line[(prefix + std::string(losses.parts[i].name)).c_str()] = losses.parts[i].value;
}

nb::dict line_of(const Progress& p) {
  nb::dict line;
  line["epoch"] = p.epoch, line["epochs"] = p.epochs, line["step"] = p.step, line["steps"] = p.total_steps;
  if (!p.stage.empty()) line["stage"] = std::string(p.stage);
  line["loss"] = p.losses.loss;
  add(line, "", p.losses);
  if (p.validation) line["validation_loss"] = p.validation->loss;
  if (p.monitor) add(line, "monitor_", *p.monitor);
  line["seconds"] = p.seconds, line["samples_per_second"] = p.samples_per_second;
  return line;
}

// Tells Python of epochs, and looks for Ctrl-C ten times a second: what Python raises stops the training at a
// checkpoint, and is raised when that is written.
class Teller {
 public:
  explicit Teller(nb::object callback) : callback_(std::move(callback)) {}

  Continue operator()(const Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (!progress.epoch_end && progress.warning.empty() && now - looked_ < std::chrono::milliseconds(100))
      return Continue::yes;
    looked_ = now;
    const nb::gil_scoped_acquire locked;
    try {
      if (PyErr_CheckSignals() != 0) throw nb::python_error();
      if (!progress.warning.empty() && PyErr_WarnEx(PyExc_RuntimeWarning, progress.warning.c_str(), 1) != 0)
        throw nb::python_error();
      if (!progress.epoch_end || callback_.is_none()) return Continue::yes;
      return callback_(line_of(progress)).is(nb::handle(Py_False)) ? Continue::stop : Continue::yes;
    } catch (nb::python_error& raised) {
      raised_.emplace(raised);
      return Continue::stop;
    }
  }
  void raise() const {
    if (raised_) throw nb::python_error(*raised_);
  }

 private:
  nb::object callback_;
  std::optional<nb::python_error> raised_{};
  std::chrono::steady_clock::time_point looked_{};
};

nb::dict summary_of(const Summary& summary) {
  nb::dict found;
  found["stopped"] = std::string(to_text(summary.stopped));
  found["steps"] = summary.steps, found["epochs"] = summary.epochs, found["seconds"] = summary.seconds;
  found["best_epoch"] = summary.best_epoch;
  return found;
}

// `data` is used up.
nb::dict train_run(Run& run, Dataset& data, nb::object callback) {
  Teller tell(std::move(callback));
  Summary summary;
  {
    const WorkingOn working(&run);
    set_threads(static_cast<int>(run.options.count("threads", 0, kMostThreads)));
    summary = train_on(run, complete_training_data(std::move(data), run.options), std::ref(tell));
  }
  tell.raise();
  return summary_of(summary);
}

// ---- use ----

Weights weights_of(const std::string& word) {
  const std::vector<std::string> valid = {"automatic", "last", "best", "ema"};
  for (std::size_t i = 0; i < valid.size(); ++i)
    if (valid[i] == word) return static_cast<Weights>(i);
  throw unknown_word("weights", word, valid);
}

using Seed = std::optional<std::uint64_t>;

template <class Work>
nb::object rows_of(const Run& run, const Work& work) {
  Tensor rows;
  {
    const WorkingOn working(&run);
    rows = work();
  }
  return array_of_floats(rows);
}

using Path = std::optional<std::string>;

// In the data's units: as an array, or of a table with categories, dates or gaps as a CSV at `path`.
nb::object restored(const Run& run, const Path& path, const Dataset& told, const auto& work) {
  Tensor rows;
  {
    const WorkingOn working(&run);
    rows = work();
    if (path) {
      const Dataset data = restore_rows(run, rows, told);
      io::write_table(*path, *data.schema, data.doubles());
      rows = {};
    } else {
      restore_units(run, rows);
    }
  }
  return path ? nb::none() : array_of_floats(rows);
}

bool is_table(const Run& run) {
  return (run.encoding && !run.encoding->identity()) || (run.conditions && run.conditions->columns());
}

// How a table's dates are written, by column.
Given date_forms(const Run& run) {
  Given forms;
  if (!is_table(run)) return forms;
  for (const TableColumn& column : whole_schema(run)->columns)
    if (column.kind == ColumnKind::date) forms[column.name] = column.date_form;
  return forms;
}

std::string condition_of(const Run& run) {
  return !run.conditions ? "" : run.conditions->columns() ? "columns" : "label";
}

// What rows that are made are told: a label each, or what `where` ("cut=Ideal") fixes and draws else.
struct Told {
  std::vector<std::string> labels, where;
};

Dataset told_rows(const Run& run, std::size_t n, const Told& told, std::uint64_t seed) {
  const Working working;
  if (told.labels.empty()) return drawn_conditions(run, n, told.where, seed);
  Dataset labelled;
  labelled.name = "label", labelled.rows_data = Matrix<float>(told.labels.size(), 1);
  data::set_labels(labelled, told.labels);
  return run.conditions->of(labelled);
}

nb::object sample(const Run& run, std::size_t n, std::uint64_t seed, std::optional<bool> draw,
                  const Path& path, const std::vector<std::string>& labels,
                  const std::vector<std::string>& where) {
  const Dataset told = told_rows(run, n, {labels, where}, seed);
  return restored(run, path, told,
                  [&] { return generate_rows(run, n, seed, draw.value_or(draws_by_default(run)), &told); });
}
nb::object encode(const Run& run, const Dataset& data, Seed seed) {
  return rows_of(run, [&] {
    const Dataset told = conditions_of(run, data);
    return encode_rows(run, prepare_rows(run, data), seed, &told);
  });
}
nb::object decode(const Run& run, const Dataset& codes, Seed seed, const Path& path,
                  const std::vector<std::string>& labels, const std::vector<std::string>& where) {
  const Dataset told = told_rows(run, codes.rows(), {labels, where}, seed.value_or(0));
  return restored(run, path, told, [&] { return decode_rows(run, codes, seed, &told); });
}
nb::object reconstruct(const Run& run, const Dataset& data, Seed seed, const Path& path) {
  const Dataset told = conditions_of(run, data);
  return restored(run, path, told,
                  [&] { return reconstruct_rows(run, prepare_rows(run, data), seed, &told); });
}

EvaluateOptions evaluate_options(std::size_t draws, std::size_t importance, std::uint64_t seed) {
  return {.draws = draws, .importance = importance, .seed = seed};
}

nb::object scores(const Run& run, const Dataset& data, std::size_t draws, std::uint64_t seed) {
  std::vector<double> found;
  {
    const WorkingOn working(&run);
    const Dataset told = conditions_of(run, data);
    EvaluateOptions options = evaluate_options(draws, 0, seed);
    if (run.conditions) options.inputs = &told;
    found = score_rows(run, prepare_rows(run, data), options);
  }
  return array_of(found);
}

nb::dict evaluate(const Run& run, const Dataset& data, std::size_t draws, std::size_t importance,
                  std::uint64_t seed) {
  Fields figures;
  {
    const WorkingOn working(&run);
    const Dataset told = conditions_of(run, data);
    EvaluateOptions options = evaluate_options(draws, importance, seed);
    if (run.conditions) options.inputs = &told;
    figures = in_data_units(run, evaluate(*run.model, prepare_rows(run, data), options));
  }
  return dict_of(figures);
}

nb::dict parameters(const Run& run) {
  nb::dict found;
  for (const Parameter* p : run.arena.parameters()) {
    Tensor value(p->rows, p->cols);
    std::copy_n(p->value.data, p->size(), value.data());
    found[p->name.c_str()] = array_of_floats(value);
  }
  return found;
}

// ---- the network as nodes ----

nb::object of_extents(const std::vector<std::int64_t>& extents, const auto& values) {
  using T = typename std::remove_cvref_t<decltype(values)>::value_type;
  auto memory = std::make_unique<T[]>(values.size());
  std::ranges::copy(values, memory.get());
  T* data = memory.release();
  nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<T*>(p); });
  const std::vector<std::size_t> shape(extents.begin(), extents.end());
  return nb::cast(nb::ndarray<nb::numpy, T>(data, shape.size(), shape.data(), owner));
}

nb::dict attributes_of(const OnnxGraph::Node& node) {
  nb::dict found;
  for (const OnnxGraph::Attribute& each : node.attributes)
    found[each.name.c_str()] = std::visit([](const auto& value) { return nb::cast(value); }, each.value);
  return found;
}

nb::list names_of(const std::vector<OnnxGraph::Port>& ports) {
  nb::list names;
  for (const OnnxGraph::Port& port : ports) names.append(port.name);
  return names;
}

nb::dict graph_of(const Run& run, const std::string& part) {
  const OnnxGraph graph = onnx_graph(run, part);
  nb::dict found, constants, about;
  nb::list nodes, trained, kept;
  for (const OnnxGraph::Node& node : graph.nodes()) {
    nb::dict each;
    each["operation"] = node.operation, each["inputs"] = node.inputs, each["output"] = node.output;
    each["attributes"] = attributes_of(node);
    nodes.append(each);
  }
  for (const OnnxGraph::Constant& each : graph.constants())
    constants[each.name.c_str()] =
        std::visit([&](const auto& values) { return of_extents(each.extents, values); }, each.values);
  for (const Parameter* p : run.arena.parameters()) (p->trained ? trained : kept).append(p->name);
  for (const auto& [key, value] : graph.about()) about[key.c_str()] = value;
  found["nodes"] = nodes, found["constants"] = constants, found["trained"] = trained, found["kept"] = kept;
  found["inputs"] = names_of(graph.inputs()), found["outputs"] = names_of(graph.outputs());
  found["about"] = about;
  nb::list ports;
  for (const OnnxGraph::Port& port : graph.inputs()) ports.append(nb::make_tuple(port.name, port.width));
  found["ports"] = ports;
  return found;
}

nb::dict options_dict(const Run& run) {
  nb::dict found;
  for (const OptionRow& row : run.options.rows()) found[row.name.c_str()] = run.options.text(row.name);
  return found;
}

nb::list model_rows() {
  nb::list rows;
  for (const ModelEntry& entry : models()) {
    nb::dict row;
    row["name"] = entry.name, row["title"] = entry.title, row["formula"] = entry.formula;
    row["source"] = entry.source, row["solved"] = entry.solved;
    nb::list options;
    const Options all = options_of(entry);
    for (const OptionRow& o : all.rows())
      if (!o.meaning.empty()) options.append(nb::make_tuple(o.name, all.text(o.name), o.meaning, o.flag));
    row["options"] = options;
    rows.append(row);
  }
  return rows;
}

void bind_run(nb::module_& module) {
  using namespace nb::literals;
  nb::class_<Dataset>(module, "Dataset", "Rows as the library holds them.")
      .def_prop_ro("rows", &Dataset::rows)
      .def_prop_ro("columns", &Dataset::cols)
      .def_ro("remarks", &Dataset::remarks, "What a user should know of how they were read.")
      .def(
          "label",
          [](Dataset& data, const std::vector<std::string>& labels) { data::set_labels(data, labels); },
          "labels"_a);
  nb::class_<Run>(module, "Run", "A model with its weights and its options, and mostly a run directory.")
      .def_ro("path", &Run::path)
      .def_prop_ro("model", [](const Run& run) { return run.entry->name; })
      .def_prop_ro("data", [](const Run& run) { return data_argument(run); })
      .def_prop_ro(
          "shape",
          [](const Run& run) {
            return nb::make_tuple(run.shape.height, run.shape.width, run.shape.channels, run.shape.image);
          },
          nb::sig("def shape(self) -> tuple[int, int, int, bool]"))
      .def_prop_ro("latent", [](const Run& run) { return code_size(*run.model); })
      .def_prop_ro("table", &is_table)
      .def_prop_ro("dates", &date_forms, "How a table's dates are written, by column.")
      .def_prop_ro("condition", &condition_of)
      .def_prop_ro("encodes", [](const Run& run) { return can<Encodes>(*run.model); })
      .def_prop_ro("generates", [](const Run& run) { return can<Generative>(*run.model); })
      .def_prop_ro("remark", [](const Run& run) { return run.remark; })
      .def("parts", &onnx_parts, nb::sig("def parts(self) -> list[str]"))
      .def("graph", &graph_of, "part"_a, nb::sig("def graph(self, part: str) -> dict[str, typing.Any]"))
      .def(
          "write_onnx",
          [](const Run& run, const std::string& part, const std::string& path) {
            write_onnx(run, part, path);
          },
          "part"_a, "path"_a)
      .def("options", &options_dict, nb::sig("def options(self) -> dict[str, str]"))
      .def("parameters", &parameters, nb::sig("def parameters(self) -> dict[str, typing.Any]"))
      .def("train", &train_run, "data"_a, "callback"_a.none(),
           nb::sig("def train(self, data: Dataset, callback: typing.Any) -> dict[str, typing.Any]"))
      .def("sample", &sample, "n"_a, "seed"_a, "draw"_a.none(), "path"_a.none(), "labels"_a, "where"_a,
           nb::sig("def sample(self, n: int, seed: int, draw: bool | None, path: str | None, labels: "
                   "list[str], where: list[str]) -> typing.Any"))
      .def("encode", &encode, "data"_a, "seed"_a.none(),
           nb::sig("def encode(self, data: Dataset, seed: int | None) -> typing.Any"))
      .def("decode", &decode, "codes"_a, "seed"_a.none(), "path"_a.none(), "labels"_a, "where"_a,
           nb::sig("def decode(self, codes: Dataset, seed: int | None, path: str | None, labels: list[str], "
                   "where: list[str]) -> typing.Any"))
      .def("reconstruct", &reconstruct, "data"_a, "seed"_a.none(), "path"_a.none(),
           nb::sig("def reconstruct(self, data: Dataset, seed: int | None, path: str | None) -> typing.Any"))
      .def("scores", &scores, "data"_a, "draws"_a, "seed"_a,
           nb::sig("def scores(self, data: Dataset, draws: int, seed: int) -> typing.Any"))
      .def("evaluate", &evaluate, "data"_a, "draws"_a, "importance"_a, "seed"_a,
           nb::sig("def evaluate(self, data: Dataset, draws: int, importance: int, seed: int) -> dict[str, "
                   "typing.Any]"));
}

}  // namespace

void bind_models(nb::module_& module) {
  using namespace nb::literals;
  bind_run(module);
  module.def("model_rows", &model_rows, nb::sig("def model_rows() -> list[dict[str, typing.Any]]"));
  module.def("dataset", &dataset_of, "x"_a.noconvert(), "name"_a, "layout"_a,
             nb::sig("def dataset(x: typing.Any, name: str, layout: str) -> Dataset"));
  module.def(
      "load_data",
      [](const std::string& argument, const std::string& model, const Given& given) {
        return load(argument, read_options(model, given));
      },
      "argument"_a, "model"_a, "given"_a);
  module.def(
      "load_like",
      [](const std::string& argument, const Run& run) {
        return load(argument, run.options, whole_schema(run));
      },
      "argument"_a, "run"_a);
  module.def("begin_run", &begin, "path"_a, "model"_a, "given"_a, "data"_a, "name"_a);
  module.def(
      "resume_run",
      [](const std::string& path, const Given& changed) {
        const Working working;
        return resume_run(path, changed);
      },
      "path"_a, "changed"_a);
  module.def(
      "open_run",
      [](const std::string& path, const std::string& weights) {
        const Working working;
        return open_run(path, weights_of(weights));
      },
      "path"_a, "weights"_a);
}

}  // namespace pushforward::python

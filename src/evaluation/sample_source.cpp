// SPDX-License-Identifier: Apache-2.0
// Where generated rows come from, and the units that they are measured in.
#include "evaluation/sample_source.hpp"

#include <memory>

#include <fmt/format.h>

#include "pushforward/apply.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/error.hpp"
#include "pushforward/table_encoding.hpp"

namespace pushforward {

Dataset as_data(std::string name, RowShape shape, Tensor rows) {
  Dataset data;
  data.name = std::move(name), data.shape = shape, data.rows_data = std::move(rows);
  return data;
}

SampleSource samples_of(const Run& run, std::uint64_t seed, const Dataset* conditions) {
  const auto told = [&run, seed, conditions](std::size_t n) {  // the rows' own, again and again
    return conditions != nullptr ? *conditions : drawn_conditions(run, n, {}, seed);
  };
  const auto made = [&run, seed](std::size_t n, const Dataset& own) {
    return generate_rows(run, n, seed, draws_by_default(run), &own);
  };
  SampleSource source{run.path, written_shape(run), [&run, made, told](std::size_t n) {
                        const Dataset own = told(n);
                        Tensor rows = made(n, own);
                        if (run.conditions && run.conditions->columns())
                          return restore_rows(run, rows, own).floats(0, n);
                        restore_units(run, rows);
                        return rows;
                      }};
  if (run.encoding)
    source.table = [&run, made, told](std::size_t n) {
      const Dataset own = told(n);
      Tensor rows = made(n, own);
      return restore_rows(run, rows, own);
    };
  return source;
}

SampleSource samples_of(Dataset data) {
  auto kept = std::make_shared<const Dataset>(std::move(data));
  return {kept->name, kept->shape,
          [kept](std::size_t n) { return kept->floats(0, std::min(n, kept->rows())); }};
}

Space units_of(const Run& run) {
  if (!run.encoding) return [&run](Dataset data) { return prepare_data(run, std::move(data)); };
  const auto units = std::make_shared<std::optional<TableUnits>>();
  return [units](Dataset data) {  // whatever is measured first gives the units: the same for every run
    if (!*units) units->emplace(data);
    return (*units)->measured(data);
  };
}

Space codes_of(const std::string& path) {
  auto run = std::make_shared<Run>(open_run(path));
  want_encoder(*run, "--features");
  if (run->conditions)
    throw RequestError(Complaint{"--features " + path, "a run with --condition",
                                 "one without: its codes must not know what rows were told"});
  return [run](Dataset data) {
    if (data.cols() != run->shape.size())
      throw RequestError(Complaint{"--features " + run->path,
                                   fmt::format("an autoencoder of rows of {}", run->shape.text()),
                                   fmt::format("one of {}, as the data", data.shape.text())});
    const Dataset prepared = prepare_data(*run, std::move(data));
    Tensor codes = encode_rows(*run, prepared);
    const RowShape shape{.width = codes.cols()};
    return as_data(prepared.name, shape, std::move(codes));
  };
}

}  // namespace pushforward

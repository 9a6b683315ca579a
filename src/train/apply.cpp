// SPDX-License-Identifier: Apache-2.0
// Batches, and a draw for each that depends on the seed and on where the batch begins.
#include "pushforward/apply.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "pushforward/condition.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kBatch = 500;       // rows that are read at once
constexpr std::size_t kGenerated = 2500;  // rows that are generated at once

Draw draw_at(std::uint64_t seed, std::string_view stream, std::size_t first) {
  return Draw{seed}.on(stream).at(first);
}

// The conditions that rows are told, where they have some.
Dataset own_or_none(const Dataset* conditions) { return conditions != nullptr ? *conditions : Dataset{}; }
Dataset own_or_drawn(const Run& run, const Dataset* conditions, std::size_t rows, std::uint64_t seed) {
  return conditions != nullptr && conditions->rows() > 0 ? *conditions
                                                         : drawn_conditions(run, rows, {}, seed);
}

// Calls use(x, y, draw) batch by batch; the draw is null without a seed.
Tensor drawn(const Run& run, const Dataset& data, std::size_t cols, std::string_view stream,
             std::optional<std::uint64_t> seed, const Dataset& conditions,
             const std::function<void(View<const float>, View<float>, const Draw*)>& use) {
  return in_batches(data, cols, [&](View<const float> x, View<float> y, std::size_t first) {
    tell(run, conditions, first, x.rows);
    const Draw draw = draw_at(seed.value_or(0), stream, first);
    use(x, y, seed ? &draw : nullptr);
  });
}

// By the squares of the deviations that columns were divided by.
void restore_variances(const Run& run, View<float> rows) {
  if (run.standardization.empty()) return;
  for (std::size_t i = 0; i < rows.rows; ++i)
    for (std::size_t j = 0; j < rows.cols; ++j) {
      const double deviation = run.standardization.deviation[j];
      rows(i, j) = static_cast<float>(static_cast<double>(rows(i, j)) * deviation * deviation);
    }
}

void check_codes(const Run& run, const Dataset& codes, std::string_view what) {
  want_code(run, what);
  if (codes.cols() != code_size(*run.model))
    throw RequestError(Complaint{codes.name, fmt::format("rows of {} numbers", codes.cols()),
                                 fmt::format("codes of {}", code_size(*run.model))});
}

}  // namespace

Dataset prepare_rows(const Run& run, Dataset data) {
  if (run.encoding) return prepare_data(run, std::move(data));  // columns by name
  if (data.cols() != run.shape.size() || (data.shape.image && run.shape.image && data.shape != run.shape))
    throw RequestError(Complaint{
        data.name, fmt::format("rows of {}", data.shape.text()),
        fmt::format("{}, as {} was trained on", run.shape.text(), run.path.empty() ? "the model" : run.path),
        run.shape.image ? "--resize HxW and --grey help with pictures" : ""});
  data.shape = run.shape;
  return prepare_data(run, std::move(data));
}

Tensor generate_rows(const Run& run, std::size_t n, std::uint64_t seed, bool draw,
                     const Dataset* conditions) {
  want_prior(run, "sample");
  Tensor rows(n, run.shape.size());
  const Dataset told = own_or_drawn(run, conditions, n, seed);
  for (std::size_t begin = 0; begin < n; begin += kGenerated) {
    const std::size_t end = std::min(n, begin + kGenerated);
    tell(run, told, begin, end - begin);
    generate(*run.model, rows.view().slice(begin, end), draw_at(seed, "sample", begin / kGenerated), draw);
  }
  return rows;
}

bool draws_by_default(const Run& run) { return run.encoding != nullptr && can_draw(*run.model); }

Tensor encode_rows(const Run& run, const Dataset& data, std::optional<std::uint64_t> seed,
                   const Dataset* conditions) {
  want_encoder(run, "encode");
  return drawn(run, data, code_size(*run.model), "encode", seed, own_or_none(conditions),
               [&](View<const float> x, View<float> z, const Draw* draw) { encode(*run.model, x, z, draw); });
}

Tensor decode_rows(const Run& run, const Dataset& codes, std::optional<std::uint64_t> seed,
                   const Dataset* conditions) {
  check_codes(run, codes, "decode");
  return drawn(run, codes, run.shape.size(), "decode", seed,
               own_or_drawn(run, conditions, codes.rows(), seed.value_or(0)),
               [&](View<const float> z, View<float> x, const Draw* draw) { decode(*run.model, z, x, draw); });
}

Tensor reconstruct_rows(const Run& run, const Dataset& data, std::optional<std::uint64_t> seed,
                        const Dataset* conditions) {
  return drawn(
      run, data, run.shape.size(), "reconstruct", seed, own_or_none(conditions),
      [&](View<const float> x, View<float> y, const Draw* draw) { reconstruct(*run.model, x, y, draw); });
}

Tensor code_variances(const Run& run, const Dataset& data, const Dataset* conditions) {
  want_encoder(run, "encode");
  return drawn(run, data, code_size(*run.model), "encode", {}, own_or_none(conditions),
               [&](View<const float> x, View<float> v, const Draw*) { code_variance(*run.model, x, v); });
}

Tensor decoded_variances(const Run& run, const Dataset& codes, const Dataset* conditions) {
  check_codes(run, codes, "decode");
  Tensor rows =
      drawn(run, codes, run.shape.size(), "decode", {}, own_or_drawn(run, conditions, codes.rows(), 0),
            [&](View<const float> z, View<float> v, const Draw*) { decoded_variance(*run.model, z, v); });
  restore_variances(run, rows);
  return rows;
}

std::vector<double> score_rows(const Run& run, const Dataset& data, const EvaluateOptions& options) {
  return scores(*run.model, data, options);
}

void want_code(const Run& run, std::string_view what) {
  if (!can<Decodes>(*run.model))
    throw RequestError(Complaint{std::string(what),
                                 fmt::format("{}, a model without a code", run.entry->name),
                                 "a model with one: an autoencoder"});
}

void want_encoder(const Run& run, std::string_view what) {
  want_code(run, what);
  if (!can<Encodes>(*run.model))
    throw RequestError(Complaint{std::string(what),
                                 fmt::format("{}, a model without an encoder", run.entry->name),
                                 "a model with one: an autoencoder"});
}

void want_prior(const Run& run, std::string_view what) {
  if (!can<Generative>(*run.model))
    throw RequestError(Complaint{
        std::string(what), run.entry->name + ", which has no prior to draw from", "a generative model",
        "vae and ppca are; an autoencoder can decode codes of yours: pushforward decode"});
}

Tensor in_batches(const Dataset& data, std::size_t cols,
                  const std::function<void(View<const float>, View<float>, std::size_t)>& use) {
  Tensor out(data.rows(), cols), x;
  std::vector<std::uint32_t> index(std::min(kBatch, data.rows()));
  for (std::size_t first = 0; first < data.rows(); first += kBatch) {
    index.resize(std::min(kBatch, data.rows() - first));
    std::iota(index.begin(), index.end(), static_cast<std::uint32_t>(first));
    x.resize(index.size(), data.cols());
    data.gather(index, x);
    use(x, out.view().slice(first, first + index.size()), first);
  }
  return out;
}

RowShape written_shape(const Run& run) {
  if (!run.encoding) return run.shape;
  std::size_t columns = 0;
  for (const TableColumn& column : whole_schema(run)->columns)
    columns += column.kind != ColumnKind::key ? 1 : 0;
  return {1, columns, 1, false};
}

}  // namespace pushforward

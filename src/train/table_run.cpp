// SPDX-License-Identifier: Apache-2.0
#include "train/table_run.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "io/safetensors.hpp"
#include "pushforward/option_table.hpp"
#include "pushforward/train.hpp"
#include "train/data_defaults.hpp"
#include "train/plan.hpp"

namespace pushforward {
namespace {

bool standard(const Options& options) { return !options.has("standardize") || options.yes("standardize"); }

// Networks that make rows learn N(0, 1) columns; those that give rows back keep their distances.
NumberScale scale_of(Options& options) {
  if (!options.has("scaling")) {
    const bool mixed = options.known("likelihood") && options.text("likelihood") == "mixed";
    const bool quantile = standard(options) && (mixed || options.known("distance"));
    options.set("scaling", quantile ? "quantile" : "plain");
  }
  return *option_table(DataOptions{}).read(options).scaling;
}

// In how many directions rows vary: the numbers of a category sum to 1.
std::size_t directions(const TableEncoding& encoding) {
  const std::vector<TableBlock> blocks = parse_blocks(encoding.blocks(), "blocks");
  return encoding.width() -
         static_cast<std::size_t>(std::ranges::count(blocks, TableBlock::Kind::category, &TableBlock::kind));
}

// A code narrower than that, so that a solved model leaves some variance for its noise.
void settle_latent(Options& options, const TableEncoding& encoding) {
  if (!is_left_open(options, "latent") || options.known("noise-distribution")) return;
  const auto own = static_cast<std::size_t>(options.count("latent", 1));
  const std::size_t most = std::max<std::size_t>(2, directions(encoding)) - 1;
  options.set_count("latent", std::min(own, most));
}

std::string file_of(const std::string& run) { return run + "/table.safetensors"; }

}  // namespace

void propose_for_table(Options& options, const TableSchema& schema) {
  if (is_left_open(options, "likelihood") && standard(options)) options.set("likelihood", "mixed");
  if (is_left_open(options, "loss") && !schema.plain()) options.set("loss", "mixed");
  if (is_left_open(options, "noise") && !options.has("noisy")) options.set("noise", "masking:0.2");
}

std::shared_ptr<const TableEncoding> settle_table(Options& options, const ModelEntry&,
                                                  const Dataset& training) {
  const std::size_t held_out = validation_rows(options, training.rows());
  const NumberScale scale = scale_of(options);
  auto encoding = std::make_shared<const TableEncoding>(
      held_out > 0 ? TableEncoding(training.slice(0, training.rows() - held_out), scale)
                   : TableEncoding(training, scale));
  options.set("blocks", encoding->blocks());
  settle_latent(options, *encoding);
  return encoding;
}

void write_encoding(const std::string& run, const TableEncoding& encoding) {
  write_encoding_file(file_of(run), encoding);
}

std::shared_ptr<const TableEncoding> read_encoding(const std::string& run) {
  return read_encoding_file(file_of(run));
}

void write_encoding_file(const std::string& path, const TableEncoding& encoding) {
  io::NamedArrays arrays;
  const std::vector<ColumnQuantiles>& columns = encoding.quantiles();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    arrays.emplace_back(fmt::format("{}.middle", c),
                        io::ArrayView(std::span<const double>(&columns[c].middle, 1)));
    if (columns[c].empty()) continue;
    arrays.emplace_back(fmt::format("{}.value", c), io::ArrayView(columns[c].value));
    arrays.emplace_back(fmt::format("{}.below", c), io::ArrayView(columns[c].below));
    arrays.emplace_back(fmt::format("{}.up_to", c), io::ArrayView(columns[c].up_to));
  }
  const std::string schema = schema_text(encoding.schema());
  try {
    parse_schema(schema, "its schema");  // before hours of work that nothing could open
    io::write_safetensors(path, arrays, {{"schema", schema}, {"header", encoding.header() ? "yes" : "no"}});
  } catch (const RequestError& problem) {
    throw RequestError(
        Complaint{"the table", fmt::format("{} columns", encoding.schema().columns.size()),
                  fmt::format("so many that a run's file can describe them ({})", problem.what()),
                  "--columns or --drop takes fewer"});
  }
}

std::shared_ptr<const TableEncoding> read_encoding_file(const std::string& path) {
  const io::Safetensors file = io::read_safetensors(path);
  TableSchema schema = parse_schema(file.text("schema"), path);
  std::vector<ColumnQuantiles> quantiles;
  for (const TableColumn& column : schema.columns) {
    if (column.kind == ColumnKind::key) continue;
    const std::string name = fmt::format("{}", quantiles.size());
    ColumnQuantiles& own = quantiles.emplace_back();
    const std::size_t one[] = {1};
    own.middle = io::to_vector<double>(file.get(name + ".middle", io::Dtype::f64, one), path)[0];
    const io::ArrayView* knots = file.find(name + ".value");
    if (knots == nullptr) continue;
    own.value = io::to_vector<double>(*knots, path);
    const std::size_t count[] = {own.value.size()};
    own.below = io::to_vector<double>(file.get(name + ".below", io::Dtype::f64, count), path);
    own.up_to = io::to_vector<double>(file.get(name + ".up_to", io::Dtype::f64, count), path);
  }
  return std::make_shared<const TableEncoding>(std::move(schema), file.text("header") == "yes",
                                               std::move(quantiles));
}

}  // namespace pushforward

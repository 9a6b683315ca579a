// SPDX-License-Identifier: Apache-2.0
#include "latent.hpp"

#include <charconv>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "../output.hpp"
#include "../run_argument.hpp"
#include "io/cells.hpp"
#include "io/png.hpp"
#include "pages/columns.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/error.hpp"
#include "pushforward/spec.hpp"
#include "pushforward/threads.hpp"
#include "report/picture.hpp"

namespace pushforward::cli::studio {
namespace {

using Words = std::vector<std::string>;

std::string stamp_of(const std::string& path) {
  std::error_code ignored;
  const auto written = std::filesystem::last_write_time(path + "/model.safetensors", ignored);
  return fmt::format("{} {}", path, written.time_since_epoch().count());
}

Tensor code_of(const std::string& text, std::size_t latent) {
  const std::vector<std::string> parts = split(text, ',');
  if (parts.size() != latent)
    throw RequestError(Complaint{"z", fmt::format("{} numbers", parts.size()), fmt::format("{}", latent)});
  Tensor z(1, latent);
  for (std::size_t k = 0; k < latent; ++k) {
    const auto [end, problem] = std::from_chars(parts[k].data(), parts[k].data() + parts[k].size(), z(0, k));
    if (problem != std::errc() || end != parts[k].data() + parts[k].size() || !std::isfinite(z(0, k)))
      throw RequestError(Complaint{"z", "'" + parts[k] + "'", "a finite number"});
  }
  return z;
}

Answer row_answer(const Run& run, Tensor& row, const Dataset& told) {
  const Dataset made = restore_rows(run, row, told);
  const pages::ColumnTable table = pages::column_table("", made);
  Json header = Json::array(), cells = Json::array();
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    header.push_back(table.columns[c].name);
    const double value = table.cells(0, c);
    cells.push_back(std::isnan(value) ? ""
                    : table.columns[c].numeric() && table.columns[c].decimals < 0
                        ? short_number(value)
                        : io::cell_text(table.columns[c], value));
  }
  return {Json{{"header", header}, {"row", cells}}.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

}  // namespace

const Run& Latent::opened(const std::string& path) {
  if (const std::string stamp = stamp_of(path); stamp != stamp_)
    run_ = std::make_unique<Run>(open_run(path)), stamp_ = stamp;
  return *run_;
}

Answer Latent::decode(const std::string& run_path, const std::string& z, const std::string& where) {
  const std::lock_guard lock(mutex_);
  const Run& run = opened(run_path);
  want_code(run, "the latent space");
  Tensor row(1, run.shape.size());
  const Dataset told = drawn_conditions(run, 1, where.empty() ? Words{} : split(where, '\n'), 0);
  tell(run, told, 0, 1);
  pushforward::decode(*run.model, code_of(z, code_size(*run.model)), row, nullptr);
  if (!run.shape.image || (run.shape.channels != 1 && run.shape.channels != 3))
    return row_answer(run, row, told);
  restore_units(run, row);
  const report::Image image = report::image_grid(row, run.shape, {.gap = 0, .smallest = 1});
  const io::Bytes png = io::encode_png(image);
  return {std::string(png.begin(), png.end()), "image/png"};
}

}  // namespace pushforward::cli::studio

// SPDX-License-Identifier: Apache-2.0
//
// What a trained model makes of rows, batch by batch: the same numbers for the same seed and rows, whether a
// command, a report, Python or a program of yours asks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "pushforward/run.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// Data as loaded, in the run's units and shape; of a table, its columns by name. RequestError where their
/// rows have another shape.
Dataset prepare_rows(const Run& run, Dataset data);

/// n rows from the prior: means of p(x|z), or draws of it. These rows and those of decode_rows and
/// reconstruct_rows are the model's own: restore_units or restore_rows (run.hpp) gives them the data's. The
/// first rows of any longer demand with the same seed are the same. Here and below `conditions` are those of
/// the rows (condition.hpp), over again where there are fewer; rows that are made of nothing or of codes have
/// some as often as in training where there are none.
Tensor generate_rows(const Run& run, std::size_t n, std::uint64_t seed, bool draw = false,
                     const Dataset* conditions = nullptr);

/// Of a row as it is written, in the data's units: of a table, its columns but for keys.
RowShape written_shape(const Run& run);

/// Whether rows are drawn where nobody asks: of tables, where the model can; of images, means.
bool draws_by_default(const Run& run);

/// Codes (n × Z) of rows that prepare_rows() prepared: means of q(z|x), or draws of it where there is a seed.
Tensor encode_rows(const Run& run, const Dataset& data, std::optional<std::uint64_t> seed = {},
                   const Dataset* conditions = nullptr);
/// Rows (n × D) of codes: means of p(x|z), or draws of it where there is a seed.
Tensor decode_rows(const Run& run, const Dataset& codes, std::optional<std::uint64_t> seed = {},
                   const Dataset* conditions = nullptr);
/// What comes back of rows through the code (or through a denoiser).
Tensor reconstruct_rows(const Run& run, const Dataset& data, std::optional<std::uint64_t> seed = {},
                        const Dataset* conditions = nullptr);
/// The variances where encode_rows and decode_rows have means; the latter in the squares of the data's units.
Tensor code_variances(const Run& run, const Dataset& data, const Dataset* conditions = nullptr);
Tensor decoded_variances(const Run& run, const Dataset& codes, const Dataset* conditions = nullptr);

/// Each row's own score (higher = stranger): squared error, or −ELBO, or −ln p.
std::vector<double> score_rows(const Run& run, const Dataset& data, const EvaluateOptions& options = {});

/// Refuses a run whose model has no code, no encoder, no prior. `what` is asked for.
void want_code(const Run& run, std::string_view what);
void want_encoder(const Run& run, std::string_view what);
void want_prior(const Run& run, std::string_view what);

/// All rows of `data` through `use`, some hundred at a time: use(x, y, first) writes y (B × cols).
Tensor in_batches(const Dataset& data, std::size_t cols,
                  const std::function<void(View<const float> x, View<float> y, std::size_t first)>& use);

}  // namespace pushforward
#pragma GCC visibility pop

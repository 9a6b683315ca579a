// SPDX-License-Identifier: Apache-2.0
//
// What a page needs of a variational autoencoder with a code of two numbers: its decoder, which runs in the
// page (web/wasm/decoder.cpp), and codes of rows.
#pragma once

#include "training.hpp"

namespace pushforward::cli::walkthrough {

/// Weights of a decoder of one hidden layer, float32 in base64.
Json decoder_of(const Run& run);
/// A few codes and what they decode to, for the test that compares the page's decoder with the program's.
Json decoded_by(const Run& run);
/// Of each of the first n rows: both means and both standard deviations.
Json codes_of(const Run& run, const Dataset& data, std::size_t n);

}  // namespace pushforward::cli::walkthrough

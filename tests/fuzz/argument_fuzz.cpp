// SPDX-License-Identifier: Apache-2.0
// DATA arguments, toys, SPECs and sizes: everything that is parsed from the command line, short of opening
// files.
#include "data/parts.hpp"
#include "data/pictures.hpp"
#include "fuzz.hpp"

namespace pushforward::fuzz {
namespace {

Dataset small() {
  Dataset data;
  data.shape = {1, 1, 1, false};
  data.rows_data = Matrix<float>(4, 1);
  data.labels = {0, 1, 0, 1};
  data.label_names = {"cat", "dog"};
  return data;
}

template <class F>
void try_each(F&& parse) {
  try {
    parse();
  } catch (const RequestError&) {
  }
}

}  // namespace

void target(ByteSpan bytes) {
  const std::string_view text = io::text_of(bytes);
  try_each([&] { parse_spec(text).text(); });
  try_each([&] { parse_spec_list(text); });
  try_each([&] { data::parse_size(text); });
  try_each([&] { data::parse_toy(text.starts_with("toy:") ? text.substr(4) : text, 0); });
  Dataset data = small();
  for (const data::Suffix& suffix : data::parse_argument(text).suffixes)
    data = data::apply(data, suffix, "fuzz");
}

std::vector<Bytes> seeds() {
  return {bytes_from("toy:moons:n=1000,scale=2,noise=0.1,seed=3"),
          bytes_from("mnist:test[cat,dog]@0:2@1:"),
          bytes_from("toy:gaussian:d=3"),
          bytes_from("a/b.npz:key[cat]"),
          bytes_from("mmd:estimator=biased,bandwidth=1+2+4,energy"),
          bytes_from("28x28")};
}

}  // namespace pushforward::fuzz

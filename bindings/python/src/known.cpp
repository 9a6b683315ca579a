// SPDX-License-Identifier: Apache-2.0
//
// Vectors of probabilities: divergences, entropies and code books; and entropies of samples.
#include <numbers>

#include "borrow.hpp"
#include "pushforward/coding.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/entropy.hpp"
#include "pushforward/error.hpp"
#include "pushforward/mutual_information.hpp"
#include "pushforward/neighbours.hpp"
#include "reading.hpp"

namespace pushforward::python {
namespace {

constexpr std::size_t kNeighbours = 5, kSplitNeighbours = 3;  // as the program's

double unit_in(bool bits) { return bits ? 1 / std::numbers::ln2 : 1; }
std::string name_of_unit(bool bits) { return bits ? "bits" : "nats"; }

std::vector<double> masses_of(const char* name, const Vector& masses, bool normalize) {
  return distribution_of(name, {masses.data(), masses.size()},
                         {.normalize = normalize, .columns = masses.ndim() == 2 ? masses.shape(1) : 0});
}

NamedReading divergence_of(const std::string& name, const OptionList& options, const Vector& p,
                           const Vector& q, const MaybeVector& positions, bool normalize, bool bits) {
  const Spec spec = divergence_meant(spec_of(name, options));
  const DivergenceEntry& entry = find_divergence(spec.name);
  const std::vector<double> first = masses_of("p", p, normalize), second = masses_of("q", q, normalize);
  const std::span<const double> places = numbers_of(positions);
  if (first.size() != second.size() || (!places.empty() && places.size() != first.size()))
    throw RequestError(Complaint{"divergence",
                                 std::to_string(first.size()) + " masses in p, " +
                                     std::to_string(second.size()) + " in q, " +
                                     std::to_string(places.size()) + " positions",
                                 "the same number of each (or no positions)"});
  const double natural = make_divergence(spec)->measure({first, second, places});
  return exact_reading(spec.name, in_divergence_unit(entry, natural, bits), divergence_unit(entry, bits));
}

// H(p) of a vector; of a table, rows X and columns Y, all that there is.
NamedReading entropy_of(const Vector& p, bool normalize, bool bits) {
  const std::vector<double> masses = masses_of("p", p, normalize);
  const double unit = unit_in(bits);
  if (p.ndim() == 1) return exact_reading("entropy", entropy(masses) * unit, name_of_unit(bits));
  const JointEntropies h = joint_entropies({masses.data(), p.shape(0), p.shape(1)});
  NamedReading found = exact_reading("entropy", h.joint * unit, name_of_unit(bits));
  found.reading.extra = {{"x", h.x * unit},
                         {"y", h.y * unit},
                         {"y_given_x", h.y_given_x * unit},
                         {"x_given_y", h.x_given_y * unit},
                         {"mutual_information", h.mutual_information * unit}};
  return found;
}

NamedReading entropy_of_sample(const Array& sample, std::size_t k, bool bits) {
  const Points points = points_of(sample);
  if (k == 0) k = kNeighbours;
  const Working working;
  const double nats = neighbour_entropy(points, k);
  return {"entropy",
          {.value = nats * unit_in(bits),
           .estimator = "Kozachenko–Leonenko",
           .unit = name_of_unit(bits),
           .options = {{"k", k}}}};
}

void add(Fields& fields, const std::string& key, const std::optional<Estimated>& estimated, double unit) {
  if (!estimated) return;
  fields.emplace_back(key, estimated->value * unit);
  fields.emplace_back(key + "_standard_error", estimated->standard_error * unit);
}

// Mutual information of X, the first `split` columns, and Y, the others; with their entropies.
NamedReading information_of_sample(const Array& sample, std::size_t split, std::size_t k, std::uint64_t seed,
                                   bool bits) {
  const Points points = points_of(sample);
  if (k == 0) k = kSplitNeighbours;
  const double unit = unit_in(bits);
  const Working working;
  Matrix<double> rows(points.n(), points.d());
  for (std::size_t i = 0; i < points.n(); ++i)
    for (std::size_t c = 0; c < points.d(); ++c) rows(i, c) = points.at(i, c);
  const SampleInformation found = sample_information(rows, split, k, seed);
  Fields extra;
  add(extra, "joint", found.joint, unit), add(extra, "x", found.x, unit), add(extra, "y", found.y, unit);
  add(extra, "y_given_x", found.y_given_x, unit), add(extra, "x_given_y", found.x_given_y, unit);
  extra.emplace_back("bias_correction", found.correction * unit);
  return {"mutual information",
          {.value = found.mutual_information.value * unit,
           .standard_error = found.mutual_information.standard_error * unit,
           .estimator = found.estimator,
           .unit = name_of_unit(bits),
           .extra = std::move(extra),
           .options = {{"k", found.k}, {"split", split}, {"seed", seed}}}};
}

nb::list words_of(const CodeBook& book) {
  nb::list words;
  for (const auto& word : book) words.append(nb::cast(word));
  return words;
}

CodeBook book_of(const std::optional<std::vector<std::string>>& words, const std::vector<double>& made_for) {
  if (!words) return huffman_code(made_for);
  check_prefix_code(*words, made_for.size());
  return {words->begin(), words->end()};
}

nb::dict code_of(const Vector& p, const std::optional<std::vector<std::string>>& words,
                 const MaybeVector& made_for, bool normalize) {
  const std::vector<double> first = masses_of("p", p, normalize);
  const std::vector<double> other = made_for ? masses_of("made_for", *made_for, normalize) : first;
  if (other.size() != first.size())
    throw RequestError(Complaint{"made_for", std::to_string(other.size()) + " masses",
                                 std::to_string(first.size()) + ", as p has"});
  const CodeBook book = book_of(words, other);
  const double bits = unit_in(true);
  Fields price = {{"mean_length", mean_length(book, first)},
                  {"fixed_length", fixed_length(book)},
                  {"entropy", entropy(first) * bits},
                  {"kraft_sum", kraft_sum(book)}};
  if (made_for) {
    price.emplace_back("ideal_length", make_divergence({"cross-entropy"})->measure({first, other}) * bits);
    price.emplace_back("extra", make_divergence({"kl"})->measure({first, other}) * bits);
  }
  nb::dict found = dict_of(price);
  found["words"] = words_of(book);
  return found;
}

nb::list divergence_rows() {
  nb::list rows;
  for (const DivergenceEntry& entry : divergences()) {
    nb::dict row;
    row["name"] = entry.name, row["title"] = entry.title, row["formula"] = entry.formula;
    row["source"] = entry.source, row["range"] = entry.range;
    row["symmetric"] = entry.facts.symmetric, row["metric"] = entry.facts.metric;
    nb::list options;
    for (const OptionRow& o : entry.options)
      options.append(nb::make_tuple(o.name, o.fallback, o.meaning, o.flag));
    row["options"] = options;
    rows.append(row);
  }
  return rows;
}

}  // namespace

void bind_known(nb::module_& module) {
  using namespace nb::literals;
  module.def("divergence", &divergence_of, "name"_a, "options"_a, "p"_a, "q"_a, "positions"_a.none(),
             "normalize"_a, "bits"_a);
  module.def("divergence_rows", &divergence_rows,
             nb::sig("def divergence_rows() -> list[dict[str, typing.Any]]"));
  module.def("entropy", &entropy_of, "p"_a, "normalize"_a, "bits"_a);
  module.def("sample_entropy", &entropy_of_sample, "sample"_a.noconvert(), "k"_a, "bits"_a);
  module.def("sample_information", &information_of_sample, "sample"_a.noconvert(), "split"_a, "k"_a, "seed"_a,
             "bits"_a);
  module.def(
      "code", &code_of, "p"_a, "words"_a.none(), "made_for"_a.none(), "normalize"_a,
      nb::sig("def code(p: typing.Any, words: list[str] | None, made_for: typing.Any, normalize: bool) -> "
              "dict[str, typing.Any]"));
}

}  // namespace pushforward::python

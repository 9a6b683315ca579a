// SPDX-License-Identifier: Apache-2.0
// pushforward code: code books, and what they cost.
#include <numbers>

#include <fmt/format.h>

#include "command.hpp"
#include "masses.hpp"
#include "output.hpp"
#include "pushforward/coding.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/entropy.hpp"
#include "pushforward/error.hpp"
#include "pushforward/spec.hpp"

namespace pushforward::cli {
namespace {

struct Options {
  std::string p, q, words;
  bool normalize = false;
};

double bits(double nats) { return nats / std::numbers::ln2; }

CodeBook code_book(const Options& options, const std::vector<double>& made_for) {
  if (options.words.empty()) return huffman_code(made_for);
  const std::vector<std::string> words = split(options.words, ',');
  check_prefix_code(words, made_for.size());
  return {words.begin(), words.end()};
}

// What the words cost on p, in bits a symbol.
Fields price(const Options& options, const std::vector<double>& p, const std::vector<double>* q,
             const CodeBook& words) {
  Fields result = {{"mean_length", mean_length(words, p)},
                   {"fixed_length", fixed_length(words)},
                   {"entropy", bits(entropy(p))}};
  if (q != nullptr) {
    result.emplace_back("ideal_length", bits(make_divergence({"cross-entropy"})->measure({p, *q})));
    result.emplace_back("extra", bits(make_divergence({"kl"})->measure({p, *q})));
  }
  result.emplace_back("kraft_sum", kraft_sum(words));
  result.emplace_back("code", options.words.empty() ? "Huffman" : "given");
  result.emplace_back("unit", "bits a symbol");
  return result;
}

void print_book(const std::vector<double>& p, const std::vector<double>* q, const CodeBook& words) {
  std::vector<std::string> header = {"symbol", "p", "word", "length"};
  if (q != nullptr) header.insert(header.begin() + 2, "q");
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < p.size(); ++i) {
    rows.push_back({fmt::format("{}", i), short_number(p[i]), words[i].value_or("none"),
                    words[i] ? fmt::format("{}", words[i]->size()) : "none"});
    if (q != nullptr) rows.back().insert(rows.back().begin() + 2, short_number((*q)[i]));
  }
  print_table(header, rows);
  print_line("");
}

void run(const Options& options, const Common& common) {
  const Masses p = read_masses(options.p, "P", options.normalize);
  Masses q;
  if (!options.q.empty()) q = read_masses(options.q, "Q", options.normalize), check_same_values(p, q);
  const std::vector<double>* other = options.q.empty() ? nullptr : &q.values;
  const CodeBook words = code_book(options, other ? *other : p.values);
  const Fields result = price(options, p.values, other, words);
  if (common.json) {
    Json json = to_json(result);
    json["words"] = Json::array();
    for (const auto& word : words) json["words"].push_back(word ? Json(*word) : Json(nullptr));
    return print_json(json);
  }
  print_book(p.values, other, words);
  print_fields(result);
}

}  // namespace

Command code_command() {
  return {"code", "Code books: Huffman's or your own, their length, and what the wrong one costs", "Measure",
          "  pushforward code 0.5,0.25,0.125,0.125\n"
          "  pushforward code 0.5,0.25,0.25 --words 0,10,11\n"
          "  pushforward code 0.5,0.25,0.25 --for 0.25,0.25,0.5      made for Q, used on P",
          [](CommandLine& line, const Common& common) {
            auto options = std::make_shared<Options>();
            line.text("P", options->p, "Masses of the symbols that are sent", {.required = true});
            line.text("--words", options->words, "A prefix code to price, a word a symbol: 0,10,11");
            line.text("--for", options->q, "Masses that the code book was made for");
            line.flag("--normalize", options->normalize, "Divide masses by their sum, whatever it is");
            return [options, &common] { run(*options, common); };
          }};
}

}  // namespace pushforward::cli

// SPDX-License-Identifier: Apache-2.0
// The library's figures are those that the program prints, and its rows those that the program writes.
#include "pushforward/evaluate.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/npy.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/rows.hpp"
#include "pushforward/train.hpp"
#include "support/own_folder.hpp"
#include "support/places.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

using nlohmann::json;
using testing::run_program;

class EvaluateInCpp : public testing::OwnFolder {
 protected:
  void train(const std::string& words) const {
    ASSERT_EQ(run_program("train " + words + " --quiet -o " + at("run")).status, 0);
  }
};

// Every number of `fields` stands in `printed`, and no other.
void expect_same(const Fields& fields, const json& printed, std::size_t besides) {
  EXPECT_EQ(printed.size(), fields.size() + besides);
  for (const Field& field : fields) {
    ASSERT_TRUE(printed.contains(field.key)) << field.key;
    if (field.key == "seconds") continue;
    if (const double* value = std::get_if<double>(&field.value))
      EXPECT_EQ(*value, printed[field.key].get<double>()) << field.key;
    else if (const Fields* parts = std::get_if<Fields>(&field.value))
      expect_same(*parts, printed[field.key], 0);
  }
}

TEST_F(EvaluateInCpp, IsWhatTheProgramPrints) {
  train("vae toy:8gaussians:n=2000 --hidden 16 --latent 2 --likelihood gaussian:learned --epochs 2");
  const json printed = json::parse(
      run_program("evaluate " + at("run") + " toy:8gaussians:n=900,seed=5 --seed 3 --draws 2 --json --quiet")
          .out);
  const pushforward::Run run = open_run(at("run"));
  const Evaluation own = evaluate(run, rows_of(run, load_data("toy:8gaussians:n=900,seed=5"), "others"),
                                  {.draws = 2, .seed = 3}, {.seed = 3});
  expect_same(own.figures, printed, 2);  // and "format", and "distances"
  ASSERT_EQ(own.distances.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) expect_same(own.distances[i], printed["distances"][i], 0);
}

TEST_F(EvaluateInCpp, OfTheRunsOwnRowsIsThatOfTheHeldOutOnes) {
  train("ppca toy:gaussian:d=3,n=600 --latent 1 --validation 0.25");
  const json printed = json::parse(run_program("evaluate " + at("run") + " --json --quiet").out);
  const pushforward::Run run = open_run(at("run"));
  const EvaluatedRows own = own_rows(run);
  EXPECT_TRUE(own.held_out);
  EXPECT_EQ(own.data.rows(), 150u);
  EXPECT_EQ(trained_rows(run, own).rows(), 450u);
  expect_same(evaluate(run, own).figures, printed, 2);
}

// The second distance is not defined for three columns: the first, which takes its time, is not begun, nor
// are the model's own figures.
TEST_F(EvaluateInCpp, RefusesADistanceBeforeAnythingIsMeasured) {
  train("ppca toy:gaussian:d=3,n=600 --latent 1");
  const pushforward::Run run = open_run(at("run"));
  const EvaluatedRows rows = own_rows(run);
  std::size_t begun = 0;
  Listener listener;
  listener.begin = [&](const std::string&) -> Listener::Bar { return ++begun, nullptr; };
  GenerationOptions generation;
  generation.distances = parse_spec_list("energy,histogram");
  EXPECT_THROW(evaluate(run, rows, {}, generation, listener), RequestError);
  EXPECT_THROW(check_generation(rows, units_of(run), generation), RequestError);
  EXPECT_EQ(begun, 0u);
  generation.distances.pop_back();
  evaluate(run, rows, {}, generation, listener);
  EXPECT_GT(begun, 0u);
}

// A run keeps no copy of rows that were never a file: who has them hands them over, and nothing is left out.
TEST_F(EvaluateInCpp, RowsInMemoryAreHandedOver) {
  std::vector<float> numbers(1200);
  fill_normal(numbers, {.seed = 1});
  const Dataset data = data_from(numbers, {600, 2}, {.name = "clouds"});
  const ModelEntry& ppca = find_model("ppca");
  Options options = options_of(ppca);
  options.set("latent", "1"), options.set("validation", "0.25");
  pushforward::Run run = create_run(at("run"), ppca, options, data, data.name);
  pushforward::train(run, data, nullptr);

  const EvaluatedRows own = own_rows(run, data);
  EXPECT_EQ(own.data.rows(), 150u);
  EXPECT_EQ(trained_rows(run, own).rows(), 450u);
  std::vector<std::string> notes;
  const Listener listener{.note = [&](const std::string& sentence) { notes.push_back(sentence); }};
  const Evaluation found = evaluate(run, own, {}, {}, listener);
  EXPECT_TRUE(find_field(found.figures, "memorisation"));
  EXPECT_EQ(notes, std::vector<std::string>{});

  evaluate(run, rows_of(run, data.slice(0, 100), "others"), {}, {}, listener);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("training data 'clouds', which lie in no file"), std::string::npos) << notes[0];
  EXPECT_THROW(own_rows(run, data.slice(1, 600)), RequestError);
}

// A run that was made from a struct, gone on with, evaluated and measured: examples/resume_vae.cpp prints
// what the program prints of the same options as words.
TEST_F(EvaluateInCpp, OfATypedRunIsThatOfTheSameWords) {
  const auto example = run_program("--version > /dev/null; " + testing::example_path() + " " + at("typed"));
  ASSERT_EQ(example.status, 0) << example.err;
  double elbo = 0, w2 = 0;
  ASSERT_EQ(std::sscanf(example.out.c_str(), "4 epochs, elbo %lf\nw2 %lf", &elbo, &w2), 2) << example.out;
  train(
      "vae toy:moons:n=500 --latent 2 --hidden 32 --likelihood gaussian:learned --epochs 4 --rate 0.003 "
      "--threads 1");
  const json printed =
      json::parse(run_program("evaluate " + at("run") + " toy:moons:n=500 --json --quiet").out);
  EXPECT_EQ(elbo, printed["elbo"].get<double>());
  ASSERT_EQ(run_program("sample " + at("run") + " -n 500 --seed 0 -o " + at("rows.npy")).status, 0);
  io::write_npy(at("data.npy"), load_data("toy:moons:n=500").floats(0, 500));
  const json distance = json::parse(
      run_program("distance " + at("rows.npy") + " " + at("data.npy") + " -m w2 --json --quiet").out);
  EXPECT_EQ(w2, distance[0]["value"].get<double>());
}

// In one piece as in two: also beyond the rows that are made at once.
TEST_F(EvaluateInCpp, MakesTheRowsThatSampleWrites) {
  train("generator toy:gaussian:d=2,n=3000 --hidden none --latent 2 --steps 1");
  ASSERT_EQ(run_program("sample " + at("run") + " -n 3001 --seed 0 -o " + at("rows.npy")).status, 0);
  const io::ArrayFile file = io::read_npy(at("rows.npy"));
  const auto written = io::to_vector<float>(file.array, "rows");
  const pushforward::Run run = open_run(at("run"));
  const Tensor own = samples_of(run, 0).rows(3001);
  EXPECT_TRUE(std::equal(written.begin(), written.end(), own.span().begin(), own.span().end()));
}

}  // namespace
}  // namespace pushforward

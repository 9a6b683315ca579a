// SPDX-License-Identifier: Apache-2.0
//
// How long a step of any model takes, through the real train().
//
// Problem: a step's time must hold all that a user's step holds (gather, shuffle, checks, optimiser) and
// nothing that happens once (reading files, writing the oneDNN primitives of a new shape).
// Idea: train for `warm` steps and then for `steps` more, charge the latter in CPU seconds of this process
// (wall seconds with several threads, whose CPU time counts them all), and in the same process time a 2048³
// matrix product before and after: milliseconds say nothing on another machine, and on a shared one not even
// on the same.
//
//   model_step MODEL DATA [OPTION=VALUE …] [threads=1] [precision=f32] [steps=200] [warm=20]
// with options as `train` has them.
#include <chrono>
#include <cstdio>
#include <ctime>
#include <map>
#include <string>

#include "ops/product.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/train.hpp"

namespace pushforward {
namespace {

// Seconds of the processor, or of the wall's clock.
class Clock {
 public:
  explicit Clock(bool wall) : wall_(wall) {}
  double seconds() const {
    if (!wall_) return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }

 private:
  bool wall_;
};

// Operations a second.
double product_rate(Precision precision, const Clock& clock) {
  constexpr std::size_t n = 2048;
  Tensor a(n, n), b(n, n), c(n, n);
  fill_normal(a.span(), Draw{1, 0, 0});
  fill_normal(b.span(), Draw{2, 0, 0});
  double best = 0;
  for (int i = 0; i < 4; ++i) {
    const double begin = clock.seconds();
    multiply({.a = std::as_const(a).view(), .b = std::as_const(b).view(), .c = c, .precision = precision});
    best = std::max(best, 2.0 * n * n * n / (clock.seconds() - begin));
  }
  return best;
}

struct Timed {
  double seconds = 0;  // a step
  Losses last{};
};

Timed time_steps(Run& run, const Dataset& data, std::uint64_t warm, std::uint64_t steps, const Clock& clock) {
  double begin = 0;
  Timed out;
  train(run, data, nullptr, [&](const Progress& p) {
    if (p.epoch_end) return Continue::yes;
    if (p.step == warm) begin = clock.seconds();
    if (p.step == warm + steps) out = {(clock.seconds() - begin) / static_cast<double>(steps), p.losses};
    return Continue::yes;
  });
  return out;
}

int run(int argc, char** argv) {
  if (argc < 3)
    throw RequestError(
        "model_step MODEL DATA [OPTION=VALUE …] [threads=1] [precision=f32] [steps=200] [warm=20]");
  const ModelEntry& entry = find_model(argv[1]);
  Options options = options_of(entry);
  std::map<std::string, std::string> given = {
      {"threads", "1"}, {"precision", "f32"}, {"steps", "200"}, {"warm", "20"}};
  for (int i = 3; i < argc; ++i) {
    const std::string word = argv[i];
    const std::size_t equals = word.find('=');
    given[word.substr(0, equals)] = equals == std::string::npos ? "yes" : word.substr(equals + 1);
  }
  const std::uint64_t steps = std::stoull(given["steps"]), warm = std::stoull(given["warm"]);
  given["steps"] = std::to_string(steps + warm);
  given.erase("warm");
  for (const auto& [name, value] : given) options.set(name, value);
  set_threads(std::stoi(given["threads"]));
  const Dataset data = load_data(argv[2]);
  const Precision precision = given["precision"] == "bf16" ? Precision::bf16 : Precision::f32;
  const Clock clock(given["threads"] != "1");
  const double before = product_rate(precision, clock);
  Run run = create_run("", entry, options, data, data.name);
  const Timed timed = time_steps(run, data, warm, steps, clock);
  const double rate = std::max(before, product_rate(precision, clock));
  std::printf("{\"ms_per_step\": %.4f, \"product_gflops\": %.1f, \"precision\": \"%s\", \"loss\": %.6g",
              1e3 * timed.seconds, rate / 1e9, given["precision"].c_str(), timed.last.loss);
  for (std::size_t i = 0; i < timed.last.count; ++i)
    std::printf(", \"%s\": %.6g", std::string(timed.last.parts[i].name).c_str(), timed.last.parts[i].value);
  std::printf("}\n");
  return 0;
}

}  // namespace
}  // namespace pushforward

int main(int argc, char** argv) {
  try {
    return pushforward::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "model_step: %s\n", error.what());
    return 2;
  }
}

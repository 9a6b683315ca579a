// SPDX-License-Identifier: Apache-2.0
//
// How fast a VAE learns: the 784-400-20 step at batch 128, through the real train(), against the machine's
// own rate.
//
// Problem: milliseconds say nothing on another machine, and on a shared one not even on the same.
// Idea: in one process, time a 2048³ matrix product by the same library, then training steps (data as bytes
// in memory, gathered, shuffled, checked, counted as a user's are), then the product again, all in CPU
// seconds of this process; print what share of the product's rate the step reaches, counting only the
// operations that it needs:
//   forward 2·w, weight gradients 2·w, input gradients 2·(w − 784·400) a row, w = 784·400 + 400·40 + 20·400 +
//   400·784
// (the first layer's input gradient is not needed).
//
//   vae_step [DATA] [threads=1] [precision=f32] [steps=400] [batch=128]
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

using Clock = std::chrono::steady_clock;

struct Times {
  double cpu = 0, wall = 0;
};

struct Watch {
  std::clock_t cpu = std::clock();
  Clock::time_point wall = Clock::now();

  Times read() const {
    return {static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC,
            std::chrono::duration<double>(Clock::now() - wall).count()};
  }
};

// Operations a CPU second (one thread) or a second (several: then CPU time counts them all).
double product_rate(Precision precision, bool by_wall) {
  constexpr std::size_t n = 2048;
  Tensor a(n, n), b(n, n), c(n, n);
  fill_normal(a.span(), Draw{1, 0, 0});
  fill_normal(b.span(), Draw{2, 0, 0});
  double best = 0;
  for (int i = 0; i < 6; ++i) {
    const Watch watch;
    multiply({.a = std::as_const(a).view(), .b = std::as_const(b).view(), .c = c, .precision = precision});
    const Times t = watch.read();
    const double n3 = static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
    best = std::max(best, 2 * n3 / (by_wall ? t.wall : t.cpu));
  }
  return best;
}

double operations_a_row() {
  const double first = 784 * 400, w = first + 400 * 40 + 20 * 400 + 400 * 784;
  return 2 * w + 2 * w + 2 * (w - first);
}

// Bytes that look like digits to the clock: a fifth of the pixels is not 0.
Dataset made_up_digits() {
  constexpr std::size_t n = 60000, d = 784;
  Matrix<std::uint8_t> rows(n, d);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < d; ++j)
      rows(i, j) = static_cast<std::uint8_t>((i * 7 + j / 5) % 5 == 0 ? (i * 31 + j * 17) % 256 : 0);
  Dataset data;
  data.name = "made up", data.shape = {.height = 28, .width = 28, .channels = 1, .image = true};
  data.rows_data = std::move(rows), data.scale = 1.0 / 255;
  return data;
}

struct Timed {
  Times a_step;
  double loss = 0;
};

// Steps after the first fifty, which see new shapes and cold memory.
Timed time_steps(const Dataset& data, const std::map<std::string, std::string>& given) {
  const ModelEntry& vae = find_model("vae");
  Options options = options_of(vae);
  const std::uint64_t steps = std::stoull(given.at("steps")), warm = 50;
  options.set("steps", std::to_string(steps + warm));
  for (const char* name : {"threads", "precision", "batch"}) options.set(name, given.at(name));
  Run run = create_run("", vae, options, data, data.name);
  Watch watch;
  Timed out;
  train(run, data, nullptr, [&](const Progress& p) {
    if (p.step == warm) watch = Watch{};
    if (p.step == steps + warm && !p.epoch_end) out.a_step = watch.read(), out.loss = p.losses.loss;
    return Continue::yes;
  });
  out.a_step.cpu /= static_cast<double>(steps), out.a_step.wall /= static_cast<double>(steps);
  return out;
}

int run(int argc, char** argv) {
  std::map<std::string, std::string> given = {
      {"threads", "1"}, {"precision", "f32"}, {"steps", "400"}, {"batch", "128"}};
  std::string source;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos)
      source = word;
    else
      given[word.substr(0, equals)] = word.substr(equals + 1);
  }
  const bool several = given["threads"] != "1";
  set_threads(std::stoi(given["threads"]));
  const Dataset data = source.empty() ? made_up_digits() : load_data(source);
  const Precision precision = given["precision"] == "bf16" ? Precision::bf16 : Precision::f32;
  const double before = product_rate(precision, several);
  const Timed timed = time_steps(data, given);
  const double rate = std::max(before, product_rate(precision, several));
  const double seconds = several ? timed.a_step.wall : timed.a_step.cpu, batch = std::stod(given["batch"]);
  std::printf(
      "{\"ms_per_step\": %.4f, \"wall_ms_per_step\": %.4f, \"samples_per_second\": %.0f, \"product_gflops\": "
      "%.1f, "
      "\"step_gflops\": %.1f, \"fraction\": %.3f, \"threads\": %s, \"precision\": \"%s\", \"loss\": %.3f, "
      "\"library\": \"%s\"}\n",
      1e3 * seconds, 1e3 * timed.a_step.wall, batch / seconds, rate / 1e9,
      batch * operations_a_row() / seconds / 1e9, batch * operations_a_row() / seconds / rate,
      given["threads"].c_str(), given["precision"].c_str(), timed.loss, product_library().c_str());
  return 0;
}

}  // namespace
}  // namespace pushforward

int main(int argc, char** argv) {
  try {
    return pushforward::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vae_step: %s\n", error.what());
    return 2;
  }
}

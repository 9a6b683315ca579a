// SPDX-License-Identifier: Apache-2.0
//
// Times one distance on two files as the library is called, with its gradient if asked: what `pushforward
// distance
// --repeat` cannot do. For bench/peers and for optimising.
//
//   build/release/bench/time_distance SPEC X.npy Y.npy [repeats=3] [threads=1] [gradient]
//
// prints {"seconds": wall, a number a repeat, "cpu_seconds": likewise, "value": …, "peak_mb": …,
// "gradient_norm": …}. Reading the files is not timed; peak_mb is the whole process's, files included.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <exception>
#include <string>

#include <fmt/format.h>
#include <sys/resource.h>
#include <nlohmann/json.hpp>

#include "pushforward/data.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/threads.hpp"

namespace {

using namespace pushforward;

double cpu_now() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

nlohmann::ordered_json time_distance(const std::string& spec, const Sample& x, const Sample& y, int repeats,
                                     bool gradient) {
  const std::unique_ptr<Distance> distance = make_distance(parse_spec(spec));
  Matrix<double> points;
  if (gradient) points.resize(x.n(), x.d());
  Reading reading;
  std::vector<double> wall, cpu;
  for (int r = 0; r < repeats; ++r) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = cpu_now();
    reading = distance->measure(x, y, {points.empty() ? View<double>{} : points.view()});
    wall.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    cpu.push_back(cpu_now() - cpu_start);
  }
  nlohmann::ordered_json result = {{"seconds", wall}, {"cpu_seconds", cpu}};
  if (reading.value) result["value"] = *reading.value;
  result["peak_mb"] = peak_mb();
  double squares = 0;
  for (const double g : points.span()) squares += g * g;
  if (gradient) result["gradient_norm"] = std::sqrt(squares);
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: time_distance SPEC X.npy Y.npy [repeats=3] [threads=1] [gradient]\n", stderr);
    return 2;
  }
  try {
    set_threads(argc > 5 ? std::stoi(argv[5]) : 1);
    const Dataset x = load_data(argv[2]), y = load_data(argv[3]);
    Matrix<double> x_storage, y_storage;
    const auto result =
        time_distance(argv[1], {x.points(x_storage)}, {y.points(y_storage)},
                      argc > 4 ? std::stoi(argv[4]) : 3, argc > 6 && std::string(argv[6]) == "gradient");
    std::puts(result.dump().c_str());
  } catch (const std::exception& error) {
    std::fputs(fmt::format("time_distance: error: {}\n", error.what()).c_str(), stderr);
    return 1;
  }
  return 0;
}

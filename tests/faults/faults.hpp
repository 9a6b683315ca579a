// SPDX-License-Identifier: Apache-2.0
//
// Faults that were found from outside, tried again by the commands that showed them.
//
// A command runs in a folder of the test's own through the shell, where $P is the program, within bounds of
// time and memory. Whatever it is, it ends as the program promises (support/verdict.hpp).
#pragma once

#include <cstdlib>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/npy.hpp"
#include "pushforward/random.hpp"
#include "support/own_folder.hpp"
#include "support/places.hpp"
#include "support/run_limited.hpp"
#include "support/verdict.hpp"

namespace pushforward::testing {

class Faults : public OwnFolder {
 protected:
  static constexpr double kPatience = 120;  // seconds: no fault's command takes ten

  /// A script of the shell, as it is; nothing is asked of how it ends.
  Outcome shell(const std::string& script) {
    return run_limited("/bin/bash", {"-c", "P='" + program_path() + "'\n" + script}, folder_.path, kPatience);
  }
  /// $P ARGUMENTS, which must end as the program promises.
  Outcome program(const std::string& arguments) {
    Outcome outcome = shell("exec \"$P\" " + arguments);
    EXPECT_EQ(verdict(outcome), "") << arguments << "\n" << outcome.out << outcome.err;
    return outcome;
  }
  Outcome done(const std::string& arguments) {
    Outcome outcome = program(arguments);
    EXPECT_EQ(outcome.status, 0) << arguments << "\n" << outcome.out << outcome.err;
    return outcome;
  }
  Outcome refused(const std::string& arguments, const std::string& saying = "", int status = 2) {
    Outcome outcome = program(arguments);
    EXPECT_EQ(outcome.status, status) << arguments << "\n" << outcome.out << outcome.err;
    EXPECT_NE(outcome.err.find(saying), std::string::npos) << arguments << "\n" << outcome.err;
    return outcome;
  }
  nlohmann::json json(const std::string& arguments) {
    const Outcome outcome = done(arguments + " --json --quiet");
    const auto parsed = nlohmann::json::parse(outcome.out, nullptr, false);
    EXPECT_FALSE(parsed.is_discarded()) << arguments << "\n" << outcome.out;
    return parsed.is_array() && parsed.size() == 1 ? parsed[0] : parsed;  // one reading
  }
  double value(const std::string& arguments, const char* key = "value") {
    const auto parsed = json(arguments);
    if (!parsed.contains(key) || !parsed[key].is_number()) {
      ADD_FAILURE() << arguments << ": no number '" << key << "' in " << parsed.dump();
      return 0;
    }
    return parsed[key].get<double>();
  }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(at(name), std::ios::binary) << text;
  }
  void write(const std::string& name, const Matrix<double>& rows) {
    io::write_npy(at(name), io::ArrayView(std::span(rows.data(), rows.size()), {rows.rows(), rows.cols()}));
  }
  /// rows × cols numbers of N(mean, deviation²).
  static Matrix<double> normal(std::size_t rows, std::size_t cols, std::uint64_t seed, double mean = 0,
                               double deviation = 1) {
    Matrix<double> out(rows, cols);
    const Draw draw{seed, stream_id("faults"), 0};
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto k = static_cast<std::uint32_t>(2 * i);
      const double radius = std::sqrt(-2 * std::log(1 - uniform01(draw, k)));
      out.data()[i] =
          mean + deviation * radius * std::cos(2 * 3.14159265358979323846 * uniform01(draw, k + 1));
    }
    return out;
  }
  /// n images of size × size bytes.
  void write_images(const std::string& name, std::size_t n, std::size_t size) {
    std::string text =
        fmt::format("{{'descr': '|u1', 'fortran_order': False, 'shape': ({}, {}, {}), }}", n, size, size);
    text.append(117 - text.size(), ' ');
    text = std::string("\x93NUMPY\x01\x00\x76\x00", 10) + text + "\n";
    for (std::size_t i = 0; i < n * size * size; ++i) text += static_cast<char>((i * i / 7 + 31 * i) % 256);
    write(name, text);
  }
};

}  // namespace pushforward::testing

// SPDX-License-Identifier: Apache-2.0
//
// Every command of the program, with arguments by which it does its work in a folder that holds a run of
// points, and what --help says of its options.
#pragma once

#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward::testing {

// The words of a --help that begin a line and stand before the word N: "-n,--count N=64" gives -n and
// --count.
inline std::vector<std::string> options_of_help(const std::string& command, const std::string& kind) {
  std::vector<std::string> names;
  std::istringstream lines(run_program(command + " --help").out);
  const std::regex option(R"(^\s+((?:-\w,)?(?:--[\w-]+|-\w))\s+)" + kind + R"((?:=|\s|$))");
  for (std::string line; std::getline(lines, line);) {
    std::smatch found;
    if (!std::regex_search(line, found, option)) continue;
    std::istringstream pieces(found[1]);
    for (std::string name; std::getline(pieces, name, ',');) names.push_back(name);
  }
  return names;
}

// Names after two spaces in the overview.
inline std::vector<std::string> commands_of_help() {
  std::vector<std::string> names;
  std::istringstream lines(run_program("--help").out);
  for (std::string line, name; std::getline(lines, line);)
    if (line.starts_with("  ") && std::istringstream(line) >> name) names.push_back(name);
  return names;
}

// Arguments with which each command does its work.
inline std::map<std::string, std::string> working_lines(const Folder& folder) {
  const auto at = [&](const char* name) { return folder / name; };
  const std::string run = at("run"), data = "toy:moons:n=60";
  return {{"data show", data},
          {"data make", data + " --force -o " + at("o.csv")},
          {"sample", run + " --force -o " + at("o.csv")},
          {"encode", run + " " + data + " --force -o " + at("o.csv")},
          {"decode", run + " " + data + " --force -o " + at("o.csv")},
          {"reconstruct", run + " " + data + " --force -o " + at("o.csv")},
          {"denoise", run + " " + data + " --force -o " + at("o.npy")},
          {"manifold", run + " --force -o " + at("o.csv")},
          {"interpolate", run + " " + data + " --from 0 --to 1 --force -o " + at("o.csv")},
          {"evaluate", run + " " + data},
          {"export", run + " --part decoder --force -o " + at("o.onnx")},
          {"compare", run + " --data " + data + " --force -o " + at("o.html")},
          {"report", run + " " + data + " --force -o " + at("o.html")},
          {"run", run},
          {"distance", data + " " + data + " -m energy"},
          {"test", data + " " + data + " -m energy --permutations 20"},
          {"divergence", "0.5,0.5 0.3,0.7"},
          {"entropy", "--samples " + data},
          {"fit", "'normal(1,2)' --family normal --by kl"},
          {"witness", data + " " + data + " -m mmd --force -o " + at("w.csv")},
          {"learn-theta", "toy:lines:theta --by w1 --steps 3 --force -o " + at("theta.csv")},
          {"walkthrough", "--only coding --force -o " + at("walk")},
          {"code", "0.5,0.5"},
          {"studio", data},
          {"density", "'normal(0,1)' 'normal(1,1)' -m kl --coupling " + at("c.csv") + " --force"},
          {"transport", data + " " + data},
          {"barycenter", data + " toy:8gaussians:n=40"},
          {"animate", data + " --steps 2 --frames 1 --force -o " + at("o.gif")},
          {"completion", "bash"}};
}

}  // namespace pushforward::testing

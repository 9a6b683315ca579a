// SPDX-License-Identifier: Apache-2.0
#include "drawing_output.hpp"

#include "endings.hpp"
#include "io/atomic_file.hpp"
#include "io/png.hpp"

namespace pushforward::cli {

bool is_drawing(const std::string& path) { return has_ending(path, ".png") || has_ending(path, ".svg"); }

void write_drawing(const std::string& path, const report::Drawing& drawing, const std::string& title) {
  if (has_ending(path, ".svg"))
    io::write_file(path, drawing.svg(title));
  else
    io::write_png(path, drawing.pixels());
}

}  // namespace pushforward::cli

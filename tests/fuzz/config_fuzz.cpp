// SPDX-License-Identifier: Apache-2.0
// config.toml: the file of a run directory that people edit.
#include "fuzz.hpp"
#include "train/config.hpp"

namespace pushforward::fuzz {

void target(ByteSpan bytes) { parse_config(std::string(io::text_of(bytes)), "config.toml"); }

std::vector<Bytes> seeds() {
  return {bytes_from("format = 1\nprogram = \"0.1.0\"\nmodel = \"vae\"\ndata = \"mnist\"\nrows = 60000\n"
                     "[shape]\nheight = 28\nwidth = 28\nchannels = 1\nimage = true\n"
                     "[options]\nlatent = 20\nrate = 1e-3\nhidden = \"400\"\ntied = false\n"),
          bytes_from("format = 2\n"), bytes_from("[a.b]\nc = [1, {d = 2e5}]\n'e' = 1979-05-27T07:32:00Z\n")};
}

}  // namespace pushforward::fuzz

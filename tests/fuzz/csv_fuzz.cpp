// SPDX-License-Identifier: Apache-2.0
// Tables, with and without a label column; the first byte chooses.
#include "data/parts.hpp"
#include "fuzz.hpp"
#include "io/csv.hpp"

namespace pushforward::fuzz {

void target(ByteSpan bytes) {
  if (bytes.empty()) return;
  const bool labelled = (bytes[0] & 1) != 0;
  const char separator = (bytes[0] & 2) != 0 ? '\t' : ',';
  const io::Table table = io::parse_csv(bytes.subspan(1), separator, labelled ? "2" : "", "fuzz.csv");
  Dataset data;
  data::set_labels(data, table.labels);
  io::parse_lines(bytes.subspan(1), "fuzz.txt");
}

std::vector<Bytes> seeds() {
  return {bytes_from("0a,b\n1,2\n3,4\n"),
          bytes_from("1x,\"kind \"\"k\"\"\"\r\n1e-5,cat\r\n-2.5,\"d\ng\"\r\n"), bytes_from("21\t2\n3\t4\n"),
          bytes_from("0\xEF\xBB\xBF.5\n+7\n\n1e400\n")};
}

}  // namespace pushforward::fuzz

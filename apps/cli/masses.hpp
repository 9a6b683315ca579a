// SPDX-License-Identifier: Apache-2.0
//
// How a user gives a known distribution: `0.5,0.3,0.2` (fractions such as 1/3 too; rows of a table separated
// by ';'), or a file of numbers (.npy, .npz:KEY, .csv, .tsv).
#pragma once

#include <string>
#include <vector>

#include "pushforward/tensor.hpp"

namespace pushforward::cli {

/// Masses that sum to 1; one row or one column is a vector.
struct Masses {
  std::vector<double> values;  ///< row by row
  std::size_t rows = 1, columns = 1;

  bool is_table() const { return rows > 1 && columns > 1; }
  View<const double> view() const { return {values.data(), rows, columns}; }
};

/// Whether these are numbers, not the name of a file or a data set.
bool is_number_text(const std::string& argument);
/// Numbers as they stand. `name` ("P") stands in errors.
Masses read_numbers(const std::string& argument, const std::string& name);
/// Checked and divided by their sum; `normalize` accepts any sum above 0.
Masses read_masses(const std::string& argument, const std::string& name, bool normalize);
/// Q, or what it is called, must give a mass to each value of P.
void check_same_values(const Masses& p, const Masses& q, const std::string& name = "Q");

}  // namespace pushforward::cli

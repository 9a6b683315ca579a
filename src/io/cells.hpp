// SPDX-License-Identifier: Apache-2.0
//
// One cell of a table: from text to a double and back.
//
// A plain number of at most 15 digits is its digits, a whole number below 2^53, divided by a power of ten up
// to 10^22: both exact in float64, so the quotient is the correctly rounded value [Clinger, PLDI 1990].
// Everything else goes to std::from_chars, which is correctly rounded too.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pushforward/table.hpp"

namespace pushforward::io {

/// That a schema can ask for: as many as every double keeps.
inline constexpr int kMostDecimals = 15;

std::string_view trimmed(std::string_view text);

/// A finite number that is the whole cell, blanks around it apart. `decimals` receives how many digits stand
/// after its point, or −1 where it has an exponent.
std::optional<double> plain_number(std::string_view cell, int& decimals);
/// The same spelt as `form` says.
std::optional<double> number_in(std::string_view cell, const NumberForm& form, int& decimals);
/// What `cell` is spelt like, if it is a number in any known form.
std::optional<NumberForm> form_of_number(std::string_view cell, bool comma_decimals);

/// "", "NA", "nan", "NULL", "?" and what else programs write for nothing.
bool is_missing(std::string_view cell);
/// −1 where it is none of true and false, whatever their case.
int truth_of(std::string_view cell);

/// The form of a date that `cell` has ("YYYY-MM-DD", with or without a time), or "". `day_first` decides
/// where 01/02/2020 leaves it open.
std::string date_form_of(std::string_view cell, bool day_first);
/// Seconds since 1970-01-01 00:00, without a time zone.
std::optional<double> date_in(std::string_view cell, std::string_view form);
std::string date_text(double seconds, std::string_view form);

/// The cell that a value of this column is written as, without quotes.
std::string cell_text(const TableColumn& column, double value);
/// The nearest value that the column can have: a whole number, a category, within the bounds, with so many
/// decimals. NaN stays.
double nearest_value(const TableColumn& column, double value);

}  // namespace pushforward::io

// SPDX-License-Identifier: Apache-2.0
//
// Named values in order: what a result tells about itself besides its number.
//
// The command line prints them, JSON carries them, reports tabulate them; nobody needs to know beforehand
// which there are. A field that does not exist is left out, never null.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#pragma GCC visibility push(default)
namespace pushforward {

struct Field;
/// An ordered list of fields; also the value of a field that has parts.
using Fields = std::vector<Field>;

/// A truth, a number (infinities allowed), a whole number, a text, a list of numbers, or parts.
using FieldValue = std::variant<bool, double, long long, std::string, std::vector<double>, Fields>;

struct Field {
  std::string key;
  FieldValue value;

  Field(std::string k, bool v) : key(std::move(k)), value(v) {}
  Field(std::string k, std::floating_point auto v) : key(std::move(k)), value(static_cast<double>(v)) {}
  Field(std::string k, std::integral auto v) requires(!std::same_as<decltype(v), bool>)
      : key(std::move(k)), value(whole(v)) {}
  Field(std::string k, std::string v) : key(std::move(k)), value(std::move(v)) {}
  Field(std::string k, const char* v) : key(std::move(k)), value(std::string(v)) {}
  Field(std::string k, std::vector<double> v) : key(std::move(k)), value(std::move(v)) {}
  Field(std::string k, Fields v) : key(std::move(k)), value(std::move(v)) {}

 private:
  // A seed may be larger than any long long: its digits are then a text.
  static FieldValue whole(std::integral auto v) {
    if (!std::in_range<long long>(v)) return std::to_string(v);
    return static_cast<long long>(v);
  }
};

/// The field called `key`, or null.
const Field* find_field(const Fields& fields, std::string_view key);
/// Its number (a double or a whole number); throws RequestError when there is none.
double number_of(const Fields& fields, std::string_view key);

}  // namespace pushforward
#pragma GCC visibility pop

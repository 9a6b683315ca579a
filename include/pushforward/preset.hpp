// SPDX-License-Identifier: Apache-2.0
//
// An option that is preset unless it is given: by a model's own default, by other options, by the data.
//
//   Preset<double> rate = usual(0.001);    in a struct: this, where nothing else decides
//   AeOptions{.training = {.rate = 0.01}}  given: nothing else decides any more
#pragma once

#include <concepts>
#include <initializer_list>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)
namespace pushforward {

template <class M>
struct ListOf {
  struct Element {};  // no list makes it
};
template <class E>
struct ListOf<std::vector<E>> {
  using Element = E;
};

template <class M>
class Preset {
 public:
  /// Decided later, or never.
  Preset() = default;
  /// Given.
  template <class V>
  requires(std::convertible_to<V, M> && !std::same_as<std::remove_cvref_t<V>, Preset>) Preset(V&& value)
      : value_(static_cast<M>(std::forward<V>(value))), given_(true) {}
  Preset(std::initializer_list<typename ListOf<M>::Element> list) : value_(M(list)), given_(true) {}
  static Preset usual(M value) {
    Preset out;
    out.value_ = std::move(value);
    return out;
  }

  void unless_given(M value) {
    if (!given_) *this = Preset(std::move(value));
  }
  void unless_set(M value) {
    if (!has_value()) *this = Preset(std::move(value));
  }

  bool given() const { return given_; }
  bool has_value() const { return value_.has_value(); }
  const M& operator*() const { return *value_; }
  const M* operator->() const { return &*value_; }
  M value_or(M other) const { return value_.value_or(std::move(other)); }

 private:
  std::optional<M> value_{};
  bool given_ = false;
};

/// What a struct presets; made a Preset by where it goes.
template <class V>
struct Usual {
  V value;

  template <class M>
  requires std::convertible_to<V, M>
  operator Preset<M>() const { return Preset<M>::usual(static_cast<M>(value)); }
};
template <class V>
Usual<V> usual(V value) {
  return {std::move(value)};
}

}  // namespace pushforward
#pragma GCC visibility pop

// SPDX-License-Identifier: Apache-2.0
//
// Options are plain structs; a table says once how each field is named, what it means and what it may be.
//
//   struct SlicedOptions {
//     double p = 2;                   ///< exponent of the distance
//     std::size_t projections = 100;  ///< random directions
//   };
//   const OptionTable<SlicedOptions>& option_table(const SlicedOptions&) {
//     static const auto table = OptionTable<SlicedOptions>("sliced")
//         .add("p", &SlicedOptions::p, "exponent of the distance, at least 1", number_of(1, 1000))
//         .add("projections", &SlicedOptions::projections, "number of random directions", count_of(1, 1e6));
//     return table;
//   }
//
// The table makes the struct from a SPEC ("sliced:p=1") or from `Options` (--p 1), prints the rows that help,
// config files and the documentation show, and checks a struct that was filled in C++, with the same errors.
// Defaults stand in the struct alone.
#pragma once

#include <any>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "pushforward/options.hpp"
#include "pushforward/preset.hpp"
#include "pushforward/spec.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// A value as it was typed, and where, for errors: "sliced:p" or "--rate".
struct OptionText {
  std::string_view text;
  std::string where;
  bool in_spec = true;  ///< lists are joined by '+', as ',' ends a SPEC's value; behind --name by ','

  char joint() const { return in_spec ? '+' : ','; }
};

/// How values of one type are read, printed and checked. `check` throws RequestError that begins with
/// `where`.
template <class M>
struct OptionKind {
  std::function<M(const OptionText&)> read;
  std::function<std::string(const M&, char joint)> text;
  std::function<void(const M&, const std::string& where)> check = [](const M&, const std::string&) {};
  bool flag = false;  ///< yes or no, without a value on the command line
};

/// yes/no, true/false, 1/0; the second takes no value on the command line.
OptionKind<bool> yes_or_no();
OptionKind<bool> yes_flag();
/// Finite, low ≤ value ≤ high.
OptionKind<double> number_of(double low, double high);
/// Finite, low ≤ value < high.
OptionKind<double> number_below(double low, double high);
/// Finite; above 0.
OptionKind<double> any_number();
OptionKind<double> positive_number();
/// Whole, least ≤ value ≤ most; 1e3 is whole, too.
OptionKind<std::size_t> count_of(std::size_t least = 0, std::size_t most = kMostCount);
/// 0 … 2^64−1.
OptionKind<std::uint64_t> seed_option();
/// Numbers, joined; counts of that range, joined, or "none".
OptionKind<std::vector<double>> numbers_of(OptionKind<double> each);
OptionKind<std::vector<std::size_t>> sizes_of(std::size_t least, std::size_t most);
/// Any text; one of `valid`.
OptionKind<std::string> any_text();
OptionKind<std::string> one_of(std::vector<std::string> valid);
/// The place of a word in a list; RequestError that names the nearest one otherwise.
std::size_t find_option_word(const OptionText& text, const std::vector<std::string>& valid);

/// Words and the enumerators that they stand for.
template <class Enum>
using OptionWords = std::vector<std::pair<std::string, Enum>>;
template <class Enum>
std::string word_for(const OptionWords<Enum>& words, Enum value) {
  for (const auto& [word, meant] : words)
    if (meant == value) return word;
  return "";
}
template <class Enum>
OptionKind<Enum> word_of(OptionWords<Enum> words) {
  std::vector<std::string> valid;
  for (const auto& [word, unused] : words) valid.push_back(word);
  return {.read = [=](const OptionText& text) { return words[find_option_word(text, valid)].second; },
          .text = [=](const Enum& value, char) { return word_for(words, value); }};
}

/// One field of a struct whose type it does not tell.
class OptionField {
 public:
  OptionField(std::string name, std::string meaning, bool flag)
      : name_(std::move(name)), meaning_(std::move(meaning)), flag_(flag) {}
  virtual ~OptionField() = default;
  virtual void read(void* options, const OptionText& text) const = 0;
  virtual void clear(void* options, const OptionText& empty) const = 0;  ///< what --name "" means
  virtual std::string text(const void* options, char joint) const = 0;   ///< "" = not set
  virtual void check(const void* options, const std::string& where) const = 0;
  /// The value itself, and from one: false where it is of another type.
  virtual std::any value(const void* options) const = 0;
  virtual bool take(void* options, const std::any& value) const = 0;
  /// Whether it is another than the default's, or was given as a Preset is.
  virtual bool given(const void* options, const void* defaults) const = 0;
  virtual bool preset() const { return false; }

  const std::string& name() const { return name_; }
  const std::string& meaning() const { return meaning_; }
  bool flag() const { return flag_; }

 private:
  std::string name_, meaning_;
  bool flag_;
};

/// The fields of a struct whose type it does not tell; what a registry keeps.
class OptionFields {
 public:
  const std::string& name() const { return name_; }
  /// As help and documentation show them, with the defaults of the struct.
  const std::vector<OptionRow>& rows() const { return rows_; }

 protected:
  explicit OptionFields(std::string name) : name_(std::move(name)) {}
  void add_field(std::shared_ptr<const OptionField> field, const void* defaults);
  void show(std::string phrase);
  void read_spec(const Spec& spec, void* options) const;
  void read_options(const Options& given, void* options, const void* defaults) const;
  void check_fields(const void* options) const;
  std::vector<OptionRow> rows_of(const void* options, const void* defaults, char joint) const;
  Spec spec_of(const void* options, const void* defaults) const;
  void give(const void* options, const void* defaults, Options& to) const;
  void put(const void* before, const void* after, Options& to) const;
  void say_of(std::string_view name, std::string meaning);
  bool has(std::string_view name) const;
  const std::vector<std::shared_ptr<const OptionField>>& fields() const { return fields_; }

 private:
  std::string where(std::string_view field) const;

  std::string name_;
  std::vector<std::shared_ptr<const OptionField>> fields_;
  std::vector<OptionRow> rows_;
};

/// The table of a struct T under a name: "w1" and "w" may share one, with other defaults.
template <class T>
class OptionTable : public OptionFields {
 public:
  explicit OptionTable(std::string name, T defaults = {})
      : OptionFields(std::move(name)), defaults_(std::move(defaults)) {}

  /// A field; the one of a SPEC that is written without a name is called "".
  template <class M>
  OptionTable& add(std::string name, M T::*member, std::string meaning, OptionKind<M> kind) {
    return add_at<M, M>(std::move(name), Member<M>{member}, std::move(meaning), std::move(kind));
  }
  /// A field that may be left open: "" where it is.
  template <class M>
  OptionTable& add(std::string name, std::optional<M> T::*member, std::string meaning, OptionKind<M> kind) {
    using Slot = std::optional<M>;
    return add_at<M, Slot>(std::move(name), Member<Slot>{member}, std::move(meaning), std::move(kind));
  }
  template <class M>
  OptionTable& add(std::string name, Preset<M> T::*member, std::string meaning, OptionKind<M> kind) {
    using Slot = Preset<M>;
    return add_at<M, Slot>(std::move(name), Member<Slot>{member}, std::move(meaning), std::move(kind));
  }
  /// One text that makes the whole struct.
  OptionTable& whole(std::string name, std::string meaning, OptionKind<T> kind) {
    return add_at<T, T>(std::move(name), Itself{}, std::move(meaning), std::move(kind));
  }
  /// Another name of a field that has been added: read, shown without a default, never written.
  template <class M>
  OptionTable& again(std::string name, M T::*member, std::string meaning, OptionKind<M> kind) {
    kind.text = [](const M&, char) { return ""; };
    return add(std::move(name), member, std::move(meaning), std::move(kind));
  }
  /// The default of the last field as a phrase: "root of n".
  OptionTable& shown(std::string phrase) {
    show(std::move(phrase));
    return *this;
  }
  /// All fields of a struct within the struct but those that were taken before.
  template <class Part>
  OptionTable& part(Part T::*member, const OptionTable<Part>& table) {
    for (const OptionRow& row : table.rows())
      if (!has(row.name)) take(member, table, row.name);
    return also([member, &table](const T& options, const std::string& name) {
      table.check_together(options.*member, name);
    });
  }
  /// One of them.
  template <class Part>
  OptionTable& take(Part T::*member, const OptionTable<Part>& table, std::string_view name) {
    for (std::size_t i = 0; i < table.rows().size(); ++i) {
      if (table.rows()[i].name != name) continue;
      add_field(std::make_shared<PartField<Part>>(member, table.fields()[i]), &defaults_);
      const std::string usual = table.fields()[i]->text(&table.defaults(), '+');
      if (rows().back().fallback == usual) show(table.rows()[i].fallback);  // which may be a phrase
    }
    return *this;
  }
  template <class Part>
  OptionTable& take(Part T::*member, const OptionTable<Part>& table,
                    std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) take(member, table, name);
    return *this;
  }
  /// What a field means here.
  OptionTable& say(std::string_view name, std::string meaning) {
    say_of(name, std::move(meaning));
    return *this;
  }
  /// What fields must be to one another; called with the table's name.
  OptionTable& also(std::function<void(const T&, const std::string& name)> together) {
    together_.push_back(std::move(together));
    return *this;
  }

  const T& defaults() const { return defaults_; }
  T read(const Spec& spec) const { return read(spec, defaults_); }
  /// `fallback` has what is not given.
  T read(const Spec& spec, T fallback) const {
    read_spec(spec, &fallback);
    check(fallback);
    return fallback;
  }
  T read(const Options& given) const { return read(given, defaults_); }
  T read(const Options& given, T fallback) const {
    read_options(given, &fallback, &defaults_);
    check_together(fallback, name());
    return fallback;
  }
  /// Refuses what is out of bounds, naming the field.
  void check(const T& options) const {
    check_fields(&options);
    check_together(options, name());
  }
  void check_together(const T& options, const std::string& name) const {
    for (const auto& together : together_) together(options, name);
  }
  using OptionFields::rows;
  /// Rows with other defaults, and rows for `Options`, whose lists are joined by ','.
  std::vector<OptionRow> rows(const T& fallback) const { return rows_of(&fallback, &defaults_, '+'); }
  std::vector<OptionRow> settings(const T& fallback) const { return rows_of(&fallback, &defaults_, ','); }
  std::vector<OptionRow> settings() const { return settings(defaults_); }
  /// As `Options` have it, with what is given; `rows` are settings() or more.
  Options options(const T& given) const {
    check(given);
    Options out(settings());
    give(&given, &defaults_, out);
    return out;
  }
  /// Reads the struct from them, and writes back what `work` changes.
  template <class Work>
  void change(Options& options, Work work) const {
    const T before = read(options);
    T after = before;
    work(after);
    put(&before, &after, options);
  }
  /// The SPEC that makes it: fields that differ from the defaults.
  Spec spec(const T& options) const { return spec_of(&options, &defaults_); }

 private:
  template <class>
  friend class OptionTable;

  static T& of(void* options) { return *static_cast<T*>(options); }
  static const T& of(const void* options) { return *static_cast<const T*>(options); }

  // Where in T a field's value is: a member, or T itself.
  template <class Slot>
  struct Member {
    Slot T::*at;
    Slot& operator()(T& options) const { return options.*at; }
    const Slot& operator()(const T& options) const { return options.*at; }
  };
  struct Itself {
    T& operator()(T& options) const { return options; }
    const T& operator()(const T& options) const { return options; }
  };

  // The slot holds M, or is a std::optional or a Preset of it.
  template <class M, class Slot, class Place>
  class Field : public OptionField {
   public:
    Field(std::string name, std::string meaning, Place place, OptionKind<M> kind)
        : OptionField(std::move(name), std::move(meaning), kind.flag),
          place_(place),
          kind_(std::move(kind)) {}
    void read(void* options, const OptionText& text) const override {
      place_(of(options)) = kind_.read(text);
    }
    // A Preset that the model always has is not taken from it.
    void clear(void* options, const OptionText& empty) const override {
      if (std::is_same_v<Slot, M> || (preset() && found(options) != nullptr)) return read(options, empty);
      place_(of(options)) = Slot();
    }
    std::string text(const void* options, char joint) const override {
      const M* value = found(options);
      return value != nullptr ? kind_.text(*value, joint) : "";
    }
    void check(const void* options, const std::string& where) const override {
      if (const M* value = found(options)) kind_.check(*value, where);
    }
    std::any value(const void* options) const override {
      const M* value = found(options);
      return value != nullptr ? std::any(*value) : std::any();
    }
    bool take(void* options, const std::any& value) const override {
      const auto* own = std::any_cast<M>(&value);
      if (own != nullptr) place_(of(options)) = *own;
      return own != nullptr;
    }
    bool given(const void* options, const void* defaults) const override {
      if constexpr (kPreset)
        return place_(of(options)).given();
      else
        return text(options, ',') != text(defaults, ',');
    }
    bool preset() const override { return kPreset; }

   private:
    static constexpr bool kPreset = std::is_same_v<Slot, Preset<M>>;
    const M* found(const void* options) const {
      const Slot& slot = place_(of(options));
      if constexpr (std::is_same_v<Slot, M>)
        return &slot;
      else
        return slot.has_value() ? &*slot : nullptr;
    }

    Place place_;
    OptionKind<M> kind_;
  };

  template <class M, class Slot, class Place>
  OptionTable& add_at(std::string name, Place place, std::string meaning, OptionKind<M> kind) {
    add_field(
        std::make_shared<Field<M, Slot, Place>>(std::move(name), std::move(meaning), place, std::move(kind)),
        &defaults_);
    return *this;
  }

  template <class Part>
  class PartField : public OptionField {
   public:
    PartField(Part T::*member, std::shared_ptr<const OptionField> field)
        : OptionField(field->name(), field->meaning(), field->flag()),
          member_(member),
          field_(std::move(field)) {}
    void read(void* options, const OptionText& text) const override {
      field_->read(&(of(options).*member_), text);
    }
    void clear(void* options, const OptionText& empty) const override {
      field_->clear(&(of(options).*member_), empty);
    }
    std::string text(const void* options, char joint) const override {
      return field_->text(&(of(options).*member_), joint);
    }
    void check(const void* options, const std::string& where) const override {
      field_->check(&(of(options).*member_), where);
    }
    std::any value(const void* options) const override { return field_->value(&(of(options).*member_)); }
    bool take(void* options, const std::any& value) const override {
      return field_->take(&(of(options).*member_), value);
    }
    bool given(const void* options, const void* defaults) const override {
      return field_->given(&(of(options).*member_), &(of(defaults).*member_));
    }
    bool preset() const override { return field_->preset(); }

   private:
    Part T::*member_;
    std::shared_ptr<const OptionField> field_;
  };

  T defaults_;
  std::vector<std::function<void(const T&, const std::string& name)>> together_;
};

/// What a registry row makes or says of a SPEC: use(options, …) of the struct that the table reads from it.
template <class T, class Use>
auto from_table(const OptionTable<T>& table, Use use) {
  return [&table, use](const Spec& spec, auto... rest) { return use(table.read(spec), rest...); };
}

/// One of several structs, by its name: an optimizer, a schedule. Their tables are found by
/// option_table(const Alternative&).
template <class Variant>
class OptionChoice {
 public:
  /// `what` is chosen: "optimizer".
  explicit OptionChoice(std::string what) : what_(std::move(what)) {
    collect(static_cast<Variant*>(nullptr));
  }

  const std::vector<std::string>& names() const { return names_; }
  Variant read(const Spec& spec) const {
    return readers_[find_option_word({spec.name, what_}, names_)](spec);
  }
  void check(const Variant& options) const {
    std::visit([](const auto& o) { option_table(o).check(o); }, options);
  }
  Spec spec(const Variant& options) const {
    return std::visit([](const auto& o) { return option_table(o).spec(o); }, options);
  }
  const std::vector<const OptionFields*>& tables() const { return tables_; }

 private:
  template <class... Alternatives>
  void collect(std::variant<Alternatives...>*) {
    (add(option_table(Alternatives{})), ...);
  }
  template <class T>
  void add(const OptionTable<T>& table) {
    names_.push_back(table.name()), tables_.push_back(&table);
    readers_.push_back([&table](const Spec& spec) { return Variant(table.read(spec)); });
  }

  std::string what_;
  std::vector<std::string> names_{};
  std::vector<const OptionFields*> tables_{};
  std::vector<std::function<Variant(const Spec&)>> readers_{};
};

/// A SPEC within an option's value; within a SPEC its commas are written '+': adam:beta1=0.5+beta2=0.9.
Spec read_inner_spec(const OptionText& text);
std::string inner_spec_text(const Spec& spec, char joint);

/// A field that holds such a choice. The choice must outlive the table.
template <class Variant>
OptionKind<Variant> choice_of(const OptionChoice<Variant>& choice) {
  return {.read = [&choice](const OptionText& text) { return choice.read(read_inner_spec(text)); },
          .text = [&choice](const Variant& value,
                            char joint) { return inner_spec_text(choice.spec(value), joint); },
          .check = [&choice](const Variant& value, const std::string&) { choice.check(value); }};
}

}  // namespace pushforward
#pragma GCC visibility pop

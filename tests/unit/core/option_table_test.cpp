// SPDX-License-Identifier: Apache-2.0
// A struct and its table: the same options from C++, from a SPEC and from --name value, with the same
// refusals.
#include "pushforward/option_table.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

enum class Way { up, down };

struct Small {
  double share = 0.25;
};
struct Round {
  double radius = 1;
};
using Shape = std::variant<Small, Round>;

struct Everything {
  double first = 0.5;
  bool loud = false;
  std::size_t count = 3;
  std::optional<double> slope{};
  std::uint64_t seed = 7;
  Way way = Way::up;
  std::vector<std::size_t> sizes{4, 5};
  std::vector<double> widths{};
  Shape shape{};
  Small small{};
};

const OptionTable<Small>& option_table(const Small&) {
  static const auto table =
      OptionTable<Small>("small").add("share", &Small::share, "of all", number_below(0, 1));
  return table;
}

const OptionTable<Round>& option_table(const Round&) {
  static const auto table =
      OptionTable<Round>("round").add("", &Round::radius, "from the middle", positive_number());
  return table;
}

const OptionChoice<Shape>& shapes() {
  static const OptionChoice<Shape> choice("shape");
  return choice;
}

const OptionTable<Everything>& everything() {
  static const auto table =
      OptionTable<Everything>("everything")
          .add("", &Everything::first, "without a name", number_of(0, 2))
          .add("loud", &Everything::loud, "yes or no", yes_or_no())
          .add("count", &Everything::count, "how many", count_of(1, 100))
          .add("slope", &Everything::slope, "below 0", number_of(-1, 1))
          .shown("the other's")
          .add("seed", &Everything::seed, "of draws", seed_option())
          .add("way", &Everything::way, "up or down", word_of<Way>({{"up", Way::up}, {"down", Way::down}}))
          .add("sizes", &Everything::sizes, "joined", sizes_of(1, 1000))
          .add("widths", &Everything::widths, "joined", numbers_of(positive_number()))
          .shown("of the data")
          .add("shape", &Everything::shape, "small or round", choice_of(shapes()))
          .part(&Everything::small, option_table(Small{}))
          .also([](const Everything& o, const std::string& name) {
            if (o.loud && o.count > 50) throw RequestError(name + ": not so many so loud");
          });
  return table;
}

std::string refusal(const std::function<void()>& attempt) {
  try {
    attempt();
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

void expect_everything(const Everything& o) {
  EXPECT_EQ(o.first, 1.5);
  EXPECT_TRUE(o.loud);
  EXPECT_EQ(o.count, 1);
  EXPECT_EQ(o.slope, -0.5);
  EXPECT_EQ(o.seed, 18446744073709551615u);
  EXPECT_EQ(o.way, Way::down);
  EXPECT_EQ(o.sizes, (std::vector<std::size_t>{8, 9, 10}));
  EXPECT_EQ(o.widths, (std::vector<double>{0.5, 2}));
  ASSERT_TRUE(std::holds_alternative<Round>(o.shape));
  EXPECT_EQ(std::get<Round>(o.shape).radius, 3);
  EXPECT_EQ(o.small.share, 0.75);
}

TEST(OptionTable, ReadsEveryKindFromASpec) {
  expect_everything(everything().read(
      parse_spec("everything:1.5,loud=yes,count=1,slope=-0.5,seed=18446744073709551615,way=down,"
                 "sizes=8+9+10,widths=0.5+2,shape=round:3,share=0.75")));
}

struct Named {
  bool loud = false;
  std::size_t count = 3;
  std::optional<double> slope{};
  std::vector<std::size_t> sizes{4, 5};
  Shape shape{Small{0.5}};
};

const OptionTable<Named>& named() {
  static const auto table = OptionTable<Named>("named")
                                .add("loud", &Named::loud, "a flag", yes_flag())
                                .add("count", &Named::count, "how many", count_of(1, 100))
                                .add("slope", &Named::slope, "below 0", number_of(-1, 1))
                                .shown("the other's")
                                .add("sizes", &Named::sizes, "joined", sizes_of(1, 1000))
                                .add("shape", &Named::shape, "small or round", choice_of(shapes()));
  return table;
}

TEST(OptionTable, ReadsNamedOptions) {
  Options given(named().settings());
  given.set("loud", "1");
  given.set("count", "1e2");
  given.set("slope", "-0.5");
  given.set("sizes", "8,9,10");
  given.set("shape", "round:3");
  const Named o = named().read(given);
  EXPECT_TRUE(o.loud);
  EXPECT_EQ(o.count, 100);
  EXPECT_EQ(o.slope, -0.5);
  EXPECT_EQ(o.sizes, (std::vector<std::size_t>{8, 9, 10}));
  EXPECT_EQ(std::get<Round>(o.shape).radius, 3);
}

TEST(OptionTable, ListsMayBeWrittenAsPythonWritesThem) {
  for (const char* list : {"8, 9, 10", "[8,9,10]", "[8, 9, 10]", " 8,9 , 10"}) {
    Options given(named().settings());
    given.set("sizes", list);
    EXPECT_EQ(named().read(given).sizes, (std::vector<std::size_t>{8, 9, 10})) << list;
  }
  for (const char* list : {"[8, 9", "8,,9", "[]", "[[8]]"}) {
    Options given(named().settings());
    given.set("sizes", list);
    EXPECT_NE(refusal([&] { (void)named().read(given); }), "") << list;
  }
}

TEST(OptionTable, NamedOptionsThatNobodySetKeepTheFallback) {
  const Named o = named().read(Options(named().settings({.count = 9, .slope = 1, .sizes = {}})),
                               {.count = 9, .slope = 1, .sizes = {}});
  EXPECT_EQ(o.count, 9);
  EXPECT_EQ(o.slope, 1);
  EXPECT_TRUE(o.sizes.empty());
}

TEST(OptionTable, AnEmptyTextLeavesOpen) {
  Options given(named().settings({.slope = 1}));
  given.set("slope", "");
  given.set("loud", "");
  const Named o = named().read(given, {.loud = true, .slope = 1});
  EXPECT_FALSE(o.slope);
  EXPECT_FALSE(o.loud);
  given.set("count", "");
  EXPECT_EQ(refusal([&] { named().read(given); }), "--count: got '', wanted a whole number from 1 to 100");
}

TEST(OptionTable, RefusesInTheWordsOfTheReaders) {
  const auto spec = [](const char* text) { return refusal([&] { everything().read(parse_spec(text)); }); };
  EXPECT_EQ(spec("everything:3"), "everything: got 3, wanted a number from 0 to 2");
  EXPECT_EQ(spec("everything:count=0"), "everything:count: got 0, wanted a whole number from 1 to 100");
  EXPECT_EQ(spec("everything:slope=x"), "everything:slope: got 'x', wanted a number");
  EXPECT_EQ(spec("everything:sizes=4+0"), "everything:sizes: got 0, wanted a whole number from 1 to 1000");
  EXPECT_EQ(spec("everything:widths=0"), "everything:widths: got 0, wanted a number above 0");
  EXPECT_EQ(spec("everything:share=1"), "everything:share: got 1, wanted a number of at least 0 and below 1");
  EXPECT_EQ(spec("everything:loud=yes,count=51"), "everything: not so many so loud");
  EXPECT_NE(spec("everything:way=upp").find("everything:way"), std::string::npos);
  EXPECT_NE(spec("everything:shape=rond").find("round"), std::string::npos);
  EXPECT_NE(spec("everything:cout=2").find("count"), std::string::npos);
  Options given(named().settings());
  given.set("slope", "2.0");
  EXPECT_EQ(refusal([&] { named().read(given); }), "--slope: got '2.0', wanted a number from -1 to 1");
}

TEST(OptionTable, ChecksAStructThatWasFilledInCpp) {
  const auto check = [](const Everything& o) { return refusal([&] { everything().check(o); }); };
  EXPECT_EQ(check({}), "");
  EXPECT_EQ(check({.first = -1}), "everything: got -1, wanted a number from 0 to 2");
  EXPECT_EQ(check({.count = 101}), "everything:count: got 101, wanted a whole number from 1 to 100");
  EXPECT_EQ(check({.slope = 1.5}), "everything:slope: got 1.5, wanted a number from -1 to 1");
  EXPECT_EQ(check({.slope = std::nan("")}), "everything:slope: got nan, wanted a number from -1 to 1");
  EXPECT_EQ(check({.sizes = {0}}), "everything:sizes: got 0, wanted a whole number from 1 to 1000");
  EXPECT_EQ(check({.widths = {std::numeric_limits<double>::infinity()}}),
            "everything:widths: got inf, wanted a number above 0");
  EXPECT_EQ(check({.shape = Round{-1}}), "round: got -1, wanted a number above 0");
  EXPECT_EQ(check({.small = {1}}), "everything:share: got 1, wanted a number of at least 0 and below 1");
  EXPECT_EQ(check({.loud = true, .count = 51}), "everything: not so many so loud");
}

TEST(OptionTable, RowsShowTheStructsDefaults) {
  std::string shown;
  for (const OptionRow& row : everything().rows()) shown += row.name + "=" + row.fallback + " ";
  EXPECT_EQ(shown,
            "=0.5 loud=no count=3 slope=the other's seed=7 way=up sizes=4+5 widths=of the data shape=small "
            "share=0.25 ");
  const std::vector<OptionRow> other = named().settings({.count = 9, .slope = 1, .sizes = {}});
  EXPECT_EQ(other[1].fallback, "9");
  EXPECT_EQ(other[2].fallback, "1");
  EXPECT_EQ(other[3].fallback, "none");
  EXPECT_EQ(named().settings()[2].fallback, "the other's");
  EXPECT_EQ(named().settings()[3].fallback, "4,5");
  EXPECT_TRUE(other[0].flag);
  EXPECT_FALSE(everything().rows()[1].flag);
}

TEST(OptionTable, SpecHasWhatDiffersFromTheDefaults) {
  EXPECT_EQ(everything().spec({}).text(), "everything");
  const Everything o{.loud = true, .sizes = {}, .shape = Round{2.5}};
  EXPECT_EQ(everything().spec(o).text(), "everything:loud=yes,sizes=none,shape=round:2.5");
}

}  // namespace
}  // namespace pushforward

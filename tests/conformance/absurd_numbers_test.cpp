// SPDX-License-Identifier: Apache-2.0
//
// Every option of every distance, divergence, layer, optimiser, schedule, model and toy, every DATA word,
// every place of a network's text and every number of a run's config.toml, with numbers that nobody means:
// each is refused in one line, or taken where it means something (a weight of 1e300 is a number), and nothing
// crashes, hangs, or asks for all memory. The registries are walked, so that what is added is tried.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/memory.hpp"
#include "core/whole_number.hpp"
#include "data/noise.hpp"
#include "io/npy.hpp"
#include "ops/activation.hpp"
#include "pushforward/data.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/error.hpp"
#include "pushforward/layer.hpp"
#include "pushforward/network_text.hpp"
#include "pushforward/optimizer.hpp"
#include "pushforward/run.hpp"
#include "pushforward/train.hpp"
#include "support/absurd_numbers.hpp"
#include "support/own_folder.hpp"

namespace pushforward::testing {
namespace {

// Runs `work`; what it throws must be an error of this library, in one line. How many were refused.
class Walk {
 public:
  template <class Work>
  void try_with(const std::string& what, const Work& work) {
    ++tried_;
    try {
      work();
    } catch (const Error& error) {
      ++refused_;
      const std::string message = error.what();
      EXPECT_EQ(message.find('\n'), std::string::npos) << what << ": " << message;
      EXPECT_FALSE(message.empty()) << what;
    } catch (const std::exception& error) {
      ADD_FAILURE() << what << ": " << error.what();
    }
  }
  std::size_t tried() const { return tried_; }
  std::size_t refused() const { return refused_; }

 private:
  std::size_t tried_ = 0, refused_ = 0;
};

Dataset images() {
  Dataset data;
  data.name = "images", data.shape = {.height = 8, .width = 8, .image = true};
  Tensor rows(12, 64);
  for (std::size_t i = 0; i < rows.size(); ++i) rows.data()[i] = static_cast<float>(i * 7 % 11) / 10;
  data.rows_data = std::move(rows);
  return data;
}

TEST(AbsurdNumbers, WholeNumbersAreReadWithTheirSign) {
  const WholeRange range{1, 1000};
  EXPECT_EQ(whole_number("1", "x", range), 1u);
  EXPECT_EQ(whole_number("1e3", "x", range), 1000u);
  EXPECT_EQ(whole_number("2.5e2", "x", range), 250u);
  EXPECT_EQ(whole_number("18446744073709551615", "--seed", kSeeds), UINT64_MAX);
  EXPECT_EQ(whole_number("0", "--seed", kSeeds), 0u);
  for (const char* text : kAbsurdCounts) {
    try {
      whole_number(text, "-n", range);
      ADD_FAILURE() << text;
    } catch (const RequestError& error) {  // repeats the text as it was typed
      const std::string message = error.what();
      EXPECT_TRUE(
          message.starts_with(fmt::format("-n: got {}, wanted a whole number from 1 to 1000", text)) ||
          message.starts_with(fmt::format("-n: got '{}', wanted a whole number from 1 to 1000", text)))
          << message;
    }
  }
  for (const char* text : {"", " 1", "1 ", "0x10", "1e", "--1", "+-1", "1e400", "nan", "inf", "1001", "0"})
    EXPECT_THROW(whole_number(text, "-n", range), RequestError) << text;
}

TEST(AbsurdNumbers, ProductsOfSizesAreChecked) {
  EXPECT_EQ(checked_product({3, 4, 5}, "x"), 60u);
  EXPECT_EQ(checked_product({}, "x"), 1u);
  EXPECT_EQ(checked_product({std::size_t{1} << 62, 0}, "x"), 0u);
  const std::size_t big = (std::size_t{1} << 61) + 1;
  EXPECT_THROW(checked_product({big, 8}, "x"), MemoryError);
  EXPECT_THROW(Matrix<double>(big, 8), MemoryError);
  EXPECT_THROW(Matrix<double>(big, 1), MemoryError);
  EXPECT_THROW(Tensor(std::size_t{1} << 32, std::size_t{1} << 32), MemoryError);
  Tensor kept(2, 3);
  EXPECT_THROW(kept.resize(std::size_t{1} << 40, 1000), MemoryError);
  EXPECT_EQ(kept.size(), 0u);  // and not what it no longer holds
}

// How much, of what there is, and for what.
TEST(AbsurdNumbers, WhatDoesNotFitSaysHowMuch) {
  try {
    require_memory(std::uint64_t{1} << 60, "a matrix", "fewer rows");
    FAIL();
  } catch (const MemoryError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("B left, wanted 1.2 EB for a matrix; fewer rows"), std::string::npos) << message;
  }
  EXPECT_NO_THROW(require_memory(1, "a byte"));
  EXPECT_EQ(bytes_text(0), "0 bytes");
  EXPECT_EQ(bytes_text(999), "999 bytes");
  EXPECT_EQ(bytes_text(1500), "1.5 kB");
  EXPECT_EQ(bytes_text(16e9), "16 GB");
  EXPECT_EQ(bytes_text(999.7e6), "1.0 GB");
}

TEST(AbsurdNumbers, OptionsOfDistances) {
  Matrix<double> x(12, 2), y(12, 2);
  for (std::size_t i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<double>(i * 5 % 7), y.data()[i] = static_cast<double>(i * 3 % 5);
  const Sample p{Points(std::as_const(x).view())}, q{Points(std::as_const(y).view())};
  Walk walk;
  for (const DistanceEntry& entry : distances())
    for (const OptionRow& row : entry.options)
      for (const char* value : kAbsurdCounts) {
        const Spec spec{entry.name, {{row.name, value}}};
        walk.try_with(spec.text(), [&] {
          const std::unique_ptr<Distance> distance = make_distance(spec);
          if (!facts_of(spec).learned) distance->measure(p, q);
        });
      }
  EXPECT_GT(walk.refused(), walk.tried() / 2);
}

TEST(AbsurdNumbers, OptionsOfDivergences) {
  const std::vector<double> p = {0.5, 0.3, 0.2}, q = {0.2, 0.3, 0.5};
  Walk walk;
  for (const DivergenceEntry& entry : divergences())
    for (const OptionRow& row : entry.options)
      for (const char* value : kAbsurdCounts) {
        const Spec spec{entry.name, {{row.name, value}}};
        walk.try_with(spec.text(), [&] { make_divergence(spec)->measure({p, q}); });
      }
  EXPECT_GT(walk.refused(), 0u);
}

TEST(AbsurdNumbers, OptionsOfLayers) {
  Walk walk;
  for (const LayerEntry& entry : layers())
    for (const auto& [text, shape] : entry.trials)
      for (const OptionRow& row : entry.options)
        for (const char* value : kAbsurdCounts) {
          Spec spec = parse_spec(text);
          std::erase_if(spec.options, [&](const auto& option) { return option.first == row.name; });
          spec.options.emplace_back(row.name, value);
          walk.try_with(spec.text(), [&, input = shape] { make_layer(spec, input); });
        }
  EXPECT_GT(walk.refused(), walk.tried() / 2);
}

TEST(AbsurdNumbers, PlacesOfANetworksText) {
  const char* texts[] = {"dense {}",
                         "linear {}",
                         "maxout {}",
                         "maxout 4 pieces={}",
                         "conv {} 3x3",
                         "conv 4 {}x{}",
                         "conv 4 3x3/{}",
                         "conv 4 {}",
                         "conv 4 3x3 padding={}",
                         "conv 4 3x3 groups={}",
                         "conv 4 3x3 dilation={}",
                         "tconv {} 4x4/2",
                         "tconv 4 {}x{}/{}",
                         "residual {}",
                         "max-pool {}",
                         "max-pool {}x{}",
                         "average-pool {}",
                         "upsample {}",
                         "unpool {}",
                         "group-norm {}",
                         "reshape {}x{}x{}",
                         "reshape 64x1x{}",
                         "dropout {}",
                         "leaky-relu {}"};
  Walk walk;
  for (const char* text : texts)
    for (const char* value : kAbsurdCounts) {
      std::string network = text;
      for (std::size_t at; (at = network.find("{}")) != std::string::npos;) network.replace(at, 2, value);
      walk.try_with(network, [&] {
        Network made = build_network(images().shape, parse_network(network));
        Arena arena;
        arena.bind(made.parameters(), Draw{});
      });
    }
  EXPECT_GT(walk.refused(), walk.tried() * 3 / 4);
}

// Numbers of a product are each in their range and the product is not: 2^16 × 2^16 places of a kernel, …
TEST(AbsurdNumbers, LayersThatNoMemoryHolds) {
  for (const char* text :
       {"dense 1000000, dense 1000000", "conv 1000000 3x3, conv 1000000 3x3",
        "upsample 65536, upsample 65536, upsample 65536, upsample 65536", "maxout 1000000 pieces=1000"}) {
    EXPECT_THROW(
        {
          Network made =
              build_network({.height = 64, .width = 64, .channels = 64, .image = true}, parse_network(text));
          Arena arena;
          arena.bind(made.parameters(), Draw{});
          Tensor(1000, made.output_shape().size());
        },
        Error)
        << text;
  }
}

TEST(AbsurdNumbers, OptimizersAndSchedules) {
  const char* optimizers[] = {"sgd:momentum={}",
                              "sgd:momentum=0.5,later=0.9,from={},over=3",
                              "sgd:momentum=0.5,later=0.9,from=3,over={}",
                              "adam:beta1={}",
                              "adam:beta2={}",
                              "adam:epsilon={}",
                              "rmsprop:decay={}",
                              "adagrad:epsilon={}"};
  const char* schedules[] = {"step:{}",           "step:3,times={}",          "step:3,factor={}",
                             "exponential:{}",    "exponential:0.9,floor={}", "stages:{}",
                             "stages:3,growth={}"};
  Walk walk;
  const auto filled = [](std::string text, const char* value) {
    return text.replace(text.find("{}"), 2, value);
  };
  for (const char* value : kAbsurdCounts) {
    for (const char* text : optimizers)
      walk.try_with(filled(text, value), [&] { make_optimizer(parse_spec(filled(text, value)), 4, 0, {}); });
    for (const char* text : schedules)
      walk.try_with(filled(text, value), [&] { Schedule(parse_spec(filled(text, value)), 10, 0)(5); });
  }
  EXPECT_GT(walk.refused(), walk.tried() / 2);
}

TEST(AbsurdNumbers, OptionsOfModels) {
  const Dataset data = images();
  Walk walk;
  for (const ModelEntry& model : models()) {
    const Options rows = options_of(model);
    for (const OptionRow& row : rows.rows())
      for (const char* value : kAbsurdCounts)
        walk.try_with(fmt::format("{} --{} {}", model.name, row.name, value), [&, name = row.name] {
          Options options = options_of(model);
          options.set(name, value);
          if (options.known("hidden") && name != "hidden") options.set("hidden", "8");
          create_run("", model, options, data, "images");
        });
  }
  EXPECT_GT(walk.refused(), walk.tried() / 2);
}

TEST(AbsurdNumbers, WordsOfData) {
  const Folder folder;
  const std::vector<float> values(12, 1.0f);
  io::write_npy(folder / "t.npy", {std::span<const float>(values), {4, 3}});
  const std::string file = folder / "t.npy";
  const std::string words[] = {"toy:moons:n={}",
                               "toy:gaussian:n=5,d={}",
                               "toy:moons:n=5,seed={}",
                               "toy:moons:n=5,noise={}",
                               "toy:moons:n=5,scale={}",
                               "toy:lines:n=5,theta={}",
                               file + "@{}:",
                               file + "@:{}",
                               file + "@{}:{}",
                               file + "[{}]",
                               "toy:moons:n=5[{}]",
                               "toy:moons:n=5@{}:{}"};
  Walk walk;
  for (const std::string& word : words)
    for (const char* value : kAbsurdCounts) {
      std::string text = word;
      for (std::size_t at; (at = text.find("{}")) != std::string::npos;) text.replace(at, 2, value);
      walk.try_with(text, [&] { load_data(text); });
    }
  EXPECT_THROW(load_data("toy:gaussian:n=4294967295,d=1000000"), MemoryError);
  for (const char* value : kAbsurdCounts) {
    walk.try_with(value, [&] { Noise::parse(fmt::format("gaussian:{}", value), "--noise"); });
    walk.try_with(value, [&] { load_data(file, {.resize = fmt::format("{0}x{0}", value)}); });
  }
  EXPECT_GT(walk.refused(), walk.tried() / 2);
}

// Every number of a run's config.toml, one after the other.
TEST(AbsurdNumbers, OfARunsConfig) {
  const Folder folder;
  Options options = options_of(find_model("vae"));
  for (const auto& [name, value] :
       {std::pair("hidden", "8"), std::pair("latent", "2"), std::pair("epochs", "1")})
    options.set(name, value);
  create_run(folder / "run", find_model("vae"), options, images(), "images");
  const std::string path = folder / "run/config.toml", whole = file_bytes(path);
  Walk walk;
  for (std::size_t at = 0; at < whole.size(); at = whole.find('\n', at) + 1) {
    const std::string line = whole.substr(at, whole.find('\n', at) - at);
    const std::size_t equals = line.find(" = ");
    if (equals == std::string::npos || line.find_first_of("0123456789", equals) != equals + 3) continue;
    for (const char* value : kAbsurdCounts) {
      const std::string changed = line.substr(0, equals + 3) + value;
      std::ofstream(path) << whole.substr(0, at) << changed << whole.substr(at + line.size());
      walk.try_with(changed, [&] { open_run(folder / "run"); });
    }
  }
  EXPECT_GT(walk.tried(), 100u);
}

}  // namespace
}  // namespace pushforward::testing

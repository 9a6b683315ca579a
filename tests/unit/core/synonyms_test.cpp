// SPDX-License-Identifier: Apache-2.0
//
// What others call the rows of every registry leads to that row, however it is spelled, and help shows it;
// what this program has not leads nowhere.
#include "core/synonyms.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include <gtest/gtest.h>

#include "ops/activation.hpp"
#include "pushforward/data.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/distance_names.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/error.hpp"
#include "pushforward/layer.hpp"
#include "pushforward/model.hpp"
#include "pushforward/optimizer.hpp"
#include "pushforward/option_table.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

using Words = std::vector<std::string>;

template <class Rows>
Words names(const Rows& rows) {
  Words out;
  for (const auto& row : rows) out.push_back(row.name);
  return out;
}

const std::map<std::string, Words>& registries() {
  static const std::map<std::string, Words> all = {
      {"distances", names(distances())},   {"divergences", names(divergences())},
      {"models", names(models())},         {"layers", names(layers())},
      {"activations", activation_names()}, {"optimizers", optimizers().names()},
      {"data", names(named_data())}};
  return all;
}

bool holds(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::string big(std::string word) {
  for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return word;
}

std::string with(std::string word, char instead) {
  std::ranges::replace(word, '-', instead);
  return word;
}

TEST(Synonyms, LeadToTheirRowInEveryRegistry) {
  std::size_t tried = 0;
  for (const auto& [registry, valid] : registries())
    for (const std::string& name : valid) {
      EXPECT_EQ(nearest_word(big(name), valid), name) << registry;
      for (const std::string_view other : synonyms_of(name)) {
        const std::string word(other);
        if (holds(valid, word)) continue;  // a row of its own here ("kl" among divergences)
        for (const std::string& typed : {word, big(word), with(word, '_'), "--" + word})
          EXPECT_EQ(nearest_word(typed, valid), name) << registry << ": " << typed;
        ++tried;
      }
    }
  EXPECT_GT(tried, 80u);
}

// Whoever types them gets what is meant, not an error; so does a SPEC, whose options stay.
TEST(Synonyms, AreTakenWhereverANameIsRead) {
  std::size_t tried = 0;
  for (const auto& [registry, valid] : registries())
    for (std::size_t place = 0; place < valid.size(); ++place) {
      std::vector<std::string> typed = {valid[place], big(valid[place]), with(valid[place], '_')};
      for (const std::string_view other : synonyms_of(valid[place]))
        if (nearest_word(other, valid) == valid[place]) typed.push_back(big(std::string(other)));
      for (const std::string& word : typed) {
        EXPECT_EQ(find_word("here", word, valid), place) << registry << ": " << word;
        ++tried;
      }
    }
  EXPECT_GT(tried, 250u);
  EXPECT_EQ(&find_distance("FID"), &find_distance("frechet"));
  EXPECT_EQ(&find_distance("Kullback_Leibler"), &find_distance("kl-knn"));
  EXPECT_EQ(&find_divergence("EMD"), &find_divergence("w1"));
  EXPECT_EQ(&find_model("Variational-Autoencoder"), &find_model("vae"));
  EXPECT_EQ(&find_layer("Fully-Connected"), &find_layer("dense"));
  EXPECT_EQ(parse_activation_kind("Swish"), Activation::Kind::silu);
  EXPECT_TRUE(std::holds_alternative<AdamWOptions>(optimizers().read({"AdamW"})));
  EXPECT_TRUE(std::holds_alternative<CosineSchedule>(schedules().read({"Cosine-Annealing"})));
  EXPECT_EQ(load_data("Toy:MOONS:n=9").rows(), 9u);
}

TEST(Synonyms, BringOptionsWhereTheyMeanThem) {
  const auto meant = [](std::string_view text) {
    std::string all;
    for (const Spec& spec : parse_distances(text)) all += (all.empty() ? "" : " ") + spec.text();
    return all;
  };
  EXPECT_EQ(meant("KID,W2,fid"), "mmd:kernel=polynomial w2 frechet");
  EXPECT_EQ(meant("kid:estimator=biased"), "mmd:estimator=biased,kernel=polynomial");
  EXPECT_EQ(meant("kid:kernel=gaussian"), "mmd:kernel=gaussian");
  EXPECT_EQ(meant("MMD:kernel=RBF"), "mmd:kernel=RBF");
  EXPECT_NO_THROW(make_distance({"MMD", {{"kernel", "RBF"}}}));
}

TEST(Synonyms, OfWhatThisProgramHasNotAreRefused) {
  for (const char* word : {"ks", "LPIPS", "vqvae", "cvae", "w22", "", "-"})
    EXPECT_FALSE(place_of_word(word, registries().at("distances"))) << word;
  for (const char* word : {"CVAE", "vq-vae", "momentum"})
    EXPECT_FALSE(place_of_word(word, registries().at("models"))) << word;
}

// The names that the field's people type first, each in the registry where they type it.
TEST(Synonyms, OfTheField) {
  const auto leads = [](const char* registry, const char* typed) {
    return nearest_word(typed, registries().at(registry));
  };
  for (const auto& [typed, meant] : std::map<const char*, const char*>{{"kl", "kl-knn"},
                                                                       {"fid", "frechet"},
                                                                       {"emd", "w1"},
                                                                       {"earth-mover", "w1"},
                                                                       {"earth_movers_distance", "w1"},
                                                                       {"Wasserstein", "w1"},
                                                                       {"jensen-shannon", "jsd-critic"},
                                                                       {"kid", "mmd:kernel=polynomial"},
                                                                       {"LSGAN", "ls-critic"},
                                                                       {"f-gan", "f-critic"}})
    EXPECT_EQ(leads("distances", typed), meant) << typed;
  EXPECT_EQ(leads("divergences", "Jensen_Shannon"), "js");
  EXPECT_EQ(leads("divergences", "total variation"), "tv");
  EXPECT_EQ(leads("models", "beta-vae"), "vae");
  EXPECT_EQ(leads("models", "WGAN-GP"), "wgan");
  EXPECT_EQ(leads("models", "CVAE"), "vae --condition");
  EXPECT_EQ(leads("models", "cgan"), "gan --condition");
  EXPECT_EQ(leads("activations", "Swish"), "silu");
  EXPECT_EQ(leads("activations", "leakyrelu"), "leaky-relu");
  EXPECT_EQ(leads("optimizers", "AdamW"), "adamw");
  EXPECT_EQ(leads("optimizers", "nesterov"), "sgd:momentum=0.9,nesterov=yes");
  EXPECT_EQ(leads("layers", "fully-connected"), "dense");
  EXPECT_EQ(leads("data", "FMNIST"), "fashion-mnist");
  EXPECT_EQ(nearest_word("bce", Words{"bernoulli", "gaussian", "mixed"}), "bernoulli");
  EXPECT_EQ(nearest_word("--learning-rate", Words{"--rate", "--batch"}), "--rate");
  EXPECT_EQ(nearest_word("--alpha", Words{"--level", "--permutations"}), "--level");
}

// Alike in letters, other in meaning.
TEST(Synonyms, GiveNoWrongHint) {
  for (const auto& [registry, words] : std::map<std::string, Words>{
           {"distances", {"ks", "kolmogorov-smirnov", "lpips", "is", "Inception-Score", "fvd", "cvm"}},
           {"models", {"VQ-VAE", "vqvae", "nvae", "acgan", "bigan", "began", "ddpm", "kpca", "ica", "maf"}},
           {"optimizers", {"adamax", "NAdam", "radam", "adadelta", "lion", "lbfgs"}},
           {"activations", {"relu6", "PReLU", "celu", "mish", "hard-swish", "softmax", "softsign"}},
           {"layers", {"instance-norm", "rms-norm", "attention", "lstm"}},
           {"data", {"cifar10", "emnist-letters", "imagenet"}}})
    for (const std::string& word : words) {
      EXPECT_FALSE(holds(registries().at(registry), word)) << word << " is there now: take it off the list";
      EXPECT_EQ(nearest_word(word, registries().at(registry)), "") << registry << ": " << word;
    }
}

// No row is kept among the words that this program has not.
TEST(Synonyms, EveryRowIsKnown) {
  for (const auto& [registry, valid] : registries())
    for (const std::string& name : valid) EXPECT_FALSE(is_unknown_here(plain_word(name))) << name;
}

TEST(Synonyms, AreShownInHelp) {
  using testing::run_program;
  const auto shows = [](const std::string& command, const std::string& words) {
    EXPECT_NE(run_program(command).out.find(words), std::string::npos) << command << " lacks " << words;
  };
  shows("distance --list frechet", "fid, frechet-distance");
  shows("divergence --list tv", "tvd, total-variation");
  shows("train wgan --help", "Also called: wgan-gp");
  EXPECT_NE(run_program("distance toy:moons:n=9 toy:moons:n=9 -m FID").out.find("frechet"),
            std::string::npos);
}

}  // namespace
}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
// compare, report and animate on small runs: what is on their pages and in their files.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gif_lib.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::Ran;
using testing::run_program;

class Pages : public testing::OwnFolder {
 protected:
  static Ran done(const std::string& words) {
    Ran ran = run_program(words + " --quiet");
    EXPECT_EQ(ran.status, 0) << words << "\n" << ran.err;
    return ran;
  }
  void train(const std::string& name, const std::string& words) const {
    done(fmt::format("train {} -o {} --threads 1", words, at(name)));
  }
  void train_generator(const std::string& name, const std::string& distance,
                       const std::string& more = "") const {
    train(name, fmt::format("generator toy:8gaussians:n=1000 --distance {} --latent 2 --hidden 16 --steps 40 "
                            "--batch 100 --monitor-every 10 {}",
                            distance, more));
  }
  static void refused(const std::string& words, const std::string& why) {
    const Ran ran = run_program(words + " --quiet");
    EXPECT_EQ(ran.status, 2) << words;
    EXPECT_NE(ran.err.find(why), std::string::npos) << ran.err;
  }
  // The numbers of a page, which stands on its own: it asks for nothing.
  json page_of(const std::string& name) const {
    const std::string html = read(name), begin = "id=\"page-data\">";
    EXPECT_EQ(html.find("src=\"http"), std::string::npos);
    EXPECT_EQ(html.find("<link rel=\"stylesheet\""), std::string::npos);
    const std::size_t at = html.find(begin) + begin.size();
    return json::parse(html.substr(at, html.find("</script>", at) - at));
  }
  static void collect(const json& within, const std::string& type, std::vector<json>& found) {
    if (within.is_object() && within.contains("type") && within["type"] == type) found.push_back(within);
    if (within.is_structured())
      for (const json& part : within) collect(part, type, found);
  }
  static std::vector<json> blocks_of(const json& page, const std::string& type) {
    std::vector<json> found;
    collect(page, type, found);
    return found;
  }
  static json block_of(const json& page, const std::string& type) {
    const std::vector<json> found = blocks_of(page, type);
    EXPECT_FALSE(found.empty()) << type;
    return found.empty() ? json::object() : found.front();
  }
  static json row_of(const json& figures, const std::string& name) {
    for (const json& row : figures["rows"])
      if (row["name"] == name) return row;
    ADD_FAILURE() << "no row " << name;
    return {};
  }
  // Of a GIF's first picture, those that are not grey.
  static std::size_t coloured_pixels(const std::string& path) {
    int error = 0;
    GifFileType* gif = DGifOpenFileName(path.c_str(), &error);
    if (gif == nullptr || DGifSlurp(gif) != GIF_OK) return 0;
    const SavedImage& image = gif->SavedImages[0];
    const ColorMapObject* map = image.ImageDesc.ColorMap ? image.ImageDesc.ColorMap : gif->SColorMap;
    std::size_t count = 0;
    for (int i = 0; i < image.ImageDesc.Width * image.ImageDesc.Height; ++i) {
      const GifColorType c = map->Colors[image.RasterBits[i]];
      count += std::max({c.Red, c.Green, c.Blue}) - std::min({c.Red, c.Green, c.Blue}) > 40;
    }
    DGifCloseFile(gif, &error);
    return count;
  }
  static std::size_t frames_of(const std::string& gif) {
    std::size_t count = 0;  // graphics control extensions
    for (std::size_t i = gif.find("\x21\xF9\x04"); i != std::string::npos;
         i = gif.find("\x21\xF9\x04", i + 1))
      ++count;
    return count;
  }
};

TEST_F(Pages, CompareScoresEveryRunAlike) {
  train_generator("energy", "energy"), train_generator("w2", "w2");
  const std::string runs = at("energy") + " " + at("w2");
  const Ran ran =
      done(fmt::format("compare {} --data toy:8gaussians:n=500,seed=9 -m energy,prdc --samples 200 "
                       "--json -o {}",
                       runs, at("page.html")));
  const json list = json::parse(ran.out)["runs"];
  ASSERT_EQ(list.size(), 2u);
  for (std::size_t r = 0; r < 2; ++r) {
    EXPECT_EQ(list[r]["rows"], 500);
    EXPECT_TRUE(list[r].contains("modes"));
    EXPECT_EQ(list[r]["distances"][0]["n"], 200);
    EXPECT_TRUE(list[r]["distances"][1]["parts"].contains("coverage"));
  }
  // The same figures as evaluate has of the same run and data.
  const json alone =
      json::parse(done(fmt::format("evaluate {} toy:8gaussians:n=500,seed=9 -m energy --samples "
                                   "200 --json",
                                   at("w2")))
                      .out);
  EXPECT_EQ(alone["distances"][0]["value"], list[1]["distances"][0]["value"]);
  EXPECT_EQ(alone["modes"], list[1]["modes"]);
  const json page = page_of("page.html");
  const json figures = block_of(page, "figures");
  EXPECT_EQ(figures["names"], (std::vector<std::string>{"energy", "w2"}));
  // The same numbers as beside it in JSON, each beside its floor.
  EXPECT_EQ(row_of(figures, "energy")["cells"][1]["value"], list[1]["distances"][0]["value"]);
  EXPECT_GT(row_of(figures, "energy")["cells"][0]["floor"], 0);
  EXPECT_EQ(row_of(figures, "prdc coverage")["better"], "higher");
  for (const char* piece : {"In what they differ", "--distance", "Side by side", "Training"})
    EXPECT_NE(page.dump().find(piece), std::string::npos) << piece;
  std::set<int> colors;  // a run has its own in all charts
  for (const json& chart : blocks_of(page, "curves"))
    for (const json& curve : chart["curves"]) {
      EXPECT_EQ(curve["color"], curve["name"] == "energy" ? 0 : 1);
      colors.insert(curve["color"].get<int>());
    }
  EXPECT_EQ(colors.size(), 2u);
  refused(fmt::format("compare {} --data toy:8gaussians -o {}", runs, at("page.html")), "--force");
}

TEST_F(Pages, CompareTellsARunFromItself) {
  train_generator("energy", "energy");
  done(fmt::format("compare {0} {0} --data toy:8gaussians:n=300,seed=9 -m energy --samples 100 -o {1}",
                   at("energy"), at("page.html")));
  const json page = page_of("page.html");
  EXPECT_EQ(block_of(page, "figures")["names"], (std::vector<std::string>{"energy", "energy (2)"}));
  for (const json& chart : blocks_of(page, "curves"))
    for (const json& curve : chart["curves"]) EXPECT_EQ(curve["color"], curve["name"] == "energy" ? 0 : 1);
}

// What one of them cannot measure is said before any run is scored, also where the first one does not
// generate.
TEST_F(Pages, CompareChecksEveryDistanceBeforeTheFirst) {
  train("pca", "pca toy:gaussian:d=3,n=200 --latent 1");
  train("ppca", "ppca toy:gaussian:d=3,n=200 --latent 1");
  refused(fmt::format("compare {} {} --data toy:gaussian:d=3,n=200 -m energy,histogram -o {}", at("pca"),
                      at("ppca"), at("p.html")),
          "histogram");
}

TEST_F(Pages, CompareTakesRunsThatDoNotGenerate) {
  train("pca", "pca toy:moons:n=300 --latent 1");
  train("ppca", "ppca toy:moons:n=300 --latent 1");
  const Ran ran = done(fmt::format("compare {} {} --data toy:moons:n=200 --samples 100 -o {}", at("pca"),
                                   at("ppca"), at("page.html")));
  std::istringstream lines(ran.out);
  std::string header, model;
  std::getline(lines, header), std::getline(lines, model);
  EXPECT_NE(header.find("ppca"), std::string::npos);
  EXPECT_EQ(model.substr(0, 5), "model");
  EXPECT_NE(ran.out.find("squared_error"), std::string::npos);
  refused(fmt::format("compare {} --data toy:moons -o {} --parzen gan", at("pca"), at("p.html")),
          "does not generate");
  refused(fmt::format("compare {} --data toy:gaussian:d=3 -o {}", at("pca"), at("p.html")), "rows of 3");
  refused(fmt::format("compare {} --data toy:moons -o {}", at("nothing"), at("p.html")), "a run directory");
}

// A figure that a run lacks is a gap in its column; a new one stands behind the one before it; runs of one
// name go by their paths; the table of differences has what differs.
TEST_F(Pages, CompareAlignsWhatRunsLack) {
  fs::create_directories(at("a")), fs::create_directories(at("b"));
  train("a/run", "pca toy:8gaussians:n=300 --latent 1");
  train("b/run", "vae toy:8gaussians:n=300 --latent 1 --hidden 4 --steps 2 --likelihood gaussian:1 --seed 3");
  train("c", "vae toy:8gaussians:n=300 --latent 1 --hidden 4 --steps 2 --likelihood gaussian:1 --seed 4");
  const std::string runs = at("a/run") + " " + at("b/run") + " " + at("c");
  const Ran ran = done(fmt::format(
      "compare {} --data toy:8gaussians:n=200,seed=9 -m energy --samples 50 -o {}", runs, at("page.html")));
  const json page = page_of("page.html"), figures = block_of(page, "figures"),
             options = block_of(page, "table");
  EXPECT_EQ(figures["names"], (std::vector<std::string>{at("a/run"), at("b/run"), at("c")}));
  EXPECT_EQ(row_of(figures, "model")["cells"][0]["text"], "pca");
  EXPECT_TRUE(row_of(figures, "modes")["cells"][0].is_null());
  EXPECT_FALSE(row_of(figures, "modes")["cells"][1].is_null());
  const auto& rows = options["rows"];
  const std::vector<std::string> seeds = {"--seed", "0", "3", "4"};
  EXPECT_NE(std::find(rows.begin(), rows.end(), json(seeds)), rows.end()) << ran.out;
  EXPECT_EQ(options.dump().find("--latent"), std::string::npos);  // alike in all
  std::istringstream lines(ran.out);
  std::vector<std::string> first;
  for (std::string line; std::getline(lines, line);) first.push_back(line.substr(0, line.find(' ')));
  const auto place = [&](const char* figure) {
    return std::find(first.begin(), first.end(), figure) - first.begin();
  };
  EXPECT_LT(place("elbo"), place("modes"));
  EXPECT_LT(place("modes"), place("energy"));
  // Each run's own samples, as evaluate draws them.
  const json all = json::parse(done(fmt::format("compare {} --data toy:8gaussians:n=200,seed=9 -m energy "
                                                "--samples 50 --json --force -o {}",
                                                runs, at("page.html")))
                                   .out)["runs"];
  const json alone = json::parse(
      done(fmt::format("evaluate {} toy:8gaussians:n=200,seed=9 -m energy --samples 50 --json", at("b/run")))
          .out);
  EXPECT_EQ(all[1]["distances"][0]["value"], alone["distances"][0]["value"]);
  EXPECT_NE(all[2]["distances"][0]["value"], alone["distances"][0]["value"]);
}

// All in the first run's units, also where a later one standardises.
TEST_F(Pages, CompareMeasuresInTheFirstRunsUnits) {
  train("plain", "ppca toy:moons:n=300,scale=9 --latent 1 --no-standardize");
  train("standard", "ppca toy:moons:n=300,scale=9 --latent 1 --standardize");
  const auto values = [&](const std::string& first, const std::string& second) {
    const json list =
        json::parse(done(fmt::format("compare {} {} --data toy:moons:n=200,scale=9,seed=2 -m w1 "
                                     "--samples 100 --json --force -o {}",
                                     at(first), at(second), at("page.html")))
                        .out)["runs"];
    return std::pair(list[0]["distances"][0]["value"].get<double>(),
                     list[1]["distances"][0]["value"].get<double>());
  };
  const auto [plain, standard] = values("plain", "standard");
  EXPECT_LT(std::abs(std::log(plain / standard)), 0.7);  // the same model, but for the noise of 100 points
  const auto [standard_first, plain_second] = values("standard", "plain");
  EXPECT_LT(std::abs(std::log(standard_first / plain_second)), 0.7);
  EXPECT_GT(plain / plain_second, 3);  // another unit: the data's deviation is about 6
}

TEST_F(Pages, ReportShowsModesAndTheCritic) {
  train_generator("critic", "jsd-critic", "--critic-hidden 16");
  done(fmt::format("report {} toy:8gaussians:n=500,seed=3 -o {}", at("critic"), at("page.html")));
  const json page = page_of("page.html");
  for (const char* piece :
       {"of 8 modes", "Samples at each mode", "The critic's scores", "blue where it wants more points",
        "What the loss means", "memorisation ratio", "while it was trained on toy:8gaussians:n=1000"})
    EXPECT_NE(page.dump().find(piece), std::string::npos) << piece;
  EXPECT_EQ(block_of(page, "bars")["values"].size(), 8u);
  EXPECT_TRUE(block_of(page, "plane").contains("surface"));
  refused("encode " + at("critic") + " toy:8gaussians:n=10 -o " + at("z.npy"), "without an encoder");
}

// Its critic knows codes: it has nothing to say of rows, and no picture over the data.
TEST_F(Pages, ReportOfAnAdversarialAutoencoderDoesNotAskItsCriticOfData) {
  for (const char* latent : {"2", "3"}) {
    train(latent, fmt::format("wae toy:8gaussians:n=300 --distance jsd-critic --critic-hidden 8 --hidden 16 "
                              "--steps 20 --latent {}",
                              latent));
    done(fmt::format("report {} -o {} --force", at(latent), at("page.html")));
    const json page = page_of("page.html");
    EXPECT_EQ(page.dump().find("The critic's scores"), std::string::npos);
    EXPECT_FALSE(block_of(page, "plane").contains("surface"));
  }
}

// A table's page: the worst column first, what goes with what, rows as the file spells them, closest records.
TEST_F(Pages, ReportOfATableShowsItsColumns) {
  std::string text = "age,city,paid\n";
  for (int i = 0; i < 300; ++i)
    text += fmt::format("{},{},{:.2f}\n", 20 + i % 40, i % 3 == 0 ? "Bern" : "<b>Zug",
                        100 + 3.5 * (i % 40) + i % 7);
  std::ofstream(at("people.csv")) << text;
  train("table", "vae " + at("people.csv") + " --validation 0.3 --epochs 3 --latent 2");
  done(fmt::format("report {} -o {}", at("table"), at("page.html")));
  EXPECT_EQ(read("page.html").find("<b>Zug"), std::string::npos);  // a category is no markup
  const json page = page_of("page.html"), columns = block_of(page, "columns")["columns"];
  ASSERT_EQ(columns.size(), 3u);
  EXPECT_GE(columns[0]["gap"], columns[2]["gap"]);
  EXPECT_EQ(block_of(page, "matrices")["a"].size(), 9u);
  const json rows = block_of(page, "table");
  EXPECT_EQ(rows["header"], (std::vector<std::string>{"row", "age", "city", "paid"}));
  ASSERT_EQ(rows["rows"].size(), 10u);
  for (const json& row : rows["rows"]) EXPECT_TRUE(row[2] == "Bern" || row[2] == "<b>Zug") << row;
  for (const char* piece : {"Closest record", "held out of the training", "samples"})
    EXPECT_NE(page.dump().find(piece), std::string::npos) << piece;
  // Other random numbers make other samples.
  done(fmt::format("report {} --seed 5 --force -o {}", at("table"), at("other.html")));
  EXPECT_NE(block_of(page_of("other.html"), "table")["rows"], rows["rows"]);
}

TEST_F(Pages, AnimateDrawsAsManyFramesAsAsked) {
  for (const std::string distance :
       {"energy", "sinkhorn:p=1", "mmd:estimator=biased", "sliced", "jsd-critic"}) {
    done(
        fmt::format("animate toy:8gaussians:n=200 --distance {} --particles 40 --steps 6 --frames 3 -o {} "
                    "--force",
                    distance, at("flow.gif")));
    // The start, three more, and the last again for a second.
    const std::string gif = read("flow.gif");
    EXPECT_EQ(frames_of(gif), 4u + 12u) << distance;
    EXPECT_EQ(gif[gif.find("\x21\xF9\x04") + 4], 8) << "hundredths of a second a frame";
  }
  refused("animate toy:gaussian:d=3 -o " + at("x.gif"), "points of the plane");
  refused("animate toy:moons -o " + at("x.png"), ".gif");
  refused("animate toy:moons --distance prdc -o " + at("x.gif"), "no gradient");
  refused("animate toy:moons --steps 3 --frames 9 -o " + at("x.gif"), "--frames");
  refused("animate toy:moons --particles 1 -o " + at("x.gif"), "--particles");
}

// One dimension: p, q and D or f; autoencoders: what comes back, and codes.
TEST_F(Pages, TheLineAndAutoencodersMoveToo) {
  for (const std::string distance : {"energy", "w1", "sliced", "jsd-critic", "w1-critic"}) {
    done(
        fmt::format("animate toy:gaussian:d=1,mean=2,n=200 --distance {} --particles 40 --steps 4 --frames 2 "
                    "-o {} --force",
                    distance, at("line.gif")));
    EXPECT_EQ(frames_of(read("line.gif")), 3u + 12u) << distance;
    EXPECT_GT(coloured_pixels(at("line.gif")), 1000u) << distance;
  }
  train("line",
        "generator toy:gaussian:d=1,n=300 --distance jsd-critic --hidden 8 --critic-hidden 8 --latent 1 "
        "--steps 3 --batch 100 --monitor none --animate " +
            at("d.gif"));
  EXPECT_GT(frames_of(read("d.gif")), 12u);
  for (const std::string model : {"ae", "vae --likelihood gaussian:learned", "sae"}) {
    fs::remove_all(at("codes"));
    train("codes",
          model + " toy:gaussian:d=4,n=200 --hidden 8 --latent 2 --epochs 1 --animate " + at("codes.gif"));
    EXPECT_GT(frames_of(read("codes.gif")), 1u) << model;
    fs::remove(at("codes.gif"));
  }
}

TEST_F(Pages, TrainingIsAnimatedAndNotChanged) {
  train_generator("plain", "energy");
  train_generator("animated", "energy", "--animate " + at("training.gif"));
  EXPECT_EQ(read("plain/model.safetensors"), read("animated/model.safetensors"));
  EXPECT_GT(frames_of(read("training.gif")), 20u);
  // Points of a run that standardises are drawn where the data are: spread over them from the first picture.
  train("far",
        "generator toy:moons:n=300,scale=50 --standardize --distance frechet --hidden 16 --latent 2 "
        "--steps 3 --batch 100 --monitor none --animate " +
            at("far.gif"));
  EXPECT_GT(coloured_pixels(at("far.gif")), 1000u);
  refused("train generator toy:gaussian:d=3 -o " + at("no") + " --animate " + at("no.gif"),
          "points of the plane");
  refused("train ae toy:gaussian:d=3,n=50 -o " + at("no") + " --animate " + at("no.gif"),
          "points of the plane");
  refused("train pca toy:moons:n=50 --latent 1 -o " + at("no") + " --animate " + at("no.gif"),
          "solved at once");
  EXPECT_FALSE(fs::exists(at("no")));
}

}  // namespace
}  // namespace pushforward

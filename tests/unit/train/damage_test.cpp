// SPDX-License-Identifier: Apache-2.0
// Run directories that were damaged, edited, moved, or are trained on other data: every one is named.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "unit/train/small_run.hpp"

namespace pushforward {
namespace {

using namespace testing;
namespace fs = std::filesystem;

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// A finished run whose data are standardised, so that it has every kind of file.
std::string whole_run(const Folder& folder) {
  Dataset data = small_data();
  data.table = true;
  Settings settings = kSmall;
  settings.push_back({"likelihood", "gaussian:1"});
  pushforward::Run run = make_run("vae", settings, data, folder / "good");
  train(run, prepare_data(run, data), nullptr);
  return folder / "good";
}

// What is said when every file of the run is read: an error, a remark, or "".
std::string said_of(const std::string& path) {
  try {
    const pushforward::Run opened = open_run(path);
    pushforward::Run resumed = resume_run(path);
    Dataset data = small_data();
    data.table = true;
    train(resumed, prepare_data(resumed, data), nullptr);
    return opened.remark;
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(Damage, EverySingleBitIsNamed) {
  const Folder folder;
  const std::string good = whole_run(folder);
  EXPECT_EQ(said_of(good), "");
  fs::copy(good, folder / "bad");
  for (const std::string name :
       {"model.safetensors", "checkpoint.safetensors", "data.safetensors", "config.toml"}) {
    const std::string bytes = file_bytes(good + "/" + name);
    ASSERT_FALSE(bytes.empty()) << name;
    for (std::uint32_t i = 0; i < 200; ++i) {
      const auto bit = static_cast<std::size_t>(uniform01({9, stream_id(name), 0}, i) *
                                                static_cast<double>(8 * bytes.size()));
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      write(folder / ("bad/" + name), flipped);
      const std::string said = said_of(folder / "bad");
      EXPECT_NE(said.find(name), std::string::npos) << name << ", bit " << bit << ": '" << said << "'";
      for (const char* other :
           {"config.toml", "model.safetensors", "metrics.jsonl"})  // what reading may rewrite
        fs::copy_file(good + "/" + other, folder / ("bad/" + std::string(other)),
                      fs::copy_options::overwrite_existing);
      fs::copy_file(good + "/checkpoint.safetensors", folder / "bad/checkpoint.safetensors",
                    fs::copy_options::overwrite_existing);
    }
    write(folder / ("bad/" + name), bytes);
  }
}

TEST(Damage, AMissingStandardizationIsNamed) {
  const Folder folder;
  const std::string good = whole_run(folder);
  fs::remove(good + "/data.safetensors");
  EXPECT_NE(said_of(good).find("data.safetensors"), std::string::npos);
}

TEST(Damage, MetricsAreComparedButForTheirTimings) {
  const Folder folder;
  const std::string good = whole_run(folder), bytes = file_bytes(good + "/metrics.jsonl");
  const auto with = [&](const std::string& text) {
    write(good + "/metrics.jsonl", text);
    return said_of(good);
  };
  std::string other = bytes;
  other[other.find("\"loss\":") + 9] ^= 1;
  EXPECT_NE(with(other).find("metrics.jsonl"), std::string::npos);
  EXPECT_NE(with(bytes.substr(bytes.find('\n') + 1)).find("metrics.jsonl"), std::string::npos);
  EXPECT_EQ(with(bytes), "");
  fs::remove(good + "/metrics.jsonl");
  EXPECT_EQ(said_of(good), "");
}

// Lines of config.toml, one of them replaced.
std::string with_line(const std::string& text, const std::string& begins, const std::string& instead) {
  std::istringstream lines(text);
  std::string out, line;
  while (std::getline(lines, line)) {
    const bool found = line.starts_with(begins);
    if (!found) out += line + "\n";
    if (found && !instead.empty()) out += instead + "\n";
  }
  return out;
}

TEST(Damage, EveryOptionThatIsMissingIsNamed) {
  const Folder folder;
  const std::string path = finished_run(folder, "run"), good = file_bytes(path + "/config.toml");
  const Options options = open_run(path).options;
  for (const OptionRow& row : options.rows()) {
    write(path + "/config.toml", with_line(good, row.name + " = ", ""));
    EXPECT_NE(said_of(path).find("no 'options." + row.name + "'"), std::string::npos) << row.name;
  }
  for (std::size_t cut = good.find('\n', good.find("[options]")); cut < good.find("[check]");
       cut = good.find('\n', cut + 1)) {  // at the end of every line
    write(path + "/config.toml", good.substr(0, cut + 1));
    EXPECT_FALSE(good.substr(cut).size() > 1 && said_of(path).empty()) << good.substr(0, cut).size();
  }
}

TEST(Damage, WhatResumeMayChangeAnEditorMayAndNothingElse) {
  const Folder folder;
  const std::string path = finished_run(folder, "run"), good = file_bytes(path + "/config.toml");
  const auto open = [&](const std::string& text) {
    write(path + "/config.toml", text);
    return open_run(path);
  };
  const pushforward::Run faster = open(with_line(good, "rate = ", "rate = 0.25"));
  EXPECT_EQ(faster.options.text("rate"), "0.25");
  EXPECT_NE(faster.remark.find("options.rate"), std::string::npos) << faster.remark;
  EXPECT_EQ(open(good).remark, "");
  EXPECT_NE(open(good + "# mine\n").remark.size() + 1, 0u);
  EXPECT_NE(open("# mine\n" + good).remark.find("its text"), std::string::npos);
  for (const auto& [name, line] :
       {std::pair("latent", "latent = 3"), std::pair("seed", "seed = 1"), std::pair("rows", "rows = 84"),
        std::pair("validation", "validation = 0.3")}) {
    const std::string text = with_line(good, std::string(name) + " = ", line);
    EXPECT_NE(message_of([&] { open(text); }).find(name), std::string::npos) << name;
  }
}

TEST(Damage, RunsOfAnEarlierVersionAreRead) {
  const Folder folder;
  const std::string path = finished_run(folder, "run");
  std::string config = file_bytes(path + "/config.toml");
  config.resize(config.find("\n[check]"));
  for (const char* key : {"digest = ", "standardized = ", "path = "}) config = with_line(config, key, "");
  write(path + "/config.toml", config);
  for (const char* name : {"/model.safetensors", "/checkpoint.safetensors"}) {
    std::string bytes = file_bytes(path + name);
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), 8);
    std::string header = bytes.substr(8, length);
    for (const char* key :
         {"loss", "gradient_norm", "last_epoch_loss", "weights_norm", "metrics_sum", "xxh64_of", "xxh64"}) {
      const std::size_t at = header.find("\"" + std::string(key) + "\":\"");
      if (at == std::string::npos) continue;
      std::size_t end = header.find('"', at + std::string(key).size() + 4) + 1;
      const bool last = header[end] != ',';
      header.erase(at - (last ? 1 : 0), end - at + 1);
    }
    header.resize(length, ' ');
    write(path + name, bytes.substr(0, 8) + header + bytes.substr(8 + length));
  }
  fs::copy(path, folder / "other");
  EXPECT_EQ(said_of(path), "");
  EXPECT_NE(file_bytes(path + "/config.toml").find("[check]"), std::string::npos);  // from now on
  write(path + "/config.toml", config);                                             // of another run, perhaps
  EXPECT_NE(message_of([&] { open_run(path); }).find("no [check]"), std::string::npos);
  write(folder / "other/config.toml", config);
  EXPECT_EQ(said_of(folder / "other"), "");
  write(path + "/config.toml", config.substr(0, config.rfind("\ngrey") + 1));
  EXPECT_NE(message_of([&] { open_run(path); }).find("no 'grey'"), std::string::npos);
}

TEST(Damage, OtherValuesOfTheDataAreRefused) {
  const Folder folder;
  const std::string path = finished_run(folder, "run");
  pushforward::Run same = resume_run(path, {{"epochs", "7"}}), other = resume_run(path, {{"epochs", "7"}});
  Dataset data = small_data();
  EXPECT_EQ(train(same, data, nullptr).stopped, Stopped::finished);
  float& value = std::get<Matrix<float>>(data.rows_data)(80, 3);
  value = std::nextafter(value, 2.0f);
  EXPECT_NE(message_of([&] { train(other, data, nullptr); }).find("other values"), std::string::npos);
}

TEST(Damage, ARunThatEndsWithinAnEpochSaysTheSameWhenResumed) {
  const Folder folder;
  for (const std::string model : {"vae", "gan"}) {
    Settings settings = {
        {"hidden", "8"}, {"latent", "2"}, {"batch", "16"}, {"steps", "20"}, {"threads", "1"}};
    if (model == "gan") settings.push_back({"monitor-every", "5"});
    const std::string path = finished_run(folder, model, settings, model), before = metrics_of(path);
    pushforward::Run again = resume_run(path);
    const Summary summary = train(again, small_data(), nullptr);
    EXPECT_EQ(metrics_of(path), before) << model;
    EXPECT_NE(before.rfind("gradient_norm"), std::string::npos);
    EXPECT_TRUE(std::isfinite(summary.last.loss)) << model;
  }
}

TEST(Damage, AFinishedRunTellsItsLossWhenResumed) {
  const Folder folder;
  pushforward::Run run = make_run("vae", kSmall, small_data(), folder / "run");
  const double loss = train(run, small_data(), nullptr).last.loss;
  pushforward::Run again = resume_run(folder / "run");
  EXPECT_EQ(train(again, small_data(), nullptr).last.loss, loss);
}

TEST(Damage, ARunDirectoryThatGoesAwayIsWorkThatFailed) {
  const Folder folder;
  for (const bool blocked : {false, true}) {
    pushforward::Run run = make_run("vae", kSmall, small_data(), folder / "run");
    try {
      train(run, small_data(), nullptr, [&](const Progress& p) {
        if (p.step == 4 && !p.epoch_end) fs::rename(folder / "run", folder / "moved");
        if (p.step == 4 && !p.epoch_end && blocked) write(folder / "run", "a file");
        return Continue::yes;
      });
      ADD_FAILURE() << "went on";
    } catch (const WorkError& error) {
      EXPECT_NE(std::string(error.what()).find(folder / "run"), std::string::npos) << error.what();
    }
    fs::remove_all(folder / "moved"), fs::remove_all(folder / "run");
  }
}

}  // namespace
}  // namespace pushforward

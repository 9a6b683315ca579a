// SPDX-License-Identifier: Apache-2.0
//
// A folder of PNG files as data: a row an image, in the order of the names, subfolders as labels.
//
// All images must have one size, or be brought to one by --resize. Resizing is bilinear: a triangle filter,
// one source pixel wide when enlarging and as wide as a target pixel when shrinking (as Pillow does), for
// plain bilinear interpolation would skip pixels there and alias. Files are decoded by all threads.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "data/parts.hpp"
#include "io/png.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"

namespace pushforward::data {
namespace {

namespace fs = std::filesystem;

struct Listing {
  std::vector<std::string> files{};
  std::vector<std::string> labels{};  // names of subfolders, or empty
};

bool is_png(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return ending == ".png";
}

std::vector<std::string> sorted_pngs(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (is_png(entry.path()) && !entry.is_directory()) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

Listing list_folder(const std::string& path) {
  Listing list{sorted_pngs(path)};
  std::set<fs::path> subfolders;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.is_directory() && !entry.path().filename().string().starts_with('.'))
      subfolders.insert(entry.path());
  const bool loose = !list.files.empty();
  for (const fs::path& subfolder : subfolders)
    for (std::string& file : sorted_pngs(subfolder)) {
      list.files.push_back(std::move(file));
      list.labels.push_back(subfolder.filename().string());
    }
  if (loose && !list.labels.empty())
    throw RequestError(Complaint{path, "PNG files both in the folder and in its subfolders",
                                 "one or the other", "subfolders are labels"});
  if (list.files.empty())
    throw RequestError(Complaint{path, "no PNG files", "a folder of PNG files, or of subfolders of them"});
  return list;
}

Listing listing_of(const std::string& path) {
  try {
    return list_folder(path);
  } catch (const fs::filesystem_error& problem) {
    throw RequestError(Complaint{path, problem.code().message(), "a folder that can be read"});
  }
}

// Weights of the source pixels (from `first`) that make one target pixel.
struct Tap {
  std::size_t first = 0;
  std::vector<double> weights{};
};

std::vector<Tap> triangle_taps(std::size_t source, std::size_t target) {
  const double ratio = static_cast<double>(source) / static_cast<double>(target),
               reach = std::max(1.0, ratio);
  std::vector<Tap> taps(target);
  for (std::size_t t = 0; t < target; ++t) {
    const double centre = (static_cast<double>(t) + 0.5) * ratio;
    const double low = std::max(0.0, std::floor(centre - reach));
    const double high = std::min(static_cast<double>(source), std::ceil(centre + reach));
    taps[t].first = static_cast<std::size_t>(low);
    double sum = 0;
    for (double s = low; s < high; ++s) {
      taps[t].weights.push_back(std::max(0.0, 1 - std::abs(s + 0.5 - centre) / reach));
      sum += taps[t].weights.back();
    }
    for (double& weight : taps[t].weights) weight /= sum;
  }
  return taps;
}

io::Image resized(const io::Image& image, std::size_t height, std::size_t width) {
  if (image.height == height && image.width == width) return image;
  const std::vector<Tap> across = triangle_taps(image.width, width),
                         down = triangle_taps(image.height, height);
  Matrix<double> half(image.height, width * image.channels);
  for (std::size_t y = 0; y < image.height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t k = 0; k < across[x].weights.size(); ++k)
        for (std::size_t c = 0; c < image.channels; ++c)
          half(y, x * image.channels + c) += across[x].weights[k] * image.at(y, across[x].first + k, c);
  io::Image out(height, width, image.channels);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t i = 0; i < half.cols(); ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < down[y].weights.size(); ++k)
        sum += down[y].weights[k] * half(down[y].first + k, i);
      out.pixels[y * half.cols() + i] = static_cast<std::uint8_t>(std::lround(sum));
    }
  return out;
}

class Loader {
 public:
  explicit Loader(const LoadOptions& options) : size_(parse_size(options.resize)), grey_(options.grey) {}

  io::Image load(const std::string& file) const {
    io::Image image = io::read_png(file);
    if (grey_) image = io::to_grey(image);
    return size_ ? resized(image, size_->first, size_->second) : image;
  }

 private:
  std::optional<std::pair<std::size_t, std::size_t>> size_;
  bool grey_;
};

void check_same(const io::Image& image, const io::Image& first, const std::string& file,
                const std::string& model) {
  if (image.height != first.height || image.width != first.width)
    throw RequestError(Complaint{file, fmt::format("{}x{} pixels", image.height, image.width),
                                 fmt::format("{}x{} as in {}", first.height, first.width, model),
                                 "--resize HxW brings all to one size"});
  if (image.channels != first.channels)
    throw RequestError(Complaint{file, image.channels == 1 ? "a grey image" : "a colour image",
                                 fmt::format("the kind of {}", model), "--grey makes all grey"});
}

}  // namespace

std::optional<std::pair<std::size_t, std::size_t>> parse_size(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::vector<std::string> parts = split(text, 'x');
  constexpr long long kMost = 1 << 14;
  long long size[2] = {0, 0};
  if (parts.size() == 2)
    for (std::size_t i = 0; i < 2; ++i)
      size[i] = static_cast<long long>(whole_number(parts[i], "--resize", {1, kMost}));
  if (size[0] < 1 || size[1] < 1 || size[0] > kMost || size[1] > kMost)
    throw RequestError(Complaint{"--resize", io::in_quotes(text),
                                 fmt::format("HxW, each from 1 to {}", kMost), "for example 64x64"});
  return std::pair(static_cast<std::size_t>(size[0]), static_cast<std::size_t>(size[1]));
}

Dataset load_folder(const std::string& path, const LoadOptions& options) {
  const Listing list = listing_of(path);
  const Loader loader(options);
  const io::Image first = loader.load(list.files[0]);
  Matrix<std::uint8_t> rows;
  io::checked_product(list.files.size(), first.pixels.size(), path);
  rows.resize(list.files.size(), first.pixels.size());
  parallel_for(list.files.size(), 16, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const io::Image image = loader.load(list.files[i]);
      check_same(image, first, list.files[i], list.files[0]);
      std::copy(image.pixels.begin(), image.pixels.end(), rows.row(i));
    }
  });
  Dataset data;
  data.name = path;
  data.shape = {first.height, first.width, first.channels, true};
  data.scale = 1.0 / 255;
  data.rows_data = std::move(rows);
  if (!list.labels.empty()) set_labels(data, list.labels);
  return data;
}

}  // namespace pushforward::data

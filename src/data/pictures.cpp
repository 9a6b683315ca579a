// SPDX-License-Identifier: Apache-2.0
#include "data/pictures.hpp"
#include "core/memory.hpp"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <new>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/parts.hpp"
#include "io/image_format.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"

namespace pushforward::data {
namespace {

// What becomes of every file: one shape for all.
struct Target {
  std::optional<io::Size> resize{};
  Fit fit = Fit::crop;
  std::size_t channels = 1;
  io::Size size{};
};

struct File {
  io::ImageFacts facts{};
  std::string problem{};  // "" = it can be read
};

// Calls work(i) for each file, and keeps why one could not be read. Threads claim files one by one.
void for_files(std::vector<File>& files, const std::function<void(double)>& progress, double begin,
               double end, const std::function<void(std::size_t)>& work) {
  std::mutex telling;
  std::size_t done = 0;
  parallel_tasks(files.size(), [&](std::size_t i) {
    if (files[i].problem.empty()) try {
        work(i);
      } catch (const RequestError& problem) {
        files[i].problem = problem.what();
      }
    if (!progress) return;
    const std::lock_guard lock(telling);
    progress(begin + (end - begin) * static_cast<double>(++done) / static_cast<double>(files.size()));
  });
}

std::size_t count(const std::vector<File>& files, bool (*holds)(const io::ImageFacts&)) {
  return static_cast<std::size_t>(std::ranges::count_if(
      files, [&](const File& file) { return file.problem.empty() && holds(file.facts); }));
}
bool is_gray(const io::ImageFacts& facts) { return facts.channels == 1; }
bool is_deep(const io::ImageFacts& facts) { return facts.deep; }
bool is_transparent(const io::ImageFacts& facts) { return facts.transparent; }

// All broken files in one sentence, and what can be done: to go on without them, unless nothing is left.
void check_broken(const std::vector<File>& files, const std::string& path, bool skip,
                  std::vector<std::string>& remarks) {
  constexpr std::size_t kMostNamed = 100;
  std::vector<std::string> broken;
  for (const File& file : files)
    if (!file.problem.empty()) broken.push_back(file.problem);
  if (broken.empty()) return;
  const bool all = broken.size() == files.size();
  if (!skip && broken.size() == 1 && all) throw RequestError(broken[0]);
  std::string named =
      fmt::format("{}", fmt::join(std::span(broken).first(std::min(kMostNamed, broken.size())), "; "));
  if (broken.size() > kMostNamed) named += fmt::format("; and {} more", broken.size() - kMostNamed);
  const std::string counted = fmt::format("{} broken of {} files ({})", broken.size(), files.size(), named);
  if (!skip || all)
    throw RequestError(
        Complaint{path, counted, "whole ones", all ? "" : "--skip-broken goes on without them"});
  remarks.push_back(fmt::format("{}: skipped {}", path, counted));
}

// What most pictures can fill, cropped to a square, and a network learns in minutes.
std::size_t suggested_side(const std::vector<File>& files) {
  std::vector<std::size_t> sides;
  for (const File& file : files)
    if (file.problem.empty()) sides.push_back(std::min(file.facts.size.height, file.facts.size.width));
  std::ranges::nth_element(sides, sides.begin() + static_cast<std::ptrdiff_t>(sides.size() / 2));
  const std::size_t middle = sides[sides.size() / 2];
  for (std::size_t side : {64u, 48u, 32u, 16u})
    if (middle >= side) return side;
  return middle;
}

io::Size common_size(const Listing& list, const std::vector<File>& files) {
  const auto readable = [](const File& file) { return file.problem.empty(); };
  const auto first = std::ranges::find_if(files, readable);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const io::Size size = files[i].facts.size, wanted = first->facts.size;
    if (!readable(files[i]) || size == wanted) continue;
    const std::size_t side = suggested_side(files);
    throw RequestError(Complaint{
        list.path(i), fmt::format("{}x{} pixels", size.height, size.width),
        fmt::format("{}x{} as in {}", wanted.height, wanted.width,
                    list.path(static_cast<std::size_t>(first - files.begin()))),
        fmt::format("--resize {}x{} brings all to one size, which most of these can fill", side, side)});
  }
  return first->facts.size;
}

template <class T>
io::Raster<T> shaped(io::Raster<T> image, const Target& target) {
  image = target.channels == 1 ? io::to_grey(std::move(image)) : io::to_color(std::move(image));
  return target.resize ? resized(image, *target.resize, target.fit) : image;
}

template <class T>
io::Raster<T> decoded(const std::string& file, const Target& target) {
  io::Picture picture = io::read_image(file, target.resize.value_or(io::Size{}));
  if constexpr (std::is_same_v<T, std::uint16_t>)
    if (auto* bytes = std::get_if<io::Image>(&picture)) picture = io::to_deep(*bytes);
  io::Raster<T> image = shaped(std::get<io::Raster<T>>(std::move(picture)), target);
  if (image.height != target.size.height || image.width != target.size.width)
    throw RequestError(Complaint{file, fmt::format("{}x{} pixels", image.height, image.width),
                                 "the size that its header says"});
  return image;
}

// Moves the rows of whole files to the front, and forgets the others.
template <class T>
void keep_whole(Matrix<T>& rows, const std::vector<File>& files) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!files[i].problem.empty()) continue;
    if (kept != i) std::copy_n(rows.row(i), rows.cols(), rows.row(kept));
    ++kept;
  }
  rows.resize(kept, rows.cols());  // keeps the memory, and what is in front
}

// float32 holds 16 bits exactly.
template <class Sample, class Element>
Matrix<Element> decode_all(const Listing& list, std::vector<File>& files, const Target& target,
                           const PictureOptions& pictures, std::vector<std::string>& remarks) {
  Matrix<Element> rows;
  require_memory(
      checked_product({files.size(), target.size.height, target.size.width, target.channels, sizeof(Element)},
                      "the pictures"),
      fmt::format("{} of {}x{} pixels",
                  files.size() == 1 ? "a picture" : fmt::format("{} pictures", files.size()),
                  target.size.height, target.size.width),
      "--resize 64x64 takes less");
  rows.resize(files.size(), target.size.height * target.size.width * target.channels);
  for_files(files, pictures.progress, 0.1, 1, [&](std::size_t i) {
    const io::Raster<Sample> image = decoded<Sample>(list.path(i), target);
    std::ranges::copy(image.pixels, rows.row(i));
  });
  check_broken(files, list.folder, pictures.skip_broken, remarks);
  keep_whole(rows, files);
  return rows;
}

void remark_kinds(const std::vector<File>& files, const std::string& path, bool grey,
                  std::vector<std::string>& remarks) {
  const std::size_t gray = count(files, is_gray), deep = count(files, is_deep),
                    transparent = count(files, is_transparent);
  const std::size_t whole = count(files, [](const io::ImageFacts&) { return true; });
  if (gray > 0 && gray < whole && !grey)
    remarks.push_back(
        fmt::format("{}: {} of {} pictures are gray, and become color as the others are; --grey "
                    "makes all gray",
                    path, gray, whole));
  if (transparent > 0)
    remarks.push_back(fmt::format("{}: {} of {} pictures may be transparent, and are laid over white", path,
                                  transparent, whole));
  if (deep > 0 && deep < whole)
    remarks.push_back(fmt::format("{}: {} of {} pictures have 16 bits, which are kept", path, deep, whole));
}

Listing listing_of(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return list_pictures(path);
  const std::filesystem::path file(path);
  const std::string folder = file.parent_path().string();
  return {.folder = folder.empty() ? "." : folder, .files = {file.filename().string()}};
}

}  // namespace

NamedRows load_pictures(const std::string& path, const LoadOptions& options, const PictureOptions& pictures) {
  Target target{.resize = parse_size(options.resize), .fit = parse_fit(pictures.fit)};
  Listing list = listing_of(path);
  NamedRows out;
  Dataset& data = out.data;
  data.remarks = std::move(list.remarks);
  std::vector<File> files(list.files.size());
  for_files(files, pictures.progress, 0, 0.1,
            [&](std::size_t i) { files[i].facts = io::read_image_facts(list.path(i)); });
  if (count(files, [](const io::ImageFacts&) { return true; }) == 0)
    check_broken(files, path, false, data.remarks);
  remark_kinds(files, path, options.grey, data.remarks);
  target.size = target.resize ? *target.resize : common_size(list, files);
  const bool all_gray = count(files, is_gray) == count(files, [](const io::ImageFacts&) { return true; });
  target.channels = options.grey || all_gray ? 1 : 3;
  data.name = path;
  data.shape = {target.size.height, target.size.width, target.channels, true};
  if (count(files, is_deep) > 0) {
    data.scale = 1.0 / 65535;
    data.rows_data = decode_all<std::uint16_t, float>(list, files, target, pictures, data.remarks);
  } else {
    data.scale = 1.0 / 255;
    data.rows_data = decode_all<std::uint8_t, std::uint8_t>(list, files, target, pictures, data.remarks);
  }
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!files[i].problem.empty()) continue;
    out.names.push_back(list.files[i]);
    if (!list.labels.empty()) labels.push_back(list.labels[i]);
  }
  if (!labels.empty()) set_labels(data, labels);
  return out;
}

}  // namespace pushforward::data

// SPDX-License-Identifier: Apache-2.0
#include "data/archive.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/parts.hpp"
#include "io/ending.hpp"
#include "io/npz.hpp"
#include "io/safetensors.hpp"
#include "pushforward/error.hpp"

namespace pushforward::data {
namespace {

constexpr std::string_view kRows[] = {"X", "x", "data", "images"};
constexpr std::string_view kLabels[] = {"y", "Y", "label", "labels", "target", "targets"};
constexpr std::string_view kEndings[] = {".npz", ".safetensors"};

bool is_safetensors(std::string_view file) { return io::has_ending(file, ".safetensors"); }

std::vector<std::string> keys_of(const std::string& file) {
  if (!is_safetensors(file)) return io::npz_keys(io::read_file(file), file);
  std::vector<std::string> keys;
  for (const auto& [name, array] : io::read_safetensors(file).arrays) keys.push_back(name);
  return keys;
}

// The first of `words` that is a key, or "".
std::string key_among(const std::vector<std::string>& keys, std::span<const std::string_view> words) {
  const auto known = [&](std::string_view word) { return std::ranges::find(keys, word) != keys.end(); };
  const auto found = std::ranges::find_if(words, known);
  return found == words.end() ? "" : std::string(*found);
}

bool is_whole(io::Dtype type) {
  return type != io::Dtype::f16 && type != io::Dtype::f32 && type != io::Dtype::f64;
}

[[noreturn]] void refuse_key(const std::string& file, const std::string& key,
                             const std::vector<std::string>& keys) {
  if (!key.empty()) throw unknown_word(file, key, keys);
  throw RequestError(Complaint{file, fmt::format("{} arrays", keys.size()), "FILE:KEY",
                               fmt::format("the keys are {}", fmt::join(keys, ", "))});
}

}  // namespace

std::pair<std::string, std::string> split_archive(const std::string& source) {
  for (std::string_view ending : kEndings) {
    if (io::has_ending(source, ending)) return {source, ""};
    const std::size_t colon = source.rfind(':');
    if (colon != std::string::npos && io::has_ending(std::string_view(source).substr(0, colon), ending))
      return {source.substr(0, colon), source.substr(colon + 1)};
  }
  return {};
}

io::ArrayFile read_archived(const std::string& file, const std::string& key) {
  if (!is_safetensors(file)) return io::read_npz(file, key);
  io::Safetensors all = io::read_safetensors(file);
  const io::ArrayView* array = all.find(key);
  if (key.empty() && all.arrays.size() == 1) array = &all.arrays[0].second;
  if (array == nullptr) refuse_key(file, key, keys_of(file));
  const io::ArrayView found = *array;  // it borrows the bytes, which keep their place when they are moved
  return {std::move(all.bytes), found};
}

Dataset load_archive(const std::string& file, std::string key) {
  std::vector<std::string> remarks;
  const std::vector<std::string> keys = keys_of(file);
  if (key.empty() && keys.size() > 1) {
    key = key_among(keys, kRows);
    if (key.empty()) refuse_key(file, key, keys);
    remarks.push_back(fmt::format("{}: '{}' of {} arrays is read as the rows; {}:KEY names another", file,
                                  key, keys.size(), file));
  }
  const io::ArrayFile rows = read_archived(file, key);
  Dataset data = from_array(rows.array, key.empty() ? file : fmt::format("{}:{}", file, key));
  data.remarks = std::move(remarks);
  const std::string labels = key_among(keys, kLabels);
  if (labels.empty() || labels == key) return data;
  const io::ArrayFile found = read_archived(file, labels);
  if (!is_whole(found.array.dtype) || found.array.count() != data.rows() || found.array.rows() != data.rows())
    return data;
  data.labels = labels_from_array(found.array, fmt::format("{}:{}", file, labels));
  return data;
}

void refuse_foreign(const std::string& path, io::ByteSpan bytes) {
  const std::string_view start = io::text_of(bytes.first(std::min<std::size_t>(bytes.size(), 128)));
  const auto refuse = [&](const char* got, const char* hint) {
    throw RequestError(Complaint{path, got, "NPY, NPZ or safetensors", hint});
  };
  if (io::has_ending(path, ".pt") || io::has_ending(path, ".pth") || io::has_ending(path, ".pkl"))
    refuse("a Python pickle, which may run any program when it is opened",
           "in Python: numpy.save('x.npy', x.numpy()) for a tensor x");
  if (start.starts_with("MATLAB 5.0"))
    refuse("a MATLAB file",
           "in Python: numpy.savez('x.npz', **{k: v for k, v in "
           "scipy.io.loadmat('x.mat').items() if k[0] != '_'})");
  if (start.starts_with("\x89HDF\r\n"))
    refuse("an HDF5 file (also .mat of MATLAB 7.3)",
           "in Python: numpy.save('x.npy', h5py.File('x.h5')['KEY'][:])");
}

}  // namespace pushforward::data

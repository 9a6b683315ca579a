// SPDX-License-Identifier: Apache-2.0
//
// Pictures as data: a folder of them, or one; a row a picture.
//
// Files are looked at twice: their headers say sizes, kinds and which are broken, so that the rows are taken
// at once and in their own precision; then all threads decode, a picture at a time each, so that nothing is
// held but the rows and the pictures that are being decoded.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/image.hpp"
#include "pushforward/data.hpp"

namespace pushforward {

/// How pictures are read, besides LoadOptions::resize and grey.
struct PictureOptions {
  std::string fit = "crop";  ///< what --resize does to another aspect ratio: crop, pad or stretch
  bool skip_broken = false;  ///< goes on without files that cannot be read
  std::string layout{};      ///< of an array: what its axes mean (data/layout.hpp); "" = guessed
  std::function<void(double done)> progress{};  ///< 0…1, now and then; called by one thread at a time
};

/// What load_data loads, and what its rows are called.
struct NamedRows {
  Dataset data;
  std::vector<std::string> names{};  ///< of pictures: a row's file, from the folder that was named
};
NamedRows load_named_rows(std::string_view argument, const LoadOptions& options,
                          const PictureOptions& pictures = {});

namespace data {

/// The pictures of a folder, in the order of their names.
struct Listing {
  std::string folder;
  std::vector<std::string> files{};   ///< paths from `folder`
  std::vector<std::string> labels{};  ///< names of class folders, or empty
  std::vector<std::string> remarks{};
  std::string path(std::size_t i) const { return folder + "/" + files[i]; }
};
/// Nested folders are read; dot files are nobody's data. Where all pictures are in subfolders, these are
/// labels. Of train/ and test/ one is read. RequestError where there is no picture.
Listing list_pictures(const std::string& folder);

enum class Fit { crop, pad, stretch };
Fit parse_fit(std::string_view word);
/// Bilinear: a triangle filter, one source pixel wide when enlarging and as wide as a target pixel when
/// shrinking (as Pillow does), for plain interpolation would skip pixels there and alias. `crop` keeps the
/// middle, `pad` adds black.
template <class T>
io::Raster<T> resized(const io::Raster<T>& image, io::Size size, Fit fit);

/// "HxW"; nothing for an empty text.
std::optional<io::Size> parse_size(std::string_view text);

/// A folder of pictures, or one: by its name, or (where that says nothing) by its first bytes.
bool is_picture(const std::string& source);
/// A file of an array, by its name; what is there is not looked at.
bool is_array(const std::string& source);
NamedRows load_pictures(const std::string& path, const LoadOptions& options, const PictureOptions& pictures);

}  // namespace data
}  // namespace pushforward

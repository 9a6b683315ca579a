// SPDX-License-Identifier: Apache-2.0
// The table of file formats: what a name or the first bytes say, and that what is written is read back.
#include "data/formats.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

#include "io/atomic_file.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward::data {
namespace {

using io::TemporaryFolder;
using io::write_file;

TEST(FileFormats, NoEndingBelongsToTwo) {
  std::set<std::string_view> seen;
  for (const FileFormat& format : file_formats())
    for (const std::string_view ending : format.endings) {
      EXPECT_TRUE(seen.insert(ending).second) << ending;
      EXPECT_EQ(format_named("rows" + std::string(ending))->read, format.read) << ending;
    }
}

TEST(FileFormats, AKeyIsTakenOffTheNameOfAnArchiveAlone) {
  std::string path, key;
  EXPECT_EQ(format_named("a:b.npz:x", &path, &key)->name, "NPZ");
  EXPECT_EQ(path, "a:b.npz");
  EXPECT_EQ(key, "x");
  EXPECT_EQ(format_named("rows.npy:x"), nullptr);
}

Dataset load(const std::string& path) { return load_data(path); }

// Whatever is written comes back, also where the name has lost its ending but the bytes tell.
TEST(FileFormats, WhatIsWrittenIsReadBack) {
  Tensor rows(3, 2);
  for (std::size_t i = 0; i < rows.size(); ++i) rows.data()[i] = 0.1f * static_cast<float>(i);
  std::size_t told_by_bytes = 0;
  for (const FileFormat& format : file_formats())
    for (const std::string_view ending : format.written) {
      const TemporaryFolder folder;
      const std::string path = (folder / "rows") + std::string(ending);
      format.write(path, {std::as_const(rows).view(), {.width = 2}});
      const Tensor back = load(path).floats(0, 3);
      EXPECT_TRUE(std::equal(rows.span().begin(), rows.span().end(), back.span().begin())) << ending;
      if (format.begins == nullptr) continue;
      std::filesystem::rename(path, folder / "nameless");
      EXPECT_EQ(load(folder / "nameless").rows(), 3u) << ending;
      ++told_by_bytes;
    }
  EXPECT_EQ(told_by_bytes, 1u);  // NPY
}

TEST(FileFormats, WhatIsNotReadSaysHowToConvertIt) {
  const TemporaryFolder folder;
  const auto refused = [&](const char* name, std::string_view bytes, const char* why) {
    write_file(folder / name, bytes);
    EXPECT_COMPLAINT(load(folder / name), {name, why});
  };
  refused("weights.pt", "PK\x03\x04", "a Python pickle");
  refused("rows.mat", "MATLAB 5.0 MAT-file", "scipy.io.loadmat");
  refused("rows.h5", "\x89HDF\r\n\x1a\n", "h5py");
  refused("rows.parquet", "PAR1....", "a Parquet file");
  refused("nameless", "PAR1....", "a Parquet file");
  refused("rows.bin", "\x01\x02\x03\x04", "NPY, NPZ, safetensors, IDX, CSV, TSV, JPEG");
}

}  // namespace
}  // namespace pushforward::data

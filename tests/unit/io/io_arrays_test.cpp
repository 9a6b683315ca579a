// SPDX-License-Identifier: Apache-2.0
// NPY, NPZ, safetensors: round trips in every type and order, and refusals of what is not right.
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/array.hpp"
#include "io/npy.hpp"
#include "io/npz.hpp"
#include "io/safetensors.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward::io {
namespace {

// --- NPY
// ---------------------------------------------------------------------------------------------------------

template <class T>
Bytes encoded(const std::vector<T>& values, bool big) {
  Bytes out(values.size() * sizeof(T));
  std::memcpy(out.data(), values.data(), out.size());
  if (big)
    for (std::size_t i = 0; i < out.size(); i += sizeof(T)) std::reverse(&out[i], &out[i] + sizeof(T));
  return out;
}

template <class T>
void check_type(const std::string& code, const std::vector<T>& values) {
  for (bool big : {false, true}) {
    const std::string order = sizeof(T) == 1 ? "|" : big ? ">" : "<";
    const std::string shape = "(" + std::to_string(values.size()) + ",)";
    const Bytes file = npy_bytes(order + code, false, shape, encoded(values, big));
    const std::vector<double> read = to_vector<double>(parse_npy(file, "x.npy"), "x.npy");
    ASSERT_EQ(read.size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
      EXPECT_EQ(read[i], static_cast<double>(values[i])) << order << code;
  }
}

TEST(Npy, ReadsEveryRealTypeInBothByteOrders) {
  check_type<std::uint8_t>("b1", {0, 1, 1});
  check_type<std::int8_t>("i1", {-128, -1, 0, 127});
  check_type<std::uint8_t>("u1", {0, 1, 255});
  check_type<std::int16_t>("i2", {-32768, 258, 32767});
  check_type<std::uint16_t>("u2", {0, 258, 65535});
  check_type<std::int32_t>("i4", {std::numeric_limits<std::int32_t>::min(), 0x01020304, -1});
  check_type<std::uint32_t>("u4", {0, 0x01020304, 4294967295u});
  check_type<std::int64_t>("i8", {-(1LL << 53), 0x0102030405060708LL >> 4, 1LL << 53});
  check_type<std::uint64_t>("u8", {0, 1ULL << 53});
  check_type<float>("f4", {0.1f, -1e-45f, 3.4028235e38f, std::numeric_limits<float>::infinity()});
  check_type<double>("f8", {0.1, -5e-324, 1.7976931348623157e308});
}

TEST(Npy, ReadsHalfPrecisionExactly) {
  // Sign, exponent, fraction by hand: 1, −2, the largest 65504, the smallest 2^-24, the smallest normal
  // 2^-14.
  const std::vector<std::uint16_t> bits = {0x3C00, 0xC000, 0x7BFF, 0x0001, 0x0400, 0x8000, 0xFC00, 0x7E00};
  const Bytes file = npy_bytes("<f2", false, "(8,)", encoded(bits, false));
  const std::vector<float> read = to_vector<float>(parse_npy(file, "x"), "x");
  EXPECT_EQ(read[0], 1.0f);
  EXPECT_EQ(read[1], -2.0f);
  EXPECT_EQ(read[2], 65504.0f);
  EXPECT_EQ(read[3], 0x1p-24f);
  EXPECT_EQ(read[4], 0x1p-14f);
  EXPECT_TRUE(read[5] == 0 && std::signbit(read[5]));
  EXPECT_EQ(read[6], -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(read[7]));
}

TEST(Npy, ReadsFortranOrderOfAnyRank) {
  // Element (i, j, k, l) of a 2×3×4×5 array is 1000i + 100j + 10k + l.
  std::vector<std::int32_t> values;
  for (int l = 0; l < 5; ++l)
    for (int k = 0; k < 4; ++k)
      for (int j = 0; j < 3; ++j)
        for (int i = 0; i < 2; ++i) values.push_back(1000 * i + 100 * j + 10 * k + l);
  const Bytes file = npy_bytes("<i4", true, "(2, 3, 4, 5)", encoded(values, false));
  const Matrix<double> read = to_matrix<double>(parse_npy(file, "x"), "x");
  ASSERT_EQ(read.rows(), 2u);
  ASSERT_EQ(read.cols(), 60u);
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 3; ++j)
      for (std::size_t k = 0; k < 4; ++k)
        for (std::size_t l = 0; l < 5; ++l)
          EXPECT_EQ(read(i, (j * 4 + k) * 5 + l), static_cast<double>(1000 * i + 100 * j + 10 * k + l));
}

TEST(Npy, WritesWhatItReads) {
  const TemporaryFolder folder;
  const std::vector<double> values = {1.5, -0.1, std::nextafter(1.0, 2.0), 4, 5, 6};
  write_npy(folder / "a.npy", ArrayView(std::span<const double>(values), {3, 2}));
  const ArrayFile file = read_npy(folder / "a.npy");
  EXPECT_EQ(file.array.shape, (std::vector<std::size_t>{3, 2}));
  EXPECT_EQ(file.array.dtype, Dtype::f64);
  EXPECT_EQ(to_vector<double>(file.array, "a"), values);
  EXPECT_EQ((file.bytes.size() - 48) % 64, 0u) << "elements begin at a multiple of 64";
}

TEST(Npy, WritesTheHeaderThatNumPyWrites) {
  const std::vector<float> values(6);
  const std::string header = npy_header(ArrayView(std::span<const float>(values), {2, 3}));
  const std::string dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
  EXPECT_EQ(header, std::string("\x93NUMPY\x01\x00\x76\x00", 10) + dictionary +
                        std::string(117 - dictionary.size(), ' ') + "\n");
}

TEST(Npy, RefusesIntegersThatADoubleCannotHold) {
  const Bytes file = npy_bytes("<i8", false, "(2, 1)", encoded<std::int64_t>({1, (1LL << 53) + 1}, false));
  EXPECT_COMPLAINT(to_vector<double>(parse_npy(file, "x.npy"), "x.npy"), {"x.npy: row 2", "2^53"});
  EXPECT_EQ(to_vector<std::int64_t>(parse_npy(file, "x"), "x")[1], (1LL << 53) + 1);
}

TEST(Npy, RefusesFractionsWhereWholeNumbersAreWanted) {
  const Bytes file = npy_bytes("<f8", false, "(3,)", encoded<double>({1, 2.5, 3}, false));
  EXPECT_COMPLAINT(to_vector<std::int32_t>(parse_npy(file, "x"), "x"), {"element 1", "whole numbers"});
  const Bytes large = npy_bytes("<f8", false, "(1,)", encoded<double>({0x1p63}, false));
  EXPECT_COMPLAINT(to_vector<std::int64_t>(parse_npy(large, "x"), "x"), {"element 0"});
  const Bytes nan = npy_bytes("<f8", false, "(1,)", encoded<double>({std::nan("")}, false));
  EXPECT_COMPLAINT(to_vector<std::int32_t>(parse_npy(nan, "x"), "x"), {"element 0"});
}

TEST(Npy, RefusesHostileFilesWithoutAllocating) {
  const Bytes eight(8);
  const auto parse = [](const Bytes& file) { return parse_npy(file, "bad.npy"); };
  EXPECT_COMPLAINT(parse(npy_bytes("<f8", false, "(1152921504606846976,)", eight)),
                   {"bad.npy", "8 bytes", "(1152921504606846976,)"});
  EXPECT_COMPLAINT(parse(npy_bytes("<f8", false, "(18446744073709551615, 3)", eight)), {"bad.npy", "memory"});
  EXPECT_COMPLAINT(parse(npy_bytes("<f8", false, "(0, 18446744073709551615, 3)", {})), {"bad.npy"});
  EXPECT_COMPLAINT(parse(npy_bytes("<f8", false, "(99999999999999999999,)", eight)), {"bad.npy", "shape"});
  EXPECT_COMPLAINT(parse(npy_bytes("<f8", false, "(-1,)", eight)), {"bad.npy", "shape"});
  EXPECT_COMPLAINT(parse(npy_bytes("<f8", false, "(2,)", eight)), {"truncated"});
  EXPECT_COMPLAINT(parse(npy_bytes("<f4", false, "(1,)", eight)), {"8 bytes", "4 for (1,) of float32"});
  EXPECT_COMPLAINT(parse(npy_bytes("<c16", false, "(1,)", Bytes(16))), {"'<c16'"});
  EXPECT_COMPLAINT(parse(npy_bytes("|O", false, "(1,)", eight)), {"'|O'"});
  EXPECT_COMPLAINT(parse(npy_bytes("<U1", false, "(2,)", eight)), {"'<U1'"});
  EXPECT_COMPLAINT(parse(Bytes{'P', 'K', 3, 4, 0, 0, 0}), {"not an NPY file"});
  EXPECT_COMPLAINT(parse({}), {"end of the file"});
}

TEST(Npy, RefusesEveryTruncation) {
  const Bytes whole = npy_bytes("<f4", false, "(4, 3)", Bytes(48));
  EXPECT_NO_THROW(parse_npy(whole, "x"));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_THROW(parse_npy(ByteSpan(whole).first(length), "x"), RequestError) << length;
}

// --- NPZ
// ---------------------------------------------------------------------------------------------------------

TEST(Npz, HoldsSeveralArraysStoredAndDeflated) {
  const TemporaryFolder folder;
  const std::vector<std::int64_t> i = {0, 1, 2};
  const std::vector<double> mass(1000, 0.25);
  for (bool deflated : {false, true}) {
    write_npz(folder / "plan.npz", {{"i", i}, {"mass", mass}}, deflated);
    const Bytes archive = read_file(folder / "plan.npz");
    EXPECT_EQ(npz_keys(archive, "p"), (std::vector<std::string>{"i", "mass"}));
    EXPECT_EQ(archive.size() < 4000, deflated);
    write_npz(folder / "again.npz", {{"i", i}, {"mass", mass}}, deflated);
    EXPECT_EQ(read_file(folder / "again.npz"), archive);  // no times
    EXPECT_EQ(to_vector<std::int64_t>(parse_npz(archive, "i", "p").array, "p"), i);
    EXPECT_EQ(to_vector<double>(read_npz(folder / "plan.npz", "mass").array, "p"), mass);
  }
}

TEST(Npz, ReadsAnArchiveWithNumPysExtraFields) {
  // numpy.savez of {"a": float32 [1, 2]} leaves 64-bit sizes in the member's own header and none in the
  // directory.
  const Bytes archive = numpy_npz();
  const ArrayFile file = parse_npz(archive, "", "a.npz");
  EXPECT_EQ(to_vector<float>(file.array, "a"), (std::vector<float>{1, 2}));
}

TEST(Npz, NamesTheKeysThatThereAre) {
  const TemporaryFolder folder;
  const std::vector<float> x = {1};
  write_npz(folder / "a.npz", {{"train", x}, {"test", x}});
  EXPECT_COMPLAINT(read_npz(folder / "a.npz", ""), {"a.npz", "2 arrays", "train, test"});
  EXPECT_COMPLAINT(read_npz(folder / "a.npz", "trian"), {"'trian'", "did you mean 'train'"});
}

TEST(Npz, RefusesDamage) {
  const TemporaryFolder folder;
  std::vector<double> x(100);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i) * 0.37;
  for (bool deflated : {false, true}) {
    write_npz(folder / "a.npz", {{"x", x}}, deflated);
    const Bytes good = read_file(folder / "a.npz");
    for (std::size_t length = 0; length < good.size(); length += 7)
      EXPECT_THROW(parse_npz(ByteSpan(good).first(length), "x", "a"), RequestError) << length;
    Bytes bad = good;
    bad[good.size() / 2] ^= 0x10;
    EXPECT_THROW(parse_npz(bad, "x", "a"), RequestError) << "a flipped bit in the elements";
  }
}

TEST(Npz, RefusesAMemberOfAnotherSizeThanItsDirectorySays) {
  const TemporaryFolder folder;
  const std::vector<double> x(64, 0.5);
  write_npz(folder / "a.npz", {{"x", x}});
  const Bytes good = read_file(folder / "a.npz");
  const std::size_t size = find_bytes(good, "PK\x01\x02") + 24;
  for (const int more : {-1, 1}) {
    Bytes bad = good;
    bad[size] = static_cast<std::uint8_t>(bad[size] + more);
    EXPECT_COMPLAINT(parse_npz(bad, "x", "a.npz"), {"a.npz", "'x'"});
  }
}

TEST(Npz, RefusesAnEncryptedMember) {
  Bytes bad = numpy_npz();
  bad[find_bytes(bad, "PK\x01\x02") + 8] |= 1, bad[find_bytes(bad, "PK\x03\x04") + 6] |= 1;
  EXPECT_COMPLAINT(parse_npz(bad, "", "a.npz"), {"a.npz", "encrypted"});
}

TEST(Npz, RefusesABombBeforeItGoesOff) {
  const TemporaryFolder folder;
  const std::vector<double> x(64);
  write_npz(folder / "a.npz", {{"x", x}});
  Bytes bomb = read_file(folder / "a.npz");
  const std::size_t entry = find_bytes(bomb, "PK\x01\x02");
  for (std::size_t k = 0; k < 4; ++k) bomb[entry + 24 + k] = 0xF0;  // says 4 GB inside a hundred bytes
  EXPECT_COMPLAINT(parse_npz(bomb, "x", "bomb.npz"), {"bomb.npz", "said to hold"});
  for (std::size_t k = 0; k < 4; ++k) bomb[entry + 20 + k] = 0xE0;  // and that as many are in the archive
  EXPECT_COMPLAINT(parse_npz(bomb, "x", "bomb.npz"), {"bomb.npz", "said to hold"});
}

// --- safetensors
// -------------------------------------------------------------------------------------------------

TEST(Safetensors, RoundTripKeepsNamesShapesAndBits) {
  const TemporaryFolder folder;
  const std::vector<float> weights = {1, -2, 0.1f, 4, 5, std::numeric_limits<float>::quiet_NaN()};
  const std::vector<std::int64_t> step = {1LL << 60};
  const std::vector<double> none;
  const std::string path = folder / "m.safetensors";
  write_safetensors(path,
                    {{"layer/weights", ArrayView(std::span<const float>(weights), {2, 3})},
                     {"step", step},
                     {"nothing", ArrayView(std::span<const double>(none), {0, 4})}},
                    {{"format", "1"}, {"model", "vae \"quoted\""}});
  const Safetensors file = read_safetensors(path);
  ASSERT_EQ(file.arrays.size(), 3u);
  EXPECT_EQ(file.text("model"), "vae \"quoted\"");
  const std::vector<std::size_t> shape = {2, 3};
  const ArrayView& read = file.get("layer/weights", Dtype::f32, shape);
  EXPECT_EQ(std::memcmp(read.bytes.data(), weights.data(), 24), 0);
  EXPECT_EQ(to_vector<std::int64_t>(*file.find("step"), path), step);
  EXPECT_EQ(file.find("absent"), nullptr);
  EXPECT_COMPLAINT(file.get("layer/weights", Dtype::f64, shape),
                   {path, "layer/weights", "float32", "float64"});
  EXPECT_COMPLAINT(file.text("absent"), {path, "absent"});
}

// Each is found by its name at once: looking through all for each would be 10¹⁰ steps.
TEST(Safetensors, FindsEachOfManyArrays) {
  const std::vector<double> values(100'000, 1.5);
  NamedArrays arrays;
  for (std::size_t i = 0; i < values.size(); ++i)
    arrays.emplace_back(fmt::format("{}", i), ArrayView(std::span<const double>(&values[i], 1)));
  const TemporaryFolder folder;
  const std::string path = folder / "many.safetensors";
  write_safetensors(path, arrays);
  const Safetensors file = read_safetensors(path);
  for (std::size_t i = 0; i < arrays.size(); ++i)
    ASSERT_EQ(file.find(arrays[i].first), &file.arrays[i].second) << i;
  EXPECT_EQ(file.find("100000"), nullptr);
  for (std::size_t i = 0; i < 200'000; ++i)
    arrays.emplace_back(fmt::format("more of them {}", i), ArrayView(std::span<const double>(&values[0], 1)));
  EXPECT_COMPLAINT(write_safetensors(path, arrays), {"300000 arrays", "at most 16777216"});
}

Bytes safetensors_bytes(const std::string& header, std::size_t data) {
  Bytes out;
  for (std::size_t i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(header.size() >> 8 * i));
  out.insert(out.end(), header.begin(), header.end());
  out.resize(out.size() + data);
  return out;
}

TEST(Safetensors, RefusesWhatTheFormatForbids) {
  const auto parse = [](const std::string& header, std::size_t data) {
    return parse_safetensors(safetensors_bytes(header, data), "m");
  };
  const std::string a = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  EXPECT_NO_THROW(parse("{" + a + "}", 8));
  EXPECT_COMPLAINT(parse("{" + a + "}", 7), {"offsets outside"});
  EXPECT_COMPLAINT(parse("{" + a + "}", 9), {"1 bytes that belong to no array"});
  EXPECT_COMPLAINT(parse("{" + a + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8),
                   {"overlap"});
  EXPECT_COMPLAINT(parse("{" + a + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}})", 16),
                   {"hole"});
  EXPECT_COMPLAINT(parse(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8), {"8 bytes", "12"});
  EXPECT_COMPLAINT(parse(R"({"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}})", 0),
                   {"memory"});
  EXPECT_COMPLAINT(parse(R"({"a":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}})", 2), {"BF16"});
  EXPECT_COMPLAINT(parse(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}})", 8), {"shape"});
  EXPECT_COMPLAINT(parse(R"({"a":3})", 0), {"broken entry"});
  EXPECT_COMPLAINT(parse(R"({"__metadata__":{"a":1}})", 0), {"metadata"});
  EXPECT_COMPLAINT(parse("[]", 0), {"JSON object"});
  EXPECT_COMPLAINT(parse("{", 0), {"JSON object"});
  EXPECT_COMPLAINT(parse_safetensors(Bytes(8, 0xFF), "m"), {"a header of 18446744073709551615 bytes"});
  EXPECT_THROW(parse_safetensors(Bytes(7), "m"), RequestError);
}

TEST(Safetensors, DeepNestingDoesNotExhaustTheStack) {
  for (const char* bracket : {"[", "{\"a\":"}) {
    std::string header;
    for (int i = 0; i < 1'000'000; ++i) header += bracket;
    EXPECT_THROW(parse_safetensors(safetensors_bytes(header, 0), "m"), RequestError);
  }
  const std::string half(500'000, '['), other(500'000, ']');
  const std::string whole = R"({"a":{"dtype":)" + half + other + "}}";
  EXPECT_COMPLAINT(parse_safetensors(safetensors_bytes(whole, 0), "m"), {"a header of many levels"});
}

}  // namespace
}  // namespace pushforward::io

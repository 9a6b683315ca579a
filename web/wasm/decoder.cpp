// SPDX-License-Identifier: Apache-2.0
//
// The decoder of a latent plane, in the page: x = sigmoid(W₁ relu(W₀ z + b₀) + b₁), float32 as the program's.
//
//   clang++-14 --target=wasm32 -O3 -msimd128 -ffreestanding -fno-exceptions -nostdlib -Wl,--no-entry -o
//   decoder.wasm decoder.cpp
//
// Weights lie row by row, as a run keeps them. Rows are summed in four lanes by vector instructions, so sums
// differ from the program's by rounding. There is no library below: memory begins at __heap_base and grows,
// e^x is the page's.
using size = unsigned;
using lanes = float __attribute__((vector_size(16)));

extern "C" unsigned char __heap_base;
__attribute__((import_module("page"), import_name("exp"))) extern "C" double page_exp(double);

namespace {

constexpr size kPage = 65536;
size top = 0;

float dot(const float* a, const float* b, size n) {
  lanes sum = {0, 0, 0, 0};
  size k = 0;
  for (; k + 4 <= n; k += 4) {
    lanes x, y;
    __builtin_memcpy(&x, a + k, sizeof x);
    __builtin_memcpy(&y, b + k, sizeof y);
    sum += x * y;
  }
  float total = (sum[0] + sum[2]) + (sum[1] + sum[3]);
  for (; k < n; ++k) total += a[k] * b[k];
  return total;
}

float relu(float u) { return u > 0 ? u : 0; }
float sigmoid(float u) { return static_cast<float>(1 / (1 + page_exp(-static_cast<double>(u)))); }

template <class F>
void dense(const float* weight, const float* bias, const float* x, float* y, size inputs, size outputs,
           F activation) {
  for (size i = 0; i < outputs; ++i) y[i] = activation(dot(weight + i * inputs, x, inputs) + bias[i]);
}

}  // namespace

extern "C" {

/// Room for n floats, aligned, for ever; 0 where there is none.
__attribute__((export_name("floats"))) float* floats(size n) {
  if (top == 0) top = (reinterpret_cast<size>(&__heap_base) + 15) / 16 * 16;
  const size begin = top, end = begin + (4 * n + 15) / 16 * 16, have = __builtin_wasm_memory_size(0) * kPage;
  if (end > have && __builtin_wasm_memory_grow(0, (end - have + kPage - 1) / kPage) == static_cast<size>(-1))
    return nullptr;
  top = end;
  return reinterpret_cast<float*>(begin);
}

/// One code z of `latent` numbers to `pixels` in 0 … 1; `hidden_values` is scratch of `hidden`.
__attribute__((export_name("decode"))) void decode(const float* weight0, const float* bias0,
                                                   const float* weight1, const float* bias1, const float* z,
                                                   float* hidden_values, float* x, size latent, size hidden,
                                                   size pixels) {
  dense(weight0, bias0, z, hidden_values, latent, hidden, relu);
  dense(weight1, bias1, hidden_values, x, hidden, pixels, sigmoid);
}
}

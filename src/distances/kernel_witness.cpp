// SPDX-License-Identifier: Apache-2.0
//
// The mean embeddings' difference, normalized: one sum over both samples a point, in float64. The kernels −r
// and (x·y/d + 1)³ are no exception: −r is conditionally positive definite, so that its space holds functions
// up to a constant, which a difference of means does not see.
#include "distances/kernel_witness.hpp"

#include <cmath>

#include "distances/mmd_estimators.hpp"
#include "distances/owned_sample.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

class KernelWitness final : public Witness {
 public:
  KernelWitness(const Kernel& kernel, const Sample& x, const Sample& y)
      : kernel_(kernel), x_(x), y_(y), square_(std::max(0.0, biased_mmd(kernel, x, y, {}).value)) {}

  void values(const Points& at, View<double> out) const override {
    const double scale = square_ > 0 ? 1 / std::sqrt(square_) : 0;
    parallel_for(at.n(), 1 + 20'000 / (x_.n() + y_.n()), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const std::vector<double> z = row_of(at, i);
        out(i, 0) = scale * (mean(z, x_) - mean(z, y_));
      }
    });
  }

  Fields about() const override {
    return {{"value", std::sqrt(square_)},
            {"value_is", "MMD, over all pairs"},
            {"over", "functions of norm at most 1 in the kernel's space"},
            {"norm", square_ > 0 ? 1.0 : 0.0}};
  }

 private:
  double mean(std::span<const double> z, const OwnedSample& sample) const {
    double sum = 0;
    for (std::size_t i = 0; i < sample.n(); ++i)
      sum += sample.weight(i) * kernel_value(kernel_, z, sample.point(i));
    return sum;
  }

  Kernel kernel_;
  OwnedSample x_, y_;
  double square_;
};

}  // namespace

std::unique_ptr<Witness> kernel_witness(const Kernel& kernel, const Sample& x, const Sample& y) {
  return std::make_unique<KernelWitness>(kernel, x, y);
}

}  // namespace pushforward

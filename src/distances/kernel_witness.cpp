// SPDX-License-Identifier: Apache-2.0
//
// The mean embeddings' difference, normalized: one sum over both samples a point, in float64. The kernels −r
// and (x·y/d + 1)³ are no exception: −r is conditionally positive definite, so that its space holds functions
// up to a constant, which a difference of means does not see.
#include "distances/kernel_witness.hpp"

#include <cmath>

#include "distances/mmd_estimators.hpp"
#include "distances/owned_sample.hpp"
#include "kernels/kernel_sums_at.hpp"

namespace pushforward {
namespace {

class KernelWitness final : public Witness {
 public:
  KernelWitness(const Kernel& kernel, const Sample& x, const Sample& y)
      : kernel_(kernel), x_(x), y_(y), square_(std::max(0.0, biased_mmd(kernel, x, y, {}).value)) {}

  void values(const Points& at, View<double> out) const override {
    const double scale = square_ > 0 ? 1 / std::sqrt(square_) : 0;
    const std::vector<double> of_x = kernel_sums_at(kernel_, at, x_.sample()),
                              of_y = kernel_sums_at(kernel_, at, y_.sample());
    for (std::size_t i = 0; i < at.n(); ++i) out(i, 0) = scale * (of_x[i] - of_y[i]);
  }

  Fields about() const override {
    return {{"value", std::sqrt(square_)},
            {"value_is", "MMD, over all pairs"},
            {"over", "functions of norm at most 1 in the kernel's space"},
            {"norm", square_ > 0 ? 1.0 : 0.0}};
  }

 private:
  Kernel kernel_;
  OwnedSample x_, y_;
  double square_;
};

}  // namespace

std::unique_ptr<Witness> kernel_witness(const Kernel& kernel, const Sample& x, const Sample& y) {
  return std::make_unique<KernelWitness>(kernel, x, y);
}

}  // namespace pushforward

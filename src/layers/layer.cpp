// SPDX-License-Identifier: Apache-2.0
// What a layer without a tangent pass answers.
#include "pushforward/layer.hpp"

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

[[noreturn]] void refuse_tangent(const Layer& layer) {
  throw WorkError(Complaint{layer.describe(), "a tangent pass asked of it", "a layer that has one"});
}

}  // namespace

void Layer::tangent(View<const float>, View<const float>, Saved&, View<const float>, View<float>,
                    const Pass&) const {
  refuse_tangent(*this);
}

bool Layer::tangent_backward(View<const float>, View<const float>, Saved&, View<const float>,
                             View<const float>, View<const float>, View<const float>, View<float>,
                             View<float>, bool, const Pass&) {
  refuse_tangent(*this);
}

}  // namespace pushforward

// SPDX-License-Identifier: Apache-2.0
//
// One call that says what a layer, or a loss, does not keep of what it promises.
//
// `check_layer` takes a registry row and tries every SPEC of its trials at random parameters (a check at the
// initial ones, where a scale is all ones, has let wrong gradients live for years), with a random,
// non-uniform dy. `check_loss` does the same for a loss. Both return what they found; an empty list is a
// pass. They need no test framework and work on a class of your own:
//
//   const LayerEntry mine{.name = "mine", …};
//   for (const Finding& finding : check_layer(mine)) std::cerr << finding.text() << '\n';
//
// What is tried of a layer:
//   · worked examples hold, for the layer and for its double-precision twin;
//   · forward agrees with the twin, writes all of y (poisoned before), and gives the same bits again;
//   · dx is written (poisoned before), parameter gradients are added (prefilled before);
//   · gradients agree with central differences of ⟨dy, twin⟩ in every input and every parameter;
//   · backward is linear in dy; without dx, or without parameters, the rest is the same and what was not
//     wanted is untouched; a second backward gives the same result;
//   · no memory between calls: another batch's forward, before this one's backward, changes nothing;
//   · kept parameters (running statistics) are moved by update alone;
//   · a layer with a tangent pass: ty agrees with differences of the twin along tx; its backward agrees with
//     differences of ⟨dty, J·tx⟩ + ⟨dy, f⟩ in x, tx and every parameter, with a dy and without; dx is left
//     alone where it is said to be 0; what is added, wanted and repeated as above; nor does it disturb the
//     ordinary backward.
// A layer that computes otherwise in training (batch statistics, masks) is tried in both modes.
// And of a loss: examples, twin, gradient written, scaled, right, and without influence on the value.
#pragma once

#include <cstdint>
#include <vector>

#include "pushforward/conformance.hpp"
#include "pushforward/layer.hpp"
#include "pushforward/losses.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct LayerConformanceOptions {
  std::uint64_t seed = 1;
  std::size_t batch = 7;             ///< B
  double value_tolerance = 3e-6;     ///< float32 against the twin, relative to the largest entry
  double gradient_tolerance = 1e-5;  ///< gradients against central differences, relative to the largest entry
};

/// Everything above for one row of the table of layers.
std::vector<Finding> check_layer(const LayerEntry& entry, const LayerConformanceOptions& options = {});
/// For every row.
std::vector<Finding> check_layers(const LayerConformanceOptions& options = {});

/// Everything above for one loss.
std::vector<Finding> check_loss(const LossEntry& entry, const LayerConformanceOptions& options = {});
/// For every row of the table of losses.
std::vector<Finding> check_losses(const LayerConformanceOptions& options = {});

}  // namespace pushforward
#pragma GCC visibility pop

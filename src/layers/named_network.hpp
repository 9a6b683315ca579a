// SPDX-License-Identifier: Apache-2.0
//
// What --network names: a body of layers from data towards a code or an answer.
//
//   conv    two convolutions of 4×4 with stride 2, 32 and 64 channels
//   dcgan   of Radford, Metz & Chintala [ICLR 2016], for 28×28: two convolutions of 4×4 with stride 2, 64 and
//           128 channels, no pooling, batch norm everywhere but next to the data; leaky rectifiers of slope
//           0.2 where images are read, rectifiers where they are made
//   resnet  a convolution and three residual blocks, two of them with stride 2 [He, Zhang, Ren & Sun, CVPR
//           2016], with group norm, which depends on no batch
//   TEXT    layers in words (network.hpp)
//
// The named ones are texts, so that nothing is possible by name that is not possible in words. What goes the
// other way, from a code to data, is the mirror of a body (layers/mirror.hpp).
#pragma once

#include <string>
#include <vector>

#include "pushforward/network_text.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {

/// reads: an encoder or a critic; makes: what a decoder or a generator mirrors; penalised: a critic with a
/// gradient penalty, in which batch norm has no place.
enum class BodyRole { reads, makes, penalised };

/// The name that is meant, in any case, or the layers as they are. RequestError where it is neither; `where`
/// names the option.
std::string body_meant(const std::string& name, const std::string& where);
/// An option that holds one; within a SPEC layers are joined by '+'.
OptionKind<std::string> body_kind();
/// Whether `name` is "mlp", the body of dense layers that has options of its own. RequestError where it is
/// neither a name nor layers; `where` names the option.
bool is_dense_body(const std::string& name, const std::string& where);
/// The layers of a body other than mlp; `activation` is that of conv's.
std::vector<LayerPlan> named_network(const std::string& name, const std::string& activation, BodyRole role);

/// Appends what dense_chain() makes.
void append_dense_chain(Network& network, const DenseChain& chain);

}  // namespace pushforward

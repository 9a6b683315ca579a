// SPDX-License-Identifier: Apache-2.0
// Rows as data.
#pragma once

#include "pushforward/evaluate.hpp"

namespace pushforward {

Dataset as_data(std::string name, RowShape shape, Tensor rows);

}  // namespace pushforward

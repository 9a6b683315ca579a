// SPDX-License-Identifier: Apache-2.0
//
// One line a row: a registry names the function that returns the row, which the row's own file defines, and
// declares it in the same breath. So what is added is a file and a line.
#pragma once

/// Of the function `name` in the namespace that this stands in: what it returns, a `Row`.
#define PUSHFORWARD_ROW(Row, name) \
  [] {                             \
    extern Row name();             \
    return name();                 \
  }()

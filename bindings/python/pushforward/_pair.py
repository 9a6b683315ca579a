# SPDX-License-Identifier: Apache-2.0
"""Two samples on their way to a distance: as they are, or in units of both together."""

from __future__ import annotations

import warnings
from typing import Any

from . import _core
from ._arrays import Array, as_it_is, finite, flag, points, samples, streamed
from ._frames import has_words, is_frame, text_of


def pair(x: Any, y: Any, standardize: Any = None, *, batches: bool = False) -> tuple[Array, Array, bool]:
    """Both as arrays, and whether they are in units of both together.

    They are where standardize is True, and where it is None and a frame has columns of more than numbers.
    """
    if standardize is None and as_it_is(x) and as_it_is(y):
        return x, y, False
    wanted = None if standardize is None else flag(standardize, "standardize")
    x, y = streamed(x, "x"), streamed(y, "y")
    if wanted or (wanted is None and (has_words(x) or has_words(y))):
        first, second = datasets(x, y)
        in_x, in_y = _core.in_common_units(first, second)
        return in_x, in_y, True
    read = samples if batches else points
    return read(x, "x"), read(y, "y"), False


def datasets(x: Any, y: Any) -> tuple[_core.Dataset, _core.Dataset]:
    """Rows as the library has them, of a frame by the kinds of its columns."""
    return _dataset(streamed(x, "x"), "x"), _dataset(streamed(y, "y"), "y")


def _dataset(x: Any, name: str) -> _core.Dataset:
    if not is_frame(x):
        rows = points(x, name)
        if len(rows) > 0:
            finite(rows, name)
        return _core.dataset(rows, name, "")
    found = _core.table(text_of(x, name), name)
    for remark in found.remarks:
        warnings.warn(remark, stacklevel=2)
    return found

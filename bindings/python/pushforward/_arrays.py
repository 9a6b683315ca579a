# SPDX-License-Identifier: Apache-2.0
"""What the library is handed: float32 or float64 in row order, borrowed where it is that already."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def _array(value: Any, name: str) -> NDArray[Any]:
    if isinstance(value, np.ndarray):
        array = value
    elif hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
        array = np.from_dlpack(value)
    else:
        array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name}: got values of type {array.dtype}, wanted real numbers")
    return array


def points(value: Any, name: str) -> NDArray[Any]:
    """n points of R^d, a row each; n numbers are points on the line. Copies what is not C-order float32 or float64."""
    array = _array(value, name)
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2:
        raise ValueError(f"{name}: got shape {array.shape}, wanted n x d, a point a row")
    keep = array.dtype in (np.float32, np.float64)
    return np.ascontiguousarray(array, array.dtype if keep else np.float64)


def numbers(value: Any, name: str) -> NDArray[np.float64]:
    """A vector of float64; copies what is of another type."""
    array = _array(value, name)
    if array.ndim != 1:
        raise ValueError(f"{name}: got shape {array.shape}, wanted a vector")
    return np.ascontiguousarray(array, np.float64)


def optional_numbers(value: Any, name: str) -> NDArray[np.float64] | None:
    return None if value is None else numbers(value, name)


def option_text(value: Any) -> str:
    """A value as a SPEC has it; repr of a float reads back as the same number."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, (list, tuple, np.ndarray)):
        return "+".join(option_text(each) for each in value)
    return str(value)


def options_of(keywords: dict[str, Any]) -> list[tuple[str, str]]:
    """Keywords as options: label_smoothing=0.1 is label-smoothing=0.1; None leaves the default."""
    return [(key.replace("_", "-"), option_text(value)) for key, value in keywords.items() if value is not None]

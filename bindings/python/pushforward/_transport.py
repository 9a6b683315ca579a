# SPDX-License-Identifier: Apache-2.0
"""Exact transport plans with their proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import array, flag, in_rows, number, weights, whole
from ._pair import pair


@dataclass(frozen=True, repr=False)
class Transport:
    """An optimal plan: `mass` moves from row `i` of x to row `j` of y; potentials u, v prove it."""

    value: float
    dual: float
    gap: float
    method: str
    warning: str
    i: NDArray[np.int64]
    j: NDArray[np.int64]
    mass: NDArray[np.float64]
    u: NDArray[np.float64]
    v: NDArray[np.float64]

    @property
    def plan(self) -> Any:
        """The plan as a SciPy sparse array, n x m; needs SciPy."""
        from scipy.sparse import coo_array

        return coo_array((self.mass, (self.i, self.j)), shape=(len(self.u), len(self.v)))

    def __repr__(self) -> str:
        return (
            f"Transport(value={self.value!r}, gap={self.gap!r}, method={self.method!r}, "
            f"{len(self.u)} x {len(self.v)}, {len(self.mass)} arcs)"
        )


def transport(
    x: Any = None,
    y: Any = None,
    *,
    cost: Any = None,
    p: float = 2,
    x_weights: Any = None,
    y_weights: Any = None,
    normalize: bool = False,
    standardize: bool | None = None,
) -> Transport:
    """The optimal plan between x and y at cost |x - y|^p, or at a cost matrix of your own, with its proof.

    value is the plan's cost: of |x - y|^p it is W_p to the power p. `normalize` divides weights by their sums.
    standardize: as of distance().
    """
    if (cost is None) == (x is None) or (x is None) != (y is None):
        raise ValueError("transport: got neither or both of samples and a cost, wanted x and y, or cost=")
    if cost is None:
        first, second, _ = pair(x, y, standardize)
        a, b = weights(x_weights, "x_weights", first), weights(y_weights, "y_weights", second)
        return Transport(**_core.transport(first, second, a, b, number(p, "p"), flag(normalize, "normalize")))
    if standardize is not None:
        raise ValueError("transport: got standardize with a cost, wanted it with x and y")
    costs = array(cost, "cost")
    if costs.ndim != 2:
        raise ValueError(f"cost: got shape {costs.shape}, wanted n x m")
    a, b = weights(x_weights, "x_weights", costs), weights(y_weights, "y_weights", costs.T)
    matrix = in_rows(whole(costs, "cost"), np.float64)
    return Transport(**_core.transport_by_costs(matrix, a, b, flag(normalize, "normalize")))

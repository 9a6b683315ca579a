# SPDX-License-Identifier: Apache-2.0
"""The functions that measure: arrays in, readings out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import numbers, optional_numbers, options_of, points
from ._reading import Reading


def distance(
    x: Any, y: Any, name: str, *, x_weights: Any = None, y_weights: Any = None, seed: int = 0, **options: Any
) -> Reading:
    """D(x, y) by the distance called `name` (see list_distances), with its options as keywords."""
    a, b = optional_numbers(x_weights, "x_weights"), optional_numbers(y_weights, "y_weights")
    made = _core.Distance(name, options_of(options), seed)
    return Reading(name, *made.measure(points(x, "x"), points(y, "y"), a, b))


def gradient(
    x: Any,
    y: Any,
    name: str,
    *,
    of: str = "x",
    x_weights: Any = None,
    y_weights: Any = None,
    seed: int = 0,
    **options: Any,
) -> tuple[Reading, NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """The reading with its derivatives in the points and in the weights of sample `of`; None where there are none."""
    if of not in ("x", "y"):
        raise ValueError(f"of: got {of!r}, wanted 'x' or 'y'")
    a, b = optional_numbers(x_weights, "x_weights"), optional_numbers(y_weights, "y_weights")
    made = _core.Distance(name, options_of(options), seed)
    reading, in_points, in_weights = made.gradient(points(x, "x"), points(y, "y"), a, b, of == "y")
    return Reading(name, *reading), in_points, in_weights


@dataclass(frozen=True)
class PermutationTest:
    """Whether two samples come from one distribution."""

    reading: Reading
    p_value: float
    reject: bool
    effect: float | None
    null_quantiles: dict[float, float]


def test(
    x: Any, y: Any, name: str, *, permutations: int = 1000, level: float = 0.05, seed: int = 0, **options: Any
) -> PermutationTest:
    """A permutation test whose statistic is the distance called `name`; exact at every sample size."""
    made = _core.Distance(name, options_of(options), seed)
    reading, p, reject, effect, quantiles = made.test(points(x, "x"), points(y, "y"), permutations, level, seed)
    return PermutationTest(Reading(name, *reading), p, reject, effect, dict(quantiles))


def divergence(
    p: Any, q: Any, name: str, *, positions: Any = None, normalize: bool = False, bits: bool = False, **options: Any
) -> Reading:
    """D(p, q) of two vectors of probabilities over the same values."""
    places = optional_numbers(positions, "positions")
    value, unit = _core.divergence(
        name, options_of(options), numbers(p, "p"), numbers(q, "q"), places, normalize, bits
    )
    return Reading(name, value, None, "exact", unit)


def entropy(p: Any, *, normalize: bool = False) -> Reading:
    """The entropy of a vector of probabilities, in nats."""
    return Reading("entropy", _core.entropy(numbers(p, "p"), normalize), None, "exact", "nats")


@dataclass(frozen=True)
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


def transport(
    x: Any, y: Any, *, p: float = 2, x_weights: Any = None, y_weights: Any = None, normalize: bool = False
) -> Transport:
    """The optimal plan between x and y at cost |x - y|^p, with its proof."""
    a, b = optional_numbers(x_weights, "x_weights"), optional_numbers(y_weights, "y_weights")
    found = _core.transport(points(x, "x"), points(y, "y"), a, b, p, normalize)
    found["i"], found["j"] = found["i"].astype(np.int64), found["j"].astype(np.int64)
    return Transport(**found)


def list_distances() -> dict[str, dict[str, Any]]:
    """Every distance: title, formula, source, facts, and options as (name, default, meaning, flag)."""
    return {row["name"]: row for row in _core.distance_rows()}

# SPDX-License-Identifier: Apache-2.0
"""Functions of two samples: arrays in, readings out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import callback, count, finite, number, options_of, points, same_batch, samples, seed_of, weights, word
from ._core import Reading
from ._pair import pair
from ._reading import Readings, note_samples

OnFit = Callable[[int, int, float], None]
FLOOR_SPLITS = 3  # as the program's
MOST_SPLITS, MOST_PERMUTATIONS = 1000, 10_000_000
Gradients = tuple[Any, NDArray[np.float64] | None, NDArray[np.float64] | None]


def make(name: Any, seed: Any, options: dict[str, Any], on_fit: OnFit | None = None) -> _core.Distance:
    """The library's distance of that name and those options."""
    return _core.Distance(word(name, "name"), options_of(options), seed_of(seed), callback(on_fit, "on_fit"))


def measure(
    made: _core.Distance, x: Any, y: Any, x_weights: Any, y_weights: Any, floor: Any = False, standardize: Any = None
) -> Any:
    """A Reading, or Readings of a batch."""
    splits = FLOOR_SPLITS if floor is True else count(floor, "floor", most=MOST_SPLITS)
    first, second, standardized = pair(x, y, standardize, batches=True)
    a = None if x_weights is None else weights(x_weights, "x_weights", first)
    b = None if y_weights is None else weights(y_weights, "y_weights", second)
    if first.ndim == 2 and second.ndim == 2:
        return note_samples(told(made.measure(first, second, a, b, splits), standardized), x, y)
    same_batch(first, second)
    return Readings(made.measure_batch(first, second, a, b, splits))


def told(reading: Reading, standardized: bool) -> Reading:
    if standardized:
        reading._mark_standardized()
    return reading


def derive(made: _core.Distance, x: Any, y: Any, x_weights: Any, y_weights: Any, in_y: bool) -> Gradients:
    """The reading or readings, and their derivatives in points and in weights."""
    first, second = samples(x, "x"), samples(y, "y")
    a, b = weights(x_weights, "x_weights", first), weights(y_weights, "y_weights", second)
    if first.ndim == 2 and second.ndim == 2:
        return made.gradient(first, second, a, b, in_y, True, True)
    same_batch(first, second)
    readings, in_points, in_weights = made.gradient_batch(first, second, a, b, in_y, True, True)
    return Readings(readings), in_points, in_weights


def distance(
    x: Any,
    y: Any,
    name: str,
    *,
    x_weights: Any = None,
    y_weights: Any = None,
    floor: bool | int = False,
    standardize: bool | None = None,
    seed: int = 0,
    on_fit: OnFit | None = None,
    **options: Any,
) -> Any:
    """D(x, y) by the distance called `name` (see list_distances), with its options as keywords.

    Samples are n x d, a point a row, and give a Reading. B x n x d are B problems (a sample of n x d beside them
    belongs to all): they are solved on all processors and give Readings. `floor` measures what halves of x give, three
    random ones or as many as you say. A distance that fits a network calls on_fit(step, most, loss) meanwhile; what that
    raises ends the fit.

    standardize=True measures every column less its mean, over its deviation, of both samples together, as the program's
    --standardize does; categories, dates and missing cells become numbers so, and frames that have text, categories or
    dates are measured so if nothing is said.
    """
    return measure(make(name, seed, options, on_fit), x, y, x_weights, y_weights, floor, standardize)


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
) -> Gradients:
    """The reading with its derivatives in the points and in the weights of sample `of`; None where there are none.

    Of a batch: readings and arrays of B x n x d and B x n. What is derived from the data, such as a median
    bandwidth, is held constant.
    """
    if of not in ("x", "y"):
        raise ValueError(f"of: got {of!r}, wanted 'x' or 'y'")
    return derive(make(name, seed, options), x, y, x_weights, y_weights, of == "y")


@dataclass(frozen=True)
class PermutationTest:
    """Whether two samples come from one distribution."""

    reading: Reading
    p_value: float
    reject: bool
    effect: float | None
    null_mean: float
    null_sd: float
    null_quantiles: dict[float, float]


def test(
    x: Any,
    y: Any,
    name: str,
    *,
    permutations: int = 1000,
    level: float = 0.05,
    standardize: bool | None = None,
    seed: int = 0,
    **options: Any,
) -> PermutationTest:
    """A permutation test whose statistic is the distance called `name`; exact at every sample size. standardize: as of
    distance().
    """
    made = make(name, seed, options)
    first, second, standardized = pair(x, y, standardize)
    reading, p, reject, effect, mean, sd, quantiles = made.test(
        first, second, count(permutations, "permutations", 1, MOST_PERMUTATIONS), number(level, "level"), seed_of(seed)
    )
    return PermutationTest(told(reading, standardized), p, reject, effect, mean, sd, dict(quantiles))


class Witness:
    """The function that tells two samples apart: call it at points. High where x has more mass."""

    def __init__(self, made: _core.Witness) -> None:
        self._made = made
        self.names: list[str] = made.names
        """Of its columns: f; d and log_ratio of a classifier."""
        self.about: dict[str, Any] = made.about
        """The distance as its supremum, and what bounds or proves it."""

    def __call__(self, at: Any) -> NDArray[np.float64]:
        """Its values at n points: n numbers, or n x k where it has k columns."""
        values: NDArray[np.float64] = self._made.values(finite(points(at, "at"), "at"))
        return values[:, 0] if len(self.names) == 1 else values

    def __repr__(self) -> str:
        told = ", ".join(f"{key}={value!r}" for key, value in self.about.items())
        return f"Witness({', '.join(self.names)}; {told})"


def witness(
    x: Any, y: Any, name: str, *, x_weights: Any = None, y_weights: Any = None, seed: int = 0, **options: Any
) -> Witness:
    """The function by which the distance called `name` tells x and y apart."""
    first, second = points(x, "x"), points(y, "y")
    a, b = weights(x_weights, "x_weights", first), weights(y_weights, "y_weights", second)
    return Witness(make(name, seed, options).witness(first, second, a, b))


def list_distances() -> dict[str, dict[str, Any]]:
    """Every distance: title, formula, source, facts, and options as (name, default, meaning, flag)."""
    return {row["name"]: row for row in _core.distance_rows()}

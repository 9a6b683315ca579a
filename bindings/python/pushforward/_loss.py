# SPDX-License-Identifier: Apache-2.0
"""A distance as something to descend: what the losses of PyTorch and JAX have in common.

What a distance derives from the data (a median bandwidth, the scale of eps) is fixed at the first call, as the program
does at a training's first step, so that the loss is one function all along and its gradient is that function's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import _core
from ._arrays import Array, options_of, same_batch, samples, seed_of, weights, word
from ._reading import Readings

_GOLDEN = 0x9E3779B97F4A7C15  # 2^64 over the golden ratio: seeds of successive calls lie far apart


@dataclass(frozen=True)
class Wanted:
    """Which derivatives are asked for."""

    x: bool = False
    y: bool = False
    a: bool = False
    b: bool = False


@dataclass
class Found:
    """A value, or one a problem, and the derivatives that were asked for."""

    values: Any
    x: Array | None = None
    y: Array | None = None
    a: Array | None = None
    b: Array | None = None


def _values(readings: Any) -> Any:
    return readings.values if isinstance(readings, Readings) else readings.value


class Plug:
    """A distance with a gradient, and what it fixed from the data."""

    def __init__(self, name: str, seed: int, options: dict[str, Any]) -> None:
        self.name, self.seed, self.options = word(name, "name"), seed_of(seed), options
        self.reading: Any = None
        self.calls = 0
        self._frozen = False
        self._made = _core.Distance(self.name, options_of(options), self.seed)
        self._made.want_gradient()

    @property
    def frozen(self) -> list[float] | None:
        return self._made.frozen() if self._frozen else None

    def thaw(self, numbers: list[float] | None) -> None:
        self._frozen = numbers is not None
        if numbers is not None:
            self._made.thaw(numbers)

    def _prepare(self, x: Array, y: Array, redraw: bool) -> None:
        if not self._frozen:
            self._made.freeze(x, y)
            self._frozen = True
        if redraw:
            self._made.redraw((self.seed + _GOLDEN * self.calls) % (1 << 64))
        self.calls += 1

    def _want_weights(self, wanted: Wanted) -> None:
        if (wanted.a or wanted.b) and not self._made.has_weight_gradient:
            raise ValueError(f"{self.name}: got weights that want a gradient, wanted constant ones; it has none in them")

    def _measure(self, x: Array, y: Array, a: Any, b: Any) -> Any:
        if x.ndim == 2 and y.ndim == 2:
            return self._made.measure(x, y, a, b, 0)
        return Readings(self._made.measure_batch(x, y, a, b, 0))

    def _derive(self, x: Array, y: Array, a: Any, b: Any, in_y: bool, points: bool, in_weights: bool) -> Any:
        if x.ndim == 2 and y.ndim == 2:
            return self._made.gradient(x, y, a, b, in_y, points, in_weights)
        readings, in_points, of_weights = self._made.gradient_batch(x, y, a, b, in_y, points, in_weights)
        return Readings(readings), in_points, of_weights

    def __call__(self, x: Any, y: Any, a: Any, b: Any, wanted: Wanted, redraw: bool = False) -> Found:
        """The value of samples x and y of weights a and b, and its derivatives."""
        x, y = samples(x, "x"), samples(y, "y")
        a, b = weights(a, "x_weights", x), weights(b, "y_weights", y)
        same_batch(x, y)
        self._want_weights(wanted)
        self._prepare(x, y, redraw)
        found = Found(None)
        if wanted.y or wanted.b:
            self.reading, found.y, found.b = self._derive(x, y, a, b, True, wanted.y, wanted.b)
        if wanted.x or wanted.a:
            self.reading, found.x, found.a = self._derive(x, y, a, b, False, wanted.x, wanted.a)
        if wanted == Wanted():
            self.reading = self._measure(x, y, a, b)
        found.values = _values(self.reading)
        return found

    def __getstate__(self) -> dict[str, Any]:
        kept = {key: getattr(self, key) for key in ("name", "seed", "options", "calls")}
        return {**kept, "frozen": self.frozen}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["name"], state["seed"], state["options"])  # type: ignore[misc]
        self.calls = state["calls"]
        self.thaw(state["frozen"])

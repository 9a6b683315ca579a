# SPDX-License-Identifier: Apache-2.0
"""A class a distance, made from the library's registry: W2(eps=...)(x, y). A new distance is here by itself."""

from __future__ import annotations

import inspect
from typing import Any

from . import _core
from ._arrays import optional_numbers, options_of, points
from ._reading import Reading


class Distance:
    """A distance with its options; call it with two samples."""

    name = ""

    def __init__(self, *, seed: int = 0, **options: Any) -> None:
        self.options, self.seed = options, seed
        self._made = _core.Distance(self.name, options_of(options), seed)

    def __call__(self, x: Any, y: Any, *, x_weights: Any = None, y_weights: Any = None) -> Reading:
        a, b = optional_numbers(x_weights, "x_weights"), optional_numbers(y_weights, "y_weights")
        return Reading(self.name, *self._made.measure(points(x, "x"), points(y, "y"), a, b))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.options.items())})"

    def __reduce__(self) -> Any:
        return _remake, (type(self), self.seed, self.options)


def _remake(kind: type[Distance], seed: int, options: dict[str, Any]) -> Distance:
    return kind(seed=seed, **options)


def _class_name(name: str) -> str:
    """w2 -> W2, mmd -> MMD, jsd-critic -> JSDCritic: what has no vowel is an abbreviation."""
    return "".join(
        part.capitalize() if set(part) & set("aeiouy") else part.upper() for part in name.replace("_", "-").split("-")
    )


def _document(row: dict[str, Any]) -> str:
    options = [f"{name} (default {fallback or 'none'}): {meaning}" for name, fallback, meaning, _ in row["options"]]
    return "\n".join([row["title"], "", row["formula"], "", *options, "", f"Source: {row['source']}"])


def _signature(row: dict[str, Any]) -> inspect.Signature:
    keyword = inspect.Parameter.KEYWORD_ONLY
    names = [name.replace("-", "_") for name, *_ in row["options"]]
    seed = inspect.Parameter("seed", keyword, default=0)
    return inspect.Signature([inspect.Parameter(n, keyword, default=None) for n in names if n.isidentifier()] + [seed])


for _row in _core.distance_rows():
    _made = type(
        _class_name(_row["name"]),
        (Distance,),
        {
            "name": _row["name"],
            "__doc__": _document(_row),
            "__module__": __name__,
            "__signature__": _signature(_row),
        },
    )
    globals()[_made.__name__] = _made

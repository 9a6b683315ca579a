# SPDX-License-Identifier: Apache-2.0
"""A class a distance, made from the library's registry: W2(eps=...)(x, y). A new distance is here by itself."""

from __future__ import annotations

import inspect
from typing import Any

from . import _core
from ._measure import OnFit, make, measure


class Distance:
    """A distance with its options; call it with two samples, or with batches of them."""

    name = ""

    def __init__(self, *, seed: int = 0, on_fit: OnFit | None = None, **options: Any) -> None:
        self.options, self.seed, self.on_fit = options, seed, on_fit
        self._made = make(self.name, seed, options, on_fit)

    def __call__(self, x: Any, y: Any, *, x_weights: Any = None, y_weights: Any = None) -> Any:
        return measure(self._made, x, y, x_weights, y_weights)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.options.items())})"

    def __reduce__(self) -> Any:
        return _remake, (type(self), self.seed, self.on_fit, self.options)


def _remake(kind: type[Distance], seed: int, on_fit: OnFit | None, options: dict[str, Any]) -> Distance:
    return kind(seed=seed, on_fit=on_fit, **options)


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

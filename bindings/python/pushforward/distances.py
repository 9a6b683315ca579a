# SPDX-License-Identifier: Apache-2.0
"""A class a distance, made from the library's registry: W2(eps=...)(x, y). A new distance is here by itself."""

from __future__ import annotations

import inspect
from typing import Any

from . import _core
from ._measure import OnFit, make, measure
from ._rows import class_name, document, option_names


class Distance:
    """A distance with its options; call it with two samples, or with batches of them."""

    name = ""

    def __init__(self, *, seed: int = 0, on_fit: OnFit | None = None, **options: Any) -> None:
        self.options, self.seed, self.on_fit = options, seed, on_fit
        self._made = make(self.name, seed, options, on_fit)

    def __call__(
        self,
        x: Any,
        y: Any,
        *,
        x_weights: Any = None,
        y_weights: Any = None,
        floor: bool | int = False,
        standardize: bool | None = None,
    ) -> Any:
        """As of pushforward.distance()."""
        return measure(self._made, x, y, x_weights, y_weights, floor, standardize)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.options.items())})"

    def __reduce__(self) -> Any:
        return _remake, (type(self), self.seed, self.on_fit, self.options)


def _remake(kind: type[Distance], seed: int, on_fit: OnFit | None, options: dict[str, Any]) -> Distance:
    return kind(seed=seed, on_fit=on_fit, **options)


def _signature(row: dict[str, Any]) -> inspect.Signature:
    keyword = inspect.Parameter.KEYWORD_ONLY
    options = [inspect.Parameter(name, keyword, default=None) for name in option_names(row)]
    return inspect.Signature([*options, inspect.Parameter("seed", keyword, default=0)])


def _class_of(row: dict[str, Any]) -> type[Distance]:
    members = {"name": row["name"], "__doc__": document(row), "__module__": __name__, "__signature__": _signature(row)}
    return type(class_name(row["name"]), (Distance,), members)


for _made in map(_class_of, _core.distance_rows()):
    globals()[_made.__name__] = _made


__all__ = sorted(_made.__name__ for _made in Distance.__subclasses__())

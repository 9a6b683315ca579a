# SPDX-License-Identifier: Apache-2.0
"""How readings look, in a terminal and in a notebook."""

from __future__ import annotations

import html
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import points, seed_of
from ._core import Reading
from ._page import Page
from ._pair import datasets


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={_text(each)}" for key, each in value.items())
    if isinstance(value, list) and len(value) > 8:
        return f"{len(value)} numbers"
    return str(value)


def _headline(reading: Reading) -> str:
    parts = [] if reading.value is None else [repr(reading.value)]
    if reading.standard_error is not None:
        parts.append(f"± {reading.standard_error:.2g}")
    if reading.unit:
        parts.append(f"({reading.unit})")
    return " ".join(parts)


def _rows(reading: Reading) -> list[tuple[str, str]]:
    rows = [("estimator", reading.estimator)]
    if reading.floor is not None:
        rows.append(("floor", repr(reading.floor)))
    rows += [(key.replace("_", " "), _text(value)) for key, value in reading.extra.items()]
    rows.append(("options", _text(reading.options)))
    return [(key, text) for key, text in rows if text]


def _repr(reading: Reading) -> str:
    rows = _rows(reading)
    width = max((len(key) for key, _ in rows), default=0)
    lines = [f"{reading.name}  {_headline(reading)}"]
    return "\n".join(lines + [f"    {key:{width}}  {text}" for key, text in rows])


def _repr_html(reading: Reading) -> str:
    cells = "".join(
        f"<tr><th style='text-align:left'>{html.escape(key)}</th><td style='text-align:left'>{html.escape(text)}</td></tr>"
        for key, text in [("value", _headline(reading)), *_rows(reading)]
    )
    return f"<table><caption>{html.escape(reading.name)}</caption>{cells}</table>"


def hold(x: Any) -> Callable[[], Any]:
    """Whether it is still there when somebody asks; a reading or an estimator keeps no array alive."""
    try:
        return weakref.ref(x)
    except TypeError:  # a list, say
        return lambda: None


def note_samples(reading: Reading, x: Any, y: Any) -> Reading:
    """Lets show() find the samples again."""
    reading._samples = (hold(x), hold(y))  # type: ignore[attr-defined]
    return reading


def _samples(reading: Reading, x: Any, y: Any) -> tuple[Any, Any]:
    if (x is None) != (y is None):
        missing = "x" if x is None else "y"
        raise ValueError(f"{missing}: got one sample without it, wanted both, x and y")
    if x is not None:
        return x, y
    held = reading._samples
    first, second = (None, None) if held is None else (held[0](), held[1]())
    if first is None or second is None:
        raise ValueError("show: got a reading whose samples are not at hand, wanted them: reading.show(x, y)")
    return first, second


def _show(reading: Reading, x: Any = None, y: Any = None, *, seed: int = 0) -> Page:
    """The program's page about the two samples: the reading, what tells them apart, rows that differ most, every column.

    Of the samples that it was measured on, while they exist, else of x and y. A notebook shows what this returns.
    """
    first, second = _samples(reading, x, y)
    standardized = bool(reading.extra.get("standardized", False))
    if standardized:
        rows, others = datasets(first, second)
    else:
        rows, others = (_core.dataset(points(each, name), name, "") for each, name in ((first, "x"), (second, "y")))
    return Page(_core.reading_page(reading, rows, others, standardized, seed_of(seed)))


# The class is the extension's, for speed; what it looks like is Python's.
Reading.__repr__ = _repr  # type: ignore[method-assign, assignment]
Reading._repr_html_ = _repr_html  # type: ignore[attr-defined]
Reading.show = _show  # type: ignore[attr-defined]
Reading.__module__ = "pushforward"


class Readings(tuple[Reading, ...]):
    """Readings of a batch, one a problem."""

    __slots__ = ()

    @property
    def values(self) -> NDArray[np.float64]:
        """The values; NaN where a reading has no single one."""
        return np.array([np.nan if reading.value is None else reading.value for reading in self])

    def __repr__(self) -> str:
        if not self:
            return "Readings()"
        first = self[0]
        return f"{len(self)} readings of {first.name} ({first.unit}; {first.estimator})\n{self.values!r}"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"

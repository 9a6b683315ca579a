# SPDX-License-Identifier: Apache-2.0
"""How readings look, in a terminal and in a notebook."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._core import Reading


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


# The class is the extension's, for speed; what it looks like is Python's.
Reading.__repr__ = _repr  # type: ignore[method-assign, assignment]
Reading._repr_html_ = _repr_html  # type: ignore[attr-defined]
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

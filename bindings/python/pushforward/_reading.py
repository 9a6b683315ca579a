# SPDX-License-Identifier: Apache-2.0
"""A number that knows how it was computed."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Reading:
    """What a measurement found: float(reading) is its value; other figures are attributes, too."""

    name: str
    value: float | None
    error: float | None = None
    """Standard error, where the estimator has one."""
    estimator: str = ""
    unit: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    """Every option that was used, derived ones included."""

    @property
    def certificate(self) -> float | None:
        """The relative duality gap, where the value was proven by one."""
        return self.extra.get("gap")

    def __float__(self) -> float:
        if self.value is None:
            raise TypeError(f"{self.name}: its reading has parts and no single value; see .extra")
        return self.value

    def __getattr__(self, key: str) -> Any:
        # Unpickling asks for attributes before there are any.
        extra = self.__dict__.get("extra", {})
        if key in extra:
            return extra[key]
        raise AttributeError(f"Reading has no '{key}'; it has {', '.join(extra) or 'no extra figures'}")

    def _rows(self) -> list[tuple[str, str]]:
        rows = [("value", repr(self.value))] if self.value is not None else []
        if self.error is not None:
            rows.append(("error", repr(self.error)))
        rows += [("unit", self.unit), ("estimator", self.estimator)]
        rows += [(key, repr(value)) for key, value in self.extra.items()]
        return rows + [("options", ", ".join(f"{k}={v!r}" for k, v in self.options.items()))]

    def __repr__(self) -> str:
        inner = ", ".join(f"{key}: {text}" for key, text in self._rows() if text)
        return f"<{self.name} {inner}>"

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th>{html.escape(key)}</th><td>{html.escape(text)}</td></tr>" for key, text in self._rows() if text
        )
        return f"<table><caption>{html.escape(self.name)}</caption>{cells}</table>"

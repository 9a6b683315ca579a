# SPDX-License-Identifier: Apache-2.0
"""Data frames of pandas and polars on their way to the program's reader of tables and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


class Frame:
    """What kind of data frame a model was trained on, so that what it makes is one too."""

    def __init__(self, frame: Any) -> None:
        self.library = library_of(frame)
        self.kinds: dict[Any, Any] = {str(name): kind for name, kind in zip(frame.columns, frame.dtypes, strict=True)}

    def read(self, path: Path) -> Any:
        if self.library == "polars":
            import polars

            return polars.read_csv(path, schema_overrides=self.kinds)
        import pandas

        dates = [name for name, kind in self.kinds.items() if getattr(kind, "kind", "") == "M"]
        found = pandas.read_csv(path, parse_dates=dates)
        return found.astype({name: kind for name, kind in self.kinds.items() if name in found})


def library_of(x: Any) -> str:
    """pandas or polars, of one of their data frames."""
    name = type(x).__module__.partition(".")[0]
    return name if name in ("pandas", "polars") and hasattr(x, "columns") else ""


def is_mixed(x: Any) -> bool:
    """Whether a data frame has more than numbers: text, categories, dates, or cells that are missing."""
    library = library_of(x)
    if library == "pandas":
        return any(kind.kind not in "fiub" for kind in x.dtypes) or bool(x.isna().any(axis=None))
    if library == "polars":
        import polars

        plain = all(kind.is_numeric() or kind == polars.Boolean for kind in x.dtypes)
        return not plain or bool(x.null_count().sum_horizontal().item())
    return False


def labels_of(y: Any) -> list[str]:
    """Labels as texts; 7.0 is 7."""
    found = y if isinstance(y, list) else np.asarray(y).ravel().tolist()
    for each in found:
        if not isinstance(each, (str, bool, int, float, np.generic)):
            raise TypeError(f"label: got {each!r}, wanted texts or numbers")
    whole = [isinstance(v, (bool, np.bool_)) or (isinstance(v, float) and v.is_integer()) for v in found]
    return [str(int(v)) if is_whole else str(v) for v, is_whole in zip(found, whole, strict=True)]


def write_frame(x: Any, path: Path) -> None:
    if library_of(x) == "pandas":
        x.to_csv(path, index=False)
    else:
        x.write_csv(path)

# SPDX-License-Identifier: Apache-2.0
"""Data frames of pandas and polars on their way to the program's reader of tables and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


_SECONDS = "%Y-%m-%dT%H:%M:%S"


class Frame:
    """What kind of data frame a model was trained on, so that what it makes is one too."""

    def __init__(self, frame: Any) -> None:
        self.library = library_of(frame)
        self.kinds: dict[Any, Any] = {str(name): kind for name, kind in zip(frame.columns, frame.dtypes, strict=True)}

    def read(self, path: Path) -> Any:
        if self.library == "polars":
            return self._read_polars(path)
        import pandas

        found = pandas.read_csv(path)
        for name, kind in self.kinds.items():
            if name in found and kind.kind == "M":
                times = pandas.to_datetime(found[name])
                zone = getattr(kind, "tz", None)
                found[name] = times if zone is None else times.dt.tz_localize("UTC").dt.tz_convert(zone)
        return found.astype({name: kind for name, kind in self.kinds.items() if name in found})

    def _read_polars(self, path: Path) -> Any:
        import polars

        times = {name: kind for name, kind in self.kinds.items() if isinstance(kind, polars.Datetime)}
        found = polars.read_csv(path, schema_overrides={**self.kinds, **dict.fromkeys(times, polars.String)})
        for name, kind in times.items():
            if name not in found.columns:
                continue
            text, naive = found[name], polars.Datetime(kind.time_unit)
            days = text.drop_nulls().str.len_chars().max() == len("2000-01-01")
            column = text.str.to_date().cast(naive) if days else text.str.to_datetime(_SECONDS).cast(naive)
            if kind.time_zone:
                column = column.dt.replace_time_zone("UTC").dt.convert_time_zone(kind.time_zone)
            found = found.with_columns(column)
        return found


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


def write_frame(x: Any, path: Path, name: str = "x") -> None:
    """As a table that the program reads, whose times have seconds; those of a zone in UTC."""
    names = list(x.columns)
    odd = [each for each in names if not isinstance(each, (str, int, float, np.generic)) or names.count(each) > 1]
    if odd:
        raise ValueError(f"{name}: got a column {odd[0]!r}, wanted one name a column, a text or a number, and no other one of it")
    if library_of(x) == "pandas":
        _with_plain_times(x).to_csv(path, index=False)
    else:
        _with_plain_times_of_polars(x).write_csv(path, datetime_format=_SECONDS)


def _with_plain_times(x: Any) -> Any:
    plain = x.copy(deep=False)
    for name, kind in x.dtypes.items():
        if kind.kind == "M":
            column = x[name] if getattr(kind, "tz", None) is None else x[name].dt.tz_convert(None)
            plain[name] = column.dt.floor("s")
    return plain


def _with_plain_times_of_polars(x: Any) -> Any:
    import polars

    for name, kind in x.schema.items():
        if isinstance(kind, polars.Datetime):
            zoned = x[name].dt.convert_time_zone("UTC").dt.replace_time_zone(None) if kind.time_zone else x[name]
            column = zoned.dt.truncate("1s")
            days = (column == column.dt.truncate("1d")).all()
            x = x.with_columns(column.cast(polars.Date) if days else column)
    return x

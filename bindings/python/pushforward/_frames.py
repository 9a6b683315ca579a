# SPDX-License-Identifier: Apache-2.0
"""Data frames of pandas and polars on their way to the program's reader of tables and back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from . import _core
from ._arrays import streamed, word

_CELLS = (str, int, float, np.bool_, np.integer, np.floating, Decimal, date)  # of columns of objects
_SECONDS = "%Y-%m-%dT%H:%M:%S"


class Frame:
    """What kind of data frame a model was trained on, so that what it makes is one too; of an Arrow stream, pandas'."""

    def __init__(self, frame: Any) -> None:
        self.library = library_of(frame)
        kinds = zip(frame.columns, frame.dtypes, strict=True) if self.library else ()
        self.kinds: dict[Any, Any] = {str(name): kind for name, kind in kinds}

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


def read_table(path: Path, dates: dict[str, str]) -> Any:
    """A table as a data frame of pandas; dates: how they are written, by column (YYYY-MM-DD hh:mm:ss)."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError("rows of a table with text, dates or gaps: requires pandas, to be a data frame") from error
    found = pandas.read_csv(path, dtype=dict.fromkeys(dates, str))
    for name, form in dates.items():
        if name in found:
            found[name] = pandas.to_datetime(found[name], format=_directives(form))
    return found


def _directives(form: str) -> str:
    """YYYY-MM-DD hh:mm is %Y-%m-%d %H:%M."""
    for part, directive in (("YYYY", "Y"), ("MM", "m"), ("DD", "d"), ("hh", "H"), ("mm", "M"), ("ss", "S")):
        form = form.replace(part, "%" + directive)
    return form


def library_of(x: Any) -> str:
    """pandas or polars, of one of their data frames."""
    name = type(x).__module__.partition(".")[0]
    return name if name in ("pandas", "polars") and type(x).__name__ == "DataFrame" else ""


def has_words(x: Any) -> bool:
    """Whether a frame of pandas or what an Arrow stream gave has columns of more than numbers: text, categories, dates."""
    if isinstance(x, _core.ArrowTable):
        return x.words
    return library_of(x) == "pandas" and any(kind.kind not in "fiub" for kind in x.dtypes)


def is_mixed(x: Any) -> bool:
    """The same, or cells that are missing."""
    seen = streamed(x, "x") if library_of(x) else x
    if isinstance(seen, _core.ArrowTable):
        return seen.words or seen.gaps
    return has_words(x) or (library_of(x) == "pandas" and bool(x.isna().any(axis=None)))


def is_frame(x: Any) -> bool:
    """Of pandas, polars, or what an Arrow stream gave."""
    return isinstance(x, _core.ArrowTable) or bool(library_of(x))


def labels_of(y: Any) -> list[str]:
    """Labels as texts; 7.0 is 7."""
    found = y if isinstance(y, list) else np.asarray(y).ravel().tolist()
    for each in found:
        if not isinstance(each, (str, bool, int, float, np.generic)):
            raise TypeError(f"label: got {each!r}, wanted texts or numbers")
    whole = [isinstance(v, (bool, np.bool_)) or (isinstance(v, float) and v.is_integer()) for v in found]
    return [str(int(v)) if is_whole else str(v) for v, is_whole in zip(found, whole, strict=True)]


def text_of(x: Any, name: str = "x") -> bytes:
    """A frame as a table that the program reads, whose times have seconds; those of a zone in UTC."""
    seen = streamed(x, name)
    if isinstance(seen, _core.ArrowTable):
        return seen.text()
    names = list(x.columns)
    odd = [each for each in names if not isinstance(each, (str, int, float, np.generic)) or names.count(each) > 1]
    if odd:
        raise ValueError(f"{name}: got a column {odd[0]!r}, wanted one name a column, a text or a number, and no other one of it")
    for column, kind in zip(names, x.dtypes, strict=True):
        got = str(kind) if kind.kind in "cm" else _no_cell(x[column]) if kind == object else ""
        if got:
            raise TypeError(f"{name}: got {got} in column '{column}', wanted numbers, truth values, text, categories or dates")
    text: str = _with_plain_times(x).to_csv(index=False)
    return word(text, name).encode()


def _no_cell(column: Any) -> str:
    """The type of the first object that no table has, or none."""
    import pandas

    missing = (None, pandas.NA, pandas.NaT)
    for each in column:
        if not isinstance(each, _CELLS) and not any(each is gap for gap in missing):
            return type(each).__name__
    return ""


def _with_plain_times(x: Any) -> Any:
    plain = x.copy(deep=False)
    for name, kind in x.dtypes.items():
        if kind.kind == "M":
            column = x[name] if getattr(kind, "tz", None) is None else x[name].dt.tz_convert(None)
            plain[name] = column.dt.floor("s")
    return plain

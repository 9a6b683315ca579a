# SPDX-License-Identifier: Apache-2.0
"""What the library is handed: float32 or float64 in row order, borrowed where it is that already."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core

Array = NDArray[Any]

_KEPT = (np.dtype(np.float32), np.dtype(np.float64))
LARGEST_WHOLE = 2**53  # up to here float64 has every whole number
MOST_COUNT = 2**31 - 1  # of rows, draws and the like, as the program's
_ON_THE_PROCESSOR = (1, 3)  # DLPack's kDLCPU and kDLCUDAHost


def _inside(value: Any, depth: int = 64) -> Iterator[Any]:
    """What lists of lists hold, but for Python's own numbers; NumPy has no more axes than that."""
    if not isinstance(value, (list, tuple)):
        yield value
    elif depth > 0:
        for each in value:
            if not isinstance(each, (float, int)):
                yield from _inside(each, depth - 1)


def holds_tensors(value: Any) -> bool:
    """Whether it is a tensor of PyTorch, or a list with one in it."""
    return any(hasattr(each, "detach") for each in _inside(value))


def plain(value: Any, name: str) -> Any:
    """Refuses masked values, of which NumPy makes numbers where they are in lists."""
    if any(isinstance(each, np.ma.MaskedArray) and np.ma.is_masked(each) for each in _inside(value)):
        raise ValueError(f"{name}: got an array with masked values, wanted a number in every place")
    return value


def _detached(value: Any) -> Any:
    """A tensor of PyTorch that records gradients hands out nothing, alone or in lists, and neither do short floats."""
    if isinstance(value, (list, tuple)):
        return [_detached(each) for each in value]
    if hasattr(value, "detach"):
        value = value.detach()
        return value.float() if _is_short(value) else value
    return value


def _is_short(value: Any) -> bool:
    """Whether numbers are of a type that NumPy has not and float32 holds to the last bit: bfloat16, floats of 8 bits."""
    return str(getattr(value, "dtype", "")).removeprefix("torch.").startswith(("bfloat16", "float8"))


def _read(value: Any, name: str) -> Array:
    """By whatever the value offers; what that raises is no sentence about the argument."""
    try:
        device = getattr(value, "__dlpack_device__", lambda: (1, 0))()[0]
        by_array = _is_short(value) and not hasattr(value, "detach")  # JAX's, which no DLPack of NumPy's knows
        if hasattr(value, "__dlpack__") and device in _ON_THE_PROCESSOR and not by_array:
            return np.from_dlpack(_detached(value))
        if device in _ON_THE_PROCESSOR:
            return np.asarray(_detached(value) if holds_tensors(value) else value)
    except MemoryError:
        raise
    except Exception as error:
        if type(value).__name__.endswith("Tracer"):
            raise TypeError(f"{name}: got a value that JAX traces, wanted numbers; pushforward.jax.loss is for jit, grad and vmap") from None
        kind = ValueError if isinstance(value, (list, tuple)) and isinstance(error, ValueError) else TypeError
        raise kind(f"{name}: got {type(value).__name__}, wanted an array of numbers; {error}") from error
    raise TypeError(f"{name}: got values on {value.device}, wanted them in the processor's memory; move them there")


def _is_pandas(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "pandas"


def _from_pandas(value: Any, name: str) -> Array:
    of_columns = value.ndim == 2
    kinds = list(value.dtypes.items()) if of_columns else [(getattr(value, "name", None), value.dtype)]
    for column, kind in kinds:
        if kind.kind not in "fiub":
            where = "" if column is None else f" in column '{column}'"
            raise TypeError(f"{name}: got {kind}{where}, wanted numbers")
    if all(isinstance(kind, np.dtype) for _, kind in kinds):
        return np.asarray(value)
    array: Array = value.to_numpy(dtype=np.float64, na_value=np.nan)
    return array


def streamed(value: Any, name: str) -> Any:
    """What an Arrow stream gives, which can be read once; all else as it is."""
    if _is_pandas(value):
        words = type(value).__name__ == "Series" and value.dtype.kind not in "fiubc"
        return value.to_frame() if words else value  # text, categories, dates: a table of one column
    if isinstance(value, np.ndarray) or not hasattr(value, "__arrow_c_stream__") or hasattr(value, "__dlpack__"):
        return value
    return _core.ArrowTable(_stream(value, name), name)


def _stream(value: Any, name: str) -> Any:
    try:
        stream = value.__arrow_c_stream__()
    except MemoryError:
        raise
    except Exception as error:
        raise TypeError(f"{name}: got {type(value).__name__}, wanted an Arrow stream; {error}") from error
    if type(stream).__name__ != "PyCapsule":
        raise TypeError(f"{name}: got {type(value).__name__}, whose stream is {stream!r}, wanted a capsule")
    return stream


def array(value: Any, name: str) -> Array:
    """Real numbers as NumPy has them: of NumPy, DLPack, pandas, an Arrow stream, `__array__` or nested lists."""
    found: Array
    if isinstance(value, np.ndarray):
        found = plain(value, name)
    elif _is_pandas(value):
        found = _from_pandas(value, name)
    elif isinstance(seen := streamed(value, name), _core.ArrowTable):
        found = seen.numbers()
    else:
        found = _read(plain(value, name), name)
    if _is_short(found):
        found = found.astype(np.float32)
    if found.dtype.kind not in "fiub":
        raise TypeError(f"{name}: got {_what_is_in(found, value)}, wanted real numbers")
    return found


def _what_is_in(found: Array, value: Any) -> str:
    """Of an array that is no numbers: its type, or of objects the first that is none."""
    if found.dtype != object:
        return f"values of type {found.dtype}"
    if found.ndim == 0:
        return type(value).__name__
    for each in found.flat:
        if not isinstance(each, (float, int, np.number)):
            return f"{type(value).__name__} with {type(each).__name__} in it"
        if isinstance(each, int) and abs(each) >= 1 << 63:
            return f"a whole number of {each.bit_length()} bits"
    return "objects that are numbers (astype(float) makes numbers of them)"


def whole(found: Array, name: str) -> Array:
    """Refuses whole numbers that float64 would round, as the program does."""
    if found.dtype.kind in "iu" and found.dtype.itemsize == 8 and found.size > 0:
        for extreme in (int(found.min()), int(found.max())):
            if abs(extreme) > LARGEST_WHOLE:
                raise ValueError(f"{name}: got {extreme}, wanted whole numbers up to 2^53")
    return found


def in_rows(found: Array, kind: Any) -> Array:
    """In C order, each number where the processor wants it; the same array where it is so already."""
    return np.require(found, kind, ("C", "A", "E"))


def native(found: Array) -> Array:
    """C order, this machine's byte order, and no type that the library has not."""
    kind = np.dtype(np.float64) if found.dtype.kind == "f" and found.dtype.itemsize > 8 else found.dtype.newbyteorder("=")
    return in_rows(found, kind)


def _rows(found: Array, name: str, most: int) -> Array:
    if found.ndim == 1:
        found = found.reshape(-1, 1)
    if not 2 <= found.ndim <= most:
        wanted = "n x d, a point a row" + (", or B x n x d" if most == 3 else "")
        raise ValueError(f"{name}: got shape {found.shape}, wanted {wanted}")
    if found.shape[-1] == 0:
        raise ValueError(f"{name}: got shape {found.shape}, wanted a column or more")
    return in_rows(found if found.dtype in _KEPT else whole(found, name), _kept(found))


def _kept(found: Array) -> Any:
    return found.dtype if found.dtype in _KEPT else np.float64


def finite(found: Array, name: str) -> Array:
    """Refuses NaN and infinity where the library's sentence would not know what the array is called here."""
    wrong = np.argwhere(~np.isfinite(found))
    if len(wrong) > 0:
        place = tuple(int(k) for k in wrong[0])
        where = f"row {place[0]}, column {place[1]}" if len(place) == 2 else f"entry {place[0]}"
        raise ValueError(f"{name}: got {found[place]} in {where} (counting from 0), wanted finite numbers")
    return found


def as_it_is(value: Any) -> bool:
    """Whether a sample can be borrowed without a look at it."""
    return (
        type(value) is np.ndarray
        and value.ndim == 2
        and value.dtype in _KEPT
        and value.flags.c_contiguous
        and value.flags.aligned
        and value.size > 0
    )


def points(value: Any, name: str) -> Array:
    """n points of R^d, a row each; n numbers are points on the line. Copies what is not C-order float32 or float64."""
    return value if as_it_is(value) else _rows(array(value, name), name, 2)


def samples(value: Any, name: str) -> Array:
    """The same, or B x n x d: B samples of n points."""
    return value if as_it_is(value) else _rows(array(value, name), name, 3)


def numbers(value: Any, name: str, dimensions: tuple[int, ...] = (1,)) -> NDArray[np.float64]:
    """A vector (or what `dimensions` allow) of float64; copies what is of another type."""
    found = array(value, name)
    if found.ndim == 2 and 2 not in dimensions and 1 in found.shape:
        found = found.reshape(-1)
    if found.ndim not in dimensions:
        wanted = "a vector" if dimensions == (1,) else "a vector or a matrix"
        raise ValueError(f"{name}: got shape {found.shape}, wanted {wanted}")
    return in_rows(whole(found, name), np.float64)


def weights(value: Any, name: str, of: Array) -> NDArray[np.float64] | None:
    """A weight a point, for one sample (n) or for each of a batch (B x n)."""
    if value is None:
        return None
    found = numbers(value, name, (1,) if of.ndim == 2 else (1, 2))
    wanted = of.shape[-2:-1] if found.ndim == 1 else of.shape[:2]
    if found.shape != wanted:
        raise ValueError(f"{name}: got shape {found.shape}, wanted {wanted}, a weight a point")
    return found


def same_batch(x: Array, y: Array) -> None:
    if x.ndim == 3 and y.ndim == 3 and len(x) != len(y):
        raise ValueError(f"y: got {len(y)} samples, wanted {len(x)}, as in x (or one for all)")


def seed_of(seed: Any) -> int:
    number = _index(seed, "seed")
    if not 0 <= number < 1 << 64:
        raise ValueError(f"seed: got {number}, wanted 0 ... 2^64 - 1")
    return number


def maybe_seed(seed: Any) -> int | None:
    return None if seed is None else seed_of(seed)


def _index(value: Any, name: str) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: got {value!r}, wanted a whole number") from None


def count(value: Any, name: str, least: int = 0, most: int = MOST_COUNT) -> int:
    """A whole number within a range, both ends included."""
    number = _index(value, name)
    if not least <= number <= most:
        raise ValueError(f"{name}: got {number}, wanted a whole number from {least} to {most}")
    return number


def number(value: Any, name: str) -> float:
    """A real number; what it may be is the library's to say."""
    if isinstance(value, str) or not hasattr(type(value), "__float__") or np.ndim(value) != 0:
        raise TypeError(f"{name}: got {value!r}, wanted a number")
    found = float(value)
    if not np.isfinite(found):
        raise ValueError(f"{name}: got {found!r}, wanted a finite number")
    return found


def flag(value: Any, name: str) -> bool:
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise TypeError(f"{name}: got {value!r}, wanted True or False")


def callback(value: Any, name: str) -> Any:
    if value is not None and not callable(value):
        raise TypeError(f"{name}: got {value!r}, wanted a function, or None")
    return value


def word(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name}: got {value!r}, wanted a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        shown = value if len(value) < 80 else value[:80] + "..."
        raise ValueError(f"{name}: got {shown!r}, wanted whole characters") from None
    return value


def path_of(value: Any, name: str) -> str:
    if not isinstance(value, (str, PurePath)):
        raise TypeError(f"{name}: got {value!r}, wanted a path")
    return word(str(value), name)


def option_text(value: Any, name: str, joint: str = "+") -> str:
    """A value as a SPEC has it; repr of a float reads back as the same number."""
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, (list, tuple)) or (isinstance(value, np.ndarray) and value.ndim == 1):
        return joint.join(option_text(each, name, joint) for each in value)
    if isinstance(value, (int, np.integer, str, PurePath)):
        return word(str(value), name)
    raise TypeError(f"{name}: got {value!r}, wanted a number, a text or a list of them")


def options_of(keywords: dict[str, Any]) -> list[tuple[str, str]]:
    """Keywords as options: label_smoothing=0.1 is label-smoothing=0.1, lambda_=1 is lambda=1; None leaves the default."""
    return [(key.rstrip("_").replace("_", "-"), option_text(value, key)) for key, value in keywords.items() if value is not None]

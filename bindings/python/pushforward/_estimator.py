# SPDX-License-Identifier: Apache-2.0
"""What an estimator is before it computes: parameters as scikit-learn has them, data on their way in, its run directory."""

from __future__ import annotations

import shutil
import sys
import tempfile
import warnings
import weakref
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import Array, array, holds_tensors, native, option_text, plain, streamed, whole, word
from ._frames import Frame, is_frame, is_mixed, labels_of, library_of
from ._frames import text_of as text_of_frame

_OF_TABLES = ("label_column", "columns", "drop", "schema")  # options that read a table
_OF_FILES = ("header", "labels", "resize", "fit_option", "skip_broken", "grey")  # and other files


_CONTAINERS = ("default", "pandas", "polars")


def text_of(value: Any, name: str) -> str:
    """A parameter as the program has it; lists of it are joined by commas."""
    return "" if value is None else option_text(value, name, ",")


def _is(value: Any, default: Any) -> bool:
    return value is default or (not isinstance(value, np.ndarray) and bool(value == default))


def is_word(x: Any) -> bool:
    return isinstance(x, (str, Path))


def stream_of(x: Any) -> Any:
    """What an Arrow stream gives; frames of pandas and polars, and all else, as they are."""
    return x if library_of(x) else streamed(x, "x")


class Folder:
    """A temporary folder for a run, gone with the last estimator that holds it."""

    def __init__(self) -> None:
        self.parent = tempfile.mkdtemp(prefix="pushforward-")
        self.run = str(Path(self.parent) / "run")
        self._finalizer = weakref.finalize(self, shutil.rmtree, self.parent, True)


class Estimator:
    """Parameters, data and the run directory of a model."""

    _row: ClassVar[dict[str, Any]] = {}
    _defaults: ClassVar[dict[str, Any]] = {}
    _options: ClassVar[dict[str, str]] = {}  # the program's name of each parameter
    _run: _core.Run
    _frame: Frame | None
    _folder: Folder | None

    # ---- scikit-learn's conventions ----

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name."""
        return {name: getattr(self, name) for name in self._defaults}

    def set_params(self, **params: Any) -> Self:
        """Sets parameters by name."""
        for name, value in params.items():
            if name not in self._defaults:
                raise ValueError(
                    f"{type(self).__name__}: got a parameter '{name}', wanted one of {', '.join(self._defaults)}"
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        changed = [f"{k}={v!r}" for k, v in self.get_params().items() if not _is(v, self._defaults[k])]
        return f"{type(self).__name__}({', '.join(changed)})"

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_run")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=["float64", "float32"]),
            input_tags=InputTags(),
            non_deterministic=False,
        )

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Names of the code's columns: vae0, vae1, ..."""
        name = type(self).__name__.lower()
        return np.asarray([f"{name}{k}" for k in range(self._fitted().latent)], dtype=object)

    def set_output(self, *, transform: str | None = None) -> Self:
        """What transform() gives: "default" (an array), "pandas" or "polars"; None leaves it as it is."""
        if transform is not None:
            if word(transform, "transform") not in _CONTAINERS:
                raise ValueError(f"transform: got {transform!r}, wanted one of {', '.join(_CONTAINERS)}")
            self._sklearn_output_config = {"transform": transform}  # where clone() looks for it
        return self

    def _in_container(self, codes: Array, like: Any) -> Any:
        kind = getattr(self, "_sklearn_output_config", {}).get("transform")
        if kind is None and "sklearn" in sys.modules:
            from sklearn import get_config

            kind = get_config()["transform_output"]
        names = self.get_feature_names_out()
        if kind == "pandas":
            import pandas

            index = like.index if library_of(like) == "pandas" else None
            return pandas.DataFrame(codes, columns=names, index=index)
        if kind == "polars":
            import polars

            return polars.DataFrame(codes, schema=[str(name) for name in names])
        return codes

    def _fitted(self) -> _core.Run:
        if hasattr(self, "_run"):
            return self._run
        message = f"{type(self).__name__} is not fitted yet; call fit() first"
        if "sklearn" in sys.modules:
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(message)
        raise ValueError(message)

    # ---- data ----

    def _given(self) -> dict[str, str]:
        given = {
            self._options[name]: text_of(value, name)
            for name, value in self.get_params().items()
            if value is not None and not _is(value, self._defaults[name])
        }
        if getattr(self, "_frame", None) is not None:
            given["header"] = "yes"  # names may be numbers
        return given

    def _rows(self, x: Any, *, reset: bool = False) -> Any:
        """x as an array; of two axes it meets scikit-learn's own checks where that is loaded."""
        if "sklearn" in sys.modules and getattr(x, "ndim", 2) <= 2 and not self._layout():
            from sklearn.utils.validation import validate_data

            plain(x, "x")
            if isinstance(x, np.ndarray):
                whole(x, "x")
            elif isinstance(x, _core.ArrowTable) or holds_tensors(x) or (not library_of(x) and hasattr(x, "__dlpack__")):
                x = whole(array(x, "x"), "x")
            return validate_data(self, x, reset=reset, dtype=[np.float64, np.float32], order="C")
        found = native(array(x, "x"))
        if found.ndim < 2:
            raise ValueError(f"x: got shape {found.shape}, wanted n x d, a row an observation, or n images")
        names = getattr(x, "columns", None)
        if reset and names is not None:
            self.feature_names_in_ = np.asarray(names, dtype=object)
        return found

    def _layout(self) -> str:
        return text_of(getattr(self, "layout", None), "layout")

    def _wants_labels(self) -> bool:
        return getattr(self, "condition", None) == "label"

    def _wants_columns(self) -> bool:
        return bool(getattr(self, "condition", None)) and not self._wants_labels()

    def _loaded(self, x: Any, *, reset: bool = False, label: Any = None) -> _core.Dataset:
        data = self._unlabelled(x, reset)
        wants = self._wants_labels() if reset else self._fitted().condition == "label"
        if wants and label is None and not is_word(x) and not getattr(self, "label_column", None):
            raise ValueError(f'{"y" if reset else "label"}: got none, wanted a label a row, for condition="label"')
        if label is not None:
            if not wants:
                self._want_condition("label")
            labels = labels_of(label)
            if len(labels) != data.rows:
                raise ValueError(f"label: got {len(labels)} labels, wanted {data.rows}, one a row")
            data.label(labels)
        return data

    def _want_condition(self, wanted: str) -> None:
        kind = self._fitted().condition
        if kind != wanted:
            given, told = ("where", "columns") if wanted == "columns" else ("label", '"label"')
            has = {"": "none", "label": 'condition="label"', "columns": f'condition="{getattr(self, "condition", "")}"'}
            raise ValueError(f"{given}: got a model with {has[kind]}, wanted one with condition={told}")

    def _unlabelled(self, x: Any, reset: bool) -> _core.Dataset:
        x = stream_of(x)
        if self._as_table(x) if reset else is_frame(x) and (self._fitted().table or self._frame is not None):
            with tempfile.TemporaryDirectory(prefix="pushforward-") as folder:
                path = Path(folder) / "frame.csv"
                path.write_bytes(text_of_frame(x))
                return self._from_word(str(path), reset)
        if is_word(x):
            return self._from_word(str(x), reset)
        if reset:
            self._refuse_options_of_files()
        data = _core.dataset(self._rows(x, reset=reset), "x", self._layout())
        if reset:
            self.n_features_in_ = data.columns
        return data

    def _changed(self, names: tuple[str, ...]) -> list[str]:
        return [name for name in names if name in self._defaults and not _is(getattr(self, name), self._defaults[name])]

    def _as_table(self, x: Any) -> bool:
        """Whether a frame is read as the program reads a table, by the names of its columns."""
        return is_frame(x) and (is_mixed(x) or self._wants_columns() or bool(self._changed(_OF_TABLES)))

    def _refuse_options_of_files(self) -> None:
        for name in self._changed(_OF_TABLES + _OF_FILES):
            raise ValueError(
                f"{name}: got {getattr(self, name)!r} with an array, wanted it with a file or a frame; choose in the array"
            )

    def _from_word(self, word: str, reset: bool) -> _core.Dataset:
        if not reset:
            return _core.load_like(word, self._run)
        data = _core.load_data(word, self._row["name"], self._given())
        for remark in data.remarks:
            warnings.warn(remark, stacklevel=2)
        self.n_features_in_ = data.columns
        return data

    def _own_labels(self, y: Any) -> Any:
        return y if self._wants_labels() else None

    # ---- pickles ----

    def __getstate__(self) -> dict[str, Any]:
        state = {key: value for key, value in self.__dict__.items() if key not in ("_run", "_folder", "_seen")}
        if hasattr(self, "_run"):
            files = [file for file in Path(self._run.path).iterdir() if file.is_file()]
            state["_files"] = {file.name: file.read_bytes() for file in files}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        files = state.pop("_files", None)
        self.__dict__.update(state)
        if files is None:
            return
        self._folder = Folder()
        Path(self._folder.run).mkdir()
        for name, content in files.items():
            (Path(self._folder.run) / name).write_bytes(content)
        self._run = _core.open_run(self._folder.run, "automatic")

# SPDX-License-Identifier: Apache-2.0
"""Models as estimators: a class for every row of the registry, made at import.

    vae = pf.VAE(latent=2, epochs=20).fit("mnist")      # or an array, a data frame, a folder, any DATA word
    z = vae.transform(x); vae.inverse_transform(z); vae.sample(100); vae.score_samples(x)
    vae.save("run"); pf.load("run")                     # the program's run directories

What is trained is a run directory in every case, by the program's own steps: a temporary one unless fit() is given a
path. Nothing here computes.
"""

from __future__ import annotations

import inspect
import re
import shutil
import sys
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import array, count, option_text, seed_of, word
from ._rows import parameter_name

Array = NDArray[Any]
Callback = Callable[[dict[str, Any]], Any]

_PLAIN = ("f4", "f8")


def _python_value(text: str, flag: bool) -> Any:
    if flag:
        return text == "yes"
    if text == "":
        return None
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    if re.fullmatch(r"-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", text):
        return float(text)
    return text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ",".join(_text(each) for each in value)
    return option_text(value)


def _is_word(x: Any) -> bool:
    return isinstance(x, (str, Path))


class _Folder:
    """A temporary folder for a run, gone with the last estimator that holds it."""

    def __init__(self) -> None:
        self.parent = tempfile.mkdtemp(prefix="pushforward-")
        self.run = str(Path(self.parent) / "run")
        self._finalizer = weakref.finalize(self, shutil.rmtree, self.parent, True)


class _Frame:
    """What kind of data frame a model was trained on, so that what it makes is one too."""

    def __init__(self, frame: Any) -> None:
        self.library = _library(frame)
        self.kinds: dict[Any, Any] = {str(name): kind for name, kind in zip(frame.columns, frame.dtypes, strict=True)}

    def read(self, path: Path) -> Any:
        if self.library == "polars":
            import polars

            return polars.read_csv(path, schema_overrides=self.kinds)
        import pandas

        dates = [name for name, kind in self.kinds.items() if getattr(kind, "kind", "") == "M"]
        found = pandas.read_csv(path, parse_dates=dates)
        return found.astype({name: kind for name, kind in self.kinds.items() if name in found})


def _library(x: Any) -> str:
    """pandas or polars, of one of their data frames."""
    name = type(x).__module__.partition(".")[0]
    return name if name in ("pandas", "polars") and hasattr(x, "columns") else ""


def _is_mixed(x: Any) -> bool:
    """Whether a data frame has more than numbers: text, categories, dates, or cells that are missing."""
    library = _library(x)
    if library == "pandas":
        return any(kind.kind not in "fiub" for kind in x.dtypes) or bool(x.isna().any(axis=None))
    if library == "polars":
        import polars

        plain = all(kind.is_numeric() or kind == polars.Boolean for kind in x.dtypes)
        return not plain or bool(x.null_count().sum_horizontal().item())
    return False


def _labels(y: Any) -> list[str]:
    """Labels as texts; 7.0 is 7."""
    found = y if isinstance(y, list) else np.asarray(y).ravel().tolist()
    whole = [isinstance(v, (bool, np.bool_)) or (isinstance(v, float) and v.is_integer()) for v in found]
    return [str(int(v)) if is_whole else str(v) for v, is_whole in zip(found, whole, strict=True)]


def _write_frame(x: Any, path: Path) -> None:
    if _library(x) == "pandas":
        x.to_csv(path, index=False)
    else:
        x.write_csv(path)


def _progress_bar(wanted: bool | None) -> Any:
    """tqdm's, where it is installed and the output is a terminal (or progress=True asks)."""
    if wanted is False or (wanted is None and not sys.stderr.isatty()):
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(unit="epoch", leave=False)


def _teller(callbacks: list[Callback], history: list[dict[str, Any]], bar: Any) -> Callback:
    def tell(line: dict[str, Any]) -> Any:
        history.append(line)
        if bar is not None:
            bar.total = line["epochs"]
            bar.set_postfix(loss=f"{line['loss']:.6g}", refresh=False)
            bar.update(1)
        answers = [callback(line) for callback in callbacks]
        return False if any(answer is False for answer in answers) else None

    return tell


class Model:
    """What all estimators share. Parameters are the options of `pushforward train`, by the same names and defaults."""

    _row: ClassVar[dict[str, Any]] = {}
    _defaults: ClassVar[dict[str, Any]] = {}
    _options: ClassVar[dict[str, str]] = {}  # the program's name of each parameter
    _run: _core.Run
    _frame: _Frame | None

    # ---- scikit-learn's conventions ----

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name."""
        return {name: getattr(self, name) for name in self._defaults}

    def set_params(self, **params: Any) -> Model:
        """Sets parameters by name."""
        for name, value in params.items():
            if name not in self._defaults:
                raise ValueError(
                    f"{type(self).__name__}: got a parameter '{name}', wanted one of {', '.join(self._defaults)}"
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        changed = [f"{k}={v!r}" for k, v in self.get_params().items() if v != self._defaults[k]]
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

    # ---- training ----

    def _given(self) -> dict[str, str]:
        given = {
            self._options[name]: _text(value)
            for name, value in self.get_params().items()
            if value is not None and value != self._defaults[name]
        }
        if getattr(self, "_frame", None) is not None:
            given["header"] = "yes"  # names may be numbers
        return given

    def _rows(self, x: Any, *, reset: bool = False) -> Any:
        """x as an array; of two axes it meets scikit-learn's own checks where that is loaded."""
        if "sklearn" in sys.modules and not (isinstance(x, np.ndarray) and x.ndim > 2):
            from sklearn.utils.validation import validate_data

            return validate_data(self, x, reset=reset, dtype=[np.float64, np.float32], order="C")
        found = np.ascontiguousarray(array(x, "x"))
        if found.ndim < 2:
            raise ValueError(f"x: got shape {found.shape}, wanted n x d, a row an observation, or n images")
        if reset:
            self.n_features_in_ = int(np.prod(found.shape[1:]))
            names = getattr(x, "columns", None)
            if names is not None:
                self.feature_names_in_ = np.asarray(names, dtype=object)
        return found

    def _wants_labels(self) -> bool:
        return getattr(self, "condition", None) == "label"

    def _wants_columns(self) -> bool:
        return bool(getattr(self, "condition", None)) and not self._wants_labels()

    def _loaded(self, x: Any, *, reset: bool = False, label: Any = None) -> _core.Dataset:
        data = self._unlabelled(x, reset)
        wants = self._wants_labels() if reset else self._fitted().condition == "label"
        if wants and label is None and not _is_word(x) and not getattr(self, "label_column", None):
            raise ValueError(f'{"y" if reset else "label"}: got none, wanted a label a row, for condition="label"')
        if label is not None:
            labels = _labels(label)
            if len(labels) != data.rows:
                raise ValueError(f"label: got {len(labels)} labels, wanted {data.rows}, one a row")
            data.label(labels)
        return data

    def _unlabelled(self, x: Any, reset: bool) -> _core.Dataset:
        if _library(x) and (_is_mixed(x) or self._wants_columns() if reset else self._fitted().table):
            with tempfile.TemporaryDirectory(prefix="pushforward-") as folder:
                path = Path(folder) / "frame.csv"
                _write_frame(x, path)
                return self._from_word(str(path), reset)
        if _is_word(x):
            return self._from_word(str(x), reset)
        return _core.dataset(self._rows(x, reset=reset), "x")

    def _from_word(self, word: str, reset: bool) -> _core.Dataset:
        if not reset:
            return _core.load_like(word, self._run)
        data = _core.load_data(word, self._row["name"], self._given())
        self.n_features_in_ = data.columns
        return data

    def fit(
        self,
        X: Any,
        y: Any = None,
        *,
        path: str | Path | None = None,
        callback: Callback | list[Callback] | None = None,
        progress: bool | None = None,
    ) -> Model:
        """Trains on X: an array (n x d, or n images), a data frame, or a DATA word ("mnist", "photos/", "table.csv").
        y: labels of the rows, for condition="label"; others ignore it.
        A frame with text, categories, dates or missing cells is read as the same table in a CSV would be, and samples
        are frames of the same columns.

        path: a run directory to make and keep; else a temporary one. callback: called with a dictionary (epoch, loss,
        validation_loss, ...) at every epoch's end; False stops. Ctrl-C stops at a checkpoint that resume() goes on
        from, and is then raised.
        """
        self._frame = _Frame(X) if _is_mixed(X) or (_library(X) and self._wants_columns()) else None
        data = self._loaded(X, reset=True, label=self._own_labels(y))
        folder = None if path is not None else _Folder()
        where = str(path) if path is not None else folder.run if folder else ""
        run = _core.begin_run(where, self._row["name"], self._given(), data, str(X) if _is_word(X) else "array")
        self._folder = folder
        self._run = run
        self.history_: list[dict[str, Any]] = []
        return self._train(data, callback, progress)

    def _own_labels(self, y: Any) -> Any:
        return y if self._wants_labels() else None

    def _train(self, data: _core.Dataset, callback: Any, progress: bool | None) -> Model:
        callbacks = list(callback) if isinstance(callback, (list, tuple)) else [callback] if callback else []
        bar = _progress_bar(progress)
        try:
            self.summary_ = self._run.train(data, _teller(callbacks, self.history_, bar))
        finally:
            if bar is not None:
                bar.close()
        self.stopped_ = self.summary_["stopped"]
        return self

    def resume(
        self,
        X: Any = None,
        y: Any = None,
        *,
        callback: Callback | list[Callback] | None = None,
        progress: bool | None = None,
        **changed: Any,
    ) -> Model:
        """Goes on from the checkpoint, to the same bits as if it had not stopped, with the data it began with.

        X may be left out where fit() was given a DATA word. changed: parameters that may change on the way, such as
        epochs or rate.
        """
        run = self._fitted()
        texts = {self._options.get(name, name): _text(value) for name, value in changed.items()}
        self._run = _core.resume_run(run.path, texts)
        self.set_params(**changed)
        data = self._loaded(self._run.data if X is None else X, label=self._own_labels(y))
        return self._train(data, callback, progress)

    # ---- use ----

    def _fitted(self) -> _core.Run:
        if hasattr(self, "_run"):
            return self._run
        message = f"{type(self).__name__} is not fitted yet; call fit() first"
        if "sklearn" in sys.modules:
            from sklearn.exceptions import NotFittedError

            raise NotFittedError(message)
        raise ValueError(message)

    def _as(self, found: Array, like: Any) -> Array:
        """float64 for those who came with float64; the numbers are float32's."""
        kind = getattr(like, "dtype", None)
        return found.astype(np.float64) if kind == np.float64 else found

    def _restored(self, make: Callable[[str | None], Any], like: Any = None) -> Any:
        """What make() gives, as the data were: images in their shape, a table as a data frame."""
        run = self._fitted()
        if run.table:
            with tempfile.TemporaryDirectory(prefix="pushforward-") as folder:
                path = Path(folder) / "rows.csv"
                make(str(path))
                return self._read_table(path)
        height, width, channels, image = run.shape
        found = self._as(make(None), like)
        if not image:
            return found
        return found.reshape((-1, height, width) if channels == 1 else (-1, height, width, channels))

    def _read_table(self, path: Path) -> Any:
        if self._frame is not None:
            return self._frame.read(path)
        try:
            import pandas
        except ImportError as error:
            raise ImportError("rows of a table with text, dates or gaps: requires pandas, to be a data frame") from error
        return pandas.read_csv(path)

    def transform(self, X: Any, *, seed: int | None = None, label: Any = None) -> Array:
        """Codes: means of q(z|x), or draws of it with a seed. label: of condition="label", the rows' own."""
        run = self._fitted()
        return self._as(run.encode(self._loaded(X, label=label), None if seed is None else seed_of(seed)), X)

    def fit_transform(self, X: Any, y: Any = None, **how: Any) -> Array:
        """fit(X), then transform(X)."""
        self.fit(X, y, **how)
        return self.transform(X, label=self._own_labels(y))

    def _told(self, n: int, label: Any, where: Any) -> tuple[list[str], list[str]]:
        """What n rows are told: labels of all of them, or "column=value" words."""
        kind = self._fitted().condition
        if label is None and not where:
            return [], []
        if kind != ("columns" if label is None else "label"):
            given, wanted = ("where", "columns") if label is None else ("label", '"label"')
            has = {"": "none", "label": 'condition="label"', "columns": f'condition="{getattr(self, "condition", "")}"'}
            raise ValueError(f"{given}: got a model with {has[kind]}, wanted one with condition={wanted}")
        if label is None:
            return [], [f"{name}={_text(value)}" for name, value in where.items()]
        if isinstance(label, str) or np.ndim(label) == 0:
            return _labels([label]), []
        labels = _labels(label)
        if len(labels) != n:
            raise ValueError(f"label: got {len(labels)} labels, wanted one, or {n}, one a row")
        return labels, []

    def inverse_transform(
        self, Z: Any, *, seed: int | None = None, label: Any = None, where: dict[str, Any] | None = None
    ) -> Any:
        """Observations of codes: means of p(x|z), or draws of it with a seed. label, where: as of sample()."""
        run, draw = self._fitted(), None if seed is None else seed_of(seed)
        codes = _core.dataset(np.ascontiguousarray(array(Z, "Z")), "Z")
        labels, words = self._told(codes.rows, label, where)
        return self._restored(lambda path: run.decode(codes, draw, path, labels, words), Z)

    def reconstruct(self, X: Any, *, seed: int | None = None, label: Any = None) -> Any:
        """What comes back through the code, or through a denoiser. label: of condition="label", the rows' own."""
        run, draw = self._fitted(), None if seed is None else seed_of(seed)
        data = self._loaded(X, label=label)
        return self._restored(lambda path: run.reconstruct(data, draw, path), X)

    def sample(
        self,
        n: int = 1,
        *,
        seed: int = 0,
        draw: bool | None = None,
        label: Any = None,
        where: dict[str, Any] | None = None,
    ) -> Any:
        """n new observations: means of p(x|z), or with draw=True draws of it (None: draws of tables, means of all else).

        Of a conditional model, label (condition="label"): of all of them, or one each; where (condition="cut,color"):
        values by column, {"cut": "Ideal"}. What is left open is drawn as often as in training.
        """
        run, rows = self._fitted(), count(n, "n", 1)
        labels, words = self._told(rows, label, where)
        return self._restored(lambda path: run.sample(rows, seed_of(seed), draw, path, labels, words))

    def score_samples(self, X: Any, *, draws: int = 1, seed: int = 0, label: Any = None) -> NDArray[np.float64]:
        """How usual each row is, higher is more: ln p(x), the ELBO, or minus the squared error; of a conditional
        model, given its condition. label: of condition="label", the rows' own.
        """
        run, data = self._fitted(), self._loaded(X, label=label)
        scores: NDArray[np.float64] = run.scores(data, count(draws, "draws", 1), seed_of(seed))
        return -scores

    def score(self, X: Any, y: Any = None) -> float:
        """The mean of score_samples."""
        return float(np.mean(self.score_samples(X, label=self._own_labels(y))))

    def evaluate(
        self, X: Any, *, draws: int = 1, importance: int = 0, seed: int = 0, label: Any = None
    ) -> dict[str, Any]:
        """What the program's evaluate says of the model on these rows: squared_error, elbo, nll, ... label: of
        condition="label", the rows' own.
        """
        run, data = self._fitted(), self._loaded(X, label=label)
        return run.evaluate(data, count(draws, "draws", 1), count(importance, "importance"), seed_of(seed))

    def weights(self) -> dict[str, Array]:
        """Every parameter of the network by its name in model.safetensors."""
        return self._fitted().parameters()

    def parts(self) -> list[str]:
        """The networks that export() and pushforward.torch.module() know: "encoder", "decoder", ..."""
        return self._fitted().parts()

    def _part(self, part: str | None) -> str:
        parts = self.parts()
        if part is None and len(parts) > 1:
            raise ValueError(f"part: got none, wanted one of {', '.join(parts)}")
        return parts[0] if part is None else word(part, "part")

    # ---- files ----

    def export(self, path: str | Path, part: str | None = None) -> None:
        """Writes one of its networks as ONNX, as `pushforward export` does. part may be left out where there is one."""
        self._fitted().write_onnx(self._part(part), str(path))

    def save(self, path: str | Path) -> None:
        """Writes the run directory, which the program uses and resumes. The path must be new."""
        run = self._fitted()
        if Path(path).exists():
            raise ValueError(f"{path}: got something that exists, wanted a new run directory; choose another name")
        shutil.copytree(run.path, path)

    def __getstate__(self) -> dict[str, Any]:
        state = {key: value for key, value in self.__dict__.items() if key not in ("_run", "_folder")}
        if hasattr(self, "_run"):
            files = [file for file in Path(self._run.path).iterdir() if file.is_file()]
            state["_files"] = {file.name: file.read_bytes() for file in files}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        files = state.pop("_files", None)
        self.__dict__.update(state)
        if files is None:
            return
        self._folder = _Folder()
        Path(self._folder.run).mkdir()
        for name, content in files.items():
            (Path(self._folder.run) / name).write_bytes(content)
        self._run = _core.open_run(self._folder.run, "automatic")


def _init_of(defaults: dict[str, Any]) -> Any:
    def __init__(self: Model, **params: Any) -> None:
        for name in params:
            if name not in defaults:
                raise TypeError(f"{type(self).__name__}() got an unexpected keyword argument '{name}'")
        for name, value in defaults.items():
            setattr(self, name, params.get(name, value))

    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    rest = [inspect.Parameter(k, inspect.Parameter.KEYWORD_ONLY, default=v) for k, v in defaults.items()]
    __init__.__signature__ = inspect.Signature([own, *rest])  # type: ignore[attr-defined]
    return __init__


def _class_name(row: dict[str, Any]) -> str:
    """VAE of "Variational autoencoder: ..."; Flow of "Flow matching: ...", whose name is a word."""
    name: str = row["name"]
    return name.capitalize() if row["title"].lower().split()[0].rstrip(":") == name else name.upper()


def _parameter(option: str) -> str:
    """noise-floor is noise_floor; fit, which is a method here, is fit_option."""
    name = parameter_name(option)
    return f"{name}_option" if hasattr(Model, name) else name


def _doc(row: dict[str, Any]) -> str:
    lines = [f"{row['title']}.", "", f"    {row['formula']}", "", f"Source: {row['source']}.", "", "Parameters", "----------"]
    for name, default, meaning, _ in row["options"]:
        lines += [f"{_parameter(name)} : default {default or 'None'}", f"    {meaning}"]
    return "\n".join(lines)


def _class_of(row: dict[str, Any]) -> type[Model]:
    defaults = {
        _parameter(name): _python_value(default, flag) for name, default, _, flag in row["options"]
    }
    members = {
        "__doc__": _doc(row),
        "__init__": _init_of(defaults),
        "__module__": __name__,
        "_row": row,
        "_defaults": defaults,
        "_options": {_parameter(name): name for name, *_ in row["options"]},
    }
    return type(_class_name(row), (Model,), members)


CLASSES: dict[str, type[Model]] = {row["name"]: _class_of(row) for row in _core.model_rows()}
globals().update({made.__name__: made for made in CLASSES.values()})


def load(path: str | Path, *, weights: str = "automatic") -> Any:
    """Opens a run directory, of this package or of the program; weights: automatic, last, best or ema."""
    run = _core.open_run(str(path), weights)
    made = CLASSES[run.model]
    estimator = made()
    flags = {name: flag for name, _, _, flag in made._row["options"]}
    for name, text in run.options().items():
        if name in flags:
            setattr(estimator, _parameter(name), _python_value(text, flags[name]))
    height, width, channels, _ = run.shape
    estimator.n_features_in_ = height * width * channels
    estimator.history_ = []
    estimator._folder = estimator._frame = None
    estimator._run = run
    return estimator


def __getattr__(name: str) -> Any:
    raise AttributeError(f"module 'pushforward.models' has no attribute '{name}'; models: {', '.join(CLASSES)}")


__all__ = ["CLASSES", "Model", "load", *(made.__name__ for made in CLASSES.values())]

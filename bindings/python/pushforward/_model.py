# SPDX-License-Identifier: Apache-2.0
"""What all models do: fit, resume, transform, sample, score, and the files that they leave."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import Array, array, count, flag, maybe_seed, native, path_of, seed_of, whole, word
from ._estimator import Estimator, Folder, is_word, stream_of, text_of
from ._frames import Frame, labels_of, read_table
from ._page import Page
from ._progress import Callback, bar_maker, callbacks_of, teller
from ._reading import hold

MOST_DRAWS, MOST_IMPORTANCE = 10_000, 1_000_000  # as the program's


class Model(Estimator):
    """What all estimators share. Parameters are the options of `pushforward train`, by the same names and defaults."""

    # ---- training ----

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
        callbacks, bars = callbacks_of(callback), bar_maker(progress)  # before there is a run
        seen = stream_of(X)
        self._frame = Frame(seen) if self._as_table(seen) else None
        data = self._loaded(seen, reset=True, label=self._own_labels(y))
        folder = None if path is not None else Folder()
        where = folder.run if folder is not None else path_of(path, "path")
        run = _core.begin_run(where, self._row["name"], self._given(), data, str(X) if is_word(X) else "array")
        self._folder = folder
        self._run = run
        self._seen = None if is_word(X) else (hold(X), hold(y))
        self.history_: list[dict[str, Any]] = []
        return self._train(data, callbacks, bars)

    def _train(self, data: _core.Dataset, callbacks: list[Callback], bars: Callable[[], Any] | None) -> Model:
        bar = None if bars is None else bars()
        try:
            self.summary_ = self._run.train(data, teller(callbacks, self.history_, bar))
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
        run, callbacks, bars = self._fitted(), callbacks_of(callback), bar_maker(progress)
        if X is None and run.data == "array":
            raise ValueError("X: got none, wanted the array or frame that fit() was given; a run keeps no copy of it")
        texts = {self._options.get(name, name): text_of(value, name) for name, value in changed.items()}
        self._run = _core.resume_run(run.path, texts)
        self.set_params(**changed)
        data = self._loaded(self._run.data if X is None else X, label=self._own_labels(y))
        return self._train(data, callbacks, bars)

    # ---- use ----

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
        if self._frame is not None and self._frame.library:
            return self._frame.read(path)
        return read_table(path, self._fitted().dates)

    def transform(self, X: Any, *, seed: int | None = None, label: Any = None) -> Any:
        """Codes: means of q(z|x), or draws of it with a seed. label: of condition="label", the rows' own."""
        run = self._fitted()
        return self._in_container(self._as(run.encode(self._loaded(X, label=label), maybe_seed(seed)), X), X)

    def fit_transform(self, X: Any, y: Any = None, **how: Any) -> Any:
        """fit(X), then transform(X)."""
        self.fit(X, y, **how)
        return self.transform(X, label=self._own_labels(y))

    def _told(self, n: int, label: Any, where: Any) -> tuple[list[str], list[str]]:
        """What n rows are told: labels of all of them, or "column=value" words."""
        if where is not None and not isinstance(where, dict):
            raise TypeError(f"where: got {where!r}, wanted a dictionary, a value a column")
        if label is None and not where:
            return [], []
        self._want_condition("columns" if label is None else "label")
        if label is None and where is not None:
            return [], [f"{name}={text_of(value, name)}" for name, value in where.items()]
        if isinstance(label, str) or np.ndim(label) == 0:
            return labels_of([label]), []
        labels = labels_of(label)
        if len(labels) != n:
            raise ValueError(f"label: got {len(labels)} labels, wanted one, or {n}, one a row")
        return labels, []

    def inverse_transform(
        self, Z: Any, *, seed: int | None = None, label: Any = None, where: dict[str, Any] | None = None
    ) -> Any:
        """Observations of codes: means of p(x|z), or draws of it with a seed. label, where: as of sample()."""
        run, draw = self._fitted(), maybe_seed(seed)
        codes = _core.dataset(native(whole(array(Z, "Z"), "Z")), "Z", "")
        labels, words = self._told(codes.rows, label, where)
        return self._restored(lambda path: run.decode(codes, draw, path, labels, words), Z)

    def reconstruct(self, X: Any, *, seed: int | None = None, label: Any = None) -> Any:
        """What comes back through the code, or through a denoiser. label: of condition="label", the rows' own."""
        run, draw = self._fitted(), maybe_seed(seed)
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
        draw = None if draw is None else flag(draw, "draw")
        labels, words = self._told(rows, label, where)
        return self._restored(lambda path: run.sample(rows, seed_of(seed), draw, path, labels, words))

    def score_samples(self, X: Any, *, draws: int = 1, seed: int = 0, label: Any = None) -> NDArray[np.float64]:
        """How usual each row is, higher is more: ln p(x), the ELBO, or minus the squared error; of a conditional
        model, given its condition. label: of condition="label", the rows' own.
        """
        run, data = self._fitted(), self._loaded(X, label=label)
        scores: NDArray[np.float64] = run.scores(data, count(draws, "draws", 1, MOST_DRAWS), seed_of(seed))
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
        most = count(importance, "importance", most=MOST_IMPORTANCE)
        return run.evaluate(data, count(draws, "draws", 1, MOST_DRAWS), most, seed_of(seed))

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

    # ---- pages ----

    def report(self, X: Any = None, *, label: Any = None, seed: int = 0) -> Page:
        """The program's page about the run: figures, samples, reconstructions, codes, curves, options.

        On X (an array, a frame or a DATA word), else on what `pushforward report` takes: rows that were held out, or the
        run's own, if they are still there. label: of condition="label", the rows' own. A notebook shows what this returns.
        """
        run = self._fitted()
        training = None if (held := self._held())[0] is None else self._loaded(held[0], label=held[1])
        if X is None:
            X = _core.report_data(run) or None
        name = str(X) if is_word(X) else "x"
        data = None if X is None else self._loaded(X, label=label)
        html, notes = _core.report_page(run, data, name, training, seed_of(seed))
        for note in notes:
            warnings.warn(note, stacklevel=2)
        return Page(html)

    def _held(self) -> tuple[Any, Any]:
        """What fit() was given, if it is still there: the rows, and their labels where the model is told them."""
        X, y = (held() for held in getattr(self, "_seen", None) or (lambda: None, lambda: None))
        wants = self._fitted().condition == "label"
        return (None, None) if wants and y is None else (X, y if wants else None)

    # ---- files ----

    def export(self, path: str | Path, part: str | None = None) -> None:
        """Writes one of its networks as ONNX, as `pushforward export` does. part may be left out where there is one."""
        self._fitted().write_onnx(self._part(part), path_of(path, "path"))

    def save(self, path: str | Path) -> None:
        """Writes the run directory, which the program uses and resumes. The path must be new."""
        run = self._fitted()
        if Path(path_of(path, "path")).exists():
            raise ValueError(f"{path}: got something that exists, wanted a new run directory; choose another name")
        shutil.copytree(run.path, path)

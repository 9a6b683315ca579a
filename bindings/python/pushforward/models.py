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
from pathlib import Path
from typing import Any

from . import _core
from ._arrays import path_of, word
from ._model import Model
from ._rows import parameter_name


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
    run = _core.open_run(path_of(path, "path"), word(weights, "weights"))
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

# SPDX-License-Identifier: Apache-2.0
"""Kinds of arguments: of each a good value, and values that are no such thing; by the names of parameters."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

X = np.random.default_rng(1).normal(size=(40, 2))
Y = np.random.default_rng(2).normal(size=(30, 2)) + 0.3
MASSES = np.array([0.2, 0.3, 0.5])
HUGE = 2**62
FOLDER = Path(tempfile.mkdtemp(prefix="pushforward-"))
atexit.register(shutil.rmtree, FOLDER)
RUN = FOLDER / "run"  # where test_refusals.py has a run for load()


class Odd:
    """Nothing that anybody could mean."""

    def __repr__(self) -> str:
        return "Odd()"


class Unreadable:
    """Says that it is an array, and is none."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise RuntimeError("not today")


NO_NUMBERS: dict[str, Any] = {
    "none": None,
    "text": "nonsense",
    "bytes": b"1",
    "object": Odd(),
    "complex": 1j,
    "list": [1.0, "a"],
    "dictionary": {},
}


def no_points(like: Any) -> dict[str, Any]:
    rows = np.array(like, np.float64)
    hole, endless = rows.copy(), rows.copy()
    hole.flat[-1], endless.flat[-1] = np.nan, np.inf
    return {
        "text": "nonsense",
        "bytes": b"1",
        "object": Odd(),
        "dictionary": {"a": 1},
        "set": {1.0, 2.0},
        "one number": 3.0,
        "complex": rows.astype(complex),
        "texts": rows.astype(str),
        "times": rows.astype("datetime64[s]"),
        "objects": rows.astype(object),
        "fields": np.zeros(len(rows), [("a", float)]),
        "ragged": [[1.0, 2.0], [1.0]],
        "five axes": rows.reshape(*rows.shape, *[1] * (5 - rows.ndim)),
        "masked": np.ma.masked_array(rows, rows == rows.flat[0]),
        "masked in a list": list(np.ma.masked_array(rows, rows == rows.flat[0])),
        "not to be read": Unreadable(),
        "empty": rows[:0],
        "no columns": rows.reshape(len(rows), -1)[:, :0],
        "nan": hole,
        "infinite": endless,
        "whole numbers beyond 2^53": np.full(rows.shape, 2**53 + 1),
    }


def no_points_or_none(like: Any) -> dict[str, Any]:
    return {**no_points(like), "none": None}


def no_weights(like: Any) -> dict[str, Any]:
    masses = np.array(like, np.float64)
    negative = masses.copy()
    negative[0] = -1
    return {
        **no_points(like),
        "one too many": np.append(masses, 0.0),
        "negative": negative,
        "nothing": masses * 0,
        "too much": masses * 2,
    }


def no_measures(like: Any) -> dict[str, Any]:
    """Of a list: what is none, and lists whose second is bad or is missing."""
    bad = {f"second: {key}": [like[0], each] for key, each in no_points_or_none(like[1]).items() if key != "one number"}
    wrong = {key: each for key, each in NO_NUMBERS.items() if key not in ("none", "list")}
    return {**bad, **wrong, "nothing": [], "one": like[:1], "columns": [like[0], like[1][:, :1]], "a set": {1.0, 2.0}}


def no_list_of_weights(like: Any) -> dict[str, Any]:
    bad = {f"first: {key}": [each, *like[1:]] for key, each in no_weights(like[0]).items()}
    wrong = {key: each for key, each in NO_NUMBERS.items() if key != "none"}
    return {**bad, **wrong, "one": like[:1], "a vector": like[0]}


def no_whole(like: Any) -> dict[str, Any]:
    return {**NO_NUMBERS, "half": 1.5, "nan": np.nan, "negative": -1, "beyond 64 bits": 2**70, "array": np.arange(3)}


def no_count(like: Any) -> dict[str, Any]:
    return {**no_whole(like), "huge": HUGE}


def no_count_or_none(like: Any) -> dict[str, Any]:
    return {key: bad for key, bad in no_count(like).items() if key != "none"}


def no_number(like: Any) -> dict[str, Any]:
    return {**NO_NUMBERS, "nan": np.nan, "infinite": np.inf, "negative": -1.0, "array": np.arange(3.0)}


def no_number_or_none(like: Any) -> dict[str, Any]:
    return {key: bad for key, bad in {**no_number(like), "0": 0.0}.items() if key != "none"}


def no_flag(like: Any) -> dict[str, Any]:
    return {**NO_NUMBERS, "two": 2, "array": np.array([True, False])}


def no_flag_or_none(like: Any) -> dict[str, Any]:
    return {key: bad for key, bad in no_flag(like).items() if key != "none"}


def no_word(like: Any) -> dict[str, Any]:
    return {
        "none": None,
        "number": 3,
        "bytes": b"energy",
        "object": Odd(),
        "list": ["energy"],
        "empty": "",
        "nonsense": "nonsense",
        "long": "n" * 10_000,
        "a character of code 0": "energy\0w2",
        "half a pair": "\udc80",
    }


def no_path(like: Any) -> dict[str, Any]:
    return {**{k: bad for k, bad in no_word(like).items() if k in ("number", "object", "list")}, "nowhere": "/no/such/place"}


def no_call(like: Any) -> dict[str, Any]:
    return {"number": 3, "text": "nonsense", "object": Odd(), "list": [3]}


def no_labels(like: Any) -> dict[str, Any]:
    return {"of a model that is told none": 1, "object": Odd(), "nones": [None] * 40}


def no_option(like: Any) -> dict[str, Any]:
    return {"object": Odd(), "bytes": b"1", "dictionary": {"a": 1}, "set": {1}, "complex": 1j, "function": len}


def anything(like: Any) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Kind:
    """A good value, and what makes bad ones of it. `dropped` are fine for this parameter."""

    good: Any
    bad: Callable[[Any], dict[str, Any]]
    dropped: tuple[str, ...] = ()


WEIGHTS_X, WEIGHTS_Y = np.full(40, 1 / 40), np.full(30, 1 / 30)
POINTS = Kind(X, no_points_or_none)
SEED = Kind(0, no_whole)
# By name, or where a name means something else, by function and name.
KINDS: dict[str, Kind] = {
    "x": POINTS,
    "y": Kind(Y, no_points_or_none),
    "at": Kind(X, no_points_or_none),
    "X": POINTS,
    "Z": Kind(X, no_points_or_none),
    "x_weights": Kind(WEIGHTS_X, no_weights),
    "y_weights": Kind(WEIGHTS_Y, no_weights),
    "name": Kind("energy", no_word),
    "of": Kind("x", no_word),
    "seed": SEED,
    "floor": Kind(False, no_count, ("none",)),
    "permutations": Kind(100, no_count),
    "level": Kind(0.05, no_number),
    "normalize": Kind(False, no_flag),
    "standardize": Kind(None, no_flag_or_none),
    "bits": Kind(False, no_flag),
    "draws": Kind(100, no_count),
    "importance": Kind(0, no_count),
    "n": Kind(3, no_count),
    "k": Kind(2, no_count_or_none),
    "split": Kind(1, no_count_or_none),
    "positions": Kind([0.0, 1.0, 2.0], no_points, ("empty",)),
    "on_fit": Kind(None, no_call),
    "callback": Kind(None, no_call),
    "progress": Kind(False, no_flag_or_none),
    "path": Kind(None, no_path, ("nowhere",)),
    "label": Kind(None, no_labels),
    "where": Kind(None, no_call),
    "draw": Kind(None, no_flag_or_none),
    "part": Kind(None, no_word, ("none",)),
    "transform": Kind("default", no_word, ("none",)),
    "count": Kind(0, no_count),
    "deep": Kind(True, anything),
    "input_features": Kind(None, anything),
}


def no_floats(like: Any) -> dict[str, Any]:
    """Of arrays that are differentiated: no whole numbers either."""
    return {**no_points(like), "whole numbers": np.zeros((40, 2), int), "none": None}


def no_tensor(like: Any) -> dict[str, Any]:
    """What is no tensor, and tensors that are wrong."""
    import torch

    hole = like.clone()
    hole.view(-1)[-1] = torch.nan
    wrong = {"nan": hole, "empty": like[:0], "complex": like.to(torch.complex128), "whole numbers": like.long(), "five axes": like[None, None, None]}
    wrong.update({"sparse": like.to_sparse(), "meta": like.to("meta")})
    return {**wrong, "array": like.numpy(), "text": "nonsense", "object": Odd(), "list": like.tolist()}


def tensor(array: Any) -> Any:
    try:
        import torch
    except ImportError:
        return None
    return torch.tensor(array)


def kind_of(function: str, parameter: str) -> Kind | None:
    """By function and name, or by name alone."""
    return OWN.get((function, parameter)) or KINDS.get(parameter)


# Where a name means something else.
OWN: dict[tuple[str, str], Kind] = {
    ("barycenter", "measures"): Kind([X, Y], no_measures),
    ("barycenter", "histograms"): Kind([[4.0, 2.0, 1.0, 0.0], [0.0, 1.0, 2.0, 4.0]], no_points),
    ("barycenter", "weights"): Kind([WEIGHTS_X, WEIGHTS_Y], no_list_of_weights),
    ("barycenter", "shares"): Kind([3.0, 1.0], no_weights, ("too much",)),  # of any sum
    ("barycenter", "p"): Kind(2, no_number),
    ("barycenter", "size"): Kind(5, no_count_or_none),
    ("barycenter", "start"): Kind(X[:4], no_points),
    ("barycenter", "bound"): Kind(True, no_flag),
    ("barycenter", "epsilon"): Kind(1.0, no_number_or_none),
    ("barycenter", "debias"): Kind(False, no_flag),
    ("barycenter", "iterations"): Kind(30, no_count_or_none),
    ("barycenter", "tolerance"): Kind(1e-3, no_number_or_none),
    ("density", "text"): Kind("normal(0,1)", no_word),
    ("Density", "text"): Kind("normal(0,1)", no_word),
    ("divergence", "p"): Kind(MASSES, no_weights),
    ("divergence", "q"): Kind(MASSES[::-1], no_weights),
    ("divergence", "name"): Kind("kl", no_word),
    ("entropy", "p"): Kind(MASSES, no_weights, ("one too many",)),
    ("Density.log_density", "at"): Kind(X, no_points_or_none, ("empty", "infinite")),  # no numbers, and minus infinity
    ("entropy", "samples"): Kind(X, no_points),
    ("code", "p"): Kind(MASSES, no_weights),
    ("code", "made_for"): Kind(MASSES[::-1], no_weights),
    ("code", "words"): Kind(["0", "10", "11"], no_call),
    ("fit", "target"): Kind(X[:, :1], no_points_or_none),
    ("fit", "family"): Kind("normal", no_word),
    ("fit", "by"): Kind("kl", no_word),
    ("transport", "p"): Kind(2, no_number),
    ("transport", "cost"): Kind(np.abs(X), no_points),
    ("transport", "x_weights"): Kind(WEIGHTS_X, no_weights),
    ("load", "path"): Kind(RUN, no_path),
    ("Model.save", "path"): Kind(FOLDER / "saved", no_path, ("nowhere",)),
    ("Model.export", "path"): Kind(FOLDER / "encoder.onnx", no_path),
    ("Model.export", "part"): Kind("encoder", no_word, ("none",)),
    ("load", "weights"): Kind("automatic", no_word),
    ("Reading.show", "x"): Kind(X, no_points_or_none),
    ("Reading.show", "y"): Kind(Y, no_points_or_none),
    ("Page.save", "path"): Kind(FOLDER / "page.html", no_path, ("nowhere",)),
    ("Model.report", "X"): Kind(X, no_points),
    ("Model.fit", "y"): Kind(None, anything),  # others than condition="label" ignore it, as scikit-learn's do
    ("Model.fit_transform", "y"): Kind(None, anything),
    ("Model.score", "y"): Kind(None, anything),
    ("Model.resume", "y"): Kind(None, anything),
    # A seed means draws instead of means.
    **{(f"Model.{each}", "seed"): Kind(None, no_whole, ("none",)) for each in ("transform", "inverse_transform", "reconstruct")},
    ("torch.Loss", "redraw"): Kind(False, no_flag),
    ("torch.Loss", "critic_steps"): Kind(1, no_count),
    ("torch.Loss", "critic_rate"): Kind(1e-3, no_number, ("negative",)),  # what it may be, the critic says at its first step
    ("torch.Loss", "critic_optimizer"): Kind("adam", lambda like: {"number": 3, "none": None, "object": Odd()}),
    ("torch.module", "run"): Kind(RUN, no_path),
    ("torch.module", "part"): Kind("encoder", no_word, ("none",)),
    **{(f"torch.Loss.{call}", each): Kind(tensor(good), no_tensor) for call in ("forward", "read") for each, good in (("x", X), ("y", Y))},
    ("torch.Loss.forward", "x_weights"): Kind(tensor(WEIGHTS_X), no_tensor),
    ("torch.Loss.forward", "y_weights"): Kind(tensor(WEIGHTS_Y), no_tensor),
    ("jax.loss.call", "x"): Kind(X, no_floats),
    ("jax.loss.call", "y"): Kind(Y, no_floats),
    ("plot.scatter", "y"): Kind(Y, no_points),
    ("plot.scatter", "labels"): Kind(("data", "generated"), anything),
    ("plot.grid", "images"): Kind(np.zeros((3, 4, 5)), no_points_or_none, ("whole numbers beyond 2^53",)),
    ("plot.grid", "columns"): Kind(8, no_count),
    ("plot.curves", "history"): Kind([{"epoch": 1, "loss": 0.5}], no_call),
    ("plot.curves", "names"): Kind(("loss",), anything),
    ("plot.function", "f"): Kind(lambda at: at[:, 0], no_call),
    ("plot.function", "y"): Kind(Y, no_points),
    ("plot.function", "resolution"): Kind(9, no_count),
    **{(f"plot.{each}", "ax"): Kind(None, anything) for each in ("scatter", "grid", "curves", "function")},  # matplotlib's to say
}

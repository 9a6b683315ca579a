# SPDX-License-Identifier: Apache-2.0
"""Every public name of the package, walked with every kind of bad argument: an exception of the right kind, whose one
sentence says which argument, what was got and what was wanted; and odd arrays that are as good as plain ones.

The walk begins at the package's own names (pf.__all__, the classes of distances and models, the modules for PyTorch, JAX
and matplotlib) and takes their parameters from their signatures: what is new is walked by itself if its parameters have
names that bad_arguments.py knows, and else fails here until it has a line there.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from bad_arguments import RUN, X, Y, kind_of, no_option

import pushforward as pf
from pushforward import models
from pushforward._rows import class_name

KINDS_OF_ERROR = (TypeError, ValueError, MemoryError)
RESULTS = "what a call returns; nobody makes one by hand"
LEFT_OUT = {
    "Barycenter": RESULTS, "GridBarycenter": RESULTS,
    "PermutationTest": RESULTS, "Readings": RESULTS, "Reading": RESULTS, "Transport": RESULTS, "Witness": RESULTS,
    "Code": RESULTS, "Fit": RESULTS, "Page": RESULTS, "distances": "its classes are walked", "models": "its classes are walked",
}  # fmt: skip


@pytest.fixture
def alone(monkeypatch):
    """Without scikit-learn, which another test may have loaded: estimators would leave rows of two axes to its checks."""
    monkeypatch.delitem(sys.modules, "sklearn", raising=False)


@dataclass(frozen=True)
class Call:
    """A public function with arguments that it takes; those named in `walked` are then made bad, one at a time."""

    name: str
    function: Callable[..., Any]
    good: dict[str, Any]
    walked: tuple[str, ...]


def parameters(function: Callable[..., Any]) -> list[str]:
    found = inspect.signature(function).parameters.values()
    return [p.name for p in found if p.name != "self" and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]


# Parameters that do not go together are walked in turns; every one of a function must be in one of its turns.
TURNS: dict[str, list[tuple[str, ...]]] = {
    "entropy": [("p", "normalize", "bits", "seed"), ("samples", "split", "k", "bits", "seed")],
    "transport": [("x", "y", "p", "x_weights", "y_weights", "normalize", "standardize"), ("cost", "normalize")],
    "barycenter": [
        ("measures", "weights", "shares", "p", "size", "bound", "iterations", "tolerance", "seed"),
        ("measures", "start"),
        ("histograms", "shares", "epsilon", "debias", "iterations", "tolerance"),
    ],
    "Model.sample": [("n", "seed", "draw", "label", "where")],
}


def calls_of(name: str, function: Callable[..., Any], known_as: str = "") -> list[Call]:
    key, names = known_as or name, parameters(function)
    turns = TURNS.get(key, [tuple(names)])
    assert set().union(*turns) == set(names), f"{key}: TURNS leaves out {set(names) - set().union(*turns)}"
    calls = []
    for turn in turns:
        kinds = {each: kind_of(key, each) for each in turn}
        unknown = [each for each, kind in kinds.items() if kind is None]
        assert not unknown, f"{key}: bad_arguments.py says nothing of the parameter {', '.join(unknown)}"
        calls.append(Call(name, function, {each: kind.good for each, kind in kinds.items() if kind}, turn))
    return calls


def a_vae() -> Any:
    small = {"latent": 2, "hidden": 4, "steps": 2, "batch": 8, "threads": 1, "likelihood": "gaussian:learned"}
    return pf.VAE(**small).fit(X)


# One of each public class, for its methods.
INSTANCES: dict[str, Callable[[], Any]] = {
    "Density": lambda: pf.density("normal(0,1)*normal(1,2)"),
    "Reading": lambda: pf.distance(X, Y, "energy"),
    "Witness": lambda: pf.witness(X, Y, "mmd"),
    "Model": a_vae,
    "Page": lambda: pf.distance(X, Y, "energy").show(),
}


def public_methods(made: type) -> list[str]:
    named = [each for each in dir(made) if not each.startswith("_") and inspect.isfunction(getattr(made, each))]
    called = "__call__" in vars(made) or any("__call__" in vars(each) for each in made.__mro__[:-1])
    return named + (["__call__"] if called else [])


def calls_of_class(name: str, made: type) -> list[Call]:
    calls = [] if LEFT_OUT.get(name) == RESULTS else calls_of(name, made)
    methods = [each for each in public_methods(made) if parameters(getattr(made, each))]
    if not methods:
        return calls
    assert name in INSTANCES, f"{name}: INSTANCES makes none, and its methods {', '.join(methods)} want walking"
    one = INSTANCES[name]()
    for method in methods:
        calls += calls_of(f"{name}.{method}", getattr(one, method))
    return calls


def calls_of_package() -> list[Call]:
    calls: list[Call] = []
    for name in pf.__all__:
        found = getattr(pf, name)
        if inspect.isclass(found):
            calls += calls_of_class(name, found)
        elif name not in LEFT_OUT:
            calls += calls_of(name, found)
    calls += calls_of_class("Model", models.Model)[1:]  # whose constructor every model has for itself
    for name, row in pf.list_distances().items():
        made = getattr(pf.distances, class_name(name))(**({"steps": 20} if row["learned"] else {}))
        calls += [without_weights(call) for call in calls_of(made.__class__.__name__, made.__call__)]
    return calls


def module_named(name: str) -> Any:
    """A module of the package whose peer may be missing."""
    try:
        return importlib.import_module(f"pushforward.{name}")
    except ImportError:
        return None


def calls_of_modules() -> list[Call]:
    calls: list[Call] = []
    for module in filter(None, map(module_named, ("torch", "jax", "plot"))):
        for name in module.__all__:
            calls += calls_of(f"{module.__name__.partition('.')[2]}.{name}", getattr(module, name))
    if torch := module_named("torch"):
        calls += calls_of("torch.Loss.forward", torch.Loss("energy").forward)
        calls += calls_of("torch.Loss.read", torch.Loss("energy").read)
    if jax := module_named("jax"):
        calls += calls_of("jax.loss.call", jax.loss("energy"))
    return calls


def without_weights(call: Call) -> Call:
    """The same call, and where its distance has no weighted samples without good ones; bad ones are walked still."""
    try:
        call.function(**call.good)
    except ValueError as error:
        assert "weights" in str(error)
        good = {key: value for key, value in call.good.items() if not key.endswith("_weights")}
        return Call(call.name, call.function, good, call.walked)
    return call


a_vae().save(RUN)
CALLS = calls_of_package() + calls_of_modules()


# What a message is about may have another name in it: a sentence of the library names what it was handed.
FIRST, SECOND = "first sample", "second sample"
ALSO_CALLED = {
    "X": "x|DATA", "x": FIRST, "y": SECOND, "x_weights": FIRST, "y_weights": SECOND, "text": "density", "p": "density|densities", "q": "density|densities",
    "measures": r"measures?|measure \d", "histograms": r"histogram \d|histograms",
    "name": "spec|distance|divergence", "by": "spec|divergence", "target": "density|points", "samples": "mutual information", "path": "/no/such/place",
}  # fmt: skip


def fault(call: Callable[[], Any], argument: str) -> str:
    """What is wrong with how a call refuses; nothing if all is well."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's, of what it makes of the argument
            call()
    except KINDS_OF_ERROR as error:
        said = str(error)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    else:
        return "was taken"
    if "\n" in said:
        return f"more than a line: {said!r}"
    if not re.search(r"got .*wanted|requires|already exists", said):
        return f"no sentence with got and wanted: {said!r}"
    names = f"{argument}|{argument.replace('_', '-')}|{ALSO_CALLED.get(argument, argument)}"
    return "" if re.search(rf"(?<![a-z])({names})(?![a-z])", said) else f"does not name {argument}: {said!r}"


def expect_refusals(call: Callable[[Any], Any], argument: str, values: dict[str, Any]) -> None:
    faults = {bad: fault(lambda value=value: call(value), argument) for bad, value in values.items()}
    found = [f"{bad}: {what}" for bad, what in faults.items() if what]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_good_arguments_are_taken(call):
    call.function(**call.good)


@pytest.mark.parametrize(("call", "argument"), [(c, a) for c in CALLS for a in c.walked], ids=lambda v: getattr(v, "name", v))
def test_bad_arguments_are_refused(call, argument, alone):
    kind = kind_of(call.name, argument)
    bad = {key: value for key, value in kind.bad(kind.good).items() if key not in kind.dropped}
    expect_refusals(lambda value: call.function(**{**call.good, argument: value}), argument, bad)


def test_beside_scikit_learn_estimators_refuse_rows_in_its_words():
    pytest.importorskip("sklearn")
    kind = kind_of("Model.fit", "X")
    bad = kind.bad(kind.good)
    for key in ("bytes", "object", "dictionary", "set", "one number", "complex", "ragged", "empty", "nan", "infinite"):
        with pytest.raises(KINDS_OF_ERROR):
            a_vae().fit(bad[key])


# ---- options: of every distance, divergence and model ----


def option_calls() -> list[tuple[str, str, Callable[[Any], Any]]]:
    calls: list[tuple[str, str, Callable[[Any], Any]]] = []
    for name in pf.distances.__all__:
        made = getattr(pf.distances, name)
        for option in parameters(made):
            calls.append((name, option, lambda bad, made=made, option=option: made(**{option: bad})(X, Y)))
    for made in models.CLASSES.values():
        for option in made._defaults:
            calls.append((made.__name__, option, lambda bad, made=made, option=option: made(**{option: bad}).fit(X)))
    return calls


@pytest.mark.parametrize(("name", "option", "call"), option_calls(), ids=lambda v: v if isinstance(v, str) else "")
def test_options_that_mean_nothing_are_refused(name, option, call):
    expect_refusals(call, option, no_option(None))


# ---- odd arrays that are as good as plain ones ----


def as_good(rows: Any) -> dict[str, Any]:
    fixed = rows.copy()
    fixed.flags.writeable = False
    apart = np.zeros([2 * k for k in rows.shape])[(slice(None, None, 2),) * rows.ndim]
    apart[...] = rows
    return {
        "read-only": fixed,
        "by columns": np.asfortranarray(rows),
        "apart": apart,
        "backwards": rows[::-1].copy()[::-1],
        "other bytes": rows.astype(">f8"),
        "long": rows.astype(np.longdouble),
        "no mask": np.ma.masked_array(rows),
        "lists": rows.tolist(),
    }


def same(one: Any, other: Any) -> bool:
    return np.array_equal(one, other) if isinstance(one, np.ndarray) else repr(one) == repr(other)


ARRAYS = [(c, a) for c in CALLS for a in c.walked if isinstance(c.good.get(a), np.ndarray)]


@pytest.mark.parametrize(("call", "argument"), ARRAYS, ids=lambda v: getattr(v, "name", v))
def test_odd_arrays_are_as_good_as_plain_ones(call, argument):
    wanted = call.function(**call.good)
    for key, odd in as_good(call.good[argument]).items():
        assert same(call.function(**{**call.good, argument: odd}), wanted), key

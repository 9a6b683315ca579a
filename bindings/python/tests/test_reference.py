# SPDX-License-Identifier: Apache-2.0
"""docs/python_reference.md is what the package says of itself; PUSHFORWARD_REGENERATE=1 writes it anew."""

import inspect
import os
import re
from pathlib import Path

import pushforward as pf
from pushforward import models

PAGE = Path(__file__).parents[3] / "docs" / "python_reference.md"
HEAD = """# Python: every name of the package

Written by `bindings/python/tests/test_reference.py` from the package itself (`PUSHFORWARD_REGENERATE=1` writes it anew).
[python.md](python.md) is the page to begin with; [notebooks](notebooks/) are there to run.
"""


def signature(found):
    text = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(found)))  # annotations are texts
    return re.sub(r"\b(pushforward|numpy|typing|pathlib)\.(_\w+\.)?", "", text)


def said(found):
    return inspect.cleandoc(found.__doc__ or "")


def function(name, found):
    return f"### `{name}{signature(found)}`\n\n{said(found)}\n"


def methods(name, made):
    lines = []
    own = [each for each in reversed(made.__mro__) if each.__module__.startswith("pushforward")]
    for key, value in [pair for each in own for pair in vars(each).items()]:
        if key.startswith("_") or not (inspect.isfunction(value) or isinstance(value, property)) or not value.__doc__:
            continue
        call = "" if isinstance(value, property) else re.sub(r"\(self, ?|\(self\)", lambda m: "()" if m[0].endswith(")") else "(", signature(value))
        lines.append(f"- `.{key}{call}`: {' '.join(said(value).split())}")
    return "\n".join(lines)


def a_class(name, made):
    return f"### `{name}`\n\n{said(made)}\n\n{methods(name, made)}".rstrip() + "\n"


def a_model(name, made):
    row = made._row
    parameters = ", ".join(f"`{key}`" for key in made._defaults)
    return f"### `{name}`\n\n{row['title']}.\n\n    {row['formula']}\n\nSource: {row['source']}. Parameters: {parameters}.\n"


def page():
    names = [name for name in pf.__all__ if name not in models.CLASSES and name != "distances"]
    functions = [n for n in names if inspect.isfunction(getattr(pf, n)) or inspect.isbuiltin(getattr(pf, n))]
    classes = [n for n in names if inspect.isclass(getattr(pf, n)) and not issubclass(getattr(pf, n), models.Model)]
    own = [n for n in functions if getattr(pf, n).__module__.startswith("pushforward.") and "_core" not in getattr(pf, n).__module__]
    parts = [HEAD, "## Functions\n", *(function(f"pf.{n}", getattr(pf, n)) for n in own)]
    parts += ["## What they return\n", *(a_class(f"pf.{n}", getattr(pf, n)) for n in classes if n != "Reading")]
    parts += ["## Models\n", a_class("Model", models.Model)]
    parts += [a_model(f"pf.{made.__name__}", made) for made in models.CLASSES.values()]
    parts += ["## Distances\n", "`pf.distance(x, y, name, ...)`, or a class of `pf.distances`; [distances.md](distances.md) has their options.\n"]
    for name, row in pf.list_distances().items():
        parts.append(f"- `{name}`: {row['title']}")
    return "\n".join(parts).rstrip() + "\n"


def test_the_reference_is_the_package():
    found = page()
    if os.environ.get("PUSHFORWARD_REGENERATE"):
        PAGE.write_text(found)
    assert PAGE.read_text() == found, "PUSHFORWARD_REGENERATE=1 pytest bindings/python/tests/test_reference.py writes it anew"


def test_every_name_is_explained():
    for name in pf.__all__:
        assert said(getattr(pf, name)), name

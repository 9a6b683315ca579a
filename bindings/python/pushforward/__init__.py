# SPDX-License-Identifier: Apache-2.0
"""Distances between distributions, exact transport and two-sample tests.

    import pushforward as pf
    reading = pf.distance(x, y, "w2")        # a point a row
    float(reading), reading.gap, reading.options

Every number is the C++ library's own; list_distances() and list_divergences() show what there is.
"""

from typing import Any

from . import distances, models
from ._barycenter import Barycenter, GridBarycenter, barycenter
from ._core import Reading
from ._known import Code, Density, Fit, code, density, divergence, entropy, fit, list_divergences
from ._measure import PermutationTest, Witness, distance, gradient, list_distances, test, witness
from ._page import Page
from ._reading import Readings
from ._threads import set_threads
from ._transport import Transport, transport
from .models import load

__all__ = [
    "Barycenter",
    "Code",
    "Density",
    "Fit",
    "GridBarycenter",
    "Page",
    "PermutationTest",
    "Reading",
    "Readings",
    "Transport",
    "Witness",
    "barycenter",
    "code",
    "density",
    "distance",
    "distances",
    "divergence",
    "entropy",
    "fit",
    "gradient",
    "list_distances",
    "list_divergences",
    "load",
    "models",
    "set_threads",
    "test",
    "transport",
    "witness",
]


def __getattr__(name: str) -> Any:
    """pf.VAE and the others: a class for every model of the registry."""
    for made in models.CLASSES.values():
        if made.__name__ == name:
            return made
    raise AttributeError(f"module 'pushforward' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted([*__all__, *(made.__name__ for made in models.CLASSES.values())])

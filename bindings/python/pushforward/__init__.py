# SPDX-License-Identifier: Apache-2.0
"""Distances between distributions, exact transport and two-sample tests.

    import pushforward as pf
    reading = pf.distance(x, y, "w2")        # a point a row
    float(reading), reading.gap, reading.options

Every number is the C++ library's own; list_distances() and list_divergences() show what there is.
"""

from . import distances
from ._core import Reading, set_threads
from ._known import Code, Density, Fit, code, density, divergence, entropy, fit, list_divergences
from ._measure import PermutationTest, Witness, distance, gradient, list_distances, test, witness
from ._reading import Readings
from ._transport import Transport, transport

__all__ = [
    "Code",
    "Density",
    "Fit",
    "PermutationTest",
    "Reading",
    "Readings",
    "Transport",
    "Witness",
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
    "set_threads",
    "test",
    "transport",
    "witness",
]

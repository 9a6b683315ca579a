# SPDX-License-Identifier: Apache-2.0
"""Distances between distributions, exact transport and two-sample tests.

    import pushforward as pf
    reading = pf.distance(x, y, "w2")        # a point a row
    float(reading), reading.gap, reading.options

Every number is the C++ library's own; list_distances() shows what there is.
"""

from . import distances
from ._core import set_threads
from ._measure import (
    PermutationTest,
    Transport,
    distance,
    divergence,
    entropy,
    gradient,
    list_distances,
    test,
    transport,
)
from ._reading import Reading

__all__ = [
    "PermutationTest",
    "Reading",
    "Transport",
    "distance",
    "distances",
    "divergence",
    "entropy",
    "gradient",
    "list_distances",
    "set_threads",
    "test",
    "transport",
]

# SPDX-License-Identifier: Apache-2.0
"""Couplings of mini-batches, as flow matching solves one a step, against POT: cost matrix and plan, one thread. A step
is one of thousands: the peer has run before it is timed, and so has the program (medians of five in a process)."""
from common import data, race

import numpy as np
import ot


def emd(X, Y):
    masses = np.full(len(X), 1 / len(X))
    cost = ot.dist(X, Y)
    return float((ot.emd(masses, masses, cost, numItermax=10**8) * cost).sum())


for d, wanted in ((2, 5), (784, 3)):
    for n in (128, 256, 512, 1024):
        X, Y = data(f"coupling {n} {d}", lambda r: (r.normal(size=(n, d)), r.normal(size=(n, d))))
        race(f"coupling, n={n}, d={d}", "POT emd", lambda: emd(X, Y), ["distance", X, Y, "-m", "w2"], wanted,
             tolerance=1e-9, our_repeats=5, value=lambda j: j["power"])

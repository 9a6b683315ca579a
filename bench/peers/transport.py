# SPDX-License-Identifier: Apache-2.0
"""Exact transport against POT: the whole call, cost matrix included, one thread, float64.

"random weights" are uniform on 0.1 … 1.9; "nasty" rows are the data that solvers are slow on, where the promise is
never to be slower. PUSHFORWARD_BENCH_ONLY="n=1000" runs the quick ones."""
from common import data, our_memory, peak_memory, race, row, wanted_row

import numpy as np
import ot


def emd2(X, Y, p=2, a=None, b=None):
    cost = ot.dist(X, Y, metric="sqeuclidean" if p == 2 else "euclidean")
    a, b = (np.full(len(z), 1 / len(z)) if w is None else w for z, w in ((X, a), (Y, b)))
    return float(ot.emd2(a, b, cost, numItermax=10**9))


def gaussians(n, d, m=None):
    return data(f"gaussians {n} {m} {d}", lambda r: (r.normal(size=(n, d)), 1.2 * r.normal(size=(m or n, d)) + 0.3))


def uniform_weights(n, name):
    def make(r):
        w = r.uniform(0.1, 1.9, n)
        return w / w.sum()
    return data(f"weights {n} {name}", make)


def compare(task, X, Y, wanted, p=2, a=None, b=None, repeats=None):
    arguments = ["distance", X, Y, "-m", f"w{p}"]
    if a is not None:
        arguments += ["--weights-x", a, "--weights-y", b]
    race(task, "POT emd2", lambda: emd2(X, Y, p, a, b), arguments, wanted, repeats=repeats, tolerance=1e-9,
         value=lambda j: j["power"])


def memory(task, X, Y, wanted):
    if wanted_row(task):
        row(task, "POT emd2", peak_memory(lambda: emd2(X, Y)), our_memory(["distance", X, Y, "-m", "w2"]), wanted, "MB")


def grid_histograms(r):
    points = np.stack(np.meshgrid(np.arange(64.0), np.arange(64.0)), -1).reshape(-1, 2)

    def blobs(centres, widths):
        masses = 1e-3 * r.uniform(size=len(points))
        for c, s in zip(centres, widths):
            masses += np.exp(-((points - c) ** 2).sum(1) / (2 * s * s))
        return masses / masses.sum()

    return points, points, blobs([(15, 20), (45, 40)], [6, 9]), blobs([(30, 50), (50, 12)], [8, 5])


def clusters(r, n, d, shares):
    centres = np.zeros((3, d))
    centres[1, 0] = centres[2, 1] = 100
    return centres[r.choice(3, size=n, p=shares)] + r.normal(size=(n, d))


def line(r, n, scale, shift):
    t = scale * r.normal(size=n) + shift
    return np.stack([t, 2 * t], 1)


NASTY = {
    "64x64 histograms": grid_histograms,
    "far clusters, d=2, n=4000": lambda r: (clusters(r, 4000, 2, [.5, .3, .2]), clusters(r, 4000, 2, [.2, .3, .5])),
    "far clusters, d=64, n=3000": lambda r: (clusters(r, 3000, 64, [.5, .3, .2]), clusters(r, 3000, 64, [.2, .3, .5])),
    "heavy tails, d=2, n=4000": lambda r: (r.standard_t(1.5, (4000, 2)), r.standard_t(1.5, (4000, 2))),
    "heavy tails, d=64, n=3000": lambda r: (r.standard_t(1.5, (3000, 64)), r.standard_t(1.5, (3000, 64))),
    "integer grid, n=3000": lambda r: (r.integers(0, 12, (3000, 2)).astype(float),
                                       r.integers(0, 12, (3000, 2)).astype(float)),
    "duplicates, d=64, n=3000": lambda r: (r.normal(size=(60, 64))[r.integers(0, 60, 3000)],
                                           r.normal(size=(60, 64))[r.integers(0, 60, 3000)]),
    "collinear, n=4000": lambda r: (line(r, 4000, 1, 0), line(r, 4000, 1.3, 0.5)),
    "n=5000, m=1000": lambda r: (r.normal(size=(5000, 2)), 1.2 * r.normal(size=(1000, 2)) + 0.3),
    "n=1000, m=5000": lambda r: (r.normal(size=(1000, 2)), 1.2 * r.normal(size=(5000, 2)) + 0.3),
}

for n in (1000, 5000, 10000):
    for d in (2, 64):
        X, Y = gaussians(n, d)
        compare(f"exact W2, n={n}, d={d}", X, Y, 8 if n < 5000 else 12, repeats=1 if n == 10000 else None)
        if n < 10000:
            compare(f"exact W2, random weights, n={n}, d={d}", X, Y, 5, a=uniform_weights(n, "a"),
                    b=uniform_weights(n, "b"))
for d, wanted in ((2, 100), (64, 10)):
    memory(f"exact W2, n=10000, d={d}: peak memory", *gaussians(10000, d), wanted)
for name, make in NASTY.items():
    X, Y, *masses = data(name, make)
    for p in (2, 1):
        compare(f"nasty W{p}: {name}", X, Y, 1, p, *masses, repeats=1)

# SPDX-License-Identifier: Apache-2.0
"""Exact transport against POT's emd2, on data of every kind that transport solvers break on.

Each row compares the program's value with emd2's, and adds the program's own certificate, the duality gap, which
bounds its error without any peer. POT gets cost matrices from SciPy's cdist: its own ot.dist expands the square and
loses digits on shifted data."""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
from common import agrees, data, reading  # noqa: E402

import numpy as np  # noqa: E402
import ot  # noqa: E402
from scipy.spatial.distance import cdist  # noqa: E402

N = 800


def grid_histograms(r):
    """Two smooth histograms on the same 24 x 24 grid: costs with ties everywhere."""
    points = np.stack(np.meshgrid(np.arange(24.0), np.arange(24.0)), -1).reshape(-1, 2)

    def blobs(centres):
        masses = sum(np.exp(-((points - c) ** 2).sum(1) / 18) for c in centres) + 1e-3 * r.uniform(size=len(points))
        return masses / masses.sum()

    return points, points, blobs([(6, 8), (17, 15)]), blobs([(11, 19), (18, 4)])


def clusters(r, d, shares):
    centres = np.zeros((3, d))
    centres[1, 0] = centres[2, 1] = 100
    return centres[r.choice(3, size=N, p=shares)] + r.normal(size=(N, d))


def line(r, shift):
    t = r.normal(size=N) + shift
    return np.stack([t, 2 * t], 1)


def weights(r, n):
    w = r.uniform(0.1, 1.9, n)
    return w / w.sum()


def log_weights(r, n):
    w = np.exp(3 * r.normal(size=n))
    return w / w.sum()


def with_zeros(r, n):
    w = weights(r, n)
    w[::3] = 0
    return w / w.sum()


CASES = {
    "random, d=2": lambda r: (r.normal(size=(N, 2)), 1.2 * r.normal(size=(N, 2)) + 0.3),
    "random, d=64": lambda r: (r.normal(size=(N, 64)), 1.2 * r.normal(size=(N, 64)) + 0.3),
    "random weights, d=2": lambda r: (r.normal(size=(N, 2)), r.normal(size=(N, 2)), weights(r, N), weights(r, N)),
    "random weights, d=64": lambda r: (r.normal(size=(N, 64)), r.normal(size=(N, 64)), weights(r, N), weights(r, N)),
    "weights over nine decades": lambda r: (r.normal(size=(N, 2)), r.normal(size=(N, 2)), log_weights(r, N),
                                            log_weights(r, N)),
    "a third of the weights 0": lambda r: (r.normal(size=(N, 2)), r.normal(size=(N, 2)), with_zeros(r, N),
                                           with_zeros(r, N)),
    "weights equal but for float32": lambda r: (r.normal(size=(N, 2)), r.normal(size=(N, 2)),
                                                (lambda w: w / w.sum())(1 + 1e-8 * r.normal(size=N)),
                                                np.full(N, 1 / N)),
    "n = 10 m": lambda r: (r.normal(size=(2000, 2)), r.normal(size=(200, 2))),
    "m = 10 n": lambda r: (r.normal(size=(200, 2)), r.normal(size=(2000, 2))),
    "integer grid, d=2": lambda r: (r.integers(0, 8, (N, 2)).astype(float), r.integers(0, 8, (N, 2)).astype(float)),
    "60 points, each many times, d=64": lambda r: (r.normal(size=(60, 64))[r.integers(0, 60, N)],
                                                   r.normal(size=(60, 64))[r.integers(0, 60, N)]),
    "grid histograms": grid_histograms,
    "collinear": lambda r: (line(r, 0), 1.3 * line(r, 0.4)),
    "far clusters of unequal mass, d=2": lambda r: (clusters(r, 2, [.5, .3, .2]), clusters(r, 2, [.2, .3, .5])),
    "far clusters of unequal mass, d=64": lambda r: (clusters(r, 64, [.5, .3, .2]), clusters(r, 64, [.2, .3, .5])),
    "heavy tails t(1.5), d=2": lambda r: (r.standard_t(1.5, (N, 2)), r.standard_t(1.5, (N, 2))),
    "heavy tails t(1.5), d=64": lambda r: (r.standard_t(1.5, (N, 64)), r.standard_t(1.5, (N, 64))),
    "shifted by 1000, d=2": lambda r: (r.normal(size=(N, 2)) + 1000, 1.2 * r.normal(size=(N, 2)) + 1000.3),
    "shifted by 1000, d=64": lambda r: (r.normal(size=(N, 64)) + 1000, 1.2 * r.normal(size=(N, 64)) + 1000.3),
    "one point against many": lambda r: (r.normal(size=(1, 3)), r.normal(size=(N, 3))),
}


def compare(name, make, p):
    X, Y, *masses = data(name, make)
    a, b = masses or (np.full(len(X), 1 / len(X)), np.full(len(Y), 1 / len(Y)))
    cost = cdist(X, Y) if p == 1 else cdist(X, Y, "sqeuclidean")
    arguments = ["distance", X, Y, "-m", f"w{p}"]
    if masses:
        arguments += ["--weights-x", a, "--weights-y", b]
    ours = reading(arguments)
    agrees(f"W{p}^{p}, {name}", "POT emd2", ours["power"], ot.emd2(a, b, cost, numItermax=10**8), 1e-9)
    agrees(f"W{p}, {name}: primal / dual", "1, by the duality gap", 1 + ours["gap"], 1, 1e-9)


for name, make in CASES.items():
    for p in (2, 1):
        compare(name, make, p)

# SPDX-License-Identifier: Apache-2.0
"""Neighbour, moment and histogram distances against SciPy on ordinary and nasty data."""
from common import agrees, data, reading

import numpy as np
from scipy import linalg
from scipy.spatial import cKDTree
from scipy.spatial.distance import jensenshannon


def kl(x, y, k):
    n, d = x.shape
    rho = cKDTree(x).query(x, k=[k + 1])[0][:, 0]
    nu = cKDTree(y).query(x, k=[k])[0][:, 0]
    return d * np.log(nu / rho).mean() + np.log(len(y) / (n - 1))


def frechet(x, y):
    a, b = np.cov(x, rowvar=False), np.cov(y, rowvar=False)
    root = linalg.sqrtm(a @ b).real
    return ((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(a + b - 2 * root)


def clusters(r, n, d):
    return r.normal(size=(n, d)) * 1e-3 + 1e4 * r.integers(0, 5, size=(n, 1))


makers = {
    "normal": lambda r, n, d: r.normal(size=(n, d)),
    "offset 1e6": lambda r, n, d: r.normal(size=(n, d)) + 1e6,
    "tight clusters": clusters,
    "heavy tails": lambda r, n, d: r.standard_t(1.5, size=(n, d)),
}
for name, make in makers.items():
    for d in (1, 2, 8, 40):
        x, y = data(f"{name} {d}", lambda r: (make(r, 1500, d), make(r, 1200, d)))
        for k in (1, 5):
            mine = reading(["distance", x, y, "-m", f"kl-knn:k={k}"])["value"]
            agrees(f"kl-knn k={k}, {name}, d={d}", "SciPy cKDTree", mine, kl(x, y, k), 1e-9, absolute=1e-9)

for d in (2, 20, 64):
    x, y = data(f"frechet {d}", lambda r: (r.normal(size=(3000, d)) @ r.normal(size=(d, d)), 0.3 + 1.2 * r.normal(size=(2500, d))))
    agrees(f"frechet, d={d}", "SciPy sqrtm", reading(["distance", x, y, "-m", "frechet"])["value"], frechet(x, y), 1e-9)

x, y = data("histogram", lambda r: (r.normal(size=(4000, 1)), r.normal(size=(3000, 1)) + 0.4))
edges = np.histogram_bin_edges(np.concatenate([x, y]), bins=20)
p, q = (np.histogram(s, bins=edges)[0] / len(s) for s in (x, y))
agrees("histogram, js", "SciPy jensenshannon", reading(["distance", x, y, "-m", "histogram"])["value"],
       jensenshannon(p, q) ** 2, 1e-12)

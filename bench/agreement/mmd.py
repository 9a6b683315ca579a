# SPDX-License-Identifier: Apache-2.0
"""MMD² by every kernel and estimator, and the energy distance, against plain double-precision NumPy written from the
formulas, also on data shifted by 1000 and in float32."""
from common import agrees, data, reading

import numpy as np
from scipy.spatial.distance import cdist, pdist


def kernel_matrix(name, A, B, sigmas, a=1.0):
    r2 = cdist(A, B, "sqeuclidean")
    if name == "gaussian":
        return sum(np.exp(-r2 / (2 * s * s)) for s in sigmas)
    if name == "laplacian":
        return sum(np.exp(-cdist(A, B, "cityblock") / s) for s in sigmas)
    if name == "imq":
        return sum((1 + r2 / s**2) ** -0.5 for s in sigmas)
    if name == "rq":
        return sum((1 + r2 / (2 * a * s * s)) ** -a for s in sigmas)
    if name == "polynomial":
        return (A @ B.T / A.shape[1] + 1) ** 3
    return -np.sqrt(r2)


def biased(kernel, X, Y):
    return kernel(X, X).mean() + kernel(Y, Y).mean() - 2 * kernel(X, Y).mean()


def unbiased(kernel, X, Y):
    n, m = len(X), len(Y)
    xx, yy = kernel(X, X), kernel(Y, Y)
    return ((xx.sum() - np.trace(xx)) / (n * (n - 1)) + (yy.sum() - np.trace(yy)) / (m * (m - 1))
            - 2 * kernel(X, Y).mean())


def linear(kernel, X, Y):
    p = min(len(X), len(Y)) // 2 * 2
    one = lambda A, B: np.array([kernel(A[i:i + 1], B[i:i + 1])[0, 0] for i in range(len(A))])
    X, x, Y, y = X[:p:2], X[1:p:2], Y[:p:2], Y[1:p:2]
    return (one(X, x) + one(Y, y) - one(X, y) - one(x, Y)).mean()


def block(kernel, X, Y, size=20):
    count = min(len(X), len(Y)) // size
    return np.mean([unbiased(kernel, X[b * size:(b + 1) * size], Y[b * size:(b + 1) * size]) for b in range(count)])


ESTIMATORS = {"biased": biased, "unbiased": unbiased, "linear": linear, "block": block}
for d in (1, 3, 20):
    X, Y = data(f"mmd {d}", lambda r: (r.normal(size=(700, d)), r.normal(size=(620, d)) * 1.2 + 0.3))
    sigmas = [0.5 * d**0.5, d**0.5, 2.7 * d**0.5]
    for name in ("gaussian", "laplacian", "imq", "rq", "polynomial", "energy"):
        for shift in (0, 1000):
            if shift and name == "polynomial":
                continue  # it is not a kernel of x - y: plain NumPy itself loses all digits there
            x, y = X + shift, Y + shift
            options = "" if name in ("polynomial", "energy") else ",bandwidth=" + "+".join(map(repr, map(float, sigmas)))
            for estimator, formula in ESTIMATORS.items():
                extra = ",block=20" if estimator == "block" else ""
                ours = reading(["distance", x, y, "-m", f"mmd:kernel={name},estimator={estimator}{options}{extra}"])
                theirs = formula(lambda A, B: kernel_matrix(name, A, B, sigmas), x, y)
                agrees(f"mmd {name} {estimator}, d={d}, shift {shift}", "NumPy", ours["value"], theirs, 1e-6)
        if name in ("gaussian", "energy"):
            x, y = X.astype(np.float32) + np.float32(1000), Y.astype(np.float32) + np.float32(1000)
            ours = reading(["distance", x, y, "-m", f"mmd:kernel={name}{options}"])
            theirs = unbiased(lambda A, B: kernel_matrix(name, A, B, sigmas), x.astype(float), y.astype(float))
            agrees(f"mmd {name} unbiased, d={d}, float32, shift 1000", "NumPy float64", ours["value"], theirs, 1e-6)
    theirs = biased(lambda A, B: kernel_matrix("energy", A, B, None), X, Y)
    agrees(f"energy, d={d}", "NumPy", reading(["distance", X, Y, "-m", "energy"])["value"], theirs, 1e-9)
    agrees(f"median heuristic, d={d}", "SciPy pdist", reading(["distance", X, Y, "-m", "mmd"])["options"]["bandwidth"],
           np.median(pdist(np.concatenate([X, Y]))), 1e-12)

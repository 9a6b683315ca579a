# SPDX-License-Identifier: Apache-2.0
"""A permutation test of MMD, 1000 relabellings of 2 × 1000 points, against the best that NumPy can do: the kernel
matrix once, then one product with the matrix of all sign vectors."""
from common import data, race

import numpy as np

N, D, B = 1000, 64, 1000
GAMMA = 1 / (2 * D)


def one_product(X, Y):
    Z = np.concatenate([X, Y])
    h = (Z * Z).sum(1)
    K = np.exp(-GAMMA * np.maximum(h[:, None] + h[None] - 2 * Z @ Z.T, 0))
    r = np.random.default_rng(0)
    S = np.empty((2 * N, B + 1), Z.dtype)
    S[:N, 0], S[N:, 0] = 1, -1
    for b in range(1, B + 1):
        order = r.permutation(2 * N)
        S[order[:N], b], S[order[N:], b] = 1, -1
    values = np.einsum("ib,ib->b", S, K @ S) / N**2
    return values[0], (1 + (values[1:] >= values[0]).sum()) / (1 + B)


def judge(theirs, ours):
    if abs(ours["value"] - theirs[0]) > 1e-5 * theirs[0]:
        return f"statistic {ours['value']!r} against {theirs[0]!r}"
    p = theirs[1]
    if abs(ours["p_value"] - p) > 6 * (p * (1 - p) / B + 1 / B**2) ** 0.5:
        return f"p {ours['p_value']} against {p}, with other permutations"
    return None


X, Y = data("permutation", lambda r: (r.standard_normal((N, D)), r.standard_normal((N, D)) * 1.005))
x, y = X.astype(np.float32), Y.astype(np.float32)
test = ["-m", f"mmd:estimator=biased,bandwidth={(0.5 / GAMMA) ** 0.5!r}", "--permutations", B]
task = f"permutation test of MMD, n={N}, d={D}, B={B}"
race(task, "NumPy, one product, float64", lambda: one_product(X, Y), ["test", X, Y] + test, wanted=2.5, agree=judge)
race(task + ", float32", "NumPy, one product, float64", lambda: one_product(X, Y), ["test", x, y] + test, wanted=2.5,
     agree=judge)

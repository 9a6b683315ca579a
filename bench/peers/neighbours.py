# SPDX-License-Identifier: Apache-2.0
"""Nearest-neighbour divergence and precision/recall/density/coverage against SciPy's k-d tree and faiss."""
from common import data, race

import numpy as np
from scipy.spatial import cKDTree
import faiss

N, D, K = 50000, 8, 5
X, Y = data("neighbours", lambda r: (r.standard_normal((N, D)), r.standard_normal((N, D)) * 1.2 + 0.2))


def divergence(rho, nu):
    return D * np.log(nu / rho).mean() + np.log(N / (N - 1))


def scipy_divergence():
    rho = cKDTree(X).query(X, k=[K + 1])[0][:, 0]
    nu = cKDTree(Y).query(X, k=[K])[0][:, 0]
    return divergence(rho, nu)


def faiss_distances(points, queries, k):
    index = faiss.IndexFlatL2(D)
    index.add(points)
    return np.sqrt(np.maximum(index.search(queries, k)[0][:, k - 1], 0).astype(float))


def faiss_divergence():
    x, y = X.astype(np.float32), Y.astype(np.float32)
    return divergence(faiss_distances(x, x, K + 1), faiss_distances(y, x, K))


faiss.omp_set_num_threads(1)
OURS = ["distance", X, Y, "-m", f"kl-knn:k={K}"]
race(f"kl-knn, n={N}, d={D}, k={K}", "SciPy cKDTree", scipy_divergence, OURS, wanted=4, tolerance=1e-12)
race(f"kl-knn, n={N}, d={D}, k={K}", "faiss (float32)", faiss_divergence, OURS, wanted=5, tolerance=1e-3)

P, Q = data("prdc", lambda r: (r.standard_normal((5000, 64)), r.standard_normal((5000, 64)) * 0.9))


def numpy_prdc(k=5):
    """The formulas of Kynkäänniemi et al. and Naeem et al. with full matrices, as the prdc package computes them."""
    from sklearn.metrics import pairwise_distances
    pp, qq, pq = pairwise_distances(P), pairwise_distances(Q), pairwise_distances(P, Q)
    p_radius, q_radius = np.partition(pp, k, axis=1)[:, k], np.partition(qq, k, axis=1)[:, k]
    inside = pq <= p_radius[:, None]
    return dict(precision=inside.any(0).mean(), recall=(pq <= q_radius[None, :]).any(1).mean(),
                density=inside.sum() / (k * len(Q)), coverage=(pq.min(1) <= p_radius).mean())


def same_parts(theirs, reading):
    worst = max(abs(theirs[name] - reading["parts"][name]) for name in theirs)
    return None if worst < 1e-3 else f"{reading['parts']} against {theirs}"  # matrices cancel: a borderline pair may differ


race("prdc, n=5000, d=64, k=5", "NumPy, scikit-learn", numpy_prdc, ["distance", P, Q, "-m", "prdc"], wanted=None,
     agree=same_parts)

# SPDX-License-Identifier: Apache-2.0
"""Transport on the line and along random lines against SciPy, POT and NumPy 2's own sort."""
from common import data, race

import numpy as np
import ot
from scipy.stats import wasserstein_distance

N = 10**6
X, Y = data("line", lambda r: (r.standard_normal(N), r.standard_normal(N) * 1.1 + 0.2))
W1 = ["distance", X[:, None], Y[:, None], "-m", "w1"]
race("W1, n=1000000, d=1", "SciPy wasserstein_distance", lambda: wasserstein_distance(X, Y), W1, wanted=25,
     tolerance=1e-12, our_repeats=7)
race("W1, n=1000000, d=1", "POT emd2_1d", lambda: ot.emd2_1d(X, Y, metric="euclidean"), W1, wanted=8,
     tolerance=1e-11, our_repeats=7)
race("W1, n=1000000, d=1", "NumPy 2 sort", lambda: np.abs(np.sort(X) - np.sort(Y)).mean(), W1, wanted=1,
     tolerance=1e-12, repeats=7, our_repeats=7)

M, D, L = 10000, 64, 100
P, Q = data("sliced", lambda r: (r.standard_normal((M, D)), r.standard_normal((M, D)) * 1.2 + 0.3))
LINES = data("projections", lambda r: r.standard_normal((D, L)))
LINES /= np.linalg.norm(LINES, axis=0)
SLICED = ["distance", P, Q, "-m", f"sliced:projections={L}"]


def near(theirs, reading):
    """Other directions: the values agree within five standard errors of either mean."""
    error = abs(theirs - reading["value"])
    return None if error < 5 * np.sqrt(2) * reading["standard_error"] else f"{reading['value']} against {theirs}"


race(f"sliced W2, {L} directions, n={M}, d={D}", "POT sliced",
     lambda: ot.sliced_wasserstein_distance(P, Q, projections=LINES, n_projections=L), SLICED, wanted=15, agree=near,
     our_repeats=5)
race(f"sliced W2, {L} directions, n={M}, d={D}", "NumPy 2 product and sort",
     lambda: np.sqrt(((np.sort(P @ LINES, 0) - np.sort(Q @ LINES, 0)) ** 2).mean()), SLICED, wanted=1.3, agree=near,
     repeats=5, our_repeats=5)
p, q, lines = (a.astype(np.float32) for a in (P, Q, LINES))
race(f"sliced W2, float32, {L} directions, n={M}, d={D}", "NumPy 2 product and sort",
     lambda: np.sqrt(((np.sort(p @ lines, 0) - np.sort(q @ lines, 0)) ** 2).mean()),
     ["distance", p, q, "-m", f"sliced:projections={L}"], wanted=1.3, agree=near, repeats=5, our_repeats=5)

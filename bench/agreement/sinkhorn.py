# SPDX-License-Identifier: Apache-2.0
"""Transport on the line against SciPy and POT; entropic transport against POT's log-domain solver and, as eps goes
to 0, against exact transport; sliced transport with POT on the same directions is in bench/peers."""
from common import agrees, data, reading

import numpy as np
import ot
from scipy.stats import wasserstein_distance

makers = {
    "normal": lambda r, n: r.normal(size=n),
    "ties": lambda r, n: r.integers(0, 9, size=n).astype(float),
    "heavy tails": lambda r, n: r.standard_t(1.5, size=n),
    "offset 1e6": lambda r, n: r.normal(size=n) + 1e6,
}
for name, make in makers.items():
    for n, m in ((1000, 1000), (1000, 777), (1, 50)):
        x, y = data(f"line {name}", lambda r: (make(r, n), make(r, m)))
        mine = reading(["distance", x[:, None], y[:, None], "-m", "w1"])["value"]
        agrees(f"W1, {name}, n={n}, m={m}", "SciPy", mine, wasserstein_distance(x, y), 1e-12)
        mine = reading(["distance", x[:, None], y[:, None], "-m", "w2"])["power"]
        agrees(f"W2 squared, {name}, n={n}, m={m}", "POT emd2_1d", mine, ot.emd2_1d(x, y), 1e-11)


def entropic(x, y, eps, p):
    """(OT_eps, its plan's cost) from POT's log-domain plan."""
    cost = ot.dist(x, y, "euclidean") ** p
    a, b = np.full(len(x), 1 / len(x)), np.full(len(y), 1 / len(y))
    plan = ot.sinkhorn(a, b, cost, eps, method="sinkhorn_log", numItermax=600, stopThr=1e-11, warn=False)
    ratio = np.where(plan > 0, plan / (a[:, None] * b[None]), 1)
    return float((plan * cost).sum() + eps * (plan * np.log(ratio)).sum()), float((plan * cost).sum())


for d in (1, 2, 20):
    for p in (1, 2, 3):
        for size in (60, 280):  # 280 points a side begin with float32 sweeps
            x, y = data(f"sinkhorn {d}", lambda r: (r.normal(size=(size, d)), 1.3 * r.normal(size=(size - 20, d)) + 0.4))
            eps = 0.2 * float((ot.dist(x, y, "euclidean") ** p).mean())
            spec = f"sinkhorn:p={p},eps-absolute={eps!r}"
            value, cost = entropic(x, y, eps, p)
            mine = reading(["distance", x, y, "-m", spec + ",debias=no"])
            task = f"p={p}, d={d}, n={size}"
            agrees(f"OT_eps, {task}", "POT sinkhorn_log", mine["value"], value, 1e-8)
            agrees(f"its plan's cost, {task}", "POT sinkhorn_log", mine["transport_cost"], cost, 1e-6)
            if size > 60 and d != 2:
                continue
            debiased = value - (entropic(x, x, eps, p)[0] + entropic(y, y, eps, p)[0]) / 2
            agrees(f"Sinkhorn divergence, {task}", "POT sinkhorn_log",
                   reading(["distance", x, y, "-m", spec])["value"], debiased, 1e-6)

x, y = data("limit", lambda r: (r.normal(size=(100, 2)), r.normal(size=(90, 2)) + 0.5))
exact = float(ot.emd2(np.full(100, 0.01), np.full(90, 1 / 90), ot.dist(x, y)))
for eps in (1e-2, 1e-3, 1e-4):
    mine = reading(["distance", x, y, "-m", f"sinkhorn:debias=no,iterations=20000,eps={eps}"])
    bound = float(mine["options"]["eps-absolute"]) * np.log(9000)  # KL of a plan is at most ln nm
    agrees(f"OT_eps within eps ln nm of exact transport, eps={eps:g}", "POT emd2", mine["value"], exact, 0, absolute=bound)

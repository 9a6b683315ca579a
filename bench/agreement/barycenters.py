# SPDX-License-Identifier: Apache-2.0
"""Barycentres against POT: the line, free support from the same start, and histograms on a line and on images.

POT's grids have sides of 1, so its reg is our epsilon over the squared number of steps from end to end; its
iterations are stopped far below ours, so that what is compared are the fixed points. Its default method starts where
unequal weights do not lead to that fixed point (its margins stay off), so POT's log-domain ones are compared."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
from common import agrees, program  # noqa: E402

import numpy as np  # noqa: E402
import ot  # noqa: E402


def ours(arrays, *options):
    """Arrays of DATA, options; the JSON and the written arrays."""
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for k, array in enumerate(arrays):
            names.append(os.path.join(folder, f"{k}.npy"))
            np.save(names[-1], array)
        words = []
        for option in options:
            if isinstance(option, np.ndarray):
                words.append(os.path.join(folder, f"option{len(words)}.npy"))
                np.save(words[-1], option)
            else:
                words.append(str(option))
        output = os.path.join(folder, "out.npz")
        ran = subprocess.run([program(), "barycenter", *names, *words, "--json", "--quiet", "-o", output],
                             capture_output=True, text=True, check=True)
        with np.load(output) as written:
            return json.loads(ran.stdout), {key: written[key] for key in written.files}


r = np.random.default_rng(0)

# The line: of equally many points, the mean of sorted columns, also by POT's own free support.
X = [r.normal(size=(200, 1)) * s + m for s, m in ((1, 0), (2, 5), (0.3, -4))]
found, arrays = ours(X, "--shares", "2,1,1")
agrees("line, 3 x 200", "sorted means", arrays["points"][:, 0],
          np.average([np.sort(x[:, 0]) for x in X], axis=0, weights=[2, 1, 1]), 1e-12)
free = ot.lp.free_support_barycenter(X, [ot.unif(200)] * 3, X[0].copy(), weights=np.array([.5, .25, .25]),
                                     stopThr=0, numItermax=50)
agrees("line, 3 x 200", "POT free support", arrays["points"][:, 0], np.sort(free[:, 0]), 1e-12)

# Free support.
for d in (2, 10):
    X = [r.normal(size=(n, d)) * s + m for n, s, m in ((80, 1, 0), (100, 2, 1), (60, .5, -1))]
    a = [r.uniform(.1, 1.9, len(x)) for x in X]
    a = [w / w.sum() for w in a]
    start = r.normal(size=(50, d))
    weights = [w for one in a for w in ("--weights", one)]
    found, arrays = ours(X, "--shares", "2,1,1", "--start", start, "--iterations", 1000, "--tolerance", 1e-28, *weights)
    theirs = ot.lp.free_support_barycenter(X, a, start.copy(), weights=np.array([.5, .25, .25]), stopThr=0,
                                           numItermax=1000)
    agrees(f"free support, d={d}, fixed point after {found['iterations']} steps", "POT", arrays["points"], theirs, 1e-9)
    value = sum(share * ot.emd2(ot.unif(50), w, ot.dist(arrays["points"], x)) for share, w, x in zip((.5, .25, .25), a, X))
    agrees(f"free support, d={d}: value", "POT emd2", found["value"], value, 1e-9)

# Histograms on a line.
cells = np.arange(60.0)
H = np.stack([np.exp(-.5 * ((cells - m) / s) ** 2) for m, s in ((12, 3), (30, 6), (48, 2))])
H += .01 * r.uniform(size=H.shape)
H /= H.sum(1, keepdims=True)
lam = np.array([.5, .3, .2])
for epsilon in (10., 2.):
    found, arrays = ours([H], "--grid", "--epsilon", epsilon, "--shares", "5,3,2", "--tolerance", 1e-12)
    M = (cells[:, None] - cells) ** 2
    theirs = ot.barycenter(H.T.copy(), M, epsilon, weights=lam, method="sinkhorn_log",
                            numItermax=100000, stopThr=1e-14)
    agrees(f"line of 60 cells, eps={epsilon:g}", "POT barycenter", arrays["masses"][0], theirs / theirs.sum(), 1e-6)
# Debiased, margins creep like 1/steps where there is next to no mass; POT's first step differs, and fades as slowly.
found, arrays = ours([H], "--grid", "--epsilon", 10., "--debias", "--tolerance", 1e-15, "--iterations", 20000)
theirs = ot.bregman.barycenter_debiased(H.T.copy(), M, 10., numItermax=20000, stopThr=0)
agrees("line of 60 cells, debiased, 20000 steps", "POT", arrays["masses"][0], theirs / theirs.sum(), 1e-3)

# Images.
y, x = np.mgrid[0:40., 0:40.]
rings = np.stack([np.exp(-.5 * (np.hypot((x - cx) / ax, (y - cy) / ay) - 1) ** 2 / .02)
                  for cx, cy, ax, ay in ((14, 14, 8, 10), (24, 22, 13, 6), (18, 26, 6, 6))])
rings /= rings.sum((1, 2), keepdims=True)
epsilon = 20.
found, arrays = ours([rings], "--grid", "--epsilon", epsilon, "--shares", "5,3,2", "--tolerance", 1e-11)
theirs = ot.bregman.convolutional_barycenter2d(rings, epsilon / 39**2, weights=lam, method="sinkhorn_log",
                                              numItermax=1000, stopThr=1e-13)
agrees("images of 40 x 40", "POT convolutional", arrays["masses"], theirs / theirs.sum(), 1e-6)

# SPDX-License-Identifier: Apache-2.0
"""The Python package against what one would call instead: POT, PyTorch's autograd, GeomLoss. Needs the package in the
environment of the peers (its `pip install` takes this clone), and time_distance of bench/ for the overhead of a call.

Both sides are called from this process, on one thread, in turns. The same numbers first: values, and for losses their
gradients, are compared before anything is timed."""
import json
import statistics
import subprocess
import sys
import tempfile
import time

from common import ROOT, REPEATS, data, row, timed, wanted_row

import numpy as np

try:
    import pushforward as pf
    import torch
    from pushforward.torch import Loss
except ImportError as error:
    sys.exit(f"python_calls: {error}; install the package into {sys.executable}: -m pip install {ROOT}")

torch.set_num_threads(1)
pf.set_threads(1)


def turns(task, peer, theirs, ours, agree, wanted, repeats=REPEATS):
    """Times theirs() against ours(), once each round, after agree(their result, our result) is None."""
    if not wanted_row(task):
        return
    problem = agree(theirs(), ours())
    if problem:
        sys.exit(f"{task}: disagrees with {peer}: {problem}")
    pairs = [(timed(theirs)[1], timed(ours)[1]) for _ in range(repeats)]
    row(task, peer, *(statistics.median(side) for side in zip(*pairs)), wanted)


def close(tolerance):
    """Values, or values and gradients, within `tolerance` of the largest of each."""

    def compare(theirs, mine):
        for a, b in zip(np.atleast_1d(theirs) if np.isscalar(theirs) else theirs, np.atleast_1d(mine) if np.isscalar(mine) else mine):
            a, b = np.asarray(a, float), np.asarray(b, float)
            error = np.abs(a - b).max() / np.abs(a).max()
            if not error <= tolerance:
                return f"relative difference {error:.1e}, wanted {tolerance:.0e}"
        return None

    return compare


# ---- the overhead of a call ----


def each_call(function, calls=2000):
    """Least mean over batches of calls: noise only ever adds."""
    function()
    means = []
    for _ in range(10):
        start = time.perf_counter()
        for _ in range(calls // 10):
            function()
        means.append((time.perf_counter() - start) / (calls // 10))
    return min(means)


def overhead(name):
    task = f"overhead of a call, {name}, n=100 (microseconds)"
    if not wanted_row(task):
        return
    timer = ROOT / "build/release/bench/time_distance"
    if not timer.exists():
        print(f"{task}: {timer} is not built (cmake --preset release -DPUSHFORWARD_BENCH=ON); left out")
        return
    x, y = data(f"overhead {name}", lambda r: (r.normal(size=(100, 2)), r.normal(size=(100, 2)) + 0.3))
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/x.npy", x), np.save(f"{folder}/y.npy", y)
        done = subprocess.run([timer, name, f"{folder}/x.npy", f"{folder}/y.npy", "2000", "1"], check=True, capture_output=True)
    seconds = json.loads(done.stdout)["seconds"]
    alone = min(statistics.mean(seconds[k : k + 200]) for k in range(0, 2000, 200))
    made = pf.distances.Distance.__subclasses__()
    made = next(kind for kind in made if kind.name == name)()
    for label, call in [("object", lambda: made(x, y)), ("function", lambda: pf.distance(x, y, name))]:
        micro = (each_call(call) - alone) * 1e6
        print(f"{task:<52} {label + ', above C++':<26} {alone * 1e6:9.3g} {micro:9.3g}    wanted under 5{'' if micro < 5 else '  short'}")


# ---- exact transport ----


def solve_sample(d):
    import ot

    x, y = data(f"solve_sample {d}", lambda r: (r.normal(size=(5000, d)), 1.2 * r.normal(size=(5000, d)) + 0.3))
    turns(f'distance(x, y, "w2"), n=5000, d={d}', "POT solve_sample", lambda: np.sqrt(ot.solve_sample(x, y).value),
          lambda: pf.distance(x, y, "w2").value, close(1e-9), 12, 1)


# ---- losses ----


def backward(loss, x, y):
    """The value and the gradient in y of one forward and one backward pass."""
    y = y.detach().requires_grad_()
    value = loss(x, y)
    value.backward()
    return value.item(), y.grad.numpy()


BANDWIDTHS = [2.0, 5.0, 10.0, 20.0, 40.0]


class TorchMMD:
    """The usual GMMN loss: one matrix of squared distances, a sum of Gaussian kernels, biased."""

    def __call__(self, x, y):
        z = torch.cat([x, y])
        squares = (z * z).sum(1)
        d2 = squares[:, None] + squares[None] - 2 * z @ z.T
        k = sum(torch.exp(-d2 / (2 * s * s)) for s in BANDWIDTHS)
        n = len(x)
        return k[:n, :n].mean() + k[n:, n:].mean() - 2 * k[:n, n:].mean()


def mmd():
    x, y = data("mmd loss", lambda r: (r.normal(size=(2000, 64)), r.normal(size=(2000, 64)) + 0.3))
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    loss = Loss("mmd", bandwidth=BANDWIDTHS, estimator="biased")
    # float32: theirs takes the difference of means near 1.
    turns("MMD, 5 bandwidths, loss and gradient, n=2000, d=64", "PyTorch autograd", lambda: backward(TorchMMD(), x, y),
          lambda: backward(loss, x, y), close(1e-3), 10)


def sinkhorn():
    from geomloss import SamplesLoss

    x, y = data("sinkhorn loss", lambda r: (r.uniform(size=(1000, 2)), r.uniform(size=(1000, 2)) ** 2))
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    eps = 0.05
    loss = Loss("sinkhorn", p=2, eps_absolute=eps)

    def theirs(scaling):
        # Theirs halves the cost: the same plan has half the eps (blur squared), and the value is half of ours.
        measure = SamplesLoss("sinkhorn", p=2, blur=(eps / 2) ** 0.5, backend="tensorized", scaling=scaling)
        return backward(lambda x, y: 2 * measure(x, y), x, y)

    # Its default stops before it has converged (value 4 %, gradient 28 % off); near scaling 1 it arrives at ours.
    problem = close(2e-2)(theirs(0.99), backward(loss, x, y))
    if problem:
        sys.exit(f"Sinkhorn divergence: disagrees with GeomLoss at scaling=0.99: {problem}")
    for scaling, wanted in [(0.5, 5), (0.9, None)]:
        turns("Sinkhorn divergence, loss and gradient, n=1000, d=2", f"GeomLoss, scaling={scaling}", lambda: theirs(scaling),
              lambda: backward(loss, x, y), lambda *_: None, wanted)


# ---- a training ----


def gmmn_steps(loss, steps):
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(16, 64), torch.nn.ReLU(), torch.nn.Linear(64, 64))
    descent = torch.optim.Adam(net.parameters(), 1e-3)
    x = torch.randn(1000, 64) * 2 + 1
    losses = []
    for _ in range(steps):
        descent.zero_grad()
        value = loss(x, net(torch.rand(1000, 16)))
        value.backward()
        descent.step()
        losses.append(value.item())
    return [np.array(losses)]


def gmmn():
    loss = Loss("mmd", bandwidth=BANDWIDTHS, estimator="biased")
    turns("GMMN in PyTorch, 20 steps of 1000 + 1000 points", "the loss in PyTorch", lambda: gmmn_steps(TorchMMD(), 20),
          lambda: gmmn_steps(loss, 20), close(1e-3), 1.5)


overhead("frechet")  # whose own work is small, so that the difference is no noise
for d in (2, 64):
    solve_sample(d)
mmd()
sinkhorn()
gmmn()

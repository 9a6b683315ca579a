# SPDX-License-Identifier: Apache-2.0
"""MMD² with five Gaussian bandwidths (σ² in ratio 2) and its gradient, n = 10000 a side in float32, against
scikit-learn's kernels, PyTorch, JAX in row blocks, and NumPy written by hand (in place, row blocks, squarings).

The values compared are those of the biased estimator; peers in float32 agree to about 1e-3 only, because MMD² is a
difference of nearly equal sums: ours is checked against scikit-learn in float64 at n = 2000 first."""
import json
import pathlib
import subprocess
import sys

from common import REPEATS, _argument, data, program, race, reading, row, timed, two_threads, wanted_row

import numpy as np

N = 10000
GAMMAS = (1, 2, 4, 8, 16)


def gammas(d):
    return [0.25 / (2 * d) * g for g in GAMMAS]


def spec(d):
    return "mmd:estimator=biased,bandwidth=" + "+".join(repr((0.5 / g) ** 0.5) for g in gammas(d))


def samples(n, d):
    return data(f"mmd {n} {d}", lambda r: (r.standard_normal((n, d), np.float32),
                                           1.2 * r.standard_normal((n, d), np.float32) + np.float32(0.3)))


def combine(sums, n):
    xx, yy, xy = sums
    return (xx + yy - 2 * xy) / n**2


def sklearn_mmd(X, Y):
    from sklearn.metrics.pairwise import rbf_kernel
    d = X.shape[1]
    return combine([sum(float(rbf_kernel(A, B, g).sum()) for g in gammas(d)) for A, B in ((X, X), (Y, Y), (X, Y))], len(X))


def numpy_mmd(X, Y):
    g, n = np.float32(gammas(X.shape[1])[0]), len(X)
    hx, hy = g * (X * X).sum(1), g * (Y * Y).sum(1)
    block = np.empty((500, n), np.float32)

    def kernel_sum(A, B, ha, hb):
        total = 0.0
        for i in range(0, n, 500):
            np.dot(A[i:i + 500], B.T, out=block)
            np.multiply(block, 2 * g, out=block)
            np.subtract(block, ha[i:i + 500, None], out=block)
            np.subtract(block, hb[None], out=block)
            np.exp(block, out=block)
            for k in range(5):
                total += float(block.sum())
                if k < 4:
                    np.multiply(block, block, out=block)
        return total

    return combine([kernel_sum(X, X, hx, hx), kernel_sum(Y, Y, hy, hy), kernel_sum(X, Y, hx, hy)], n)


def torch_mmd(X, Y, gradient=False):
    import torch
    torch.set_num_threads(1)
    x, y = torch.from_numpy(X).clone().requires_grad_(gradient), torch.from_numpy(Y)

    def kernel_sum(A, B):
        squares = torch.cdist(A, B).pow(2)
        return sum(torch.exp(-g * squares) for g in gammas(X.shape[1])).sum()

    with torch.set_grad_enabled(gradient):
        value = combine([kernel_sum(x, x), kernel_sum(y, y), kernel_sum(x, y)], len(X))
    if not gradient:
        return float(value)
    value.backward()
    return float(x.grad.norm())


def jax_functions(n, d):
    import jax
    import jax.numpy as jnp
    g = gammas(d)[0]

    def block_sum(A, B):
        squares = jnp.maximum((A * A).sum(1)[:, None] + (B * B).sum(1)[None] - 2 * A @ B.T, 0)
        e = jnp.exp(-g * squares)
        e2 = e * e
        e4 = e2 * e2
        e8 = e4 * e4
        return (e + e2 + e4 + e8 + e8 * e8).sum()

    def in_blocks(X, Y):
        one = lambda A, B: jax.lax.map(jax.checkpoint(lambda a: block_sum(a, B)), A.reshape(n // 500, 500, d)).sum()
        return combine([one(X, X), one(Y, Y), one(X, Y)], n)

    return jax.jit(in_blocks), jax.jit(jax.grad(in_blocks))


def time_distance(program, spec_text, X, Y, *gradient):
    """What bench/time_distance.cpp prints. A shell stands between, because a process that is forked from this one would
    count this one's memory as its own peak."""
    command = ["sh", "-c", '"$@"; exit $?', "sh", str(program), spec_text, _argument(X), _argument(Y), "1", "1", *gradient]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def time_distance_program():
    """bench/time_distance beside the program that is measured; None where it is not built."""
    path = pathlib.Path(program()).parent / "bench/time_distance"
    return path if path.exists() else None


def our_gradient(X, Y):
    """(norm of the gradient, CPU seconds, peak MB); None without time_distance."""
    program = time_distance_program()
    if program is None:
        return None
    result = time_distance(program, spec(X.shape[1]), X, Y, "gradient")
    return result["gradient_norm"], result["cpu_seconds"][0], result["peak_mb"]


def check_against_float64(d):
    X, Y = samples(2000, d)
    ours, theirs = reading(["distance", X, Y, "-m", spec(d)])["value"], sklearn_mmd(X.astype(float), Y.astype(float))
    if abs(ours - theirs) > 1e-6 * theirs:
        sys.exit(f"mmd, d={d}: {ours!r} against {theirs!r} of scikit-learn in float64")


def race_gradient(d, wanted):
    task = f"gradient of MMD2, n={N}, d={d}"
    if not wanted_row(task):
        return
    X, Y = samples(N, d)
    if our_gradient(X, Y) is None:
        print(f"{task}: no bench/time_distance beside the program (configure with -D PUSHFORWARD_BENCH=ON)")
        return
    import jax
    jax_gradient = jax_functions(N, d)[1]
    x, y = jax.numpy.array(X), jax.numpy.array(Y)
    peers = {"PyTorch autograd": lambda: torch_mmd(X, Y, True),
             "JAX, row blocks": lambda: float(jax.numpy.linalg.norm(jax_gradient(x, y)))}
    for (name, function), goal in zip(peers.items(), wanted):
        theirs = function()
        mine = our_gradient(X, Y)
        if abs(mine[0] - theirs) > 1e-2 * theirs:
            sys.exit(f"{task}: norm {mine[0]!r} against {theirs!r} of {name}")
        times = [(timed(function)[1], our_gradient(X, Y)[1]) for _ in range(REPEATS)]
        row(task, name, float(np.median([t[0] for t in times])), float(np.median([t[1] for t in times])), goal)


if __name__ == "__main__":
    for d, goals in ((2, (50, 50, 20, 8)), (64, (30, 30, 5, 3)), (784, (8, 8, 2.3, 1.5))):
        task = f"MMD2, 5 bandwidths, n={N}, d={d}"
        if not wanted_row(task):
            continue
        check_against_float64(d)
        X, Y = samples(N, d)
        ours = ["distance", X, Y, "-m", spec(d)]
        race(task, "scikit-learn (float32)", lambda: sklearn_mmd(X, Y), ours, goals[0], tolerance=3e-2)
        race(task, "PyTorch", lambda: torch_mmd(X, Y), ours, goals[1], tolerance=3e-2)
        import jax
        blocks = jax_functions(N, d)[0]
        x, y = jax.numpy.array(X), jax.numpy.array(Y)
        race(task, "JAX, row blocks", lambda: float(blocks(x, y)), ours, goals[2], tolerance=3e-2)
        race(task, "NumPy in place, row blocks", lambda: numpy_mmd(X, Y), ours, goals[3], tolerance=3e-2)
    for d, goals in ((2, (50, 10)), (64, (30, 4)), (784, (8, 2.5))):
        race_gradient(d, goals)
    if wanted_row("MMD2, n=100000, d=64: peak"):
        X, Y = samples(100000, 64)
        if time_distance_program():
            result = time_distance(time_distance_program(), "mmd:estimator=biased,bandwidth=8", X, Y)
            row("MMD2, n=100000, d=64: peak", "200 MB", 200, result["peak_mb"], 1, unit="MB")
    X, Y = samples(N, 64)
    two_threads(f"MMD2, n={N}, d=64, two threads", ["distance", X, Y, "-m", spec(64), "--repeat", "5"])

# SPDX-License-Identifier: Apache-2.0
"""Training speed: the VAE 784-400-20 step at batch 128 against PyTorch (eager, compiled, bf16 products allowed) and
JAX (the whole step jitted), data in memory, one processor, CPU seconds a step, in turns.

Values: all see the same digits, recipe (Adam 1e-3, U ±1/√in) and number of steps; the loss of the last steps must
agree within 5 % (different draws and initial weights). Environment, besides common.py's: PUSHFORWARD_VAE_STEP (the
program built from bench/vae_step.cpp; default build/release/bench/vae_step), PUSHFORWARD_BENCH_DATA (an IDX file of
28x28 images; default the cache's MNIST).
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from common import REPEATS, ROOT, row, wanted_row
import numpy as np

BATCH, LATENT, HIDDEN, STEPS = 128, 20, 400, 300
CACHE = pathlib.Path(os.environ.get("PUSHFORWARD_DATA", pathlib.Path.home() / ".cache/pushforward"))
DATA = pathlib.Path(os.environ.get("PUSHFORWARD_BENCH_DATA", CACHE / "mnist/train-images-idx3-ubyte"))
STEP = pathlib.Path(os.environ.get("PUSHFORWARD_VAE_STEP", ROOT / "build/release/bench/vae_step"))


def ours(precision="f32"):
    """(loss, CPU seconds a step, all that vae_step printed)"""
    out = subprocess.run([str(STEP), str(DATA), "threads=1", f"precision={precision}", f"steps={STEPS}"],
                         capture_output=True, text=True, check=True).stdout
    value = json.loads(out)
    return value["loss"], value["ms_per_step"] / 1e3, value


def timed_steps(step):
    """step(i) -> loss of batch i, for the first 50 untimed; (mean loss of the last 50, CPU seconds a step)"""
    for i in range(50):
        loss = step(i)
    float(loss)
    start, losses = time.process_time(), []
    for i in range(STEPS):
        losses.append(step(50 + i))
    last = float(losses[-1])
    seconds = (time.process_time() - start) / STEPS
    assert last == last
    return sum(float(l) for l in losses[-50:]) / 50, seconds


def torch_peer(images, compiled, bf16):
    import torch
    import torch.nn.functional as F
    from torch import nn
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.set_float32_matmul_precision("medium" if bf16 else "highest")
    x = torch.from_numpy(images)

    class Vae(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(784, HIDDEN), nn.Linear(HIDDEN, 2 * LATENT)
            self.c, self.d = nn.Linear(LATENT, HIDDEN), nn.Linear(HIDDEN, 784)

        def forward(self, x):
            mean, log_variance = self.b(F.relu(self.a(x))).chunk(2, 1)
            z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
            return self.d(F.relu(self.c(z))), mean, log_variance

    def loss_of(x):
        y, mean, log_variance = model(x)
        kl = -0.5 * torch.sum(1 + log_variance - mean * mean - log_variance.exp())
        return (F.binary_cross_entropy_with_logits(y, x, reduction="sum") + kl) / BATCH

    model = Vae()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    loss_of = torch.compile(loss_of) if compiled else loss_of
    order = torch.randperm(len(x))

    def step(i):
        at = i * BATCH % (len(x) - BATCH)
        loss = loss_of(x[order[at:at + BATCH]])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return timed_steps(step)


def jax_peer(images):
    import jax
    import jax.numpy as jnp

    def dense(key, i, o):
        w, b = jax.random.split(key)
        a = i ** -0.5
        return jax.random.uniform(w, (i, o), minval=-a, maxval=a), jax.random.uniform(b, (o,), minval=-a, maxval=a)

    def loss_of(p, x, key):
        h = jax.nn.relu(x @ p[0][0] + p[0][1])
        mean, log_variance = jnp.split(h @ p[1][0] + p[1][1], 2, axis=1)
        z = mean + jnp.exp(0.5 * log_variance) * jax.random.normal(key, mean.shape)
        y = jax.nn.relu(z @ p[2][0] + p[2][1]) @ p[3][0] + p[3][1]
        bce = jnp.sum(jnp.maximum(y, 0) - y * x + jnp.log1p(jnp.exp(-jnp.abs(y))))
        return (bce - 0.5 * jnp.sum(1 + log_variance - mean * mean - jnp.exp(log_variance))) / BATCH

    def update(p, m, v, t, x, key):
        loss, g = jax.value_and_grad(loss_of)(p, x, key)
        tree = jax.tree_util.tree_map
        m = tree(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = tree(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        rate, root = 1e-3 / (1 - 0.9 ** t), jnp.sqrt(1 - 0.999 ** t)
        p = tree(lambda p, m, v: p - rate * m / (jnp.sqrt(v) / root + 1e-8), p, m, v)
        return p, m, v, loss

    update = jax.jit(update, donate_argnums=(0, 1, 2))
    keys = jax.random.split(jax.random.PRNGKey(0), 5)
    sizes = [(784, HIDDEN), (HIDDEN, 2 * LATENT), (LATENT, HIDDEN), (HIDDEN, 784)]
    p = [dense(k, i, o) for k, (i, o) in zip(keys, sizes)]
    m = jax.tree_util.tree_map(jnp.zeros_like, p)
    state = [p, m, jax.tree_util.tree_map(jnp.zeros_like, p), keys[4]]
    order = np.random.default_rng(0).permutation(len(images))

    def step(i):
        at = i * BATCH % (len(images) - BATCH)
        key, now = jax.random.split(state[3])
        p, m, v, loss = update(state[0], state[1], state[2], float(i + 1), images[order[at:at + BATCH]], now)
        state[:] = [p, m, v, key]
        return loss

    return timed_steps(step)


def main():
    for path, how in ((DATA, "pushforward data fetch mnist"), (STEP, "cmake --preset release -DPUSHFORWARD_BENCH=ON")):
        if not path.exists():
            sys.exit(f"{path}: not there; {how}")
    images = np.fromfile(DATA, np.uint8, offset=16).reshape(-1, 784).astype(np.float32) / 255
    peers = [("PyTorch eager", 2.5, "f32", lambda: torch_peer(images, False, False)),
             ("PyTorch compiled", 2.5, "f32", lambda: torch_peer(images, True, False)),
             ("JAX jitted", 1.5, "f32", lambda: jax_peer(images)),
             ("PyTorch compiled, bf16", None, "bf16", lambda: torch_peer(images, True, True))]
    fractions, f32_times, bf16_times = [], [], []
    for name, wanted, precision, peer in peers:
        task = f"VAE step 784-400-20, batch 128, {precision}"
        if not wanted_row(task + name):
            continue
        theirs, mine = [], []
        for _ in range(REPEATS):
            loss, seconds = peer()
            my_loss, my_seconds, value = ours(precision)
            if abs(loss - my_loss) > 0.05 * loss + 4:  # ours is one batch's loss, theirs the mean of fifty
                sys.exit(f"{task}: loss {my_loss} against {name}'s {loss}")
            theirs.append(seconds), mine.append(my_seconds)
            fractions.append(value["fraction"]) if precision == "f32" else None
        (f32_times if precision == "f32" else bf16_times).extend(mine)
        row(task, name, statistics.median(theirs) * 1e3, statistics.median(mine) * 1e3, wanted, "ms")
    if f32_times and bf16_times:
        row("VAE step, bf16 against our own f32", "pushforward f32", statistics.median(f32_times) * 1e3,
            statistics.median(bf16_times) * 1e3, 1.5, "ms")
    if fractions:
        row("VAE step, share of the 2048^3 product's rate", "the machine", statistics.median(fractions), 1.0, 0.75, "share")


main()

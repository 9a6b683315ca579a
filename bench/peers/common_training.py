# SPDX-License-Identifier: Apache-2.0
"""How a training step is timed against a peer's: what the scripts about training share, beside common.py's rules.

Both sides run a few steps untimed (new shapes, compilation), then a fixed number of them, charged in CPU seconds; the
program's side is bench/model_step.cpp, which goes through the real train(). What the last steps report is compared where
it has to agree.

Environment: PUSHFORWARD_MODEL_STEP (default build/release/bench/model_step), PUSHFORWARD_BENCH_DATA (an IDX file of 28x28
images; default the cache's MNIST).
"""
import collections
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from common import REPEATS, ROOT, row, wanted_row
import numpy as np

CACHE = pathlib.Path(os.environ.get("PUSHFORWARD_DATA", pathlib.Path.home() / ".cache/pushforward"))
DATA = pathlib.Path(os.environ.get("PUSHFORWARD_BENCH_DATA", CACHE / "mnist/train-images-idx3-ubyte"))
STEP = pathlib.Path(os.environ.get("PUSHFORWARD_MODEL_STEP", ROOT / "build/release/bench/model_step"))


def images():
    """(n, 784) float32 in 0…1; says what to do when data or program are not there."""
    for path, how in ((DATA, "pushforward data fetch mnist"), (STEP, "cmake --preset release -DPUSHFORWARD_BENCH=ON")):
        if not path.exists():
            sys.exit(f"{path}: not there; {how}")
    return np.fromfile(DATA, np.uint8, offset=16).reshape(-1, 784).astype(np.float32) / 255


# What a peer's untimed first steps reported, and the mean of its last ones.
Losses = collections.namedtuple("Losses", "first last")


class Task:
    """A recipe as a row calls it and as model_step does; `last`: of how many steps a peer's last loss is the mean (ours is
    one step's). `agrees(peer's Losses, our last one)`; None where nothing has to agree."""

    def __init__(self, title, arguments, batch, steps, warm=20, last=10, agrees=None):
        self.title, self.arguments, self.batch, self.agrees = title, arguments, batch, agrees
        self.steps, self.warm, self.last = steps, warm, last


def ours(task, precision="f32"):
    """All that model_step prints: ms_per_step, loss, product_gflops, …"""
    command = [str(STEP), *task.arguments, f"precision={precision}", f"steps={task.steps}", f"warm={task.warm}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def timed_steps(task, step):
    """step(i) -> what it reports; (Losses, CPU seconds a step)"""
    first = [float(step(i)) for i in range(task.warm)]
    start, losses = time.process_time(), []
    for i in range(task.steps):
        losses.append(step(task.warm + i))
    last = float(losses[-1])
    seconds = (time.process_time() - start) / task.steps
    assert last == last
    return Losses(first, sum(float(l) for l in losses[-task.last:]) / task.last), seconds


def race_steps(task, name, peer, wanted, precision="f32"):
    """Times peer() -> (Losses, seconds a step) and the program in turns and prints a row; what model_step said each time."""
    if not wanted_row(task.title + name):
        return []
    theirs, said = [], []
    for _ in range(REPEATS):
        losses, seconds = peer()
        said.append(ours(task, precision))
        if task.agrees and not task.agrees(losses, said[-1]["loss"]):
            sys.exit(f"{task.title}: reports {said[-1]['loss']} against {name}'s {losses}")
        theirs.append(seconds)
    mine = statistics.median(s["ms_per_step"] for s in said)
    row(task.title, name, statistics.median(theirs) * 1e3, mine, wanted, "ms")
    return said


def race_precisions(task, wanted):
    """A row of the program in bf16 against itself in float32."""
    if not wanted_row(task.title + "bf16"):
        return
    pairs = [[ours(task, p)["ms_per_step"] for p in ("f32", "bf16")] for _ in range(REPEATS)]
    row(task.title + ", bf16", "pushforward f32", *(statistics.median(side) for side in zip(*pairs)), wanted, "ms")


def batches_of(order, size, alike):
    """rows(i) of batch i in an order of all rows, again and again; the first `alike` batches are its first rows."""
    def rows(i):
        at = 0 if i < alike else i * size % (len(order) - size)
        return order[at:at + size]
    return rows


def torch_batches(data, size, alike=0):
    """batch(i) of a PyTorch tensor's rows in a random order; the first `alike` batches are the first rows of `data`."""
    import torch
    fixed = size if alike else 0
    rows = batches_of(torch.cat([torch.arange(fixed), fixed + torch.randperm(len(data) - fixed)]), size, alike)
    return lambda i: data[rows(i)]


def numpy_batches(data, size, alike=0):
    """The same of an array."""
    fixed = size if alike else 0
    order = np.concatenate([np.arange(fixed), fixed + np.random.default_rng(0).permutation(len(data) - fixed)])
    rows = batches_of(order, size, alike)
    return lambda i: data[rows(i)]


def torch_adversarial(generator, discriminator, optimizers, noise, batch, maybe):
    """step(i) of a GAN with the non-saturating loss: one update of the discriminator, then one of the generator on the
    same generated points. `generator` and `discriminator` are modules, `maybe` compiles or does not."""
    import torch.nn.functional as F
    made = maybe(lambda z: generator(z))
    d_loss = maybe(lambda a, b: F.softplus(-discriminator(a)).mean() + F.softplus(discriminator(b)).mean())
    g_loss = maybe(lambda b: F.softplus(-discriminator(b)).mean())

    def step(i):
        fake = made(noise())
        loss = d_loss(batch(i), fake.detach())
        optimizers[1].zero_grad()
        loss.backward()
        optimizers[1].step()
        with torch_held(discriminator):
            optimizers[0].zero_grad()
            g_loss(fake).backward()
            optimizers[0].step()
        return loss.detach()
    return step


class torch_held:
    """Within it, no gradients of a module's parameters are taken."""

    def __init__(self, module):
        self.module = module

    def __enter__(self):
        self.module.requires_grad_(False)

    def __exit__(self, *_):
        self.module.requires_grad_(True)


def jax_adam(p, state, gradient, rate, beta1=0.9, beta2=0.999, eps=1e-8):
    """(parameters, state) after a step; state begins as jax_fresh(p)"""
    import jax
    import jax.numpy as jnp
    tree = jax.tree_util.tree_map
    m, v, t = state
    m = tree(lambda m, g: beta1 * m + (1 - beta1) * g, m, gradient)
    v = tree(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, gradient)
    t = t + 1
    scale, root = rate / (1 - beta1 ** t), jnp.sqrt(1 - beta2 ** t)
    return tree(lambda p, m, v: p - scale * m / (jnp.sqrt(v) / root + eps), p, m, v), (m, v, t)


def jax_fresh(p):
    import jax
    import jax.numpy as jnp
    zeros = lambda: jax.tree_util.tree_map(jnp.zeros_like, p)
    return zeros(), zeros(), 0.0


def jax_adversarial(made, judged, move_generator, move_discriminator):
    """update(state, real, key) of the same GAN step: made(g, key) -> points, judged(d, x) -> logits, move(parameters,
    optimiser's state, gradient) -> both anew; state is (g, its state, d, its state)."""
    import jax
    softplus = jax.nn.softplus

    def update(state, real, key):
        g, sg, d, sd = state
        fake, pull = jax.vjp(lambda g: made(g, key), g)
        loss, gd = jax.value_and_grad(
            lambda d: softplus(-judged(d, real)).mean() + softplus(judged(d, fake)).mean())(d)
        d, sd = move_discriminator(d, sd, gd)
        (gg,) = pull(jax.grad(lambda f: softplus(-judged(d, f)).mean())(fake))
        g, sg = move_generator(g, sg, gg)
        return (g, sg, d, sd), loss
    return update


def jax_steps(update, state, key, batch):
    """step(i) of a jitted update(state, batch, key)"""
    import jax
    update = jax.jit(update, donate_argnums=0)
    box = [state, key]

    def step(i):
        box[1], now = jax.random.split(box[1])
        box[0], loss = update(box[0], batch(i), now)
        return loss
    return step

# SPDX-License-Identifier: Apache-2.0
"""Training speed of convolutional networks against PyTorch (eager, channels last, compiled) and JAX (the whole step
jitted), data in memory, one processor, CPU seconds a step, in turns:

  AE      28x28: conv 32 4x4/2, conv 64 4x4/2, ReLU, dense 30, and the mirror with transposed convolutions; squared
          error, Adam 1e-3, batch 128
  DCGAN   28x28: generator dense 7x7x128, transposed convolutions to 64 and 1 channels, batch norm and ReLU, sigmoid;
          discriminator conv 64, conv 128 with batch norm, leaky ReLU 0.2, dense 1; Adam 2e-4 (0.5, 0.999), batch 128:
          one discriminator and one generator update

Values: a peer's autoencoder begins with our weights (those of seed 0), and its ten untimed steps all see the first 128
digits, as ten of ours do: the ten losses must agree to 3e-5. Where runs from weights of their own come to would say
little: after 160 steps PyTorch's loss is anything from 13 to 26, by its seed.
Two networks that play against each other report nothing that would have to agree; their passes are checked in tests/.
Environment, besides common.py's: PUSHFORWARD_MODEL_STEP (built from bench/model_step.cpp; default
build/release/bench/model_step), PUSHFORWARD_BENCH_DATA (an IDX file of 28x28 images; default the cache's MNIST).
"""
import json
import os
import pathlib
import statistics
import subprocess
import struct
import sys
import tempfile
import time

from common import REPEATS, ROOT, program, row, wanted_row
import numpy as np

BATCH, LATENT, NOISE = 128, 30, 100
CACHE = pathlib.Path(os.environ.get("PUSHFORWARD_DATA", pathlib.Path.home() / ".cache/pushforward"))
DATA = pathlib.Path(os.environ.get("PUSHFORWARD_BENCH_DATA", CACHE / "mnist/train-images-idx3-ubyte"))
STEP = pathlib.Path(os.environ.get("PUSHFORWARD_MODEL_STEP", ROOT / "build/release/bench/model_step"))
ARGUMENTS = {
    "AE": ["ae", str(DATA), "network=conv", f"latent={LATENT}", f"batch={BATCH}", "rate=0.001", "schedule=constant"],
    "DCGAN": ["gan", str(DATA), "network=dcgan", f"latent={NOISE}", f"batch={BATCH}", "rate=0.0002",
              "optimizer=adam:beta1=0.5"],
}
TITLES = {"AE": "conv AE step, 32-64 channels 4x4/2, batch 128", "DCGAN": "DCGAN step on 28x28, batch 128"}
STEPS = {"AE": 150, "DCGAN": 30}
WARM = 10


def trained(folder, rate, steps):
    """The lines that `train ae` logs, one a step, with the whole of a data set of 128 digits a batch."""
    values = dict(v.split("=") for v in ARGUMENTS["AE"][2:]) | {"rate": rate, "steps": steps, "log-every": 1}
    options = [word for name, value in values.items() for word in (f"--{name}", str(value))]
    command = [program(), "train", "ae", f"{DATA}@0:{BATCH}", "-o", folder, *options, "--threads", "1", "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    lines = [json.loads(line) for line in (pathlib.Path(folder) / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if "epoch" not in line]


def weights_of(folder):
    """The arrays of a run, in the order of its layers: name -> array."""
    held = (pathlib.Path(folder) / "model.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", held[:8])
    header = json.loads(held[8:8 + length])
    where = {name: entry for name, entry in header.items() if name.startswith(("encoder.", "decoder."))}
    return {name: np.frombuffer(held[8 + length + e["data_offsets"][0]:8 + length + e["data_offsets"][1]], np.float32)
            .reshape(e["shape"]).copy() for name, e in where.items()}


def our_beginning():
    """(weights that our autoencoder begins with, losses of its first steps on the first digits)"""
    with tempfile.TemporaryDirectory() as folder:
        trained(f"{folder}/begun", 1e-30, 1)  # a step too short to change a number
        losses = [line["loss"] for line in trained(f"{folder}/trained", 1e-3, WARM)]
        names = weights_of(f"{folder}/begun")
    layers = [f"encoder.{i}" for i in range(3)] + [f"decoder.{i}" for i in (0, 2, 3)]
    return [names[f"{layer}.{kind}"] for layer in layers for kind in ("weight", "bias")], losses


def channels_first(weights):
    """The weights as PyTorch has them. Ours hold filters as rows, columns, channels and images channels last."""
    w = [weights[0].reshape(32, 4, 4, 1), weights[1][0], weights[2].reshape(64, 4, 4, 32), weights[3][0],
         weights[4].reshape(LATENT, 7, 7, 64), weights[5][0], weights[6].reshape(7, 7, 64, LATENT),
         weights[7].reshape(7, 7, 64), weights[8].reshape(64, 4, 4, 32), weights[9][0],
         weights[10].reshape(32, 4, 4, 1), weights[11][0]]
    for i in (0, 2, 4, 8, 10):
        w[i] = w[i].transpose(0, 3, 1, 2)
    w[4] = w[4].reshape(LATENT, -1)
    w[6], w[7] = w[6].transpose(2, 0, 1, 3).reshape(-1, LATENT), w[7].transpose(2, 0, 1).reshape(-1)
    return w


def rows_columns_in_out(weights):
    """The weights as JAX has them: its transposed convolution does not turn the kernel round, the adjoint does."""
    shapes = {0: (32, 4, 4, 1), 2: (64, 4, 4, 32), 8: (64, 4, 4, 32), 10: (32, 4, 4, 1)}
    w = [weights[i].reshape(shapes[i]) if i in shapes else weights[i][0] if i % 2 else weights[i].T for i in range(12)]
    for i in (0, 2):
        w[i] = w[i].transpose(1, 2, 3, 0)
    for i in (8, 10):
        w[i] = w[i][:, ::-1, ::-1].transpose(1, 2, 0, 3)
    return w


def ours(task, precision="f32"):
    """CPU seconds a step"""
    command = [str(STEP), *ARGUMENTS[task], f"precision={precision}", f"steps={STEPS[task]}", f"warm={WARM}"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(out)["ms_per_step"] / 1e3


def timed_steps(task, step):
    """step(i) -> its loss, the first ten untimed; (losses of those ten, CPU seconds of each other)"""
    first = [float(step(i)) for i in range(WARM)]
    start = time.process_time()
    for i in range(STEPS[task]):
        loss = step(WARM + i)
    float(loss)
    return first, (time.process_time() - start) / STEPS[task]


def batch_begins(i, rows):
    """Where batch i begins in the peer's order, which the first digits stand first in."""
    return 0 if i < WARM else i * BATCH % (rows - BATCH)


def torch_peer(task, images, begun, channels_last, compiled):
    import torch
    import torch.nn.functional as F
    from torch import nn
    torch.manual_seed(0)
    torch.set_num_threads(1)
    form = torch.channels_last if channels_last else torch.contiguous_format
    data = torch.from_numpy(images).reshape(-1, 1, 28, 28)
    order = torch.cat([torch.arange(BATCH), BATCH + torch.randperm(len(data) - BATCH)])
    maybe = torch.compile if compiled else (lambda f: f)

    def batch(i):
        at = batch_begins(i, len(data))
        return data[order[at:at + BATCH]].to(memory_format=form)

    class Reshape(nn.Module):
        def forward(self, x):
            return x.reshape(len(x), -1, 7, 7).to(memory_format=form)

    if task == "AE":
        model = nn.Sequential(nn.Conv2d(1, 32, 4, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 4, 2, 1), nn.ReLU(), nn.Flatten(),
                              nn.Linear(3136, LATENT), nn.Linear(LATENT, 3136), nn.ReLU(), Reshape(),
                              nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU(),
                              nn.ConvTranspose2d(32, 1, 4, 2, 1)).to(memory_format=form)
        with torch.no_grad():
            for parameter, value in zip(model.parameters(), channels_first(begun), strict=True):
                parameter.copy_(torch.from_numpy(np.ascontiguousarray(value)))
        optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
        loss_of = maybe(lambda x: F.mse_loss(model(x), x, reduction="sum") / BATCH)

        def step(i):
            loss = loss_of(batch(i))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss.detach()
        return timed_steps(task, step)

    g = nn.Sequential(nn.Linear(NOISE, 6272, bias=False), Reshape(), nn.BatchNorm2d(128), nn.ReLU(),
                      nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
                      nn.ConvTranspose2d(64, 1, 4, 2, 1), nn.Sigmoid()).to(memory_format=form)
    d = nn.Sequential(nn.Conv2d(1, 64, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(64, 128, 4, 2, 1, bias=False),
                      nn.BatchNorm2d(128), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(6272, 1)).to(memory_format=form)
    adam = [torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999), fused=True) for n in (g, d)]
    made = maybe(lambda z: g(z))
    d_loss = maybe(lambda a, b: F.softplus(-d(a)).mean() + F.softplus(d(b)).mean())
    g_loss = maybe(lambda b: F.softplus(-d(b)).mean())

    def step(i):
        fake = made(torch.randn(BATCH, NOISE))
        loss = d_loss(batch(i), fake.detach())
        adam[1].zero_grad()
        loss.backward()
        adam[1].step()
        for p in d.parameters():
            p.requires_grad_(False)
        adam[0].zero_grad()
        g_loss(fake).backward()
        adam[0].step()
        for p in d.parameters():
            p.requires_grad_(True)
        return loss.detach()
    return timed_steps(task, step)


def jax_peer(task, images, begun):
    import jax
    import jax.numpy as jnp
    from jax import lax
    tree = jax.tree_util.tree_map
    layout = ("NHWC", "HWIO", "NHWC")
    keys = iter(jax.random.split(jax.random.PRNGKey(0), 32))

    def weight(*shape, fan):
        return jax.random.uniform(next(keys), shape, minval=-fan ** -0.5, maxval=fan ** -0.5)

    def conv(x, w):
        return lax.conv_general_dilated(x, w, (2, 2), ((1, 1), (1, 1)), dimension_numbers=layout)

    def transposed(x, w):
        return lax.conv_transpose(x, w, (2, 2), ((2, 2), (2, 2)), dimension_numbers=layout)

    def norm(x, p):
        axes = tuple(range(x.ndim - 1))
        mean, variance = x.mean(axes), x.var(axes)
        return (x - mean) * lax.rsqrt(variance + 1e-5) * p[0] + p[1]

    def adam(p, state, grad, rate, b1):
        m, v, t = state
        m = tree(lambda m, g: b1 * m + (1 - b1) * g, m, grad)
        v = tree(lambda v, g: 0.999 * v + 0.001 * g * g, v, grad)
        t = t + 1
        scale, root = rate / (1 - b1 ** t), jnp.sqrt(1 - 0.999 ** t)
        return tree(lambda p, m, v: p - scale * m / (jnp.sqrt(v) / root + 1e-8), p, m, v), (m, v, t)

    def fresh(p):
        return tree(jnp.zeros_like, p), tree(jnp.zeros_like, p), 0.0

    relu, softplus = jax.nn.relu, jax.nn.softplus
    leaky = lambda x: jnp.where(x > 0, x, 0.2 * x)
    affine = lambda n: (jnp.ones(n), jnp.zeros(n))
    if task == "AE":
        p = [jnp.asarray(w) for w in rows_columns_in_out(begun)]

        def loss_of(p, x):
            h = relu(conv(relu(conv(x, p[0]) + p[1]), p[2]) + p[3]).reshape(BATCH, -1)
            h = relu((h @ p[4] + p[5]) @ p[6] + p[7]).reshape(BATCH, 7, 7, 64)
            y = transposed(relu(transposed(h, p[8]) + p[9]), p[10]) + p[11]
            return jnp.sum((y - x) ** 2) / BATCH

        state = (p, fresh(p))

        def update(state, x, key):
            p, s = state
            loss, grad = jax.value_and_grad(loss_of)(p, x)
            return adam(p, s, grad, 1e-3, 0.9), loss
    else:
        g = [weight(NOISE, 6272, fan=NOISE), affine(128), weight(4, 4, 128, 64, fan=512), affine(64),
             weight(4, 4, 64, 1, fan=256), jnp.zeros(1)]
        d = [weight(4, 4, 1, 64, fan=16), jnp.zeros(64), weight(4, 4, 64, 128, fan=1024), affine(128),
             weight(6272, 1, fan=6272), jnp.zeros(1)]

        def made(g, z):
            h = relu(norm((z @ g[0]).reshape(BATCH, 7, 7, 128), g[1]))
            return jax.nn.sigmoid(transposed(relu(norm(transposed(h, g[2]), g[3])), g[4]) + g[5])

        def judged(d, x):
            h = leaky(norm(conv(leaky(conv(x, d[0]) + d[1]), d[2]), d[3]))
            return h.reshape(BATCH, -1) @ d[4] + d[5]

        state = (g, fresh(g), d, fresh(d))

        def update(state, real, key):
            g, sg, d, sd = state
            fake, pull = jax.vjp(lambda g: made(g, jax.random.normal(key, (BATCH, NOISE))), g)
            loss, gd = jax.value_and_grad(
                lambda d: softplus(-judged(d, real)).mean() + softplus(judged(d, fake)).mean())(d)
            d, sd = adam(d, sd, gd, 2e-4, 0.5)
            (gg,) = pull(jax.grad(lambda f: softplus(-judged(d, f)).mean())(fake))
            g, sg = adam(g, sg, gg, 2e-4, 0.5)
            return (g, sg, d, sd), loss

    update = jax.jit(update, donate_argnums=0)
    order = np.concatenate([np.arange(BATCH), BATCH + np.random.default_rng(0).permutation(len(images) - BATCH)])
    x = images.reshape(-1, 28, 28, 1)
    box = [state, next(keys)]

    def step(i):
        at = batch_begins(i, len(x))
        box[1], now = jax.random.split(box[1])
        box[0], loss = update(box[0], x[order[at:at + BATCH]], now)
        return loss

    return timed_steps(task, step)


def main():
    for path, how in ((DATA, "pushforward data fetch mnist"), (STEP, "cmake --preset release -DPUSHFORWARD_BENCH=ON")):
        if not path.exists():
            sys.exit(f"{path}: not there; {how}")
    images = np.fromfile(DATA, np.uint8, offset=16).reshape(-1, 784).astype(np.float32) / 255
    begun, first = our_beginning()
    for task, wanted in (("AE", 2), ("DCGAN", 1.7)):
        peers = [("PyTorch eager", wanted, lambda: torch_peer(task, images, begun, False, False)),
                 ("PyTorch channels last", wanted, lambda: torch_peer(task, images, begun, True, False)),
                 ("PyTorch compiled", wanted, lambda: torch_peer(task, images, begun, True, True)),
                 ("JAX jitted", 4, lambda: jax_peer(task, images, begun))]
        for name, factor, peer in peers:
            if not wanted_row(TITLES[task] + name):
                continue
            theirs, mine = [], []
            for _ in range(REPEATS):
                losses, seconds = peer()
                if task == "AE" and np.max(np.abs(np.divide(losses, first) - 1)) > 3e-5:
                    sys.exit(f"{TITLES[task]}: losses {first} against {name}'s {losses}")
                theirs.append(seconds), mine.append(ours(task))
            row(TITLES[task], name, statistics.median(theirs) * 1e3, statistics.median(mine) * 1e3, factor, "ms")
        if wanted_row(TITLES[task] + "bf16"):
            pairs = [(ours(task), ours(task, "bf16")) for _ in range(REPEATS)]
            row(TITLES[task] + ", bf16", "pushforward f32", statistics.median(p[0] for p in pairs) * 1e3,
                statistics.median(p[1] for p in pairs) * 1e3, 1.4, "ms")


main()

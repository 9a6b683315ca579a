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
Environment: common_training.py.
"""
import json
import pathlib
import struct
import subprocess
import tempfile

from common import program
import common_training as training
import numpy as np

BATCH, LATENT, NOISE = 128, 30, 100
AE = training.Task("conv AE step, 32-64 channels 4x4/2, batch 128",
                   ["ae", str(training.DATA), "network=conv", f"latent={LATENT}", f"batch={BATCH}", "rate=0.001",
                    "schedule=constant"], BATCH, steps=150, warm=10)
DCGAN = training.Task("DCGAN step on 28x28, batch 128",
                      ["gan", str(training.DATA), "network=dcgan", f"latent={NOISE}", f"batch={BATCH}", "rate=0.0002",
                       "optimizer=adam:beta1=0.5", "monitor=none"], BATCH, steps=30, warm=10)


def trained(folder, rate, steps):
    """The lines that `train ae` logs, one a step, with the whole of a data set of 128 digits a batch."""
    values = dict(v.split("=") for v in AE.arguments[2:]) | {"rate": rate, "steps": steps, "log-every": 1}
    options = [word for name, value in values.items() for word in (f"--{name}", str(value))]
    command = [program(), "train", "ae", f"{training.DATA}@0:{BATCH}", "-o", folder, *options, "--threads", "1", "--quiet"]
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
        losses = [line["loss"] for line in trained(f"{folder}/trained", 1e-3, AE.warm)]
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


def torch_peer(task, images, begun, channels_last, compiled):
    import torch
    import torch.nn.functional as F
    from torch import nn
    torch.manual_seed(0)
    torch.set_num_threads(1)
    form = torch.channels_last if channels_last else torch.contiguous_format
    maybe = torch.compile if compiled else (lambda f: f)
    rows = training.torch_batches(torch.from_numpy(images).reshape(-1, 1, 28, 28), BATCH, alike=task.warm)
    batch = lambda i: rows(i).to(memory_format=form)

    class Reshape(nn.Module):
        def forward(self, x):
            return x.reshape(len(x), -1, 7, 7).to(memory_format=form)

    if task is AE:
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
        return training.timed_steps(task, step)

    g = nn.Sequential(nn.Linear(NOISE, 6272, bias=False), Reshape(), nn.BatchNorm2d(128), nn.ReLU(),
                      nn.ConvTranspose2d(128, 64, 4, 2, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
                      nn.ConvTranspose2d(64, 1, 4, 2, 1), nn.Sigmoid()).to(memory_format=form)
    d = nn.Sequential(nn.Conv2d(1, 64, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(64, 128, 4, 2, 1, bias=False),
                      nn.BatchNorm2d(128), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(6272, 1)).to(memory_format=form)
    adam = [torch.optim.Adam(n.parameters(), 2e-4, (0.5, 0.999), fused=True) for n in (g, d)]
    noise = lambda: torch.randn(BATCH, NOISE)
    return training.timed_steps(task, training.torch_adversarial(g, d, adam, noise, batch, maybe))


def jax_peer(task, images, begun):
    import jax
    import jax.numpy as jnp
    from jax import lax
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

    relu, fresh = jax.nn.relu, training.jax_fresh
    leaky = lambda x: jnp.where(x > 0, x, 0.2 * x)
    affine = lambda n: (jnp.ones(n), jnp.zeros(n))
    if task is AE:
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
            return training.jax_adam(p, s, grad, 1e-3), loss
    else:
        g = [weight(NOISE, 6272, fan=NOISE), affine(128), weight(4, 4, 128, 64, fan=512), affine(64),
             weight(4, 4, 64, 1, fan=256), jnp.zeros(1)]
        d = [weight(4, 4, 1, 64, fan=16), jnp.zeros(64), weight(4, 4, 64, 128, fan=1024), affine(128),
             weight(6272, 1, fan=6272), jnp.zeros(1)]

        def made(g, key):
            h = relu(norm((jax.random.normal(key, (BATCH, NOISE)) @ g[0]).reshape(BATCH, 7, 7, 128), g[1]))
            return jax.nn.sigmoid(transposed(relu(norm(transposed(h, g[2]), g[3])), g[4]) + g[5])

        def judged(d, x):
            h = leaky(norm(conv(leaky(conv(x, d[0]) + d[1]), d[2]), d[3]))
            return h.reshape(BATCH, -1) @ d[4] + d[5]

        state = (g, fresh(g), d, fresh(d))

        move = lambda p, state, grad: training.jax_adam(p, state, grad, 2e-4, 0.5)
        update = training.jax_adversarial(made, judged, move, move)

    batch = training.numpy_batches(images.reshape(-1, 28, 28, 1), BATCH, alike=task.warm)
    return training.timed_steps(task, training.jax_steps(update, state, next(keys), batch))


def main():
    images = training.images()
    begun, first = our_beginning()
    AE.agrees = lambda theirs, _: np.max(np.abs(np.divide(theirs.first, first) - 1)) < 3e-5
    for task, wanted in ((AE, 2), (DCGAN, 1.7)):
        for name, how in (("eager", (False, False)), ("channels last", (True, False)), ("compiled", (True, True))):
            training.race_steps(task, f"PyTorch {name}", lambda: torch_peer(task, images, begun, *how), wanted)
        training.race_steps(task, "JAX jitted", lambda: jax_peer(task, images, begun), 4)
        training.race_precisions(task, 1.4)


main()

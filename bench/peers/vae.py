# SPDX-License-Identifier: Apache-2.0
"""Training speed: the VAE 784-400-20 step at batch 128 against PyTorch (eager, compiled, bf16 products allowed) and
JAX (the whole step jitted), data in memory, one processor, CPU seconds a step, in turns.

Values: all see the same digits, recipe (Adam 1e-3, U ±1/√in) and number of steps; the loss of the last steps must
agree within 5 % and 4 nats (different draws and initial weights; ours is one batch's). Environment: common_training.py.
"""
import statistics

from common import row
import common_training as training

BATCH, LATENT, HIDDEN = 128, 20, 400


def task(precision):
    return training.Task(f"VAE step 784-400-20, batch 128, {precision}",
                         ["vae", str(training.DATA), f"hidden={HIDDEN}", f"latent={LATENT}", f"batch={BATCH}"], BATCH,
                         steps=300, warm=50, last=50, agrees=lambda theirs, mine: abs(theirs.last - mine) < 0.05 * mine + 4)


def share_of_products(said):
    """Of the 2048^3 product's rate in the same run: forward 2w, weight gradients 2w, input gradients 2(w - first) a row, w
    weights of which `first` lie in the layer whose input gradient nobody needs."""
    first = 784 * HIDDEN
    weights = first + HIDDEN * 2 * LATENT + LATENT * HIDDEN + HIDDEN * 784
    operations = BATCH * (4 * weights + 2 * (weights - first))
    return operations / (said["ms_per_step"] / 1e3) / (said["product_gflops"] * 1e9)


def torch_peer(images, compiled, bf16):
    import torch
    import torch.nn.functional as F
    from torch import nn
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.set_float32_matmul_precision("medium" if bf16 else "highest")
    batch = training.torch_batches(torch.from_numpy(images), BATCH)

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

    def step(i):
        loss = loss_of(batch(i))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return training.timed_steps(task("f32"), step)


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

    def update(state, x, key):
        p, adam = state
        loss, gradient = jax.value_and_grad(loss_of)(p, x, key)
        return training.jax_adam(p, adam, gradient, 1e-3), loss

    keys = jax.random.split(jax.random.PRNGKey(0), 5)
    sizes = [(784, HIDDEN), (HIDDEN, 2 * LATENT), (LATENT, HIDDEN), (HIDDEN, 784)]
    p = [dense(k, i, o) for k, (i, o) in zip(keys, sizes)]
    step = training.jax_steps(update, (p, training.jax_fresh(p)), keys[4], training.numpy_batches(images, BATCH))
    return training.timed_steps(task("f32"), step)


def main():
    images = training.images()
    said = []
    for name, wanted, peer in (("PyTorch eager", 2.5, lambda: torch_peer(images, False, False)),
                               ("PyTorch compiled", 2.5, lambda: torch_peer(images, True, False)),
                               ("JAX jitted", 1.5, lambda: jax_peer(images))):
        said += training.race_steps(task("f32"), name, peer, wanted)
    training.race_steps(task("bf16"), "PyTorch compiled, bf16", lambda: torch_peer(images, True, True), None, "bf16")
    training.race_precisions(task("f32"), 1.5)
    if said:
        row("VAE step, share of the 2048^3 product's rate", "the machine",
            statistics.median(share_of_products(s) for s in said), 1.0, 0.75, "share")


main()

# SPDX-License-Identifier: Apache-2.0
"""Training speed of generators against PyTorch (eager and compiled) and JAX (the whole step jitted), data in memory,
one processor, CPU seconds a step, in turns: a GAN, a WGAN-GP and a GMMN step, and each in bf16 against our own float32.

  GAN      100-1200-1200-784 generator (the 2014 paper's), ReLU discriminator 784-1200-1200-1, batch 100, SGD with
           momentum: one discriminator and one generator update, on the same generated points
  WGAN-GP  8 Gaussians, 2-512-512-512-2 and 2-512-512-512-1, ReLU, batch 256, Adam (0.5, 0.9): five critic updates with
           gradient penalty (weight 0.1) and one of the generator
  GMMN     10-64-256-256-1024-784, 1000 generated and 1000 real, the root of the biased MMD^2 with six kernels
           exp(-d^2/2s), s = 2 ... 80, SGD with momentum

Values: all see the same data, recipe and number of steps from the same initial distribution; the GMMN's last losses must
agree within a tenth (draws differ). Two networks that play against each other report nothing that would have to agree
after so few steps; their passes are checked in tests/. Environment: common_training.py.
"""
import common_training as training
import numpy as np

DATA = str(training.DATA)
SCALES = (2, 5, 10, 20, 40, 80)


def ring(n):
    random = np.random.default_rng(0)
    angle = 2 * np.pi * random.integers(0, 8, n) / 8
    points = 2 * np.stack([np.cos(angle), np.sin(angle)], 1) + 0.02 * random.normal(size=(n, 2))
    return (points / 1.414).astype(np.float32)


class Task(training.Task):
    """With the sizes of the networks and what was wanted against PyTorch and JAX."""

    def __init__(self, title, arguments, batch, generator, critic, steps, wanted, agrees=None):
        super().__init__(title, arguments + ["monitor=none", f"batch={batch}"], batch, steps, agrees=agrees)
        self.generator, self.critic, self.wanted = generator, critic, wanted


GAN = Task("GAN step, 100-1200-1200-784 against 784-1200-1200-1, batch 100",
           ["gan", DATA, "latent=100", "hidden=1200,1200", "critic-hidden=1200,1200", "activation=relu",
            "critic-activation=relu", "distance=jsd-critic:loss=non-saturating", "rate=0.1", "optimizer=sgd:momentum=0.5",
            "initial=uniform:a=0.05", "noise-distribution=uniform:1.7320508"],
           100, (100, 1200, 1200, 784), (784, 1200, 1200, 1), 150, (2.5, 1.2))
WGAN = Task("WGAN-GP step, 3x512, batch 256, five critic updates",
            ["wgan", "toy:8gaussians:scale=1.414", "latent=2", "hidden=512,512,512", "critic-hidden=512,512,512",
             "activation=relu", "critic-activation=relu", "distance=w1-critic:lipschitz=penalty+0.1",
             "critic-steps=5", "rate=1e-4", "optimizer=adam:beta1=0.5,beta2=0.9", "initial=fan-in"],
            256, (2, 512, 512, 512, 2), (2, 512, 512, 512, 1), 50, (2.5, 1.0))
GMMN = Task("GMMN step, 10-64-256-256-1024-784, 1000 + 1000, six kernels",
            ["gmmn", DATA, "latent=10", "hidden=64,256,256,1024", "samples=1000", "activation=relu",
             "distance=mmd:estimator=biased,root=yes,bandwidth=" + "+".join(f"{s ** 0.5:.9g}" for s in SCALES),
             "rate=2", "optimizer=sgd:momentum=0.9", "initial=lecun"],
            1000, (10, 64, 256, 256, 1024, 784), None, 50, (2.5, 1.8),
            agrees=lambda theirs, mine: abs(theirs.last - mine) < 0.1 * abs(mine))


def torch_peer(task, x, compiled):
    import torch
    import torch.nn.functional as F
    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # as pushforward does: a GMMN's saturated sigmoids would slow it twentyfold
    batch = training.torch_batches(torch.from_numpy(x), task.batch)

    def network(sizes, bound):
        layers = []
        for i, o in zip(sizes, sizes[1:]):
            layers += [torch.nn.Linear(i, o), torch.nn.ReLU()]
            if bound == "lecun":
                torch.nn.init.normal_(layers[-2].weight, std=i ** -0.5)
                torch.nn.init.zeros_(layers[-2].bias)
            elif bound:
                torch.nn.init.uniform_(layers[-2].weight, -bound, bound)
                torch.nn.init.zeros_(layers[-2].bias)
        return torch.nn.Sequential(*layers[:-1])

    maybe = torch.compile if compiled else (lambda f: f)
    if task is GAN:
        g, d = network(task.generator, 0.05), network(task.critic, 0.05)
        sgd = [torch.optim.SGD(n.parameters(), 0.1, momentum=0.5, fused=True) for n in (g, d)]
        g.append(torch.nn.Sigmoid())
        noise = lambda: (torch.rand(task.batch, 100) * 2 - 1) * 3 ** 0.5
        step = training.torch_adversarial(g, d, sgd, noise, batch, maybe)
    elif task is WGAN:
        g, d = network(task.generator, None), network(task.critic, None)
        adam = [torch.optim.Adam(n.parameters(), 1e-4, (0.5, 0.9), fused=True) for n in (g, d)]
        if compiled:
            slopes = torch.func.grad(lambda x: d(x).sum())
        else:
            def slopes(x):
                x = x.requires_grad_(True)
                return torch.autograd.grad(d(x).sum(), x, create_graph=True)[0]

        def critic_loss(real, fake, t):
            g = slopes(t * real + (1 - t) * fake)
            return d(fake).mean() - d(real).mean() + 0.1 * ((g.norm(dim=1) - 1) ** 2).mean()

        critic_loss, made, g_loss = maybe(critic_loss), maybe(lambda z: g(z)), maybe(lambda z: -d(g(z)).mean())

        def step(i):
            for c in range(5):
                with torch.no_grad():
                    fake = made(torch.randn(task.batch, 2))
                loss = critic_loss(batch(6 * i + c), fake, torch.rand(task.batch, 1))
                adam[1].zero_grad()
                loss.backward()
                adam[1].step()
            with training.torch_held(d):
                adam[0].zero_grad()
                g_loss(torch.randn(task.batch, 2)).backward()
                adam[0].step()
            return loss.detach()
    else:
        g = network(task.generator, "lecun")
        sgd = torch.optim.SGD(g.parameters(), 2.0, momentum=0.9, fused=True)

        def loss_of(z, real):
            made = torch.sigmoid(g(z))
            both = torch.cat([made, real])
            n = len(made)
            squares = (both * both).sum(1)
            d2 = (squares[:n, None] + squares[None] - 2 * made @ both.T).clamp(min=0)
            k = sum(torch.exp(d2 / (-2 * s)) for s in SCALES)
            return k[:, :n].mean() - 2 * k[:, n:].mean()

        def within(real):  # the constant term, with no gradient
            squares = (real * real).sum(1)
            d2 = (squares[:, None] + squares[None] - 2 * real @ real.T).clamp(min=0)
            return sum(torch.exp(d2 / (-2 * s)) for s in SCALES).mean()

        whole = maybe(lambda z, real: torch.sqrt(loss_of(z, real) + within(real)))

        def step(i):
            loss = whole(torch.rand(task.batch, 10) * 2 - 1, batch(i))
            sgd.zero_grad()
            loss.backward()
            sgd.step()
            return loss.detach()

    return training.timed_steps(task, step)


def jax_peer(task, x):
    import jax
    import jax.numpy as jnp
    tree = jax.tree_util.tree_map

    def network(key, sizes, bound):
        p = []
        for k, i, o in zip(jax.random.split(key, len(sizes)), sizes, sizes[1:]):
            if bound == "lecun":
                p.append((jax.random.normal(k, (i, o)) * i ** -0.5, jnp.zeros(o)))
            else:
                a, kb = bound or i ** -0.5, jax.random.fold_in(k, 1)
                b = jnp.zeros(o) if bound else jax.random.uniform(kb, (o,), minval=-a, maxval=a)
                p.append((jax.random.uniform(k, (i, o), minval=-a, maxval=a), b))
        return p

    def apply(p, h):
        for w, b in p[:-1]:
            h = jax.nn.relu(h @ w + b)
        return h @ p[-1][0] + p[-1][1]

    def sgd(p, m, grad, rate, momentum):
        m = tree(lambda m, g: momentum * m + g, m, grad)
        return tree(lambda p, m: p - rate * m, p, m), m

    def adam(p, state, grad):
        return training.jax_adam(p, state, grad, 1e-4, 0.5, 0.9)

    keys = jax.random.split(jax.random.PRNGKey(0), 3)
    zeros = lambda p: tree(jnp.zeros_like, p)
    if task is GAN:
        g, d = network(keys[0], task.generator, 0.05), network(keys[1], task.critic, 0.05)
        state = (g, zeros(g), d, zeros(d))

        def made(g, key):
            return jax.nn.sigmoid(apply(g, jax.random.uniform(key, (task.batch, 100), minval=-(3 ** 0.5), maxval=3 ** 0.5)))

        move = lambda p, m, grad: sgd(p, m, grad, 0.1, 0.5)
        update = training.jax_adversarial(made, apply, move, move)
    elif task is WGAN:
        g, d = network(keys[0], task.generator, None), network(keys[1], task.critic, None)
        state = (g, training.jax_fresh(g), d, training.jax_fresh(d))

        def critic_loss(d, real, fake, t):
            slope = jax.grad(lambda x: apply(d, x).sum())(t * real + (1 - t) * fake)
            norm = jnp.sqrt((slope * slope).sum(1))
            return apply(d, fake).mean() - apply(d, real).mean() + 0.1 * ((norm - 1) ** 2).mean()

        def update(state, real, key):
            g, sg, d, sd = state
            for c in range(5):
                key, kz, kt = jax.random.split(key, 3)
                fake = apply(g, jax.random.normal(kz, (task.batch, 2)))
                loss, gd = jax.value_and_grad(critic_loss)(d, real[c], fake, jax.random.uniform(kt, (task.batch, 1)))
                d, sd = adam(d, sd, gd)
            z = jax.random.normal(key, (task.batch, 2))
            g, sg = adam(g, sg, jax.grad(lambda g: -apply(d, apply(g, z)).mean())(g))
            return (g, sg, d, sd), loss
    else:
        g = network(keys[0], task.generator, "lecun")
        state = (g, zeros(g))

        def kernel_mean(a, b):
            d2 = (a * a).sum(1)[:, None] + (b * b).sum(1)[None] - 2 * a @ b.T
            return sum(jnp.exp(jnp.maximum(d2, 0) / (-2 * s)) for s in SCALES).mean()

        def update(state, real, key):
            g, m = state
            z = jax.random.uniform(key, (task.batch, 10), minval=-1, maxval=1)

            def loss_of(g):
                made = jax.nn.sigmoid(apply(g, z))
                return jnp.sqrt(kernel_mean(made, made) - 2 * kernel_mean(made, real) + kernel_mean(real, real))

            loss, gg = jax.value_and_grad(loss_of)(g)
            g, m = sgd(g, m, gg, 2.0, 0.9)
            return (g, m), loss

    if task is WGAN:  # five batches for the critic
        five = training.numpy_batches(x, 5 * task.batch)
        batch = lambda i: five(i).reshape(5, task.batch, 2)
    else:
        batch = training.numpy_batches(x, task.batch)
    return training.timed_steps(task, training.jax_steps(update, state, keys[2], batch))


def main():
    images = training.images()
    for task in (GAN, WGAN, GMMN):
        x = ring(100000) if task is WGAN else images
        training.race_steps(task, "PyTorch eager", lambda: torch_peer(task, x, False), task.wanted[0])
        training.race_steps(task, "PyTorch compiled", lambda: torch_peer(task, x, True), task.wanted[0])
        training.race_steps(task, "JAX jitted", lambda: jax_peer(task, x), task.wanted[1])
        training.race_precisions(task, 1.4)


main()

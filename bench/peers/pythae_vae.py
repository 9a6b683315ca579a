# SPDX-License-Identifier: Apache-2.0
"""`VAE.fit` on MNIST against pythae's VAE: its own trainer, and its own network (784-512-20, one hidden layer each way,
Bernoulli), the same batches of 128, Adam at 1e-3 and epochs. Needs the package in the environment of the peers, as
python_calls.py does.

Whole calls of fit, rows in memory, CPU seconds, one thread, in turns. Values: the ELBO of the test images, with one draw a
row, must agree within 0.5 nats before a row is printed (other draws and initial weights; it is some −108 after two epochs).
"""
import contextlib
import io
import logging
import statistics
import sys
import tempfile

from common import REPEATS, row, timed, wanted_row

import numpy as np

try:
    import pushforward as pf
    import torch
    from pythae.models import VAE, VAEConfig
    from pythae.pipelines import TrainingPipeline
    from pythae.trainers import BaseTrainerConfig
except ImportError as error:
    sys.exit(f"pythae_vae: {error}; it needs the package and pythae in {sys.executable}")

from common_training import DATA

EPOCHS, BATCH, HIDDEN, LATENT, WITHIN = 2, 128, 512, 20, 0.5
TASK = f"VAE.fit on MNIST, 784-{HIDDEN}-{LATENT}, batch {BATCH}"

logging.disable(logging.WARNING)
torch.set_num_threads(1)
pf.set_threads(1)


def images(name):
    path = DATA.with_name(name)
    if not path.exists():
        sys.exit(f"{path}: not there; pushforward data fetch mnist")
    return np.fromfile(path, np.uint8, offset=16).reshape(-1, 784).astype(np.float32) / 255


def theirs(x):
    config = VAEConfig(input_dim=(1, 28, 28), latent_dim=LATENT, reconstruction_loss="bce")
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        how = BaseTrainerConfig(output_dir=folder, num_epochs=EPOCHS, learning_rate=1e-3, per_device_train_batch_size=BATCH,
                                no_cuda=True, seed=0)
        pipeline = TrainingPipeline(training_config=how, model=VAE(config))
        pipeline(train_data=torch.from_numpy(x).reshape(-1, 1, 28, 28))
        return pipeline.model


def ours(x):
    return pf.VAE(latent=LATENT, hidden=HIDDEN, epochs=EPOCHS, batch=BATCH, rate=1e-3, threads=1).fit(x, progress=False)


def elbo_of_theirs(model, x):
    model.eval()
    with torch.no_grad():
        return -float(model({"data": torch.from_numpy(x).reshape(-1, 1, 28, 28)}).loss)


def main():
    if not wanted_row(TASK):
        return
    training, test = images("train-images-idx3-ubyte"), images("t10k-images-idx3-ubyte")
    seconds = []
    for _ in range(REPEATS):
        (peer, a), (mine, b) = timed(lambda: theirs(training)), timed(lambda: ours(training))
        seconds.append((a, b))
        values = elbo_of_theirs(peer, test), mine.evaluate(test)["elbo"]
        if not abs(values[0] - values[1]) <= WITHIN:
            sys.exit(f"{TASK}: ELBO {values[1]:.2f} against pythae's {values[0]:.2f}, wanted within {WITHIN}")
        print(f"{TASK}: ELBO {values[1]:.2f} against {values[0]:.2f}; rows a second "
              + ", ".join(f"{EPOCHS * len(training) / s:.0f}" for s in (b, a)))
    row(TASK, "pythae VAE, its trainer", *(statistics.median(side) for side in zip(*seconds)), 3)


main()

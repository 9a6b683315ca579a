# SPDX-License-Identifier: Apache-2.0
"""A run begins from a PyTorch network's own state_dict: init= and names=, and the way back by pushforward.torch.module."""

import numpy as np
import pytest
from test_state_files import VAE_NAMES, grey
from test_torch_module import GREY, NETWORKS, SMALL, close, images, rows, trained

import pushforward as pf

torch = pytest.importorskip("torch")
files = pytest.importorskip("safetensors.torch")
from pushforward import _core  # noqa: E402
from pushforward.torch import module  # noqa: E402

CLOSE = 1e-5  # float32, other orders of summation


def begun(name, x, **more):
    """A run before its first step."""
    made = pf.models.CLASSES[name]
    options = {**SMALL, "ema": 0, "seed": 5, **more}
    model = made(**{key: value for key, value in options.items() if key in made._defaults})
    model._run = _core.begin_run("", name, model._given(), model._loaded(x, reset=True), "array")
    return model


def state_of(model):
    """The state_dicts of all of a run's parts, as one."""
    state = {}
    for part in model.parts():
        state.update(module(model, part).state_dict())
    return {name: value.contiguous() for name, value in state.items()}


def written(folder, state, names=""):
    files.save_file(state, folder / "state.safetensors")
    if names:
        (folder / "names.toml").write_text(names)
    return {"init": folder / "state.safetensors", **({"names": folder / "names.toml"} if names else {})}


def leaving(model, state):
    """Names that leave what no part of the run exports as it was drawn."""
    return "".join(f'"{name}" = ""\n' for name in model.weights() if name not in state)


STEPPED = sorted(name for name, made in pf.models.CLASSES.items() if "init" in made._defaults and "rate" in made._defaults)


@pytest.mark.parametrize("name", STEPPED)
def test_round_trip_of_every_model(name, tmp_path):
    x = np.random.default_rng(1).uniform(size=(48, 5)).astype(np.float32) if name in GREY else rows()
    model = trained(name, x)
    state = state_of(model)
    assert set(state) <= set(model.weights())
    again = begun(name, x, **written(tmp_path, state, leaving(model, state)))
    for part in model.parts():
        one, other = module(model, part), module(again, part)
        inputs = [torch.from_numpy(np.random.default_rng(3).uniform(size=(7, n)).astype(np.float32)) for n in widths(model, part)]
        a, b = one(*inputs), other(*inputs)
        for left, right in zip(*((y if isinstance(y, tuple) else (y,)) for y in (a, b)), strict=True):
            close(right, left.detach().numpy())


def widths(model, part):
    return [width for _, width in model._run.graph(part)["ports"]]


@pytest.mark.parametrize("network", NETWORKS)
def test_round_trip_of_networks_of_images(network, tmp_path):
    model = trained("ae", images(), network=network, hidden="none")
    state = state_of(model)
    again = begun("ae", images(), network=network, hidden="none", **written(tmp_path, state, leaving(model, state)))
    np.testing.assert_allclose(again.reconstruct(images()), model.reconstruct(images()), atol=CLOSE)


class TorchVae(torch.nn.Module):
    """As a user of PyTorch writes one: two heads, names of its own."""

    def __init__(self):
        super().__init__()
        self.fc1, self.mu, self.logvar = torch.nn.Linear(6, 9), torch.nn.Linear(9, 2), torch.nn.Linear(9, 2)
        self.up = torch.nn.Sequential(torch.nn.Linear(2, 9), torch.nn.ReLU(), torch.nn.Linear(9, 6))

    def encode(self, x):
        return self.mu(torch.relu(self.fc1(x)))


def test_a_vae_of_pytorch(tmp_path):
    torch.manual_seed(0)
    net, x = TorchVae(), grey()
    vae = begun("vae", x, latent=2, hidden=9, **written(tmp_path, net.state_dict(), VAE_NAMES))
    np.testing.assert_allclose(vae.transform(x), net.encode(torch.from_numpy(x)).detach(), atol=CLOSE)
    z = vae.transform(x)
    wanted = torch.sigmoid(net.up(torch.from_numpy(z)))
    np.testing.assert_allclose(vae.inverse_transform(z), wanted.detach(), atol=CLOSE)


class TorchConvolutions(torch.nn.Module):
    """Channels first, flattened to and from planes; batch norm after it has seen something."""

    def __init__(self):
        super().__init__()
        self.down = torch.nn.Sequential(
            torch.nn.Conv2d(2, 3, 3, 2, 1), torch.nn.BatchNorm2d(3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(48, 4)
        )

    def forward(self, x):
        return self.down(x)


CONVOLUTION_NAMES = """
"encoder.0" = "down.0"
"encoder.1" = "down.1"
"encoder.4" = { array = "down.4", inputs = "3x4x4" }
decoder = ""
"""


def test_convolutions_of_pytorch(tmp_path):
    torch.manual_seed(0)
    net = TorchConvolutions()
    x = np.random.default_rng(1).uniform(size=(20, 8, 8, 2)).astype(np.float32)
    planes = torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    net.train()
    net(planes)  # moves the running means
    net.eval()
    options = {"latent": 4, "hidden": "none", "network": "conv 3 3x3/2 padding=1, batch-norm, relu", "batch": 20}
    plain = begun("ae", x, **options)
    names = CONVOLUTION_NAMES.replace("encoder.4", next(name for name, w in plain.weights().items() if w.shape == (4, 48)).rsplit(".", 1)[0])
    ae = begun("ae", x, **options, **written(tmp_path, net.state_dict(), names))
    found = ae.transform(x)
    np.testing.assert_allclose(found, net(planes).detach(), atol=CLOSE)


def test_outputs_that_are_planes(tmp_path):
    """A decoder's dense layer whose outputs become planes, and half precision."""
    torch.manual_seed(0)
    x = np.random.default_rng(1).uniform(size=(20, 2, 2, 3)).astype(np.float32)
    up, down = torch.nn.Linear(2, 12), torch.nn.Linear(12, 4)
    state = {f"up.{k}": v.half() for k, v in up.state_dict().items()} | {f"down.{k}": v for k, v in down.state_dict().items()}
    names = '"encoder.0" = { array = "down", inputs = "3x2x2" }\n"decoder.0" = { array = "up", outputs = "3x2x2" }'
    vae = begun("vae", x, latent=2, hidden="none", **written(tmp_path, state, names))
    z = vae.transform(x)
    planes = torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)).reshape(20, -1))
    np.testing.assert_allclose(z, down(planes).detach()[:, :2], atol=CLOSE)
    wanted = torch.sigmoid(up.half().float()(torch.from_numpy(z))).detach().numpy().reshape(20, 3, 2, 2).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(vae.inverse_transform(z), wanted, atol=CLOSE)

# SPDX-License-Identifier: Apache-2.0
"""A run's networks in PyTorch give the library's numbers, and can be trained on there."""

import numpy as np
import pytest

import pushforward as pf

torch = pytest.importorskip("torch")
from pushforward.torch import module  # noqa: E402


def rows(n=60, d=5, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(n, 3)) @ rng.normal(size=(3, d)) + 0.1 * rng.normal(size=(n, d))).astype(np.float32)


def images(n=24, size=16):
    return np.random.default_rng(1).uniform(size=(n, size, size)).astype(np.float32)


SMALL = {"latent": 3, "hidden": 7, "steps": 4, "batch": 16, "monitor": "none", "pretrain_epochs": 1}
GREY = {"dae", "vae", "iwae"}  # likelihoods of data in 0...1 by default


def trained(name, x, **more):
    made = pf.models.CLASSES[name]
    options = {key: value for key, value in {**SMALL, **more}.items() if key in made._defaults}
    return made(**options).fit(x)


def close(found, wanted):
    np.testing.assert_allclose(found.detach().numpy().reshape(wanted.shape), wanted, rtol=0, atol=1e-5 * max(1, abs(wanted).max()))


def agree(model, x):
    """Every part against the library; x is data, and codes are drawn."""
    flat = torch.from_numpy(x.reshape(len(x), -1))
    z = np.random.default_rng(2).normal(size=(9, model._run.latent)).astype(np.float32)
    compared = 0
    for part in model.parts():
        net = module(model, part)
        if part == "encoder":
            found = net(flat)
            close(found[0] if isinstance(found, tuple) else found, model.transform(x))
        elif part in ("decoder", "generator"):
            close(net(torch.from_numpy(z)), model.inverse_transform(z))
        elif part == "denoiser":
            close(net(flat), model.reconstruct(x))
        else:
            continue  # a critic, a velocity: no estimator's method gives them
        compared += 1
    return compared


@pytest.mark.parametrize("name", sorted(pf.models.CLASSES))
def test_every_model(name):
    x = np.random.default_rng(1).uniform(size=(48, 5)).astype(np.float32) if name in GREY else rows()
    model = trained(name, x)
    assert agree(model, x) > 0 or model.parts() == ["velocity"]


NETWORKS = [
    "conv", "resnet",
    "conv 4 3x3/2, batch-norm, leaky-relu, conv 6 3x3, group-norm groups=2, silu",
    "conv 4 3x3, max-pool, elu, conv 4 3x3, average-pool 3x3/2, selu",
    "flatten, dense 12, layer-norm, gelu, maxout 5, softplus, dropout 0.1, dense 9, tanh",
]


@pytest.mark.parametrize("network", NETWORKS)
def test_networks_of_images(network):
    assert agree(trained("ae", images(), network=network, hidden="none"), images()) == 2


def test_standardized_rows_come_and_go_in_their_own_units():
    x = 100 + 5 * rows()
    ae = trained("ae", x, standardize=True)
    assert agree(ae, x) == 2
    assert module(ae, "encoder").about["model"] == "ae"


def test_a_velocity_is_the_flow_s():
    flow = trained("flow", rows())
    velocity = module(flow)
    assert velocity.inputs == ["x", "t"]
    x, t = torch.from_numpy(rows(8)), torch.full((8, 1), 0.25)
    assert velocity(x, t).shape == (8, 5)


def test_training_goes_on_in_pytorch():
    x = rows()
    ae = trained("ae", x)
    encoder, decoder = module(ae, "encoder"), module(ae, "decoder")
    parameters = [*encoder.parameters(), *decoder.parameters()]
    assert sum(p.numel() for p in parameters) == sum(w.size for name, w in ae.weights().items() if name != "mean")
    optimizer, losses = torch.optim.Adam(parameters, 1e-2), []
    for _ in range(30):
        loss = ((decoder(encoder(torch.from_numpy(x))) - torch.from_numpy(x)) ** 2).sum(1).mean()
        optimizer.zero_grad(), loss.backward(), optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def test_a_run_directory_and_complaints(tmp_path):
    x = rows()
    vae = trained("pca", x)
    vae.save(tmp_path / "run")
    close(module(tmp_path / "run", "encoder")(torch.from_numpy(x)), vae.transform(x))
    with pytest.raises(ValueError, match="encoder, decoder"):
        module(vae)
    with pytest.raises(ValueError, match="critic"):
        module(vae, "critic")
    with pytest.raises(TypeError, match="inputs"):
        module(vae, "encoder")()


def test_export_writes_what_the_program_writes(tmp_path):
    flow = trained("flow", rows())
    flow.export(tmp_path / "v.onnx")
    assert (tmp_path / "v.onnx").read_bytes()[:1] == b"\x08"

# SPDX-License-Identifier: Apache-2.0
"""A run begins from arrays in safetensors, named and shaped as PyTorch names and shapes a state_dict; without PyTorch."""

import numpy as np
import pytest

import pushforward as pf
from pushforward import _core

files = pytest.importorskip("safetensors.numpy")
CLOSE = 1e-5  # float32, other orders of summation

# A network as a user of PyTorch writes one: two heads, names of its own.
VAE_NAMES = """
"encoder.0" = "fc1"
"encoder.1.weight" = ["mu.weight", "logvar.weight"]
"encoder.1.bias" = ["mu.bias", "logvar.bias"]
decoder.0 = "up.0"
decoder.1 = "up.2"
"""


def grey(n=40):
    return np.random.default_rng(1).uniform(size=(n, 6)).astype(np.float32)


def a_state():
    """What TorchVae().state_dict() holds: fc1 6 to 9, mu and logvar 9 to 2, up.0 2 to 9, up.2 9 to 6; outputs first."""
    sizes = {"fc1": (9, 6), "mu": (2, 9), "logvar": (2, 9), "up.0": (9, 2), "up.2": (6, 9)}
    rng, state = np.random.default_rng(4), {}
    for name, size in sizes.items():
        state[f"{name}.weight"] = rng.normal(size=size).astype(np.float32) / 3
        state[f"{name}.bias"] = rng.normal(size=size[0]).astype(np.float32) / 3
    return state


def begun(**options):
    """A VAE before its first step."""
    vae = pf.VAE(latent=2, seed=5, ema=0, **options)
    vae._run = _core.begin_run("", "vae", vae._given(), vae._loaded(grey(), reset=True), "array")
    return vae


def written(folder, state, names=""):
    files.save_file({name: np.ascontiguousarray(value) for name, value in state.items()}, folder / "state.safetensors")
    if names:
        (folder / "names.toml").write_text(names)
    return {"init": folder / "state.safetensors", **({"names": folder / "names.toml"} if names else {})}


def dense(state, name, x):
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def test_a_vae_computes_what_its_file_says(tmp_path):
    state, x = a_state(), grey()
    vae = begun(hidden=9, **written(tmp_path, state, VAE_NAMES))
    z = vae.transform(x)
    np.testing.assert_allclose(z, dense(state, "mu", np.maximum(dense(state, "fc1", x), 0)), atol=CLOSE)
    wanted = 1 / (1 + np.exp(-dense(state, "up.2", np.maximum(dense(state, "up.0", z), 0))))
    np.testing.assert_allclose(vae.inverse_transform(z), wanted, atol=CLOSE)


def refused(tmp_path, state, names, *words, **more):
    with pytest.raises(ValueError) as caught:
        begun(**{"hidden": 9, **more}, **written(tmp_path, state, names))
    for word in words:
        assert word in str(caught.value), (word, str(caught.value))
    assert "\n" not in str(caught.value)


def test_refusals_say_which_array_what_was_there_and_what_was_wanted(tmp_path):
    state = a_state()
    refused(tmp_path, state, "", "state.safetensors", "no array for encoder.0.weight", "fc1.weight", "up.2.bias", "--names")
    refused(tmp_path, state, VAE_NAMES.replace("fc1", "fc9"), "encoder.0.weight (fc9.weight)", "no parameter takes", "fc1.bias")
    refused(tmp_path, state, VAE_NAMES + '"encoder.7" = "fc1"', "names.toml", "encoder.7", "encoder.1.bias")
    refused(tmp_path, state, VAE_NAMES, "fc1.weight", "(9, 6)", "(8, 6)", "encoder.0.weight", hidden=8)
    swapped = VAE_NAMES.replace('["mu.weight", "logvar.weight"]', '["mu.weight", "fc1.weight"]')
    refused(tmp_path, state, swapped + 'leave = ["logvar.weight"]', "mu.weight + fc1.weight", "(9, 6)", "(2, 9)")
    short = VAE_NAMES.replace('["mu.weight", "logvar.weight"]', '"mu.weight"')
    refused(tmp_path, state, short + 'leave = ["logvar.weight"]', "(2, 9)", "(4, 9) for encoder.1.weight")
    refused(tmp_path, state, VAE_NAMES + "a = 3", "names.toml: a", "no text")
    refused(tmp_path, state, VAE_NAMES + "a = ", "names.toml:")
    refused(tmp_path, state, VAE_NAMES.replace('"fc1"', '{ array = "fc1", rows = "x" }'), "names.toml", "rows", "inputs")
    refused(tmp_path, state, VAE_NAMES.replace('"fc1"', '{ array = "fc1", inputs = "2x2x2" }'), "2x2x2", "6 numbers")
    refused(tmp_path, state, VAE_NAMES.replace('"fc1"', '{ array = "fc1", inputs = "6" }'), "64x7x7")
    refused(tmp_path, {**state, "fc1.weight": state["fc1.weight"] * float("nan")}, VAE_NAMES, "fc1.weight", "finite")
    refused(tmp_path, {**state, "fc1.weight": state["fc1.weight"].T.copy()}, VAE_NAMES, "(6, 9)", "(9, 6)")


def test_places(tmp_path):
    (tmp_path / "names.toml").write_text("")
    vae = pf.VAE(latent=2, hidden=7, steps=4).fit(grey(), path=tmp_path / "run")
    for how, words in (
        ({"init": tmp_path / "none"}, ("nothing there",)),
        ({"names": tmp_path / "names.toml"}, ("--names requires --init",)),
        ({"init": tmp_path / "run", "names": tmp_path / "names.toml"}, ("--names requires --init FILE",)),
        ({"init": tmp_path / "names.toml"}, ("names.toml",)),
    ):
        with pytest.raises(ValueError, match=words[0]):
            begun(hidden=7, **how)
    again = begun(hidden=7, init=tmp_path / "run" / "model.safetensors")
    np.testing.assert_array_equal(again.transform(grey()), vae.transform(grey()))

# SPDX-License-Identifier: Apache-2.0
"""Losses of PyTorch: PyTorch's own checker of gradients, and what a training needs of a module."""

import copy
import io
import pickle

import numpy as np
import pytest

import pushforward as pf

torch = pytest.importorskip("torch")
from pushforward.torch import Loss  # noqa: E402

WITH_GRADIENT = [name for name, row in pf.list_distances().items() if row["gradient"]]
LEARNED = [name for name, row in pf.list_distances().items() if row["learned"] and name != "c2st"]
OPTIONS = {"mmd": {"estimator": "biased"}}  # the estimator that takes weights


def points(*shape, seed=0, shift=0.0, kind=torch.float64):
    return (torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + shift).to(kind)


def pair(*lead):
    return points(*lead, 9, 2).requires_grad_(), points(*lead, 11, 2, seed=1, shift=0.4).requires_grad_()


@pytest.mark.parametrize("name", WITH_GRADIENT)
def test_gradcheck_in_points_of_both_samples(name):
    assert torch.autograd.gradcheck(Loss(name), pair())


@pytest.mark.parametrize("name", WITH_GRADIENT)
def test_gradcheck_of_batches(name):
    x, y = pair(3)
    assert torch.autograd.gradcheck(Loss(name), (x, y))
    assert torch.autograd.gradcheck(Loss(name), (x[0].detach().requires_grad_(), y))  # one sample for all


WEIGHTED = [n for n, row in pf.list_distances().items() if (row["gradient"] and row["weighted"]) or n in OPTIONS]


@pytest.mark.parametrize("name", WEIGHTED)
@pytest.mark.parametrize("lead", [(), (3,)], ids=["one", "batch"])
def test_gradcheck_in_weights(name, lead):
    # Weights sum to 1: along a softmax.
    loss, (x, y) = Loss(name, **OPTIONS.get(name, {})), pair(*lead)
    a, b = points(*lead, 9, seed=2).requires_grad_(), points(11, seed=3).requires_grad_()
    assert torch.autograd.gradcheck(lambda *w: loss(x.detach(), y.detach(), w[0].softmax(-1), w[1].softmax(-1)), (a, b))


def test_values_are_those_of_distance():
    x, y = points(40, 3), points(30, 3, seed=1)
    for name in WITH_GRADIENT:
        assert Loss(name)(x, y).item() == pf.distance(x, y, name).value


def test_types_are_kept():
    for kind in (torch.float32, torch.float64, torch.float16, torch.bfloat16):
        x, y = points(20, 3, kind=kind), points(20, 3, seed=1, kind=kind).requires_grad_()
        value = Loss("energy")(x, y)
        value.backward()
        assert value.dtype == y.grad.dtype == kind


def test_views_and_expanded_tensors_have_the_gradient_of_copies():
    loss, x, y = Loss("energy"), points(20, 3), points(20, 3, seed=1)
    copied = y.clone().requires_grad_()
    loss(x, copied).backward()
    for view in (lambda t: t.view(-1).view(20, 3), lambda t: t.t().contiguous().t(), lambda t: t.flip(0).flip(0)):
        seen = y.clone().requires_grad_()
        loss(x, view(seen)).backward()
        assert torch.equal(seen.grad, copied.grad)
    one = y[:1].clone().requires_grad_()
    loss(x, one.expand(20, 3)).backward()
    many = y[:1].repeat(20, 1).requires_grad_()
    loss(x, many).backward()
    torch.testing.assert_close(one.grad, many.grad.sum(0, keepdim=True))


def test_transforms_of_functions_are_refused():
    loss, x, y = Loss("energy"), points(20, 3), points(20, 3, seed=1)
    for call in (
        lambda: torch.func.grad(lambda y: loss(x, y))(y),
        lambda: torch.func.vmap(loss, (0, None))(torch.stack([x, x]), y),
        lambda: torch.func.jvp(lambda y: loss(x, y), (y,), (y,)),
    ):
        with pytest.raises(TypeError, match="energy: got a call inside torch.func, wanted one outside"):
            call()


def test_tensors_are_borrowed(monkeypatch):
    from pushforward import _loss

    seen = []
    monkeypatch.setattr(_loss, "samples", lambda value, name: seen.append(value.ctypes.data) or value)
    x, y = points(20, 3, kind=torch.float32), points(20, 3, seed=1, kind=torch.float32).requires_grad_()
    Loss("energy")(x, y).backward()
    assert seen == [x.data_ptr(), y.data_ptr()]


def test_a_view_that_changes_the_sign_is_read_as_it_says():
    x, y = points(8, 2), points(7, 2, seed=1)
    turned = torch.complex(torch.zeros_like(x), -x).conj().imag
    assert turned.is_neg() and Loss("energy")(turned, y) == Loss("energy")(x, y)


@pytest.mark.parametrize("name", ["w2", "mmd"])
def test_second_derivatives_are_refused_by_name(name):
    x, y = pair()
    (slope,) = torch.autograd.grad(Loss(name)(x, y), x, create_graph=True)
    with pytest.raises(RuntimeError, match=f"{name}: got a second derivative asked of it"):
        slope.sum().backward()


def test_what_is_derived_from_data_is_fixed_at_the_first_call():
    loss, x, y = Loss("mmd"), points(30, 2), points(30, 2, seed=1, shift=1.0)
    first = loss(x, y).item()
    assert loss(3 * x, 3 * y).item() != pytest.approx(pf.distance(3 * x, 3 * y, "mmd").value)
    bandwidth = pf.distance(x, y, "mmd").options["bandwidth"]
    again = pf.distance(3 * x, 3 * y, "mmd", bandwidth=bandwidth).value
    assert loss(3 * x, 3 * y).item() == pytest.approx(again, rel=1e-12)
    for other in (copy.deepcopy(loss), pickle.loads(pickle.dumps(loss)), _loaded(loss)):
        assert other(3 * x, 3 * y).item() == loss(3 * x, 3 * y).item() and other(x, y).item() == first


def _loaded(loss):
    stream = io.BytesIO()
    torch.save(loss.state_dict(), stream)
    stream.seek(0)
    critic = {key: getattr(loss, key) for key in ("critic_steps", "critic_rate", "critic_optimizer")}
    other = Loss(loss.name, seed=loss.seed, **critic, **loss.options)
    other.load_state_dict(torch.load(stream))
    return other


def test_projections_are_drawn_anew_only_if_asked_and_in_training():
    x, y = points(30, 5), points(30, 5, seed=1)
    fixed, drawn = Loss("sliced", projections=3), Loss("sliced", projections=3, redraw=True)
    assert fixed(x, y) == fixed(x, y) and drawn(x, y) != drawn(x, y)
    drawn.eval()
    assert drawn(x, y) == drawn(x, y)


def test_a_generator_learns_a_ring():
    torch.manual_seed(0)
    angle = 2 * np.pi * torch.rand(256)
    data = torch.stack([angle.cos(), angle.sin()], 1)
    net = torch.nn.Sequential(torch.nn.Linear(2, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))
    steps, loss, z = torch.optim.Adam(net.parameters(), 3e-3), Loss("energy"), torch.randn(256, 2)
    before = loss(data, net(z)).item()
    for _ in range(200):
        steps.zero_grad()
        value = loss(data, net(z))
        value.backward()
        steps.step()
    assert value.item() < before / 10


@pytest.mark.parametrize("name", LEARNED)
def test_critics_have_their_gradient(name):
    # A critic computes in float32: 2^-24 of a loss near 1 over a step of 0.01 is 1e-5; smooth activations keep the
    # curvature's part near the step squared.
    loss = Loss(name, hidden=16, activation="tanh")
    x, y = points(64, 2, kind=torch.float32), points(64, 2, seed=1, shift=1.0)
    for _ in range(20):
        loss(x, y)
    loss.eval()
    y.requires_grad_()
    assert torch.autograd.gradcheck(lambda y: 64 * loss(x, y), (y,), eps=1e-2, atol=2e-2, rtol=2e-2)


def test_a_critic_learns_and_is_kept():
    loss = Loss("w1-critic", critic_steps=5, critic_rate=1e-3)
    x, y = points(128, 2, kind=torch.float32), points(128, 2, seed=1, shift=2.0, kind=torch.float32).requires_grad_()
    for _ in range(60):
        value = loss(x, y)
    value.backward()
    # Moving against the gradient moves y towards x, which lies at 0, y at (2, 2).
    assert (y.grad.mean(0) > 0).all() and loss.reading["loss"] < 0
    kept = [pickle.loads(pickle.dumps(loss)), _loaded(loss)]
    value = loss(x, y).item()
    assert [other(x, y).item() for other in kept] == [value, value]
    assert loss.read(x, y.detach()).value > 0


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: Loss("prdc"), ValueError, "gradient: got prdc, which has none, wanted one of mmd"),
        (lambda: Loss("sinkhron"), ValueError, "did you mean 'sinkhorn'"),
        (lambda: Loss("energy")([[1.0]], [[1.0]]), TypeError, "x: got list, wanted a tensor"),
        (lambda: Loss("energy")(torch.ones(3, 2).int(), torch.ones(3, 2)), TypeError, "x: got values of type torch.int32"),
        (lambda: Loss("energy")(torch.ones(3, 2), torch.ones(3, 3)), ValueError, "wanted"),
        (lambda: Loss("energy")(torch.ones(2, 3, 2), torch.ones(3, 3, 2)), ValueError, "y: got 3 samples, wanted 2"),
        (lambda: Loss("w1-critic")(*pair()), ValueError, "wanted it in y alone"),
        (lambda: Loss("w1-critic")(*[t.detach() for t in pair(2)]), ValueError, "w1-critic: got batches"),
        (
            lambda: Loss("mmd")(*pair(), torch.full((9,), 1 / 9, requires_grad=True), None),
            ValueError,
            "mmd: got weights that want a gradient",
        ),
    ],
)
def test_refusals(call, kind, words):
    with pytest.raises(kind, match=words):
        call()

# SPDX-License-Identifier: Apache-2.0
"""Losses of JAX: its own checker of gradients, jit and vmap."""

import numpy as np
import pytest

import pushforward as pf

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp  # noqa: E402
from jax.test_util import check_grads  # noqa: E402

from pushforward.jax import loss  # noqa: E402

WITH_GRADIENT = [name for name, row in pf.list_distances().items() if row["gradient"]]
rng = np.random.default_rng(0)
X, Y = jnp.asarray(rng.normal(size=(9, 2))), jnp.asarray(rng.normal(size=(11, 2)) + 0.4)
XS, YS = jnp.asarray(rng.normal(size=(3, 9, 2))), jnp.asarray(rng.normal(size=(3, 11, 2)))


@pytest.mark.parametrize("name", WITH_GRADIENT)
def test_gradients(name):
    measure = loss(name)
    # A step of 1e-6 crosses no kink of these points (the checker's own, 1e-4, does, in projections); the differences'
    # rounding is then 1e-16 / 1e-6 of values near 1.
    for function in (measure, jax.jit(measure)):
        check_grads(function, (X, Y), order=1, modes=["rev"], eps=1e-6, atol=1e-5, rtol=1e-5)
    assert measure(X, Y) == pf.distance(X, Y, name).value


def test_gradients_in_weights():
    measure = loss("w2")
    a, b = jnp.asarray(rng.normal(size=9)), jnp.asarray(rng.normal(size=11))
    check_grads(lambda a, b: measure(X, Y, jax.nn.softmax(a), jax.nn.softmax(b)), (a, b), order=1, modes=["rev"])


def test_measurements_of_traced_values_name_the_loss():
    def measured(x):
        return pf.distance(x, Y, "energy").value

    for transform in (jax.jit, jax.grad, jax.vmap):
        with pytest.raises(TypeError, match="x: got a value that JAX traces, wanted numbers; pushforward.jax.loss is for jit"):
            transform(measured)(XS if transform is jax.vmap else X)


def test_bfloat16_stays_so():
    measure = loss("energy")
    x, y = X.astype(jnp.bfloat16), Y.astype(jnp.bfloat16)
    value = measure(x, y)
    assert value.dtype == jnp.bfloat16 and value == jnp.bfloat16(measure(x.astype(jnp.float32), y.astype(jnp.float32)))
    assert jax.jit(measure)(x, y) == value and jax.grad(measure, argnums=1)(x, y).dtype == jnp.bfloat16


def test_vmap_is_one_batch():
    measure = loss("energy")
    each = jnp.stack([measure(x, y) for x, y in zip(XS, YS, strict=True)])
    assert (jax.vmap(measure)(XS, YS) == each).all() and (measure(XS, YS) == each).all()
    slopes = jax.vmap(jax.grad(measure, 1))(XS, YS)
    assert (slopes[1] == jax.grad(measure, 1)(XS[1], YS[1])).all()
    assert (jax.vmap(measure, (None, 0))(XS[0], YS) == jnp.stack([measure(XS[0], y) for y in YS])).all()
    check_grads(lambda x, ys: measure(x, ys).sum(), (XS[0], YS), order=1, modes=["rev"])
    nested = jax.vmap(jax.vmap(measure))(jnp.stack([XS, XS]), jnp.stack([YS, YS]))
    assert nested.shape == (2, 3) and (nested[0] == each).all()


def test_float32_is_kept():
    value, slope = jax.value_and_grad(loss("energy"))(X.astype("float32"), Y.astype("float32"))
    assert value.dtype == slope.dtype == jnp.float32


def test_a_flow_of_points_arrives():
    # A shift by (2, 2): W2 squared is 8, and descent by half its gradient times n is exact.
    measure = jax.jit(jax.value_and_grad(loss("sinkhorn", eps=0.05), 1))
    y = X + 2
    for _ in range(5):
        value, slope = measure(X, y)
        y = y - 0.5 * len(X) * slope
    assert value < 0.1


def test_refusals():
    with pytest.raises(TypeError, match="w2: got a second derivative asked of it"):
        jax.hessian(loss("w2"))(X, Y)
    with pytest.raises(ValueError, match="loss: got w1-critic, which keeps a state"):
        loss("w1-critic")
    with pytest.raises(ValueError, match="gradient: got prdc, which has none"):
        loss("prdc")
    with pytest.raises(ValueError, match="x: got shape"):
        loss("w2")(X[0], Y)

# SPDX-License-Identifier: Apache-2.0
"""Distances as losses of JAX.

    from pushforward.jax import loss
    sinkhorn = loss("sinkhorn", eps=0.05)
    jax.grad(sinkhorn, argnums=1)(x, y)      # x the data, y what is generated; points a row

Under jit the library is called back; under vmap it is called once with the whole batch. float64 needs JAX's x64 mode.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from . import _core
from ._arrays import array, native, options_of, seed_of, word
from ._loss import Plug, Wanted

__all__ = ["loss"]


def _shape(x: Any, y: Any) -> tuple[int, ...]:
    return tuple(x.shape[:-2]) if x.ndim > y.ndim else tuple(y.shape[:-2])


def _flat(array: Any, keep: int) -> Any:
    """Of any number of leading axes one."""
    found = np.asarray(array)
    return found if found.ndim <= keep + 1 else found.reshape((-1, *found.shape[-keep:]))


def _array(value: Any, name: str, least: int, wanted: str) -> Any:
    found = value if isinstance(value, jax.Array) else jnp.asarray(native(array(value, name)))
    if found.ndim < least or not jnp.issubdtype(found.dtype, jnp.floating):
        raise ValueError(f"{name}: got shape {found.shape} of {found.dtype}, wanted {wanted} of floating-point numbers")
    return found


def _weights(value: Any, name: str, of: Any) -> Any:
    if value is None:
        return None
    found = _array(value, name, 1, "n")
    if found.ndim >= of.ndim or found.shape[-1] != of.shape[-2]:
        raise ValueError(f"{name}: got shape {found.shape}, wanted {of.shape[:-1]}, a weight a point")
    return found


class _Call:
    """What JAX calls back: values and the derivatives that are wanted, in the samples' own type."""

    def __init__(self, plug: Plug, wanted: Wanted) -> None:
        self.plug, self.wanted = plug, wanted

    def __call__(self, x: Any, y: Any, a: Any, b: Any) -> Any:
        lead = _shape(x, y)
        a, b = (None if w is None else _flat(w, 1) for w in (a, b))
        found = self.plug(_flat(x, 2), _flat(y, 2), a, b, self.wanted)
        kind = np.asarray(x).dtype
        value = np.asarray(found.values, kind).reshape(lead)
        return value, tuple(
            None if d is None else np.asarray(d, kind).reshape(lead + d.shape[d.ndim - keep :])
            for d, keep in zip((found.x, found.y, found.a, found.b), (2, 2, 1, 1), strict=True)
        )


def _callback(plug: Plug, wanted: Wanted, inputs: tuple[Any, ...]) -> Any:
    x, y, a, b = inputs
    lead, kind = _shape(x, y), x.dtype
    shapes = [lead + x.shape[-2:], lead + y.shape[-2:], lead + x.shape[-2:-1], lead + y.shape[-2:-1]]
    flags = (wanted.x, wanted.y, wanted.a, wanted.b)
    out = tuple(jax.ShapeDtypeStruct(s, kind) if flag else None for s, flag in zip(shapes, flags, strict=True))
    if not any(isinstance(leaf, jax.core.Tracer) for leaf in inputs):  # so that an error is the library's own
        value, gradients = _Call(plug, wanted)(*(None if leaf is None else np.asarray(leaf) for leaf in inputs))
        return jnp.asarray(value), tuple(None if g is None else jnp.asarray(g) for g in gradients)
    return jax.pure_callback(
        _Call(plug, wanted), (jax.ShapeDtypeStruct(lead, kind), out), x, y, a, b, vmap_method="broadcast_all"
    )


def _perturbed(leaf: Any) -> bool:
    return leaf is not None and bool(leaf.perturbed)


def _like(gradient: Any, outer: Any, primal: Any) -> Any:
    if primal is None:
        return None
    if gradient is None:
        return jnp.zeros_like(primal)
    product = outer.reshape(outer.shape + (1,) * (gradient.ndim - outer.ndim)) * gradient
    return product.sum(axis=tuple(range(product.ndim - primal.ndim)))


def _first_only(name: str, plug: Plug, wanted: Wanted) -> Callable[..., Any]:
    @jax.custom_jvp
    def derive(*inputs: Any) -> Any:
        return _callback(plug, wanted, inputs)

    @derive.defjvp
    def refuse(_primals: Any, _tangents: Any) -> Any:
        raise TypeError(f"{name}: got a second derivative asked of it, wanted a first")

    derivative: Callable[..., Any] = derive  # without jax at hand, a type checker sees only Any
    return derivative


def loss(name: str, *, seed: int = 0, **options: Any) -> Callable[..., Any]:
    """D(x, y) as a function of x (the data, n x d), y (what is generated, m x d) and, if you like, weights of both.

    It is a scalar with derivatives in the points and, where the distance has them, in the weights of both samples; no
    second ones, and none forward. Batches (B x n x d) give one number a problem. What the distance derives from the data
    (a median bandwidth, the scale of eps) is fixed at the first call. Learned distances have a state and are no pure
    function: pushforward.torch.Loss has them.
    """
    if _core.Distance(word(name, "name"), options_of(options), seed_of(seed)).learned:
        raise ValueError(f"loss: got {name}, which keeps a state, wanted a pure function; pushforward.torch.Loss has it")
    plug = Plug(name, seed, options)

    @jax.custom_vjp
    def measured(inputs: tuple[Any, ...]) -> Any:
        return _callback(plug, Wanted(), inputs)[0]

    def forward(inputs: tuple[Any, ...]) -> Any:
        wanted = Wanted(*(_perturbed(leaf) for leaf in inputs))
        plain = tuple(None if leaf is None else leaf.value for leaf in inputs)
        value, gradients = _first_only(name, plug, wanted)(*plain)
        return value, (gradients, plain)

    def backward(kept: Any, outer: Any) -> Any:
        gradients, plain = kept
        return (tuple(_like(g, outer, p) for g, p in zip(gradients, plain, strict=True)),)

    measured.defvjp(forward, backward, symbolic_zeros=True)

    def call(x: Any, y: Any, x_weights: Any = None, y_weights: Any = None) -> Any:
        x, y = _array(x, "x", 2, "n x d"), _array(y, "y", 2, "n x d")
        if x.shape[-1] != y.shape[-1]:
            raise ValueError(f"{name}: got {x.shape[-1]} columns in x and {y.shape[-1]} in y, wanted the same number")
        return measured((x, y, _weights(x_weights, "x_weights", x), _weights(y_weights, "y_weights", y)))

    call.__name__ = call.__qualname__ = name
    return call

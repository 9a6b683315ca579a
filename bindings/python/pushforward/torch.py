# SPDX-License-Identifier: Apache-2.0
"""Distances as losses of PyTorch.

    from pushforward.torch import Loss
    loss = Loss("sinkhorn", eps=0.05)
    loss(x, y).backward()                    # x the data, y what is generated; points a row
    decoder = module(vae, "decoder")         # a trained network, of an estimator or a run directory

Value and gradient come from one pass of the library, in float64 where the tensors are.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import _core
from ._arrays import count, flag, in_rows, number, options_of, seed_of, word
from ._core import Reading
from ._graph import GraphModule
from ._loss import Plug, Wanted
from .models import Model, load

__all__ = ["Loss", "module"]

_told: set[str] = set()


def _on_the_processor(tensor: Tensor) -> Tensor:
    tensor = tensor.detach()
    if tensor.device.type != "cpu":
        if str(tensor.device) not in _told:
            _told.add(str(tensor.device))
            warnings.warn(
                f"pushforward: tensors on {tensor.device} are copied to the processor and back", stacklevel=2
            )
        tensor = tensor.cpu()
    return tensor if tensor.dtype in (torch.float32, torch.float64) else tensor.to(torch.float32)


def _array(tensor: Tensor | None) -> Any:
    return None if tensor is None else _on_the_processor(tensor).resolve_neg().numpy()


def _want_tensor(value: Any, name: str) -> None:
    if not isinstance(value, Tensor):
        raise TypeError(f"{name}: got {type(value).__name__}, wanted a tensor")
    if not value.dtype.is_floating_point:
        raise TypeError(f"{name}: got values of type {value.dtype}, wanted floating-point ones")
    if value.layout != torch.strided or value.is_meta:
        kind = "meta" if value.is_meta else value.layout
        raise TypeError(f"{name}: got a tensor of the kind {kind}, wanted one that holds all its numbers")


def _like(array: Any, tensor: Tensor) -> Tensor:
    return torch.from_numpy(np.atleast_1d(np.asarray(array))).to(tensor).reshape(np.shape(array))


class _Derivative(torch.autograd.Function):
    """What backward hands back. It has no derivative of its own, and says so."""

    @staticmethod
    def forward(ctx: Any, name: str, outer: Tensor, inner: Tensor, *_points: Any) -> Tensor:
        ctx.name = name
        by = outer.reshape(outer.shape + (1,) * (inner.dim() - outer.dim()))
        return by * inner

    @staticmethod
    def backward(ctx: Any, *_: Any) -> Any:
        raise RuntimeError(
            f"{ctx.name}: got a second derivative asked of it, wanted a first; leave out create_graph for this loss"
        )


Derive = Callable[[Wanted], tuple[Any, list[Any]]]


class _Measured(torch.autograd.Function):
    """The value, with the derivatives that the same pass found."""

    @staticmethod
    def forward(ctx: Any, name: str, derive: Derive, *inputs: Tensor | None) -> Tensor:
        wanted = Wanted(*ctx.needs_input_grad[2:])
        value, derivatives = derive(wanted)
        ctx.name = name
        kept = [None if d is None else _like(d, t) for d, t in zip(derivatives, inputs, strict=True) if t is not None]
        ctx.present = [t is not None for t in inputs]
        ctx.save_for_backward(*(t for t in inputs if t is not None), *kept)
        first = next(t for t in inputs if t is not None)
        return _like(value, first)

    @staticmethod
    def backward(ctx: Any, *outers: Any) -> Any:
        saved = list(ctx.saved_tensors)
        half = len(saved) // 2
        points, derivatives = saved[:half], iter(zip(saved[:half], saved[half:], strict=True))
        back: list[Tensor | None] = []
        for present in ctx.present:
            tensor, inner = next(derivatives) if present else (None, None)
            if inner is None or tensor is None:
                back.append(None)
                continue
            outer = outers[0].to(inner)
            product = _Derivative.apply(ctx.name, outer, inner, *points)
            back.append(product if product.dim() == tensor.dim() else product.sum(0))
        return (None, None, *back)


class Loss(torch.nn.Module):
    """D(x, y) as a loss: x the data (n x d), y what is generated (m x d), or batches of either (B x n x d).

    loss(x, y, x_weights, y_weights) is a scalar, or one number a problem. It has derivatives in the points and, where
    the distance has them, in the weights of both samples; no second ones. What the distance derives from the data (a
    median bandwidth, the scale of eps) is fixed at the first call and kept in state_dict. `redraw` takes new random
    projections at each call in training mode.

    A learned distance (w1-critic, jsd-critic, ...) owns a critic. In training mode a call takes `critic_steps` steps of
    it on x and y and then is the generator's loss, whose derivative is in y; in evaluation the critic stays as it is.
    """

    reading: Any
    """What the last call measured: a Reading, Readings of a batch, or the critic's own losses."""

    def __init__(
        self,
        name: str,
        *,
        seed: int = 0,
        redraw: bool = False,
        critic_steps: int = 1,
        critic_rate: float = 2e-4,
        critic_optimizer: str = "adam:beta1=0.5",
        **options: Any,
    ) -> None:
        super().__init__()
        self.name, self.options, self.seed = word(name, "name"), options, seed_of(seed)
        made = _core.Distance(self.name, options_of(options), self.seed)
        self.learned: bool = made.learned
        self.redraw = flag(redraw, "redraw")
        self.critic_steps = count(critic_steps, "critic_steps", 1)
        self.critic_rate = number(critic_rate, "critic_rate")
        self.critic_optimizer = word(critic_optimizer, "critic_optimizer")
        self._critic: _core.Critic | None = None
        self._features = 0
        self._plug = None if self.learned else Plug(self.name, self.seed, options)
        self.reading = None

    def forward(self, x: Tensor, y: Tensor, x_weights: Tensor | None = None, y_weights: Tensor | None = None) -> Tensor:
        for tensor, name in [(x, "x"), (y, "y"), (x_weights, "x_weights"), (y_weights, "y_weights")]:
            if tensor is not None or name in "xy":
                _want_tensor(tensor, name)
        if torch._C._are_functorch_transforms_active():
            raise TypeError(f"{self.name}: got a call inside torch.func, wanted one outside; backward() differentiates, B x n x d is a batch")
        inputs = (x, y, x_weights, y_weights)
        derive = self._play(*inputs) if self._plug is None else self._derive(self._plug, *inputs)
        value: Tensor = _Measured.apply(self.name, derive, *inputs)
        return value

    # ---- closed forms ----

    def _derive(self, plug: Plug, *inputs: Tensor | None) -> Derive:
        def derive(wanted: Wanted) -> tuple[Any, list[Any]]:
            x, y, a, b = (_array(tensor) for tensor in inputs)
            found = plug(x, y, a, b, wanted, redraw=self.redraw and self.training)
            self.reading = plug.reading
            return found.values, [found.x, found.y, found.a, found.b]

        return derive

    # ---- learned ones ----

    def _made_critic(self, features: int) -> _core.Critic:
        if self._critic is None:
            self._critic = _core.Critic(
                self.name, options_of(self.options), self.seed, features, self.critic_rate, self.critic_optimizer
            )
            self._features = features
        return self._critic

    def _play(self, x: Tensor, y: Tensor, a: Tensor | None, b: Tensor | None) -> Derive:
        if x.dim() != 2 or y.dim() != 2 or a is not None or b is not None:
            raise ValueError(f"{self.name}: got batches or weights, wanted two samples without; a learned distance is one game")
        if x.requires_grad:
            raise ValueError(f"{self.name}: got x that wants a gradient, wanted it in y alone, what is generated")
        real, generated = (in_rows(_array(t), np.float32) for t in (x, y))

        def derive(wanted: Wanted) -> tuple[Any, list[Any]]:
            critic = self._made_critic(real.shape[1])
            for _ in range(self.critic_steps if self.training else 0):
                self.reading = critic.step(real, generated)
            loss, gradient = critic.loss(generated, self.training)
            return loss, [None, gradient, None, None]

        return derive

    def read(self, x: Tensor, y: Tensor) -> Reading:
        """The distance itself on these samples: measured, or as the critic sees it."""
        _want_tensor(x, "x")
        _want_tensor(y, "y")
        if self._plug is not None:
            self._plug(_array(x), _array(y), None, None, Wanted())
            reading: Reading = self._plug.reading
            return reading
        real, generated = (in_rows(_array(t), np.float32) for t in (x, y))
        return self._made_critic(real.shape[1]).read(real, generated)

    # ---- state ----

    def get_extra_state(self) -> dict[str, Any]:
        if self._plug is not None:
            return {"frozen": self._plug.frozen, "calls": self._plug.calls}
        if self._critic is None:
            return {"features": 0}
        steps, numbers = self._critic.state()
        return {"features": self._features, "steps": steps, "numbers": torch.from_numpy(numbers)}

    def set_extra_state(self, state: Any) -> None:
        if self._plug is not None:
            self._plug.thaw(state["frozen"])
            self._plug.calls = state["calls"]
        elif state["features"]:
            self._made_critic(state["features"]).restore(state["steps"], state["numbers"].numpy())

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_critic": None, "reading": None, "_extra": self.get_extra_state()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        extra = state.pop("_extra")
        super().__setstate__(state)
        self.set_extra_state(extra)

    def extra_repr(self) -> str:
        return ", ".join([repr(self.name), *(f"{key}={value!r}" for key, value in self.options.items())])


def module(run: Model | str | Path, part: str | None = None) -> GraphModule:
    """One of a run's networks as an nn.Module with the trained weights, from and to the data's own units.

    run: an estimator that fit() has trained, or a run directory. part: "encoder", "decoder", "generator", "denoiser",
    "critic" or "velocity"; it may be left out where there is one alone. Rows are B x n, of images channels last; batch
    norm runs by its running statistics. The weights are parameters: training may go on in PyTorch.
    """
    if not isinstance(run, (Model, str, Path)):
        raise TypeError(f"run: got {type(run).__name__}, wanted an estimator or a run directory")
    model = run if isinstance(run, Model) else load(run)
    return GraphModule(model._fitted().graph(model._part(part)))

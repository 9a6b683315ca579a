# SPDX-License-Identifier: Apache-2.0
"""A run's network as a torch.nn.Module: the nodes that `pushforward export` writes, each by PyTorch's own operator.

Weights are parameters, so that training can go on in PyTorch; running means are buffers, and so is what --standardize
took off, which is no part of state_dict(): that has the names of the run's model.safetensors. Rows are B x n, of images
channels last, as everywhere here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

Attributes = dict[str, Any]


def _padded(x: Tensor, at: Attributes, value: float = 0.0) -> Tensor:
    top, left, bottom, right = at.get("pads", (0, 0, 0, 0))
    return F.pad(x, (left, right, top, bottom), value=value) if any((top, left, bottom, right)) else x


def _conv(at: Attributes, x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    return F.conv2d(_padded(x, at), w, b, at["strides"], 0, at["dilations"], at["group"])


def _conv_transpose(at: Attributes, x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    top, left, bottom, right = at["pads"]
    whole = F.conv_transpose2d(x, w, b, at["strides"], 0, at["output_padding"], at["group"], at["dilations"])
    return whole[:, :, top : whole.shape[2] - bottom, left : whole.shape[3] - right]


def _max_pool(at: Attributes, x: Tensor) -> Tensor:
    window = at["kernel_shape"], at["strides"], 0, at["dilations"]
    return F.max_pool2d(_padded(x, at, -torch.inf), *window)


def _average_pool(at: Attributes, x: Tensor) -> Tensor:
    """Of the pixels inside the image: sums of the padded image by sums of ones."""
    rows, cols = at["kernel_shape"]
    ones = torch.ones((x.shape[1], 1, rows, cols), dtype=x.dtype, device=x.device)

    def sums(image: Tensor) -> Tensor:
        return F.conv2d(_padded(image, at), ones, None, at["strides"], 0, at["dilations"], x.shape[1])

    return sums(x) / sums(torch.ones_like(x))


def _gemm(at: Attributes, x: Tensor, w: Tensor, b: Tensor | None = None) -> Tensor:
    return F.linear(x, w if at["transB"] else w.T, b)


def _slice(_: Attributes, x: Tensor, begin: Tensor, end: Tensor, axis: Tensor) -> Tensor:
    return x.narrow(int(axis), int(begin), int(end) - int(begin))


def _reduce_max(at: Attributes, x: Tensor, axis: Tensor) -> Tensor:
    return x.amax(int(axis), keepdim=bool(at.get("keepdims", 1)))


def _batch_norm(at: Attributes, x: Tensor, scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    return F.batch_norm(x, mean, variance, scale, shift, eps=at["epsilon"])


def _group_norm(at: Attributes, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    return F.group_norm(x, at["num_groups"], scale, shift, at["epsilon"])


def _layer_norm(at: Attributes, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[1:], scale, shift, at["epsilon"])


def _pad(_: Attributes, x: Tensor, pads: Tensor, value: Tensor | None = None) -> Tensor:
    half = len(pads) // 2
    by_axis = [int(p) for axis in reversed(range(half)) for p in (pads[axis], pads[half + axis])]
    return F.pad(x, by_axis, value=0.0 if value is None else float(value))


def _clip(_: Attributes, x: Tensor, least: Tensor, most: Tensor) -> Tensor:
    return x.clamp(least, most)


def _selu(at: Attributes, x: Tensor) -> Tensor:
    return F.elu(x, at["alpha"]).mul(at["gamma"])


def _gather(at: Attributes, x: Tensor, index: Tensor) -> Tensor:
    return x.index_select(at.get("axis", 0), index.reshape(-1))


OPERATORS: dict[str, Callable[..., Tensor]] = {
    "Add": lambda _, a, b: a + b,
    "AveragePool": _average_pool,
    "BatchNormalization": _batch_norm,
    "Clip": _clip,
    "Concat": lambda at, *parts: torch.cat(parts, at["axis"]),
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Cos": lambda _, x: x.cos(),
    "Div": lambda _, a, b: a / b,
    "Elu": lambda at, x: F.elu(x, at["alpha"]),
    "Gather": _gather,
    "Gelu": lambda _, x: F.gelu(x),
    "Gemm": _gemm,
    "GroupNormalization": _group_norm,
    "Identity": lambda _, x: x,
    "LayerNormalization": _layer_norm,
    "LeakyRelu": lambda at, x: F.leaky_relu(x, at["alpha"]),
    "MatMul": lambda _, a, b: a @ b,
    "MaxPool": _max_pool,
    "Mul": lambda _, a, b: a * b,
    "Pad": _pad,
    "ReduceMax": _reduce_max,
    "Relu": lambda _, x: x.relu(),
    "Reshape": lambda _, x, shape: x.reshape([int(n) for n in shape]),
    "Selu": _selu,
    "Sigmoid": lambda _, x: x.sigmoid(),
    "Sin": lambda _, x: x.sin(),
    "Slice": _slice,
    "Softmax": lambda at, x: x.softmax(at["axis"]),
    "Softplus": lambda _, x: F.softplus(x, threshold=1e9),
    "Sub": lambda _, a, b: a - b,
    "Tanh": lambda _, x: x.tanh(),
    "Transpose": lambda at, x: x.permute(at["perm"]),
    "Unsqueeze": lambda _, x, axis: x.unsqueeze(int(axis)),
}

class GraphModule(torch.nn.Module):
    """One part of a run: module(*inputs) in the order of `inputs`, by the names of `outputs`."""

    def __init__(self, graph: dict[str, Any]) -> None:
        super().__init__()
        unknown = sorted({node["operation"] for node in graph["nodes"]} - OPERATORS.keys())
        if unknown:
            raise ValueError(f"module: got the operators {', '.join(unknown)}, wanted some of {', '.join(OPERATORS)}")
        self.inputs: list[str] = graph["inputs"]
        self.outputs: list[str] = graph["outputs"]
        self.about: dict[str, str] = graph["about"]
        self._nodes: list[dict[str, Any]] = graph["nodes"]
        self._held: dict[str, str] = {}  # a constant's name, and that of its tensor here
        for name, value in graph["constants"].items():
            tensor = torch.from_numpy(np.array(value))
            if name in graph["trained"] or name in graph["kept"]:
                self._hold(name, tensor, name in graph["trained"])
                self._held[name] = name
            else:  # a shape, an axis, what --standardize took off
                self._held[name] = name.replace(".", "_")
                self.register_buffer(self._held[name], tensor, persistent=False)

    def _hold(self, name: str, tensor: Tensor, trained: bool) -> None:
        """As encoder -> 0 -> weight, so that state_dict() has the names of the run's model.safetensors."""
        *path, last = name.split(".")
        owner: torch.nn.Module = self
        for part in path:
            if part not in dict(owner.named_children()):
                owner.add_module(part, torch.nn.Module())
            owner = owner.get_submodule(part)
        if trained:
            owner.register_parameter(last, torch.nn.Parameter(tensor))
        else:
            owner.register_buffer(last, tensor)

    def forward(self, *inputs: Tensor) -> Any:
        """The outputs' tensors, one alone by itself."""
        if len(inputs) != len(self.inputs):
            raise TypeError(f"module: got {len(inputs)} inputs, wanted {', '.join(self.inputs)}")
        held = {**dict(self.named_parameters()), **dict(self.named_buffers())}
        values: dict[str, Tensor] = {name: held[own] for name, own in self._held.items()}
        values.update(zip(self.inputs, inputs, strict=True))
        for node in self._nodes:
            operands = [values[name] for name in node["inputs"]]
            values[node["output"]] = OPERATORS[node["operation"]](node["attributes"], *operands)
        found = tuple(values[name] for name in self.outputs)
        return found[0] if len(found) == 1 else found

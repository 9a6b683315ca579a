# SPDX-License-Identifier: Apache-2.0
"""Pictures for notebooks, on axes of matplotlib: pip install 'pushforward[plot]'.

    from pushforward import plot
    plot.scatter(x, y); plot.grid(vae.sample(24)); plot.curves(vae.history_); plot.function(pf.witness(x, y, "mmd"), x, y)

Each takes the axes to draw on (ax=...) or makes its own, and returns them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import CenteredNorm

from ._arrays import array, count, finite, points

__all__ = ["curves", "function", "grid", "scatter"]

DATA, MADE = "#4477aa", "#ee6677"  # Paul Tol's bright colors, which color-blind readers tell apart


def _axes(ax: Any, width: float = 5, height: float = 4) -> Any:
    return plt.figure(figsize=(width, height), layout="constrained").add_subplot() if ax is None else ax


def _points(x: Any, name: str) -> Any:
    found = points(x, name)
    if found.shape[1] > 2:
        raise ValueError(f"{name}: got points of {found.shape[1]} numbers, wanted 1 or 2; encode them or choose two columns")
    if len(found) == 0:
        raise ValueError(f"{name}: got 0 points, wanted 1 or more")
    return finite(found, name)


def scatter(x: Any, y: Any = None, *, ax: Any = None, labels: tuple[str, str] = ("data", "generated")) -> Any:
    """Points of the plane, or histograms of points of the line: x, and beside it y."""
    ax = _axes(ax)
    for sample, name, color, label in ((x, "x", DATA, labels[0]), (y, "y", MADE, labels[1])):
        if sample is None and name == "y":
            continue
        found = _points(sample, name)
        if found.shape[1] == 1:
            ax.hist(found[:, 0], bins="auto", density=True, alpha=0.5, color=color, label=label)
        else:
            ax.scatter(found[:, 0], found[:, 1], s=6, alpha=0.5, color=color, label=label, linewidths=0)
            ax.set_aspect("equal", "datalim")
    ax.legend()
    return ax


def grid(images: Any, *, columns: int = 8, ax: Any = None) -> Any:
    """Images (n x height x width, or with channels last) side by side, each as dark and as bright as it is."""
    found = array(images, "images")
    if found.ndim not in (3, 4):
        raise ValueError(f"images: got shape {found.shape}, wanted n x height x width, or with channels last")
    if found.size == 0:
        raise ValueError(f"images: got shape {found.shape}, wanted an image or more")
    finite(found, "images")
    columns = count(columns, "columns", 1)
    lines = -(-len(found) // columns)
    height, width, *channels = found.shape[1:]
    sheet = np.zeros((lines * height, columns * width, *channels), found.dtype)
    for k, image in enumerate(found):
        row, column = divmod(k, columns)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = image
    ax = _axes(ax, columns * 0.8, lines * 0.8)
    ax.imshow(sheet.squeeze(), cmap="gray", vmin=0, vmax=255 if found.dtype == np.uint8 else max(1.0, float(found.max())))
    ax.set_axis_off()
    return ax


def curves(history: list[dict[str, Any]], *, names: tuple[str, ...] = ("loss", "validation_loss"), ax: Any = None) -> Any:
    """What was measured at each epoch's end: an estimator's history_."""
    if not isinstance(history, list) or not all(isinstance(line, dict) for line in history):
        raise TypeError(f"history: got {type(history).__name__}, wanted a list of dictionaries, an estimator's history_")
    ax = _axes(ax)
    for name, color in zip(names, (DATA, MADE, "#228833", "#ccbb44"), strict=False):
        seen = [(line["epoch"], line[name]) for line in history if line.get(name) is not None]
        if seen:
            ax.plot(*zip(*seen, strict=True), color=color, label=name.replace("_", " "))
    ax.set_xlabel("epoch")
    ax.legend()
    return ax


def function(f: Callable[[Any], Any], x: Any, y: Any = None, *, ax: Any = None, resolution: int = 80) -> Any:
    """f over the range of the points, as a curve or as filled contours, with the points on it."""
    if not callable(f):
        raise TypeError(f"f: got {type(f).__name__}, wanted a function of points, such as a Witness")
    resolution = count(resolution, "resolution", 2)
    ax, found = _axes(ax), [_points(p, name) for p, name in ((x, "x"), (y, "y")) if p is not None or name == "x"]
    low, high = np.min([p.min(0) for p in found], 0), np.max([p.max(0) for p in found], 0)
    axes = [np.linspace(a, b, resolution) for a, b in zip(low, high, strict=True)]
    if len(axes) == 1:
        ax.plot(axes[0], f(axes[0][:, None]), color="black")
        for sample, color in zip(found, (DATA, MADE), strict=False):
            ax.plot(sample[:, 0], np.zeros(len(sample)), "|", color=color)
        return ax
    plane = np.stack(np.meshgrid(*axes), -1)
    values = np.asarray(f(plane.reshape(-1, 2))).reshape(resolution, resolution)
    drawn = ax.contourf(*axes, values, levels=20, cmap="RdBu", norm=CenteredNorm())
    ax.figure.colorbar(drawn, ax=ax)
    for sample, color in zip(found, (DATA, MADE), strict=False):
        ax.scatter(sample[:, 0], sample[:, 1], s=2, color=color, linewidths=0)
    return ax

# SPDX-License-Identifier: Apache-2.0
"""Wasserstein barycentres: the distribution nearest to several, each with its share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import Array, array, count, flag, in_rows, number, numbers, points, seed_of, weights, whole

_MOST_POINTS = 1_000_000  # as the program's --size


@dataclass(frozen=True, repr=False)
class Barycenter:
    """Points with weights. `value` is their mean cost to the measures; no measure has less than `bound`."""

    points: NDArray[np.float64]
    weights: NDArray[np.float64]
    value: float
    bound: float
    gap: float
    plan_gap: float
    stationarity: float
    converged: bool
    iterations: int
    method: str

    def __repr__(self) -> str:
        return (
            f"Barycenter(value={self.value!r}, gap={self.gap!r}, method={self.method!r}, "
            f"{len(self.weights)} points, converged={self.converged})"
        )


@dataclass(frozen=True, repr=False)
class GridBarycenter:
    """A histogram in the shape of those it lies between. `value` is the plans' mean cost in squared cells."""

    masses: NDArray[np.float64]
    value: float
    marginal_error: float
    converged: bool
    iterations: int
    epsilon: float

    def __repr__(self) -> str:
        return (
            f"GridBarycenter(value={self.value!r}, marginal_error={self.marginal_error!r}, "
            f"epsilon={self.epsilon!r}, {self.masses.shape}, converged={self.converged})"
        )


def barycenter(
    measures: Any = None,
    *,
    histograms: Any = None,
    weights: Any = None,
    shares: Any = None,
    p: float = 2,
    size: int | None = None,
    start: Any = None,
    bound: bool = True,
    epsilon: float | None = None,
    debias: bool = False,
    iterations: int | None = None,
    tolerance: float | None = None,
    seed: int = 0,
) -> Barycenter | GridBarycenter:
    """The distribution nearest to several: min over nu of sum_k shares_k W_p^p(nu, measures_k).

    `measures` are two samples or more, `weights` one vector each, or None for equal ones. On the line the answer is
    exact (p = 2: the mean of quantiles, 1: their median); elsewhere points move to where exact plans send them, `size`
    of equal weight (None: as many as the plan of two measures has, or the measure with the largest share), or those of
    `start`. `bound=False` leaves out the pairs' plans that it takes.

    `histograms` instead are K x cells, or K x height x width: masses on a common grid, with entropy `epsilon` in squared
    cells (None: 0.002 of the longest side's square), whose blur `debias` takes out.
    """
    if (measures is None) == (histograms is None):
        raise ValueError("barycenter: got neither or both of measures and histograms, wanted one of them")
    common = _shares(shares)
    steps = None if iterations is None else count(iterations, "iterations", 1)
    enough = _above_0(tolerance, "tolerance")
    exponent, entropy = number(p, "p"), _above_0(epsilon, "epsilon")
    many = None if size is None else count(size, "size", 1, _MOST_POINTS)
    sharp, bounded, drawn = flag(debias, "debias"), flag(bound, "bound"), seed_of(seed)
    if exponent not in (1, 2):
        raise ValueError(f"p: got {exponent:g}, wanted 1 or 2")
    if histograms is not None:
        others = {"weights": weights is not None, "p=1": exponent == 1, "size": many is not None, "start": start is not None}
        _refuse(others, "histograms", "measures")
        return _on_a_grid(histograms, common, entropy, sharp, steps, enough)
    _refuse({"epsilon": entropy is not None, "debias": sharp}, "measures", "histograms")
    found = _list(measures, "measures")
    samples = [points(each, f"measures[{k}]") for k, each in enumerate(found)]
    if len(samples) < 2:
        raise ValueError(f"measures: got {len(samples)}, wanted two or more; the barycenter of one is itself")
    for k, sample in enumerate(samples):
        if len(sample) == 0:
            raise ValueError(f"measures[{k}]: got no points, wanted one or more")
    masses = _weights(weights, samples)
    if many is not None and start is not None:
        raise ValueError("size: got it with start, wanted one of them: as many points as are begun with")
    if samples[0].shape[1] == 1 and many is None and start is None:
        return Barycenter(**_core.line_barycenter(samples, masses, common, exponent))
    if exponent == 1:
        raise ValueError("p: got 1 with size, start or more than one column, wanted 2; 1 is for the line, whose median is exact")
    begun = None if start is None else in_rows(points(start, "start"), np.float64)
    return Barycenter(**_core.free_barycenter(samples, masses, common, many or 0, begun, bounded, steps, enough, drawn))


def _on_a_grid(
    histograms: Any, shares: NDArray[np.float64] | None, epsilon: float | None, debias: bool, steps: int | None, enough: float | None
) -> GridBarycenter:
    found = array(histograms, "histograms")
    if found.ndim not in (2, 3) or found.size == 0:
        raise ValueError(f"histograms: got shape {found.shape}, wanted K x cells or K x height x width")
    if len(found) < 2:
        raise ValueError("histograms: got one, wanted two or more; the barycenter of one is itself")
    rows = in_rows(whole(found, "histograms"), np.float64).reshape(len(found), -1)
    told = _core.grid_barycenter(rows, list(found.shape[1:]), shares, epsilon, debias, steps, enough)
    told["masses"] = told["masses"].reshape(found.shape[1:])
    return GridBarycenter(**told)


def _list(value: Any, name: str) -> list[Any]:
    """A list of samples, or B x n x d."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, np.ndarray) and value.ndim == 3:
        return list(value)
    raise TypeError(f"{name}: got {type(value).__name__}, wanted a list of them, or an array of three axes")


def _weights(value: Any, samples: list[Array]) -> list[NDArray[np.float64] | None]:
    if value is None:
        return [None] * len(samples)
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"weights: got {type(value).__name__}, wanted a list: a vector for each measure, or None")
    if len(value) != len(samples):
        raise ValueError(f"weights: got {len(value)} of them, wanted {len(samples)}, one for each measure")
    return [weights(each, f"weights[{k}]", sample) for k, (each, sample) in enumerate(zip(value, samples, strict=True))]


def _shares(value: Any) -> NDArray[np.float64] | None:
    found = None if value is None else numbers(value, "shares")
    if found is not None and found.size == 0:
        raise ValueError("shares: got none, wanted a number for each measure")
    return found


def _above_0(value: Any, name: str) -> float | None:
    if value is None:
        return None
    found = number(value, name)
    if not found > 0:
        raise ValueError(f"{name}: got {found!r}, wanted a number above 0")
    return found


def _refuse(given: dict[str, bool], kind: str, other: str) -> None:
    for name, there in given.items():
        if there:
            raise ValueError(f"{name}: got it with {kind}, wanted it with {other}")

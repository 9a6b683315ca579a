# SPDX-License-Identifier: Apache-2.0
"""Known distributions: vectors of probabilities and densities, what lies between them, and code books."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._arrays import count, finite, flag, in_rows, numbers, options_of, points, seed_of, word
from ._core import Reading

DRAWS = 200_000  # of Monte Carlo, as the program's


class Density:
    """A known density, written as the program writes it: normal(0,1), 0.5*normal(-2,1)+0.5*laplace(2,1), ...

    Families: normal(mean,sd), uniform(a,b), laplace(mean,scale), exponential(rate), gamma(shape,rate), beta(a,b),
    student(df[,mean,scale]), mvnormal(MEAN,COV) with numbers joined by '+', the covariance row by row. '*' between
    families puts coordinates side by side.
    """

    def __init__(self, text: str) -> None:
        self._made = _core.Density(word(text, "density"))

    @classmethod
    def _of(cls, made: _core.Density) -> Density:
        density = cls.__new__(cls)
        density._made = made
        return density

    @property
    def d(self) -> int:
        """Coordinates."""
        return self._made.d

    @property
    def text(self) -> str:
        """As it is written, to all digits."""
        return self._made.text(17)

    def log_density(self, at: Any) -> NDArray[np.float64]:
        """ln p at n points."""
        rows = in_rows(points(at, "at"), np.float64)
        if np.isnan(rows).any():
            finite(np.where(np.isinf(rows), 0, rows), "at")  # at infinity there is a density, 0
        found: NDArray[np.float64] = self._made.log_density(rows)
        return found

    def sample(self, n: int, *, seed: int = 0) -> NDArray[np.float64]:
        """n x d draws; row i depends on (seed, i) alone."""
        rows: NDArray[np.float64] = self._made.sample(count(n, "n", 1), seed_of(seed))
        return rows

    def entropy(self, *, bits: bool = False, seed: int = 0, draws: int = DRAWS) -> Reading:
        """Differential entropy."""
        return self._made.entropy(flag(bits, "bits"), seed_of(seed), count(draws, "draws", 2))

    def joint_entropies(
        self, split: int, *, bits: bool = False, seed: int = 0, draws: int = DRAWS
    ) -> dict[str, Reading]:
        """Entropies and mutual information of X, the first `split` coordinates, and Y, the others."""
        return self._made.joint_entropies(count(split, "split", 1), flag(bits, "bits"), seed_of(seed), count(draws, "draws", 2))

    def __repr__(self) -> str:
        return f"Density({self._made.text(6)!r})"

    def __reduce__(self) -> Any:
        return Density, (self.text,)


def density(text: str) -> Density:
    """The density that `text` describes; see Density."""
    return Density(text)


def _is_density(value: Any) -> bool:
    return isinstance(value, (str, Density))


def _density_of(value: Any, name: str) -> Density:
    if not _is_density(value):
        raise TypeError(f"{name}: got {type(value).__name__}, wanted a density, as the other is one")
    return value if isinstance(value, Density) else Density(value)


def divergence(
    p: Any,
    q: Any,
    name: str,
    *,
    positions: Any = None,
    normalize: bool = False,
    bits: bool = False,
    seed: int = 0,
    draws: int = DRAWS,
    **options: Any,
) -> Reading:
    """D(p, q) of two vectors of probabilities over the same values, or of two densities (Density or its text).

    Vectors: positions say where the values lie, normalize divides masses by their sums. Densities: by a closed form,
    else quadrature, else Monte Carlo with seed and draws.
    """
    texts, kind, in_bits = options_of(options), word(name, "name"), flag(bits, "bits")
    start, most, divide = seed_of(seed), count(draws, "draws", 2), flag(normalize, "normalize")
    if _is_density(p) or _is_density(q):
        if positions is not None or divide:
            raise ValueError("divergence: got positions or normalize with densities, wanted them with vectors alone")
        first, second = _density_of(p, "p")._made, _density_of(q, "q")._made
        return first.divergence(second, kind, texts, in_bits, start, most)
    places = None if positions is None else finite(numbers(positions, "positions"), "positions")
    return _core.divergence(kind, texts, numbers(p, "p"), numbers(q, "q"), places, divide, in_bits)


def entropy(
    p: Any = None,
    *,
    samples: Any = None,
    split: int | None = None,
    k: int | None = None,
    normalize: bool = False,
    bits: bool = False,
    seed: int = 0,
) -> Reading:
    """The entropy of probabilities, of a density, or of the density that `samples` came from (a row each).

    p: a vector; a table of X by Y, whose reading has x, y, y_given_x, x_given_y and mutual_information, too; or a
    density. samples: differential entropy by k-th nearest neighbors; with `split`, the mutual information of X, the
    first columns, and Y, the others, with their entropies.
    """
    in_bits, start, divide = flag(bits, "bits"), seed_of(seed), flag(normalize, "normalize")
    if (p is None) == (samples is None):
        raise ValueError("entropy: got neither or both of p and samples, wanted one of them")
    if samples is None:
        if split is not None or k is not None:
            raise ValueError("entropy: got split or k with probabilities, wanted them with samples= alone")
        if _is_density(p):
            return _density_of(p, "p").entropy(bits=in_bits, seed=start)
        return _core.entropy(numbers(p, "p", (1, 2)), divide, in_bits)
    if divide:
        raise ValueError("entropy: got normalize with samples, wanted it with probabilities, which it divides")
    neighbor = 0 if k is None else count(k, "k", 1)
    rows = points(samples, "samples")
    if split is None:
        return _core.sample_entropy(rows, neighbor, in_bits)
    return _core.sample_information(rows, count(split, "split", 1), neighbor, start, in_bits)


@dataclass(frozen=True)
class Code:
    """A code book and what it costs, in bits a symbol. words has None for a symbol that it cannot send."""

    words: list[str | None]
    mean_length: float
    fixed_length: int
    entropy: float
    kraft_sum: float
    ideal_length: float | None = None
    """The cross-entropy of p and the masses that the book was made for."""
    extra: float | None = None
    """The Kullback-Leibler divergence: what a book made for other masses costs beyond the entropy."""


def code(p: Any, *, words: list[str] | None = None, made_for: Any = None, normalize: bool = False) -> Code:
    """Huffman's code book for masses p (or made_for other masses), or your own `words`, and its price on p."""
    other = None if made_for is None else numbers(made_for, "made_for")
    if words is not None and not isinstance(words, (list, tuple)):
        raise TypeError(f"words: got {words!r}, wanted a list of texts")
    book = None if words is None else [word(each, "words") for each in words]
    return Code(**_core.code(numbers(p, "p"), book, other, flag(normalize, "normalize")))


@dataclass(frozen=True)
class Optimum:
    """Where a fit ended: a local optimum, its value, and how many starts ended there."""

    density: Density
    parameters: dict[str, float]
    reading: Reading
    starts: int


@dataclass(frozen=True)
class Fit:
    """A family fitted to a target; optima has the best first."""

    optima: list[Optimum]
    objective: str
    """What the value is, where it is not the divergence itself."""
    evaluations: int

    @property
    def density(self) -> Density:
        return self.optima[0].density

    @property
    def parameters(self) -> dict[str, float]:
        return self.optima[0].parameters

    @property
    def reading(self) -> Reading:
        return self.optima[0].reading


def fit(target: Any, family: str, by: str = "kl", *, seed: int = 0, **options: Any) -> Fit:
    """The member of a family nearest to a density, or to points (a row each), by any divergence of the registry.

    Families: normal, laplace, uniform, exponential, gamma, beta, student, mixture:K, mvnormal. kl is KL(target || q),
    which covers; reverse-kl picks a part.
    """
    known = _density_of(target, "target")._made if _is_density(target) else None
    rows = None if known else in_rows(points(target, "target"), np.float64)
    found = _core.fit(known, rows, word(family, "family"), word(by, "by"), options_of(options), seed_of(seed))
    optima = [
        Optimum(Density._of(each["density"]), each["parameters"], each["reading"], each["starts"])
        for each in found["optima"]
    ]
    return Fit(optima, found["objective"], found["evaluations"])


def list_divergences() -> dict[str, dict[str, Any]]:
    """Every divergence: title, formula, range, source, facts, and options as (name, default, meaning, flag)."""
    return {row["name"]: row for row in _core.divergence_rows()}

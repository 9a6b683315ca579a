# SPDX-License-Identifier: Apache-2.0
"""Fits of a normal by every divergence to ten targets, against NumPy integrals and SciPy's minimizer.

The integrals are Gauss and Legendre's on some thousand nodes, laid by the targets' own break points; nothing of the
program is in them. Each local optimum that the program tells is polished from 0.003 beside it by Nelder and Mead and
must come back to within 1e-4; no node of a coarse grid may be lower than the best. Where the integral is infinite all
over the grid the program must refuse. Exit status 1 on a row that fails.

    bench/agree fits
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
from common import reading  # noqa: E402

import numpy as np  # noqa: E402
from scipy import special, stats  # noqa: E402
from scipy.optimize import brentq, minimize  # noqa: E402

LIMIT = 1e-4

# name: components (weight, SciPy's distribution), break points
TARGETS = {
    "0.5*normal(-2.5,0.5)+0.5*normal(2.5,0.5)": ([(0.5, stats.norm(-2.5, 0.5)), (0.5, stats.norm(2.5, 0.5))], []),
    "0.4*normal(-2,0.7)+0.6*normal(1.5,1)": ([(0.4, stats.norm(-2, 0.7)), (0.6, stats.norm(1.5, 1))], []),
    "0.2*normal(-3,0.4)+0.5*normal(0,1)+0.3*normal(3,0.5)": (
        [(0.2, stats.norm(-3, 0.4)), (0.5, stats.norm(0, 1)), (0.3, stats.norm(3, 0.5))], []),
    "laplace(0,1)": ([(1, stats.laplace(0, 1))], [0]),
    "uniform(0,3)": ([(1, stats.uniform(0, 3))], [0, 3]),
    "gamma(3,2)": ([(1, stats.gamma(3, scale=0.5))], [0]),
    "exponential(2)": ([(1, stats.expon(scale=0.5))], [0]),
    "beta(2,3)": ([(1, stats.beta(2, 3))], [0, 1]),
    "0.3*normal(-1,0.5)+0.7*laplace(2,1)": ([(0.3, stats.norm(-1, 0.5)), (0.7, stats.laplace(2, 1))], [2]),
    "student(5)": ([(1, stats.t(5))], []),
}
DIVERGENCES = ["kl", "reverse-kl", "js", "tv", "hellinger", "chi2", "l2", "renyi:alpha=0.5", "w1", "w2",
               "mmd:bandwidth=1", "energy"]


NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)


class Target:
    def __init__(self, components, breaks, heavy):
        self.components, self.heavy = components, heavy  # heavy: tails above any normal's
        ends = np.sort(np.concatenate([np.sinh(np.linspace(-7.5, 7.5, 420)) / 8, np.array(breaks, float)]))
        self.ends = ends
        self.x, self.w = self.nodes(ends[:-1], ends[1:])
        with np.errstate(divide="ignore"):
            self.log_p = special.logsumexp([np.log(a) + d.logpdf(self.x) for a, d in components], axis=0)
        self.p = np.exp(self.log_p)
        self.cdf = sum(a * d.cdf(self.x) for a, d in components)
        self.survival = sum(a * d.sf(self.x) for a, d in components)
        self.kernel = np.exp(-((self.x[:, None] - self.x[None, :]) ** 2) / 2)

    @staticmethod
    def nodes(low, high):
        low, high = np.atleast_1d(low)[:, None], np.atleast_1d(high)[:, None]
        return ((high + low + (high - low) * NODES) / 2).ravel(), ((high - low) * WEIGHTS / 2).ravel()

    def absolute(self, f):
        """The integral of |f|, with panels cut where f changes its sign."""
        v = f(self.x)
        sums = (self.w * np.abs(v)).reshape(-1, len(NODES)).sum(1)
        signs = np.sign(v).reshape(-1, len(NODES))
        for k in np.flatnonzero(signs.min(1) * signs.max(1) < 0):
            low, high = self.ends[k], self.ends[k + 1]
            inner = self.x.reshape(-1, len(NODES))[k]
            at = np.flatnonzero(np.diff(signs[k]) != 0)[0]
            cut = brentq(lambda x: f(np.array([x]))[0], inner[at], inner[at + 1], xtol=1e-15)
            sums[k] = sum(abs(w @ f(x)) for x, w in (self.nodes(low, cut), self.nodes(cut, high)))
        return sums.sum()

    def gap(self, x, m, s):
        """F_p - F_q, from the side that has digits."""
        z = (x - m) / s
        above = sum(a * d.sf(x) for a, d in self.components)
        below = sum(a * d.cdf(x) for a, d in self.components)
        return np.where(z < 0, below - special.ndtr(z), special.ndtr(-z) - above)

    def log_q(self, m, s):
        return -((self.x - m) / s) ** 2 / 2 - np.log(s) - np.log(2 * np.pi) / 2

    def value(self, name, m, s):
        """The divergence at normal(m, s), or a monotone function of it."""
        lp, lq, p, w = self.log_p, self.log_q(m, s), self.p, self.w
        q = np.exp(lq)
        inside = np.isfinite(lp)
        if name == "kl":
            return w[inside] @ (p * (lp - lq))[inside]
        if name == "reverse-kl":
            return np.inf if not inside.all() else w[inside] @ (q * (lq - lp))[inside]
        if name == "js":
            lm = np.logaddexp(lp, lq) - np.log(2)
            return (w[inside] @ (p * (lp - lm))[inside] + w @ (q * (lq - lm))) / 2
        if name == "tv":
            def gap(x):
                return sum(a * d.pdf(x) for a, d in self.components) - stats.norm.pdf(x, m, s)

            return self.absolute(gap) / 2
        if name == "hellinger":
            return w @ (np.sqrt(p) - np.sqrt(q)) ** 2
        if name == "chi2":
            return np.inf if self.heavy else w @ np.exp(2 * lp - lq) - 1
        if name == "l2":
            return w @ (p - q) ** 2
        if name == "renyi:alpha=0.5":
            return -2 * np.log(w @ np.sqrt(p * q))
        if name == "w1":
            return self.absolute(lambda x: self.gap(x, m, s))
        if name == "energy":
            return 2 * w @ self.gap(self.x, m, s) ** 2
        if name == "w2":
            # E(x - m)^2 + s^2 - 2 s E[x z]; E[x z] = integral of phi(z), z the normal's quantile at F(x).
            z = np.where(self.cdf < 0.5, special.ndtri(self.cdf), -special.ndtri(self.survival))
            return w @ (p * (self.x - m) ** 2) + s**2 - 2 * s * (w @ np.exp(-(z**2) / 2)) / np.sqrt(2 * np.pi)
        r = w * (p - q)
        return r @ self.kernel @ r


def polished(f, m, s):
    found = minimize(lambda v: f(v[0], np.exp(v[1])), [m + 0.003, np.log(s) - 0.003], method="Nelder-Mead",
                     options={"xatol": 1e-9, "fatol": 1e-15, "maxiter": 2000,
                              "initial_simplex": [[m + 0.003, np.log(s) - 0.003], [m + 0.004, np.log(s) - 0.003],
                                                  [m + 0.003, np.log(s) - 0.002]]})
    return found.x[0], np.exp(found.x[1])


def check(text, target, name):
    f = lambda m, s: target.value(name, m, s)  # noqa: E731
    coarse = min(f(m, s) for m in np.arange(-4, 4.01, 0.25) for s in 0.2 * 1.25 ** np.arange(15))
    try:
        fit = reading(["fit", text, "--family", "normal", "--by", name])[0]
    except RuntimeError as error:
        refused = "infinite for every member" in str(error)
        return ("refused, as infinite" if refused else str(error)), refused and not np.isfinite(coarse)
    optima = [(o["parameters"]["mean"], o["parameters"]["sd"]) for o in fit["optima"]]
    off = 0.0
    for m, s in optima:
        m2, s2 = polished(f, m, s)
        off = max(off, abs(m2 - m), abs(s2 - s))
    ok = off <= LIMIT and f(*optima[0]) <= coarse + 1e-9
    return f"{len(optima)} optima, off by {off:.1e}", ok


def main():
    failed = 0
    for text, (components, breaks) in TARGETS.items():
        heavy = any(name in text for name in ("laplace", "gamma", "exponential", "student"))
        target = Target(components, breaks, heavy)
        for name in DIVERGENCES:
            said, ok = check(text, target, name)
            failed += not ok
            print(f"{'  ' if ok else 'X '}{text:55} {name:17} {said}", flush=True)
    print("all agree" if not failed else f"{failed} rows fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

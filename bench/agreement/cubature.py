# SPDX-License-Identifier: Apache-2.0
"""Divergences of Gaussian mixtures in the plane against sums and integrals with 50 digits (mpmath).

Smooth integrands are summed over a grid, which for analytic functions converges faster than any power of the step:
the step is halved until 20 digits stand. Mixtures along a line are integrals on it. Wanted: 1e-8 relative, and an
error not above the one that the program tells. Exit status 1 on a row that fails.

    bench/agree cubature
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
from common import reading  # noqa: E402

from mpmath import exp, log, mp, mpf, pi, quad, sqrt  # noqa: E402

mp.dps = 50

# weight, mean, covariance (xx, xy, yy)
PAIRS = {
    "three against one": (
        [(0.3, (-1, 0), (1, 0.5, 1)), (0.4, (2, 1), (0.5, 0, 1)), (0.3, (0, -2), (1, -0.3, 0.6))],
        [(1, (0.5, 0), (2, 0, 2.5))]),
    "two crossed ellipses": ([(1, (0, 0), (1, 0.6, 1))], [(0.5, (0, 0), (1, -0.6, 1)), (0.5, (1, 1), (1.5, 0, 1.5))]),
}
SMOOTH = {
    "kl": lambda p, q: p * log(p / q),
    "reverse-kl": lambda p, q: q * log(q / p),
    "js": lambda p, q: (p * log(2 * p / (p + q)) + q * log(2 * q / (p + q))) / 2,
    "hellinger": lambda p, q: (sqrt(p) - sqrt(q)) ** 2,
    "l2": lambda p, q: (p - q) ** 2,
    "alpha:alpha=0.3": lambda p, q: (p ** mpf("0.3") * q ** mpf("0.7") - mpf("0.3") * p - mpf("0.7") * q)
    / (mpf("0.3") * (mpf("0.3") - 1)),
}


def exact(v):
    return mpf(str(v))


def density(parts):
    made = []
    for weight, mean, (a, b, c) in parts:
        a, b, c = exact(a), exact(b), exact(c)
        det = a * c - b * b
        made.append((exact(weight) / (2 * pi * sqrt(det)), exact(mean[0]), exact(mean[1]), c / det, b / det, a / det))
    return lambda x, y: sum(
        k * exp(-((x - m) ** 2 * xx - 2 * (x - m) * (y - n) * xy + (y - n) ** 2 * yy) / 2)
        for k, m, n, xx, xy, yy in made)


def sums(p, q, step, reach=18):
    """Of all smooth terms at once."""
    totals = dict.fromkeys(SMOOTH, mpf(0))
    count = int(reach / step)
    for i in range(-count, count + 1):
        for j in range(-count, count + 1):
            a, b = p(i * step, j * step), q(i * step, j * step)
            if a + b > mpf(10) ** -32:
                for name, term in SMOOTH.items():
                    totals[name] += term(a, b)
    return {name: total * step * step for name, total in totals.items()}


def text(parts):
    return "+".join(f"{w}*mvnormal({m}+{n},{a}+{b}+{b}+{c})" for w, (m, n), (a, b, c) in parts)


def along_a_line():
    """0.25 N(-2, 0.5) + 0.75 N(1, 1) against 0.5 N(0, 2) + 0.5 N(2, 1), times N(0, 1.3), turned by an invertible map,
    which changes no f-divergence."""
    def turned(parts):
        return "+".join(f"{w}*mvnormal({2 * m}+0,{4 * s * s + 1.69!r}+5.07+5.07+15.21)" for w, m, s in parts)

    def on_line(parts):
        made = [(exact(w) / exact(s) / sqrt(2 * pi), exact(m), exact(s)) for w, m, s in parts]
        return lambda x: sum(k * exp(-(((x - m) / s) ** 2) / 2) for k, m, s in made)

    left, right = [(0.25, -2, 0.5), (0.75, 1, 1)], [(0.5, 0, 2), (0.5, 2, 1)]
    p, q = on_line(left), on_line(right)
    cuts = [-40, -15, -8, -5, -3, -2, -1, 0, 1, 2, 4, 7, 12, 20, 40]
    values = {name: quad(lambda x, term=term: term(p(x), q(x)) if p(x) > 0 and q(x) > 0 else mpf(0), cuts)
              for name, term in SMOOTH.items() if name != "l2"}
    values["chi2"] = quad(lambda x: p(x) ** 2 / q(x) if q(x) > 0 else mpf(0), cuts) - 1
    return turned(left), turned(right), values


def finish(name, value):
    return sqrt(value) if name == "hellinger" else value


def check(title, left, right, values):
    failed = 0
    for name, value in values.items():
        got = reading(["density", left, right, "-m", name])[0]
        value = finish(name, value)
        off = abs(mpf(got["value"]) - value)
        told = mpf(got.get("error_estimate", 1e-14 * got["value"]))  # of a closed form none is told
        ok = off <= mpf("1e-8") * value and off <= told
        failed += not ok
        digits = f"{got['value']:.17g}  off {float(off):.1e}, told {float(told):.1e}"
        print(f"{'  ' if ok else 'X '}{title:22} {name:16} {digits}", flush=True)
    return failed


def main():
    failed = check("along a line", *along_a_line())
    for title, (left, right) in PAIRS.items():
        p, q = density(left), density(right)
        values = sums(p, q, mpf("0.125"))
        coarse = sums(p, q, mpf("0.25"))
        print(f"  {title}: halving the step changes {float(max(abs(values[n] - coarse[n]) for n in values)):.0e}")
        failed += check(title, text(left), text(right), values)
    print("all agree" if not failed else f"{failed} rows fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""A batch has the bits of its problems."""

import numpy as np
import pytest

import pushforward as pf

rng = np.random.default_rng(5)
XS, YS = rng.normal(size=(7, 20, 3)), rng.normal(size=(7, 30, 3)) + 0.5
WEIGHTED = [name for name, row in pf.list_distances().items() if row["weighted"]]
WITH_GRADIENT = [name for name, row in pf.list_distances().items() if row["gradient"]]


@pytest.mark.parametrize("name", [n for n, row in pf.list_distances().items() if not row["learned"]])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_readings_are_those_of_the_problems(name, kind):
    d = 1 if name == "histogram" else 3
    xs, ys = XS[..., :d].astype(kind), YS[..., :d].astype(kind)
    found = pf.distance(xs, ys, name)
    alone = [pf.distance(x, y, name) for x, y in zip(xs, ys, strict=True)]
    assert isinstance(found, pf.Readings) and list(found) == alone
    np.testing.assert_array_equal(found.values, [np.nan if r.value is None else r.value for r in alone])


def test_one_sample_may_be_everybody_s():
    assert list(pf.distance(XS[0], YS, "w2")) == [pf.distance(XS[0], y, "w2") for y in YS]
    assert list(pf.distances.Energy()(XS, YS[0])) == [pf.distance(x, YS[0], "energy") for x in XS]


@pytest.mark.parametrize("name", WEIGHTED)
def test_weights_of_each_or_of_all(name):
    a = rng.dirichlet(np.ones(20), size=7)
    d = 1 if name == "histogram" else 3
    xs, ys = XS[..., :d], YS[..., :d]
    each = pf.distance(xs, ys, name, x_weights=a)
    assert list(each) == [pf.distance(x, y, name, x_weights=w) for x, y, w in zip(xs, ys, a, strict=True)]
    shared = pf.distance(xs, ys, name, x_weights=a[0])
    assert list(shared) == [pf.distance(x, y, name, x_weights=a[0]) for x, y in zip(xs, ys, strict=True)]


@pytest.mark.parametrize("name", WITH_GRADIENT)
@pytest.mark.parametrize("of", ["x", "y"])
def test_gradients_are_those_of_the_problems(name, of):
    readings, in_points, in_weights = pf.gradient(XS, YS, name, of=of)
    for b in range(7):
        alone, alone_points, alone_weights = pf.gradient(XS[b], YS[b], name, of=of)
        assert readings[b] == alone
        np.testing.assert_array_equal(in_points[b], alone_points)
        assert (in_weights is None) == (alone_weights is None)
        if in_weights is not None:
            np.testing.assert_array_equal(in_weights[b], alone_weights)


def test_threads_change_no_bit():
    before = pf.distance(XS, YS, "sinkhorn")
    pf.set_threads(1)
    try:
        assert pf.distance(XS, YS, "sinkhorn") == before
    finally:
        pf.set_threads(0)


def test_no_problem_is_no_reading():
    assert len(pf.distance(XS[:0], YS[:0], "w2")) == 0

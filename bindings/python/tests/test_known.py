# SPDX-License-Identifier: Apache-2.0
"""Known distributions: values known by hand, and the program's own."""

import math
import pickle

import numpy as np
import pytest
from programs import program

import pushforward as pf



def test_code_books():
    book = pf.code([0.5, 0.25, 0.125, 0.125])
    assert book.words == ["0", "10", "110", "111"] and book.mean_length == 1.75
    assert book.entropy == pytest.approx(1.75, rel=1e-15)
    wrong = pf.code([0.5, 0.25, 0.25], made_for=[0.25, 0.25, 0.5])
    # Words of 2, 2 and 1 bits: 0.5*2 + 0.25*2 + 0.25*1. KL = 0.5 ln 2 - 0.25 ln 2 = a quarter of a bit.
    assert wrong.mean_length == 1.75 and wrong.extra == pytest.approx(0.25, rel=1e-15)
    given = pf.code([0.5, 0.25, 0.25], words=["0", "10", "11"])
    assert given.kraft_sum == 1 and given.ideal_length is None
    told = program("code", "0.4,0.3,0.2,0.1", "--for", "0.1,0.2,0.3,0.4")
    found = pf.code([0.4, 0.3, 0.2, 0.1], made_for=[0.1, 0.2, 0.3, 0.4])
    assert (found.words, found.mean_length, found.extra) == (told["words"], told["mean_length"], told["extra"])


def test_entropies():
    assert pf.entropy([0.5, 0.5]).value == pytest.approx(math.log(2), rel=1e-15)
    assert pf.entropy([0.5, 0.5], bits=True).value == 1
    table = pf.entropy([[0.4, 0.1], [0.1, 0.4]])
    told = program("entropy", "0.4,0.1;0.1,0.4")
    assert (table.value, table.mutual_information) == (told["joint"], told["mutual_information"])


def test_entropies_of_samples(tmp_path):
    x = np.random.default_rng(0).normal(size=(500, 3))
    np.save(tmp_path / "x.npy", x)
    told = program("entropy", "--samples", str(tmp_path / "x.npy"), "-k", "4")
    assert pf.entropy(samples=x, k=4).value == told["entropy"]
    told = program("entropy", "--samples", str(tmp_path / "x.npy"), "--split", "1", "--seed", "0")
    found = pf.entropy(samples=x, split=1)
    assert (found.value, found.standard_error) == (
        told["mutual_information"],
        told["mutual_information_standard_error"],
    )
    assert found.y_given_x == told["y_given_x"]


def test_densities():
    p = pf.density("normal(1,2)")
    # Quadrature-free: ln p(1) = -ln(2 sqrt(2 pi)), H = ln 2 + (1 + ln 2 pi) / 2.
    assert p.log_density([1.0])[0] == pytest.approx(-math.log(2 * math.sqrt(2 * math.pi)), rel=1e-14)
    assert p.entropy().value == pytest.approx(math.log(2) + (1 + math.log(2 * math.pi)) / 2, rel=1e-14)
    # KL(N(0,1) | N(1,1)) = 1/2.
    assert pf.divergence("normal(0,1)", "normal(1,1)", "kl").value == pytest.approx(0.5, rel=1e-14)
    told = program("density", "normal(0,1)", "laplace(0,2)", "-m", "js")
    found = pf.divergence(pf.density("normal(0,1)"), "laplace(0,2)", "js")
    assert (found.value, found.error_estimate) == (told["value"], told["error_estimate"])
    assert p.sample(5, seed=1).shape == (5, 1) and p.sample(2, seed=1)[1] == p.sample(5, seed=1)[1]
    plane = pf.density("mvnormal(0+0,1+.5+.5+1)")
    # I(X;Y) = -ln(1 - rho^2) / 2.
    information = plane.joint_entropies(1)["mutual_information"].value
    assert plane.d == 2 and information == pytest.approx(-math.log(1 - 0.25) / 2, rel=1e-12)
    assert pickle.loads(pickle.dumps(p)).text == p.text


def test_fits():
    found = pf.fit("0.5*normal(-2.5,0.5)+0.5*normal(2.5,0.5)", "normal", "kl")
    # The KL projection on normals keeps mean and variance: 0 and 2.5^2 + 0.5^2.
    assert found.parameters["mean"] == pytest.approx(0, abs=1e-4)
    assert found.parameters["sd"] == pytest.approx(math.sqrt(6.5), rel=1e-4)
    told = program("fit", "0.5*normal(-2.5,0.5)+0.5*normal(2.5,0.5)", "--family", "normal", "--by", "reverse-kl")
    picks = pf.fit("0.5*normal(-2.5,0.5)+0.5*normal(2.5,0.5)", "normal", "reverse-kl")
    assert [each.reading.value for each in picks.optima] == [each["value"] for each in told["optima"]]
    rows = np.random.default_rng(0).normal(3, 2, size=200)
    likely = pf.fit(rows, "normal").parameters  # maximum likelihood
    assert likely["mean"] == pytest.approx(rows.mean(), abs=1e-4)
    assert likely["sd"] == pytest.approx(rows.std(), rel=1e-4)


def test_every_divergence_is_listed_and_measured():
    for name in pf.list_divergences():
        assert pf.divergence([0.5, 0.3, 0.2], [0.2, 0.3, 0.5], name).value >= 0

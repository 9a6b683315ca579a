# SPDX-License-Identifier: Apache-2.0
"""What Python is told is what the program prints, to the last bit."""

import inspect
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from programs import program

import pushforward as pf
from pushforward._rows import class_name, parameter_name

X = np.random.default_rng(1).normal(size=(60, 3))
Y = np.random.default_rng(2).normal(size=(50, 3)) + 0.3


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    np.save(folder / "x.npy", X), np.save(folder / "y.npy", Y)
    return str(folder / "x.npy"), str(folder / "y.npy")


@pytest.mark.parametrize("name", ["w2", "w1", "energy", "mmd", "sinkhorn", "sliced"])
def test_equals_the_program(name, files):
    told = program("distance", *files, "-m", name, "--seed", "0")
    read = pf.distance(X, Y, name, floor=True)
    assert read.floor == told["floor"]["value"] and read == pf.distance(X, Y, name, floor=3)
    assert (read.value, read.estimator, read.unit) == (told["value"], told["estimator"], told["unit"])


def test_options_reach_the_library(files):
    told = program("distance", *files, "-m", "mmd:bandwidth=1+2.5,estimator=biased")
    assert pf.distance(X, Y, "mmd", bandwidth=[1, 2.5], estimator="biased").value == told["value"]


def test_tests_transport_and_divergences_equal_the_program(files):
    told = program("test", *files, "-m", "energy", "--permutations", "99", "--seed", "3")
    found = pf.test(X, Y, "energy", permutations=99, seed=3)
    assert (found.p_value, found.reject) == (told["p_value"], told["reject"])
    told = program("transport", *files)
    assert (pf.transport(X, Y).value, pf.transport(X, Y).dual) == (told["value"], told["dual"])
    told = program("divergence", "0.5,0.3,0.2", "0.2,0.3,0.5", "-m", "kl")
    assert pf.divergence([0.5, 0.3, 0.2], [0.2, 0.3, 0.5], "kl").value == told["value"]


def test_barycenters_equal_the_program(files, tmp_path):
    def told(*words):
        found = program("barycenter", *map(str, words), "-o", str(tmp_path / "out.npz"), "--force")
        with np.load(tmp_path / "out.npz") as written:
            return found, dict(written)

    masses = np.arange(1.0, 61) / np.arange(1.0, 61).sum()
    np.save(tmp_path / "w.npy", masses), np.save(tmp_path / "u.npy", X[:, :1]), np.save(tmp_path / "v.npy", Y[:, :1])
    given = ("--weights", tmp_path / "w.npy", "--weights", "equal", "--shares", "3,1")
    line, free = pf.barycenter([X[:, 0], Y[:, 0]], weights=[masses, None], shares=[3, 1]), pf.barycenter([X, Y], weights=[masses, None], shares=[3, 1])
    for found, names in ((line, (tmp_path / "u.npy", tmp_path / "v.npy")), (free, files)):
        said, arrays = told(*names, *given)
        assert np.array_equal(found.points, arrays["points"]) and np.array_equal(found.weights, arrays["weights"])
        assert (found.value, found.bound, found.gap, found.method) == tuple(said[k] for k in ("value", "bound", "gap", "estimator"))
    assert line.gap == 0 and free.converged
    median = pf.barycenter([X[:, 0], Y[:, 0]], p=1)
    assert median.value == told(tmp_path / "u.npy", tmp_path / "v.npy", "-p", 1)[0]["value"]
    np.save(tmp_path / "x.npy", X[::-1]), np.save(tmp_path / "start.npy", X[:5])
    few = pf.barycenter([X, Y, X[::-1]], size=7, seed=3, iterations=2, bound=False)
    said, arrays = told(*files, tmp_path / "x.npy", "--size", 7, "--seed", 3, "--iterations", 2, "--no-bound")
    assert np.array_equal(few.points, arrays["points"]) and (few.iterations, few.converged) == (2, said["converged"])
    begun = pf.barycenter([X, Y], start=X[:5])
    assert np.array_equal(begun.points, told(*files, "--start", tmp_path / "start.npy")[1]["points"])


def test_barycenters_on_a_grid_equal_the_program(tmp_path):
    images = np.random.default_rng(3).uniform(size=(3, 6, 8))
    np.save(tmp_path / "images.npy", images), np.save(tmp_path / "rows.npy", images[:, 0])
    for histograms, name, words in ((images, "images", []), (images[:, 0], "rows", ["--debias"])):
        found = pf.barycenter(histograms=histograms, shares=[2, 1, 1], epsilon=2.0, debias=bool(words), tolerance=1e-9)
        said = program("barycenter", str(tmp_path / f"{name}.npy"), "--grid", "--shares", "2,1,1", "--epsilon", "2", "--tolerance", "1e-9",
                       *words, "-o", str(tmp_path / "out.npz"), "--force")  # fmt: skip
        with np.load(tmp_path / "out.npz") as written:
            assert np.array_equal(found.masses.reshape(-1), written["masses"].reshape(-1))
        assert found.masses.shape == histograms.shape[1:] and found.masses.sum() == pytest.approx(1, rel=1e-12)
        assert (found.value, found.marginal_error, found.iterations) == tuple(said[k] for k in ("value", "marginal_error", "iterations"))
    assert pf.barycenter(histograms=images).epsilon == 0.002 * 64


def test_a_shift_has_the_known_distance():
    # Translation by t: W2 = |t|, attained by the identity.
    assert pf.distance(X, X + [3.0, 4.0, 0.0], "w2").value == pytest.approx(5, rel=1e-12)


def test_functions_and_classes_agree_and_every_row_has_a_class():
    assert pf.distances.W2()(X, Y) == pf.distance(X, Y, "w2")
    classes = {kind.name for kind in vars(pf.distances).values() if isinstance(kind, type) and getattr(kind, "name", "")}
    assert classes == set(pf.list_distances())


def test_gradients_are_derivatives():
    reading, points, _ = pf.gradient(X, Y, "energy", of="y")
    assert reading.value == pytest.approx(pf.distance(X, Y, "energy").value, rel=1e-12)
    step = 1e-5  # central differences: error step^2 of a third derivative of order 1
    up, down = Y.copy(), Y.copy()
    up[4, 1] += step
    down[4, 1] -= step
    slope = (pf.distance(X, up, "energy").value - pf.distance(X, down, "energy").value) / (2 * step)
    assert points[4, 1] == pytest.approx(slope, abs=1e-8)


def test_the_plan_has_its_marginals():
    pytest.importorskip("scipy")
    plan = pf.transport(X, Y).plan
    np.testing.assert_allclose(plan.sum(axis=1), 1 / 60, rtol=1e-12)
    np.testing.assert_allclose(plan.sum(axis=0), 1 / 50, rtol=1e-12)


def test_layouts_and_types():
    expected = pf.distance(X, Y, "energy").value
    assert pf.distance(np.asfortranarray(X), Y, "energy").value == expected
    assert pf.distance(X.tolist(), Y, "energy").value == expected
    small = pf.distance(X.astype(np.float32), Y.astype(np.float32), "energy").value
    assert small == pytest.approx(expected, rel=1e-5)


def test_threads_are_the_process_s():
    with pytest.raises(ValueError, match="count: got -1, wanted a whole number from 0 to 1024"):
        pf.set_threads(-1)
    before = pf.distance(X, Y, "w2").value
    pf.set_threads(1)
    try:
        assert pf.distance(X, Y, "w2").value == before
    finally:
        pf.set_threads(0)


def test_signatures_show_the_registry_s_options():
    assert {"bandwidth", "estimator", "seed"} <= set(inspect.signature(pf.distances.MMD).parameters)
    assert "Source: " in pf.distances.MMD.__doc__


def test_every_option_is_a_keyword():
    assert "lambda_" in inspect.signature(pf.distances.MMDFuse).parameters  # lambda alone is the language's
    for name, row in pf.list_distances().items():
        wanted = {parameter_name(option) for option, *_ in row["options"] if option}
        assert wanted <= set(inspect.signature(getattr(pf.distances, class_name(name))).parameters)


def test_other_threads_get_the_same_bits():
    expected = pf.distance(X, Y, "w2").value
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: pf.distance(X, Y, "w2").value, range(8))) == {expected}


def test_a_fork_gets_the_same_bits():
    code = """
import os, numpy as np, pushforward as pf
x = np.random.default_rng(0).normal(size=(3000, 3)); y = x[::-1] * 1.1
before = pf.distance(x, y, "energy")  # the pool's threads run; the child has none of them
child = os.fork()
if child == 0: os._exit(0 if pf.distance(x, y, "energy") == before else 1)
raise SystemExit(os.waitpid(child, 0)[1])
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_weights():
    doubled = np.concatenate([X, X[:1]])
    weights = np.full(61, 1 / 60)
    weights[[0, -1]] /= 2  # splitting an atom changes nothing
    assert pf.distance(doubled, Y, "w2", x_weights=weights).value == pytest.approx(pf.distance(X, Y, "w2").value)


def test_readings_are_pickled_and_shown():
    reading = pf.distance(X, Y, "w2")
    assert pickle.loads(pickle.dumps(reading)) == reading
    assert float(reading) == reading.value and reading.certificate == reading.gap
    assert repr(reading.value) in repr(reading) and "<table" in reading._repr_html_()
    w2 = pickle.loads(pickle.dumps(pf.distances.W2()))
    assert w2(X, Y) == reading


def test_importing_needs_numpy_alone():
    code = "import sys, pushforward; print([m for m in ('scipy', 'torch', 'jax', 'sklearn') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout.strip() == b"[]"


def test_witnesses():
    for name in ("mmd", "w1", "energy"):
        f = pf.witness(X, Y, name)
        assert f(X).shape == (60,) and f(X).mean() > f(Y).mean()
    # W1 is the largest difference of means over functions of slope 1.
    f = pf.witness(X, Y, "w1")
    assert f(X).mean() - f(Y).mean() == pytest.approx(pf.distance(X, Y, "w1").value, rel=1e-9)


def test_costs_of_one_s_own():
    cost = ((X[:, None] - Y[None]) ** 2).sum(-1)
    assert pf.transport(cost=cost).value == pytest.approx(pf.transport(X, Y).value, rel=1e-12)


def test_a_fit_tells_and_stops():
    told = []
    pf.distance(X, Y, "jsd-critic", steps=200, on_fit=lambda *about: told.append(about))
    assert [step for step, *_ in told] == [100, 200]

    def stop(*_):
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        pf.distance(X, Y, "jsd-critic", on_fit=stop)
    with pytest.raises(KeyError, match="enough"):
        pf.distance([X] * 5, Y, "jsd-critic", on_fit=stop)
    assert pf.distance(X, Y, "w2").value > 0  # all is well afterwards


def test_ctrl_c_ends_a_fit():
    code = """
import os, signal, numpy as np, pushforward as pf
x = np.random.default_rng(0).normal(size=(2000, 4))
told = []
def press(*_):
    told.append(1)
    os.kill(os.getpid(), signal.SIGINT)
try:
    pf.distance(x, x + .01, "jsd-critic", patience=10**6, steps=10**6, on_fit=press)
except KeyboardInterrupt:
    print("stopped after", len(told))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=300)
    assert done.stdout.startswith("stopped after 1")


def test_objects_may_be_freed_in_any_order():
    import gc

    reading, points, _ = pf.gradient(X, Y, "energy")
    plan = pf.transport(X, Y)
    mass, kept = plan.mass, points[3:]
    del plan, points
    gc.collect()
    assert mass.sum() == pytest.approx(1) and np.isfinite(kept).all() and reading.value > 0
    witness = pf.witness(X.copy(), Y.copy(), "mmd")  # whose arrays nobody else holds
    gc.collect()
    filler = [np.full((60, 3), np.nan) for _ in range(200)]
    assert np.isfinite(witness(X)).all() and len(filler) == 200

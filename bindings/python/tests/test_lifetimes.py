# SPDX-License-Identifier: Apache-2.0
"""Objects freed in any order, calls from several threads, fork, pickles, callbacks that raise, trainings that are
interrupted: nothing crashes, nothing is kept. scripts/check_python_memory runs this file under AddressSanitizer and
UndefinedBehaviorSanitizer, with a build of the extension and the library that they watch.
"""

import ctypes
import gc
import itertools
import os
import pickle
import signal
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest

import pushforward as pf

X = np.random.default_rng(1).normal(size=(300, 3))
Y = np.random.default_rng(2).normal(size=(200, 3)) + 0.3
SMALL = {"latent": 2, "hidden": 8, "steps": 12, "batch": 50, "likelihood": "gaussian:learned", "seed": 1}
REPEATS, SLACK = 20, 200_000  # a copy of X (7 kB) kept each time would be 144 kB and its Python objects; arenas move by less


def vae(**more):
    return pf.VAE(**{**SMALL, **more}).fit(X, progress=False)


class _Mallinfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in
                "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]


def allocated():
    """Bytes that this process holds by malloc."""
    gc.collect()
    libc = ctypes.CDLL(None)
    try:
        held = libc.__sanitizer_get_current_allocated_bytes
        held.restype = ctypes.c_size_t
        return held()
    except AttributeError:
        libc.mallinfo2.restype = _Mallinfo
        found = libc.mallinfo2()
        return found.uordblks + found.hblkhd


# ---- objects that hold others ----


def parts_of_a_measurement():
    """A distance, its reading, gradients, a witness and a batch: each outlives the others and its samples."""
    x, y = X.copy(), Y.copy()
    made = pf.distances.MMD(bandwidth=1)
    reading, points, weights = pf.gradient(x, y, "mmd", bandwidth=1)
    return [made, reading, points, weights, pf.witness(x, y, "mmd", bandwidth=1), made(np.stack([x, x]), y), x, y]


def parts_of_a_density():
    density = pf.density("normal(0,1)*laplace(0,2)")
    fit = pf.fit(X[:, :1], "normal")
    return [density, density.sample(50), density.log_density(Y[:, :2]), fit, fit.optima[0].density, fit.reading]


def parts_of_a_model():
    model = vae()
    return [model, model.transform(X), model.sample(20), model.weights(), model._run, pickle.loads(pickle.dumps(model))]


MAKERS = [parts_of_a_measurement, parts_of_a_density, parts_of_a_model]


def use(part):
    """Touches what a part refers to."""
    if isinstance(part, pf.Witness):
        part(X)
    elif isinstance(part, pf.distances.Distance):
        part(X, Y)
    elif isinstance(part, pf.Density):
        part.sample(3)
    elif isinstance(part, pf.models.Model):
        part.transform(X)
    elif isinstance(part, np.ndarray):
        part.sum()
    else:
        repr(part)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_parts_are_freed_in_any_order(make):
    count = len(make())
    for first, second in itertools.permutations(range(count), 2):
        if (first + second) % 3 and make is parts_of_a_model:
            continue  # a training each: a third of the orders
        parts = make()
        parts[first] = None
        gc.collect()
        parts[second] = None
        gc.collect()
        for part in parts:
            if part is not None:
                use(part)


# ---- several threads ----


def in_threads(work, threads=6):
    """Runs work(k) at once; what it raised."""
    raised = []

    def guarded(k):
        try:
            work(k)
        except BaseException as error:
            raised.append(error)

    running = [threading.Thread(target=guarded, args=(k,)) for k in range(threads)]
    for each in running:
        each.start()
    for each in running:
        each.join()
    return raised


def test_one_distance_in_several_threads():
    made = pf.distances.Sliced()
    wanted = made(X, Y).value
    assert not in_threads(lambda k: [np.testing.assert_equal(made(X, Y).value, wanted) for _ in range(20)])


def test_a_distance_that_freezes_while_others_measure():
    from pushforward._loss import Plug, Wanted

    plug = Plug("mmd", 0, {})
    values = []
    assert not in_threads(lambda k: [values.append(plug(X[k:], Y, None, None, Wanted(y=True)).values) for _ in range(10)])
    assert np.isfinite(values).all()


def test_one_model_in_several_threads():
    x = X + np.arange(300)[:, None] % 3
    model = pf.VAE(**SMALL, condition="label").fit(x, np.arange(300) % 3, progress=False)
    wanted = [model.sample(40, label=k % 3) for k in range(6)]
    assert not in_threads(lambda k: [np.testing.assert_array_equal(model.sample(40, label=k % 3), wanted[k]) for _ in range(10)])


def test_a_model_that_trains_while_others_use_it():
    model = vae()
    work = [lambda: model.resume(X, steps=60, progress=False), lambda: model.sample(30), lambda: model.transform(X)]
    assert not in_threads(lambda k: [work[k]() for _ in range(1 if k == 0 else 10)], threads=3)
    assert model.summary_["steps"] == 60


def test_trainings_side_by_side():
    weights = [None] * 4

    def train(k):
        weights[k] = vae().weights()

    assert not in_threads(train, threads=4)
    for each in weights[1:]:
        for name, value in each.items():
            np.testing.assert_array_equal(value, weights[0][name])


# ---- fork ----


def test_a_child_measures_and_trains():
    model = vae()
    wanted, sampled = pf.distance(X, Y, "energy").value, model.sample(2000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python's, of a fork beside threads
        child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(100)
            same = pf.distance(X, Y, "energy").value == wanted and np.array_equal(model.sample(2000), sampled)
            status = 0 if same and vae().summary_["stopped"] == "finished" else 2
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


# ---- pickles ----


def test_pickles_say_the_same():
    for thing in [pf.distance(X, Y, "w2"), pf.distances.MMD(bandwidth=2), pf.density("normal(0,1)"), pf.test(X, Y, "energy"),
                  pf.entropy([0.5, 0.5]), pf.code([0.5, 0.5]), pf.transport(X[:20], Y[:20])]:  # fmt: skip
        again = pickle.loads(pickle.dumps(thing))
        assert repr(again) == repr(thing)
    assert pickle.loads(pickle.dumps(pf.distances.MMD(bandwidth=2)))(X, Y) == pf.distances.MMD(bandwidth=2)(X, Y)


# ---- what is called back ----


class Wanted(Exception):
    pass


def fail(*_):
    raise Wanted


def raising():
    with pytest.raises(Wanted):
        pf.distance(X, Y, "w1-critic", steps=200, on_fit=fail)
    with pytest.raises(Wanted):
        pf.AE(latent=2, epochs=3).fit(X, callback=fail, progress=False)
    with pytest.raises(ValueError, match="NaN"):
        pf.distance(X * np.nan, Y, "energy")


def interrupted():
    def interrupt(line):
        if line["epoch"] == 2:
            os.kill(os.getpid(), signal.SIGINT)

    ae = pf.AE(latent=2, epochs=400)
    with pytest.raises(KeyboardInterrupt):
        ae.fit(X, callback=interrupt, progress=False)
    ae.resume(X, epochs=len(ae.history_) + 1, progress=False)


def using_the_model_meanwhile():
    model = pf.VAE(**SMALL)
    model.fit(X, progress=False, callback=lambda line: model.sample(5) is None)


@pytest.mark.parametrize("work", [raising, interrupted, using_the_model_meanwhile], ids=lambda work: work.__name__)
def test_what_is_called_back_may_do_anything(work):
    work()


@pytest.mark.parametrize("work", [*MAKERS, raising, interrupted], ids=lambda work: work.__name__)
def test_nothing_is_kept(work):
    for _ in range(5):
        work()
    before = allocated()
    for _ in range(REPEATS):
        work()
    assert allocated() - before < SLACK


def test_the_interpreter_ends_with_no_object_left():
    """nanobind tells of instances and functions that are left at the end."""
    code = """
import numpy as np, pushforward as pf
x = np.random.default_rng(1).normal(size=(100, 2))
w = pf.witness(x, x + 1, "mmd"); r = pf.distance(x, x + 1, "w2"); d = pf.density("normal(0,1)"); m = pf.PCA(latent=1).fit(x)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "leak" not in done.stderr, done.stderr

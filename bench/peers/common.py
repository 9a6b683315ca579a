# SPDX-License-Identifier: Apache-2.0
"""How a peer is timed against pushforward: the same rules for every script in this folder.

Problem: on a shared machine wall time says more about the neighbours than about the program, and a peer that
may use two threads, or a BLAS told to be slow, is not a fair peer.
Idea: importing this module (before numpy) pins the process to one processor, sets every library to one thread
and removes the OPENBLAS_* overrides; times are process CPU seconds, medians of runs in which peer and program
take turns; values are compared before anything is timed.

A script is a list of calls of `race`, one a row:

    from common import data, race, reading
    X, Y = data("gaussians", lambda r: (r.normal(size=(1000, 2)), r.normal(size=(1000, 2))))
    race("exact W2, n=1000, d=2", "POT emd2", lambda: pot_w2(X, Y), ["distance", X, Y, "-m", "w2"], wanted=8)

Environment: PUSHFORWARD (the program; default build/release/pushforward), PUSHFORWARD_BENCH_CPU (processors to
pin to, "0" by default), PUSHFORWARD_BENCH_REPEATS (3), PUSHFORWARD_BENCH_ROWS (a file that rows are appended to
as JSON lines), PUSHFORWARD_BENCH_ONLY (run only the rows whose task contains this text).
"""
import json
import os
import sys

for _name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(_name, None)
for _name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM"):
    os.environ[_name + "_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
CPUS = {int(c) for c in os.environ.get("PUSHFORWARD_BENCH_CPU", "0").split(",")}
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, CPUS & os.sched_getaffinity(0) or os.sched_getaffinity(0))

import atexit  # noqa: E402  (after the environment is set)
import multiprocessing  # noqa: E402
import pathlib  # noqa: E402
import resource  # noqa: E402
import statistics  # noqa: E402
import subprocess  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402

import numpy as np  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPEATS = int(os.environ.get("PUSHFORWARD_BENCH_REPEATS", "3"))
_scratch = tempfile.TemporaryDirectory(prefix="pushforward-bench-")


def program():
    """The built program; says what to do when there is none."""
    path = pathlib.Path(os.environ.get("PUSHFORWARD", ROOT / "build/release/pushforward"))
    if not path.exists():
        sys.exit(f"{path}: not built; run cmake --preset release && cmake --build --preset release, or set PUSHFORWARD")
    return str(path.resolve())


def _argument(value):
    """A numpy array becomes a file, once; anything else its text."""
    if not isinstance(value, np.ndarray):
        return str(value)
    path = pathlib.Path(_scratch.name) / f"{id(value)}.npy"
    if not path.exists():
        np.save(path, value)
        _kept.append(value)  # so that its id is not used again
    return str(path)


_kept = []


def data(name, make, seed=0):
    """make(numpy Generator), seeded by `name` and `seed`, so that rows do not share or shift numbers."""
    return make(np.random.default_rng([seed] + list(name.encode())))


def run(arguments, threads=1):
    """Runs the program once with --json: (its JSON value, CPU seconds, wall seconds, peak MB) of the whole process."""
    command = [program()] + [_argument(a) for a in arguments] + ["--json", "--quiet", "--threads", str(threads)]
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = child.stdout.read(), child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit {child.returncode}: {err.decode().strip()}")
    value = json.loads(out)
    if arguments[0] in ("distance", "test") and len(value) == 1:  # of one metric: its reading
        value = value[0]
    return value, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def reading(arguments):
    """The program's JSON value (of distance and test: an object, or a list for several metrics)."""
    return run(arguments)[0]


def ours(arguments, repeats=1):
    """(JSON value, CPU seconds of the measurement). `distance` is asked to repeat and says its own CPU time, so
    that starting the program and reading files, which the peer does not do while timed, are left out; other
    commands are charged the whole process, less what `--version` costs."""
    if arguments[0] == "distance":
        value = run(list(arguments) + ["--repeat", repeats])[0]
        first = value[0] if isinstance(value, list) else value
        return value, first["cpu_seconds"]
    value, cpu, _, _ = run(arguments)
    return value, max(cpu - _startup(), 1e-4)


def _startup():
    if not hasattr(_startup, "seconds"):
        _startup.seconds = statistics.median(_version() for _ in range(5))
    return _startup.seconds


def _version():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program(), "--version"], stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def timed(function):
    """(result, CPU seconds of this process)."""
    start = time.process_time()
    result = function()
    return result, time.process_time() - start


def wanted_row(task):
    return os.environ.get("PUSHFORWARD_BENCH_ONLY", "") in task


def race(task, peer, peer_function, arguments, wanted, repeats=None, tolerance=1e-6, value=None, agree=None,
         our_repeats=1):
    """Times peer_function() against the program and prints a row.

    peer_function() returns the number to compare with `value(JSON)` (default: its "value") within `tolerance`
    (relative), or anything when `agree(peer result, JSON)` judges instead (it returns an error text or None);
    None compares nothing (say why where you do that). `wanted` is the least ratio peer / ours.
    Both are run once before timing (that is when values are compared), then in turns."""
    if not wanted_row(task):
        return None
    repeats = repeats or REPEATS
    answer, mine = peer_function(), ours(arguments, 1)[0]
    _check(task, peer, answer, mine, tolerance, value, agree)
    theirs, seconds = [], []
    for _ in range(repeats):
        theirs.append(timed(peer_function)[1])
        seconds.append(ours(arguments, our_repeats)[1])
    return row(task, peer, statistics.median(theirs), statistics.median(seconds), wanted)


def _check(task, peer, answer, mine, tolerance, value, agree):
    if agree is not None:
        problem = agree(answer, mine)
    elif answer is None:
        problem = None
    else:
        number = value(mine) if value else mine["value"]
        error = abs(number - answer) / max(abs(answer), 1e-300)
        problem = None if error <= tolerance else f"{number!r} against {answer!r} (relative {error:.1e})"
    if problem:
        sys.exit(f"{task}: disagrees with {peer}: {problem}")


HEADER = f"{'task':<52} {'peer':<26} {'peer s':>9} {'ours s':>9} {'ratio':>7} {'wanted':>7}"


def row(task, peer, peer_amount, our_amount, wanted, unit="s"):
    """Prints one row: amounts (seconds, or MB), their ratio and what was wanted; says where it falls short."""
    ratio = peer_amount / our_amount
    verdict = "" if wanted is None or ratio >= wanted else "  short"
    suffix = "" if unit == "s" else f"  ({unit})"
    goal = "-" if wanted is None else f"{wanted:g}x"
    print(f"{task:<52} {peer:<26} {peer_amount:9.4g} {our_amount:9.4g} {ratio:6.1f}x {goal:>7}{verdict}{suffix}",
          flush=True)
    record = dict(task=task, peer=peer, peer_amount=peer_amount, ours=our_amount, ratio=ratio, wanted=wanted, unit=unit)
    if "PUSHFORWARD_BENCH_ROWS" in os.environ:
        with open(os.environ["PUSHFORWARD_BENCH_ROWS"], "a") as rows:
            rows.write(json.dumps(record) + "\n")
    return record


def peak_memory(function):
    """Peak MB of a fresh process that runs function(), the interpreter and its modules included."""
    ours_end, child_end = multiprocessing.get_context("fork").Pipe(False)

    def body():
        function()
        child_end.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    child = multiprocessing.get_context("fork").Process(target=body)
    child.start()
    megabytes = ours_end.recv()
    child.join()
    return megabytes


def our_memory(arguments):
    """Peak MB of the program, as the kernel counts it for the program's own pages (VmHWM). The figure that wait4 gives
    would not do: a child starts as a copy of this process, and that copy's size stays in its ru_maxrss."""
    command = [program()] + [_argument(a) for a in arguments] + ["--json", "--quiet", "--threads", "1"]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0.0
    while child.poll() is None:
        try:
            status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
            if status.startswith("Name:\tpushforward"):  # not this process's copy any more
                peak = max([peak] + [int(line.split()[1]) / 1024 for line in status.splitlines() if "VmHWM" in line])
        except (FileNotFoundError, ProcessLookupError):
            break
        time.sleep(0.002)
    if child.wait() != 0:
        raise RuntimeError(f"{' '.join(command)}: exit {child.returncode}")
    return peak


def two_threads(task, arguments, wanted=1.6, repeats=None):
    """Wall seconds on one thread against two, on two processors: wants a machine that is otherwise idle."""
    if not wanted_row(task) or (os.cpu_count() or 1) < 2:
        return None
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count()))
    try:
        pairs = [[run(arguments, threads)[2] for threads in (1, 2)] for _ in range(repeats or REPEATS)]
    finally:
        os.sched_setaffinity(0, before)
    return row(task, "itself, one thread (wall)", statistics.median(p[0] for p in pairs),
               statistics.median(p[1] for p in pairs), wanted)


def agrees(task, peer, mine, theirs, tolerance, absolute=0.0):
    """For bench/agreement: compares numbers (or arrays), prints a row with the largest error relative to the
    largest magnitude of `theirs`, and makes the script exit with 1 at its end when it is above `tolerance`
    (and the absolute error above `absolute`)."""
    if not wanted_row(task):
        return True
    mine, theirs = np.asarray(mine, float), np.asarray(theirs, float)
    worst = float(np.max(np.abs(mine - theirs)))
    error = worst / max(float(np.max(np.abs(theirs))), 1e-300)
    good = bool(error <= tolerance or worst <= absolute)
    print(f"{task:<60} {peer:<24} {error:9.1e}  within {tolerance:.0e}  {'agrees' if good else 'DISAGREES'}", flush=True)
    if not good and not _failures:
        atexit.register(lambda: os._exit(1))
    if not good:
        _failures.append(task)
    return good


_failures = []

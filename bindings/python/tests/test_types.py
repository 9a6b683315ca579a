# SPDX-License-Identifier: Apache-2.0
"""The package is typed: mypy is strict about it, and users' checkers see distances of the registry."""

import subprocess
import sys
from pathlib import Path

import pytest

import pushforward as pf

pytest.importorskip("mypy")
CONFIG = Path(__file__).parents[3] / "pyproject.toml"

USE = """
import numpy as np, pushforward as pf
x = np.zeros((3, 2))
w2 = pf.distances.W2(seed=1)
mmd = pf.distances.MMD(bandwidth=[1, 2], estimator="biased")
gap: float | None = pf.entropy([0.5, 0.5]).certificate
p: float = pf.test(x, x, "energy").p_value
pf.distances.MMD(bandwith=1)  # E: misspelled
pf.code([0.5, 0.5]).words.append(3)  # E: no word
"""


def mypy(*words, folder):
    command = [sys.executable, "-m", "mypy", "--config-file", str(CONFIG), "--cache-dir", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


def test_the_package_is_strictly_typed(tmp_path):
    package = Path(pf.__file__).parent
    assert (package / "py.typed").exists() and (package / "distances.pyi").exists()
    done = mypy("-p", "pushforward", folder=tmp_path)
    assert done.returncode == 0, done.stdout


def test_a_user_s_checker_sees_what_is_wrong(tmp_path):
    (tmp_path / "use.py").write_text(USE)
    told = mypy("use.py", folder=tmp_path).stdout
    wrong = [number for number, line in enumerate(USE.splitlines(), 1) if "# E" in line]
    assert [int(line.split(":")[1]) for line in told.splitlines() if ": error:" in line] == wrong, told

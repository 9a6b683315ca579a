# SPDX-License-Identifier: Apache-2.0
"""The notebooks run from top to bottom, and what they claim holds."""

import json
from pathlib import Path

import pytest

import pushforward as pf

FOLDER = Path(__file__).parents[3] / "docs" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NEEDS = {"loss_in_pytorch": ["torch"], "table": ["pandas"], "digits": ["sklearn"]}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebook(path):
    pytest.importorskip("matplotlib").use("Agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    for module in NEEDS.get(path.stem, []):
        pytest.importorskip(module)
    names = {}
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            assert not cell["outputs"], "outputs belong to whoever runs it"
            exec(compile("".join(cell["source"]), f"{path.name} {cell['id']}", "exec"), names)
    pyplot.close("all")


def test_there_are_six():
    assert len(NOTEBOOKS) == 6


def test_pictures_say_what_they_cannot_draw():
    pytest.importorskip("matplotlib").use("Agg")
    from pushforward import plot

    rows = [[0.0, 1.0, 2.0]] * 4
    with pytest.raises(ValueError, match="x: got points of 3 numbers"):
        plot.scatter(rows)
    with pytest.raises(ValueError, match="images: got shape"):
        plot.grid(rows)
    assert plot.scatter([0.0, 1.0, 2.0], [1.0, 2.0, 3.0]).get_legend() is not None
    assert plot.function(pf.witness([0.0, 1.0], [2.0, 3.0], "mmd"), [0.0, 1.0], [2.0, 3.0]).lines

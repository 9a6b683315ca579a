# SPDX-License-Identifier: Apache-2.0
"""docs/python.md and README's lines of Python do what they say."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def blocks(path):
    return re.findall(r"^```python(?: needs (\w+))?\n(.*?)^```", (ROOT / path).read_text(), re.M | re.S)


BEFORE = {"safetensors": ("torch",)}  # whose blocks make what its blocks use


@pytest.mark.parametrize("needs", ["", "pandas", "scipy", "torch", "safetensors"])
def test_the_page_runs(needs):
    wanted = ["", *BEFORE.get(needs, ()), needs]
    for each in filter(None, wanted):
        pytest.importorskip(each)
    names, ran = {}, 0
    for need, block in blocks("docs/python.md"):
        if need in wanted:
            exec(compile(block, "docs/python.md", "exec"), names)
            ran += need == needs
    assert ran > 0


def test_what_geomloss_writes():
    torch, geomloss = pytest.importorskip("torch"), pytest.importorskip("geomloss")
    from pushforward.torch import Loss

    x, y = torch.rand(80, 2, dtype=torch.float64), torch.rand(90, 2, dtype=torch.float64) ** 2
    theirs = {kind: geomloss.SamplesLoss(kind, blur=0.2, scaling=0.99, backend="tensorized") for kind in ("sinkhorn", "energy", "gaussian")}
    ours = {
        "sinkhorn": Loss("sinkhorn", p=2, eps_absolute=2 * 0.2**2),
        "energy": Loss("energy"),
        "gaussian": Loss("mmd", estimator="biased", bandwidth=0.2),
    }
    # Its annealing is not converged: 1 %. Its |x - x| is sqrt(1e-8) and not 0, 1.4e-5 of the whole here.
    within = {"sinkhorn": 1e-2, "energy": 5e-5, "gaussian": 1e-9}
    for kind, loss in theirs.items():
        assert ours[kind](x, y).item() / 2 == pytest.approx(loss(x, y).item(), rel=within[kind])


def test_what_pot_writes():
    ot, np = pytest.importorskip("ot"), pytest.importorskip("numpy")
    import pushforward as pf

    rng = np.random.default_rng(0)
    x, y, a, b = rng.normal(size=(40, 2)), rng.normal(size=(50, 2)), rng.dirichlet(np.ones(40)), rng.dirichlet(np.ones(50))
    cost = ot.dist(x, y)
    assert pf.transport(x, y).value == pytest.approx(ot.solve_sample(x, y).value, rel=1e-9)
    mine = pf.distance(x, y, "w2", x_weights=a, y_weights=b).value
    assert mine == pytest.approx(ot.emd2(a, b, cost) ** 0.5, rel=1e-9)
    plan = pf.transport(cost=cost, x_weights=a, y_weights=b).plan.toarray()
    np.testing.assert_allclose(plan, ot.emd(a, b, cost), atol=1e-12)
    entropic = pf.distance(x, y, "sinkhorn", eps_absolute=1.0, debias=False)
    moved = (ot.sinkhorn(np.full(40, 1 / 40), np.full(50, 1 / 50), cost, 1.0, stopThr=1e-12) * cost).sum()
    assert entropic.transport_cost == pytest.approx(moved, rel=1e-5)


def test_readme_s_lines_run():
    pytest.importorskip("scipy")
    (block,) = [block for _, block in blocks("README.md") if "pushforward as pf" in block]
    exec(compile(block.replace("5000", "500").replace("100, 50", "10, 50"), "README.md", "exec"), {})

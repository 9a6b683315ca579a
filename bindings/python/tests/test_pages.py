# SPDX-License-Identifier: Apache-2.0
"""report() and show() give the program's own pages, to be seen in a notebook."""

import gc
import html
import json
import re
import subprocess
import warnings

import numpy as np
import pytest
from programs import PROGRAM

import pushforward as pf

X = np.random.default_rng(1).normal(size=(60, 3))
Y = np.random.default_rng(2).normal(size=(50, 3)) + 0.3


def content(page):
    """What the page's components draw."""
    return json.loads(re.findall(r'<script[^>]*type="application/json"[^>]*>(.*?)</script>', page.html, re.S)[-1])


def headings(page):
    return [section["title"] for section in content(page)["sections"]]


def test_a_reading_shows_its_samples():
    reading = pf.distance(X, Y, "energy", floor=True)
    page = reading.show()
    row = content(page)["sections"][0]["blocks"][0]["rows"][0]
    assert row["name"] == "energy" and row["cells"][0]["value"] == reading.value
    assert row["cells"][0]["floor"] == reading.floor and row["cells"][0]["times"] == reading.value / reading.floor
    assert "Rows that differ most" in headings(page)
    assert reading.show(X, Y).html == page.html


def test_a_reading_keeps_no_sample_alive():
    x = X.copy()
    reading = pf.distance(x, Y, "energy")
    del x
    gc.collect()
    with pytest.raises(ValueError, match="show: got a reading whose samples are not at hand"):
        reading.show()
    with pytest.raises(ValueError, match="not at hand"):
        pf.distance(X.tolist(), Y, "energy").show()
    with pytest.raises(ValueError, match="wanted both"):
        reading.show(X)
    assert "energy" in reading.show(X, Y).html


def test_a_page_is_one_file_in_a_frame(tmp_path):
    page = pf.distance(X, Y, "w2", x_weights=np.full(60, 1 / 60)).show()
    shown = page._repr_html_()
    assert shown.startswith("<iframe srcdoc=") and shown.endswith("</iframe>")
    inside = re.fullmatch(r'<iframe srcdoc="([^"]*)" title="([^"]*)" style="[^"]*"></iframe>', shown)
    assert html.unescape(inside[1]) == page.html and inside[2] == html.escape(page.title)
    assert not re.search(r'(src|href)="(https?:)?//', page.html)
    page.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page.html
    assert repr(page).startswith("Page('x and y")


def test_a_report_is_the_program_s(tmp_path):
    np.save(tmp_path / "x.npy", X)
    vae = pf.VAE(latent=2, hidden=8, steps=20, standardize=True, likelihood="gaussian:learned")
    vae.fit(tmp_path / "x.npy", path=tmp_path / "run")
    subprocess.run([PROGRAM, "report", tmp_path / "run", "-o", tmp_path / "page.html", "--quiet"], check=True)
    assert vae.report().html == (tmp_path / "page.html").read_text(encoding="utf-8")
    assert vae.report(tmp_path / "x.npy").html == pf.load(tmp_path / "run").report(tmp_path / "x.npy").html


def closest(page):
    """What the distances of samples to their closest record are compared with."""
    section = next(each for each in content(page)["sections"] if each["title"] == "Closest record")
    return section["blocks"][0]["blocks"][0]["curves"][0]["name"]


def test_a_report_of_rows_that_were_written_to_since():
    x = X.copy()
    vae = pf.VAE(latent=2, hidden=8, steps=20, standardize=True, likelihood="gaussian:learned", validation=0.2).fit(x)
    x[3] = 7
    with pytest.warns(UserWarning, match="got other values"):
        assert "Is it good?" not in headings(vae.report())
    with pytest.warns(UserWarning, match="got other values"):
        assert "Is it good?" in headings(vae.report(Y))


def test_a_report_of_rows_in_memory(tmp_path):
    vae = pf.VAE(latent=2, hidden=8, steps=20, standardize=True, likelihood="gaussian:learned", validation=0.2).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing is left out
        page = vae.report()
        assert closest(page) == closest(vae.report(Y)) == "held-out rows"
    assert "held out of the training" in content(page)["lead"] and "12 rows" in content(page)["lead"]
    assert {"Is it good?", "What this run is"} <= set(headings(page))
    assert "while it was trained on" in content(vae.report(X[:20]))["lead"]
    vae.save(tmp_path / "run")
    with pytest.warns(UserWarning, match="run's data is left out: .* got training data 'array', which lie in no file"):
        gone = pf.load(tmp_path / "run").report()
    assert "Is it good?" not in headings(gone) and "What this run is" in headings(gone)
    with pytest.warns(UserWarning, match="closest training record is left out: .* which lie in no file"):
        assert closest(pf.load(tmp_path / "run").report(Y)) == "rows of the data, to another one"
    with pytest.raises(ValueError, match="rows of 2|has 2 features"):
        vae.report(X[:, :2])
    with pytest.raises(ValueError, match="not fitted"):
        pf.VAE().report()


@pytest.mark.parametrize("name", sorted(pf.models.CLASSES))
def test_every_model_has_a_report(name):
    x = np.random.default_rng(1).uniform(size=(48, 5)).astype(np.float32)
    made = pf.models.CLASSES[name]
    small = {"latent": 2, "hidden": 7, "steps": 3, "batch": 16, "monitor": "none", "pretrain_epochs": 1}
    model = made(**{key: value for key, value in small.items() if key in made._defaults}).fit(x)
    assert {"Is it good?", "What this run is"} <= set(headings(model.report()))


def test_a_conditional_report():
    labels = np.arange(60) % 3
    x = (X + labels[:, None]).astype(np.float32)
    vae = pf.VAE(latent=2, hidden=8, steps=10, condition="label", standardize=True, likelihood="gaussian:learned").fit(x, labels)
    assert "Is it good?" in headings(vae.report())
    assert "Is it good?" in headings(vae.report(x[:30], label=labels[:30]))

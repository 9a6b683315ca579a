# SPDX-License-Identifier: Apache-2.0
"""Models as estimators: the program's bits, its run directories both ways, scikit-learn's conventions."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pushforward as pf
from pushforward import models

PROGRAM = os.environ.get("PUSHFORWARD_PROGRAM", "")
needs_program = pytest.mark.skipif(not PROGRAM, reason="PUSHFORWARD_PROGRAM names no program")
SMALL: dict[str, Any] = {"steps": 30, "batch": 16, "hidden": 7, "threads": 1, "seed": 3}


def rows(n: int = 60, d: int = 5) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.normal(size=(n, 2)) @ rng.normal(size=(2, d)) + 0.1 * rng.normal(size=(n, d))).astype(np.float32)


def run_program(*arguments: Any) -> None:
    subprocess.run([PROGRAM, *map(str, arguments), "--quiet"], check=True, capture_output=True)


def small(name: str) -> dict[str, Any]:
    """Settings for one that learns fast on rows()."""
    known = models.CLASSES[name]._defaults
    wanted = {**SMALL, "latent": 2, "monitor": "none", "pretrain_epochs": 1}
    if name in ("vae", "iwae"):
        wanted["likelihood"] = "gaussian:learned"
    return {key: value for key, value in wanted.items() if key in known}


def data_for(name: str) -> np.ndarray:
    x = rows()
    return (x - x.min()) / (x.max() - x.min()) if name == "dae" else x


@needs_program
@pytest.mark.parametrize("name", sorted(models.CLASSES))
def test_weights_are_the_programs_to_the_last_bit(name: str, tmp_path: Path) -> None:
    x, settings = data_for(name), small(name)
    np.save(tmp_path / "x.npy", x)
    options = [f"--{key.replace('_', '-')}={value}" for key, value in settings.items()]
    run_program("train", name, tmp_path / "x.npy", "-o", tmp_path / "theirs", *options)
    models.CLASSES[name](**settings).fit(x, path=tmp_path / "ours")
    models.CLASSES[name](**settings).fit(str(tmp_path / "x.npy"), path=tmp_path / "word")
    for file in ("model.safetensors", "checkpoint.safetensors"):
        wanted = (tmp_path / "theirs" / file).read_bytes()
        assert (tmp_path / "ours" / file).read_bytes() == wanted
        assert (tmp_path / "word" / file).read_bytes() == wanted
    assert (tmp_path / "word" / "config.toml").read_bytes() == (tmp_path / "theirs" / "config.toml").read_bytes()


@needs_program
def test_what_a_run_makes_is_the_programs(tmp_path: Path) -> None:
    x = rows()
    np.save(tmp_path / "x.npy", x)
    vae = pf.VAE(**small("vae")).fit(x)
    vae.save(tmp_path / "run")
    run, out = tmp_path / "run", tmp_path / "out.npy"

    def theirs(*arguments: Any) -> np.ndarray:
        run_program(*arguments, "-o", out, "--force")
        return np.load(out)

    assert np.array_equal(vae.sample(2600, seed=4), theirs("sample", run, "-n", 2600, "--seed", 4))
    assert np.array_equal(vae.sample(7, draw=True), theirs("sample", run, "-n", 7, "--draw"))
    assert np.array_equal(vae.transform(x), theirs("encode", run, tmp_path / "x.npy"))
    assert np.array_equal(vae.transform(x, seed=2), theirs("encode", run, tmp_path / "x.npy", "--draw", "--seed", 2))
    assert np.array_equal(vae.reconstruct(x), theirs("reconstruct", run, tmp_path / "x.npy"))
    np.save(tmp_path / "z.npy", vae.transform(x))
    assert np.array_equal(vae.inverse_transform(vae.transform(x)), theirs("decode", run, tmp_path / "z.npy"))
    opened = pf.load(run)
    assert np.array_equal(opened.transform(x), vae.transform(x))
    assert opened.latent == 2 and opened.likelihood == "gaussian:learned"


def test_resumes_to_the_same_bits(tmp_path: Path) -> None:
    x = rows()
    whole = pf.AE(latent=2, epochs=6, threads=1).fit(x, path=tmp_path / "whole")
    part = pf.AE(latent=2, epochs=6, threads=1).fit(
        x, path=tmp_path / "part", callback=lambda line: line["epoch"] < 2
    )
    assert part.stopped_ == "interrupted" and len(part.history_) == 2
    part.resume(x)
    assert part.stopped_ == whole.stopped_ == "finished"
    for name, value in whole.weights().items():
        assert np.array_equal(part.weights()[name], value)
    with pytest.raises(ValueError, match="digest"):
        pf.load(tmp_path / "part").resume(x + 1, epochs=8)


def test_ctrl_c_keeps_the_checkpoint(tmp_path: Path) -> None:
    def interrupt(line: dict[str, Any]) -> None:
        if line["epoch"] == 2:
            os.kill(os.getpid(), signal.SIGINT)

    x = rows()
    vae = pf.AE(latent=2, epochs=500, threads=1)
    with pytest.raises(KeyboardInterrupt):
        vae.fit(x, path=tmp_path / "run", callback=interrupt)
    assert 2 <= len(vae.history_) < 500
    assert pf.load(tmp_path / "run").resume(x, epochs=5).stopped_ == "finished"


def test_a_bar_shows_where_somebody_sees_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import types

    pytest.importorskip("tqdm")

    def told(progress: bool | None) -> str:
        capsys.readouterr()
        pf.AE(**small("ae")).fit(rows(), progress=progress)
        return capsys.readouterr().err

    assert "epoch" in told(True)
    assert told(False) == told(None) == ""
    notebook = types.SimpleNamespace(get_ipython=lambda: types.SimpleNamespace(kernel=None))
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    assert "epoch" in told(None)
    for name in [name for name in sys.modules if name.partition(".")[0] == "tqdm"] + ["tqdm", "tqdm.auto"]:
        monkeypatch.setitem(sys.modules, name, None)
    assert told(None) == ""
    with pytest.raises(ImportError, match="progress: got True, which requires tqdm"):
        told(True)


def test_a_refused_fit_makes_no_run(tmp_path: Path) -> None:
    for wrong in ({"callback": 3}, {"progress": "often"}):
        with pytest.raises(TypeError, match=f"{next(iter(wrong))}: got"):
            pf.AE(**small("ae")).fit(rows(), path=tmp_path / "run", **wrong)
        assert not (tmp_path / "run").exists()


def test_a_callback_that_raises_stops_the_training(tmp_path: Path) -> None:
    def fail(line: dict[str, Any]) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        pf.AE(latent=2, epochs=3).fit(rows(), callback=fail)


def test_every_model_is_a_class_with_a_docstring() -> None:
    assert {"VAE", "AE", "PCA", "FA", "Flow", "Generator", "GAN"} <= set(models.__all__)
    for made in models.CLASSES.values():
        assert getattr(pf, made.__name__) is made
        assert made.__doc__ and made._row["formula"] in made.__doc__ and made._row["source"] in made.__doc__
        assert made().get_params() == made._defaults


def test_complaints_name_what_was_got() -> None:
    with pytest.raises(TypeError, match="latnt"):
        pf.VAE(latnt=2)
    with pytest.raises(ValueError, match="latnt"):
        pf.VAE().set_params(latnt=2)
    with pytest.raises(ValueError, match="not fitted"):
        pf.VAE().transform(rows())
    with pytest.raises(ValueError, match="prior"):
        pf.PCA(latent=2).fit(rows()).sample(3)
    with pytest.raises(ValueError):
        pf.PCA(latent=2).fit(rows()).transform(rows(d=4))


def test_images_keep_their_shape() -> None:
    x = np.random.default_rng(1).integers(0, 256, size=(40, 6, 6), dtype=np.uint8)
    vae = pf.VAE(latent=2, steps=10, hidden=8).fit(x)
    assert vae.sample(3).shape == (3, 6, 6) and vae.reconstruct(x).shape == x.shape
    assert vae.transform(x).shape == (40, 2)


def test_axes_mean_what_layout_says(tmp_path: Path) -> None:
    x = np.random.default_rng(1).integers(0, 256, size=(40, 2, 5, 6), dtype=np.uint8)
    last = np.ascontiguousarray(x.transpose(0, 2, 3, 1))
    first = pf.PCA(latent=2, layout="nchw").fit(x, path=tmp_path / "run")
    assert np.array_equal(first.transform(x), pf.PCA(latent=2).fit(last).transform(last))
    assert first.reconstruct(x).shape == last.shape
    assert np.array_equal(pf.load(tmp_path / "run").transform(x), first.transform(x))
    columns = pf.PCA(latent=2, layout="dn").fit(rows().T)
    assert np.array_equal(columns.transform(rows()[:9].T), pf.PCA(latent=2).fit(rows()).transform(rows()[:9]))
    assert columns.n_features_in_ == 5
    with pytest.raises(ValueError, match="layout"):
        pf.PCA(latent=2, layout="nchw").fit(rows())


def test_options_of_files_are_refused_with_an_array() -> None:
    for name, value in {"columns": "a", "drop": "a", "header": "no", "resize": "8x8", "skip_broken": True}.items():
        with pytest.raises(ValueError, match=f"{name}: got {value!r} with an array, wanted it with a file"):
            pf.AE(**{name: value}).fit(rows())


@pytest.mark.parametrize("loaded", [False, True], ids=["alone", "beside scikit-learn"])
def test_what_is_no_table_of_numbers_is_refused(loaded: bool) -> None:
    code = f"""
import numpy as np, pushforward as pf
{"import sklearn" if loaded else ""}
x = np.random.default_rng(0).normal(size=(20, 3))
def said(x):
    try: pf.PCA(latent=1).fit(x)
    except (TypeError, ValueError) as error: return str(error)
    return "nothing"
assert "masked" in said(np.ma.masked_less(x, 0)), said(np.ma.masked_less(x, 0))
assert "2^53" in said(np.full((20, 3), 2**60)), said(np.full((20, 3), 2**60))
assert "omplex" in said(x.astype(complex)), said(x.astype(complex))
assert said(np.full((20, 3), "a")) != "nothing"
assert np.array_equal(pf.PCA(latent=1).fit(x.astype(np.longdouble)).transform(x), pf.PCA(latent=1).fit(x).transform(x))
assert np.array_equal(pf.PCA(latent=1).fit(x.astype(">f8")).transform(x), pf.PCA(latent=1).fit(x).transform(x))
"""
    if loaded:
        pytest.importorskip("sklearn")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_frames_and_folders(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    x = rows()
    frame = pandas.DataFrame(x, columns=list("abcde"))
    a, b = pf.PCA(latent=2).fit(frame), pf.PCA(latent=2).fit(x)
    assert list(a.feature_names_in_) == list("abcde")
    assert np.array_equal(a.transform(frame), b.transform(x))
    frame.to_csv(tmp_path / "x.csv", index=False)
    assert pf.PCA(latent=2).fit(str(tmp_path / "x.csv")).n_features_in_ == 5


def mixed_columns(n: int = 240) -> dict[str, list[Any]]:
    return {
        "age": [20 + i % 50 for i in range(n)],
        "sort": ["red" if i % 3 else "blue, dark" for i in range(n)],
        "paid": [None if i % 8 == 0 else 1 + 0.01 * i for i in range(n)],
        "member": [i % 2 == 0 for i in range(n)],
    }


def check_table(frame: Any, made: Any, age: Any) -> None:
    assert list(made.columns) == list(frame.columns) and len(made) == 300
    assert list(made.dtypes) == list(frame.dtypes)
    assert set(made["sort"]) == {"red", "blue, dark"}
    assert 20 <= age.min() and age.max() <= 69


def test_mixed_pandas_frames_come_back_as_such() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(mixed_columns())
    frame["sort"] = frame["sort"].astype("category")
    frame["day"] = pandas.to_datetime("2020-01-01") + pandas.to_timedelta(np.arange(240) % 28, unit="D")
    vae = pf.VAE(latent=2, steps=20).fit(frame)
    made = vae.sample(300, seed=1)
    check_table(frame, made, made["age"])
    assert made["paid"].isna().any() and made["day"].min() >= pandas.Timestamp("2020-01-01")
    assert vae.transform(frame[["day", "paid", "member", "age", "sort"]]).shape == (240, 2)  # columns by name
    assert vae.resume(frame, steps=40).summary_["steps"] == 40
    again = pickle.loads(pickle.dumps(vae))
    assert again.sample(5, seed=2).equals(vae.sample(5, seed=2))
    assert list(vae.reconstruct(frame).columns) == list(frame.columns)
    with pytest.raises(ValueError, match="sort"):
        vae.transform(frame.drop(columns="sort"))


def test_mixed_polars_frames_come_back_as_such() -> None:
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(mixed_columns())
    made = pf.VAE(latent=2, steps=20).fit(frame).sample(300, seed=1)
    check_table(frame, made, made["age"])
    assert made["paid"].null_count() > 0


def times(zone: str | None) -> Any:
    """To the microsecond, which no table has."""
    pandas = pytest.importorskip("pandas")
    seconds = pandas.to_timedelta(np.arange(240) * 40_000.25, unit="s")
    return (pandas.Timestamp("2020-01-01") + seconds).tz_localize("UTC").tz_convert(zone)


@pytest.mark.parametrize("zone", [None, "Europe/Paris"])
@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_times_of_frames_come_back_as_such(library: str, zone: str | None) -> None:
    made = pytest.importorskip(library)
    frame = made.DataFrame({"t": times(zone), "a": rows(240)[:, 0]})
    vae = pf.VAE(**small("vae")).fit(frame)
    made = vae.sample(50, seed=1)
    kind = frame["t"].dtype
    assert made["t"].dtype == kind and list(made.columns) == ["t", "a"]
    assert frame["t"].min() <= made["t"].min() < made["t"].max() <= frame["t"].max()
    days = vae.fit(frame.assign(t=frame["t"].dt.floor("D")) if library == "pandas" else frame.with_columns(frame["t"].dt.truncate("1d")))
    assert days.sample(5)["t"].dtype == kind


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y %H:%M", "%Y-%m-%dT%H:%M:%S"])
def test_dates_of_a_loaded_run_are_dates(form: str, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"t": times(None).floor("min"), "a": rows(240)[:, 0], "c": ["u", "v"] * 120})
    frame.assign(t=frame["t"].dt.strftime(form)).to_csv(tmp_path / "t.csv", index=False)
    vae = pf.VAE(**small("vae")).fit(frame, path=tmp_path / "frame")
    for made in (pf.load(tmp_path / "frame"), pf.VAE(**small("vae")).fit(tmp_path / "t.csv")):
        found = made.sample(50, seed=1)
        assert found["t"].dtype.kind == "M" and not found["t"].isna().any()
        assert frame["t"].min().floor("D") <= found["t"].min() < found["t"].max() <= frame["t"].max()
    pandas.testing.assert_frame_equal(pf.load(tmp_path / "frame").sample(50, seed=1), vae.sample(50, seed=1), check_dtype=False)


def test_tables_of_arrow_streams_are_trained_on() -> None:
    duckdb, pandas = pytest.importorskip("duckdb"), pytest.importorskip("pandas")
    frame = pandas.DataFrame({"t": times(None), "a": rows(240)[:, 0], "c": ["u", "v"] * 120})
    relation = duckdb.sql("select t, a, c from frame")
    vae, twin = pf.VAE(**small("vae")).fit(relation), pf.VAE(**small("vae")).fit(frame)
    np.testing.assert_array_equal(vae.transform(relation), twin.transform(frame))
    made = vae.sample(20, seed=1)
    assert list(made.columns) == ["t", "a", "c"] and made["t"].dtype.kind == "M"


def test_a_column_that_is_left_out_is_said() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"who": [f"nobody {k}" for k in range(240)], "a": rows(240)[:, 0], "c": ["u", "v"] * 120})
    with pytest.warns(UserWarning, match="who"):
        vae = pf.VAE(**small("vae")).fit(frame)
    assert list(vae.sample(2).columns) == ["a", "c"]


def test_a_name_a_column() -> None:
    pandas = pytest.importorskip("pandas")
    cells = np.array([["a", "b"]] * 20)
    for names in (["a", "a"], pandas.MultiIndex.from_tuples([("u", "a"), ("u", "b")])):
        with pytest.raises(ValueError, match=r"x: got a column .*, wanted one name a column"):
            pf.VAE(**small("vae")).fit(pandas.DataFrame(cells, columns=names))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_codes_come_in_the_container_that_is_wanted(library: str) -> None:
    sklearn, made = pytest.importorskip("sklearn"), pytest.importorskip(library)
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    frame = pytest.importorskip("pandas").DataFrame(rows(), index=np.arange(60) + 7, columns=list("abcde"))
    plain = pf.PCA(latent=2).fit_transform(frame)
    codes = sklearn.base.clone(pf.PCA(latent=2).set_output(transform=library)).fit_transform(frame)
    assert isinstance(codes, made.DataFrame) and list(codes.columns) == ["pca0", "pca1"]
    np.testing.assert_array_equal(codes.to_numpy(), plain)
    if library == "pandas":
        assert (codes.index == frame.index).all()
    assert isinstance(make_pipeline(StandardScaler(), pf.PCA(latent=2)).set_output(transform=library).fit_transform(rows()), made.DataFrame)
    with sklearn.config_context(transform_output=library):
        assert isinstance(pf.PCA(latent=2).fit_transform(rows()), made.DataFrame)
        assert isinstance(pf.PCA(latent=2).set_output(transform="default").fit_transform(rows()), np.ndarray)
    with pytest.raises(ValueError, match="transform: got 'csv', wanted one of default, pandas, polars"):
        pf.PCA().set_output(transform="csv")


def test_names_of_a_frame_may_be_numbers() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({0: range(60), 1: ["a", "b", "c"] * 20})
    assert list(pf.VAE(latent=1, steps=5).fit(frame).sample(4).columns) == ["0", "1"]


def labelled(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Points about (10, 0) of label 1, about (0, 10) of label 7, deviation 0.5."""
    rng = np.random.default_rng(1)
    y = np.where(np.arange(n) % 2 == 0, 1, 7)
    return (rng.normal(size=(n, 2)) / 2 + np.where(y[:, None] == 1, [10, 0], [0, 10])).astype(np.float32), y


def test_labels_of_an_array_are_conditions() -> None:
    x, y = labelled()
    vae = pf.VAE(condition="label", likelihood="gaussian:learned", latent=2, hidden=16, steps=600, threads=1).fit(x, y)
    # A model that is deaf makes the mean of both, 5; a quarter of the way between them is what was told.
    assert np.abs(vae.sample(200, label=7).mean(0) - [0, 10]).max() < 2.5
    assert np.abs(vae.sample(200, label=1.0).mean(0) - [10, 0]).max() < 2.5
    made = vae.sample(300, label=y)
    assert np.abs(made - x).mean() < 2.5
    z = vae.transform(x, label=y)
    assert np.abs(vae.inverse_transform(z, label=y) - vae.reconstruct(x, label=y)).max() < 1e-5
    assert vae.score(x, y) > vae.score(x, np.where(y == 1, 7, 1))  # told the other label, rows are unlikely
    assert vae.evaluate(x, label=y)["elbo"] == pytest.approx(vae.score(x, y))
    again = pickle.loads(pickle.dumps(vae))
    assert np.array_equal(again.sample(5, label=7), vae.sample(5, label=7))
    assert set(np.round(vae.sample(50).mean(1)).astype(int)) <= set(range(3, 8))  # labels as often as in training


def test_columns_of_a_frame_are_conditions() -> None:
    pandas = pytest.importorskip("pandas")
    x, y = labelled()
    frame = pandas.DataFrame({"a": x[:, 0], "sort": np.where(y == 1, "one", "seven"), "b": x[:, 1]})
    vae = pf.VAE(condition="sort", latent=2, hidden=16, steps=1500, threads=1).fit(frame)
    made = vae.sample(100, where={"sort": "seven"})
    assert list(made.columns) == ["a", "sort", "b"] and set(made["sort"]) == {"seven"}
    assert abs(made["b"].mean() - 10) < 2.5
    assert vae.reconstruct(frame)["sort"].tolist() == frame["sort"].tolist()
    assert vae.transform(frame).shape == (300, 2)
    numbers = pf.VAE(condition="a", latent=1, hidden=8, steps=20, threads=1).fit(frame[["a", "b"]])
    assert (numbers.sample(5, where={"a": 3.0})["a"] == 3).all()


def test_conditions_that_do_not_fit_are_refused() -> None:
    x, y = labelled(40)
    vae = pf.VAE(condition="label", likelihood="gaussian:learned", latent=2, hidden=4, steps=2, threads=1)
    with pytest.raises(ValueError, match='y: got none, wanted a label a row, for condition="label"'):
        vae.fit(x)
    vae.fit(x, y)
    with pytest.raises(ValueError, match="label: got none, wanted a label a row"):
        vae.transform(x)
    with pytest.raises(ValueError, match="label: got 2 labels, wanted one, or 3"):
        vae.sample(3, label=[1, 7])
    with pytest.raises(ValueError, match="label: got '3', wanted one of 1, 7"):
        vae.sample(3, label=3)
    with pytest.raises(ValueError, match='where: got a model with condition="label"'):
        vae.sample(3, where={"sort": "a"})
    with pytest.raises(ValueError, match="label: got a model with none"):
        pf.VAE(likelihood="gaussian:learned", latent=2, hidden=4, steps=2, threads=1).fit(x).sample(3, label=1)
    with pytest.raises(ValueError, match="without --condition"):
        vae.export("x.onnx", "decoder")


def test_pickles_and_clones() -> None:
    x = rows()
    ppca = pf.PPCA(latent=2).fit(x)
    again = pickle.loads(pickle.dumps(ppca))
    assert np.array_equal(again.transform(x), ppca.transform(x))
    sklearn = pytest.importorskip("sklearn.base")
    copy = sklearn.clone(pf.VAE(latent=3))
    assert copy.latent == 3 and not hasattr(copy, "_run")


def test_scores_are_higher_where_rows_are_usual() -> None:
    x = rows()
    ppca = pf.PPCA(latent=2).fit(x)
    strange = x.copy()
    strange[0] += 50
    assert ppca.score_samples(strange)[0] < ppca.score_samples(x)[0]
    assert ppca.score(x) == pytest.approx(ppca.evaluate(x)["log_likelihood"])


def test_stands_in_a_pipeline() -> None:
    pipeline = pytest.importorskip("sklearn.pipeline")
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    x = rows()
    made = pipeline.make_pipeline(StandardScaler(), pf.PCA(latent=2), LogisticRegression())
    assert made.fit(x, x[:, 0] > 0).score(x, x[:, 0] > 0) > 0.8


# What scikit-learn's checker tries on its own small data.
CHECKED = [
    ("PCA", {"latent": 1}),
    ("AE", {"latent": 1, "hidden": 8, "epochs": 2, "standardize": True}),
    ("VAE", {"latent": 1, "hidden": 8, "epochs": 2, "standardize": True, "likelihood": "gaussian:learned"}),
]


# The ELBO's draw belongs to a row's place among the others, so that a seed gives the same figure for any batch size.
BY_PLACE = "the ELBO is one draw a row, by its place"
DECLARED = {"VAE": {"check_methods_sample_order_invariance": BY_PLACE, "check_methods_subset_invariance": BY_PLACE}}


@pytest.mark.parametrize(("name", "params"), CHECKED)
def test_check_estimator(name: str, params: dict[str, Any]) -> None:
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    declared = DECLARED.get(name, {})
    results = checks.check_estimator(
        getattr(pf, name)(**params), on_fail=None, expected_failed_checks=declared
    )
    failed = [(each["check_name"], repr(each["exception"])) for each in results if each["status"] == "failed"]
    assert not failed, failed


def test_import_needs_no_more_than_numpy() -> None:
    code = "import sys, pushforward; print([m for m in ('sklearn', 'pandas', 'tqdm', 'torch') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"

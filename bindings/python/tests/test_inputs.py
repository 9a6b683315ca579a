# SPDX-License-Identifier: Apache-2.0
"""Arrays of every kind: which are borrowed, which are converted, which are refused and with what words."""

import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from programs import program

import pushforward as pf
from pushforward import _core
from pushforward._arrays import array, native, numbers, points

X = np.random.default_rng(1).normal(size=(60, 3))
Y = np.random.default_rng(2).normal(size=(50, 3)) + 0.3
ENERGY = pf.distance(X, Y, "energy").value


@pytest.mark.parametrize(
    "same",
    [
        np.asfortranarray(X),
        np.repeat(X, 2, axis=0)[::2],
        np.concatenate([X, X], axis=1)[:, :3],
        X[::-1][::-1],
        X.astype(">f8"),
        X.astype(np.longdouble),
        X.tolist(),
        np.ma.masked_array(X),
        memoryview(X),
    ],
    ids=["columns", "rows apart", "of a wider one", "backwards", "other bytes", "long", "lists", "mask", "buffer"],
)
def test_every_layout_reads_the_same(same):
    assert pf.distance(same, Y, "energy").value == ENERGY


@pytest.mark.parametrize("kind", [np.int8, np.uint16, np.int64, np.bool_, np.float16])
def test_every_real_type_reads_as_its_numbers(kind):
    x, y = (np.abs(X * 3)).astype(kind), (np.abs(Y * 3)).astype(kind)
    assert pf.distance(x, y, "energy").value == pf.distance(x.astype(float), y.astype(float), "energy").value


def test_whole_numbers_that_float64_has_are_taken():
    for kind in (np.int64, np.uint64):
        np.testing.assert_array_equal(points(np.array([[0, 2**53]], kind), "x"), [[0, 2.0**53]])


def test_row_order_is_borrowed():
    for same in (X, X.astype(np.float32), X.astype(np.float32)[10:]):
        assert points(same, "x") is same


def test_numbers_stand_where_the_processor_wants_them():
    apart = np.zeros(X.nbytes + 1, np.uint8)[1:].view(np.float64).reshape(X.shape)
    apart[...] = X
    assert apart.flags.c_contiguous and not apart.flags.aligned
    for found in (points(apart, "x"), numbers(apart[:, :1].reshape(-1), "w"), native(apart)):
        assert found.flags.aligned
    assert pf.distance(apart, Y, "energy").value == ENERGY


@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_measuring_large_arrays_copies_nothing(kind):
    # The peak of the process, which shows what NumPy and the library allocate; the linear-time MMD itself needs a block
    # of pairs at a time. A copy of either array would add its whole size.
    code = f"""
import resource, numpy as np, pushforward as pf
x = np.ones((400_000, 50), np.{kind}); y = x + x
measure = lambda x, y: pf.distance(x, y, "mmd", estimator="linear", bandwidth=1)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
measure(x[:1000], y[:1000]); before = peak(); measure(x, y); print(peak() - before, x.nbytes)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    more, size = map(int, done.stdout.split())
    assert more < size / 4


def test_the_extension_converts_nothing_behind_our_back():
    made = _core.Distance("energy", [], 0)
    for other in (np.asfortranarray(X), X.astype(int), X[:, ::2]):
        with pytest.raises(TypeError):
            made.measure(other, Y, None, None, 0)


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        (X[None, None], ValueError, r"x: got shape \(1, 1, 60, 3\), wanted n x d, a point a row"),
        (np.float64(3), ValueError, r"x: got shape \(\), wanted"),
        (X.astype(complex), TypeError, "x: got values of type complex128, wanted real numbers"),
        (np.array([["a"]]), TypeError, "x: got values of type <U1, wanted real numbers"),
        (np.array(["2020"], "datetime64[Y]"), TypeError, "wanted real numbers"),
        (np.zeros(3, [("a", float)]), TypeError, "wanted real numbers"),
        ([[1, 2], [3]], ValueError, "x: got list, wanted an array"),
        (None, TypeError, "x: got NoneType, wanted real numbers"),
        ({"a": 1}, TypeError, "x: got dict, wanted real numbers"),
        (np.ma.masked_less(X, 0), ValueError, "x: got an array with masked values"),
        ([np.ma.masked_less(row, 0) for row in X], ValueError, "x: got an array with masked values"),
        ([[1.0, np.ma.masked]], ValueError, "x: got an array with masked values"),
        (np.array([[1.0, "a"]], object), TypeError, "x: got ndarray with str in it, wanted real numbers"),
        (np.array([[2**53 + 1]]), ValueError, r"x: got 9007199254740993, wanted whole numbers up to 2\^53"),
        (np.array([[-(2**53) - 1]]), ValueError, "x: got -9007199254740993"),
        (np.array([[2**64 - 1]], np.uint64), ValueError, "x: got 18446744073709551615"),
        (np.empty((0, 3)), ValueError, "0"),
        (np.full((4, 3), np.nan), ValueError, "row 0"),
    ],
)
def test_what_is_no_sample_is_refused(wrong, kind, words):
    with pytest.raises(kind, match=words):
        pf.distance(wrong, Y, "energy")


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: pf.distance(X, Y, "sinkhron"), ValueError, "did you mean 'sinkhorn'"),
        (lambda: pf.distance(X, Y, 3), TypeError, "name: got 3, wanted a text"),
        (lambda: pf.distance(X, Y[:, :2], "w2"), ValueError, "wanted"),
        (lambda: pf.distance(X, Y, "mmd", no_such_option=1), ValueError, "no-such-option"),
        (lambda: pf.distance(X, Y, "sliced", seed=-1), ValueError, "seed: got -1"),
        (lambda: pf.distance(X, Y, "sliced", seed=0.5), TypeError, "seed: got 0.5, wanted a whole number"),
        (lambda: pf.distance(X, Y, "w2", x_weights=[1.0]), ValueError, r"x_weights: got shape \(1,\), wanted \(60,\)"),
        (lambda: pf.distance(X, Y, "w2", y_weights=np.ones(50)), ValueError, "weights"),
        (lambda: pf.distance([X, X], [Y] * 3, "w2"), ValueError, "y: got 3 samples, wanted 2"),
        (lambda: pf.distance([X, X * np.inf], Y, "w2"), ValueError, "problem 1: "),
        (lambda: pf.gradient(X, Y, "prdc"), ValueError, "gradient: got prdc, which has none, wanted one of mmd"),
        (lambda: pf.gradient(X, Y, "w2", of="z"), ValueError, "of: got 'z'"),
        (lambda: pf.test(X, Y, "w2", permutations=1.5), TypeError, "permutations: got 1.5"),
        (lambda: pf.witness(X, Y, "prdc"), ValueError, "witness: got prdc, which has none, wanted one of mmd"),
        (lambda: pf.transport(X), ValueError, "wanted x and y, or cost="),
        (lambda: pf.transport(cost=np.ones(3)), ValueError, r"cost: got shape \(3,\)"),
        (lambda: pf.divergence([0.5, 0.5], [0.2, 0.3, 0.5], "kl"), ValueError, "3 in q"),
        (lambda: pf.divergence([0.5, 0.6], [0.5, 0.5], "kl"), ValueError, "p: "),
        (lambda: pf.divergence("normal(0,1)", [0.5, 0.5], "kl"), TypeError, "q: got list, wanted a density"),
        (lambda: pf.density("normal(0,-1)"), ValueError, "normal"),
        (lambda: pf.entropy([0.5, 0.5], k=3), ValueError, "split or k"),
        (lambda: pf.code([0.5, 0.5], words=["0", "01"]), ValueError, "0"),
        (lambda: pf.set_threads(-1), ValueError, "count: got -1"),
    ],
)
def test_wrong_requests_say_what_would_do(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


# ---- frames, tensors and streams of others ----


def test_pandas_frames():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=list("abc"))
    assert pf.distance(frame, Y, "energy").value == ENERGY
    assert pf.distance(frame.astype("Float64"), Y, "energy").value == ENERGY
    assert points(frame.astype(np.float32), "x").dtype == np.float32
    assert points(pandas.Series([1.0, 2.0], name="s"), "x").shape == (2, 1)
    with pytest.raises(TypeError, match="x: got .* in column 'city', wanted numbers"):
        pf.gradient(frame.assign(city="Paris"), Y, "energy")
    holes = frame.astype("Float64")
    holes.iloc[4, 1] = None
    with pytest.raises(ValueError, match="row 4"):
        pf.distance(holes, Y, "energy")
    for column in (pandas.Index(X[:, 0]), frame["a"].astype("Float64").array, frame["a"].astype("Float64")):
        np.testing.assert_array_equal(points(column, "x"), X[:, :1])
    with pytest.raises(TypeError, match="x: got category, wanted numbers"):
        points(pandas.Categorical(["a", "b"]), "x")


@pytest.mark.parametrize("kind", ["csr_array", "coo_array", "csr_matrix"])
def test_sparse_matrices_are_refused(kind):
    made = getattr(pytest.importorskip("scipy.sparse"), kind)
    with pytest.raises(TypeError, match=f"x: got {kind}, wanted real numbers"):
        pf.distance(made(X), Y, "energy")
    with pytest.raises(TypeError, match=f"x: got {kind}, wanted real numbers|[Ss]parse"):
        pf.PCA(latent=1).fit(made(X))


# ---- frames of more than numbers ----


def mixed_rows(**more):
    """Numbers with and without gaps, text that needs quotes, categories, truth values, days and times."""
    rng = np.random.default_rng(3)
    days = np.datetime64("2020-01-01") + rng.integers(0, 400, 70)
    paid = rng.gamma(2, 3, 70).round(2)
    return {
        "age": rng.integers(20, 60, 70),
        "paid": [None if k % 7 == 0 else float(v) for k, v in enumerate(paid)],
        "single": rng.normal(size=70).astype(np.float32),
        "city": rng.choice(["Köln", "Paris, F", 'the "Hague"'], 70).tolist(),
        "member": rng.uniform(size=70) < 0.5,
        "day": days.astype("datetime64[ms]"),
        "at": days.astype("datetime64[us]") + np.arange(70) * np.timedelta64(40_000_500_000, "us"),
        **more,
    }


def pandas_frame(rows):
    return pytest.importorskip("pandas").DataFrame(rows)


def polars_frame(rows):
    polars = pytest.importorskip("polars")
    return polars.DataFrame(rows).with_columns(polars.col("city").cast(polars.Categorical))


def duckdb_relation(rows):
    duckdb, frame = pytest.importorskip("duckdb"), polars_frame(rows)  # noqa: F841
    return duckdb.sql("select * from frame")


FRAMES = [pandas_frame, polars_frame, duckdb_relation]


@pytest.mark.parametrize("kind", ["object", "category", "string", "datetime64[ns]"])
def test_a_series_of_words_is_a_table_of_one_column(kind):
    pandas = pytest.importorskip("pandas")
    words = ["2020-01-01", "2021-02-03", "2020-01-01", "2022-05-06"] * 10
    for name in ("sort", None):
        x, y = pandas.Series(words, name=name).astype(kind), pandas.Series(words[:30][::-1], name=name).astype(kind)
        found = pf.distance(x, y, "energy")
        assert found.standardized and found == pf.distance(x.to_frame(), y.to_frame(), "energy")
        assert pf.test(x, y, "energy", permutations=99).p_value == pf.test(x.to_frame(), y.to_frame(), "energy", permutations=99).p_value
    made = pf.VAE(latent=1, hidden=4, steps=3).fit(x.rename("sort"), progress=False).sample(5)
    assert list(made.columns) == ["sort"] and len(made) == 5
    with pytest.raises(TypeError, match="x_weights: got .*, wanted numbers"):
        pf.distance(X, Y, "energy", x_weights=x)


def halves(made, rows):
    return tuple(made({name: values[part] for name, values in rows.items()}) for part in (slice(40), slice(40, None)))


@pytest.mark.parametrize("made", FRAMES)
def test_mixed_frames_have_the_bits_of_the_program_on_their_tables(made, tmp_path):
    for name, frame in zip("xy", halves(pandas_frame, mixed_rows()), strict=True):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    files = [str(tmp_path / f"{name}.csv") for name in "xy"]
    # The program rounds no time of its own accord: microseconds are left out here, as the package leaves them out.
    for file in files:
        text = Path(file).read_text()
        Path(file).write_text(re.sub(r"(\d\d:\d\d:\d\d)\.\d+", r"\1", text))
    x, y = halves(made, mixed_rows())
    told = program("distance", *files, "-m", "w2", "--standardize")
    read = pf.distance(x, y, "w2", floor=True)
    assert (read.value, read.floor, read.unit) == (told["value"], told["floor"]["value"], told["unit"])
    assert read.extra["standardized"] is True and read.unit == "standard deviations"
    assert pf.distances.W2()(x, y).value == read.value == pf.distance(x, y, "w2", standardize=True).value
    assert pf.transport(x, y).value == program("transport", *files, "--standardize")["value"]
    told = program("test", *files, "-m", "energy", "--permutations", "99", "--standardize")
    found = pf.test(x, y, "energy", permutations=99)
    assert (found.p_value, found.reading.value) == (told["p_value"], told["value"])
    assert pickle.loads(pickle.dumps(read)) == read


@pytest.mark.parametrize("made", FRAMES)
def test_the_page_of_mixed_frames(made):
    x, y = halves(made, mixed_rows())
    page = pf.distance(x, y, "w2").show(x, y).html
    assert "Paris, F" in page and "standard deviations" in page and "by a permutation test" in page


def test_frames_without_words_are_standardized_when_asked(tmp_path):
    frame = pandas_frame({"a": X[:, 0], "b": 1000 * X[:, 1]})
    other = pandas_frame({"a": Y[:, 0], "b": 1000 * Y[:, 1]})
    both = np.concatenate([frame, other])
    x, y = ((each - both.mean(0)) / both.std(0) for each in (frame.to_numpy(), other.to_numpy()))
    read = pf.distance(frame, other, "energy", standardize=True)
    assert read.value == pytest.approx(pf.distance(x, y, "energy").value, rel=1e-12)
    assert read.value == pf.distance(frame.to_numpy(), other.to_numpy(), "energy", standardize=True).value
    assert "standardized" not in pf.distance(frame, other, "energy").extra
    holes = frame.copy()
    holes.iloc[4, 1] = np.nan
    with pytest.raises(ValueError, match="row 4"):
        pf.distance(holes, other, "energy")
    assert pf.distance(holes, other, "energy", standardize=True).value > 0


@pytest.mark.parametrize("made", FRAMES)
def test_frames_that_do_not_match_are_refused(made):
    x, y = halves(made, mixed_rows())
    few = y.select("age, city") if made is duckdb_relation else y[["age", "city"]]
    with pytest.raises(ValueError, match=r"y: got 2 columns \(age, city\), wanted 7 columns \(age, paid, .*as in x"):
        pf.distance(x, few, "w2")
    with pytest.raises(ValueError, match="y: got no table, wanted one of the same columns as x"):
        pf.distance(x, Y, "w2")
    with pytest.raises(ValueError, match="x: got no table"):
        pf.distance(X, y, "w2")
    with pytest.raises(TypeError, match="x: got .* in column 'city', wanted numbers"):
        pf.distance(x, y, "w2", standardize=False)
    with pytest.raises(TypeError, match="standardize: got 3, wanted True or False"):
        pf.distance(x, y, "w2", standardize=3)
    with pytest.raises(ValueError, match=r"got shape \(2, 30, 3\), wanted n x d"):
        pf.distance(X.reshape(2, 30, 3), Y, "w2", standardize=True)
    renamed = made({"town" if name == "city" else name: v for name, v in mixed_rows().items()}) if made is pandas_frame else None
    if renamed is not None:
        with pytest.raises(ValueError, match="y: got column 'town' of kind category, wanted column 'city' of kind category"):
            pf.distance(x, renamed, "w2")


def test_what_no_table_can_have_is_refused_by_column():
    polars, pandas = pytest.importorskip("polars"), pytest.importorskip("pandas")
    for odd, kind in [([[1, 2]] * 3, "lists"), (polars.Series([1, 2, 3]).cast(polars.Duration), "durations")]:
        frame = polars.DataFrame({"word": ["a", "b", "a"], "odd": odd})
        with pytest.raises(TypeError, match=f"x: got {kind} in column 'odd', wanted numbers, truth values"):
            pf.distance(frame, frame, "energy")
    for odd in (pandas.to_timedelta([1, 2, 3], unit="s"), [1j, 2, 3], [b"a", b"b", b"c"], [{}, {}, {}]):
        frame = pandas.DataFrame({"word": ["a", "b", "a"], "odd": odd})
        with pytest.raises(TypeError, match="x: got .* in column 'odd', wanted numbers, truth values"):
            pf.distance(frame, frame, "energy")


def test_text_of_half_characters_is_refused():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"word": pandas.Series(["\udc80", "b"], dtype=object)})
    with pytest.raises(ValueError, match="x: got .*, wanted whole characters"):
        pf.distance(frame, frame, "energy")


def test_streams_that_are_none_are_refused():
    class Stream:
        def __init__(self, give):
            self.__arrow_c_stream__ = give

    def broken():
        raise RuntimeError("not today")

    for give, words in [(broken, "wanted an Arrow stream; not today"), (lambda: 3, "whose stream is 3, wanted a capsule")]:
        with pytest.raises(TypeError, match=f"x: got Stream, {words}"):
            pf.distance(Stream(give), Y, "energy")
        with pytest.raises(TypeError, match=words):
            pf.PCA(latent=1).fit(Stream(give))


def test_decimals_of_a_stream_are_numbers():
    polars = pytest.importorskip("polars")
    texts = ["-1.50", "0.07", "12345678901234.56", None]
    column = polars.Series("a", texts).cast(polars.Decimal(20, 2))
    np.testing.assert_array_equal(points(polars.DataFrame({"a": column[:3]}), "x"), [[-1.5], [0.07], [12345678901234.56]])
    text = _core.ArrowTable(polars.DataFrame({"a": column}).__arrow_c_stream__(), "x").text()
    assert text.decode() == "a\n" + "\n".join(texts[:3]) + '\n""\n'


def test_what_names_rows_is_left_out_and_said():
    named = mixed_rows(who=[f"nobody {k}" for k in range(70)])
    with pytest.warns(UserWarning, match="who"):
        reading = pf.distance(*halves(pandas_frame, named), "w2")
    assert reading.value == pf.distance(*halves(pandas_frame, mixed_rows()), "w2").value


def test_polars_frames_by_the_arrow_stream():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(X, schema=["a", "b", "c"])
    assert pf.distance(frame, Y, "energy").value == ENERGY
    sliced = polars.concat([frame[10:], frame[:10]], rechunk=False)[50:]  # chunks that begin within
    np.testing.assert_array_equal(points(sliced, "x"), X[:10])
    kinds = [polars.Int8, polars.UInt16, polars.Int64, polars.UInt64, polars.Float32, polars.Boolean]
    mixed = polars.DataFrame({str(kind): polars.Series([1, 0, 1]).cast(kind) for kind in kinds})
    np.testing.assert_array_equal(points(mixed, "x"), np.tile([[1.0], [0], [1]], len(kinds)))
    assert points(frame.cast(polars.Float32), "x").dtype == np.float32
    assert points(frame["a"], "x").shape == (60, 1)
    for series, words in [
        (["Paris"] * 60, "text in column 'k'"),
        (polars.Series(["a"] * 60, dtype=polars.Categorical), "categories in column 'k'"),
        (polars.Series([0] * 60).cast(polars.Date), "dates or times in column 'k'"),
    ]:
        with pytest.raises(TypeError, match=f"x: got {words}, wanted numbers"):
            points(frame.with_columns(polars.Series("k", series)), "x")
    holes = [1.0] * 70
    holes[65] = None
    with pytest.raises(ValueError, match="x: got nothing in column 'k', row 65"):
        points(polars.DataFrame({"k": holes}), "x")


def test_arrow_tables():
    arrow = pytest.importorskip("pyarrow")
    table = arrow.table({name: X[:, c] for c, name in enumerate("abc")})
    assert pf.distance(table, Y, "energy").value == ENERGY
    assert pf.distance(arrow.concat_tables([table[:7], table[7:]]), Y, "energy").value == ENERGY
    np.testing.assert_array_equal(points(table.slice(5, 9), "x"), X[5:14])
    halves = arrow.table({"h": arrow.array(np.array([0.5, -2, 6e-8, np.inf], np.float16))})
    np.testing.assert_array_equal(points(halves, "x")[:, 0], np.array([0.5, -2, 6e-8, np.inf], np.float16))


def test_anything_with_array_or_dlpack():
    class HasArray:
        def __array__(self, dtype=None, copy=None):
            return X

    class HasDlpack:
        def __dlpack__(self, **how):
            return X.__dlpack__(**how)

        def __dlpack_device__(self):
            return X.__dlpack_device__()

    class Elsewhere(HasDlpack):
        device = "cuda:0"

        def __dlpack_device__(self):
            return (2, 0)

    assert pf.distance(HasArray(), HasDlpack(), "energy") == pf.distance(X, X, "energy")
    assert np.shares_memory(array(HasDlpack(), "x"), X) and np.shares_memory(points(HasArray(), "x"), X)
    with pytest.raises(TypeError, match="x: got values on cuda:0, wanted them in the processor's memory"):
        pf.distance(Elsewhere(), Y, "energy")


def test_torch_tensors_are_borrowed():
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(X, requires_grad=True)
    assert pf.distance(tensor, torch.tensor(Y), "energy").value == ENERGY
    assert points(tensor, "x").ctypes.data == tensor.data_ptr()
    rows = list(tensor)
    np.testing.assert_array_equal(points(rows, "x"), X)
    for odd in (tensor.to_sparse(), tensor.to("meta"), torch.complex(tensor, tensor).conj()):
        with pytest.raises(TypeError, match="x: got Tensor, wanted an array of numbers"):
            pf.distance(odd, Y, "energy")


def test_objects_are_named():
    from decimal import Decimal
    from fractions import Fraction

    for value, got in [
        (X.astype(object), r"objects that are numbers \(astype\(float\) makes numbers of them\)"),
        ([[Decimal(1), 2]], "list with Decimal in it"),
        ([[Fraction(1, 3), 2]], "list with Fraction in it"),
        ([[1.0, None]], "list with NoneType in it"),
        ([[2**64, 1]], "a whole number of 65 bits"),
        ((row for row in X), "generator"),
    ]:
        with pytest.raises(TypeError, match=f"x: got {got}, wanted real numbers"):
            pf.distance(value, Y, "energy")


def short_floats(kind):
    """X and Y as bfloat16 or 8-bit floats of PyTorch and of JAX, where they are there, and what they hold."""
    made = []
    try:
        import torch

        dtype = getattr(torch, kind)
        made.append([torch.tensor(rows, requires_grad=True).to(dtype) for rows in (X, Y)])
        made.append([list(made[-1][0]), made[-1][1]])
    except ImportError:
        pass
    try:
        import jax

        made.append([jax.numpy.asarray(rows, kind) for rows in (X, Y)])
        made.append([np.asarray(rows) for rows in made[-1]])
    except ImportError:
        pass
    return made or pytest.skip("PyTorch and JAX are not installed")


@pytest.mark.parametrize("kind", ["bfloat16", "float8_e4m3fn"])
def test_floats_that_numpy_has_not_are_read_as_float32(kind):
    made = short_floats(kind)
    for x, y in made:
        x, y = points(x, "x"), points(y, "y")
        assert x.dtype == y.dtype == np.float32 and np.abs(x - X).max() < 0.1 * np.abs(X).max() and not np.array_equal(x, X)
    values = [pf.distance(x, y, "energy").value for x, y in made]
    assert len(set(values)) == 1 and values[0] == pf.distance(points(made[0][0], "x"), points(made[0][1], "y"), "energy").value
    for x, _ in made:
        pf.PCA(latent=1).fit(x).transform(x)


def test_jax_arrays_are_borrowed():
    jax = pytest.importorskip("jax")
    x = jax.numpy.asarray(X, "float32")
    assert points(x, "x").ctypes.data == x.unsafe_buffer_pointer()

# SPDX-License-Identifier: Apache-2.0
"""Tables: what a model without options makes of `diamonds`, scored by SDMetrics' QualityReport, beside ctgan's TVAE and
CTGAN, and the processor time of training.

diamonds (plotnine's copy: 53,940 rows, 7 numbers, 3 categories) is shuffled with seed 42; the first 43,152 rows are trained
on, the rest are held out, and 10,788 samples are scored against them. Two scores say what the scale means: those of as many
training rows, and of the same with every column shuffled by itself. Privacy: the share of samples that equal a training
row, and the middle distance to the closest one (columns in deviations, categories as one of K over the root of 2), each
beside the held-out rows' own.

Environment: common.py's; PUSHFORWARD_BENCH_ONLY picks rows by their titles ("vae", "TVAE, 10 epochs").
"""
import os
import pathlib
import subprocess
import tempfile
import warnings

from common import program, timed, wanted_row
import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
TRAINED, SAMPLES, SEED = 43152, 10788, 42
CATEGORIES = ["cut", "color", "clarity"]


def diamonds():
    from plotnine.data import diamonds as rows
    rows = rows.astype({name: str for name in CATEGORIES}).sample(frac=1, random_state=SEED)
    return rows[:TRAINED].reset_index(drop=True), rows[TRAINED:].reset_index(drop=True)


def score(held_out, samples):
    from sdmetrics.reports.single_table import QualityReport
    kinds = {c: {"sdtype": "categorical" if c in CATEGORIES else "numerical"} for c in held_out}
    report = QualityReport()
    report.generate(held_out, samples, {"columns": kinds}, verbose=False)
    return report.get_score()


def shuffled(rows):
    random = np.random.default_rng(0)
    return pd.DataFrame({name: random.permutation(rows[name].to_numpy()) for name in rows})


class Closest:
    """Distances to the closest training row, and equal ones."""

    def __init__(self, training):
        from sklearn.neighbors import NearestNeighbors
        numbers = training.drop(columns=CATEGORIES)
        self.mean, self.deviation = numbers.mean(), numbers.std()
        self.categories = {c: sorted(training[c].unique()) for c in CATEGORIES}
        self.rows = set(map(tuple, training.to_numpy()))
        self.tree = NearestNeighbors(n_neighbors=1).fit(self.measured(training))

    def measured(self, rows):
        numbers = (rows.drop(columns=CATEGORIES) - self.mean) / self.deviation
        marks = [(rows[c].to_numpy()[:, None] == np.array(known)) / 2 ** 0.5 for c, known in self.categories.items()]
        return np.hstack([numbers.to_numpy(), *marks])

    def told(self, rows):
        equal = np.mean([tuple(r) in self.rows for r in rows.to_numpy()])
        return f"{100 * equal:.2f} % equal a training row, closest {np.median(self.tree.kneighbors(self.measured(rows))[0]):.3f}"


def run(*words):
    """Processor seconds of the program."""
    child = subprocess.Popen([program(), *map(str, words), "--quiet", "--threads", "1"], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{' '.join(map(str, words))}: exit {child.returncode}")
    return usage.ru_utime + usage.ru_stime


class Ours:
    def __init__(self, model, options, folder, training):
        self.model, self.options, self.folder = model, options, folder
        self.data = folder / "diamonds.csv"
        if not self.data.exists():
            training.to_csv(self.data, index=False)

    def __call__(self):
        path = self.folder / f"{self.model}{len(list(self.folder.iterdir()))}"
        seconds = run("train", self.model, self.data, "-o", path, *self.options)
        samples = path.with_suffix(".csv")
        run("sample", path, "-n", SAMPLES, "-o", samples)
        return pd.read_csv(samples), seconds


def theirs(make, training, epochs, **options):
    import torch
    torch.manual_seed(0)
    np.random.seed(0)
    torch.set_num_threads(1)
    model = make(epochs=epochs, batch_size=500, **options)
    seconds = timed(lambda: model.fit(training, CATEGORIES))[1]
    return model.sample(SAMPLES), seconds


# title, what makes the rows, least score, most processor seconds
def tasks(folder, training):
    def peer(name, epochs, **options):
        def fit():
            import ctgan
            return theirs(getattr(ctgan, name), training, epochs, **options)
        return fit

    def ours(model, *options):
        return Ours(model, options, folder, training)

    return [("train vae", ours("vae"), 0.90, 36), ("train gan", ours("gan"), 0.85, 300), ("train wgan", ours("wgan"), None, None),
            ("TVAE, 10 epochs", peer("TVAE", 10), None, None), ("TVAE, 100 epochs", peer("TVAE", 100), None, None),
            ("CTGAN, 10 epochs", peer("CTGAN", 10, cuda=False), None, None)]


def main():
    training, held_out = diamonds()
    closest = Closest(training)
    few = training[:SAMPLES]
    print(f"diamonds: training rows score {score(held_out, few):.3f}, columns shuffled {score(held_out, shuffled(few)):.3f}; "
          f"held-out rows: {closest.told(held_out)}", flush=True)
    with tempfile.TemporaryDirectory(prefix="pushforward-tables-") as folder:
        for title, make, least, most in tasks(pathlib.Path(folder), training):
            if not wanted_row(title):
                continue
            samples, seconds = make()
            samples = samples[list(held_out)]
            reached = score(held_out, samples)
            short = (least is not None and reached < least) or (most is not None and seconds > most)
            goal = "" if least is None else f"  (wanted: {least} in {most} s)"
            print(f"{title:<18} score {reached:.3f} in {seconds:6.1f} s; {closest.told(samples)}{goal}"
                  f"{'  short' if short else ''}", flush=True)


main()

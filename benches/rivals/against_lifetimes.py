"""Times lifetimes beside leadfold-clv, on the same customers and in one run.

    python3 -m venv rivals && rivals/bin/pip install lifetimes==0.11.3 'pandas<3'
    rivals/bin/python benches/rivals/against_lifetimes.py

Runs the example `fit_rate`, which writes its customers as CSV, and prints both medians, the ratio
and what both found. One thread each, time of the processor.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import pathlib
import statistics
import subprocess
import tempfile
import time
import warnings

import numpy
import pandas
from lifetimes import BetaGeoFitter, ParetoNBDFitter
from lifetimes.utils import _customer_lifetime_value

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = "cargo run --release --offline -q -p leadfold-clv --example fit_rate --".split()


def ours(folder):
    """The milliseconds and the result of each line that the example prints."""
    text = subprocess.run(EXAMPLE + [folder], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    rows = [line.split(" | ") for line in text.stdout.splitlines()]
    return {what: (float(time.removesuffix(" ms")), result) for what, time, result in rows}


def rounds(n, run):
    """The median of some rounds in milliseconds, and the last result."""
    times = []
    for _ in range(n):
        start = time.process_time()
        result = run()
        times.append((time.process_time() - start) * 1e3)
    return statistics.median(times), result


def fit(fitter, data, weights=None):
    columns = data.frequency, data.recency, data["T"]
    return fitter(penalizer_coef=0.0).fit(*columns, weights=weights)


def grouped(data):
    """Each history once, with the number of its customers: what its authors call weights."""
    return data.groupby(["frequency", "recency", "T"]).size().reset_index(name="weights")


def told(fitter):
    return " ".join(f"{value:.9f}" for value in fitter.params_)


def value(fitter, data):
    money = pandas.Series(numpy.ones(len(data)), index=data.index)
    columns = data.frequency, data.recency, data["T"]
    values = _customer_lifetime_value(fitter, *columns, money, time=12, discount_rate=0.01, freq="W")
    return values.sum()


def compare(what, theirs, mine, goal):
    (their_ms, their_result), (my_ms, my_result) = theirs, mine
    ratio = their_ms / my_ms
    print(f"{what}: {their_ms:.1f} ms against {my_ms:.3f} ms: {ratio:.0f} times (goal {goal})")
    print(f"    theirs {their_result}")
    print(f"    ours   {my_result}", flush=True)


def main():
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        found = ours(folder)
        read = lambda name: pandas.read_csv(f"{folder}/{name}.csv", float_precision="round_trip")
        cdnow, many = read("cdnow"), read("simulated 100k")
    ms, model = rounds(9, lambda: fit(BetaGeoFitter, cdnow))
    compare("BG/NBD fit, CDNOW, rows", (ms, told(model)), found["cdnow: BG/NBD fit from rows"], 300)
    few = grouped(cdnow)
    ms, same = rounds(9, lambda: fit(BetaGeoFitter, few, few.weights))
    compare("BG/NBD fit, CDNOW, weighted", (ms, told(same)), found["cdnow: BG/NBD fit"], 300)
    ms, model = rounds(3, lambda: fit(BetaGeoFitter, many))
    compare("BG/NBD fit, 100k rows", (ms, told(model)),
            found["simulated 100k: BG/NBD fit from rows"], 100)
    weighted = grouped(many)
    ms, same = rounds(3, lambda: fit(BetaGeoFitter, weighted, weighted.weights))
    compare("BG/NBD fit, 100k weighted", (ms, told(same)),
            found["simulated 100k: BG/NBD fit"], 50)
    ms, total = rounds(3, lambda: value(model, many))
    compare("a year's value, 100k by days", (ms, total), found["simulated 100k: BG/NBD value"], 50)
    compare("a year's value, 100k by moments", (ms, total), found["moments 100k: BG/NBD value"], 50)
    ms, model = rounds(1, lambda: fit(ParetoNBDFitter, many))
    compare("Pareto/NBD fit, 100k", (ms, told(model)),
            found["simulated 100k: Pareto/NBD fit"], 250)


if __name__ == "__main__":
    main()

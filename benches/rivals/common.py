"""What all rivals share: arguments, rounds, and the report that `cargo xtask bench` reads.

Usage of each: python RIVAL.py DIR LAYOUT THREADS ROUNDS
LAYOUT: log | lead (order of the rows), with "-file" (Parquet), "-memory" (own warm table) or
"-load" (makes a file of its own from the Parquet).
"""

import os
import resource
import sys
import time
from dataclasses import dataclass


@dataclass
class Task:
    dir: str
    layout: str
    threads: int
    rounds: int

    @property
    def parquet(self):
        return os.path.join(self.dir, f"{'by_lead' if self.by_lead else 'events'}.parquet")

    @property
    def by_lead(self):
        return self.layout.startswith("lead")

    @property
    def in_memory(self):
        return self.layout.endswith("memory")


def task():
    dir, layout, threads, rounds = sys.argv[1:5]
    return Task(dir, layout, int(threads), int(rounds))


def statements(name):
    """The statements of a SQL file beside this one. No semicolon stands in a string or comment."""
    with open(os.path.join(os.path.dirname(__file__), name)) as file:
        return [text for text in file.read().split(";") if text.strip()]


def lines(rows):
    return sorted(" ".join(str(value) for value in row) for row in rows)


def run(rounds, work, events, bytes_an_event):
    """Measures `work`, which returns the lines of its answer, and prints the report."""
    seconds, answers = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        answers.append(work())
        seconds.append(time.perf_counter() - start)
    if any(answer != answers[0] for answer in answers):
        sys.exit("two rounds have two answers: the work is not deterministic")
    print("seconds", *(f"{value:.6f}" for value in seconds))
    print("events", events)
    print(f"bytes_an_event {bytes_an_event:.1f}")
    print("peak_kib", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    print()
    print("\n".join(answers[0]))

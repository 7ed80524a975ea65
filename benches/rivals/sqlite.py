"""SQLite: SQL on typed columns, rows by lead, in a file. One thread: it knows no other way."""

import os
import sqlite3

import duckdb

from common import lines, run, statements, task

TASK = task()
ROWS_A_BATCH = 50_000
LOADS = TASK.layout.endswith("load")
PATH = os.path.join(TASK.dir, "rival.sqlite")
TABLE = """
    CREATE TABLE event (pos INTEGER, lead INTEGER, micros INTEGER, target INTEGER, source INTEGER,
        side INTEGER, amount INTEGER, currency INTEGER, PRIMARY KEY (lead, pos)) WITHOUT ROWID
"""


def load():
    if os.path.exists(PATH):
        os.remove(PATH)
    database = sqlite3.connect(PATH)
    database.execute("PRAGMA synchronous = OFF")
    database.execute(TABLE)
    rows = duckdb.execute(f"FROM '{TASK.parquet}'")
    while batch := rows.fetchmany(ROWS_A_BATCH):
        database.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", batch)
    database.commit()
    database.close()


def answer():
    database = sqlite3.connect(PATH)
    database.execute("PRAGMA temp_store = MEMORY")
    database.execute("PRAGMA cache_size = -1000000")
    database.execute("PRAGMA mmap_size = 8000000000")
    rows = []
    for statement in statements("sqlite.sql"):
        rows += database.execute(statement).fetchall()
    database.close()
    return lines(rows)


# Loading takes more memory than asking: it is a process of its own.
if LOADS:
    load()
else:
    events = sqlite3.connect(PATH).execute("SELECT count(*) FROM event").fetchone()[0]
    run(TASK.rounds, answer, events, os.path.getsize(PATH) / events)

"""ClickHouse in the process (chdb): Parquet, or a MergeTree table of its own, rows by lead."""

import os
import shutil

from chdb.session import Session

from common import run, statements, task

TASK = task()
ANSWER = statements("clickhouse.sql")
HOME = os.path.join(TASK.dir, f"chdb-{os.getpid()}")
KEPT = "ENGINE = MergeTree ORDER BY (lead, pos)"


def connect():
    session = Session(HOME)
    session.query(f"SET max_threads = {TASK.threads}")
    rows = f"SELECT * FROM file('{TASK.parquet}', Parquet)"
    columns = "SETTINGS schema_inference_make_columns_nullable = 0"
    if TASK.in_memory:
        session.query(f"CREATE OR REPLACE TABLE event {KEPT} AS {rows} {columns}")
        session.query("OPTIMIZE TABLE event FINAL")
    else:
        session.query(f"CREATE OR REPLACE VIEW event AS {rows} {columns}")
    return session


def answer(session):
    out = []
    for statement in ANSWER:
        text = session.query(statement, "TSV").bytes().decode()
        out += [line.replace("\t", " ") for line in text.splitlines()]
    return sorted(out)


session = connect()
events = int(session.query("SELECT count() FROM event", "TSV").bytes())
size = os.path.getsize(TASK.parquet)
if TASK.in_memory:
    kept = "SELECT sum(bytes_on_disk) FROM system.parts WHERE table = 'event' AND active"
    size = int(session.query(kept, "TSV").bytes())
run(TASK.rounds, lambda: answer(session), events, size / events)
session.close()
shutil.rmtree(HOME, ignore_errors=True)

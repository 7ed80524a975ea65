"""DuckDB: Parquet, or a table of its own in memory, with a dense integer key."""

import os

import duckdb

from common import lines, run, statements, task

TASK = task()
ANSWER = statements("duckdb.sql")
VISITS = statements("duckdb_visits_by_lead.sql" if TASK.by_lead else "duckdb_visits.sql")


def connect():
    database = duckdb.connect()
    database.execute(f"SET threads = {TASK.threads}")
    kind = "TABLE" if TASK.in_memory else "VIEW"
    database.execute(f"CREATE {kind} event AS FROM '{TASK.parquet}'")
    return database


def answer(database):
    rows = []
    for statement in VISITS + ANSWER:
        result = database.execute(statement)
        if statement.lstrip().startswith("SELECT"):
            rows += result.fetchall()
    return lines(rows)


warm = connect() if TASK.in_memory else None
[(events,)] = duckdb.sql(f"SELECT count(*) FROM '{TASK.parquet}'").fetchall()
run(TASK.rounds, lambda: answer(warm or connect()), events, os.path.getsize(TASK.parquet) / events)

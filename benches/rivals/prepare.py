"""Writes the flat log as Parquet, in the order of the log and by lead, with the narrowest types.

Usage: python prepare.py DIR
"""

import sys

import duckdb

COLUMNS = """
    pos::UINTEGER AS pos, lead::INTEGER AS lead, micros::BIGINT AS micros,
    target::TINYINT AS target, source::USMALLINT AS source, side::UTINYINT AS side, amount::BIGINT AS amount,
    currency::USMALLINT AS currency
"""

database = duckdb.connect()
database.execute("SET threads = 2")
source = f"SELECT {COLUMNS} FROM read_csv('{sys.argv[1]}/events.csv')"
for name, order in (("events", "pos"), ("by_lead", "lead, pos")):
    target = f"'{sys.argv[1]}/{name}.parquet' (FORMAT parquet, COMPRESSION snappy)"
    database.execute(f"COPY ({source} ORDER BY {order}) TO {target}")

"""Polars: lazy frames over Parquet, or a frame in memory. By lead, a shift is a window."""

import os
import sys

from common import lines, run, task

TASK = task()
os.environ["POLARS_MAX_THREADS"] = str(TASK.threads)

import polars as pl  # noqa: E402 (it reads the variable when it is imported)

PARQUET = TASK.parquet
STATES = range(10)
LEAD = pl.col("lead")


def engine(frames):
    return pl.collect_all(frames, engine="streaming" if not TASK.in_memory else "in-memory")


def visits(event):
    """One row a visit. Dense keys and sorted rows need no grouping: neighbours are compared."""
    move = event.filter(pl.col("target") >= 0).select("lead", "pos", "micros", "target")
    move = move if TASK.by_lead else move.sort("lead", "pos")
    same = LEAD == LEAD.shift(1)
    # Rows are by lead, so the lead that was won last is this one, or none of its moves was a win.
    last_won = pl.when(pl.col("target").shift(1) == 6).then(LEAD.shift(1)).forward_fill()
    before = pl.when(same).then(pl.col("target").shift(1))
    move = move.with_columns(before=before, was_won=(last_won == LEAD).fill_null(False))
    change = move.filter(~pl.col("was_won") & pl.col("target").ne_missing(pl.col("before")))
    state = pl.when(pl.col("target") < 12).then(pl.col("target"))
    state = state.when(pl.col("before") == 8).then(0).otherwise(7).cast(pl.Int8)
    left = pl.when(LEAD == LEAD.shift(-1)).then(pl.col("micros").shift(-1))
    return change.select("lead", state=state, entered="micros", left=left)


def standings(event, visit):
    source = event.filter((pl.col("source") > 0) & (LEAD >= 0))
    source = source.group_by("lead").agg(pl.col("source").sort_by("pos").last())
    is_last = pl.col("left").is_null()
    bit = pl.lit(1, pl.Int32).mul(2 ** pl.col("state").cast(pl.Int32)).cast(pl.Int32)
    standing = visit.with_columns(bit=bit).group_by("lead").agg(
        state=pl.col("state").filter(is_last).first(),
        entered=pl.col("entered").filter(is_last).first(),
        bits=pl.col("bit").bitwise_or(),
        rung=pl.col("state").filter(pl.col("state") <= 6).max(),
    )
    standing = standing.join(source, on="lead", how="left")
    return standing.with_columns(pl.col("source").fill_null(0))


def reach(standing):
    tally = standing.group_by("source", "bits", "rung").len()
    has = [(pl.col("bits") // 2**s % 2) * pl.col("len") for s in STATES]
    far = [(pl.col("rung") >= s) * pl.col("len") if s <= 6 else has[s] for s in STATES]
    sums = [h.sum().alias(f"e{s}") for s, h in enumerate(has)]
    sums += [f.sum().alias(f"r{s}") for s, f in enumerate(far)]
    return [tally.select(pl.lit(-1).alias("source"), *sums), tally.group_by("source").agg(sums)]


def times(visit, standing):
    time = pl.col("left") - pl.col("entered")
    timed = visit.with_columns(time=time).join(standing.select("lead", "source"), on="lead")
    sums = [
        pl.len().alias("visits"),
        pl.col("time").count().alias("closed"),
        (pl.col("time").sum() // 1_000_000).alias("seconds"),
        (2 * pl.col("time").median()).alias("median"),
    ]
    return [timed.group_by("state").agg(sums), timed.group_by("source", "state").agg(sums)]


def money(event, standing):
    paid = event.filter(pl.col("side").is_in([1, 2]))
    sides = [
        pl.col("amount").filter(pl.col("side") == side).sum().alias(name)
        for side, name in ((1, "revenue"), (2, "refunds"))
    ]
    value = paid.group_by("lead", "currency").agg(sides)
    value = value.join(standing.select("lead", "source"), on="lead")
    value = value.group_by("source", "currency").agg(pl.col("revenue", "refunds").sum())
    cost = event.filter(pl.col("side") == 3).group_by("source", "currency").agg(pl.sum("amount"))
    bought = pl.col("micros").filter(pl.col("side") == 1)
    net = pl.when(pl.col("side") == 1).then(pl.col("amount")).otherwise(-pl.col("amount"))
    customer = paid.group_by("lead").agg(
        purchases=bought.count(),
        recency=(bought.max() - bought.min()) // 1_000_000,
        net=net.sum(),
    )
    return [value, cost, customer.filter(pl.col("purchases") > 0)]


def answer(event):
    visit = visits(event)
    standing = standings(event, visit)
    # What is used more than once is worked out once.
    visit, standing = (frame.lazy() for frame in engine([visit, standing]))
    frames = [*reach(standing), *times(visit, standing), *money(event, standing), standing]
    total, by_source, time, time_by_source, value, cost, customer, standing = engine(frames)
    out = [("status", *row) for row in standing.group_by("state").len().sort("state").rows()]
    out += stages(total, time.with_columns(source=pl.lit(-1)))
    out += stages(by_source, time_by_source)
    out += [("value", *row) for row in value.sort("source", "currency").rows()]
    out += [("cost", *row) for row in cost.sort("source", "currency").rows()]
    weight = LEAD.cast(pl.Int64) % 1009 + 1
    sums = pl.len(), pl.sum("purchases"), pl.sum("recency"), (weight * pl.col("net")).sum()
    out += [("customers", *customer.select(a=sums[0], b=sums[1], c=sums[2], d=sums[3]).row(0))]
    place = pl.col("state").cast(pl.Int64) * 1_000_000_000 + pl.col("entered") // 1_000_000
    place = (weight * (place - 1_704_067_200)).sum()
    out += [("leads", *standing.select(a=pl.len(), b=place).row(0))]
    return lines(out)


def stages(reached, timed):
    times = {(row["source"], row["state"]): row for row in timed.rows(named=True)}
    empty = {"visits": 0, "closed": 0, "seconds": 0, "median": None}
    for row in reached.sort("source").rows(named=True):
        for state in (state for state in STATES if row[f"r{state}"] > 0):
            time = times.get((row["source"], state), empty)
            median = int(time["median"] or 0)
            counts = row[f"e{state}"], row[f"r{state}"], time["visits"], time["closed"]
            yield ("stage", row["source"], state, *counts, time["seconds"], median)


warm = pl.read_parquet(PARQUET).lazy() if TASK.in_memory else None
events = pl.scan_parquet(PARQUET).select(pl.len()).collect().item()
if pl.thread_pool_size() != TASK.threads:
    sys.exit(f"expected {TASK.threads} threads, found {pl.thread_pool_size()}")
run(
    TASK.rounds,
    lambda: answer(pl.scan_parquet(PARQUET) if warm is None else warm),
    events,
    os.path.getsize(PARQUET) / events,
)

-- SQLite: the rows lie by lead (a table without rowid), so that windows sort nothing.
CREATE TEMP TABLE visit AS
WITH move AS (
    SELECT lead, pos, micros, target, lag(target) OVER moves AS before,
        max(target = 6) OVER (moves ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS was_won
    FROM event WHERE target >= 0
    WINDOW moves AS (PARTITION BY lead ORDER BY pos)
)
SELECT lead, micros AS entered, lead(micros) OVER (PARTITION BY lead ORDER BY pos) AS "left",
    CASE WHEN target < 12 THEN target WHEN before = 8 THEN 0 ELSE 7 END AS state
FROM move
WHERE was_won IS NOT 1 AND target IS NOT before;

-- SQLite has no bit_or: a sum over the distinct states of a lead is one.
CREATE TEMP TABLE standing (lead INTEGER PRIMARY KEY, state, entered, bits, rung, source);
INSERT INTO standing
SELECT lead, max(last), max(entered), sum(1 << state), max(CASE WHEN state <= 6 THEN state END),
    coalesce((SELECT source FROM event WHERE event.lead = each.lead AND source > 0
        ORDER BY pos DESC LIMIT 1), 0)
FROM (
    SELECT lead, state, max(CASE WHEN "left" IS NULL THEN state END) AS last,
        max(CASE WHEN "left" IS NULL THEN entered END) AS entered
    FROM visit GROUP BY lead, state
) AS each
GROUP BY lead ORDER BY lead;

CREATE TEMP TABLE tallied AS
SELECT source, bits, rung, count(*) AS n FROM standing GROUP BY source, bits, rung;

CREATE TEMP TABLE timed AS
SELECT source, visit.state AS state, "left" - visit.entered AS time
FROM visit JOIN standing USING (lead)
ORDER BY 1, 2, 3;

CREATE TEMP TABLE ranked AS
SELECT source, state, time, row_number() OVER stage - 1 AS rank,
    count(*) OVER (PARTITION BY source, state) AS n
FROM timed WHERE time IS NOT NULL
WINDOW stage AS (PARTITION BY source, state ORDER BY time)
UNION ALL
SELECT -1, state, time, row_number() OVER total - 1, count(*) OVER (PARTITION BY state)
FROM timed WHERE time IS NOT NULL
WINDOW total AS (PARTITION BY state ORDER BY time);

SELECT 'status', state, count(*) FROM standing GROUP BY state;

WITH RECURSIVE
stage(state) AS (SELECT 0 UNION ALL SELECT state + 1 FROM stage WHERE state < 9),
reach AS (
    SELECT source, state, sum(n * ((bits >> state) & 1)) AS entered,
        sum(CASE WHEN state <= 6 THEN n * (rung >= state) ELSE n * ((bits >> state) & 1) END)
            AS reached
    FROM tallied, stage GROUP BY source, state
),
entry AS (SELECT source, state, count(*) AS visits FROM timed GROUP BY source, state),
time AS (
    SELECT source, state, max(n) AS closed, sum(time) / 1000000 AS seconds,
        sum(CASE WHEN rank = (n - 1) / 2 THEN time ELSE 0 END
            + CASE WHEN rank = n / 2 THEN time ELSE 0 END) AS twice_median
    FROM ranked GROUP BY source, state
)
SELECT 'stage', source, state, entered, reached, coalesce(visits, 0), coalesce(closed, 0),
    coalesce(seconds, 0), coalesce(twice_median, 0)
FROM (
    SELECT * FROM reach
    UNION ALL SELECT -1, state, sum(entered), sum(reached) FROM reach GROUP BY state
) LEFT JOIN (
    SELECT * FROM entry UNION ALL SELECT -1, state, sum(visits) FROM entry GROUP BY state
) USING (source, state) LEFT JOIN time USING (source, state)
WHERE reached > 0;

SELECT 'value', source, currency, sum(CASE WHEN side = 1 THEN amount ELSE 0 END),
    sum(CASE WHEN side = 2 THEN amount ELSE 0 END)
FROM (SELECT lead, side, currency, amount FROM event WHERE side IN (1, 2))
JOIN standing USING (lead) GROUP BY source, currency;

SELECT 'cost', source, currency, sum(amount)
FROM event WHERE side = 3 GROUP BY source, currency;

SELECT 'customers', count(*), coalesce(sum(purchases), 0), coalesce(sum(recency), 0),
    coalesce(sum((lead % 1009 + 1) * net), 0)
FROM (
    SELECT lead, sum(side = 1) AS purchases,
        (max(CASE WHEN side = 1 THEN micros END)
            - min(CASE WHEN side = 1 THEN micros END)) / 1000000 AS recency,
        sum(CASE WHEN side = 1 THEN amount ELSE -amount END) AS net
    FROM event WHERE side IN (1, 2) GROUP BY lead
) WHERE purchases > 0;

SELECT 'leads', count(*),
    sum((lead % 1009 + 1) * (state * 1000000000 + entered / 1000000 - 1704067200))
FROM standing;

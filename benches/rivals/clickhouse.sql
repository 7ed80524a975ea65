-- ClickHouse in the process. Rows are by lead: windows read them in that order.
DROP TABLE IF EXISTS visit;
DROP TABLE IF EXISTS standing;

CREATE TABLE visit ENGINE = Memory AS
SELECT lead, micros AS entered, leadInFrame(toNullable(micros)) OVER after AS left,
    multiIf(target < 12, target, before = 8, 0, 7)::UInt8 AS state
FROM (
    SELECT lead, pos, micros, target, lagInFrame(target, 1, -1) OVER moves AS before,
        max(target = 6) OVER (PARTITION BY lead ORDER BY pos
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS was_won
    FROM event WHERE target >= 0
    WINDOW moves AS (PARTITION BY lead ORDER BY pos
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)
WHERE was_won = 0 AND target != before
WINDOW after AS (PARTITION BY lead ORDER BY pos
    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING);

CREATE TABLE standing ENGINE = Memory AS
SELECT lead, last AS state, since AS entered, bits, rung, known AS source
FROM (
    SELECT lead, maxIf(visit.state, isNull(visit.left)) AS last,
        maxIf(visit.entered, isNull(visit.left)) AS since,
        groupBitOr(bitShiftLeft(1::UInt16, visit.state)) AS bits,
        maxIf(visit.state, visit.state <= 6) AS rung
    FROM visit GROUP BY lead
) AS a LEFT JOIN (
    SELECT lead, argMax(source, pos) AS known
    FROM event WHERE source > 0 AND lead >= 0 GROUP BY lead
) AS b USING (lead);

SELECT 'status', state, count() FROM standing GROUP BY state;

SELECT 'stage', row, stage, entered, reached, visits, closed, seconds, twice_median
FROM (
    SELECT arrayJoin([-1, source::Int32]) AS row, arrayJoin(range(10)) AS stage,
        sum(n * bitTest(bits, stage)) AS entered,
        sum(n * if(stage <= 6, rung >= stage, bitTest(bits, stage))) AS reached
    FROM (SELECT source, bits, rung, count() AS n FROM standing GROUP BY source, bits, rung)
    GROUP BY row, stage
) AS a LEFT JOIN (
    SELECT arrayJoin([-1, standing.source::Int32]) AS row, visit.state AS stage,
        count() AS visits, count(visit.left) AS closed,
        intDiv(sum(ifNull(visit.left - visit.entered, 0)), 1000000) AS seconds,
        toInt64(ifNotFinite(ifNull(
            2 * quantileExactInclusive(0.5)(visit.left - visit.entered), 0), 0)) AS twice_median
    FROM visit JOIN standing ON visit.lead = standing.lead
    GROUP BY row, stage
) AS b USING (row, stage)
WHERE reached > 0;

SELECT 'value', source, currency, sumIf(paid, side = 1), sumIf(paid, side = 2)
FROM (SELECT lead, side, currency, sum(amount) AS paid FROM event WHERE side IN (1, 2)
    GROUP BY lead, side, currency) AS money JOIN standing ON money.lead = standing.lead
GROUP BY source, currency;

SELECT 'cost', source, currency, sum(amount)
FROM event WHERE side = 3 GROUP BY source, currency;

SELECT 'customers', count(), sum(purchases), sum(recency), sum((lead % 1009 + 1) * net)
FROM (
    SELECT lead, countIf(side = 1) AS purchases,
        intDiv(maxIf(micros, side = 1) - minIf(micros, side = 1), 1000000) AS recency,
        sum(if(side = 1, amount, -amount)) AS net
    FROM event WHERE side IN (1, 2) GROUP BY lead
) WHERE purchases > 0;

SELECT 'leads', count(),
    sum((lead % 1009 + 1) * (state::Int64 * 1000000000 + intDiv(entered, 1000000) - 1704067200))
FROM standing

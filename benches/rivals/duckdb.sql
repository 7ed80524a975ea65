-- From visits to the answer. One row a lead, then one a stage and source.
CREATE OR REPLACE TEMP TABLE standing AS
SELECT lead, state, entered, bits, rung, coalesce(source, 0) AS source
FROM (
    SELECT lead, max(state) FILTER ("left" IS NULL) AS state,
        max(entered) FILTER ("left" IS NULL) AS entered,
        bit_or(1::INTEGER << state::INTEGER) AS bits,
        max(state) FILTER (state <= 6) AS rung
    FROM visit GROUP BY lead
) LEFT JOIN (
    SELECT lead, arg_max(source, pos) AS source
    FROM event WHERE source > 0 AND lead >= 0 GROUP BY lead
) USING (lead);

CREATE OR REPLACE TEMP TABLE customer AS
SELECT lead, count(*) FILTER (side = 1) AS purchases,
    (max(micros) FILTER (side = 1) - min(micros) FILTER (side = 1)) // 1000000 AS recency,
    sum(CASE side WHEN 1 THEN amount ELSE -amount END)::BIGINT AS net
FROM event WHERE side = 1 OR side = 2 GROUP BY lead;

SELECT 'status', state, count(*) FROM standing GROUP BY state;

SELECT 'stage', source, state, entered, reached, coalesce(visits, 0), coalesce(closed, 0),
    coalesce(seconds, 0), coalesce(twice_median, 0)
FROM (
    SELECT coalesce(source, -1) AS source, state,
        sum(n * ((bits >> state) & 1))::BIGINT AS entered,
        sum(CASE WHEN state <= 6 THEN n * (rung >= state)::BIGINT
            ELSE n * ((bits >> state) & 1) END)::BIGINT AS reached
    FROM (SELECT source, bits, rung, count(*) AS n FROM standing GROUP BY ALL),
        (SELECT unnest(range(10)) AS state)
    GROUP BY GROUPING SETS ((state), (source, state))
) LEFT JOIN (
    SELECT coalesce(source, -1) AS source, visit.state AS state, count(*) AS visits,
        count("left") AS closed,
        (sum("left" - visit.entered) // 1000000)::BIGINT AS seconds,
        (2 * median("left" - visit.entered))::BIGINT AS twice_median
    FROM visit JOIN standing USING (lead)
    GROUP BY GROUPING SETS ((visit.state), (source, visit.state))
) USING (source, state)
WHERE reached > 0;

SELECT 'value', source, currency, coalesce(sum(amount) FILTER (side = 1), 0)::BIGINT,
    coalesce(sum(amount) FILTER (side = 2), 0)::BIGINT
FROM (SELECT lead, side, currency, sum(amount) AS amount FROM event WHERE side = 1 OR side = 2
    GROUP BY ALL) JOIN standing USING (lead)
GROUP BY source, currency;

SELECT 'cost', source, currency, sum(amount)::BIGINT
FROM event WHERE side = 3 GROUP BY source, currency;

SELECT 'customers', count(*), coalesce(sum(purchases), 0)::BIGINT,
    coalesce(sum(recency), 0)::BIGINT, coalesce(sum((lead % 1009 + 1) * net), 0)::BIGINT
FROM customer WHERE purchases > 0;

SELECT 'leads', count(*),
    sum((lead % 1009 + 1) * (state * 1000000000::BIGINT + entered // 1000000 - 1704067200))::BIGINT
FROM standing;

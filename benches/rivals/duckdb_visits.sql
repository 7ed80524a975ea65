-- Visits, from rows in any order.
CREATE OR REPLACE TEMP TABLE visit AS
WITH move AS (
    SELECT lead, pos, micros, target, lag(target) OVER moves AS before,
        max(target = 6) OVER (moves ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS was_won
    FROM event WHERE target >= 0
    WINDOW moves AS (PARTITION BY lead ORDER BY pos)
)
SELECT lead, micros AS entered, lead(micros) OVER (PARTITION BY lead ORDER BY pos) AS "left",
    CASE WHEN target < 12 THEN target WHEN before = 8 THEN 0 ELSE 7 END::UTINYINT AS state
FROM move
WHERE was_won IS NOT TRUE AND target IS DISTINCT FROM before;

-- Visits, from rows by lead: windows over the whole table are streamed and sort nothing.
CREATE OR REPLACE TEMP TABLE visit AS
WITH won AS (
    SELECT lead, micros, target, max(CASE WHEN target = 6 THEN lead END)
        OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS last_won
    FROM event WHERE target >= 0
), move AS (
    SELECT lead, micros, target, lag(lead) OVER () AS lead_before,
        lag(target) OVER () AS target_before, lag(last_won) OVER () AS won_before
    FROM won
), change AS (
    SELECT lead, micros, target, CASE WHEN lead = lead_before THEN target_before END AS before
    FROM move
    WHERE won_before IS DISTINCT FROM lead
        AND (lead IS DISTINCT FROM lead_before OR target <> target_before)
), numbered AS (
    SELECT *, lead(lead) OVER () AS lead_after, lead(micros) OVER () AS micros_after
    FROM change
)
SELECT lead, micros AS entered, CASE WHEN lead = lead_after THEN micros_after END AS "left",
    CASE WHEN target < 12 THEN target WHEN before = 8 THEN 0 ELSE 7 END::UTINYINT AS state
FROM numbered;

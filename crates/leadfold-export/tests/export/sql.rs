//! The files in a database, and the funnel as SQL sees it.

use std::collections::BTreeMap;

use rusqlite::Connection;
use rusqlite::types::Value as Sql;

use crate::support::{Found, Value};

/// One stage of the funnel.
#[derive(Debug, PartialEq)]
pub(crate) struct Stage {
    pub(crate) name: String,
    pub(crate) entered: i64,
    pub(crate) reached: i64,
    pub(crate) visits: i64,
    pub(crate) timed: i64,
    /// Seconds.
    pub(crate) median_s: Option<f64>,
    pub(crate) open: i64,
}

/// A cohort funnel without a split.
#[derive(Debug, PartialEq)]
pub(crate) struct Funnel {
    pub(crate) stages: Vec<Stage>,
    pub(crate) captured: i64,
    pub(crate) won: i64,
    pub(crate) lost: i64,
    pub(crate) erased: i64,
    pub(crate) median_to_won_s: Option<f64>,
}

/// Leads that count, each stage's visits that lasted, and the medians of both.
const STAGES: &str = "
    WITH cohort AS (
        SELECT * FROM leads WHERE captured_at IS NOT NULL AND state <> 'merged'
    ), real AS (
        SELECT v.*, valid_to - valid_from AS lasted, NOT is_unknown AND valid_to IS NOT NULL AS ok
        FROM visits v JOIN cohort USING (lead_index) WHERE NOT is_implied
    ), ranked AS (
        SELECT state, lasted, row_number() OVER (PARTITION BY state ORDER BY lasted) AS n,
               count(*) OVER (PARTITION BY state) AS of
        FROM real WHERE ok
    ), medians AS (
        SELECT state, avg(lasted) / 1e6 AS s FROM ranked
        WHERE n IN ((of + 1) / 2, (of + 2) / 2) GROUP BY state
    )
    SELECT name,
           (SELECT count(DISTINCT lead_index) FROM real r WHERE r.state = name),
           CASE WHEN rung IS NULL
                THEN (SELECT count(DISTINCT lead_index) FROM real r WHERE r.state = name)
                ELSE (SELECT count(*) FROM cohort WHERE reached >= rung) END,
           (SELECT count(*) FROM real r WHERE r.state = name),
           (SELECT count(*) FROM real r WHERE r.state = name AND ok),
           (SELECT s FROM medians m WHERE m.state = name),
           (SELECT count(*) FROM cohort c WHERE c.state = name)
    FROM stage ORDER BY nth";

const TOTALS: &str = "
    SELECT count(*), sum(state = 'customer'), sum(state IN ('lost', 'disqualified')),
           sum(state = 'erased')
    FROM leads WHERE captured_at IS NOT NULL AND state <> 'merged'";

const TO_WON: &str = "
    WITH won AS (
        SELECT max(min(v.valid_from) - l.captured_at, 0) AS took
        FROM leads l JOIN visits v ON v.lead_index = l.lead_index AND v.state = 'customer'
        WHERE l.state = 'customer' AND l.captured_at IS NOT NULL GROUP BY l.lead_index
    ), ranked AS (
        SELECT took, row_number() OVER (ORDER BY took) AS n, count(*) OVER () AS of FROM won
    )
    SELECT avg(took) / 1e6 FROM ranked WHERE n IN ((of + 1) / 2, (of + 2) / 2)";

const NAMES: [(&str, Option<i64>); 10] = [
    ("new", Some(0)),
    ("mql", Some(1)),
    ("handed_off", Some(2)),
    ("accepted", Some(3)),
    ("sql", Some(4)),
    ("opportunity", Some(5)),
    ("customer", Some(6)),
    ("nurturing", None),
    ("disqualified", None),
    ("lost", None),
];

/// Puts the tables that the funnel needs into a database.
fn load(found: &Found) -> Connection {
    let database = Connection::open_in_memory().expect("a database in memory");
    for table in leadfold_export::TABLES {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let list = names.join("\",\"");
        let marks = vec!["?"; names.len()].join(",");
        database
            .execute_batch(&format!("CREATE TABLE {} (\"{list}\"); BEGIN", table.name))
            .expect("a table");
        let insert = format!("INSERT INTO {} VALUES ({marks})", table.name);
        let mut insert = database.prepare(&insert).expect("an insert");
        for row in &found[table.name] {
            let values = names.iter().map(|name| sql(&row[*name]));
            insert.execute(rusqlite::params_from_iter(values)).expect("a row");
        }
        database.execute_batch("COMMIT").expect("rows");
    }
    stages(&database);
    database.execute_batch("CREATE INDEX by_lead ON visits (lead_index, state)").expect("an index");
    database
}

fn stages(database: &Connection) {
    database.execute_batch("CREATE TABLE stage (nth, name, rung)").expect("a table");
    for (nth, (name, rung)) in NAMES.iter().enumerate() {
        let nth = nth as i64;
        database
            .execute("INSERT INTO stage VALUES (?, ?, ?)", rusqlite::params![nth, name, rung])
            .expect("a row");
    }
}

fn sql(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Int(n) | Value::Time(n) => Sql::Integer(*n),
        Value::Text(text) => Sql::Text(text.clone()),
        Value::Flag(flag) => Sql::Integer(i64::from(*flag)),
    }
}

/// The hand-offs of an export.
#[derive(Debug, PartialEq)]
pub(crate) struct Handoffs {
    pub(crate) offered: u64,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
    pub(crate) decided_in_time: (u64, u64),
    pub(crate) leaked: u64,
    pub(crate) returned: u64,
    pub(crate) recycled: u64,
    pub(crate) reached: u64,
    pub(crate) won: u64,
    /// How many findings there are of each code.
    pub(crate) found: BTreeMap<String, u64>,
}

/// What became of a deal is read from the deals: those of the lead's round that were opened while
/// the episode lasted.
const HANDOFFS: &str = "
    SELECT count(*), sum(decision IN ('accepted', 'returned')), sum(decision = 'rejected'),
           sum(decision_kept = 'in_time'), sum(decision_kept <> 'open'),
           sum(attempt_kept = 'missed'), sum(returned_at IS NOT NULL), sum(is_recycled),
           sum(contacted_at IS NOT NULL),
           sum(EXISTS (SELECT 1 FROM opportunities o
               WHERE o.lead_index = e.lead_index AND o.outcome = 'won'
                 AND o.opened_at BETWEEN e.offered_at AND coalesce(e.ended_at, o.opened_at)))
    FROM episodes e JOIN handoffs USING (lead_index, position)";

/// The hand-offs of an export, counted from its files.
pub(crate) fn handoffs(found: &Found) -> Handoffs {
    let database = load(found);
    let mut query = database.prepare("SELECT code, count(*) FROM audit_findings GROUP BY code");
    let query = query.as_mut().expect("a query");
    let codes = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("codes");
    let found = codes.map(|code| code.expect("a code"));
    let found = found.map(|(code, n): (String, i64)| (code, n.cast_unsigned())).collect();
    let counts = |row: &rusqlite::Row<'_>| {
        let n = |at| row.get::<_, Option<i64>>(at).map(|n| n.unwrap_or_default().cast_unsigned());
        Ok(Handoffs {
            offered: n(0)?,
            accepted: n(1)?,
            rejected: n(2)?,
            decided_in_time: (n(3)?, n(4)?),
            leaked: n(5)?,
            returned: n(6)?,
            recycled: n(7)?,
            reached: n(8)?,
            won: n(9)?,
            found,
        })
    };
    database.query_row(HANDOFFS, [], counts).expect("counts")
}

/// The funnel of an export.
pub(crate) fn funnel(found: &Found) -> Funnel {
    let database = load(found);
    let mut query = database.prepare(STAGES).expect("a query");
    let stages = query.query_map([], |row| {
        Ok(Stage {
            name: row.get(0)?,
            entered: row.get(1)?,
            reached: row.get(2)?,
            visits: row.get(3)?,
            timed: row.get(4)?,
            median_s: row.get(5)?,
            open: row.get(6)?,
        })
    });
    let stages = stages.expect("stages").map(|stage| stage.expect("a stage")).collect();
    let count =
        |row: &rusqlite::Row<'_>, at| row.get::<_, Option<i64>>(at).map(Option::unwrap_or_default);
    let median_to_won_s = database.query_row(TO_WON, [], |row| row.get(0)).expect("a median");
    database
        .query_row(TOTALS, [], |row| {
            Ok(Funnel {
                stages,
                captured: count(row, 0)?,
                won: count(row, 1)?,
                lost: count(row, 2)?,
                erased: count(row, 3)?,
                median_to_won_s,
            })
        })
        .expect("totals")
}

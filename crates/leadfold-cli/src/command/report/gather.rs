//! From a log to the figures of a report: each from the metric that the command of its section
//! asks, within the same bounds.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use leadfold_core::audit::{Audit, AuditCode, AuditFinding, Detail, GroupBy, Severity};
use leadfold_core::due::{Diary, due};
use leadfold_core::metrics::{
    CostForm, CostQuery, CostRow, DealTrail, FunnelQuery, FunnelRow, Period, RevenueBasis,
    ValueRow, aging, cost_metrics, funnel, historic_value, status,
};
use leadfold_core::{Calendar, Code, Playbook, Publication};
use leadfold_playbook::TimeZone;
use leadfold_report::{
    DealRow, Deals, Duties, Duty, Example, FindingGroup, Findings, Handoffs, Loss, OwnerRow,
    Report, Rules, Split, isolated,
};

use super::View;
use crate::args::ReadOptions;
use crate::command::audit::{calendar, key_name, owner_names};
use crate::command::funnel::Kind;
use crate::command::{cost, deals, due as duties};
use crate::error::CliError;
use crate::finding::Glossary;
use crate::reading::{Log, Reading, Rows, Scope};

/// A log that is folded for its report.
pub(super) struct Source {
    reading: Reading,
    /// It has the ledger of the audit, too.
    diary: Diary,
    trail: DealTrail,
    calendar: Calendar,
    rules: Rules,
}

impl Source {
    /// Folds the log that the options mean.
    pub(super) fn open(options: &ReadOptions) -> Result<Self, CliError> {
        let log = Log::open(options)?;
        let calendar = calendar(&log.playbook)?;
        let rules = rules(&log.playbook, log.publication, options.playbook.is_some());
        let trail = DealTrail::under(log.playbook.rules.illegal);
        let both = (Diary::new(log.playbook.clone()), trail);
        let (reading, (diary, trail)) = Reading::watched(log, options, both)?;
        Ok(Self { reading, diary, trail, calendar, rules })
    }

    /// Of what the report speaks.
    pub(super) fn scope(&self, view: &View) -> Result<Scope, CliError> {
        Ok(self.reading.scope(self.reading.period(view.period)?))
    }

    /// All figures.
    pub(super) fn report(&self, view: &View) -> Result<Report, CliError> {
        let tables = &self.reading.tables;
        let period = self.reading.period(view.period)?;
        Ok(Report {
            scope: self.head(period, view),
            status: status(tables),
            aging: aging(tables, self.reading.instant(), &[]),
            funnel: self.funnel(period, view)?,
            handoffs: self.handoffs()?,
            findings: self.findings(view.examples as usize)?,
            due: self.due(view.rows as usize)?,
            deals: self.deals(period)?,
            value: self.value(&view.by)?,
            costs: self.costs(period, view)?,
            rows_max: view.rows as usize,
        })
    }

    fn audit(&self) -> Audit<'_> {
        let Reading { tables, .. } = &self.reading;
        Audit::of(tables, self.diary.ledger(), &self.calendar, self.reading.instant())
    }

    fn head(&self, period: Period, view: &View) -> leadfold_report::Scope {
        let Reading { tables, position, as_of, known_at, zone, .. } = &self.reading;
        leadfold_report::Scope {
            as_of: *as_of,
            known_at: *known_at,
            period,
            kind: view.kind.into(),
            first_capture: tables.leads().filter_map(|lead| lead.captured_at()).min(),
            last_event: tables.last_at(),
            events: *position,
            zone: (*zone != TimeZone::UTC).then(|| zone.zone().name().to_owned()),
            rules: self.rules.clone(),
            program: concat!("leadfold ", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }

    fn funnel(&self, period: Period, view: &View) -> Result<Split<FunnelRow>, CliError> {
        let split = self.reading.split(&view.by)?;
        let query = FunnelQuery {
            kind: view.kind.into(),
            period,
            by: split.by().to_vec(),
            survival: true,
            ..FunnelQuery::as_of(self.reading.instant())
        };
        let rows = split.rows(funnel(&self.reading.tables, &query), |row, _| row)?;
        Ok(named(&view.by, rows))
    }

    fn value(&self, words: &[String]) -> Result<Split<ValueRow>, CliError> {
        let split = self.reading.split(words)?;
        let counted = historic_value(&self.reading.tables, split.by(), RevenueBasis::default());
        Ok(named(words, split.rows(counted, |row, _| row)?))
    }

    /// By anything else than what a cost says of itself there is only the total.
    fn costs(&self, period: Period, view: &View) -> Result<Split<CostRow>, CliError> {
        let is_of_costs = view.by.iter().all(|word| cost::DIMENSIONS.contains(&word.as_str()));
        let words = if is_of_costs { view.by.as_slice() } else { &[] };
        let split = self.reading.split(words)?;
        let query = CostQuery {
            form: match view.kind {
                Kind::Cohort => CostForm::Cohort,
                Kind::Period => CostForm::Period,
            },
            period,
            by: split.by().to_vec(),
            zone: self.reading.zone.zone(),
            ..CostQuery::as_of(self.reading.instant())
        };
        let counted = cost_metrics(&self.reading.tables, &query);
        Ok(named(words, split.rows(counted, |row, _| row)?))
    }

    fn deals(&self, period: Period) -> Result<Deals, CliError> {
        let words = ["owner".to_owned()];
        let split = self.reading.split(&words)?;
        let counted = deals::parts(&self.reading.tables, &self.trail, split.by(), period);
        let rows = split.rows(counted, |parts, names| {
            let deals::Parts { rate, cycle, losses, pipeline, .. } = parts;
            let name = |code: Code| names.string(code).map(str::to_owned);
            let losses = losses.into_iter().map(|row| Loss { reason: name(row.reason), row });
            (DealRow { rate, cycle, pipeline }, losses.collect())
        })?;
        let Split { by, total: (total, losses), rows } = named(&words, rows);
        let rows = rows.into_iter().map(|(label, (row, _)): (_, (_, Vec<Loss>))| (label, row));
        Ok(Deals { rows: Split { by, total, rows: rows.collect() }, losses })
    }

    fn handoffs(&self) -> Result<Handoffs, CliError> {
        let audit = self.audit();
        let mut figures = audit.figures(Some(&GroupBy::Owner));
        let load = audit.workload();
        let names = owner_names(&self.reading, &figures, &load)?;
        let open: BTreeMap<Option<&str>, u64> =
            load.iter().map(|row| (names.string(row.owner), row.open)).collect();
        let owners = figures.split_off(1).into_iter().filter_map(|row| {
            let owner = key_name(&row.key?, &names);
            let open = open.get(&owner.as_deref()).copied().unwrap_or(0);
            Some(OwnerRow { owner, figures: row.figures, open })
        });
        let owners = owners.collect();
        Ok(Handoffs {
            total: figures.remove(0).figures,
            owners,
            speed_to_lead: audit.speed_to_lead(),
            recycled_win_rate: audit.recycled_win_rate(),
        })
    }

    fn findings(&self, examples_max: usize) -> Result<Findings, CliError> {
        let found = self.audit().findings();
        let mut by_code: BTreeMap<AuditCode, Vec<&AuditFinding>> = BTreeMap::new();
        for finding in &found {
            by_code.entry(finding.code).or_default().push(finding);
        }
        let mut groups: Vec<_> = by_code.into_iter().collect();
        groups.sort_by_key(|(code, found)| Reverse((code.severity(), found.len())));
        let is_error = |finding: &&AuditFinding| finding.code.severity() == Severity::Error;
        let errors = found.iter().filter(is_error).count() as u64;
        let groups = groups.into_iter().map(|(code, found)| {
            let (count, examples) = (found.len() as u64, self.examples(found, examples_max)?);
            Ok(FindingGroup { code, count, examples })
        });
        let groups = groups.collect::<Result<_, CliError>>()?;
        Ok(Findings { count: found.len() as u64, errors, groups })
    }

    /// The latest findings of one code: what can still be mended.
    fn examples(
        &self,
        mut found: Vec<&AuditFinding>,
        examples_max: usize,
    ) -> Result<Vec<Example>, CliError> {
        found.sort_by_key(|finding| Reverse((finding.at, finding.position)));
        found.truncate(examples_max);
        let names = Glossary::of_log(&self.reading, &found)?;
        let shown = found.into_iter().map(|finding| {
            let report = names.report(finding);
            Example {
                message: message(finding.clone(), report.key.as_deref(), report.owner.as_deref()),
                lead: report.key,
                owner: report.owner,
                at: report.at,
            }
        });
        Ok(shown.collect())
    }

    fn due(&self, rows_max: usize) -> Result<Duties, CliError> {
        let now = self.reading.instant();
        let mut found = due(&self.reading.tables, &self.diary, &self.calendar, now, now);
        found.retain(|due| due.is_overdue(now));
        let overdue = found.len() as u64;
        found.truncate(rows_max);
        let rows = duties::rows(&self.reading, &found)?.into_iter().map(|row| Duty {
            due: row.due,
            overdue_s: row.overdue_s,
            task: row.task,
            lead: row.key,
            owner: row.owner,
        });
        Ok(Duties { overdue, rows: rows.collect() })
    }
}

/// The sentence of a finding, with the names that it has from log and playbook told from its words.
fn message(mut finding: AuditFinding, key: Option<&str>, owner: Option<&str>) -> String {
    if let Detail::Missing { fields } = &mut finding.detail {
        fields.iter_mut().for_each(|field| *field = isolated(field));
    }
    let (key, owner) = (key.map(isolated), owner.map(isolated));
    finding.sentence(key.as_deref(), |_| owner.as_deref())
}

/// The playbook, and where it is from.
fn rules(playbook: &Playbook, publication: Option<Publication>, is_given: bool) -> Rules {
    let origin = match publication {
        Some(publication) => format!("published in the log, in force since {}", publication.from),
        None if is_given => "given as a file".to_owned(),
        None => "built in".to_owned(),
    };
    Rules {
        name: playbook.name.clone(),
        version: playbook.version.clone(),
        origin,
        calendar_zone: playbook.calendar.as_ref().map(|calendar| calendar.zone.clone()),
    }
}

/// Rows of which the first is the total, under the words that they were asked for by.
fn named<T: Default>(words: &[String], rows: Rows<T>) -> Split<T> {
    let mut rows = rows.all.into_iter();
    let total = rows.next().map(|row| row.values).unwrap_or_default();
    let rows = rows.map(|row| (row.key.into_values(), row.values)).collect();
    Split { by: words.to_vec(), total, rows }
}

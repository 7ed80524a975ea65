//! The comparison for people: a column for each playbook.

use std::fmt;

use leadfold_core::metrics::{Fraction, Rate};

use super::report::{CompareReport, LeadReport, SideReport};
use crate::table::{Table, one_line};
use crate::text::{as_of, count, counted, percent};

/// Leads shown to people; JSON has all of them.
const SHOWN_MAX: usize = 8;

/// What the playbooks are called in the columns.
const LETTERS: [&str; 2] = ["A", "B"];

impl fmt::Display for CompareReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let leads = counted(self.leads, "lead", "leads");
        let days = counted(self.within_days.into(), "day", "days");
        writeln!(
            f,
            "{leads}{}, {} captured {days} before or earlier",
            as_of(self.as_of),
            count(self.matured)
        )?;
        for (letter, side) in LETTERS.into_iter().zip(&self.playbooks) {
            writeln!(f, "{letter}  {}", side.title())?;
        }
        writeln!(f, "\n{}", self.handoffs())?;
        writeln!(f, "{}", self.effects())?;
        writeln!(f, "{}", self.promises())?;
        self.write_probabilities(f)?;
        self.write_order(f)?;
        for (letter, leads) in LETTERS.into_iter().zip([&self.only_first, &self.only_second]) {
            write_leads(f, &format!("{letter} only"), leads)?;
        }
        Ok(())
    }
}

impl SideReport {
    /// What it is, and by what it hands off.
    fn title(&self) -> String {
        let Self { name, version, file, .. } = self;
        let by = match &self.definition {
            Some(definition) => {
                format!("by its definition {} {}", definition.name, definition.version)
            }
            None => "as it was done".to_owned(),
        };
        one_line(&format!("{name} {version} ({file}): hands off {by}"))
    }
}

impl CompareReport {
    fn table(&self, heading: &str) -> Columns<'_> {
        Columns { sides: &self.playbooks, table: Table::new(&[heading, LETTERS[0], LETTERS[1]], 1) }
    }

    fn handoffs(&self) -> Table {
        let only = [&self.only_first, &self.only_second].map(|leads| count(leads.len() as u64));
        let mut table = self.table("hand-offs that would have been");
        table.row("leads", |side| count(side.handed_off));
        table.cells("leads under this playbook only", only);
        table.row("a week, mean", |side| tenths(side.load.per_week.ratio()));
        table.row("a week, most", |side| {
            side.load.busiest.map_or_else(dash, |week| count(week.handed_off))
        });
        table.row("in the week of", |side| {
            let monday = side.load.busiest.and_then(|week| week.monday);
            monday.map_or_else(dash, |monday| monday.to_string())
        });
        table.row("of the capacity", |side| {
            let used = side.load.capacity.and_then(|capacity| capacity.used.ratio());
            crate::text::share(used)
        });
        table.row("weeks above the capacity", |side| {
            side.load.capacity.map_or_else(dash, |capacity| of(capacity.weeks_over))
        });
        table.table
    }

    fn effects(&self) -> Table {
        let mut table = self.table("what became of the matured leads");
        table.row("won of all (base rate)", |side| share_of(side.effect.base));
        table.row("won of those handed off (precision)", |side| share_of(side.effect.precision));
        table.row("handed off of those won (recall)", |side| share_of(side.effect.recall));
        table.row("lift over the base rate", |side| hundredths(side.effect.lift.ratio()));
        table.row("AUC of the score", |side| {
            let auc = side.score.as_ref().and_then(|score| score.auc);
            thousandths(auc.and_then(Fraction::ratio))
        });
        table.row("lift of the best tenth by score", |side| {
            let lift = side.score.as_ref().and_then(|score| score.lift_of_best);
            hundredths(lift.and_then(Fraction::ratio))
        });
        table.table
    }

    fn promises(&self) -> Table {
        let mut table = self.table("hand-offs that really were");
        table.row("offered", |side| count(side.handoffs.offered));
        table.row("accepted of decided", |side| share_of(side.handoffs.acceptance_of_decided));
        table.row("decided in time", |side| share_of(side.handoffs.decision_in_time));
        table.row("first attempt in time", |side| share_of(side.handoffs.attempt_in_time));
        table.row("leaked", |side| share_of(side.handoffs.leaked));
        table.table
    }

    /// Points are no probabilities: these are what the log states for its deals.
    fn write_probabilities(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.playbooks;
        if first.stated_probability.stated + second.stated_probability.stated == 0 {
            return writeln!(f, "no closed deal has a stated probability, and points are none\n");
        }
        writeln!(f, "{}", self.probabilities())
    }

    fn probabilities(&self) -> Table {
        let mut table = self.table("probabilities stated for deals");
        table.row("closed deals with one", |side| {
            let stated = &side.stated_probability;
            of(Rate { num: stated.stated, den: stated.closed })
        });
        table.row("Brier score", |side| thousandths(side.stated_probability.brier));
        table.row("log loss", |side| thousandths(side.stated_probability.log_loss));
        table.table
    }

    fn write_order(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let both = counted(self.both.len() as u64, "lead", "leads");
        let (earlier, later) = (count(self.order.second_earlier), count(self.order.second_later));
        writeln!(f, "{both} under both; B is earlier with {earlier} and later with {later}")
    }
}

fn write_leads(f: &mut fmt::Formatter<'_>, title: &str, leads: &[LeadReport]) -> fmt::Result {
    if leads.is_empty() {
        return Ok(());
    }
    let key = |lead: &LeadReport| lead.key.as_deref().map_or_else(dash, one_line);
    let keys: Vec<String> = leads.iter().take(SHOWN_MAX).map(key).collect();
    let more = match leads.len().saturating_sub(SHOWN_MAX) {
        0 => String::new(),
        more => format!(" and {} more; --json lists all", count(more as u64)),
    };
    writeln!(f, "{title}: {}{more}", keys.join(", "))
}

/// A table with a column for each playbook.
struct Columns<'a> {
    sides: &'a [SideReport; 2],
    table: Table,
}

impl Columns<'_> {
    fn row(&mut self, name: &str, cell: impl Fn(&SideReport) -> String) {
        let [first, second] = self.sides;
        self.cells(name, [cell(first), cell(second)]);
    }

    fn cells(&mut self, name: &str, [first, second]: [String; 2]) {
        self.table.row([name.to_owned(), first, second]);
    }
}

fn dash() -> String {
    "-".to_owned()
}

fn of(rate: Rate) -> String {
    format!("{} of {}", count(rate.num), count(rate.den))
}

fn share_of(rate: Rate) -> String {
    match rate.den {
        0 => dash(),
        _ => format!("{} ({})", percent(rate), of(rate)),
    }
}

fn tenths(number: Option<f64>) -> String {
    number.map_or_else(dash, |number| format!("{number:.1}"))
}

fn hundredths(number: Option<f64>) -> String {
    number.map_or_else(dash, |number| format!("{number:.2}"))
}

fn thousandths(number: Option<f64>) -> String {
    number.map_or_else(dash, |number| format!("{number:.3}"))
}

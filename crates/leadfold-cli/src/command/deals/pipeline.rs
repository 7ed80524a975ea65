//! What open opportunities are to be expected to bring.

use std::fmt;

use leadfold_core::Money;
use leadfold_core::metrics::{PipelineAmount, PipelinePart, PipelineRow, ProbabilityOrigin};
use serde::Serialize;

use crate::money::amounts;
use crate::table::Table;
use crate::text::count;

/// The weighted pipeline of one key.
#[derive(Default, Serialize)]
pub(super) struct Pipeline {
    open: u64,
    amounts: Vec<PipelineAmount>,
    by_probability: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    origin: ProbabilityOrigin,
    count: u64,
    without_amount: u64,
    amounts: Vec<PipelineAmount>,
}

impl From<PipelineRow> for Pipeline {
    fn from(row: PipelineRow) -> Self {
        let (open, amounts) = (row.open, row.amounts());
        Self { open, amounts, by_probability: row.parts.into_iter().map(Part::from).collect() }
    }
}

impl From<PipelinePart> for Part {
    fn from(part: PipelinePart) -> Self {
        let PipelinePart { origin, count, without_amount, amounts } = part;
        Self { origin, count, without_amount, amounts }
    }
}

impl Pipeline {
    pub(super) fn is_empty(&self) -> bool {
        self.open == 0
    }

    /// What is expected, for the table of deals.
    pub(super) fn expected(&self) -> String {
        expected(&self.amounts)
    }
}

fn expected(sums: &[PipelineAmount]) -> String {
    let money =
        |sum: &PipelineAmount| Some(Money { currency: sum.currency, amount: sum.expected? });
    amounts(&sums.iter().filter_map(money).collect::<Vec<_>>())
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headings = ["open, with a probability", "open", "without amount", "amount", "expected"];
        let mut table = Table::new(&headings, 1);
        for part in &self.by_probability {
            let origin = match part.origin {
                ProbabilityOrigin::Own => "of its own",
                ProbabilityOrigin::StageHistory => "of its stage's win rate",
                ProbabilityOrigin::Unknown => "of none that is known",
            };
            let money = part.amounts.iter();
            let money = money.map(|sum| Money { currency: sum.currency, amount: sum.amount });
            table.row([
                origin.to_owned(),
                count(part.count),
                count(part.without_amount),
                amounts(&money.collect::<Vec<_>>()),
                expected(&part.amounts),
            ]);
        }
        write!(f, "{table}")
    }
}

//! Which rows a rule is for.

use crate::column::{Columns, Slot};

/// Tests of columns, all of which must hold; no tests hold for every row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct When {
    tests: Vec<(Slot, Test)>,
}

/// One test of one cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Test {
    OneOf(Vec<String>),
    Present(bool),
}

impl When {
    pub(crate) fn new(tests: Vec<(Slot, Test)>) -> Self {
        Self { tests }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tests.is_empty()
    }

    pub(crate) fn holds(&self, values: &[&str]) -> bool {
        self.tests.iter().all(|(slot, test)| match test {
            Test::OneOf(texts) => texts.iter().any(|text| text == slot.of(values)),
            Test::Present(present) => *present != slot.of(values).is_empty(),
        })
    }

    fn compared(&self) -> impl Iterator<Item = Slot> {
        self.tests.iter().filter(|(_, test)| matches!(test, Test::OneOf(_))).map(|&(slot, _)| slot)
    }
}

/// What an unmatched row has in the columns that `all` compares with listed texts.
///
/// The mapping lists these columns' texts, so they hold codes and not people's data.
pub(crate) fn describe_compared<'a>(
    all: impl Iterator<Item = &'a When>,
    columns: &Columns,
    values: &[&str],
) -> String {
    let mut slots: Vec<Slot> = Vec::new();
    for slot in all.flat_map(When::compared) {
        if !slots.contains(&slot) {
            slots.push(slot);
        }
    }
    let described = slots.iter().take(COLUMNS_DESCRIBED_MAX).map(|&slot| {
        let text: String = slot.of(values).chars().take(CHARS_DESCRIBED_MAX).collect();
        format!("{} = {text:?}", columns.column(slot).name)
    });
    described.collect::<Vec<_>>().join(", ")
}

const COLUMNS_DESCRIBED_MAX: usize = 4;
const CHARS_DESCRIBED_MAX: usize = 32;

//! The table of legal moves (domain 1.2), as a table: what each event is at each state.

/// What the table says about an event at a state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Cell {
    /// Legal.
    Legal,
    /// Already so.
    Nothing,
    /// Refused, by this name.
    Refused(&'static str),
    /// Legal where the playbook allows the shortcut, else refused.
    Shortcut(&'static str),
}

/// The ten states that a lead moves among, in the order of the table's columns.
pub(super) const STATES: [&str; 10] = [
    "new",
    "mql",
    "handed_off",
    "accepted",
    "sql",
    "opportunity",
    "customer",
    "nurturing",
    "disqualified",
    "lost",
];

/// The rung of a state on the ladder, for the states that are on it.
pub(super) fn rung(state: &str) -> Option<u8> {
    let ladder = &STATES[..7];
    let rung = ladder.iter().position(|step| *step == state)?;
    Some(u8::try_from(rung).expect("the ladder has seven rungs"))
}

/// How much a state weighs when two histories are laid together.
pub(super) fn standing(state: &str) -> u8 {
    match state {
        "mql" => 1,
        "handed_off" => 2,
        "accepted" => 3,
        "sql" => 4,
        "opportunity" | "lost" | "disqualified" => 5,
        "customer" => 6,
        _ => 0,
    }
}

/// Looks an event up. Events that have no row are legal at every state.
pub(super) fn cell(event: &str, state: &str) -> Cell {
    let Some((_, row)) = TABLE.iter().find(|(name, _)| *name == event) else { return Cell::Legal };
    let column = STATES.iter().position(|name| *name == state);
    let word = column.and_then(|column| row.split_whitespace().nth(column));
    match word {
        Some("ok") => Cell::Legal,
        Some("nop") => Cell::Nothing,
        Some(word) => match word.strip_prefix('*') {
            Some(refusal) => Cell::Shortcut(refusal),
            None => Cell::Refused(word),
        },
        // Only a lead that a snapshot called merged has no column.
        None => Cell::Refused("merged_into"),
    }
}

/// Columns: new, mql, handed_off, accepted, sql, opportunity, customer, nurturing, disqualified,
/// lost. `*`: legal under a shortcut. What depends on more than the state is looked at elsewhere.
const TABLE: [(&str, &str); 12] = [
    (
        "qualified mql",
        "ok nop already_handed_off already_handed_off stage_regression \
         stage_regression is_customer ok closed_lead closed_lead",
    ),
    (
        "qualified sql",
        "*not_accepted not_accepted *not_accepted ok nop \
         nop is_customer not_accepted closed_lead closed_lead",
    ),
    (
        "handed_off",
        "*not_qualified ok ok already_accepted already_accepted \
         already_accepted is_customer not_qualified closed_lead closed_lead",
    ),
    (
        "accepted",
        "no_handoff no_handoff ok nop no_handoff \
         no_handoff no_handoff no_handoff no_handoff no_handoff",
    ),
    (
        "returned",
        "no_handoff no_handoff ok ok ok \
         open_opportunity is_customer nop closed_lead closed_lead",
    ),
    (
        "recycled",
        "ok ok handoff_pending ok ok \
         open_opportunity is_customer nop ok ok",
    ),
    (
        "disqualified",
        "ok ok ok ok ok \
         open_opportunity is_customer ok nop closed_lead",
    ),
    (
        "reopened",
        "not_closed not_closed not_closed not_closed not_closed \
         not_closed not_closed not_closed ok ok",
    ),
    (
        "assigned",
        "ok ok ok ok ok \
         ok ok ok closed_lead closed_lead",
    ),
    (
        "opportunity_opened",
        "not_qualified not_qualified *not_qualified *not_qualified ok \
         ok ok not_qualified closed_lead closed_lead",
    ),
    (
        "opportunity_reopened",
        "unknown_opportunity unknown_opportunity unknown_opportunity unknown_opportunity \
         unknown_opportunity ok ok unknown_opportunity unknown_opportunity ok",
    ),
    (
        "customers only",
        "not_customer not_customer not_customer not_customer not_customer \
         not_customer ok not_customer not_customer not_customer",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_ten_cells() {
        for (event, row) in TABLE {
            assert_eq!(row.split_whitespace().count(), STATES.len(), "{event}");
        }
    }

    #[test]
    fn cells_read_as_they_are_written() {
        assert_eq!(cell("recycled", "handed_off"), Cell::Refused("handoff_pending"));
        assert_eq!(cell("qualified sql", "new"), Cell::Shortcut("not_accepted"));
        assert_eq!(cell("accepted", "accepted"), Cell::Nothing);
        assert_eq!(cell("touched", "lost"), Cell::Legal);
    }
}

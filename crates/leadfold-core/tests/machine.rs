//! Every cell of the state machine, against a second writing of the table, and the drawing of it
//! in the documentation.

use leadfold_core::State;
use leadfold_core::machine::{Cell, Kind, Shortcut, draw};

/// The table as the domain's description has it: `=` stays, `-` is already so, a state is where
/// it goes, a reason is why not, `a?b` needs the shortcut a, else b.
const EXPECTED: &str = "
captured                  : already_captured*10
profile_updated           : =*10
touched                   : =*10
scored                    : =*10
qualified(mql)            : mql - already_handed_off*2 stage_regression*2 is_customer mql closed_lead*2
handed_off                : raiser?not_qualified handed_off pending already_accepted*3 is_customer not_qualified closed_lead*2
accepted                  : no_handoff*2 owner - no_handoff*6
rejected                  : no_handoff*2 route nurturing*2 open_opportunity is_customer - closed_lead*2
returned                  : no_handoff*2 route nurturing*2 open_opportunity is_customer - closed_lead*2
qualified(sql)            : sales?not_accepted not_accepted implied?not_accepted sql -*2 is_customer not_accepted closed_lead*2
opportunity_opened        : not_qualified*2 implied?not_qualified*2 opportunity =*2 not_qualified closed_lead*2
opportunity_stage_changed : unknown_opportunity*5 deal*2 unknown_opportunity*3
opportunity_amended       : unknown_opportunity*5 deal*2 unknown_opportunity*3
won                       : unknown_opportunity*2 implied?unknown_opportunity*3 deal*2 unknown_opportunity*3
lost                      : unknown_opportunity*2 implied?unknown_opportunity*3 deal*2 unknown_opportunity*3
opportunity_reopened      : unknown_opportunity*5 deal*2 unknown_opportunity*2 deal
recycled                  : nurturing*2 handoff_pending nurturing*2 open_opportunity is_customer - nurturing*2
disqualified              : disqualified*5 open_opportunity is_customer disqualified - closed_lead
reopened                  : not_closed*8 new nurturing
assigned                  : =*8 closed_lead*2
reassigned                : =*8 closed_lead*2
unassigned                : =*8 closed_lead*2
revenue_recorded          : not_customer*6 = not_customer*3
refunded                  : not_customer*6 = not_customer*3
churned                   : not_customer*6 = not_customer*3
reactivated               : not_customer*6 = not_customer*3
attribution_resolved      : =*10
follow_up_scheduled       : =*10
follow_up_done            : =*10
consent_granted           : =*10
consent_withdrawn         : =*10
erased                    : erased*10
snapshot_imported         : route*10
";

fn word(cell: Cell) -> String {
    let shortcut = |shortcut| match shortcut {
        Shortcut::HandRaiser => "raiser",
        Shortcut::ImpliedSteps => "implied",
        Shortcut::SalesGenerated => "sales",
    };
    match cell {
        Cell::To(state) => state.to_string(),
        Cell::Stay => "=".into(),
        Cell::Nop => "-".into(),
        Cell::No(reason) => reason.to_string(),
        Cell::If(by, _, reason) => format!("{}?{reason}", shortcut(by)),
        Cell::Pending => "pending".into(),
        Cell::Owner(_) => "owner".into(),
        Cell::Route => "route".into(),
        Cell::Deal => "deal".into(),
    }
}

/// `a*3 b` is `a a a b`.
fn expand(row: &str) -> Vec<&str> {
    row.split_whitespace()
        .flat_map(|cell| {
            let (word, times) = cell.split_once('*').unwrap_or((cell, "1"));
            std::iter::repeat_n(word, times.parse().expect("a number of cells"))
        })
        .collect()
}

#[test]
fn every_cell_is_that_of_the_domain() {
    let rows: Vec<(&str, &str)> = EXPECTED
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(kind, cells)| (kind.trim(), cells))
        .collect();
    assert_eq!(rows.len(), Kind::MOVES.len());
    for (kind, (name, cells)) in Kind::MOVES.into_iter().zip(rows) {
        assert_eq!(kind.name(), name);
        let expected = expand(cells);
        let found: Vec<String> =
            State::ALL.iter().take(10).map(|state| word(kind.cell(*state))).collect();
        assert_eq!(found, expected, "{name}");
    }
}

/// What these mean depends on the captures and the deals of the lead: the fold asks those first only
/// where the table does not say where to go, or to stay.
#[test]
fn captures_and_what_befalls_deals_are_no_plain_moves() {
    for kind in [
        Kind::Captured,
        Kind::OpportunityStageChanged,
        Kind::OpportunityAmended,
        Kind::Won,
        Kind::Lost,
        Kind::OpportunityReopened,
    ] {
        for state in State::ALL {
            let cell = kind.cell(state);
            assert!(!matches!(cell, Cell::To(_) | Cell::Stay), "{} in {state}", kind.name());
        }
    }
}

#[test]
fn merged_and_erased_leads_take_nothing() {
    for kind in Kind::MOVES {
        assert_eq!(word(kind.cell(State::Merged)), "merged_into");
        let expected = if kind == Kind::Erased { "-" } else { "erased_lead" };
        assert_eq!(word(kind.cell(State::Erased)), expected);
    }
}

/// `LEADFOLD_UPDATE=1` redraws it.
#[test]
fn the_drawing_in_the_docs_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/MACHINE.md");
    let drawn = format!(
        "# The lead state machine\n\n\
         Drawn from the code by `cargo xtask fix`; [LIFECYCLE.md](LIFECYCLE.md) says what each \
         event does besides.\n\
         A state in bold is where the lead goes, `=` stays, `nothing` is already so, and a \
         `reason` is the refusal of a command and the finding of a history.\n\
         `implied: STATE` takes the steps up to that state for granted; `won` and `lost` go on from \
         there to where the deals lead. What sales gave back rests already, and the first `recycled` \
         after that is recorded all the same.\n\
         A merged lead refuses everything with `merged_into`, an erased one everything but another \
         `erased` with `erased_lead`.\n\n{}",
        draw()
    );
    if std::env::var_os("LEADFOLD_UPDATE").is_some() {
        std::fs::write(path, &drawn).expect("the docs can be written");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(found == drawn, "docs/MACHINE.md is stale: run `cargo xtask fix`");
}

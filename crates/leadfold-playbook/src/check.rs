//! What no type of a key can say: faults of a playbook that reads well. One function a section.

use std::collections::BTreeSet;

use leadfold_core::routing::Routing;
use leadfold_core::whatif::{HandoffRule, HandoffRuleError};
use leadfold_core::{CalendarSpec, Hours, Playbook};

use crate::complaint::{Complaint, shown};
use crate::error::PlaybookFault;
use crate::zone::zone;

/// The sections that are one table each.
pub(crate) const TABLES: [&str; 8] =
    ["rules", "sla", "calendar", "scoring", "gates", "routing", "conduct", "audit"];

/// Looks for what no type of a key can say: an unknown zone, names twice, a scoring or a routing
/// that does not fit together. [`read`](crate::read) has done so; a playbook from elsewhere, such
/// as a log, has not been looked at.
///
/// # Errors
///
/// The first fault, by its key.
///
/// ```
/// use leadfold_core::{Pipeline, Playbook};
///
/// assert!(leadfold_playbook::check(&Playbook::default()).is_ok());
///
/// let pipeline = Pipeline { name: "renewals".into(), stages: vec![] };
/// let unusable = Playbook { pipelines: vec![pipeline], ..Playbook::default() };
/// let fault = leadfold_playbook::check(&unusable).unwrap_err();
/// assert_eq!(fault.key, "pipelines[0].stages");
/// ```
pub fn check(playbook: &Playbook) -> Result<(), PlaybookFault> {
    fault(playbook).map_or(Ok(()), Err)
}

/// The first fault, if any.
pub(crate) fn fault(playbook: &Playbook) -> Option<PlaybookFault> {
    pipelines(playbook)
        .or_else(|| calendar(playbook))
        .or_else(|| scoring(playbook))
        .or_else(|| gates(playbook))
        .or_else(|| routing(playbook))
}

/// An empty name says as much as none, so that no event could mean it; and of two descriptions of
/// one thing nobody knows which holds.
fn pipelines(playbook: &Playbook) -> Option<PlaybookFault> {
    let names = playbook.pipelines.iter().map(|pipeline| &pipeline.name);
    unusable(names, "pipeline", |at| format!("pipelines[{at}].name")).or_else(|| {
        playbook.pipelines.iter().enumerate().find_map(|(at, pipeline)| {
            let key = format!("pipelines[{at}].stages");
            no_stages(&pipeline.stages, &key)
                .or_else(|| unusable(&pipeline.stages, "stage", |at| format!("{key}[{at}]")))
        })
    })
}

fn no_stages(stages: &[String], key: &str) -> Option<PlaybookFault> {
    stages.is_empty().then(|| PlaybookFault {
        key: key.to_owned(),
        expected: "at least one stage".to_owned(),
        found: "an empty list".to_owned(),
        advice: "list the stages in order, or leave the pipeline out: then it knows every stage"
            .to_owned(),
    })
}

/// The core takes any name for a zone's; it has no list of them.
fn calendar(playbook: &Playbook) -> Option<PlaybookFault> {
    let spec = playbook.calendar.as_ref()?;
    match zone(&spec.zone) {
        Err(error) => Some(worded("calendar.zone".to_owned(), &error.to_string())),
        Ok(_) => no_hours(spec),
    }
}

/// Where nobody ever works nothing falls due, so that no promise could be broken.
fn no_hours(spec: &CalendarSpec) -> Option<PlaybookFault> {
    let CalendarSpec { mon, tue, wed, thu, fri, sat, sun, exceptions, .. } = spec;
    let mut days = [mon, tue, wed, thu, fri, sat, sun].into_iter().chain(exceptions.values());
    days.all(|hours| *hours == Hours::default()).then(|| PlaybookFault {
        key: "calendar".to_owned(),
        expected: "working hours on at least one day".to_owned(),
        found: "none".to_owned(),
        advice: "add some, such as `mon = [\"09:00-17:00\"]`, or leave the calendar out: then all \
                 time is working time"
            .to_owned(),
    })
}

/// The core checks the scoring itself, and which of its definitions hands off.
fn scoring(playbook: &Playbook) -> Option<PlaybookFault> {
    match HandoffRule::of(playbook).err()? {
        HandoffRuleError::Scoring(errors) => {
            let first = errors.0.first()?;
            Some(worded(format!("scoring.{}", first.key), &first.fault.to_string()))
        }
        unknown => Some(worded("handoff_definition".to_owned(), &unknown.to_string())),
    }
}

fn gates(playbook: &Playbook) -> Option<PlaybookFault> {
    let of_gate = playbook.gates.iter().find_map(|(state, gate)| {
        let lists = [("mandatory", &gate.mandatory), ("desirable", &gate.desirable)];
        lists.into_iter().find_map(|(list, fields)| {
            unusable(fields, "field", |at| format!("gates.{state}.{list}[{at}]"))
        })
    });
    of_gate.or_else(|| {
        let (n_fields, n_max) = (playbook.audited_fields().len(), Playbook::AUDITED_FIELDS_MAX);
        (n_fields > n_max).then(|| PlaybookFault {
            key: "gates".to_owned(),
            expected: format!(
                "at most {n_max} different fields, of the mandatory ones and those of \
                 `handed_off`"
            ),
            found: format!("{n_fields}"),
            advice: "leave some out".to_owned(),
        })
    })
}

/// The core checks routing itself, and names the key.
fn routing(playbook: &Playbook) -> Option<PlaybookFault> {
    let errors = Routing::new(playbook.routing.clone()?).err()?;
    let first = errors.0.first()?;
    Some(worded(format!("routing.{}", first.key), &first.fault.to_string()))
}

/// A fault in the words of an error that says what was expected and found, as all of ours do.
fn worded(key: String, message: &str) -> PlaybookFault {
    let Complaint { expected, found, advice, .. } = Complaint::of_value(message);
    PlaybookFault { key, expected, found: found.unwrap_or_else(|| "another".to_owned()), advice }
}

/// The first name that is empty, or there a second time.
fn unusable<'a>(
    names: impl IntoIterator<Item = &'a String>,
    what: &str,
    key: impl Fn(usize) -> String,
) -> Option<PlaybookFault> {
    let mut seen = BTreeSet::from([""]);
    let (at, name) = names.into_iter().enumerate().find(|(_, name)| !seen.insert(name))?;
    let (expected, found, advice) = match name.as_str() {
        "" => (format!("the name of a {what}"), "an empty text".to_owned(), "name it"),
        name => {
            let found = format!("{:?} a second time", shown(name));
            (format!("each {what} once"), found, "leave one of them out")
        }
    };
    Some(PlaybookFault { key: key(at), expected, found, advice: advice.to_owned() })
}

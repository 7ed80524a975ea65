//! An activity: a touch once it is done, and a promise where it was planned.

use serde_json::{Map, Value, json};

use super::{Portal, row::Row};
use crate::{
    LeftOut,
    crm::{actor::Actor, at::At, error::CrmFault, event::Happening, sink::Events},
};

/// The events of an activity of a lead or a deal.
pub(super) fn events(
    row: &Row,
    portal: &Portal<'_>,
    left_out: &mut LeftOut,
) -> Result<Events, CrmFault> {
    let id = row.need_id("ID", OF)?;
    let owner = row.need_id("OWNER_ID", OF)?;
    let lead = match row.need_id("OWNER_TYPE_ID", OF)? {
        1 => portal.index.lead(owner)?,
        2 => portal.index.lead_of_deal(owner)?,
        other => {
            left_out.count("activity_of_type", &other.to_string());
            return Ok(Events::new());
        }
    };
    let Some(manner) = Manner::of(row)? else {
        left_out.count("activity", row.text("PROVIDER_ID").unwrap_or_default());
        return Ok(Events::new());
    };
    let created = row.need_time("CREATED", OF)?;
    let start = row.time("START_TIME")?.unwrap_or(created);
    let updated = row.time("LAST_UPDATED")?;
    let is_done = row.text("COMPLETED") == Some("Y");
    let responsible = row.id("RESPONSIBLE_ID")?.map(|user| user.to_string());
    let mut events = Events::new();
    let mut say = |name: &str, kind, at, data| {
        let name = format!("activity:{id}:{name}");
        let happening = Happening { name, lead: &lead, kind, at, actor: &Actor::Unknown, data };
        events.push(happening.event(&portal.map.system));
    };
    if let Some(due) = planned(row, created, manner)? {
        let mut data = json!({ "follow_up": id.to_string(), "kind": manner.word() });
        put(&mut data, "owner", responsible.as_deref());
        let mut promise = data.clone();
        promise["due"] = due.text().into();
        let name = format!("scheduled{}:{}", seconds(updated), due.seconds());
        say(&name, "follow_up_scheduled", created, promise);
        if is_done {
            let at = updated.unwrap_or(start).max(created);
            say(&format!("done:{}", at.seconds()), "follow_up_done", at, data);
        }
    }
    if is_done && manner != Manner::Task {
        let data = touch(row, manner, responsible.as_deref())?;
        // What was done before the time that it was planned for was done by then.
        let at = updated.map_or(start, |updated| start.min(updated.max(created)));
        say("touched", "touched", at, data);
    }
    if events.is_empty() {
        left_out.count("activity_without_event", manner.word());
    }
    Ok(events)
}

/// What an activity is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Manner {
    Meeting,
    Call,
    /// To do something, not to reach somebody.
    Task,
    Email,
    Chat,
    Sms,
    WebForm,
}

impl Manner {
    fn of(row: &Row) -> Result<Option<Self>, CrmFault> {
        let provider = row.text("PROVIDER_ID").unwrap_or_default();
        Ok(match (row.id("TYPE_ID")?, provider) {
            (_, "CRM_SMS") => Some(Self::Sms),
            (_, "CRM_WEBFORM") => Some(Self::WebForm),
            (_, "IMOPENLINES_SESSION") => Some(Self::Chat),
            (Some(3), _) | (_, "CRM_TODO" | "CRM_TASKS_TASK" | "TASKS") => Some(Self::Task),
            (Some(1), _) => Some(Self::Meeting),
            (Some(2), _) => Some(Self::Call),
            (Some(4), _) => Some(Self::Email),
            _ => None,
        })
    }

    /// The channel of a touch, the kind of a promise.
    fn word(self) -> &'static str {
        match self {
            Self::Meeting => "meeting",
            Self::Call => "phone",
            Self::Task => "task",
            Self::Email => "email",
            Self::Chat => "chat",
            Self::Sms => "sms",
            Self::WebForm => "web_form",
        }
    }
}

/// When it was to be done, if it was planned: a call that comes in has a deadline, too.
fn planned(row: &Row, created: At, manner: Manner) -> Result<Option<At>, CrmFault> {
    let due = row.time("DEADLINE")?.filter(|due| due.seconds() < NEVER_SECONDS);
    Ok(due.filter(|due| manner == Manner::Task || *due > created))
}

fn touch(row: &Row, manner: Manner, by: Option<&str>) -> Result<Value, CrmFault> {
    let is_in = row.id("DIRECTION")? == Some(1) || manner == Manner::WebForm;
    let mut data = json!({ "channel": manner.word() });
    if is_in {
        data["side"] = "prospect".into();
        data["direction"] = "in".into();
        return Ok(data);
    }
    data["side"] = "sales".into();
    // Whether a call or a letter reached somebody is not told.
    if manner == Manner::Meeting {
        data["result"] = "meeting".into();
    } else {
        data["direction"] = "out".into();
        data["result"] = "attempt".into();
    }
    put(&mut data, "by", by);
    Ok(data)
}

/// What tells a promise from the same one at another time.
fn seconds(updated: Option<At>) -> String {
    updated.map_or_else(String::new, |updated| format!(":{}", updated.seconds()))
}

fn put(data: &mut Value, name: &str, text: Option<&str>) {
    if let (Some(text), Some(data)) = (text, data.as_object_mut()) {
        let data: &mut Map<String, Value> = data;
        data.insert(name.to_owned(), text.into());
    }
}

const OF: &str = "an activity";
/// The deadline of what has none is at the end of the year 9999.
const NEVER_SECONDS: i64 = 253_370_764_800;

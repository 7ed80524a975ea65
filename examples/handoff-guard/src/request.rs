//! What people can ask this product for, and the command that each request becomes.

use leadfold_core::event::{
    Accepted, Attributes, Captured, ConsentWithdrawn, Direction, Event, HandedOff, Level,
    Qualified, Returned, Side, TouchResult, Touched,
};
use leadfold_core::{Command, LeadKey, Timestamp};

/// A request about a lead.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    lead: LeadKey,
    wish: Wish,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
enum Wish {
    SignUp { source: String, employees: Option<u32> },
    Promote,
    PassOn { to: String },
    Take { by: String },
    GiveBack { by: String, reason: String },
    Call { by: String, is_reached: bool },
    Newsletter,
    OptOut,
}

impl Request {
    /// Somebody signs up; they may have said how many they are.
    pub fn sign_up(lead: &str, source: &str, employees: Option<u32>) -> Self {
        Self::new(lead, Wish::SignUp { source: source.into(), employees })
    }

    /// Marketing says that the lead is ready for sales.
    pub fn promote(lead: &str) -> Self {
        Self::new(lead, Wish::Promote)
    }

    /// Marketing hands the lead to somebody in sales.
    pub fn pass_on(lead: &str, to: &str) -> Self {
        Self::new(lead, Wish::PassOn { to: to.into() })
    }

    /// Sales takes it.
    pub fn take(lead: &str, by: &str) -> Self {
        Self::new(lead, Wish::Take { by: by.into() })
    }

    /// Sales gives it back.
    pub fn give_back(lead: &str, by: &str, reason: &str) -> Self {
        Self::new(lead, Wish::GiveBack { by: by.into(), reason: reason.into() })
    }

    /// Sales calls.
    pub fn call(lead: &str, by: &str, is_reached: bool) -> Self {
        Self::new(lead, Wish::Call { by: by.into(), is_reached })
    }

    /// The newsletter goes out.
    pub fn newsletter(lead: &str) -> Self {
        Self::new(lead, Wish::Newsletter)
    }

    /// The prospect wants no more mail.
    pub fn opt_out(lead: &str) -> Self {
        Self::new(lead, Wish::OptOut)
    }

    /// The product checks keys at its own door; here they are known to be good.
    fn new(lead: &str, wish: Wish) -> Self {
        Self { lead: lead.parse().expect("the product has valid keys"), wish }
    }

    /// The event that the request becomes, if nothing speaks against it.
    pub fn event(&self, at: Timestamp) -> Event {
        Event::new(self.lead.clone(), at, self.command().into_body())
    }

    /// The command that the request is.
    pub fn command(&self) -> Command {
        match self.wish.clone() {
            Wish::SignUp { source, employees } => sign_up(source, employees),
            Wish::Promote => {
                Command::Qualify(Qualified { level: Level::Mql, definition: None, by: None })
            }
            Wish::PassOn { to } => Command::HandOff(HandedOff {
                to,
                handoff: None,
                decision_due: None,
                touch_due: None,
                reason: None,
            }),
            Wish::Take { by } => Command::Accept(Accepted { by: Some(by), handoff: None }),
            Wish::GiveBack { by, reason } => {
                Command::Return(Returned { reason, by: Some(by), handoff: None, to: None })
            }
            Wish::Call { by, is_reached } => call(by, is_reached),
            Wish::Newsletter => Command::Touch(Touched {
                direction: Some(Direction::Out),
                channel: Some("email".into()),
                ..touched(Side::Marketing)
            }),
            Wish::OptOut => Command::WithdrawConsent(ConsentWithdrawn {
                purpose: "marketing".into(),
                channel: Some("email".into()),
                basis: None,
                expires_at: None,
            }),
        }
    }
}

fn sign_up(source: String, employees: Option<u32>) -> Command {
    let attributes = employees.map(|n| Attributes::from_iter([("employees", i64::from(n))]));
    Command::Capture(Captured {
        source: Some(source),
        medium: None,
        campaign: None,
        channel: None,
        origin: None,
        attributes,
        pii: None,
    })
}

fn call(by: String, is_reached: bool) -> Command {
    let result = if is_reached { TouchResult::Contact } else { TouchResult::Attempt };
    Command::Touch(Touched {
        channel: Some("phone".into()),
        result: Some(result),
        by: Some(by),
        ..touched(Side::Sales)
    })
}

fn touched(side: Side) -> Touched {
    Touched {
        side,
        direction: None,
        channel: None,
        result: None,
        by: None,
        campaign: None,
        activity: None,
    }
}

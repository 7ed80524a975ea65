//! The body of a webhook: `leads[status][0][id]=31&...` as items with fields.

use std::collections::{HashMap, hash_map::Entry};

use crate::crm::error::CrmFault;

/// One thing that a body tells of: `leads[status][0]` with its fields.
#[derive(Debug)]
pub(super) struct Item {
    /// `leads`, `contacts` and so on.
    pub(super) entity: String,
    /// `add`, `status` and so on.
    pub(super) action: String,
    /// As it is written: `leads[status][0]`.
    pub(super) path: String,
    /// What is not nested deeper; custom fields are.
    fields: HashMap<String, String>,
}

impl Item {
    /// What a field has; an empty one has nothing.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

/// The items of a body, in order. Fields of the account are no items.
pub(super) fn items(body: &[u8]) -> Result<Vec<Item>, CrmFault> {
    let mut items: Vec<Item> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (key, value) in form_urlencoded::parse(body) {
        let Some(key) = Key::parse(&key)? else { continue };
        let place = *known.entry(key.path.to_owned()).or_insert_with(|| {
            items.push(Item {
                entity: key.entity.to_owned(),
                action: key.action.to_owned(),
                path: key.path.to_owned(),
                fields: HashMap::new(),
            });
            items.len() - 1
        });
        let Some(field) = key.field else { continue };
        match items[place].fields.entry(field.to_owned()) {
            Entry::Vacant(free) => {
                free.insert(value.into_owned());
            }
            // Two bodies on one line: of which one would the field be?
            Entry::Occupied(taken) if *taken.get() != value => return Err(ONE_BODY),
            Entry::Occupied(_) => {}
        }
    }
    if items.is_empty() { Err(BODY) } else { Ok(items) }
}

/// `entity[action][index][field]`.
struct Key<'a> {
    entity: &'a str,
    action: &'a str,
    /// All but the field.
    path: &'a str,
    /// None where it is nested deeper.
    field: Option<&'a str>,
}

impl<'a> Key<'a> {
    /// None where it is no field of an item.
    fn parse(key: &'a str) -> Result<Option<Self>, CrmFault> {
        let Some((entity, rest)) = key.split_once('[') else { return Ok(None) };
        if entity.is_empty() || entity == "account" {
            return Ok(None);
        }
        let parts = rest.split_once("][").and_then(|(action, rest)| {
            let (index, rest) = rest.split_once("][")?;
            let is_index = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
            is_index.then_some((action, rest))
        });
        let (action, rest) = parts.ok_or(NUMBERED)?;
        let field = rest.strip_suffix(']').filter(|field| !field.contains(['[', ']']));
        let path = &key[..key.len() - rest.len() - 1];
        Ok(Some(Self { entity, action, path, field }))
    }
}

const BODY: CrmFault =
    CrmFault::UnknownKind { expected: "the body of a webhook such as leads[status][0][id]=31&..." };
const NUMBERED: CrmFault = CrmFault::UnknownKind {
    expected: "the body of a webhook whose rows have numbers such as leads[status][0][id]=31&...",
};
const ONE_BODY: CrmFault = CrmFault::UnknownKind {
    expected: "the body of one webhook on each line, with each field once",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_escaped_or_not() {
        let body = b"leads%5Badd%5D%5B0%5D%5Bid%5D=31&leads[add][0][price]=&leads[add][1][id]=32\
                     &leads[add][0][custom_fields][0][id]=7&account[subdomain]=x&leads=1&=&[[";
        let items = items(body).expect("a body");
        assert_eq!(items.len(), 2);
        assert_eq!((items[0].entity.as_str(), items[0].action.as_str()), ("leads", "add"));
        assert_eq!(
            (items[0].path.as_str(), items[1].path.as_str()),
            ("leads[add][0]", "leads[add][1]")
        );
        assert_eq!((items[0].field("id"), items[0].field("price")), (Some("31"), None));
        assert_eq!(items[1].field("id"), Some("32"));
    }

    #[test]
    fn what_cannot_be_told_apart_is_no_body() {
        let fault = |body: &str| items(body.as_bytes()).err();
        assert_eq!(fault("leads[add][0][id]=1&leads[add][][id]=2"), Some(NUMBERED));
        assert_eq!(fault("leads[add][0][id]=1&leads[add][a][id]=2"), Some(NUMBERED));
        assert_eq!(fault("leads[add][0][id]=1&leads[add]=2"), Some(NUMBERED));
        assert_eq!(fault("leads[add][0][id]=1&leads[add][0][id]=2"), Some(ONE_BODY));
        assert_eq!(fault("leads[add][0][id]=1&leads[add][0][id]=1"), None);
        assert_eq!(fault("account[id]=1&a=2"), Some(BODY));
    }
}

//! The body of a webhook: `leads[status][0][id]=31&...` as items with fields.

use std::collections::HashMap;

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

/// The items of a body, in order. Fields of the account, and what is not written so, are no items.
pub(super) fn items(body: &[u8]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (key, value) in form_urlencoded::parse(body) {
        let Some(key) = Key::parse(&key) else { continue };
        let place = *known.entry(key.path.to_owned()).or_insert_with(|| {
            items.push(Item {
                entity: key.entity.to_owned(),
                action: key.action.to_owned(),
                path: key.path.to_owned(),
                fields: HashMap::new(),
            });
            items.len() - 1
        });
        if let Some(field) = key.field {
            items[place].fields.insert(field.to_owned(), value.into_owned());
        }
    }
    items
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
    fn parse(key: &'a str) -> Option<Self> {
        let (entity, rest) = key.split_once('[')?;
        let (action, rest) = rest.split_once("][")?;
        let (index, rest) = rest.split_once("][")?;
        if entity.is_empty() || !index.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let field = rest.strip_suffix(']').filter(|field| !field.contains(['[', ']']));
        let path = &key[..key.len() - rest.len() - 1];
        Some(Self { entity, action, path, field })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_escaped_or_not() {
        let body = b"leads%5Badd%5D%5B0%5D%5Bid%5D=31&leads[add][0][price]=&leads[add][1][id]=32\
                     &leads[add][0][custom_fields][0][id]=7&account[subdomain]=x&leads[add]=1&=&[[";
        let items = items(body);
        assert_eq!(items.len(), 2);
        assert_eq!((items[0].entity.as_str(), items[0].action.as_str()), ("leads", "add"));
        assert_eq!(
            (items[0].path.as_str(), items[1].path.as_str()),
            ("leads[add][0]", "leads[add][1]")
        );
        assert_eq!((items[0].field("id"), items[0].field("price")), (Some("31"), None));
        assert_eq!(items[1].field("id"), Some("32"));
    }
}

//! A file's keys with their paths and places, to say where a fault is.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One key of a table, or one item of a list.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) path: String,
    /// Where the key stands; for an item, where its value does. Bytes.
    pub(crate) key: Range<usize>,
    /// Where the value stands; that of a `[table]` is its header. Bytes.
    pub(crate) value: Range<usize>,
    /// A bare date or time, which the parser disguises as a table.
    pub(crate) is_time: bool,
}

/// All nodes, parents before children.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outline(Vec<Node>);

impl Outline {
    /// Reads as much as can be read.
    pub(crate) fn of(text: &str) -> Self {
        let (table, _) = DeTable::parse_recoverable(text);
        let mut outline = Self::default();
        outline.table("", table.get_ref());
        outline
    }

    fn table(&mut self, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = bare_or_quoted(key.get_ref());
            let path = if path.is_empty() { name } else { format!("{path}.{name}") };
            self.node(path, key.span(), value);
        }
    }

    fn node(&mut self, path: String, key: Range<usize>, value: &Spanned<DeValue<'_>>) {
        let is_time = matches!(value.get_ref(), DeValue::Datetime(_));
        self.0.push(Node { path: path.clone(), key, value: value.span(), is_time });
        match value.get_ref() {
            DeValue::Table(table) => self.table(&path, table),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.node(format!("{path}[{index}]"), item.span(), item);
                }
            }
            _ => {}
        }
    }

    /// The innermost node in whose key or value a place lies.
    pub(crate) fn at(&self, place: &Range<usize>) -> Option<&Node> {
        let holds = |span: &&Range<usize>| span.start <= place.start && place.end <= span.end;
        let size = |node: &Node| {
            [&node.key, &node.value].into_iter().filter(holds).map(ExactSizeIterator::len).min()
        };
        let found = self.0.iter().filter_map(|node| Some((size(node)?, node)));
        // Of equals the last, which is the innermost.
        let (_, node) = found.rev().min_by_key(|(size, _)| *size)?;
        Some(self.list_of(node).unwrap_or(node))
    }

    /// The list of a first item, where a place in it may as well mean another: `[[tables]]` begin
    /// with their first, and serde forgets which one it read if it had to look ahead.
    fn list_of(&self, node: &Node) -> Option<&Node> {
        let list = self.named(node.path.strip_suffix("[0]")?)?;
        self.named(&format!("{}[1]", list.path)).filter(|_| list.value == node.value)?;
        Some(list)
    }

    /// The node of a key that stands at a place, or in the table or the list of tables that does.
    pub(crate) fn of_key(&self, place: &Range<usize>, key: &str) -> Option<&Node> {
        let around = self.at(place)?;
        if around.key == *place {
            return Some(around);
        }
        let mut found = self.0.iter().filter(|node| is_of(node, key, &around.path));
        match (found.next(), found.next()) {
            (Some(only), None) => Some(only),
            _ => Some(around),
        }
    }

    /// The node of a path.
    pub(crate) fn named(&self, path: &str) -> Option<&Node> {
        self.0.iter().find(|node| node.path == path)
    }
}

/// Whether a node is a key of a table, or of a table in a list.
fn is_of(node: &Node, key: &str, table_or_list: &str) -> bool {
    let table = node.path.strip_suffix(key).and_then(|table| table.strip_suffix('.'));
    let rest = table.and_then(|table| table.strip_prefix(table_or_list));
    rest.is_some_and(|item| item.is_empty() || item.starts_with('[') && !item.contains('.'))
}

/// A key as one writes it: in quotes only where it needs them.
pub(crate) fn bare_or_quoted(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(is_bare) {
        return key.to_owned();
    }
    format!("{key:?}")
}

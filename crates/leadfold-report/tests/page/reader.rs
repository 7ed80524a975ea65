//! A page as a tree. The tokens are those of a browser; since the page closes every element that it
//! opens, a stack makes the tree of them.

use std::collections::BTreeMap;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

/// Elements that have no end.
const VOID: [&str; 2] = ["br", "meta"];

/// An element with all that is in it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) tag: String,
    pub(crate) attributes: BTreeMap<String, String>,
    children: Vec<Node>,
}

#[derive(Debug)]
enum Node {
    Element(Element),
    Text(String),
}

/// A row of a table: what names it, and the exact figures of its cells.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) texts: Vec<String>,
    pub(crate) data: Vec<Vec<String>>,
}

/// Reads a page.
///
/// # Panics
/// Where a browser would have to guess: at anything that is no HTML, or not closed.
pub(crate) fn read(html: &str) -> Element {
    let mut emitter = DefaultEmitter::<()>::default();
    emitter.naively_switch_states(true);
    let mut open = vec![Element::default()];
    for token in Tokenizer::new_with_emitter(html, emitter).flatten() {
        match token {
            Token::StartTag(start) => {
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
                let attributes = start.attributes.iter();
                let attributes = attributes.map(|(name, value)| (text(name), text(value)));
                let (tag, attributes) = (text(&start.name), attributes.collect());
                open.push(Element { tag, attributes, children: Vec::new() });
                if VOID.contains(&open[open.len() - 1].tag.as_str()) {
                    close(&mut open);
                }
            }
            Token::EndTag(end) => {
                assert_eq!(open[open.len() - 1].tag.as_bytes(), &end.name[..]);
                close(&mut open);
            }
            Token::String(text) => {
                let text = String::from_utf8(text.to_vec()).expect("UTF-8");
                let parent = open.len() - 1;
                open[parent].children.push(Node::Text(text));
            }
            Token::Comment(_) | Token::Doctype(_) => {}
            Token::Error(error) => panic!("no HTML: {error:?}"),
        }
    }
    assert_eq!(open.len(), 1, "{} is not closed", open[open.len() - 1].tag);
    open.remove(0)
}

fn close(open: &mut Vec<Element>) {
    let element = open.pop().expect("it was opened");
    open.last_mut().expect("the page").children.push(Node::Element(element));
}

#[allow(dead_code, reason = "two test programs read pages, and each asks for something else")]
impl Element {
    /// All elements in it, itself before them.
    pub(crate) fn all(&self) -> Vec<&Self> {
        let inner = self.children.iter().flat_map(|child| match child {
            Node::Element(element) => element.all(),
            Node::Text(_) => Vec::new(),
        });
        std::iter::once(self).chain(inner).collect()
    }

    /// All elements of a kind.
    pub(crate) fn tagged(&self, tag: &str) -> Vec<&Self> {
        self.all().into_iter().filter(|element| element.tag == tag).collect()
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The element of that id, if there is one.
    pub(crate) fn get(&self, id: &str) -> Option<&Self> {
        let mut found = self.all().into_iter().filter(|el| el.attribute("id") == Some(id));
        let first = found.next();
        assert!(found.next().is_none(), "two elements have the id {id}");
        first
    }

    /// The element of that id.
    pub(crate) fn find(&self, id: &str) -> &Self {
        self.get(id).unwrap_or_else(|| panic!("no element has the id {id}"))
    }

    /// What a reader sees of it.
    pub(crate) fn text(&self) -> String {
        let parts = self.children.iter().map(|child| match child {
            Node::Element(element) => element.text(),
            Node::Text(text) => text.clone(),
        });
        parts.collect()
    }

    /// The exact numbers of the figures in it.
    pub(crate) fn data(&self) -> Vec<String> {
        let value = |data: &Self| data.attribute("value").expect("a value").to_owned();
        self.tagged("data").into_iter().map(value).collect()
    }

    /// The rows of the table of that id.
    pub(crate) fn rows(&self, id: &str) -> Vec<Row> {
        let body = self.find(id).tagged("tbody").remove(0);
        let row = |row: &Self| {
            let (heads, cells) = (row.tagged("th"), row.tagged("td"));
            Row {
                name: heads[0].text(),
                texts: cells.iter().map(|cell| cell.text()).collect(),
                data: cells.iter().map(|cell| cell.data()).collect(),
            }
        };
        body.tagged("tr").into_iter().map(row).collect()
    }
}

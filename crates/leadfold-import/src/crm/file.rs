//! A file of an export: read whole, since a page is small, and walked without a tree in memory.

use std::{
    borrow::Cow,
    fmt,
    fs::File,
    io::{self, Read},
    path::PathBuf,
};

use serde::{
    Deserializer,
    de::{Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::{error::CrmFault, sink::Place};
use crate::OpenError;

/// A file of an export.
#[derive(Clone, Debug)]
pub enum CrmFile {
    /// On disk.
    Path(PathBuf),
    /// In memory, such as standard input.
    Text {
        /// What messages call it.
        name: String,
        /// What stands there.
        text: Vec<u8>,
    },
}

impl CrmFile {
    /// What messages call it.
    pub fn name(&self) -> String {
        match self {
            Self::Path(path) => path.display().to_string(),
            Self::Text { name, .. } => name.clone(),
        }
    }

    /// What stands there, to read on from.
    pub(crate) fn open(&self) -> Result<Box<dyn Read + '_>, OpenError> {
        match self {
            Self::Path(path) => match File::open(path) {
                Ok(file) => Ok(Box::new(file)),
                Err(source) => Err(OpenError::Read { path: path.clone(), source }),
            },
            Self::Text { text, .. } => Ok(Box::new(text.as_slice())),
        }
    }

    /// All of it; none where it is larger than a file of pages may be.
    pub(crate) fn read(&self) -> Result<Option<Cow<'_, [u8]>>, OpenError> {
        if let Self::Text { text, .. } = self {
            return Ok((text.len() as u64 <= FILE_BYTES_MAX).then_some(Cow::Borrowed(text)));
        }
        let mut bytes = Vec::new();
        self.open()?
            .take(FILE_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| self.unreadable(source))?;
        Ok((bytes.len() as u64 <= FILE_BYTES_MAX).then_some(Cow::Owned(bytes)))
    }

    pub(crate) fn unreadable(&self, source: io::Error) -> OpenError {
        OpenError::Read { path: self.name().into(), source }
    }
}

/// The text of a file, with the way from its parts back to their lines.
pub(crate) struct Document<'a> {
    pub(crate) file: usize,
    text: &'a str,
    /// The last place that was asked for, and its line.
    known: (usize, u64),
}

/// A value of the document, and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) raw: &'a RawValue,
    pub(crate) path: String,
}

impl<'a> Document<'a> {
    pub(crate) fn new(file: usize, bytes: &'a [u8]) -> Result<Self, CrmFault> {
        let text = std::str::from_utf8(bytes).map_err(|_| CrmFault::NotUtf8)?;
        Ok(Self { file, text: text.strip_prefix('\u{feff}').unwrap_or(text), known: (0, 1) })
    }

    /// The whole text.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// The JSON values of the text, one behind the other; the first that is none ends them.
    pub(crate) fn values(&self) -> impl Iterator<Item = Result<Part<'a>, CrmFault>> + use<'a> {
        let values = serde_json::Deserializer::from_str(self.text).into_iter::<&'a RawValue>();
        values.map(|value| match value {
            Ok(raw) => Ok(Part { raw, path: String::new() }),
            Err(error) => Err(CrmFault::NotJson { line: error.line(), column: error.column() }),
        })
    }

    /// Where a part stands. Parts are mostly asked for in the order of the text.
    pub(crate) fn place(&mut self, part: &Part<'_>) -> Place {
        let start = part.raw.get().as_ptr() as usize;
        let offset = start.saturating_sub(self.text.as_ptr() as usize).min(self.text.len());
        let (known, line) = if offset < self.known.0 { (0, 1) } else { self.known };
        let between = &self.text.as_bytes()[known..offset];
        let line = line + between.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.known = (offset, line);
        Place { file: self.file, line, path: part.path.clone() }
    }

    /// Where a fault of the text itself is.
    pub(crate) fn place_of(&self, fault: &CrmFault) -> Place {
        let start = Self::start(self.file);
        match fault {
            CrmFault::NotJson { line, .. } => Place { line: *line as u64, ..start },
            _ => start,
        }
    }

    /// The beginning, for faults of the whole file.
    pub(crate) fn start(file: usize) -> Place {
        Place { file, line: 1, path: String::new() }
    }
}

impl<'a> Part<'a> {
    /// The first item of a list; none where it is no list, or an empty one.
    pub(crate) fn first_item(&self) -> Option<Self> {
        let mut first = None;
        self.each_item(&mut |item| {
            first = Some(item);
            false
        });
        first
    }

    /// Shows the items of a list one by one, until `show` says no; none where it is no list. However
    /// many there are, one is held.
    pub(crate) fn each_item(&self, show: &mut dyn FnMut(Self) -> bool) -> Option<bool> {
        self.each(Shape::List, show)
    }

    /// Shows the items of a list, or the values of an object, as [`each_item`](Self::each_item)
    /// does; none where it is neither. Names of fields may be anybody's: paths have numbers instead.
    pub(crate) fn each_value(&self, show: &mut dyn FnMut(Self) -> bool) -> Option<bool> {
        self.each(Shape::ListOrObject, show)
    }

    fn each(&self, shape: Shape, show: &mut dyn FnMut(Self) -> bool) -> Option<bool> {
        let mut is_open = true;
        let mut n = 0;
        let show = &mut |raw: &'a RawValue| {
            is_open = show(Part { raw, path: format!("{}[{n}]", self.path) });
            n += 1;
            is_open
        };
        let mut deserializer = serde_json::Deserializer::from_str(self.raw.get());
        let read = deserializer.deserialize_any(Each { shape, show });
        // Who stops leaves a rest that is not read.
        if is_open { read.ok().map(|()| true) } else { Some(false) }
    }

    /// The fields of these names of an object; none where it is no object.
    pub(crate) fn named<const N: usize>(
        &self,
        names: [&'static str; N],
    ) -> Option<Result<[Option<Self>; N], CrmFault>> {
        let mut deserializer = serde_json::Deserializer::from_str(self.raw.get());
        let (found, twice) = deserializer.deserialize_map(Named(names)).ok()?;
        if let Some(field) = twice {
            return Some(Err(CrmFault::DuplicateField { field }));
        }
        let dot = if self.path.is_empty() { "" } else { "." };
        let mut names = names.iter();
        Some(Ok(found.map(|raw| {
            let name = names.next().copied().unwrap_or_default();
            raw.map(|raw| Part { raw, path: format!("{}{dot}{name}", self.path) })
        })))
    }

    /// The fields of an object in order; none where it is no object.
    pub(crate) fn fields(&self) -> Option<Vec<(String, Self)>> {
        let Fields(fields) = serde_json::from_str(self.raw.get()).ok()?;
        let dot = if self.path.is_empty() { "" } else { "." };
        let part = |name: &str, raw| Part { raw, path: format!("{}{dot}{name}", self.path) };
        Some(fields.into_iter().map(|(name, raw)| (name.clone(), part(&name, raw))).collect())
    }

    /// A field of an object, the last of that name as in a tree; none where there is none.
    pub(crate) fn field(&self, name: &str) -> Option<Self> {
        let fields = self.fields()?;
        fields.into_iter().rfind(|(field, _)| field == name).map(|(_, part)| part)
    }

    /// The object as a tree; none where it is no object, or nests too deep.
    pub(crate) fn object(&self) -> Option<Map<String, Value>> {
        serde_json::from_str(self.raw.get()).ok()
    }
}

/// What is shown value by value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Shape {
    List,
    ListOrObject,
}

/// Shows values and holds none.
struct Each<'s, 'a> {
    shape: Shape,
    show: &'s mut dyn FnMut(&'a RawValue) -> bool,
}

impl<'de: 'a, 'a> Visitor<'de> for Each<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(raw) = list.next_element::<&'de RawValue>()? {
            if !(self.show)(raw) {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        if self.shape == Shape::List {
            return Err(A::Error::invalid_type(Unexpected::Map, &self));
        }
        while let Some((_, raw)) = object.next_entry::<IgnoredAny, &'de RawValue>()? {
            if !(self.show)(raw) {
                break;
            }
        }
        Ok(())
    }
}

/// Takes the fields of these names, and one of them that is there twice.
struct Named<const N: usize>([&'static str; N]);

impl<'de, const N: usize> Visitor<'de> for Named<N> {
    type Value = ([Option<&'de RawValue>; N], Option<&'static str>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let (mut found, mut twice) = ([None; N], None);
        while let Some((name, raw)) = object.next_entry::<String, &'de RawValue>()? {
            let Some(n) = self.0.iter().position(|known| **known == *name) else { continue };
            if found[n].replace(raw).is_some() {
                twice = Some(self.0[n]);
            }
        }
        Ok((found, twice))
    }
}

/// An object's fields in their order, with values that are not looked at yet.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(All).map(Self)
    }
}

/// The most that a file of pages may have, in bytes: a page has 50 rows.
pub(crate) const FILE_BYTES_MAX: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn items<'a>(list: &Part<'a>) -> Option<Vec<Part<'a>>> {
        let mut items = Vec::new();
        list.each_item(&mut |item| {
            items.push(item);
            true
        })?;
        Some(items)
    }

    #[test]
    fn parts_know_their_lines_and_paths() {
        let text = "{\n \"result\": [\n  {\"ID\": 1},\n  {\"ID\": 2}\n ]\n}\n[1, 2]";
        let mut document = Document::new(3, text.as_bytes()).expect("UTF-8");
        let values: Vec<_> = document.values().map(|value| value.expect("JSON")).collect();
        assert_eq!(values.len(), 2);
        let fields = values[0].fields().expect("an object");
        let rows = items(&fields[0].1).expect("a list");
        let place = |line, path: &str| Place { file: 3, line, path: path.to_owned() };
        assert_eq!(document.place(&rows[1]), place(4, "result[1]"));
        assert_eq!(document.place(&rows[0]), place(3, "result[0]"));
        assert_eq!(document.place(&values[1]), place(7, ""));
        assert_eq!(rows[1].object().expect("an object")["ID"], 2);
        assert!(items(&rows[0]).is_none() && values[1].fields().is_none());
    }

    #[test]
    fn values_are_shown_one_by_one_until_it_is_enough() {
        let text = r#"[{"a": 1, "a": 2, "b": [3, 4, 5]}, 6]"#;
        let document = Document::new(0, text.as_bytes()).expect("UTF-8");
        let list = document.values().next().expect("a value").expect("JSON");
        let mut found = Vec::new();
        let mut show = |part: Part<'_>| {
            found.push(format!("{} {}", part.path, part.raw.get()));
            found.len() < 6
        };
        assert_eq!(list.each_item(&mut show), Some(true));
        let object = list.first_item().expect("a list");
        assert_eq!(object.each_item(&mut show), None);
        assert_eq!(object.each_value(&mut show), Some(true));
        let [inner] = object.named(["b"]).expect("an object").expect("no field twice");
        assert_eq!(inner.expect("it is there").each_item(&mut show), Some(false));
        let object = r#"{"a": 1, "a": 2, "b": [3, 4, 5]}"#;
        let expected = [
            format!("[0] {object}"),
            "[1] 6".into(),
            "[0][0] 1".into(),
            "[0][1] 2".into(),
            "[0][2] [3, 4, 5]".into(),
            "[0].b[0] 3".into(),
        ];
        assert_eq!(found, expected);
        let object = list.first_item().expect("a list");
        let twice = object.named(["b", "a"]).expect("an object").err();
        assert_eq!(twice, Some(CrmFault::DuplicateField { field: "a" }));
        assert!(list.named(["a"]).is_none());
    }

    #[test]
    fn what_is_no_json_ends_the_values() {
        let document = Document::new(0, b"{} {\n \"a\" 1}").expect("UTF-8");
        let values: Vec<_> = document.values().collect();
        assert!(values[0].is_ok());
        assert_eq!(values[1].clone().err(), Some(CrmFault::NotJson { line: 2, column: 6 }));
        assert_eq!(Document::new(0, b"\xff").err(), Some(CrmFault::NotUtf8));
    }
}

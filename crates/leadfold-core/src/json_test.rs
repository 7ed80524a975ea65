//! One pass over an object finds what two passes found: the struct, then the unknown fields.

use proptest::prelude::*;

use super::*;
use crate::event::{Actor, Captured, CostRecorded, Won};

/// The plain way: a struct that skips what it does not know, and then all fields.
fn in_two_passes<T: DeserializeOwned>(
    json: &str,
    known: &[&str],
) -> Result<(T, Unknown), serde_json::Error> {
    let value = serde_json::from_str(json)?;
    let all = serde_json::from_str::<All>(json)?.0;
    let unknown: Unknown =
        all.into_iter().filter(|(name, _)| !known.contains(&name.as_str())).collect();
    distinct(&unknown)?;
    Ok((value, unknown))
}

struct All(Unknown);

impl<'de> Deserialize<'de> for All {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = All;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<All, A::Error> {
                let mut fields = Unknown::new();
                while let Some(field) = access.next_entry()? {
                    fields.push(field);
                }
                Ok(All(fields))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

const OBJECTS: [&str; 9] = [
    r#"{"source":"ads","attributes":{"a":1.5,"b":"x"},"pii":{"p":[1]},"x":{"y":[1, 2]}}"#,
    r#"{"opportunity":"D1","amount":100,"currency":"EUR","product":null,"w":"\u00e9\ud83d\ude00"}"#,
    r#"{"x":1,"kind":"user","y":1.10,"id":"a\nnn","x":2}"#,
    r#"{"amount":1,"currency":"EUR","scope":{"source":"ads"},"from":"2024-01-01","to":"2024-01-31"}"#,
    r#"{"amount":1,"currency":"EUR","scope":{"a":"b","a":"c"},"from":"2024-01-01","to":7}"#,
    r#"["ads",null,null,null,null,null,null]"#,
    r#"["user","ann"]"#,
    "[]",
    "7",
];

/// An object with a few bytes of it changed.
fn any_json() -> impl Strategy<Value = String> {
    let pieces =
        ["", "\"", "{", "}", "[", "]", ",", ":", "\\u0061", "0", " ", "null", "\u{1}", "é"];
    let piece = prop::sample::select(pieces.to_vec());
    let changes = prop::collection::vec((any::<prop::sample::Index>(), piece), 0..4);
    (prop::sample::select(OBJECTS.to_vec()), changes).prop_map(|(json, changes)| {
        let mut pieces: Vec<String> = json.chars().map(String::from).collect();
        for (at, piece) in changes {
            let at = at.index(pieces.len());
            pieces[at] = piece.to_owned();
        }
        pieces.concat()
    })
}

type Said<T> = Result<(T, Unknown), String>;

fn said<T>(read: Result<(T, Unknown), serde_json::Error>) -> Said<T> {
    read.map_err(|error| format!("{:?} {error}", error.classify()))
}

/// What a reader says of an object is what two passes say, to the column of an error.
fn agrees<T>(json: &str, known: &[&str], read: Said<T>) -> Result<(), TestCaseError>
where
    T: DeserializeOwned + fmt::Debug + PartialEq,
{
    prop_assert_eq!(read, said(in_two_passes::<T>(json, known)), "{}", json);
    Ok(())
}

fn in_one_pass<T>(json: &str, known: &[&str]) -> Result<(), TestCaseError>
where
    T: DeserializeOwned + fmt::Debug + PartialEq,
{
    agrees::<T>(json, known, said(json.with_unknown()))?;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    match Inside(&mut deserializer).with_unknown::<T>() {
        Ok(read) if deserializer.end().is_ok() => agrees(json, known, Ok(read)),
        // The line goes on behind it, or is refused.
        Ok(_) => Ok(()),
        Err(_) => {
            prop_assert!(json.with_unknown::<T>().is_err(), "{}", json);
            Ok(())
        }
    }
}

const CAPTURED: [&str; 7] =
    ["source", "medium", "campaign", "channel", "origin", "attributes", "pii"];
const COST_RECORDED: [&str; 6] = ["amount", "currency", "scope", "from", "to", "kind"];
const WON: [&str; 4] = ["opportunity", "amount", "currency", "product"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn one_pass_says_what_two_say(json in any_json()) {
        in_one_pass::<Captured>(&json, &CAPTURED)?;
        in_one_pass::<CostRecorded>(&json, &COST_RECORDED)?;
        in_one_pass::<Won>(&json, &WON)?;
        in_one_pass::<Actor>(&json, &["kind", "id"])?;
    }
}

#[test]
fn a_reader_that_loses_or_doubles_a_field_would_be_noticed() {
    let json = r#"{"kind":"user","x":1}"#;
    let (actor, unknown) = json.with_unknown::<Actor>().expect("an actor");
    assert!(agrees(json, &["kind", "id"], Ok((actor.clone(), unknown))).is_ok());
    assert!(agrees(json, &["kind", "id"], Ok((actor.clone(), Unknown::new()))).is_err());
    let kind = ("kind".to_owned(), RawJson::parse("\"user\"").expect("JSON"));
    assert!(agrees(json, &["kind", "id"], Ok((actor, vec![kind]))).is_err());
}

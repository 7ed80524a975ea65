//! Patterns of sentences: `{lead} is handed off to {to} [: {reason:rest}]`.
//!
//! A word stands for itself, a name in braces for a value of that name, and what is in brackets
//! may be left out. After a colon in braces stands the kind of the value.

use leadfold_core::Currency;
use serde_json::{Map, Number, Value};

use super::clock::Clock;
use super::error::Fault;
use super::money::minor_units;
use super::token::Token;

/// A pattern.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Word(&'static str),
    Hole(&'static str, Kind),
    Maybe(Vec<Self>),
}

/// What a value looks like.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// One word, or a text in quotes.
    Word,
    /// A date, perhaps with a time of day, or RFC 3339.
    Time,
    /// A number.
    Number,
    /// An amount and its currency.
    Money,
    /// All that is left of the line.
    Rest,
    /// Names and values, with commas between the pairs.
    Pairs,
}

impl Pattern {
    /// Reads a pattern of ours.
    pub(super) fn new(text: &'static str) -> Self {
        let mut words = text.split_whitespace();
        let mut pieces = Vec::new();
        while let Some(word) = words.next() {
            let Some(first) = word.strip_prefix('[') else {
                pieces.push(piece(word));
                continue;
            };
            let mut inside = Vec::new();
            let mut next = Some(first);
            while let Some(word) = next {
                let last = word.strip_suffix(']');
                inside.push(piece(last.unwrap_or(word)));
                next = if last.is_some() { None } else { words.next() };
            }
            pieces.push(Piece::Maybe(inside));
        }
        Self(pieces)
    }

    /// The values that the words of a line give, if they are such a sentence.
    pub(super) fn values(&self, reader: &mut Reader<'_>) -> Option<Map<String, Value>> {
        let mut values = Map::new();
        let end = reader.take(&self.0, 0, &mut values)?;
        if end == reader.tokens.len() {
            return Some(values);
        }
        reader.miss(end, "the end of the line")
    }
}

fn piece(word: &'static str) -> Piece {
    let Some(hole) = word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) else {
        return Piece::Word(word);
    };
    let (name, kind) = hole.split_once(':').unwrap_or((hole, "word"));
    let kind = match kind {
        "time" => Kind::Time,
        "number" => Kind::Number,
        "money" => Kind::Money,
        "rest" => Kind::Rest,
        "pairs" => Kind::Pairs,
        _ => Kind::Word,
    };
    Piece::Hole(name, kind)
}

/// The words of a line, and how far any pattern has come with them.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    line: &'a str,
    tokens: Vec<Token<'a>>,
    clock: &'a Clock,
    furthest: usize,
    /// What the patterns that came furthest wanted there.
    wanted: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(line: &'a str, tokens: Vec<Token<'a>>, clock: &'a Clock) -> Self {
        Self { line, tokens, clock, furthest: 0, wanted: Vec::new() }
    }

    /// What is wrong with a line that is no sentence at all.
    pub(super) fn fault(&self) -> Fault {
        let token = self.tokens.get(self.furthest);
        let at = token.map_or_else(|| self.line.trim_end().len(), |token| token.at);
        let found = token.map_or_else(
            || "the end of the line".to_owned(),
            |token| format!("`{}`", crate::text::short(token.text)),
        );
        Fault::new(at, self.wanted.join(" or "), found)
    }

    fn take(
        &mut self,
        pieces: &[Piece],
        mut at: usize,
        values: &mut Map<String, Value>,
    ) -> Option<usize> {
        for piece in pieces {
            at = match piece {
                Piece::Word(word) => self.word(word, at)?,
                Piece::Hole(name, kind) => self.hole(name, *kind, at, values)?,
                Piece::Maybe(inside) => {
                    let mut more = values.clone();
                    match self.take(inside, at, &mut more) {
                        Some(end) => {
                            *values = more;
                            end
                        }
                        None => at,
                    }
                }
            };
        }
        Some(at)
    }

    fn word(&mut self, word: &str, at: usize) -> Option<usize> {
        let is_it = |token: &Token<'_>| token.text == word && !token.is_quoted;
        match self.tokens.get(at).is_some_and(is_it) {
            true => Some(at + 1),
            false => self.miss(at, &format!("`{word}`")),
        }
    }

    /// Puts a value in its place, and returns the word after it.
    fn hole(
        &mut self,
        name: &str,
        kind: Kind,
        at: usize,
        values: &mut Map<String, Value>,
    ) -> Option<usize> {
        let Some(token) = self.tokens.get(at).copied().filter(Token::is_name) else {
            return self.miss(at, &wanted(name, kind));
        };
        let second = self.tokens.get(at + 1).map(|token| token.text);
        let read = match kind {
            Kind::Word => Some((Value::from(token.text), 1)),
            Kind::Number => token.text.parse::<Number>().ok().map(|n| (Value::Number(n), 1)),
            Kind::Time => {
                self.clock.read(token.text, second).map(|(t, n)| (t.to_string().into(), n))
            }
            Kind::Money => return self.money(token, second, at, values),
            Kind::Rest => Some((self.rest(at, token).into(), self.tokens.len() - at)),
            Kind::Pairs => pairs(&self.tokens[at..]).map(|map| (map, self.tokens.len() - at)),
        };
        let Some((value, length)) = read else { return self.miss(at, &wanted(name, kind)) };
        values.insert(name.to_owned(), value);
        Some(at + length)
    }

    fn money(
        &mut self,
        amount: Token<'_>,
        currency: Option<&str>,
        at: usize,
        values: &mut Map<String, Value>,
    ) -> Option<usize> {
        let currency = currency.and_then(|code| code.parse::<Currency>().ok());
        let read = currency.and_then(|code| Some((minor_units(amount.text, code)?, code)));
        let Some((minor, currency)) = read else {
            return self.miss(at, &wanted("money", Kind::Money));
        };
        values.insert("amount".into(), minor.into());
        values.insert("currency".into(), currency.to_string().into());
        Some(at + 2)
    }

    /// All that is left of the line; without the quotes, if it is one text in quotes.
    fn rest(&self, at: usize, token: Token<'a>) -> &'a str {
        let is_alone = self.tokens.len() == at + 1;
        if token.is_quoted && is_alone { token.text } else { self.line[token.at..].trim_end() }
    }

    fn miss<T>(&mut self, at: usize, wanted: &str) -> Option<T> {
        if at > self.furthest {
            self.furthest = at;
            self.wanted.clear();
        }
        if at == self.furthest && !self.wanted.iter().any(|known| known == wanted) {
            self.wanted.push(wanted.to_owned());
        }
        None
    }
}

fn wanted(name: &str, kind: Kind) -> String {
    match kind {
        Kind::Word | Kind::Rest => format!("a word for {}", name.replace('_', " ")),
        Kind::Number => "a number".into(),
        Kind::Time => "a time that the clocks show, such as 2024-03-01 18:00".into(),
        Kind::Money => "an amount such as 900.00 EUR".into(),
        Kind::Pairs => "names and values such as `industry software, size 50`".into(),
    }
}

/// `industry software, size 50`: numbers are numbers, unless they are in quotes.
fn pairs(tokens: &[Token<'_>]) -> Option<Value> {
    let mut map = Map::new();
    for pair in tokens.split(|token| !token.is_name() && token.text == ",") {
        let [name, value] = pair else { return None };
        let number = value.text.parse::<Number>().ok().filter(|_| !value.is_quoted);
        let value = number.map_or_else(|| Value::from(value.text), Value::Number);
        if !name.is_name() || map.insert(name.text.to_owned(), value).is_some() {
            return None;
        }
    }
    Some(Value::Object(map))
}

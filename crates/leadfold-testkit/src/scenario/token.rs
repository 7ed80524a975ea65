//! A line as words: separated by white space, in quotes where they hold some. A comma or a colon
//! that ends a word stands for itself.

use super::error::Fault;

/// A word, or a comma or colon.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Token<'a> {
    /// Without the quotes.
    pub(super) text: &'a str,
    /// The byte of the line where it begins.
    pub(super) at: usize,
    pub(super) is_quoted: bool,
}

impl Token<'_> {
    /// A name or a value, and no punctuation.
    pub(super) fn is_name(&self) -> bool {
        self.is_quoted || !matches!(self.text, "," | ":")
    }
}

/// The words of a line from a byte on.
pub(super) fn tokens(line: &str, from: usize) -> Result<Vec<Token<'_>>, Fault> {
    let mut tokens = Vec::new();
    let mut at = from;
    while let Some(skipped) = line[at..].find(|c: char| !c.is_whitespace()) {
        at += skipped;
        at = if line[at..].starts_with('"') {
            quoted(line, at, &mut tokens)?
        } else {
            bare(line, at, &mut tokens)
        };
    }
    Ok(tokens)
}

/// A text in quotes: all up to the next quote. Returns where it ends.
fn quoted<'a>(line: &'a str, at: usize, tokens: &mut Vec<Token<'a>>) -> Result<usize, Fault> {
    let inside = &line[at + 1..];
    let Some(length) = inside.find('"') else {
        return Err(Fault::new(at, "a quote that ends the text", "the end of the line"));
    };
    tokens.push(Token { text: &inside[..length], at, is_quoted: true });
    Ok(at + length + 2)
}

/// A word, with the punctuation behind it. Returns where it ends.
fn bare<'a>(line: &'a str, at: usize, tokens: &mut Vec<Token<'a>>) -> usize {
    let length = line[at..].find(char::is_whitespace).unwrap_or(line.len() - at);
    let word = &line[at..at + length];
    let name = word.strip_suffix([',', ':']).unwrap_or(word);
    if !name.is_empty() {
        tokens.push(Token { text: name, at, is_quoted: false });
    }
    if name.len() < word.len() {
        tokens.push(Token { text: &word[name.len()..], at: at + name.len(), is_quoted: false });
    }
    at + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn punctuation_stands_for_itself_at_the_end_of_a_word_only() {
        let words = |line| {
            let tokens = tokens(line, 0).expect("words");
            tokens.iter().map(|token| token.text).collect::<Vec<_>>()
        };
        assert_eq!(words("ann calls L1, no answer"), ["ann", "calls", "L1", ",", "no", "answer"]);
        assert_eq!(words("10:30 a,b: \"c, d: \" ,"), ["10:30", "a,b", ":", "c, d: ", ","]);
        assert_eq!(words("\"L1\", x"), ["L1", ",", "x"]);
        assert_eq!(words("  "), [""; 0]);
    }

    #[test]
    fn an_open_quote_is_a_fault_where_it_opens() {
        assert_eq!(tokens("é \"L1", 0).expect_err("it does not end").at, 3);
    }
}

//! The known word that somebody probably meant.

/// Longer is no misspelt word, and would only take time.
const WORD_CHARS_MAX: usize = 64;

/// The nearest of the known words, if it is near: a third of the letters may be wrong, and one
/// always. Case does not count, and a blank or a hyphen is as good as an underscore.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = folded(word);
    if word.len() > WORD_CHARS_MAX {
        return None;
    }
    let wrong_max = (word.len() / 3).max(1);
    let ranked = known.into_iter().map(|known| (distance(&word, &folded(known)), known));
    let (wrong, near) = ranked.min_by_key(|(wrong, _)| *wrong)?;
    (wrong <= wrong_max).then_some(near)
}

fn folded(word: &str) -> Vec<char> {
    let fold = |c: char| if c == ' ' || c == '-' { '_' } else { c.to_ascii_lowercase() };
    word.chars().map(fold).collect()
}

/// How many letters to insert, to delete, to replace or to swap with their neighbour: the optimal
/// string alignment distance, row by row.
fn distance(from: &[char], to: &[char]) -> usize {
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for row in 0..from.len() {
        let mut next = vec![row + 1];
        for column in 0..to.len() {
            let replaced = last[column] + usize::from(from[row] != to[column]);
            let mut best = replaced.min(last[column + 1] + 1).min(next[column] + 1);
            let is_swap =
                row > 0 && column > 0 && from[row] == to[column - 1] && from[row - 1] == to[column];
            if is_swap {
                best = best.min(before_last[column - 1] + 1);
            }
            next.push(best);
        }
        before_last = std::mem::replace(&mut last, next);
    }
    last[to.len()]
}

#[cfg(test)]
mod nearest_test;

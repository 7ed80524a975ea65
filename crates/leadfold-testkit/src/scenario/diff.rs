//! Two lists of lines side by side: what is the same, what is missing, what is new.

/// A line with its mark: two spaces for both, `-` for expected only, `+` for found only.
pub(super) fn diff(expected: &[String], found: &[String]) -> String {
    let common = common(expected, found);
    let (mut i, mut j, mut out) = (0, 0, String::new());
    let mut put = |mark: &str, line: &str| out.push_str(&format!("{mark} {line}\n"));
    while i < expected.len() || j < found.len() {
        if i < expected.len() && j < found.len() && expected[i] == found[j] {
            put(" ", &expected[i]);
            (i, j) = (i + 1, j + 1);
        } else if i < expected.len() && (j == found.len() || common[i + 1][j] >= common[i][j + 1]) {
            put("-", &expected[i]);
            i += 1;
        } else {
            put("+", &found[j]);
            j += 1;
        }
    }
    out
}

/// How many lines the rests of both lists have in common, by where the rests begin.
fn common(a: &[String], b: &[String]) -> Vec<Vec<usize>> {
    let mut table = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            table[i][j] = match a[i] == b[j] {
                true => table[i + 1][j + 1] + 1,
                false => table[i + 1][j].max(table[i][j + 1]),
            };
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_common_is_found() {
        let lines = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        let diff = |a, b| diff(&lines(a), &lines(b)).replace(['\n', ' '], "");
        assert_eq!(diff("abc", "abc"), "abc");
        assert_eq!(diff("abcd", "acxd"), "a-bc+xd");
        assert_eq!(diff("", "ab"), "+a+b");
        assert_eq!(diff("ab", ""), "-a-b");
    }
}

//! Words as rules are made of.

/// Whether a name or pattern cannot stand in a line of words.
pub(crate) fn has_blanks(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b' ' | b'\t'..=b'\r' | 0))
}

/// What stands before the first NUL: as in the reference, words end there, except passwords and patterns.
pub(crate) fn visible(word: &[u8]) -> &[u8] {
    word.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Makes one word of each selector that was spread over several: `(~key`, `+get)` becomes `(~key +get)`. Answers the place
/// of the word with a parenthesis that is never closed, if there is one.
pub(crate) fn join_selectors<W: AsRef<[u8]>>(words: &[W]) -> Result<Vec<Vec<u8>>, usize> {
    let mut joined: Vec<Vec<u8>> = Vec::with_capacity(words.len());
    let mut open = None;
    for (at, word) in words.iter().map(AsRef::as_ref).enumerate() {
        let closes = word.ends_with(b")");
        match (open, joined.last_mut()) {
            (Some(_), Some(selector)) => {
                selector.push(b' ');
                selector.extend_from_slice(visible(word));
                if closes {
                    open = None;
                }
            }
            _ => {
                open = (word.starts_with(b"(") && !closes).then_some(at);
                joined.push(word.to_vec());
            }
        }
    }
    open.map_or(Ok(joined), Err)
}

#[cfg(test)]
mod tests {
    use super::join_selectors;

    #[test]
    fn selectors_become_one_word() {
        let join = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            join_selectors(&words)
                .map(|words| words.into_iter().map(|w| String::from_utf8(w).unwrap()).collect())
        };
        let words =
            |words: &[&str]| Ok::<Vec<String>, usize>(words.iter().map(|w| (*w).to_owned()).collect());
        assert_eq!(join("on ~x"), words(&["on", "~x"]));
        assert_eq!(join("(~a +get) on ( ~b  )"), words(&["(~a +get)", "on", "( ~b  )"]));
        assert_eq!(join("() x)"), words(&["()", "x)"]));
        assert_eq!(join("(a (b c)"), words(&["(a (b c)"]));
        assert_eq!(join("on (a"), Err(1));
        assert_eq!(join("(a (b"), Err(0));
    }
}

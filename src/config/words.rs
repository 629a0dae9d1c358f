//! Words of a line: how a configuration line, an ACL file line or an inline command is cut into arguments, and how an
//! argument is quoted so that it is cut back to itself.
//!
//! ```text
//!   word            any bytes up to a blank
//!   "double"        with \n \r \t \b \a, \xHH, and \c for any other byte c
//!   'single'        with \' alone
//! ```
//!
//! Quotes may open and close in the middle of a word: `a"b c"d` is the one word `ab cd`. A NUL byte ends the line, as
//! the reference reads lines as C strings. Vertical tab and form feed separate words where one could start, but do not
//! end a word (a quirk kept).

/// The words of `line`, or `None` when a quote is left open.
pub fn split(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut rest = until_nul(line);
    let mut words = Vec::new();
    loop {
        rest = &rest[rest.iter().take_while(|&&byte| is_blank(byte)).count()..];
        if rest.is_empty() {
            return Some(words);
        }
        let (word, taken) = take_word(rest)?;
        words.push(word);
        rest = &rest[taken..];
    }
}

/// `line` up to its first NUL byte.
pub fn until_nul(line: &[u8]) -> &[u8] {
    &line[..line.iter().position(|&byte| byte == 0).unwrap_or(line.len())]
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Which quotes the cursor is inside of.
enum Quote {
    None,
    Single,
    Double,
}

/// The word at the start of `text` and the bytes it took, its closing blank not among them.
fn take_word(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut word = Vec::new();
    let mut quote = Quote::None;
    let mut at = 0;
    loop {
        let Some(&byte) = text.get(at) else {
            return matches!(quote, Quote::None).then_some((word, at));
        };
        let mut taken = 1;
        match (&quote, byte) {
            (Quote::None, b' ' | b'\n' | b'\r' | b'\t') => return Some((word, at)),
            (Quote::None, b'"') => quote = Quote::Double,
            (Quote::None, b'\'') => quote = Quote::Single,
            (Quote::Double, b'"') | (Quote::Single, b'\'') => quote = Quote::None,
            (Quote::Double, b'\\') => {
                let (escaped, length) = escape(&text[at..]);
                word.push(escaped);
                taken = length;
            }
            (Quote::Single, b'\\') if text.get(at + 1) == Some(&b'\'') => {
                word.push(b'\'');
                taken = 2;
            }
            _ => word.push(byte),
        }
        at += taken;
    }
}

/// The byte that the escape at the start of `text` stands for, and the escape's length. `text` starts with a backslash.
fn escape(text: &[u8]) -> (u8, usize) {
    if let [_, b'x', high, low, ..] = text
        && let (Some(high), Some(low)) = (hex_digit(*high), hex_digit(*low))
    {
        return (high << 4 | low, 4);
    }
    match text.get(1) {
        None => (b'\\', 1),
        Some(b'n') => (b'\n', 2),
        Some(b'r') => (b'\r', 2),
        Some(b't') => (b'\t', 2),
        Some(b'b') => (0x08, 2),
        Some(b'a') => (0x07, 2),
        Some(&other) => (other, 2),
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Appends `word` in double quotes, so that [`split`] gives it back whatever bytes it holds.
pub fn push_quoted(out: &mut Vec<u8>, word: &[u8]) {
    out.push(b'"');
    for &byte in word {
        match byte {
            b'\\' | b'"' => out.extend([b'\\', byte]),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            0x07 => out.extend(b"\\a"),
            0x08 => out.extend(b"\\b"),
            b' '..=b'~' => out.push(byte),
            _ => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
                out.extend([b'\\', b'x', DIGITS[high], DIGITS[low]]);
            }
        }
    }
    out.push(b'"');
}

/// Appends `word` bare if it is one word as it stands, and in double quotes if it is not.
pub fn push_word(out: &mut Vec<u8>, word: &[u8]) {
    let plain = |&byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'\'');
    if !word.is_empty() && word.iter().all(plain) {
        out.extend_from_slice(word);
    } else {
        push_quoted(out, word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(line: &str) -> Option<Vec<String>> {
        Some(split(line.as_bytes())?.into_iter().map(|word| String::from_utf8(word).unwrap()).collect())
    }

    #[test]
    fn cuts_at_blanks_and_honours_quotes() {
        assert_eq!(words("  save 900\t1  "), Some(vec!["save".into(), "900".into(), "1".into()]));
        assert_eq!(words(r#"save """#), Some(vec!["save".into(), String::new()]));
        assert_eq!(words(r#"a"b c"d 'e\'f\n'"#), Some(vec!["ab cd".into(), "e'f\\n".into()]));
        assert_eq!(words(r#""\x41\x4\n\q\"""#), Some(vec!["Ax4\nq\"".into()]));
        assert_eq!(words("a\u{b}b \u{b}c"), Some(vec!["a\u{b}b".into(), "c".into()]));
        assert_eq!(words("a\0b"), Some(vec!["a".into()]));
        assert_eq!(words(""), Some(vec![]));
    }

    #[test]
    fn an_open_quote_is_no_line() {
        for line in [r#"""#, "'", r#"a "b"#, r#""a\"#, r#""a\""#, "'a\\'"] {
            assert_eq!(words(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn quoting_is_undone_by_splitting(words in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..5)) {
            let (mut quoted, mut bare) = (Vec::new(), Vec::new());
            for word in &words {
                push_quoted(&mut quoted, word);
                quoted.push(b' ');
                push_word(&mut bare, word);
                bare.push(b' ');
            }
            prop_assert_eq!(split(&quoted), Some(words.clone()));
            prop_assert_eq!(split(&bare), Some(words));
        }

        #[test]
        fn no_line_panics(line in prop::collection::vec(any::<u8>(), 0..64)) {
            split(&line);
        }
    }
}

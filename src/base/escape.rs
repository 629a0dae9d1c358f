//! Bytes quoted for people, and lines of quoted words taken apart again.
//!
//! [`quote`] is how error texts, logs, MONITOR and rewritten config files show arbitrary bytes; [`split_args`] reads inline
//! commands and config files. What the one writes, the other reads back.

/// Appends `bytes` in double quotes: `\\`, `\"`, `\n`, `\r`, `\t`, `\a`, `\b`, `\xhh` for what does not print.
pub fn quote(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() + 2);
    out.push(b'"');
    for &byte in bytes {
        match byte {
            b'\\' | b'"' => out.extend([b'\\', byte]),
            b' '..=b'~' => out.push(byte),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            BELL => out.extend(b"\\a"),
            BACKSPACE => out.extend(b"\\b"),
            _ => {
                out.extend(b"\\x");
                crate::hex::push(out, &[byte]);
            }
        }
    }
    out.push(b'"');
}

const BELL: u8 = 0x07;
const BACKSPACE: u8 = 0x08;

/// Whether `bytes` hold anything that a word of a config file cannot hold unquoted. (Single quotes and emptiness are the
/// caller's to look at, as in the reference.)
pub fn needs_quotes(bytes: &[u8]) -> bool {
    bytes.iter().any(|&byte| !matches!(byte, b'!'..=b'~') || matches!(byte, b'\\' | b'"'))
}

/// The words of `line`, up to its first NUL if it has one; `None` if a quote is left open.
///
/// Words end at blanks. In double quotes the escapes of [`quote`] hold, and a backslash before anything else gives that
/// byte; in single quotes only `\'` is special. Quotes may begin and end inside a word: `a"b c"d` is one word.
///
/// A quirk kept from the reference: vertical tab and form feed are skipped between words, yet do not end one. One
/// not kept: the reference drops the byte 0xff unless it is written as `\xff`.
pub fn split_args(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let end = line.iter().position(|&byte| byte == 0).unwrap_or(line.len());
    let mut rest = &line[..end];
    let mut words = Vec::new();
    loop {
        let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
        rest = &rest[blanks..];
        if rest.is_empty() {
            return Some(words);
        }
        let (word, after) = take_word(rest)?;
        words.push(word);
        rest = after;
    }
}

/// The word at the start of `line`, and what follows it.
fn take_word(mut line: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut word = Vec::new();
    while let Some((&byte, rest)) = line.split_first() {
        line = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => break,
            b'"' => take_double_quoted(rest, &mut word)?,
            b'\'' => take_single_quoted(rest, &mut word)?,
            _ => {
                word.push(byte);
                rest
            }
        };
    }
    Some((word, line))
}

/// Appends what stands before the closing quote; returns what follows that.
fn take_double_quoted<'a>(mut line: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        let (byte, rest) = match line {
            [b'"', rest @ ..] => return Some(rest),
            [b'\\', b'x', high, low, rest @ ..] if is_hex(*high) && is_hex(*low) => {
                (crate::hex::digit(*high)? << 4 | crate::hex::digit(*low)?, rest)
            }
            [b'\\', escaped, rest @ ..] => (unescape(*escaped), rest),
            [byte, rest @ ..] => (*byte, rest),
            [] => return None,
        };
        word.push(byte);
        line = rest;
    }
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn unescape(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => BACKSPACE,
        b'a' => BELL,
        other => other,
    }
}

/// Appends what stands before the closing quote; returns what follows that.
fn take_single_quoted<'a>(mut line: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        let (byte, rest) = match line {
            [b'\'', rest @ ..] => return Some(rest),
            [b'\\', b'\'', rest @ ..] => (b'\'', rest),
            [byte, rest @ ..] => (*byte, rest),
            [] => return None,
        };
        word.push(byte);
        line = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quoted(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        quote(&mut out, bytes);
        out
    }

    #[test]
    fn quoting() {
        assert_eq!(quoted(b""), b"\"\"");
        assert_eq!(
            quoted(b"a b\\\"\n\r\t\x07\x08\x00\x1f\x7f\xff~'"),
            br#""a b\\\"\n\r\t\a\b\x00\x1f\x7f\xff~'""#
        );
        for plain in ["", "abc", "it's", "~!"] {
            assert!(!needs_quotes(plain.as_bytes()), "{plain}");
        }
        for special in ["a b", "\"", "\\", "\n", "\u{e4}"] {
            assert!(needs_quotes(special.as_bytes()), "{special}");
        }
    }

    #[test]
    fn splitting() {
        let yes: &[(&str, &[&str])] = &[
            ("", &[]),
            ("  \t\r\n", &[]),
            ("set a b", &["set", "a", "b"]),
            (" set \t a\r\n", &["set", "a"]),
            ("\"\" ''", &["", ""]),
            ("a\"b c\"d'e f'g", &["ab cde fg"]),
            (r#""\n\r\t\a\b\\\"\q\x41\x4\xZZ""#, &["\n\r\t\x07\x08\\\"qAx4xZZ"]),
            (r"'\n\'\\ '", &[r"\n'\\ "]),
            (r"a\nb", &[r"a\nb"]),
            ("a\x0bb \x0b\x0cc", &["a\x0bb", "c"]),
            ("a b\0 \"c", &["a", "b"]),
            (r#""\xc3\xa4""#, &["\u{e4}"]),
        ];
        for (line, words) in yes {
            let expected: Vec<Vec<u8>> = words.iter().map(|word| word.as_bytes().to_vec()).collect();
            assert_eq!(split_args(line.as_bytes()), Some(expected), "{line:?}");
        }
        for open in ["\"", "a \"b", "'", "'a\\'", r"'\\'", "\"a\\\"", "\"\\", "\"a\0\""] {
            assert_eq!(split_args(open.as_bytes()), None, "{open:?}");
        }
    }

    proptest! {
        #[test]
        fn quoted_words_come_back(words: Vec<Vec<u8>>) {
            let line = words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(&b' ');
            prop_assert_eq!(split_args(&line), Some(words));
        }

        #[test]
        fn what_needs_no_quotes_comes_back_bare(word in "[!-~]{1,20}") {
            prop_assume!(!needs_quotes(word.as_bytes()) && !word.contains('\''));
            prop_assert_eq!(split_args(word.as_bytes()), Some(vec![word.into_bytes()]));
        }

        #[test]
        fn any_line_ends_in_an_answer(line: Vec<u8>) {
            let words = split_args(&line).unwrap_or_default();
            prop_assert!(words.iter().map(Vec::len).sum::<usize>() <= line.len());
        }
    }
}

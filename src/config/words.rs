//! Small helpers for words of the configuration; how a line is cut into words and how they are quoted is
//! `base::escape`'s.

/// `text` up to its first NUL byte: what C string functions see of it.
pub(crate) fn until_nul(text: &[u8]) -> &[u8] {
    &text[..text.iter().position(|&byte| byte == 0).unwrap_or(text.len())]
}

/// `line` without the blanks around it.
pub(crate) fn trim(line: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let start = line.iter().take_while(|byte| blank(byte)).count();
    let end = line.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    &line[start..end]
}

/// `text` in double quotes.
pub(crate) fn quoted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    base::escape::quote(&mut out, text);
    out
}

/// `text` as one word: bare if it is one as it stands, and in double quotes if it is not.
pub(crate) fn word(text: &[u8]) -> Vec<u8> {
    let bare = !text.is_empty() && !text.contains(&b'\'') && !base::escape::needs_quotes(text);
    if bare { text.to_vec() } else { quoted(text) }
}

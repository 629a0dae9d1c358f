//! A command as bytes, the way that clients, append-only files and replicas write it: an array of bulk strings.
//!
//! ```text
//! *3\r\n  $3\r\nSET\r\n  $3\r\nkey\r\n  $5\r\nvalue\r\n
//! ```

use base::int;

/// Appends a command of these words.
pub fn push<'a>(out: &mut Vec<u8>, words: impl ExactSizeIterator<Item = &'a [u8]>) {
    push_count(out, b'*', words.len());
    words.for_each(|word| push_word(out, word));
}

/// Appends the beginning of a command of so many words, which are to follow.
pub fn push_head(out: &mut Vec<u8>, words: usize) {
    push_count(out, b'*', words);
}

/// Appends one word.
pub fn push_word(out: &mut Vec<u8>, word: &[u8]) {
    push_word_head(out, word.len());
    out.extend_from_slice(word);
    out.extend_from_slice(b"\r\n");
}

/// Appends the beginning of a word of so many bytes, which are to follow with the end of their line.
pub fn push_word_head(out: &mut Vec<u8>, len: usize) {
    push_count(out, b'$', len);
}

fn push_count(out: &mut Vec<u8>, mark: u8, count: usize) {
    out.push(mark);
    let mut digits = [0; int::MAX_TEXT];
    out.extend_from_slice(int::format_u64(count as u64, &mut digits));
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_command_is_an_array_of_bulk_strings() {
        let mut out = Vec::new();
        let words: [&[u8]; 3] = [b"SET", b"", b"a\r\nb"];
        super::push(&mut out, words.into_iter());
        assert_eq!(out, b"*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\r\nb\r\n");
    }
}

//! Glob patterns over bytes: KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET, ACL rules.
//!
//! ```text
//! *        any bytes, none included        [abc]  one of these        \x  the byte x itself
//! ?        any one byte                    [a-z]  one in this range   [^..]  one byte not in the class
//! ```
//!
//! Every element but `*` takes exactly one byte, so a failed match need only go back to the last `*` and let it take one
//! byte more: the work is at most text times pattern, whatever the pattern.
//!
//! Quirks kept from the reference: a class that is not closed ends with the pattern; a range may be written backwards;
//! bytes above 127 sort below the others in a range; an escaped byte in a class is compared as it is, even when case is
//! ignored; a lone `*` does not match the empty text; and no pattern passes more than 1000 groups of `*`.

const MAX_STARS: u32 = 1000;

/// Whether the whole of `text` matches `pattern`. With `nocase`, ASCII letters match either case.
pub fn matches(pattern: &[u8], text: &[u8], nocase: bool) -> bool {
    if text.is_empty() {
        return pattern.is_empty();
    }
    let (mut p, mut t) = (0, 0);
    let mut stars = 0;
    // Where to go on after a mismatch: the element behind the last `*`, and the first byte that `*` has not taken.
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            p = skip_stars(pattern, p);
            if p == pattern.len() {
                return true;
            }
            stars += 1;
            if stars > MAX_STARS {
                return false;
            }
            retry = Some((p, t));
        }
        match step(&pattern[p..], text[t], nocase) {
            Some(taken) => {
                p += taken;
                t += 1;
            }
            None => {
                let Some((behind, from)) = retry else { return false };
                (p, t) = (behind, from + 1);
                retry = Some((p, t));
            }
        }
    }
    skip_stars(pattern, p) == pattern.len()
}

fn skip_stars(pattern: &[u8], from: usize) -> usize {
    let stars = pattern[from..].iter().take_while(|&&byte| byte == b'*').count();
    from + stars
}

/// Matches the element at the start of `pattern`, which is no `*`, with one byte; the element's length if it matches.
#[inline]
fn step(pattern: &[u8], byte: u8, nocase: bool) -> Option<usize> {
    let (literal, len) = match pattern {
        [] => return None,
        [b'?', ..] => return Some(1),
        [b'[', class @ ..] => return class_matches(class, byte, nocase).map(|len| len + 1),
        [b'\\', literal, ..] => (*literal, 2),
        [literal, ..] => (*literal, 1),
    };
    same(literal, byte, nocase).then_some(len)
}

/// Matches a class, given without its `[`; its length, closing bracket included, if it matches.
fn class_matches(class: &[u8], byte: u8, nocase: bool) -> Option<usize> {
    let negated = class.first() == Some(&b'^');
    let mut at = usize::from(negated);
    let mut found = false;
    loop {
        match &class[at..] {
            [] => break,
            [b'\\', escaped, ..] => {
                found |= *escaped == byte;
                at += 2;
            }
            [b']', ..] => {
                at += 1;
                break;
            }
            [one, b'-', other, ..] => {
                found |= in_range(*one, *other, byte, nocase);
                at += 3;
            }
            [literal, ..] => {
                found |= same(*literal, byte, nocase);
                at += 1;
            }
        }
    }
    (found != negated).then_some(at)
}

fn in_range(one: u8, other: u8, byte: u8, nocase: bool) -> bool {
    let [one, other] = [one, other].map(u8::cast_signed);
    let fold = |byte: i8| if nocase { byte.cast_unsigned().to_ascii_lowercase().cast_signed() } else { byte };
    (fold(one.min(other))..=fold(one.max(other))).contains(&fold(byte.cast_signed()))
}

#[inline]
fn same(one: u8, other: u8, nocase: bool) -> bool {
    one == other || (nocase && one.eq_ignore_ascii_case(&other))
}

/// The bytes every match starts with: what stands before the first wildcard or escape.
pub fn literal_prefix(pattern: &[u8]) -> &[u8] {
    let end = pattern.iter().position(|byte| b"*?[\\".contains(byte));
    &pattern[..end.unwrap_or(pattern.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What a pattern means, said recursively: `*` takes nothing, or one byte and stays.
    fn model(pattern: &[u8], text: &[u8], nocase: bool) -> bool {
        match (pattern, text) {
            ([], _) => text.is_empty(),
            ([b'*', rest @ ..], []) => model(rest, text, nocase),
            ([b'*', rest @ ..], [_, tail @ ..]) => model(rest, text, nocase) || model(pattern, tail, nocase),
            (_, []) => false,
            (_, [byte, tail @ ..]) => {
                step(pattern, *byte, nocase).is_some_and(|len| model(&pattern[len..], tail, nocase))
            }
        }
    }

    #[test]
    fn elements() {
        let yes: &[(&str, &str)] = &[
            ("", ""),
            ("a*", "a"),
            ("a**b", "axxb"),
            ("*?", "x"),
            ("h[ae]llo", "hallo"),
            ("h[^e]llo", "hbllo"),
            ("h[a-b]llo", "hbllo"),
            ("[z-a]", "m"),
            ("[\\]]", "]"),
            ("[a-]", "_"),
            ("[ab", "b"),
            ("[^", "x"),
            ("[\\", "\\"),
            ("a\\*b", "a*b"),
            ("a\\", "a\\"),
            ("*[0-9]", "ab7"),
            ("*a*b*c", "xaxbxcabc"),
            ("[*]", "*"),
        ];
        for (pattern, text) in yes {
            assert!(matches(pattern.as_bytes(), text.as_bytes(), false), "{pattern} should match {text}");
        }
        let no: &[(&str, &str)] = &[
            ("*", ""),
            ("**", ""),
            ("?", ""),
            ("", "a"),
            ("a", "ab"),
            ("?", "ab"),
            ("[^", ""),
            ("[", "["),
            ("[]", "]"),
            ("[]a]", "]a]"),
            ("h[^e]llo", "hello"),
            ("a\\*b", "axb"),
            ("A", "a"),
        ];
        for (pattern, text) in no {
            assert!(
                !matches(pattern.as_bytes(), text.as_bytes(), false),
                "{pattern} should not match {text}"
            );
        }
    }

    #[test]
    fn ignoring_case_has_its_quirks() {
        assert!(matches(b"HeLLo*", b"hEllO!", true));
        assert!(matches(b"[A-C]", b"b", true));
        assert!(matches(b"[X]", b"x", true));
        assert!(!matches(b"[\\X]", b"x", true));
        assert!(!matches(b"[Z-a]", b"z", true), "the ends are ordered before they are folded");
    }

    #[test]
    fn high_bytes_sort_below() {
        assert!(matches(b"[\x80-a]", b"\xff", false));
        assert!(matches(b"[\x80-a]", b"A", false));
        assert!(!matches(b"[a-\x80]", b"b", false));
    }

    #[test]
    fn hostile_patterns_are_cheap_and_bounded() {
        let many = |stars: usize| [b"*a".repeat(stars), b"*".to_vec()].concat();
        assert!(matches(&many(1000), &b"a".repeat(1000), false));
        assert!(!matches(&many(1001), &b"a".repeat(1001), false));
        assert!(!matches(&[b"a*".repeat(900), b"b".to_vec()].concat(), &b"a".repeat(20_000), false));
    }

    proptest! {
        #[test]
        fn agrees_with_the_meaning(pattern in "[ab*?\\[\\]^\\\\-]{0,10}", text in "[abAB^-]{1,8}", nocase: bool) {
            let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
            prop_assert_eq!(matches(pattern, text, nocase), model(pattern, text, nocase));
        }

        #[test]
        fn any_bytes_end_in_an_answer(pattern: Vec<u8>, text: Vec<u8>, nocase: bool) {
            let found = matches(&pattern, &text, nocase);
            prop_assert!(!found || nocase || text.starts_with(literal_prefix(&pattern)));
        }

        #[test]
        fn an_escaped_text_matches_itself_alone(text: Vec<u8>, other: Vec<u8>) {
            let pattern: Vec<u8> = text.iter().flat_map(|&byte| [b'\\', byte]).collect();
            prop_assert!(matches(&pattern, &text, false));
            prop_assert_eq!(matches(&pattern, &other, false), other == text);
        }
    }
}

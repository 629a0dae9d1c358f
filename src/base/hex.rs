//! Bytes as hexadecimal text, and the 40-digit ids made of it (run ids, replication ids, node names).

use crate::rng::Rng;

/// How many digits an id has.
pub(crate) const ID_LEN: usize = 40;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Appends `bytes` as lower-case digits.
pub fn push(out: &mut Vec<u8>, bytes: &[u8]) {
    out.reserve(bytes.len() * 2);
    for &byte in bytes {
        out.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

/// The text of `bytes`, in lower case.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    push(&mut out, bytes);
    out.into_iter().map(char::from).collect()
}

/// The bytes that `text` spells, in either case; `None` if it has an odd length or any other byte.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let (pairs, odd) = text.as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

/// The value of one hexadecimal digit, in either case.
#[inline]
pub fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// A new id: 40 random lower-case digits.
pub fn random_id(rng: &mut Rng) -> [u8; ID_LEN] {
    let mut id = [0; ID_LEN];
    rng.fill(&mut id);
    id.map(|byte| DIGITS[usize::from(byte & 15)])
}

#[cfg(test)]
mod tests {
    use super::{DIGITS, Rng, decode, encode, random_id};
    use proptest::prelude::*;

    #[test]
    fn ids_are_lower_case_digits_and_differ() {
        let mut rng = Rng::seed(1);
        let [one, two] = [random_id(&mut rng), random_id(&mut rng)];
        assert_ne!(one, two);
        assert!(one.iter().all(|byte| DIGITS.contains(byte)));
    }

    proptest! {
        #[test]
        fn bytes_go_there_and_back(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert_eq!(&text, &bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
            prop_assert_eq!(decode(text.as_bytes()), Some(bytes.clone()));
            prop_assert_eq!(decode(text.to_uppercase().as_bytes()), Some(bytes));
        }

        #[test]
        fn anything_else_is_refused(text in "[0-9a-f]{0,6}[^0-9a-fA-F][0-9a-f]{0,6}") {
            prop_assert_eq!(decode(text.as_bytes()), None);
            prop_assert_eq!(decode(b"abc"), None);
        }
    }
}

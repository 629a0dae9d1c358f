//! Whether items that come from elsewhere all differ. What is told apart is what they are, not how they are written: a
//! number and its text are one.

use base::text::Text;
use std::cmp::Ordering;

/// Up to so many items are compared each with each, which needs no memory.
const FEW: usize = 16;

/// Whether all of these differ.
pub(crate) fn all_differ<'t>(items: impl Iterator<Item = Text<'t>> + Clone, count: usize) -> bool {
    if count <= FEW {
        let mut rest = items;
        while let Some(item) = rest.next() {
            if rest.clone().any(|other| order(item, other).is_eq()) {
                return false;
            }
        }
        return true;
    }
    let mut sorted: Vec<Text<'t>> = items.collect();
    sorted.sort_unstable_by(|one, other| order(*one, *other));
    sorted.windows(2).all(|pair| order(pair[0], pair[1]).is_ne())
}

/// Some order: numbers first, in whichever way they are written.
fn order(one: Text<'_>, other: Text<'_>) -> Ordering {
    match (one, other) {
        (Text::Bytes(one), Text::Bytes(other)) => one.cmp(other),
        (Text::Integer(one), Text::Integer(other)) => one.cmp(&other),
        (one, other) => match (one.integer(), other.integer()) {
            (Some(one), Some(other)) => one.cmp(&other),
            (one, other) => other.is_some().cmp(&one.is_some()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn as_a_set_of_their_bytes_would_have_it(
            numbers in prop::collection::vec((-40i64..40, any::<bool>()), 0..40),
            words in prop::collection::vec("[a-c]{0,3}", 0..10),
        ) {
            let texts: Vec<String> = numbers.iter().map(|(number, _)| number.to_string()).collect();
            let mut items: Vec<Text<'_>> = words.iter().map(|word| Text::Bytes(word.as_bytes())).collect();
            for ((number, as_text), text) in numbers.iter().zip(&texts) {
                items.push(if *as_text { Text::Bytes(text.as_bytes()) } else { Text::Integer(*number) });
            }
            let set: BTreeSet<Vec<u8>> = items.iter().map(Text::to_vec).collect();
            prop_assert_eq!(all_differ(items.iter().copied(), items.len()), set.len() == items.len());
        }
    }
}

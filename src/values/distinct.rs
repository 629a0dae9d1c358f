//! Whether items that come from elsewhere all differ. What is told apart is what they are, not how they are written: a
//! number and its text are one.

use base::int::MAX_TEXT;
use base::text::Text;
use std::cmp::Ordering;

/// Up to so many items are compared each with each, which needs no memory.
const FEW: usize = 16;

/// Whether all of these differ.
pub(crate) fn all_differ<'t>(items: impl Iterator<Item = Text<'t>> + Clone, count: usize) -> bool {
    if count <= FEW {
        let mut rest = items;
        while let Some(item) = rest.next() {
            if rest.clone().any(|other| item == other) {
                return false;
            }
        }
        return true;
    }
    let mut sorted: Vec<Text<'t>> = items.collect();
    sorted.sort_unstable_by(order);
    sorted.windows(2).all(|pair| pair[0] != pair[1])
}

/// The order of their bytes, for numbers too, so that those that are the same stand side by side.
fn order(one: &Text<'_>, other: &Text<'_>) -> Ordering {
    let (mut digits, mut others) = ([0; MAX_TEXT], [0; MAX_TEXT]);
    one.bytes(&mut digits).cmp(other.bytes(&mut others))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 256 }))]

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

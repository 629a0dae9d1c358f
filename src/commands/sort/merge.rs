//! Sorting by a comparison that nobody vouches for.
//!
//! The rules of a language, applied to bytes that may not even be text, need not amount to an order. The library's sort
//! may panic when it finds out; this one ends with something, equal items as they came.

use std::cmp::Ordering;

/// Sorts by merging: single items to pairs, pairs to fours, and so on.
pub(super) fn sort<T: Clone>(items: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let mut merged = Vec::with_capacity(items.len());
    let mut width = 1;
    while width < items.len() {
        for both in items.chunks(2 * width) {
            let (mut left, mut right) = both.split_at(width.min(both.len()));
            while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
                if compare(a, b).is_gt() {
                    merged.push(b.clone());
                    right = right_rest;
                } else {
                    merged.push(a.clone());
                    left = left_rest;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(items, &mut merged);
        merged.clear();
        width *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_library_does(items in prop::collection::vec((0u8..20, any::<u8>()), 0..200)) {
            let (mut sorted, mut expected) = (items.clone(), items);
            sort(&mut sorted, |a, b| a.0.cmp(&b.0));
            expected.sort_by_key(|item| item.0);
            prop_assert_eq!(sorted, expected);
        }
    }

    #[test]
    fn a_comparison_that_contradicts_itself_does_no_harm() {
        let mut items = Vec::from_iter(0..1000);
        sort(&mut items, |a, b| if (a * b) % 7 < 3 { Ordering::Greater } else { Ordering::Less });
        items.sort_unstable();
        assert!(items.into_iter().eq(0..1000));
    }
}

//! Numbers marked as bits: bit `b` of word `w` stands for the number `(base + w) * 64 + b`. The first word and the last
//! have marks.

const SHIFT: u32 = 6;
const LOW: i64 = 63;

/// The word that a number is marked in, if words began at zero.
#[inline]
pub(super) fn word_of(number: i64) -> i64 {
    number >> SHIFT
}

/// How many words hold the marks of all numbers between two.
#[inline]
pub(super) fn words_between(least: i64, most: i64) -> usize {
    (word_of(most) - word_of(least) + 1) as usize
}

/// The mark of a number in its word.
#[inline]
pub(super) fn mark_of(number: i64) -> u64 {
    1 << (number & LOW)
}

/// A look at marked numbers.
#[derive(Clone, Copy)]
pub(super) struct Marked<'a> {
    base: i64,
    words: &'a [u64],
}

impl<'a> Marked<'a> {
    #[inline]
    pub(super) fn new(base: i64, words: &'a [u64]) -> Marked<'a> {
        Marked { base, words }
    }

    /// The first word.
    #[inline]
    pub(super) fn first(self) -> u64 {
        self.words.first().copied().unwrap_or(0)
    }

    #[inline]
    fn number(self, word: usize, bit: u32) -> i64 {
        (self.base + word as i64) << SHIFT | i64::from(bit)
    }

    /// The index of the word that has a number's mark, if it were there.
    #[inline]
    pub(super) fn index_of(self, number: i64) -> Option<usize> {
        let index = usize::try_from(word_of(number) - self.base).ok()?;
        (index < self.words.len()).then_some(index)
    }

    #[inline]
    pub(super) fn contains(self, number: i64) -> bool {
        self.index_of(number).is_some_and(|index| self.words[index] & mark_of(number) != 0)
    }

    /// Number `index` from the least, if there are so many.
    pub(super) fn get(self, index: usize) -> Option<i64> {
        let mut before = index;
        for (at, &word) in self.words.iter().enumerate() {
            let here = word.count_ones() as usize;
            if before < here {
                let rest = (0..before).fold(word, |word, _| word & (word - 1));
                return Some(self.number(at, rest.trailing_zeros()));
            }
            before -= here;
        }
        None
    }

    /// The least and the greatest, none if a mark was taken out of the first word or the last and none is left there.
    #[inline]
    pub(super) fn ends(self) -> Option<(i64, i64)> {
        let (&first, &last) = (self.words.first()?, self.words.last()?);
        if first == 0 || last == 0 {
            return None;
        }
        let most = self.number(self.words.len() - 1, u64::BITS - 1 - last.leading_zeros());
        Some((self.number(0, first.trailing_zeros()), most))
    }

    /// The next number whose mark stands in word `at`, of which `left` is left, or behind it.
    #[inline]
    pub(super) fn next(self, at: &mut usize, left: &mut u64) -> Option<i64> {
        while *left == 0 {
            *left = *self.words.get(*at + 1)?;
            *at += 1;
        }
        let number = self.number(*at, left.trailing_zeros());
        *left &= *left - 1;
        Some(number)
    }

    pub(super) fn check_invariants(self) {
        assert!(self.ends().is_some(), "there are marks in the first word and in the last");
    }
}

//! Parts of a sorted set, as commands name them: by ranks, by scores, or by names.

/// The members from one end to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds<'a> {
    /// Those of the ranks from the first to the last, both included; negative ones count from the end, -1 being the last.
    Ranks(i64, i64),
    /// Those whose scores lie between two.
    Scores(ScoreEnd, ScoreEnd),
    /// Those whose names lie between two, where all scores are equal. Where they are not, nothing is promised.
    Names(NameEnd<'a>, NameEnd<'a>),
}

/// An end of a range of scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreEnd {
    /// The score.
    pub score: f64,
    /// Whether it does not belong to the range itself.
    pub open: bool,
}

/// An end of a range of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameEnd<'a> {
    /// Before all names.
    Lowest,
    /// Behind all names.
    Highest,
    /// At a name that belongs to the range.
    At(&'a [u8]),
    /// At a name that does not.
    Beyond(&'a [u8]),
}

impl ScoreEnd {
    /// Whether a score lies before a range that begins here.
    #[inline]
    pub(super) fn starts_behind(self, score: f64) -> bool {
        if self.open { score <= self.score } else { score < self.score }
    }

    /// Whether a score lies before the end of a range that ends here, or is its last.
    #[inline]
    pub(super) fn ends_behind(self, score: f64) -> bool {
        if self.open { score < self.score } else { score <= self.score }
    }
}

impl NameEnd<'_> {
    /// Whether a name lies before a range that begins here.
    #[inline]
    pub(super) fn starts_behind(self, name: &[u8]) -> bool {
        match self {
            NameEnd::Lowest => false,
            NameEnd::Highest => true,
            NameEnd::At(first) => name < first,
            NameEnd::Beyond(first) => name <= first,
        }
    }

    /// Whether a name lies before the end of a range that ends here, or is its last.
    #[inline]
    pub(super) fn ends_behind(self, name: &[u8]) -> bool {
        match self {
            NameEnd::Lowest => false,
            NameEnd::Highest => true,
            NameEnd::At(last) => name <= last,
            NameEnd::Beyond(last) => name < last,
        }
    }
}

/// The ranks that two numbers name in a sorted set of so many members.
pub(super) fn ranks(first: i64, last: i64, len: usize) -> std::ops::Range<usize> {
    let count = len as i64;
    let from_start = |rank: i64| if rank < 0 { rank.saturating_add(count) } else { rank };
    let first = from_start(first).clamp(0, count) as usize;
    let end = from_start(last).saturating_add(1).clamp(0, count) as usize;
    first..end.max(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_count_from_either_end() {
        assert_eq!(ranks(0, -1, 3), 0..3);
        assert_eq!(ranks(-2, -2, 3), 1..2);
        assert_eq!(ranks(2, 1, 3), 2..2);
        assert_eq!(ranks(-100, 100, 3), 0..3);
        assert_eq!(ranks(5, 9, 3), 3..3);
        assert_eq!(ranks(i64::MIN, i64::MAX, 3), 0..3);
        assert_eq!(ranks(i64::MAX, i64::MIN, 3), 3..3);
    }
}

//! Looking at lists.

use super::reply_item;
use crate::{CommandError, Ctx, Done, parse};
use base::text::Text;
use conn::Args;
use keyspace::values::List;
use keyspace::values::list::End;
use resp::Reply;
use std::ops::{ControlFlow, Range};

/// `LLEN key`
pub fn llen(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    cx.view::<List, _>(&key, |list, reply| reply.integer(list.map_or(0, List::len) as i64))?;
    Ok(Done::Replied)
}

/// The index that a number counted from either end means.
pub(super) fn index(number: i64, len: usize) -> Option<usize> {
    let index = if number < 0 { number.checked_add_unsigned(len as u64)? } else { number };
    usize::try_from(index).ok().filter(|index| *index < len)
}

/// The indexes from one to another, both included and counted from either end, as far as there are items.
pub(super) fn range(start: i64, stop: i64, len: usize) -> Range<usize> {
    let absolute = |number: i64| if number < 0 { number.saturating_add_unsigned(len as u64) } else { number };
    let start = usize::try_from(absolute(start)).unwrap_or(0);
    let end = usize::try_from(absolute(stop).saturating_add(1)).unwrap_or(0).min(len);
    if start < end { start..end } else { 0..0 }
}

/// `LINDEX key index`
pub fn lindex(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let number = parse::integer(args.at(2));
    cx.view::<List, _>(&key, |list, reply| {
        let Some(list) = list else {
            reply.null();
            return Ok(Done::Replied);
        };
        match index(number?, list.len()) {
            Some(index) => list.show(index, 1, End::Tail, |item| reply_item(reply, item)),
            None => reply.null(),
        }
        Ok(Done::Replied)
    })?
}

/// `LRANGE key start stop`
pub fn lrange(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (start, stop) = (parse::integer(args.at(2))?, parse::integer(args.at(3))?);
    let key = cx.key(&args, 1);
    cx.view::<List, _>(&key, |list, reply| match list {
        None => reply.array(0),
        Some(list) => {
            let range = range(start, stop, list.len());
            reply.array(range.len());
            list.show(range.start, range.len(), End::Tail, |item| reply_item(reply, item));
        }
    })?;
    Ok(Done::Replied)
}

/// What LPOS is asked for.
struct Search {
    towards: End,
    /// The first match that counts, from one.
    rank: u64,
    /// How many matches are wanted, 0 being all; one, not in an array, if `None`.
    count: Option<usize>,
    /// How many items are looked at; 0 is all.
    most: usize,
}

impl Search {
    fn parse(args: Args<'_>) -> Result<Search, CommandError> {
        let mut search = Search { towards: End::Tail, rank: 1, count: None, most: 0 };
        let mut at = 3;
        while at < args.len() {
            let Some(value) = args.get(at + 1) else { return Err(CommandError::SYNTAX) };
            let word = args.at(at);
            if parse::is(word, "rank") {
                let rank = parse::integer_within(value, -i64::MAX, i64::MAX)?;
                if rank == 0 {
                    return Err(CommandError::of(
                        "RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use \
                         negative to start from the end of the list",
                    ));
                }
                search.towards = if rank < 0 { End::Head } else { End::Tail };
                search.rank = rank.unsigned_abs();
            } else if parse::is(word, "count") {
                search.count = Some(parse::count(value, "COUNT can't be negative")?);
            } else if parse::is(word, "maxlen") {
                search.most = parse::count(value, "MAXLEN can't be negative")?;
            } else {
                return Err(CommandError::SYNTAX);
            }
            at += 2;
        }
        Ok(search)
    }

    /// Shows the index of each match that is asked for.
    fn run(&self, list: &List, sought: Text<'_>, mut show: impl FnMut(usize)) {
        let len = list.len();
        let (mut seen, mut matches) = (0, 0);
        let wanted = self.count.unwrap_or(1);
        let from = if self.towards == End::Tail { 0 } else { len.wrapping_sub(1) };
        let _ = list.walk(from, self.towards, |item| {
            if is_same(item, sought) {
                matches += 1;
                if matches >= self.rank {
                    show(if self.towards == End::Tail { seen } else { len - 1 - seen });
                    if wanted > 0 && matches - self.rank + 1 >= wanted as u64 {
                        return ControlFlow::Break(());
                    }
                }
            }
            seen += 1;
            if seen == self.most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }
}

/// Whether two items, each kept as a number if it is the text of one, are equal.
#[inline]
fn is_same(a: Text<'_>, b: Text<'_>) -> bool {
    match (a, b) {
        (Text::Integer(a), Text::Integer(b)) => a == b,
        (Text::Bytes(a), Text::Bytes(b)) => a == b,
        _ => false,
    }
}

/// `LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]`
pub fn lpos(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let search = Search::parse(args)?;
    let (key, sought) = (cx.key(&args, 1), Text::of(args.at(2)));
    cx.view::<List, _>(&key, |list, reply| match search.count {
        Some(_) => reply_all(list, &search, sought, reply),
        None => {
            let mut found = None;
            list.into_iter().for_each(|list| search.run(list, sought, |index| found = Some(index)));
            match found {
                Some(index) => reply.integer(index as i64),
                None => reply.null(),
            }
        }
    })?;
    Ok(Done::Replied)
}

fn reply_all(list: Option<&List>, search: &Search, sought: Text<'_>, reply: &mut Reply<'_>) {
    let place = reply.array_deferred();
    let mut count = 0;
    if let Some(list) = list {
        search.run(list, sought, |index| {
            reply.integer(index as i64);
            count += 1;
        });
    }
    reply.set_array(&place, count);
}

#[cfg(test)]
mod tests {
    use super::{index, range};

    #[test]
    fn numbers_count_from_either_end() {
        assert_eq!(
            [0, 2, 3, -1, -3, -4, i64::MIN].map(|number| index(number, 3)),
            [Some(0), Some(2), None, Some(2), Some(0), None, None]
        );
        let cases = [
            (0, -1, 0..3),
            (1, 1, 1..2),
            (-2, 100, 1..3),
            (-100, 0, 0..1),
            (2, 1, 0..0),
            (3, 9, 0..0),
            (0, -4, 0..0),
            (i64::MIN, i64::MAX, 0..3),
            (i64::MAX, i64::MIN, 0..0),
        ];
        for (start, stop, expected) in cases {
            assert_eq!(range(start, stop, 3), expected, "{start} {stop}");
        }
        assert_eq!(range(0, -1, 0), 0..0);
    }
}

//! Lists: items in order, added and taken at both ends.

mod edit;
mod ends;
mod multi;
mod read;
#[cfg(test)]
mod tests;
mod transfer;

pub use edit::{linsert, lrem, lset, ltrim};
pub use ends::{lpop, lpush, lpushx, rpop, rpush, rpushx};
pub use multi::{blmpop, blpop, brpop, lmpop};
pub use read::{lindex, llen, lpos, lrange};
pub use transfer::{blmove, brpoplpush, lmove, rpoplpush};

use crate::{CommandError, Ctx, Open, parse};
use base::text::Text;
use keyspace::tables::Place;
use keyspace::values::list::End;
use keyspace::values::{List, Rules};
use resp::Reply;

/// An end, as an argument names it.
fn end(word: &[u8]) -> Result<End, CommandError> {
    if parse::is(word, "left") {
        Ok(End::Head)
    } else if parse::is(word, "right") {
        Ok(End::Tail)
    } else {
        Err(CommandError::SYNTAX)
    }
}

/// The event of adding at an end.
fn pushed(end: End) -> &'static str {
    match end {
        End::Head => "lpush",
        End::Tail => "rpush",
    }
}

/// The event of taking from an end.
fn popped(end: End) -> &'static str {
    match end {
        End::Head => "lpop",
        End::Tail => "rpop",
    }
}

/// Replies with an item.
#[inline]
pub(crate) fn reply_item(reply: &mut Reply<'_>, item: Text<'_>) {
    match item {
        Text::Integer(number) => reply.bulk_integer(number),
        Text::Bytes(bytes) => reply.bulk(bytes),
    }
}

/// Changes the list at a place.
#[inline]
fn change<'a, R>(
    cx: &mut Ctx<'a>,
    place: Place,
    change: impl FnOnce(&mut List, &Rules, &mut Reply<'a>) -> R,
) -> R {
    let Open { mut value, reply, rules, .. } = cx.open::<List>(place);
    let result = change(&mut value, rules, reply);
    let compresses = value.is_compressing();
    drop(value);
    if compresses {
        compress(cx, place);
    }
    result
}

#[cold]
fn compress(cx: &mut Ctx<'_>, place: Place) {
    let record = cx.data.databases[cx.caller.database].tables.get_mut(place);
    if let Some(mut list) = record.open::<List>() {
        list.compress(cx.lzf);
    }
}

/// Takes `count` items, which are there, from an end, showing them one after the other as they are taken.
fn take(list: &mut List, end: End, count: usize, rules: &Rules, mut show: impl FnMut(Text<'_>)) {
    match count {
        1 => {
            list.peek(end).into_iter().for_each(show);
            list.pop(end);
        }
        _ => {
            let len = list.len();
            let (from, towards, start) = match end {
                End::Head => (0, End::Tail, 0),
                End::Tail => (len - 1, End::Head, len - count),
            };
            list.show(from, count, towards, &mut show);
            list.remove(start, count);
        }
    }
    list.shrink(rules);
}

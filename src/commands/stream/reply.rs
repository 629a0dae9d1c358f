//! Entries as replies.

use base::int;
use base::text::Text;
use keyspace::values::stream::{Entry, Id};
use resp::Reply;

/// An ID.
#[inline]
pub(super) fn id(reply: &mut Reply<'_>, id: Id) {
    reply.bulk(&id.text());
}

/// An entry: its ID, and its fields and values in one array.
#[inline]
pub(super) fn entry(reply: &mut Reply<'_>, entry: Entry<'_>) {
    reply.array(2);
    id(reply, entry.id);
    reply.array(2 * entry.pairs.len());
    for (field, value) in entry.pairs {
        text(reply, field);
        text(reply, value);
    }
}

#[inline]
fn text(reply: &mut Reply<'_>, text: Text<'_>) {
    reply.bulk(text.bytes(&mut [0; int::MAX_TEXT]));
}

/// An array of entries, so many at most if that is not 0. Calls `each` with the ID of each. Answers how many they were.
pub(super) fn entries<'e>(
    reply: &mut Reply<'_>,
    entries: impl Iterator<Item = Entry<'e>>,
    most: u64,
    mut each: impl FnMut(Id),
) -> usize {
    let head = reply.array_deferred();
    let mut count = 0;
    for one in entries {
        let id = one.id;
        entry(reply, one);
        each(id);
        count += 1;
        if count as u64 == most {
            break;
        }
    }
    reply.set_array(&head, count);
    count
}

/// A number that may not be known.
pub(super) fn number(reply: &mut Reply<'_>, number: Option<i64>) {
    match number {
        Some(number) => reply.integer(number),
        None => reply.null(),
    }
}

//! Taking from one list and adding to another, which may be the same.

use super::{change, end, popped, pushed};
use crate::ctx::{InVain, Wait};
use crate::{CommandError, Ctx, Done, parse};
use base::text::Text;
use conn::Args;
use keyspace::Key;
use keyspace::values::list::End;
use keyspace::values::{Kind, List};

/// `LMOVE source destination LEFT | RIGHT LEFT | RIGHT`
pub fn lmove(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (from, to) = (end(args.at(3))?, end(args.at(4))?);
    if !transfer(cx, args, from, to)? {
        cx.reply.null();
    }
    Ok(Done::Replied)
}

/// `RPOPLPUSH source destination`
pub fn rpoplpush(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    if !transfer(cx, args, End::Tail, End::Head)? {
        cx.reply.null();
    }
    Ok(Done::Replied)
}

/// `BLMOVE source destination LEFT | RIGHT LEFT | RIGHT timeout`
pub fn blmove(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (from, to) = (end(args.at(3))?, end(args.at(4))?);
    let timeout = parse::timeout(args.at(5), cx.now)?;
    if !transfer(cx, args, from, to)? {
        return wait(cx, timeout);
    }
    cx.replicate_as(&[b"LMOVE", args.at(1), args.at(2), args.at(3), args.at(4)]);
    Ok(Done::Replied)
}

/// `BRPOPLPUSH source destination timeout`
pub fn brpoplpush(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let timeout = parse::timeout(args.at(3), cx.now)?;
    if !transfer(cx, args, End::Tail, End::Head)? {
        return wait(cx, timeout);
    }
    cx.replicate_as(&[b"RPOPLPUSH", args.at(1), args.at(2)]);
    Ok(Done::Replied)
}

/// Quirk of the reference: who must not wait is told that there is no item, who has waited that there is no array.
fn wait(cx: &mut Ctx<'_>, timeout: Option<i64>) -> Result<Done, CommandError> {
    if cx.caller.must_not_block {
        cx.reply.null();
        return Ok(Done::Replied);
    }
    cx.block(Wait {
        keys: 1..2,
        kind: Kind::List,
        even_if_gone: false,
        timeout,
        in_vain: InVain::NullArray,
        rewritten: Vec::new(),
    })
}

/// Moves an item and replies with it. Answers whether there was one.
fn transfer(cx: &mut Ctx<'_>, args: Args<'_>, from: End, to: End) -> Result<bool, CommandError> {
    let (source, destination) = (cx.key(&args, 1), cx.key(&args, 2));
    if cx.place_of::<List>(&source)?.is_none() {
        return Ok(false);
    }
    cx.place_of::<List>(&destination)?;
    // Each step may move records, so the source is sought again.
    let Some(place) = cx.db().tables.locate(&source) else { return Ok(false) };

    let (item, weightless) = change(cx, place, |list, _, _| {
        let item = list.peek(from).map_or((Vec::new(), false), |item| {
            (item.to_vec(), matches!(item, Text::Integer(_)) && list.is_quick())
        });
        list.pop(from);
        item
    });
    add(cx, &destination, &item, to, weightless)?;

    cx.changed(&source, popped(from), 1);
    if let Some(place) = cx.db().tables.locate(&source) {
        change(cx, place, |list, rules, _| list.shrink(rules));
        cx.close::<List>(&source, place);
    }
    cx.reply.bulk(&item);
    Ok(true)
}

/// Adds an item to a list, which is made if it is not there. Quirk of the reference: the length of a number that comes from a
/// quicklist does not count when it is asked whether a listpack can take it.
fn add(cx: &mut Ctx<'_>, key: &Key<'_>, item: &[u8], end: End, weightless: bool) -> Result<(), CommandError> {
    let place = cx.place_or_new(key, |_| List::new())?;
    change(cx, place, |list, rules, _| {
        list.expect(1, if weightless { 0 } else { item.len() }, rules);
        list.push(end, Text::of(item), rules);
    });
    cx.changed(key, pushed(end), 0);
    Ok(())
}

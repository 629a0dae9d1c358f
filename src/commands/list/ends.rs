//! Adding at an end and taking from it.

use super::{change, popped, pushed, reply_item, take};
use crate::{CommandError, Ctx, Done, parse};
use base::text::Text;
use conn::Args;
use keyspace::values::List;
use keyspace::values::list::End;

/// `LPUSH key element [element ...]`
pub fn lpush(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    push(cx, args, End::Head, false)
}

/// `RPUSH key element [element ...]`
pub fn rpush(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    push(cx, args, End::Tail, false)
}

/// `LPUSHX key element [element ...]`
pub fn lpushx(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    push(cx, args, End::Head, true)
}

/// `RPUSHX key element [element ...]`
pub fn rpushx(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    push(cx, args, End::Tail, true)
}

#[inline]
fn push(cx: &mut Ctx<'_>, args: Args<'_>, end: End, only_if_there: bool) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let place = match only_if_there {
        false => cx.place_or_new(&key, |_| List::new())?,
        true => match cx.place_of::<List>(&key)? {
            Some(place) => place,
            None => {
                cx.reply.integer(0);
                return Ok(Done::Replied);
            }
        },
    };

    let items = args.from(2);
    let count = items.len();
    let len = change(cx, place, |list, rules, _| {
        list.expect(count, args.from(2).map(<[u8]>::len).sum(), rules);
        items.for_each(|item| list.push(end, Text::of(item), rules));
        list.len()
    });
    cx.changed(&key, pushed(end), count as u64);

    cx.reply.integer(len as i64);
    Ok(Done::Replied)
}

/// `LPOP key [count]`
pub fn lpop(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    pop(cx, args, End::Head)
}

/// `RPOP key [count]`
pub fn rpop(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    pop(cx, args, End::Tail)
}

#[inline]
fn pop(cx: &mut Ctx<'_>, args: Args<'_>, end: End) -> Result<Done, CommandError> {
    if args.len() > 3 {
        return Err(CommandError::arity(popped(end)));
    }
    let count = args.get(2).map(|text| parse::count(text, parse::NOT_POSITIVE)).transpose()?;

    let key = cx.key(&args, 1);
    let Some(place) = cx.place_of::<List>(&key)? else {
        match count {
            Some(_) => cx.reply.null_array(),
            None => cx.reply.null(),
        }
        return Ok(Done::Replied);
    };
    if count == Some(0) {
        cx.reply.array(0);
        return Ok(Done::Replied);
    }
    let taken = change(cx, place, |list, rules, reply| {
        let taken = count.unwrap_or(1).min(list.len());
        if count.is_some() {
            reply.array(taken);
        }
        take(list, end, taken, rules, |item| reply_item(reply, item));
        taken
    });
    cx.changed(&key, popped(end), taken as u64);
    cx.close::<List>(&key, place);
    Ok(Done::Replied)
}

//! Changing lists between their ends.

use super::change;
use super::read::{index, range};
use crate::{CommandError, Ctx, Done, parse};
use base::text::Text;
use conn::Args;
use keyspace::values::List;
use keyspace::values::list::{End, Place};
use structures::pack::Needle;

/// `LSET key index element`
pub fn lset(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let place = cx.place_of::<List>(&key)?.ok_or(CommandError::NO_SUCH_KEY)?;
    let number = parse::integer(args.at(2))?;

    change(cx, place, |list, rules, _| {
        // As in the reference, the list makes room for the item before it is known whether it comes.
        list.expect(1, args.at(3).len(), rules);
        // Quirk of the reference: of the index only the low 32 bits count.
        let index = index(i64::from(number as i32), list.len()).ok_or(CommandError::INDEX_OUT_OF_RANGE)?;
        list.replace(index, Text::of(args.at(3)), rules);
        list.shrink(rules);
        Ok(())
    })?;
    cx.changed(&key, "lset", 1);

    cx.reply.ok();
    Ok(Done::Replied)
}

/// `LINSERT key BEFORE | AFTER pivot element`
pub fn linsert(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let beside = match args.at(2) {
        word if parse::is(word, "after") => Place::Behind,
        word if parse::is(word, "before") => Place::Before,
        _ => return Err(CommandError::SYNTAX),
    };
    let key = cx.key(&args, 1);
    let Some(place) = cx.place_of::<List>(&key)? else {
        cx.reply.integer(0);
        return Ok(Done::Replied);
    };

    let len = change(cx, place, |list, rules, _| {
        // As in the reference, the list makes room for the item before it is known whether it comes.
        list.expect(1, args.at(4).len(), rules);
        let pivot = list.find(0, &Needle::new(args.at(3)))?;
        list.insert(beside(pivot), Text::of(args.at(4)), rules);
        Some(list.len())
    });
    if len.is_some() {
        cx.changed(&key, "linsert", 1);
    }

    cx.reply.integer(len.map_or(-1, |len| len as i64));
    Ok(Done::Replied)
}

/// `LREM key count element`
pub fn lrem(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let count = parse::integer_within(args.at(2), -i64::MAX, i64::MAX)?;
    let key = cx.key(&args, 1);
    let Some(place) = cx.place_of::<List>(&key)? else {
        cx.reply.integer(0);
        return Ok(Done::Replied);
    };

    let from = if count < 0 { End::Tail } else { End::Head };
    let most = if count == 0 { usize::MAX } else { count.unsigned_abs() as usize };
    let removed = change(cx, place, |list, rules, _| {
        let removed = list.remove_equal(Text::of(args.at(3)), from, most);
        if removed > 0 {
            list.shrink(rules);
        }
        removed
    });
    if removed > 0 {
        cx.changed(&key, "lrem", removed as u64);
        cx.close::<List>(&key, place);
    }

    cx.reply.integer(removed as i64);
    Ok(Done::Replied)
}

/// `LTRIM key start stop`
pub fn ltrim(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (start, stop) = (parse::integer(args.at(2))?, parse::integer(args.at(3))?);
    let key = cx.key(&args, 1);
    if let Some(place) = cx.place_of::<List>(&key)? {
        let removed = change(cx, place, |list, rules, _| {
            let len = list.len();
            let kept = range(start, stop, len);
            list.remove(kept.end, len - kept.end);
            list.remove(0, kept.start);
            list.shrink(rules);
            len - kept.len()
        });
        match removed {
            0 => cx.noted(&key, "ltrim", 0),
            _ => cx.changed(&key, "ltrim", removed as u64),
        }
        cx.close::<List>(&key, place);
    }
    cx.reply.ok();
    Ok(Done::Replied)
}

//! Members of one set: added, removed, moved, asked for, listed.

use super::reply_member;
use crate::{CommandError, Ctx, Done, scan};
use base::text::Text;
use conn::Args;
use keyspace::Kind;
use keyspace::values::Set;

/// `SADD key member [member ...]`
pub fn sadd(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let count = args.len() - 2;

    let place = cx.place_or_new(&key, |rules| Set::for_members(args.at(2), count, rules))?;
    let mut open = cx.open::<Set>(place);
    open.value.expect(count, open.rules);
    let added =
        (2..args.len()).filter(|&index| open.value.add(Text::Bytes(args.at(index)), open.rules)).count();
    drop(open);

    if added > 0 {
        cx.changed(&key, "sadd", added as u64);
    }
    cx.reply.integer(added as i64);
    Ok(Done::Replied)
}

/// `SREM key member [member ...]`
pub fn srem(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let Some(place) = cx.place_of::<Set>(&key)? else {
        cx.reply.integer(0);
        return Ok(Done::Replied);
    };

    let mut open = cx.open::<Set>(place);
    let removed = (2..args.len()).filter(|&index| open.value.remove(Text::Bytes(args.at(index)))).count();
    drop(open);

    if removed > 0 {
        cx.changed(&key, "srem", removed as u64);
        cx.close::<Set>(&key, place);
    }
    cx.reply.integer(removed as i64);
    Ok(Done::Replied)
}

/// `SMOVE source destination member`
pub fn smove(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let (source, target) = (cx.key(&args, 1), cx.key(&args, 2));
    let member = Text::Bytes(args.at(3));
    let (there, _) = (cx.write(&source).is_some(), cx.write(&target));
    // Only now, as the source may have moved if the target's time had come.
    let place = cx.peek(&source).filter(|_| there);
    let Some(place) = cx.expect_kind(place, Kind::Set)? else {
        cx.reply.integer(0);
        return Ok(Done::Replied);
    };
    let aim = cx.peek(&target);
    cx.expect_kind(aim, Kind::Set)?;

    let same = source.name == target.name;
    let moved = match same {
        true => cx.value::<Set>(place).contains(member),
        false => cx.open::<Set>(place).value.remove(member),
    };
    if moved && !same {
        cx.changed(&source, "srem", 1);
        cx.close::<Set>(&source, place);
        let place = cx.place_or_new(&target, |rules| Set::for_members(args.at(3), 1, rules))?;
        let mut open = cx.open::<Set>(place);
        let added = open.value.add(member, open.rules);
        drop(open);
        if added {
            cx.changed(&target, "sadd", 1);
        }
    }

    cx.reply.integer(moved.into());
    Ok(Done::Replied)
}

/// `SISMEMBER key member`
pub fn sismember(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    cx.view::<Set, _>(&key, |set, reply| {
        reply.integer(set.is_some_and(|set| set.contains(Text::Bytes(args.at(2)))).into());
    })?;
    Ok(Done::Replied)
}

/// `SMISMEMBER key member [member ...]`
pub fn smismember(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    cx.view::<Set, _>(&key, |set, reply| {
        reply.array(args.len() - 2);
        for index in 2..args.len() {
            reply.integer(set.is_some_and(|set| set.contains(Text::Bytes(args.at(index)))).into());
        }
    })?;
    Ok(Done::Replied)
}

/// `SCARD key`
pub fn scard(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    cx.view::<Set, _>(&key, |set, reply| reply.integer(set.map_or(0, Set::len) as i64))?;
    Ok(Done::Replied)
}

/// `SMEMBERS key`
pub fn smembers(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    cx.view::<Set, _>(&key, |set, reply| {
        reply.set(set.map_or(0, Set::len));
        for member in set.into_iter().flat_map(Set::iter) {
            reply_member(reply, member);
        }
    })?;
    Ok(Done::Replied)
}

/// `SSCAN key cursor [MATCH pattern] [COUNT count]`
pub fn sscan(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    scan::collection::<Set>(cx, args, |set, cursor, options, found| {
        options.walk(cursor, |cursor, seen| {
            set.scan(cursor, |member| {
                *seen += 1;
                let mut digits = Default::default();
                let name = member.bytes(&mut digits);
                if options.passes(name) {
                    found.push(name);
                }
            })
        })
    })
}

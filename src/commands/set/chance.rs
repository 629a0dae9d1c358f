//! Members by chance: SPOP, which takes them out, and SRANDMEMBER, which does not.

use super::reply_member;
use crate::effects::removal;
use crate::{CommandError, Ctx, Done, Open, parse};
use base::rng::Rng;
use base::text::Text;
use conn::Args;
use keyspace::Key;
use keyspace::tables::Place;
use keyspace::values::Set;
use resp::Reply;

/// How many members a command names at most that repeats a SPOP elsewhere.
const REPEATED_AT_ONCE: usize = 1024;

/// `SPOP key [count]`
pub fn spop(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    match args.len() {
        2 => spop_one(cx, args),
        3 => spop_many(cx, args),
        _ => Err(CommandError::SYNTAX),
    }
}

fn spop_one(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let Some(place) = cx.place_of::<Set>(&key)? else {
        cx.reply.null();
        return Ok(Done::Replied);
    };

    let recording = cx.effects.recording;
    let Open { mut value, reply, rng, .. } = cx.open::<Set>(place);
    let popped = value.pop(rng, |member| {
        reply_member(reply, member);
        recording.then(|| member.to_vec())
    });
    drop(value);

    cx.changed(&key, "spop", 1);
    if let Some(member) = popped.flatten() {
        cx.replicate_as(&[b"SREM", key.name, &member]);
    }
    cx.close::<Set>(&key, place);
    Ok(Done::Replied)
}

fn spop_many(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let count = parse::count(args.at(2), parse::NOT_POSITIVE)?;
    let key = cx.key(&args, 1);
    let place = cx.place_of::<Set>(&key)?;
    match place {
        Some(place) if count > 0 => take(cx, &key, place, count),
        _ => cx.reply.set(0),
    }
    Ok(Done::Replied)
}

/// Takes `count` members out and replies with them: all, if there are no more.
fn take(cx: &mut Ctx<'_>, key: &Key<'_>, place: Place, count: usize) {
    let len = cx.value::<Set>(place).len();
    let recording = cx.effects.recording;
    cx.changed(key, "spop", count.min(len) as u64);
    let mut gone = Vec::new();
    let Open { mut value, reply, rules, rng, .. } = cx.open::<Set>(place);
    reply.set(count.min(len));
    if count >= len {
        value.iter().for_each(|member| reply_member(reply, member));
    } else {
        value.pop_many(count, rules, rng, |member| {
            reply_member(reply, member);
            if recording {
                gone.push(member.to_vec());
            }
        });
    }
    drop(value);

    if count >= len {
        let lazily = cx.settings.lazy_server_del;
        cx.remove(place, lazily);
        cx.changed(key, "del", 0);
        cx.replicate_as(&[removal(lazily), key.name]);
    }
    for members in gone.chunks(REPEATED_AT_ONCE) {
        let words: Vec<&[u8]> =
            [&b"SREM"[..], key.name].into_iter().chain(members.iter().map(Vec::as_slice)).collect();
        cx.replicate_as(&words);
    }
}

/// `SRANDMEMBER key [count]`: different members, or, if the count is negative, members that may come again.
pub fn srandmember(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let count = match args.len() {
        2 => None,
        3 => Some(parse::integer(args.at(2))?),
        _ => return Err(CommandError::SYNTAX),
    };
    if count == Some(i64::MIN) {
        let (least, most) = (-i64::MAX, i64::MAX);
        return Err(CommandError::of(format!(
            "value is out of range, value must between {least} and {most}"
        )));
    }
    let key = cx.key(&args, 1);
    let place = cx.read_place_of::<Set>(&key)?;

    let Some(place) = place else {
        match count {
            None => cx.reply.null(),
            Some(_) => cx.reply.array(0),
        }
        return Ok(Done::Replied);
    };
    count.map_or(Ok(()), |count| parse::check_draws(count, &cx.reply))?;
    let open = &mut cx.open::<Set>(place);
    match count {
        None => one(&open.value, open.reply, open.rng),
        Some(count) => several(&open.value, count, open.reply, open.rng),
    }
    Ok(Done::Replied)
}

fn one(set: &Set, reply: &mut Reply<'_>, rng: &mut Rng) {
    if let Some(member) = set.random(rng) {
        reply_member(reply, member);
    }
}

fn several(set: &Set, count: i64, reply: &mut Reply<'_>, rng: &mut Rng) {
    let wanted = count.unsigned_abs() as usize;
    if count < 0 || count == 1 {
        reply.array(wanted);
        for _ in 0..wanted {
            one(set, reply, rng);
            if reply.is_full() {
                return;
            }
        }
        return;
    }
    reply.array(wanted.min(set.len()));
    let give = |member: Text<'_>| reply_member(reply, member);
    if wanted >= set.len() {
        set.iter().for_each(give);
    } else if wanted > 0 {
        set.sample(wanted, rng, give);
    }
}

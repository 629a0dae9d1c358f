//! Finding keys without knowing their names: all at once, some at a time, one at random.

use crate::scan::{self, Found, Options};
use crate::{CommandError, Ctx, Done};
use base::{glob, slot};
use conn::Args;
use keyspace::Record;

/// How often RANDOMKEY draws again where expired keys are kept: then all may be expired.
const DRAWS: usize = 100;

/// `KEYS pattern`
pub fn keys(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let pattern = args.at(1);
    let mut found = Found::new(&cx.reply);
    let tables = &cx.data.databases[cx.caller.database].tables;
    let mut visit = |record: &Record| {
        if (pattern == b"*" || glob::matches(pattern, record.key(), false)) && !cx.hides(record) {
            found.push(record.key());
        }
        !found.is_full()
    };
    match only_slot(cx, pattern) {
        Some(slot) => tables.iter_of(slot).all(&mut visit),
        None => tables.iter().all(&mut visit),
    };
    found.reply(&mut cx.reply);
    Ok(Done::Replied)
}

/// `SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]`
pub fn scan(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let cursor = scan::cursor(args.at(1))?;
    let options = Options::parse(args, 2, None)?;

    let only = only_slot(cx, options.pattern);
    let tables = &cx.data.databases[cx.caller.database].tables;
    let (mut found, mut expired) = (Found::new(&cx.reply), Vec::new());
    let cursor = options.walk(cursor, |cursor, seen| {
        tables.scan(cursor, only, |record| {
            *seen += 1;
            if options.kind.is_none_or(|kind| kind == record.kind()) && options.passes(record.key()) {
                match cx.hides(record) {
                    true => expired.push(record.key().to_vec()),
                    false => found.push(record.key()),
                }
            }
        })
    });
    for name in expired {
        // Meeting an expired key is what removes it.
        let key = cx.data.key(&name);
        cx.peek(&key);
    }

    found.reply_behind(cursor, &mut cx.reply);
    Ok(Done::Replied)
}

/// `RANDOMKEY`
pub fn randomkey(cx: &mut Ctx<'_>, _: Args<'_>) -> Result<Done, CommandError> {
    let mut draws = 0;
    loop {
        let tables = &cx.data.databases[cx.caller.database].tables;
        let Some(record) = tables.random(&mut || cx.rng.next_u64()) else {
            cx.reply.null();
            return Ok(Done::Replied);
        };
        draws += usize::from(!cx.settings.expire_on_access);
        if !cx.hides(record) || draws == DRAWS {
            cx.reply.bulk(record.key());
            return Ok(Done::Replied);
        }
        let name = record.key().to_vec();
        let key = cx.data.key(&name);
        cx.peek(&key);
    }
}

/// The only slot that can have keys of a pattern, if the pattern tells.
fn only_slot(cx: &Ctx<'_>, pattern: &[u8]) -> Option<u16> {
    if cx.data.cluster { slot::slot_of_pattern(pattern) } else { None }
}

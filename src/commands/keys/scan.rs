//! Finding keys without knowing their names: all at once, some at a time, one at random.

use crate::{CommandError, Ctx, Done, parse};
use base::{glob, int, slot};
use conn::Args;
use keyspace::{Kind, Record};
use resp::{Reply, ReplyBuffer};

/// How many keys SCAN looks at when it is not told.
const DEFAULT_COUNT: i64 = 10;
/// How many places of a table SCAN looks at for each key it was asked for, when it finds few.
const PLACES_PER_KEY: u64 = 10;
/// How often RANDOMKEY draws again where expired keys are kept: then all may be expired.
const DRAWS: usize = 100;

/// `KEYS pattern`
pub fn keys(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let filter = Filter { pattern: args.at(1), kind: None };
    let mut found = Found::new(cx);
    let tables = &cx.data.databases[cx.caller.database].tables;
    let mut visit = |record: &Record| {
        if filter.passes(record) && !cx.hides(record) {
            found.push(record.key());
        }
    };
    match filter.only_slot(cx) {
        Some(slot) => tables.iter_of(slot).for_each(&mut visit),
        None => tables.iter().for_each(&mut visit),
    }
    found.reply(cx);
    Ok(Done::Replied)
}

/// `SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]`
pub fn scan(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let mut cursor = int::parse_u64_loose(args.at(1)).ok_or(CommandError::INVALID_CURSOR)?;
    let options = ScanOptions::parse(args)?;

    let only = options.filter.only_slot(cx);
    let tables = &cx.data.databases[cx.caller.database].tables;
    let (mut found, mut expired, mut looked_at) = (Found::new(cx), Vec::new(), 0);
    let mut places = options.count.saturating_mul(PLACES_PER_KEY);
    loop {
        cursor = tables.scan(cursor, only, |record| {
            looked_at += 1;
            if options.filter.passes(record) {
                match cx.hides(record) {
                    true => expired.push(record.key().to_vec()),
                    false => found.push(record.key()),
                }
            }
        });
        if cursor == 0 || places == 0 || looked_at >= options.count {
            break;
        }
        places -= 1;
    }
    for name in expired {
        // Meeting an expired key is what removes it.
        let key = cx.data.key(&name);
        cx.peek(&key);
    }

    cx.reply.array(2);
    let mut digits = [0; int::MAX_TEXT];
    cx.reply.bulk(int::format_u64(cursor, &mut digits));
    found.reply(cx);
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

/// Which keys are wanted.
struct Filter<'a> {
    pattern: &'a [u8],
    kind: Option<Kind>,
}

impl Filter<'_> {
    #[inline]
    fn passes(&self, record: &Record) -> bool {
        self.kind.is_none_or(|kind| kind == record.kind())
            && (self.pattern == b"*" || glob::matches(self.pattern, record.key(), false))
    }

    /// The only slot that can have such keys, if the pattern tells.
    fn only_slot(&self, cx: &Ctx<'_>) -> Option<u16> {
        if cx.data.cluster { slot::slot_of_pattern(self.pattern) } else { None }
    }
}

struct ScanOptions<'a> {
    filter: Filter<'a>,
    count: u64,
}

impl<'a> ScanOptions<'a> {
    fn parse(args: Args<'a>) -> Result<ScanOptions<'a>, CommandError> {
        let (mut filter, mut count) = (Filter { pattern: b"*", kind: None }, DEFAULT_COUNT);
        let mut at = 2;
        while at < args.len() {
            match (args.at(at).to_ascii_lowercase().as_slice(), args.get(at + 1)) {
                (b"count", Some(number)) => {
                    count = parse::integer(number)?;
                    if count < 1 {
                        return Err(CommandError::SYNTAX);
                    }
                }
                (b"match", Some(pattern)) => filter.pattern = pattern,
                (b"type", Some(name)) => filter.kind = Some(kind_of(name)?),
                (b"novalues", _) => {
                    return Err(CommandError::of("NOVALUES option can only be used in HSCAN"));
                }
                (b"noscores", _) => {
                    return Err(CommandError::of("NOSCORES option can only be used in ZSCAN"));
                }
                _ => return Err(CommandError::SYNTAX),
            }
            at += 2;
        }
        Ok(ScanOptions { filter, count: count as u64 })
    }
}

fn kind_of(name: &[u8]) -> Result<Kind, CommandError> {
    Kind::ALL
        .into_iter()
        .find(|kind| parse::is(name, kind.name()))
        .ok_or_else(|| CommandError::of([b"unknown type name '", parse::quoted(name), b"'"].concat()))
}

/// Names on their way into a reply that must begin with their number.
struct Found {
    names: ReplyBuffer,
    count: usize,
    protocol: resp::Protocol,
}

impl Found {
    fn new(cx: &Ctx<'_>) -> Found {
        Found { names: ReplyBuffer::default(), count: 0, protocol: cx.reply.protocol() }
    }

    #[inline]
    fn push(&mut self, name: &[u8]) {
        Reply::new(&mut self.names, self.protocol).bulk(name);
        self.count += 1;
    }

    fn reply(self, cx: &mut Ctx<'_>) {
        cx.reply.array(self.count);
        cx.reply.raw(&self.names.bytes);
    }
}

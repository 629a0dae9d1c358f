//! Fields at random.

use super::{clock, reply_text};
use crate::{CommandError, Ctx, Done, parse};
use base::rng::Rng;
use conn::Args;
use keyspace::values::Hash;
use keyspace::values::hash::{Clock, FieldRef};
use resp::{Protocol, Reply};
use std::collections::BTreeSet;

/// Where fewer than one in so many fields are wanted, they are drawn one by one.
const FEW: usize = 3;

/// `HRANDFIELD key [count [WITHVALUES]]`: with a count below zero, the same field may come more than once.
pub fn hrandfield(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let count = args.get(2).map(parse_count).transpose()?;
    let with_values = match args.get(3) {
        Some(word) if args.len() == 4 && parse::is(word, "withvalues") => true,
        None => false,
        Some(_) => return Err(CommandError::SYNTAX),
    };
    if with_values && count.is_some_and(|count| !(-i64::MAX / 2..=i64::MAX / 2).contains(&count)) {
        return Err(CommandError::of("value is out of range"));
    }

    // As in the reference, those who import data see no expired fields here.
    let (key, clock) = (cx.key(&args, 1), Clock { shows_all: false, ..clock(cx) });
    let mut rng = cx.rng.fork();
    cx.view::<Hash, _>(&key, |hash, reply| {
        match (hash, count) {
            (None, None) => reply.null(),
            (None | Some(_), Some(0)) | (None, _) => reply.array(0),
            (Some(hash), None) => match hash.random(&mut rng, &clock) {
                Some(field) => reply_text(reply, field.name),
                None => reply.null(),
            },
            (Some(hash), Some(count)) => {
                parse::check_draws(count, reply)?;
                let mut out = Out { reply, with_values };
                match usize::try_from(count) {
                    Ok(count) => distinct(hash, count, &clock, &mut rng, &mut out),
                    Err(_) => repeated(hash, count.unsigned_abs(), &clock, &mut rng, &mut out),
                }
            }
        }
        Ok(Done::Replied)
    })?
}

fn parse_count(text: &[u8]) -> Result<i64, CommandError> {
    match parse::integer(text)? {
        i64::MIN => {
            let most = i64::MAX;
            Err(CommandError::of(format!("value is out of range, value must between -{most} and {most}")))
        }
        count => Ok(count),
    }
}

/// Where fields go.
struct Out<'r, 'a> {
    reply: &'r mut Reply<'a>,
    with_values: bool,
}

impl Out<'_, '_> {
    fn head(&mut self, fields: usize) {
        let flat = self.with_values && self.reply.protocol() == Protocol::Resp2;
        self.reply.array(if flat { 2 * fields } else { fields });
    }

    fn field(&mut self, field: &FieldRef<'_>) {
        if self.with_values && self.reply.protocol() == Protocol::Resp3 {
            self.reply.array(2);
        }
        reply_text(self.reply, field.name);
        if self.with_values {
            reply_text(self.reply, field.value);
        }
    }
}

/// Replies with up to `count` different fields.
fn distinct(hash: &Hash, count: usize, clock: &Clock, rng: &mut Rng, out: &mut Out<'_, '_>) {
    let mut drawn = Vec::new();
    if count == 1 {
        drawn.extend(hash.random(rng, clock));
    } else if matches!(hash, Hash::Table(_)) && count.saturating_mul(FEW) <= hash.len() {
        let mut seen = BTreeSet::new();
        while drawn.len() < count
            && let Some(field) = hash.random(rng, clock)
        {
            if seen.insert(field.name.to_vec()) {
                drawn.push(field);
            }
        }
    } else {
        // Each field in turn is taken with the probability that there are as many left to take.
        let (mut wanted, mut left) = (count, hash.visible_len(clock));
        hash.for_each(clock, |field| {
            if rng.index(left) < wanted {
                drawn.push(field);
                wanted -= 1;
            }
            left -= 1;
        });
    }
    out.head(drawn.len());
    drawn.iter().for_each(|field| out.field(field));
}

/// Replies with `count` fields, each drawn from all.
fn repeated(hash: &Hash, count: u64, clock: &Clock, rng: &mut Rng, out: &mut Out<'_, '_>) {
    if matches!(hash, Hash::Table(_)) {
        let place = out.reply.array_deferred();
        let mut drawn = 0;
        while drawn < count as usize
            && !out.reply.is_full()
            && let Some(field) = hash.random(rng, clock)
        {
            out.field(&field);
            drawn += 1;
        }
        let flat = out.with_values && out.reply.protocol() == Protocol::Resp2;
        out.reply.set_array(&place, if flat { 2 * drawn } else { drawn });
        return;
    }
    let mut all = Vec::new();
    hash.for_each(clock, |field| all.push(field));
    let drawn = if all.is_empty() { 0 } else { count };
    out.head(drawn as usize);
    for _ in 0..drawn {
        out.field(&all[rng.index(all.len())]);
        if out.reply.is_full() {
            return;
        }
    }
}

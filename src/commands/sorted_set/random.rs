//! ZRANDMEMBER: members drawn by lot.

use super::{reply_member, reply_pair, reply_pairs};
use crate::{CommandError, Ctx, Done, parse};
use base::rng::Rng;
use base::text::Text;
use conn::Args;
use keyspace::values::SortedSet;
use resp::Reply;
use std::collections::BTreeSet;

/// `ZRANDMEMBER key [count [WITHSCORES]]`
pub fn zrandmember(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let draw = args.get(2).map(|count| Draw::parse(args, count)).transpose()?;
    let key = cx.key(&args, 1);

    // The reply borrows the context as the value does: randomness is drawn from a generator of the command's own.
    let mut rng = cx.rng.fork();
    cx.view::<SortedSet, _>(&key, |set, reply| {
        match (set, draw) {
            (None, None) => reply.null(),
            (None, Some(_)) => reply.array(0),
            (Some(set), None) => set.random(&mut rng, |name, _| reply_member(reply, name)),
            (Some(set), Some(draw)) => {
                parse::check_draws(draw.count, reply)?;
                draw.reply(set, &mut rng, reply);
            }
        }
        Ok(Done::Replied)
    })?
}

#[derive(Clone, Copy, Debug)]
struct Draw {
    /// Below zero, the same member may be drawn again.
    count: i64,
    with_scores: bool,
}

impl Draw {
    fn parse(args: Args<'_>, count: &[u8]) -> Result<Draw, CommandError> {
        let count = parse::integer(count)?;
        if count == i64::MIN {
            let most = i64::MAX;
            return Err(CommandError::of(format!(
                "value is out of range, value must between -{most} and {most}"
            )));
        }
        let with_scores = match args.get(3) {
            None => false,
            Some(word) if args.len() == 4 && parse::is(word, "withscores") => true,
            Some(_) => return Err(CommandError::SYNTAX),
        };
        if with_scores && count.unsigned_abs() > i64::MAX as u64 / 2 {
            return Err(CommandError::of("value is out of range"));
        }
        Ok(Draw { count, with_scores })
    }

    fn reply(self, set: &SortedSet, rng: &mut Rng, reply: &mut Reply<'_>) {
        let len = set.len();
        let count = usize::try_from(self.count.unsigned_abs()).unwrap_or(usize::MAX);
        if self.count < 0 || count == 1 {
            self.reply_head(reply, count);
            for _ in 0..count {
                set.random(rng, |name, score| self.reply_one(reply, name, score));
                if reply.is_full() {
                    return;
                }
            }
            return;
        }
        let count = count.min(len);
        self.reply_head(reply, count);
        // A walk over all costs less than a search for each when many are wanted, or when the set is one piece of memory.
        if count.saturating_mul(3) > len || matches!(set, SortedSet::Pack(_)) {
            let (mut wanted, mut left) = (count, len);
            set.walk(0..len, true, |name, score| {
                if rng.index(left) < wanted {
                    self.reply_one(reply, name, score);
                    wanted -= 1;
                }
                left -= 1;
                wanted > 0
            });
        } else {
            for rank in some_of(len, count, rng) {
                set.walk(rank..rank + 1, false, |name, score| {
                    self.reply_one(reply, name, score);
                    true
                });
            }
        }
    }

    fn reply_head(self, reply: &mut Reply<'_>, len: usize) {
        if self.with_scores { reply_pairs(reply, len) } else { reply.array(len) }
    }

    fn reply_one(self, reply: &mut Reply<'_>, name: Text<'_>, score: f64) {
        if self.with_scores { reply_pair(reply, name, score) } else { reply_member(reply, name) }
    }
}

/// So many different numbers below `len`, every choice equally likely (R. Floyd's way).
fn some_of(len: usize, count: usize, rng: &mut Rng) -> BTreeSet<usize> {
    let mut chosen = BTreeSet::new();
    for last in len - count..len {
        if !chosen.insert(rng.index(last + 1)) {
            chosen.insert(last);
        }
    }
    chosen
}

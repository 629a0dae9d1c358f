//! Taking from the first of several lists that has items, now or when one has.

use super::{change, end, popped, reply_item, take};
use crate::ctx::{InVain, Wait};
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use keyspace::values::list::End;
use keyspace::values::{Kind, List};
use std::ops::Range;

/// What is taken, and from where.
struct Request {
    /// The arguments that are the keys.
    keys: Range<usize>,
    end: End,
    /// How many items, replied in an array; one that is no array if `None`.
    count: Option<usize>,
}

impl Request {
    /// `numkeys key [key ...] LEFT | RIGHT [COUNT count]`, from an argument on.
    fn parse(args: Args<'_>, at: usize) -> Result<Request, CommandError> {
        const FEW: &str = "numkeys should be greater than 0";
        let keys = parse::count(args.at(at), FEW)?;
        if keys == 0 {
            return Err(CommandError::of(FEW));
        }
        let word = (at + 1).checked_add(keys).and_then(|word| Some((word, args.get(word)?)));
        let (at_word, word) = word.ok_or(CommandError::SYNTAX)?;
        let end = end(word)?;
        let count = match args.len() - at_word {
            1 => 1,
            3 if parse::is(args.at(at_word + 1), "count") => {
                const NONE: &str = "count should be greater than 0";
                match parse::count(args.at(at_word + 2), NONE)? {
                    0 => return Err(CommandError::of(NONE)),
                    count => count,
                }
            }
            _ => return Err(Request::flaw(args, at_word + 1)),
        };
        Ok(Request { keys: at + 1..at_word, end, count: Some(count) })
    }

    /// What is wrong with options of which there are too many or too few: a bad count is found first.
    fn flaw(args: Args<'_>, at: usize) -> CommandError {
        const NONE: &str = "count should be greater than 0";
        match args.get(at + 1) {
            Some(count) if parse::is(args.at(at), "count") && parse::count(count, NONE).unwrap_or(0) == 0 => {
                CommandError::of(NONE)
            }
            _ => CommandError::SYNTAX,
        }
    }

    /// Takes from the first list that is there. Answers whether there was one.
    fn run(&self, cx: &mut Ctx<'_>, args: Args<'_>) -> Result<bool, CommandError> {
        for at in self.keys.clone() {
            let key = cx.key(&args, at);
            let Some(place) = cx.place_of::<List>(&key)? else { continue };
            let taken = change(cx, place, |list, rules, reply| {
                let taken = self.count.unwrap_or(1).min(list.len());
                reply.array(2);
                reply.bulk(key.name);
                if self.count.is_some() {
                    reply.array(taken);
                }
                take(list, self.end, taken, rules, |item| reply_item(reply, item));
                taken
            });
            cx.changed(&key, popped(self.end), taken as u64);
            cx.close::<List>(&key, place);
            let name: &[u8] = if self.end == End::Head { b"LPOP" } else { b"RPOP" };
            match self.count {
                Some(_) => cx.replicate_as(&[name, key.name, taken.to_string().as_bytes()]),
                None => cx.replicate_as(&[name, key.name]),
            }
            return Ok(true);
        }
        Ok(false)
    }

    /// The same; where there is none, the client waits for one.
    fn run_or_wait(
        self,
        cx: &mut Ctx<'_>,
        args: Args<'_>,
        timeout: Option<i64>,
    ) -> Result<Done, CommandError> {
        if self.run(cx, args)? {
            return Ok(Done::Replied);
        }
        cx.block(Wait {
            keys: self.keys,
            kind: Kind::List,
            even_if_gone: false,
            timeout,
            in_vain: InVain::NullArray,
            rewritten: Vec::new(),
        })
    }
}

/// `LMPOP numkeys key [key ...] LEFT | RIGHT [COUNT count]`
pub fn lmpop(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let request = Request::parse(args, 1)?;
    if !request.run(cx, args)? {
        cx.reply.null_array();
    }
    Ok(Done::Replied)
}

/// `BLMPOP timeout numkeys key [key ...] LEFT | RIGHT [COUNT count]`
pub fn blmpop(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let request = Request::parse(args, 2)?;
    let timeout = parse::timeout(args.at(1), cx.now)?;
    request.run_or_wait(cx, args, timeout)
}

/// `BLPOP key [key ...] timeout`
pub fn blpop(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    pop_or_wait(cx, args, End::Head)
}

/// `BRPOP key [key ...] timeout`
pub fn brpop(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    pop_or_wait(cx, args, End::Tail)
}

fn pop_or_wait(cx: &mut Ctx<'_>, args: Args<'_>, end: End) -> Result<Done, CommandError> {
    let last = args.len() - 1;
    let timeout = parse::timeout(args.at(last), cx.now)?;
    Request { keys: 1..last, end, count: None }.run_or_wait(cx, args, timeout)
}

//! ZADD and ZINCRBY: members that get scores.

use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use keyspace::values::SortedSet;

/// `ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]`
pub fn zadd(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    add(cx, args, Rule::default())
}

/// `ZINCRBY key increment member`
pub fn zincrby(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    add(cx, args, Rule { increment: true, ..Rule::default() })
}

fn add(cx: &mut Ctx<'_>, args: Args<'_>, rule: Rule) -> Result<Done, CommandError> {
    let (rule, first) = rule.parse(args)?;
    let count = (args.len() - first) / 2;
    let (mut one, mut many) = ([0.0], Vec::new());
    let scores = if count == 1 {
        &mut one[..]
    } else {
        many.resize(count, 0.0);
        &mut many[..]
    };
    for (i, score) in scores.iter_mut().enumerate() {
        *score = parse::float(args.at(first + 2 * i))?;
    }
    add_all(cx, args, rule, Additions { scores, first: first + 1, step: 2 })
}

/// Scores, and which arguments are the members that they are for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Additions<'a> {
    pub(crate) scores: &'a [f64],
    /// The first member.
    pub(crate) first: usize,
    /// How many arguments further the next one is.
    pub(crate) step: usize,
}

/// Gives the members of the key in the first argument their scores, and replies with what has come of it.
pub(crate) fn add_all(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    rule: Rule,
    Additions { scores, first, step }: Additions<'_>,
) -> Result<Done, CommandError> {
    let count = scores.len();
    let longest = (0..count).map(|i| args.at(first + step * i).len()).max().unwrap_or(0);
    let key = cx.key(&args, 1);
    let place = match rule.present {
        true => cx.place_of::<SortedSet>(&key)?,
        false => Some(cx.place_or_new(&key, |rules| SortedSet::new(rules, count, longest))?),
    };
    let mut tally = Tally::default();
    if let Some(place) = place {
        let mut open = cx.open::<SortedSet>(place);
        open.value.expect(open.rules, count, longest);
        for (i, score) in scores.iter().enumerate() {
            let name = args.at(first + step * i);
            open.value.put(open.rules, name, |old| rule.decide(old, *score, &mut tally));
        }
    }
    if tally.no_number {
        return Err(CommandError::of("resulting score is not a number (NaN)"));
    }
    if tally.added + tally.updated > 0 {
        let event = if rule.increment { "zincr" } else { "zadd" };
        cx.changed(&key, event, tally.added + tally.updated);
    }

    match (rule.increment, tally.outcome) {
        (true, Some(score)) => cx.reply.double(score),
        (true, None) => cx.reply.null(),
        (false, _) if rule.count_changes => cx.reply.integer((tally.added + tally.updated) as i64),
        (false, _) => cx.reply.integer(tally.added as i64),
    }
    Ok(Done::Replied)
}

/// Which scores are given, and what is answered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rule {
    /// Only to those who are no members yet.
    pub(crate) absent: bool,
    /// Only to members.
    pub(crate) present: bool,
    /// To members only if it is greater.
    greater: bool,
    /// To members only if it is less.
    less: bool,
    /// Those who have got another score are counted too.
    pub(crate) count_changes: bool,
    /// The score is added to the one that is there, and the sum is answered.
    increment: bool,
}

/// What has come of it.
#[derive(Debug, Default)]
struct Tally {
    added: u64,
    updated: u64,
    /// The last score that was decided on.
    outcome: Option<f64>,
    no_number: bool,
}

impl Rule {
    /// Reads the options; answers where the scores and members begin.
    fn parse(mut self, args: Args<'_>) -> Result<(Rule, usize), CommandError> {
        let mut at = 2;
        while let Some(word) = args.get(at) {
            // An option has two to four letters, a score seldom begins with one.
            let option = match word.len() {
                2 if parse::is(word, "nx") => &mut self.absent,
                2 if parse::is(word, "xx") => &mut self.present,
                2 if parse::is(word, "gt") => &mut self.greater,
                2 if parse::is(word, "lt") => &mut self.less,
                2 if parse::is(word, "ch") => &mut self.count_changes,
                4 if parse::is(word, "incr") => &mut self.increment,
                _ => break,
            };
            *option = true;
            at += 1;
        }
        let rest = args.len() - at;
        if rest == 0 || !rest.is_multiple_of(2) {
            return Err(CommandError::SYNTAX);
        }
        if self.absent && self.present {
            return Err(CommandError::of("XX and NX options at the same time are not compatible"));
        }
        if u8::from(self.absent) + u8::from(self.greater) + u8::from(self.less) > 1 {
            return Err(CommandError::of("GT, LT, and/or NX options at the same time are not compatible"));
        }
        if self.increment && rest > 2 {
            return Err(CommandError::of("INCR option supports a single increment-element pair"));
        }
        Ok((self, at))
    }

    /// The score that someone with this score, or without one, is given; none if that is to stay as it is.
    #[inline]
    fn decide(&self, old: Option<f64>, score: f64, tally: &mut Tally) -> Option<f64> {
        let score = match old {
            None if self.present => return None,
            None => {
                tally.added += 1;
                score
            }
            Some(_) if self.absent => return None,
            Some(old) => {
                let score = if self.increment { old + score } else { score };
                if score.is_nan() {
                    tally.no_number = true;
                    return None;
                }
                if self.greater && score <= old || self.less && score >= old {
                    return None;
                }
                tally.updated += u64::from(score != old);
                score
            }
        };
        tally.outcome = Some(score);
        // Zero and -0 are the same score: whichever is there stays.
        (old != Some(score)).then_some(score)
    }
}

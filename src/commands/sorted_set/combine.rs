//! Unions, intersections and differences of sorted sets and sets; the members of a set count with a score of 1.

use super::{reply_member, reply_pair, reply_pairs};
use crate::{CommandError, Ctx, Done, parse};
use base::text::{Digits, Text};
use conn::Args;
use keyspace::values::{Kind, Rules, Set, SortedSet, Value};
use keyspace::{Held, Key};

/// `ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM | MIN | MAX] [WITHSCORES]`
pub fn zunion(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    answer(cx, args, Operation::Union, "zunion")
}

/// `ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM | MIN | MAX] [WITHSCORES]`
pub fn zinter(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    answer(cx, args, Operation::Intersection, "zinter")
}

/// `ZDIFF numkeys key [key ...] [WITHSCORES]`
pub fn zdiff(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    answer(cx, args, Operation::Difference, "zdiff")
}

/// `ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM | MIN | MAX]`
pub fn zunionstore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    store(cx, args, Operation::Union, "zunionstore")
}

/// `ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE SUM | MIN | MAX]`
pub fn zinterstore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    store(cx, args, Operation::Intersection, "zinterstore")
}

/// `ZDIFFSTORE destination numkeys key [key ...]`
pub fn zdiffstore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    store(cx, args, Operation::Difference, "zdiffstore")
}

fn answer(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    operation: Operation,
    command: &str,
) -> Result<Done, CommandError> {
    let keys = count_keys(args, 1, command)?;
    check_inputs(cx, args, 2, keys)?;
    let options = Options::parse(args, 2, keys, Takes { operation, scores: true, limit: false })?;

    let result = options.combine(&inputs(cx, args, 2, keys), operation, &cx.settings.rules);
    if options.with_scores {
        reply_pairs(&mut cx.reply, result.len());
        result.each(|name, score| reply_pair(&mut cx.reply, name, score));
    } else {
        cx.reply.array(result.len());
        result.each(|name, _| reply_member(&mut cx.reply, name));
    }
    Ok(Done::Replied)
}

fn store(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    operation: Operation,
    command: &'static str,
) -> Result<Done, CommandError> {
    let keys = count_keys(args, 2, command)?;
    check_inputs(cx, args, 3, keys)?;
    let options = Options::parse(args, 3, keys, Takes { operation, scores: false, limit: false })?;
    let destination = cx.key(&args, 1);

    let mut result = options.combine(&inputs(cx, args, 3, keys), operation, &cx.settings.rules);
    result.settle(&cx.settings.rules);
    let count = result.len();
    if result.is_empty() {
        cx.store_nothing(&destination);
    } else {
        cx.store(&destination, result.into_any());
        cx.changed(&destination, command, 1);
    }

    cx.reply.integer(count as i64);
    Ok(Done::Replied)
}

/// `ZINTERCARD numkeys key [key ...] [LIMIT limit]`
pub fn zintercard(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let keys = count_keys(args, 1, "zintercard")?;
    check_inputs(cx, args, 2, keys)?;
    let takes = Takes { operation: Operation::Intersection, scores: false, limit: true };
    let options = Options::parse(args, 2, keys, takes)?;

    let (mut count, limit) = (0, options.limit.unwrap_or(u64::MAX));
    options.each_common(&inputs(cx, args, 2, keys), |_, _| {
        count += 1;
        count < limit
    });

    cx.reply.integer(count as i64);
    Ok(Done::Replied)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Union,
    Intersection,
    Difference,
}

/// What becomes of the scores of one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aggregate {
    Sum,
    Least,
    Greatest,
}

impl Aggregate {
    #[inline]
    fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Aggregate::Sum => number(a + b),
            Aggregate::Least => {
                if b < a {
                    b
                } else {
                    a
                }
            }
            Aggregate::Greatest => {
                if b > a {
                    b
                } else {
                    a
                }
            }
        }
    }
}

/// A score that an operation on infinities may have left without a value: then it is 0.
#[inline]
fn number(score: f64) -> f64 {
    if score.is_nan() { 0.0 } else { score }
}

/// The number of keys, which argument `at` says.
fn count_keys(args: Args<'_>, at: usize, command: &str) -> Result<usize, CommandError> {
    let keys = parse::integer(args.at(at))?;
    if keys < 1 {
        return Err(CommandError::of(format!("at least 1 input key is needed for '{command}' command")));
    }
    match usize::try_from(keys) {
        Ok(keys) if keys < args.len() - at => Ok(keys),
        _ => Err(CommandError::SYNTAX),
    }
}

/// Looks all keys up, so that those whose time has come go, and refuses other types.
fn check_inputs(cx: &mut Ctx<'_>, args: Args<'_>, first: usize, keys: usize) -> Result<(), CommandError> {
    for at in first..first + keys {
        let key = cx.key(&args, at);
        if let Some(place) = cx.read_place(&key)
            && !matches!(cx.at(place).kind(), Kind::SortedSet | Kind::Set)
        {
            return Err(CommandError::WRONG_TYPE);
        }
    }
    Ok(())
}

/// What one key has.
enum Input<'c> {
    Nothing,
    Sorted(Held<'c, SortedSet>),
    Plain(Held<'c, Set>),
}

/// The values of the keys that were looked up before; none of them goes any more.
fn inputs<'c>(cx: &'c Ctx<'_>, args: Args<'_>, first: usize, keys: usize) -> Vec<Input<'c>> {
    let tables = &cx.data.databases[cx.caller.database].tables;
    let input = |at| {
        let key: Key<'_> = cx.key(&args, at);
        let record = tables.find(&key).filter(|record| !cx.hides(record));
        let sorted = |record: &'c keyspace::Record| record.value().map(Input::Sorted);
        let plain = |record: &'c keyspace::Record| record.value().map(Input::Plain);
        record.and_then(|record| sorted(record).or_else(|| plain(record))).unwrap_or(Input::Nothing)
    };
    (first..first + keys).map(input).collect()
}

impl Input<'_> {
    fn len(&self) -> usize {
        match self {
            Input::Nothing => 0,
            Input::Sorted(set) => set.len(),
            Input::Plain(set) => set.len(),
        }
    }

    #[inline]
    fn score(&self, name: Text<'_>) -> Option<f64> {
        match self {
            Input::Nothing => None,
            Input::Sorted(set) => set.score(name.bytes(&mut Digits::default())),
            Input::Plain(set) => set.contains(name).then_some(1.0),
        }
    }

    /// Gives members and scores to `visit` for as long as it returns true.
    #[inline]
    fn walk(&self, mut visit: impl FnMut(Text<'_>, f64) -> bool) {
        match self {
            Input::Nothing => {}
            Input::Sorted(set) => set.walk(0..set.len(), false, visit),
            Input::Plain(set) => _ = set.iter().all(|name| visit(name, 1.0)),
        }
    }
}

/// Which options a command takes.
#[derive(Clone, Copy, Debug)]
struct Takes {
    operation: Operation,
    scores: bool,
    limit: bool,
}

#[derive(Debug)]
struct Options {
    /// One for each key; none at all if all are 1.
    weights: Vec<f64>,
    aggregate: Aggregate,
    with_scores: bool,
    limit: Option<u64>,
}

impl Options {
    fn parse(args: Args<'_>, first: usize, keys: usize, takes: Takes) -> Result<Options, CommandError> {
        let mut options =
            Options { weights: Vec::new(), aggregate: Aggregate::Sum, with_scores: false, limit: None };
        let weighs = takes.operation != Operation::Difference && !takes.limit;
        let mut at = first + keys;
        while let Some(word) = args.get(at) {
            let left = args.len() - at;
            if weighs && left > keys && parse::is(word, "weights") {
                let weight = |text| {
                    let weight = base::double::parse_f64(text);
                    weight.ok_or_else(|| CommandError::of("weight value is not a float"))
                };
                options.weights = args.from(at + 1).take(keys).map(weight).collect::<Result<_, _>>()?;
                at += keys;
            } else if weighs && left > 1 && parse::is(word, "aggregate") {
                at += 1;
                options.aggregate = match args.at(at) {
                    word if parse::is(word, "sum") => Aggregate::Sum,
                    word if parse::is(word, "min") => Aggregate::Least,
                    word if parse::is(word, "max") => Aggregate::Greatest,
                    _ => return Err(CommandError::SYNTAX),
                };
            } else if takes.scores && parse::is(word, "withscores") {
                options.with_scores = true;
            } else if takes.limit && left > 1 && parse::is(word, "limit") {
                at += 1;
                let limit = base::int::parse_i64(args.at(at)).and_then(|limit| u64::try_from(limit).ok());
                let limit = limit.ok_or_else(|| CommandError::of("LIMIT can't be negative"))?;
                options.limit = Some(limit).filter(|limit| *limit > 0);
            } else {
                return Err(CommandError::SYNTAX);
            }
            at += 1;
        }
        Ok(options)
    }

    /// The inputs with their weights, the smallest first: in this order scores are added up, and with the smallest an
    /// intersection begins.
    fn by_size<'i, 'c>(&self, inputs: &'i [Input<'c>]) -> Vec<(&'i Input<'c>, f64)> {
        let weight = |at: usize| self.weights.get(at).copied().unwrap_or(1.0);
        let mut sorted: Vec<_> = inputs.iter().enumerate().map(|(at, input)| (input, weight(at))).collect();
        sorted.sort_by_key(|(input, _)| input.len());
        sorted
    }

    fn combine(&self, inputs: &[Input<'_>], operation: Operation, rules: &Rules) -> SortedSet {
        let mut result = SortedSet::unsettled(rules);
        let mut put = |name: Text<'_>, decide: &mut dyn FnMut(Option<f64>) -> f64| {
            result.put(rules, name.bytes(&mut Digits::default()), |old| Some(decide(old)));
            true
        };
        match operation {
            Operation::Union => {
                for (input, weight) in self.by_size(inputs) {
                    input.walk(|name, score| {
                        let score = number(weight * score);
                        put(name, &mut |old| old.map_or(score, |old| self.aggregate.of(old, score)))
                    });
                }
            }
            Operation::Intersection => self.each_common(inputs, |name, score| put(name, &mut |_| score)),
            Operation::Difference => inputs[0].walk(|name, score| {
                let elsewhere = inputs[1..].iter().any(|other| other.score(name).is_some());
                elsewhere || put(name, &mut |_| score)
            }),
        }
        result
    }

    /// Gives the members that all inputs have to `visit`, for as long as it returns true.
    fn each_common(&self, inputs: &[Input<'_>], mut visit: impl FnMut(Text<'_>, f64) -> bool) {
        let sorted = self.by_size(inputs);
        let Some(((smallest, weight), others)) = sorted.split_first() else { return };
        smallest.walk(|name, score| {
            let mut sum = number(weight * score);
            for (other, weight) in others {
                match other.score(name) {
                    Some(score) => sum = self.aggregate.of(sum, weight * score),
                    None => return true,
                }
            }
            visit(name, sum)
        });
    }
}

//! Sorted sets: members with scores, kept in the order of the scores.

use super::pieces::{COUNT, LIMIT, MATCH, NX_OR_XX};
use crate::argument::{Arg, block, double, integer, key, one_of, string, word};
use crate::command::{Command, Group};
use crate::flags::Category;
use crate::flags::Flag::*;
use crate::key_spec::{ow, ro, rw};

/// What a range is of, where not of places.
const SORT_BY: Arg = one_of("sortby", &[word("byscore", "BYSCORE"), word("bylex", "BYLEX")]).optional();
const REV: Arg = word("rev", "REV").optional();
const WITHSCORES: Arg = word("withscores", "WITHSCORES").optional();

/// The end that members are taken from.
const SIDE: Arg = one_of("where", &[word("min", "MIN"), word("max", "MAX")]);

/// What the scores of each set count, and what becomes of several of one member.
const WEIGHTS: Arg = integer("weight").after("WEIGHTS").optional().multiple();
const AGGREGATE: Arg = one_of("aggregate", &[word("sum", "SUM"), word("min", "MIN"), word("max", "MAX")])
    .after("AGGREGATE")
    .optional();

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::SortedSet, full_name, arity).acl(&[Category::SortedSet])
}

pub(super) const COMMANDS: &[Command] = &[
    command("zadd", -4)
        .summary("Gives members scores, adding those that are missing.")
        .since("1.2.0", "O(log(N)) for each of them, N being the number of members")
        .history(&[
            ("2.4.0", "Takes more than one pair of score and member."),
            ("3.0.2", "Takes `XX`, `NX`, `CH` and `INCR`."),
            ("6.2.0", "Takes `GT` and `LT`."),
        ])
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).update()])
        .args(&[
            key("key"),
            NX_OR_XX.since("3.0.2").optional(),
            one_of("comparison", &[word("gt", "GT"), word("lt", "LT")]).since("6.2.0").optional(),
            word("change", "CH").since("3.0.2").optional(),
            word("increment", "INCR").since("3.0.2").optional(),
            block("data", &[double("score"), string("member")]).multiple(),
        ]),
    command("zincrby", 4)
        .summary("Adds to a member's score; a missing member counts as 0.")
        .since("1.2.0", "O(log(N)) for N members")
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).access().update()])
        .args(&[key("key"), integer("increment"), string("member")]),
    command("zrem", -3)
        .summary("Removes members, and the key with the last of them.")
        .since("1.2.0", "O(M*log(N)) for N members, M of them removed")
        .history(&[("2.4.0", "Takes more than one member.")])
        .flags(&[Write, Fast])
        .keys(&[rw(1).delete()])
        .args(&[key("key"), string("member").multiple()]),
    command("zcard", 2)
        .summary("Counts the members.")
        .since("1.2.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1)])
        .args(&[key("key")]),
    command("zscore", 3)
        .summary("Returns a member's score.")
        .since("1.2.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("member")]),
    command("zmscore", -3)
        .summary("Returns the scores of several members.")
        .since("6.2.0", "O(N) for N members asked for")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("member").multiple()]),
    command("zrank", -3)
        .summary("Returns how many members stand before this one.")
        .since("2.0.0", "O(log(N)) for N members")
        .history(&[("7.2.0", "Takes `WITHSCORE`.")])
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("member"), word("withscore", "WITHSCORE").optional()]),
    command("zrevrank", -3)
        .summary("Returns how many members stand behind this one.")
        .since("2.0.0", "O(log(N)) for N members")
        .history(&[("7.2.0", "Takes `WITHSCORE`.")])
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("member"), word("withscore", "WITHSCORE").optional()]),
    command("zcount", 4)
        .summary("Counts the members with scores in a range.")
        .since("2.0.0", "O(log(N)) for N members")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), double("min"), double("max")]),
    command("zlexcount", 4)
        .summary("Counts the members with names in a range, where all scores are equal.")
        .since("2.8.9", "O(log(N)) for N members")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("min"), string("max")]),
    command("zrange", -4)
        .summary("Returns the members in a range of ranks, scores or names.")
        .since("1.2.0", "O(log(N)+M) for N members, M of them returned")
        .history(&[("6.2.0", "Takes `REV`, `BYSCORE`, `BYLEX` and `LIMIT`.")])
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[
            key("key"),
            string("start"),
            string("stop"),
            SORT_BY.since("6.2.0"),
            REV.since("6.2.0"),
            LIMIT.since("6.2.0"),
            WITHSCORES,
        ]),
    command("zrangestore", -5)
        .summary("Stores the members in a range as a sorted set of their own.")
        .since("6.2.0", "O(log(N)+M) for N members, M of them stored")
        .flags(&[Write, DenyOom])
        .keys(&[ow(1).update(), ro(2).access()])
        .args(&[key("dst"), key("src").spec(1), string("min"), string("max"), SORT_BY, REV, LIMIT]),
    command("zrevrange", -4)
        .summary("Returns the members in a range of ranks, counted from the highest score down.")
        .since("1.2.0", "O(log(N)+M) for N members, M of them returned")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), integer("start"), integer("stop"), WITHSCORES]),
    command("zrangebyscore", -4)
        .summary("Returns the members with scores in a range.")
        .since("1.0.5", "O(log(N)+M) for N members, M of them returned")
        .history(&[("2.0.0", "Takes `WITHSCORES`.")])
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), double("min"), double("max"), WITHSCORES.since("2.0.0"), LIMIT]),
    command("zrevrangebyscore", -4)
        .summary("Returns the members with scores in a range, the highest first.")
        .since("2.2.0", "O(log(N)+M) for N members, M of them returned")
        .history(&[("2.1.6", "`min` and `max` may exclude themselves.")])
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), double("max"), double("min"), WITHSCORES, LIMIT]),
    command("zrangebylex", -4)
        .summary("Returns the members with names in a range, where all scores are equal.")
        .since("2.8.9", "O(log(N)+M) for N members, M of them returned")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("min"), string("max"), LIMIT]),
    command("zrevrangebylex", -4)
        .summary("Returns the members with names in a range, the last first, where all scores are equal.")
        .since("2.8.9", "O(log(N)+M) for N members, M of them returned")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), string("max"), string("min"), LIMIT]),
    command("zremrangebyrank", 4)
        .summary("Removes the members in a range of ranks, and the key with the last of them.")
        .since("2.0.0", "O(log(N)+M) for N members, M of them removed")
        .flags(&[Write])
        .keys(&[rw(1).delete()])
        .args(&[key("key"), integer("start"), integer("stop")]),
    command("zremrangebyscore", 4)
        .summary("Removes the members with scores in a range, and the key with the last of them.")
        .since("1.2.0", "O(log(N)+M) for N members, M of them removed")
        .flags(&[Write])
        .keys(&[rw(1).delete()])
        .args(&[key("key"), double("min"), double("max")]),
    command("zremrangebylex", 4)
        .summary(
            "Removes the members with names in a range, where all scores are equal, and the key \
             with the last of them.",
        )
        .since("2.8.9", "O(log(N)+M) for N members, M of them removed")
        .flags(&[Write])
        .keys(&[rw(1).delete()])
        .args(&[key("key"), string("min"), string("max")]),
    command("zpopmin", -2)
        .summary("Takes the members with the lowest scores out and returns them.")
        .since("5.0.0", "O(M*log(N)) for N members, M of them taken")
        .flags(&[Write, Fast])
        .keys(&[rw(1).access().delete()])
        .args(&[key("key"), integer("count").optional()]),
    command("zpopmax", -2)
        .summary("Takes the members with the highest scores out and returns them.")
        .since("5.0.0", "O(M*log(N)) for N members, M of them taken")
        .flags(&[Write, Fast])
        .keys(&[rw(1).access().delete()])
        .args(&[key("key"), integer("count").optional()]),
    command("zmpop", -4)
        .summary("Takes members out at one end of the first of several sorted sets that is not empty.")
        .since("7.0.0", "O(K)+O(M*log(N)) for K keys and N members, M of them taken")
        .flags(&[Write])
        .keys(&[rw(1).access().delete().counted()])
        .args(&[integer("numkeys"), key("key").multiple(), SIDE, COUNT]),
    command("bzpopmin", -3)
        .summary("Takes the member with the lowest score out, and waits for one if need be.")
        .since("5.0.0", "O(log(N)) for N members")
        .history(&[("6.0.0", "The timeout may have a fraction.")])
        .flags(&[Write, Blocking, Fast])
        .keys(&[rw(1).access().delete().to(-2)])
        .args(&[key("key").multiple(), double("timeout")]),
    command("bzpopmax", -3)
        .summary("Takes the member with the highest score out, and waits for one if need be.")
        .since("5.0.0", "O(log(N)) for N members")
        .history(&[("6.0.0", "The timeout may have a fraction.")])
        .flags(&[Write, Blocking, Fast])
        .keys(&[rw(1).access().delete().to(-2)])
        .args(&[key("key").multiple(), double("timeout")]),
    command("bzmpop", -5)
        .summary(
            "Takes members out at one end of the first of several sorted sets that is not empty, \
             and waits for one if need be.",
        )
        .since("7.0.0", "O(K)+O(M*log(N)) for K keys and N members, M of them taken")
        .flags(&[Write, Blocking])
        .keys(&[rw(2).access().delete().counted()])
        .args(&[double("timeout"), integer("numkeys"), key("key").multiple(), SIDE, COUNT]),
    command("zrandmember", -2)
        .summary("Returns members drawn by lot.")
        .since("6.2.0", "O(M) for M members returned")
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output"])
        .keys(&[ro(1).access()])
        .args(&[key("key"), block("options", &[integer("count"), WITHSCORES]).optional()]),
    command("zscan", -3)
        .summary("Walks through members and scores, some at each call.")
        .since("2.8.0", "O(1) a call, O(N) for a whole walk over N members")
        .history(&[("8.0.0", "Takes `NOSCORES`.")])
        .flags(&[ReadOnly])
        .tips(&["nondeterministic_output"])
        .keys(&[ro(1).access()])
        .args(&[key("key"), integer("cursor"), MATCH, COUNT, word("noscores", "NOSCORES").optional()]),
    command("zunion", -3)
        .summary("Returns the members of any of several sorted sets.")
        .since("6.2.0", "O(N)+O(M*log(M)) for N members in all the inputs and M in the result")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access().counted()])
        .args(&[integer("numkeys"), key("key").multiple(), WEIGHTS, AGGREGATE, WITHSCORES]),
    command("zinter", -3)
        .summary("Returns the members common to several sorted sets.")
        .since("6.2.0", "O(N*K)+O(M*log(M)) for N members in the smallest of K inputs and M in the result")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access().counted()])
        .args(&[integer("numkeys"), key("key").multiple(), WEIGHTS, AGGREGATE, WITHSCORES]),
    command("zdiff", -3)
        .summary("Returns the members of a sorted set that are in none of the others.")
        .since("6.2.0", "O(N)+O(M*log(M)) for N members in all the inputs and M in the result")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access().counted()])
        .args(&[integer("numkeys"), key("key").multiple(), WITHSCORES]),
    command("zunionstore", -4)
        .summary("Stores the members of any of several sorted sets.")
        .since("2.0.0", "O(N)+O(M*log(M)) for N members in all the inputs and M in the result")
        .flags(&[Write, DenyOom])
        .keys(&[ow(1).update(), ro(2).access().counted()])
        .args(&[key("destination"), integer("numkeys"), key("key").spec(1).multiple(), WEIGHTS, AGGREGATE]),
    command("zinterstore", -4)
        .summary("Stores the members common to several sorted sets.")
        .since("2.0.0", "O(N*K)+O(M*log(M)) for N members in the smallest of K inputs and M in the result")
        .flags(&[Write, DenyOom])
        .keys(&[ow(1).update(), ro(2).access().counted()])
        .args(&[key("destination"), integer("numkeys"), key("key").spec(1).multiple(), WEIGHTS, AGGREGATE]),
    command("zdiffstore", -4)
        .summary("Stores the members of a sorted set that are in none of the others.")
        .since("6.2.0", "O(N)+O(M*log(M)) for N members in all the inputs and M in the result")
        .flags(&[Write, DenyOom])
        .keys(&[ow(1).update(), ro(2).access().counted()])
        .args(&[key("destination"), integer("numkeys"), key("key").spec(1).multiple()]),
    command("zintercard", -3)
        .summary("Counts the members common to several sorted sets.")
        .since("7.0.0", "O(N*K) for N members in the smallest of K inputs")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access().counted()])
        .args(&[integer("numkeys"), key("key").multiple(), integer("limit").after("LIMIT").optional()]),
];

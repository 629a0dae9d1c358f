//! Lists: items in order, added and taken at both ends; and the commands that wait for them.

use super::pieces::COUNT;
use crate::argument::{Arg, double, integer, key, one_of, string, word};
use crate::command::{Command, Group};
use crate::flags::Category;
use crate::flags::Flag::*;
use crate::key_spec::{ro, rw};

/// The end that an item is taken from.
const FROM: Arg = one_of("wherefrom", &[word("left", "LEFT"), word("right", "RIGHT")]);

/// The end that an item is added at.
const TO: Arg = one_of("whereto", &[word("left", "LEFT"), word("right", "RIGHT")]);

/// The end that items are taken from.
const SIDE: Arg = one_of("where", &[word("left", "LEFT"), word("right", "RIGHT")]);

const fn command(full_name: &'static str, arity: i16) -> Command {
    Command::new(Group::List, full_name, arity).acl(&[Category::List])
}

pub(super) const COMMANDS: &[Command] = &[
    command("lpush", -3)
        .summary("Adds items at the head of a list, and creates it where there is none.")
        .since("1.0.0", "O(1) for each item")
        .history(&[("2.4.0", "Takes more than one item.")])
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).insert()])
        .args(&[key("key"), string("element").multiple()]),
    command("rpush", -3)
        .summary("Adds items at the tail of a list, and creates it where there is none.")
        .since("1.0.0", "O(1) for each item")
        .history(&[("2.4.0", "Takes more than one item.")])
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).insert()])
        .args(&[key("key"), string("element").multiple()]),
    command("lpushx", -3)
        .summary("Adds items at the head of a list that is there already.")
        .since("2.2.0", "O(1) for each item")
        .history(&[("4.0.0", "Takes more than one item.")])
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).insert()])
        .args(&[key("key"), string("element").multiple()]),
    command("rpushx", -3)
        .summary("Adds items at the tail of a list that is there already.")
        .since("2.2.0", "O(1) for each item")
        .history(&[("4.0.0", "Takes more than one item.")])
        .flags(&[Write, DenyOom, Fast])
        .keys(&[rw(1).insert()])
        .args(&[key("key"), string("element").multiple()]),
    command("lpop", -2)
        .summary("Takes items from the head of a list; the key goes with the last one.")
        .since("1.0.0", "O(N) for N items")
        .history(&[("6.2.0", "Takes a count.")])
        .flags(&[Write, Fast])
        .keys(&[rw(1).access().delete()])
        .args(&[key("key"), integer("count").since("6.2.0").optional()]),
    command("rpop", -2)
        .summary("Takes items from the tail of a list; the key goes with the last one.")
        .since("1.0.0", "O(N) for N items")
        .history(&[("6.2.0", "Takes a count.")])
        .flags(&[Write, Fast])
        .keys(&[rw(1).access().delete()])
        .args(&[key("key"), integer("count").since("6.2.0").optional()]),
    command("llen", 2)
        .summary("Counts the items of a list.")
        .since("1.0.0", "O(1)")
        .flags(&[ReadOnly, Fast])
        .keys(&[ro(1)])
        .args(&[key("key")]),
    command("lindex", 3)
        .summary("Returns the item at an index.")
        .since("1.0.0", "O(N) for N items between it and the nearer end")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), integer("index")]),
    command("lset", 4)
        .summary("Replaces the item at an index.")
        .since("1.0.0", "O(N) for N items between it and the nearer end")
        .flags(&[Write, DenyOom])
        .keys(&[rw(1).update()])
        .args(&[key("key"), integer("index"), string("element")]),
    command("lrange", 4)
        .summary("Returns the items from one index to another.")
        .since("1.0.0", "O(S+N) for N items, the first of which is S items away from the nearer end")
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[key("key"), integer("start"), integer("stop")]),
    command("ltrim", 4)
        .summary("Keeps the items from one index to another, and removes all others.")
        .since("1.0.0", "O(N) for N items removed")
        .flags(&[Write])
        .keys(&[rw(1).delete()])
        .args(&[key("key"), integer("start"), integer("stop")]),
    command("linsert", 5)
        .summary("Puts an item before or behind another.")
        .since("2.2.0", "O(N) for N items up to the one that is sought")
        .flags(&[Write, DenyOom])
        .keys(&[rw(1).insert()])
        .args(&[
            key("key"),
            one_of("where", &[word("before", "BEFORE"), word("after", "AFTER")]),
            string("pivot"),
            string("element"),
        ]),
    command("lrem", 4)
        .summary("Removes items that are equal to a given one.")
        .since("1.0.0", "O(N+M) for N items, of which M are removed")
        .flags(&[Write])
        .keys(&[rw(1).delete()])
        .args(&[key("key"), integer("count"), string("element")]),
    command("lpos", -3)
        .summary("Returns the indexes of items that are equal to a given one.")
        .since(
            "6.0.6",
            "O(N) for N items; O(1) where matches are sought and found near an end, or `MAXLEN` \
             bounds the search",
        )
        .flags(&[ReadOnly])
        .keys(&[ro(1).access()])
        .args(&[
            key("key"),
            string("element"),
            integer("rank").after("RANK").optional(),
            integer("num-matches").after("COUNT").optional(),
            integer("len").after("MAXLEN").optional(),
        ]),
    command("lmove", 5)
        .summary("Takes an item from one list, adds it to another, and returns it.")
        .since("6.2.0", "O(1)")
        .flags(&[Write, DenyOom])
        .keys(&[rw(1).access().delete(), rw(2).insert()])
        .args(&[key("source"), key("destination").spec(1), FROM, TO]),
    command("rpoplpush", 3)
        .summary("Takes the last item of a list, makes it the first of another, and returns it.")
        .since("1.2.0", "O(1)")
        .flags(&[Write, DenyOom])
        .keys(&[rw(1).access().delete(), rw(2).insert()])
        .args(&[key("source"), key("destination").spec(1)]),
    command("lmpop", -4)
        .summary("Takes items from the first of several lists that has any.")
        .since("7.0.0", "O(N+M) for N keys and M items")
        .flags(&[Write])
        .keys(&[rw(1).access().delete().counted()])
        .args(&[integer("numkeys"), key("key").multiple(), SIDE, COUNT]),
    command("blpop", -3)
        .summary("Takes the first item of the first of several lists that has any, or waits until one has.")
        .since("2.0.0", "O(N) for N keys")
        .history(&[("6.0.0", "The timeout may be a fraction, not only an integer.")])
        .flags(&[Write, Blocking])
        .keys(&[rw(1).access().delete().to(-2)])
        .args(&[key("key").multiple(), double("timeout")]),
    command("brpop", -3)
        .summary("Takes the last item of the first of several lists that has any, or waits until one has.")
        .since("2.0.0", "O(N) for N keys")
        .history(&[("6.0.0", "The timeout may be a fraction, not only an integer.")])
        .flags(&[Write, Blocking])
        .keys(&[rw(1).access().delete().to(-2)])
        .args(&[key("key").multiple(), double("timeout")]),
    command("blmove", 6)
        .summary("Moves an item from one list to another and returns it, waiting until there is one.")
        .since("6.2.0", "O(1)")
        .flags(&[Write, DenyOom, Blocking])
        .keys(&[rw(1).access().delete(), rw(2).insert()])
        .args(&[key("source"), key("destination").spec(1), FROM, TO, double("timeout")]),
    command("brpoplpush", 4)
        .summary(
            "Makes the last item of a list the first of another and returns it, waiting until \
             there is one.",
        )
        .since("2.2.0", "O(1)")
        .history(&[("6.0.0", "The timeout may be a fraction, not only an integer.")])
        .flags(&[Write, DenyOom, Blocking])
        .keys(&[rw(1).access().delete(), rw(2).insert()])
        .args(&[key("source"), key("destination").spec(1), double("timeout")]),
    command("blmpop", -5)
        .summary("Takes items from the first of several lists that has any, or waits until one has.")
        .since("7.0.0", "O(N+M) for N keys and M items")
        .flags(&[Write, Blocking])
        .keys(&[rw(2).access().delete().counted()])
        .args(&[double("timeout"), integer("numkeys"), key("key").multiple(), SIDE, COUNT]),
];

//! Pieces of grammar that commands of several pages have in common.

use crate::argument::{Arg, block, integer, one_of, pattern, unix_time, word};

/// Only what is new, or only what is there.
pub(super) const NX_OR_XX: Arg = one_of("condition", &[word("nx", "NX"), word("xx", "XX")]);

/// When something is given a time: only without one, only with one, only later, only earlier.
pub(super) const TIME_CONDITION: Arg =
    one_of("condition", &[word("nx", "NX"), word("xx", "XX"), word("gt", "GT"), word("lt", "LT")]).optional();

/// A time to live, in seconds.
pub(super) const EX: Arg = integer("seconds").after("EX");
/// The same in milliseconds.
pub(super) const PX: Arg = integer("milliseconds").after("PX");
/// When to go, in seconds.
pub(super) const EXAT: Arg = unix_time("unix-time-seconds").after("EXAT");
/// The same in milliseconds.
pub(super) const PXAT: Arg = unix_time("unix-time-milliseconds").after("PXAT");
/// The time to live stays what it is.
pub(super) const KEEPTTL: Arg = word("keepttl", "KEEPTTL");

/// A new time to live for what is read, or none at all.
pub(super) const TIME_OR_NONE: Arg =
    one_of("expiration", &[EX, PX, EXAT, PXAT, word("persist", "PERSIST")]).optional();

/// Only names like this.
pub(super) const MATCH: Arg = pattern("pattern").after("MATCH").optional();
/// How many.
pub(super) const COUNT: Arg = integer("count").after("COUNT").optional();
/// Only so many, from the one at an offset on.
pub(super) const LIMIT: Arg =
    block("limit", &[integer("offset"), integer("count")]).after("LIMIT").optional();
/// Which comes first.
pub(super) const ORDER: Arg = one_of("order", &[word("asc", "ASC"), word("desc", "DESC")]).optional();

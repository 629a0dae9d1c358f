//! The channels that a request names.

use catalog::{CommandId, id};
use std::ops::Range;

/// Where the channels of a command are among its arguments, and whether they are patterns. To leave a channel needs no
/// permission.
pub(crate) fn of(command: CommandId, argc: usize) -> Option<(Range<usize>, bool)> {
    const SUBSCRIBE: CommandId = id("subscribe");
    const SSUBSCRIBE: CommandId = id("ssubscribe");
    const PSUBSCRIBE: CommandId = id("psubscribe");
    const PUBLISH: CommandId = id("publish");
    const SPUBLISH: CommandId = id("spublish");
    match command {
        SUBSCRIBE | SSUBSCRIBE => Some((1..argc, false)),
        PSUBSCRIBE => Some((1..argc, true)),
        PUBLISH | SPUBLISH => Some((1..argc.min(2), false)),
        _ => None,
    }
}

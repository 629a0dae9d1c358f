//! `WAIT` and `WAITAOF`: waiting until writes are safe elsewhere. There are no replicas yet, so none ever acknowledges.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::{Blocked, Session};
use commands::{CommandError, Done, parse};
use conn::Args;

/// `WAIT numreplicas timeout`
pub fn wait(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let replicas = parse::integer(args.at(1))?;
    let until = until(args.at(2), now)?;
    if replicas <= 0 || session.caller.must_not_block {
        session.reply().integer(0);
        return Ok(Done::Replied);
    }
    Ok(node.block(session, until, false))
}

/// `WAITAOF numlocal numreplicas timeout`
pub fn waitaof(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Result<Done, CommandError> {
    let local = parse::integer(args.at(1))?;
    if !(0..=1).contains(&local) {
        return Err(CommandError::of("value is out of range, value must between 0 and 1"));
    }
    let replicas = natural(args.at(2))?;
    let until = until(args.at(3), now)?;
    if local > 0 {
        return Err(CommandError::of(
            "WAITAOF cannot be used when numlocal is set but appendonly is disabled.",
        ));
    }
    if replicas == 0 || session.caller.must_not_block {
        let mut reply = session.reply();
        reply.array(2);
        reply.integer(0);
        reply.integer(0);
        return Ok(Done::Replied);
    }
    Ok(node.block(session, until, true))
}

/// A number that counts something. Quirk of the reference: what is no number at all is out of range too.
pub(super) fn natural(text: &[u8]) -> Result<usize, CommandError> {
    let number = base::int::parse_i64(text).and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| CommandError::of("value is out of range, must be positive"))
}

/// When a wait ends, on the monotonic clock, by a timeout in milliseconds; 0 is never.
pub(super) fn until(text: &[u8], now: Now<'_>) -> Result<Option<u64>, CommandError> {
    let millis = base::int::parse_i64(text).ok_or(CommandError::TIMEOUT_NOT_INTEGER)?;
    if millis < 0 {
        return Err(CommandError::TIMEOUT_NEGATIVE);
    }
    if millis > i64::MAX - now.unix_ms() {
        return Err(CommandError::of("timeout is out of range"));
    }
    let micros = (millis as u64).saturating_mul(1000);
    Ok((millis > 0).then(|| now.mono_us.saturating_add(micros)))
}

impl Node {
    fn block(&mut self, session: &mut Session, until: Option<u64>, aof: bool) -> Done {
        session.blocked = Some(Blocked::ForAcks { until, aof });
        if let Some(at) = until {
            self.timeouts.insert((at, session.conn));
        }
        Done::Replied
    }
}

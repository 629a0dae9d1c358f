//! `WAIT` and `WAITAOF`: waiting until writes are safe elsewhere. There are no replicas yet, so none ever acknowledges.

use crate::boundary::Now;
use crate::node::Node;
use crate::session::{AofWait, Blocked, Session};
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
    Ok(node.block(session, until, None))
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
    if local > 0 && !node.config.aof.appendonly {
        return Err(NO_AOF);
    }
    let wait = AofWait { place: node.readers.aof.position, local: local > 0, replicas };
    if node.is_satisfied(&wait) || session.caller.must_not_block {
        node.reply_to_waitaof(session, &wait);
        return Ok(Done::Replied);
    }
    node.aof_waiters.push(session.conn);
    Ok(node.block(session, until, Some(wait)))
}

/// There is no local disk to wait for.
const NO_AOF: CommandError = CommandError(std::borrow::Cow::Borrowed(
    b"ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.",
));

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
    /// Whether what a client waits for has come. No replica ever tells of its disk.
    fn is_satisfied(&self, wait: &AofWait) -> bool {
        wait.replicas == 0 && (!wait.local || self.is_on_disk(wait.place))
    }

    pub(crate) fn reply_to_waitaof(&self, session: &mut Session, wait: &AofWait) {
        let mut reply = session.reply();
        reply.array(2);
        reply.integer(i64::from(self.is_on_disk(wait.place)));
        reply.integer(0);
    }

    /// More is safe than before, or never will be: clients that wait for it are told.
    pub(crate) fn serve_aof_waiters(&mut self, now: Now<'_>) {
        for conn in std::mem::take(&mut self.aof_waiters) {
            let blocked = self.session(conn).and_then(|session| session.blocked);
            let Some(Blocked::ForAcks { aof: Some(wait), .. }) = blocked else { continue };
            if wait.local && !self.config.aof.appendonly {
                self.release(now, conn, |node, session| node.fail_late(session, &NO_AOF));
            } else if self.is_satisfied(&wait) {
                self.release(now, conn, |node, session| node.reply_to_waitaof(session, &wait));
            } else {
                self.aof_waiters.push(conn);
            }
        }
    }

    fn block(&mut self, session: &mut Session, until: Option<u64>, aof: Option<AofWait>) -> Done {
        session.blocked = Some(Blocked::ForAcks { until, aof });
        if let Some(at) = until {
            self.timeouts.insert((at, session.conn));
        }
        Done::Replied
    }
}

//! `MONITOR`: clients that are shown every command that is run.
//!
//! ```text
//! +1700000000.000000 [0 127.0.0.1:50001] "SET" "key" "a \"value\""
//!  seconds            database, client    the words, escaped
//! ```
//!
//! A command is shown when it has run, or when it has begun to wait; those of a transaction before its EXEC. Not shown are
//! what administrators do, what shows itself, and secrets. While nobody watches this costs a look at [`Straits`].

use crate::boundary::{Now, Peer};
use crate::call::Call;
use crate::node::Node;
use crate::redact;
use crate::session::{ReplyMode, Session};
use crate::straits::Straits;
use base::escape;
use catalog::{CommandId, Flag};
use commands::{CommandError, Done};
use conn::Args;
use std::io::Write;

/// `MONITOR`
pub(crate) fn monitor(
    node: &mut Node,
    session: &mut Session,
    _: Args<'_>,
    _: Now<'_>,
) -> Result<Done, CommandError> {
    if session.caller.must_not_block {
        return Err(CommandError::of("MONITOR isn't allowed for DENY BLOCKING client"));
    }
    // Quirk of the reference: asked once more, it does not answer.
    if !session.monitors {
        session.monitors = true;
        node.monitors.push(session.conn);
        node.straits.put(Straits::MONITORED, true);
        session.reply().ok();
    }
    Ok(Done::Replied)
}

impl Node {
    /// A client watches no more.
    pub(crate) fn end_monitor(&mut self, session: &mut Session) {
        if std::mem::take(&mut session.monitors) {
            self.monitors.retain(|conn| *conn != session.conn);
            self.straits.put(Straits::MONITORED, !self.monitors.is_empty());
        }
    }

    /// Shows a command to those who watch, unless it is of those that are not shown.
    pub(crate) fn show_command(&mut self, now: Now<'_>, session: &mut Session, call: &Call<'_>) {
        if !call.id.has(Flag::Admin) && !call.id.has(Flag::SkipMonitor) {
            self.show(now, session, call.id, call.args);
        }
    }

    /// Shows a command to those who watch.
    pub(crate) fn show(&mut self, now: Now<'_>, session: &mut Session, command: CommandId, args: Args<'_>) {
        let line = line(now, session, command, args);
        for conn in self.monitors.clone() {
            match self.take_session(conn) {
                Some(mut watcher) => {
                    self.show_to(now, &mut watcher, &line);
                    self.put_back(watcher);
                }
                // What it does itself it sees behind the reply.
                None if conn == session.conn => self.show_to(now, session, &line),
                None => {}
            }
        }
    }

    fn show_to(&mut self, now: Now<'_>, watcher: &mut Session, line: &[u8]) {
        if watcher.closing || watcher.reply_mode == ReplyMode::Off {
            return;
        }
        self.lend_buffer(watcher);
        watcher.outbox.replies.bytes.extend_from_slice(line);
        self.check_output(now, watcher);
        watcher.account(&mut self.client_memory);
        self.queue_send(watcher);
    }
}

fn line(now: Now<'_>, session: &Session, command: CommandId, args: Args<'_>) -> Vec<u8> {
    let unix_us = now.later().unix_us;
    let (seconds, micros) = (unix_us.div_euclid(1_000_000), unix_us.rem_euclid(1_000_000));
    let mut line = format!("+{seconds}.{micros:06} [{} ", session.caller.database).into_bytes();
    // A vector takes whatever is written to it.
    let _ = match &session.peer {
        _ if session.caller.in_script => line.write_all(b"lua]"),
        Peer::Tcp { remote, .. } => write!(line, "{remote}]"),
        Peer::Unix { path } => write!(line, "unix:{path}]"),
    };
    let secrets = redact::secrets(command, &args);
    for (at, word) in args.from(0).enumerate() {
        line.push(b' ');
        escape::quote(&mut line, if secrets.contains(&at) { b"(redacted)" } else { word });
    }
    line.extend_from_slice(b"\r\n");
    line
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    /// What is shown, without the times.
    fn shown(text: &str) -> Vec<&str> {
        text.lines()
            .filter_map(|line| line.strip_prefix("+17")?.split_once(' '))
            .map(|(_, rest)| rest)
            .collect()
    }

    #[test]
    fn commands_are_shown_and_secrets_are_not() {
        let mut bench = Bench::new("");
        let (watcher, other) = (bench.connect(1), bench.connect(2));
        assert_eq!(bench.ask(watcher, &["MONITOR", "MONITOR"]), "+OK\r\n");
        bench.ask(other, &["SELECT 2", "SET \"k\" \u{1}", "CONFIG GET port", "NONE", "GET"]);
        bench.ask(other, &["AUTH secret", "HELLO 2 SETNAME me AUTH default secret"]);
        let text = bench.sent(watcher);
        let expected = [
            "[2 127.0.0.1:50002] \"SELECT\" \"2\"",
            "[2 127.0.0.1:50002] \"SET\" \"\\\"k\\\"\" \"\\x01\"",
            "[2 127.0.0.1:50002] \"AUTH\" \"(redacted)\"",
            "[2 127.0.0.1:50002] \"HELLO\" \"2\" \"SETNAME\" \"me\" \"AUTH\" \"(redacted)\" \"(redacted)\"",
        ];
        assert_eq!(shown(&text), expected);
    }

    #[test]
    fn a_transaction_is_shown_as_it_is_run() {
        let mut bench = Bench::new("");
        let (watcher, other) = (bench.connect(1), bench.connect(2));
        bench.ask(watcher, &["MONITOR"]);
        bench.ask(other, &["MULTI", "PING", "ECHO a", "EXEC", "BLPOP list 0.1"]);
        bench.wait(1_000_000);
        let text = bench.sent(watcher);
        let names = shown(&text).iter().map(|line| line.split('"').nth(1).unwrap()).collect::<Vec<_>>();
        assert_eq!(names, ["MULTI", "PING", "ECHO", "EXEC", "BLPOP"]);
    }

    #[test]
    fn who_watches_may_not_look_at_the_data() {
        let mut bench = Bench::new("");
        let watcher = bench.connect(1);
        bench.ask(watcher, &["MONITOR"]);
        assert_eq!(bench.ask(watcher, &["GET key"]), "-ERR Replica can't interact with the keyspace\r\n");
        assert!(bench.ask(watcher, &["CLIENT LIST"]).contains("flags=O "));
        assert!(bench.ask(watcher, &["PING"]).starts_with("+PONG\r\n+17"));
        bench.ask(watcher, &["RESET"]);
        assert_eq!(bench.ask(watcher, &["GET key"]), "$-1\r\n");
    }
}

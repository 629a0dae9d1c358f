//! What the node does while there is a pause: which commands wait, and how their clients go on.

use super::Current;
use crate::call::Call;
use crate::node::Node;
use crate::session::{Blocked, Session};
use crate::straits::Straits;
use catalog::{Flag, id};
use conn::{Batch, Head};

impl Node {
    /// Lets clients wait until this time. Of two pauses the longer counts, and the one for all.
    pub(crate) fn pause(&mut self, until_us: u64, all: bool) {
        let before = self.pause.current.unwrap_or(Current { until_us, all });
        let current = Current { until_us: until_us.max(before.until_us), all: all || before.all };
        self.pause.current = Some(current);
        self.follow_pause();
    }

    /// Lets clients go on.
    pub(crate) fn end_pause(&mut self) {
        self.pause.current = None;
        self.follow_pause();
        for conn in std::mem::take(&mut self.pause.waiting) {
            if let Some(session) = self.sessions.get_mut(conn.0 as usize).and_then(Option::as_mut) {
                session.blocked = None;
                self.lines.resumed(conn);
            }
        }
    }

    fn follow_pause(&mut self) {
        self.straits.put(Straits::PAUSED, self.pause.is_on());
        self.follow_settings();
    }

    /// Whether a command of a client has to wait.
    pub(crate) fn has_to_wait(&mut self, session: &Session, call: &Call<'_>) -> bool {
        let Some(Current { all, .. }) = self.pause.current else { return false };
        if session.monitors {
            return false;
        }
        let mut flags = self.flags_of_script(call.id, &call.args);
        if let Some(transaction) = session.transaction.as_ref().filter(|_| call.id == const { id("exec") }) {
            flags = flags.union(transaction.flags);
        }
        all || flags.has(Flag::Write) || flags.has(Flag::MayReplicate)
    }

    /// Makes a client wait with a command that is admitted.
    pub(crate) fn postpone(&mut self, session: &mut Session, call: &Call<'_>) {
        let mut request = Batch::default();
        // Its bytes are counted already.
        request.append(&Head { wire_bytes: 0, ..*call.head }, call.args);
        session.backlog.push_front(request);
        session.blocked = Some(Blocked::Paused);
        self.pause.waiting.push(session.conn);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn writes_wait_and_reads_do_not() {
        let mut bench = Bench::new("");
        let (one, two) = (bench.connect(1), bench.connect(2));
        bench.ask(two, &["SET key 0", "CLIENT PAUSE 1000 WRITE"]);
        assert_eq!(bench.ask(one, &["GET key", "SET key 1", "GET key"]), "$1\r\n0\r\n");
        assert!(bench.ask(two, &["INFO clients"]).contains("blocked_clients:1\r\n"));
        assert!(bench.ask(two, &["CLIENT LIST ID 1"]).contains("flags=b "));
        assert_eq!(bench.ask(two, &["CLIENT UNBLOCK 1", "GET key"]), ":0\r\n$1\r\n0\r\n");
        bench.wait(2_000_000);
        assert_eq!(bench.sent(one), "+OK\r\n$1\r\n1\r\n");
        assert!(bench.ask(two, &["INFO clients"]).contains("paused_reason:none\r\n"));
    }

    #[test]
    fn of_two_pauses_the_stricter_and_the_longer_counts() {
        let mut bench = Bench::new("");
        let (one, two) = (bench.connect(1), bench.connect(2));
        bench.ask(two, &["MULTI", "CLIENT PAUSE 1000 WRITE", "CLIENT PAUSE 10 ALL", "CLIENT PAUSE 20 WRITE"]);
        let info = bench.ask(two, &["INFO clients", "EXEC"]);
        assert!(info.ends_with("paused_actions:all\r\npaused_timeout_milliseconds:1000\r\n\r\n"), "{info}");
        assert_eq!(bench.ask(one, &["PING"]), "");
        bench.wait(900_000);
        assert_eq!(bench.sent(one), "");
        bench.wait(200_000);
        assert_eq!(bench.sent(one), "+PONG\r\n");
    }

    #[test]
    fn a_transaction_that_pauses_is_run_to_its_end() {
        let mut bench = Bench::new("");
        let (one, two) = (bench.connect(1), bench.connect(2));
        bench.ask(one, &["BLPOP list 0"]);
        let transaction = ["MULTI", "CLIENT PAUSE 1000 WRITE", "RPUSH list a b", "EXEC", "LLEN list"];
        assert!(bench.ask(two, &transaction).ends_with("*2\r\n+OK\r\n:2\r\n:2\r\n"));
        assert_eq!(bench.sent(one), "", "its pop is a write, and waits");
        assert_eq!(bench.ask(two, &["CLIENT UNPAUSE", "LLEN list"]), "+OK\r\n:1\r\n");
        assert_eq!(bench.sent(one), "*2\r\n$4\r\nlist\r\n$1\r\na\r\n");
    }

    #[test]
    fn nothing_expires_meanwhile() {
        let mut bench = Bench::new("");
        let one = bench.connect(1);
        bench.ask(one, &["SET key 1 PX 100", "CLIENT PAUSE 5000 WRITE"]);
        bench.wait(1_000_000);
        assert_eq!(bench.ask(one, &["GET key", "DBSIZE"]), "$-1\r\n:1\r\n");
        bench.ask(one, &["CLIENT UNPAUSE"]);
        assert_eq!(bench.ask(one, &["GET key", "DBSIZE"]), "$-1\r\n:0\r\n");
    }

    #[test]
    fn who_goes_waits_no_more() {
        let mut bench = Bench::new("");
        let (one, two) = (bench.connect(1), bench.connect(2));
        bench.ask(two, &["CLIENT PAUSE 1000 WRITE"]);
        bench.ask(one, &["SET key 1"]);
        bench.close(one);
        let heir = bench.connect(1);
        bench.ask(heir, &["BLPOP none 0"]);
        assert_eq!(bench.ask(two, &["CLIENT UNPAUSE", "EXISTS key"]), "+OK\r\n:0\r\n");
    }
}

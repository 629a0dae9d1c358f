//! Protection of servers that were set up without much thought: one that nobody gave a password serves only the machine it
//! runs on, and tells others why; and no server answers a browser that a page of some site made speak to it.

use crate::boundary::{CloseReason, ConnId, Now, Output, Peer};
use crate::node::Node;
use crate::session::Session;
use acl::UserId;
use base::log::Level;

/// What a client from elsewhere is told, to the letter: tools show it, and look for it.
const DENIED: &[u8] = b"-DENIED Running in protected mode because protected mode is enabled and no password is set \
for the default user. In this mode connections are only accepted from the loopback interface. If you want to connect \
from external computers, you may adopt one of the following solutions: 1) Just disable protected mode sending the \
command 'CONFIG SET protected-mode no' from the loopback interface by connecting from the same host the server is \
running, however MAKE SURE it's not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this \
change permanent. 2) Alternatively you can just disable the protected mode by editing the configuration file, and \
setting the protected mode option to 'no', and then restarting the server. 3) If you started the server manually just \
for testing, restart it with the '--protected-mode no' option. 4) Set up an authentication password for the default \
user. NOTE: You only need to do one of the above things in order for the server to start accepting connections from \
the outside.\r\n";

/// For how long the log says nothing more of clients that speak HTTP.
const QUIET_SECONDS: i64 = 60;

impl Node {
    /// Whether a client may come in from where it is; if not, it is told so and turned away.
    pub(crate) fn lets_in(&mut self, conn: ConnId, peer: &Peer) -> bool {
        let protected = self.config.network.protected_mode && self.users.get(UserId::DEFAULT).no_password();
        if !protected || peer.is_local() {
            return true;
        }
        self.stats.rejected_connections += 1;
        self.outputs.push_back(Output::TurnAway(conn, DENIED));
        false
    }

    /// Ends the connection of a client that speaks HTTP, as `name`, which is no command's, gives away: a server that passed
    /// over the headers would run what a web page put behind them. The log hears of it once a minute.
    #[cold]
    pub(crate) fn shuts_out_http(&mut self, now: Now<'_>, session: &mut Session, name: &[u8]) -> bool {
        // The start of a request that has a body, and the header that no request is without.
        if ![b"post".as_slice(), b"host:"].iter().any(|word| name.eq_ignore_ascii_case(word)) {
            return false;
        }
        if self.http_logged_s.is_none_or(|last| (now.unix_s() - last).abs() > QUIET_SECONDS) {
            self.http_logged_s = Some(now.unix_s());
            let (host, port) = match &session.peer {
                Peer::Tcp { remote, .. } => (remote.ip().to_string(), remote.port()),
                // Quirk of the reference: what stands for the port is said twice.
                unix => (unix.to_string(), 0),
            };
            self.log(
                Level::Warning,
                format!(
                    "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to \
                     Valkey. This is likely due to an attacker attempting to use Cross Protocol Scripting to \
                     compromise your Valkey instance. Connection from {host}:{port} aborted."
                ),
            );
        }
        self.close(session, CloseReason::Now);
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::boundary::{CloseReason, Output};
    use crate::testing::Bench;

    #[test]
    fn the_log_hears_of_http_once_a_minute() {
        let mut bench = Bench::new("");
        let mut told = |number, seconds: u64| {
            bench.wait(seconds * 1_000_000);
            let client = bench.connect(number);
            bench.outputs.clear();
            assert_eq!(bench.ask(client, &["POST /", "PING"]), "");
            let closed = |output: &&Output| matches!(output, Output::Close(_, CloseReason::Now));
            assert_eq!(bench.outputs.iter().filter(closed).count(), 1);
            bench.outputs.iter().any(|output| matches!(output, Output::Log(_)))
        };
        assert!(told(0, 0));
        assert!(!told(1, 60));
        assert!(told(2, 1));
        assert!(!told(3, 1));
    }
}

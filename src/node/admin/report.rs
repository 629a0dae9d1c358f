//! What a crash report tells of a node: figures, clients, and some settings. What users have named is left out when the
//! settings say that the log is to hide it.

use super::info::{View, all_sections};
use crate::boundary::{ConnId, Now, Peer};
use crate::node::Node;
use crate::session::Session;

/// The parts of a crash report, each as text of several lines.
pub struct Report {
    /// As `INFO everything`.
    pub info: String,
    /// As `CLIENT LIST`. Of a client whose command was running, nothing may be here.
    pub clients: String,
    /// The client that the shell was doing something for; empty if there was none.
    pub current: String,
    /// The settings that are of interest.
    pub settings: String,
}

impl Node {
    /// The state of the node for a crash report.
    pub fn report(&self, now: Now<'_>) -> Report {
        // Nobody asks, but somebody has to.
        let nobody = Session::new(ConnId(u32::MAX), 0, Peer::Unix { path: String::new() }, true, now.mono_us);
        let info = all_sections(&View::new(self, &nobody, now));
        let mut sessions: Vec<&Session> = self.sessions.iter().flatten().map(Box::as_ref).collect();
        sessions.sort_unstable_by_key(|session| session.id);
        let clients = sessions.into_iter().map(|session| self.described(session, now) + "\n").collect();
        let served = self.served().and_then(|conn| self.session(conn));
        let current = served.map(|session| self.described(session, now) + "\n").unwrap_or_default();
        let settings = String::from_utf8_lossy(&self.config.report()).into_owned();
        Report { info, clients, current, settings }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn a_report_shows_clients_but_hides_what_they_are_called() {
        let mut bench = Bench::new("enable-debug-command yes");
        let client = bench.connect(0);
        let sleeper = bench.connect(1);
        bench.ask(client, &["CLIENT SETNAME secret", "SET key secret"]);
        bench.ask(sleeper, &["DEBUG SLEEP 1"]);
        let report = bench.with(|node, now| node.report(now));
        assert!(report.info.contains("# Server\r\n") && report.info.contains("# Commandstats\r\n"));
        assert_eq!(report.clients.lines().count(), 2);
        assert!(report.clients.contains(" name=*redacted* "), "{}", report.clients);
        assert!(report.current.contains(" cmd=debug"), "{}", report.current);
        assert!(report.settings.contains("io-threads 1\n"), "{}", report.settings);
        for text in [report.info, report.clients, report.current, report.settings] {
            assert!(!text.contains("secret"), "{text}");
        }
        bench.node.config.log.hide_user_data_from_log = false;
        assert!(bench.with(|node, now| node.report(now)).clients.contains(" name=secret "));
    }
}

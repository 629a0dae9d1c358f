//! What the node does for clients that wait for keys: lets them stand in line, and serves the lines of keys that changed.

use super::KeyWait;
use crate::boundary::{ConnId, Now};
use crate::call::Call;
use crate::node::Node;
use crate::session::{Blocked, Session};
use commands::{Done, Wait};
use conn::Batch;
use keyspace::Lookup;

impl Node {
    /// Makes a client wait for keys.
    pub(crate) fn block_on_keys(
        &mut self,
        now: Now<'_>,
        session: &mut Session,
        call: &Call<'_>,
        mut wait: Box<Wait>,
    ) {
        let args = call.args;
        let database = session.caller.database;
        let names: Vec<Box<[u8]>> = wait.keys.clone().map(|at| args.at(at).into()).collect();
        for name in &names {
            self.lines.enter(database, name, session.conn);
        }
        let rewritten = std::mem::take(&mut wait.rewritten);
        if !rewritten.is_empty() {
            session.asked = Some(Box::new(call.to_batch()));
        }
        let word =
            |at| rewritten.iter().find(|(index, _)| *index == at).map_or(args.at(at), |(_, word)| word);
        let request = Batch::of_words(Ok(call.id), (0..args.len()).map(word));
        let until =
            wait.timeout.map(|millis| now.mono_us.saturating_add((millis as u64).saturating_mul(1000)));
        if let Some(at) = until {
            self.timeouts.insert((at, session.conn));
        }
        session.blocked = Some(Blocked::ForKeys { until, in_vain: wait.in_vain });
        session.key_wait = Some(Box::new(KeyWait { database, names, wait, request }));
        self.follow_listeners();
    }

    /// Lets a client leave the lines that it stands in. Answers the request for which it did.
    pub(crate) fn leave_lines(&mut self, session: &mut Session) -> Option<Batch> {
        let waited = session.key_wait.take()?;
        for name in &waited.names {
            self.lines.leave(waited.database, name, session.conn);
        }
        self.follow_listeners();
        Some(waited.request)
    }

    /// How many keys are waited for by clients that are to hear of it when the key goes.
    pub(crate) fn awaited_if_gone(&self) -> usize {
        let minds = |conn: &ConnId| {
            let waited = self.session(*conn).and_then(|session| session.key_wait.as_ref());
            waited.is_some_and(|waited| waited.wait.even_if_gone)
        };
        self.lines.iter().filter(|(_, _, line)| line.iter().any(minds)).count()
    }

    /// Serves those who wait for keys that changed.
    pub(crate) fn serve_lines(&mut self, now: Now<'_>) {
        if self.scripting.is_slow() {
            return;
        }
        while let Some((database, name)) = self.lines.changed.pop_front() {
            // A key whose time came while the command ran that made it is not found any more.
            let now = now.later();
            let Some(line) = self.lines.lines.get(database).and_then(|lines| lines.get(&name)) else {
                continue;
            };
            for conn in Vec::from_iter(line.iter().copied()) {
                self.try_again(now, conn, database, &name);
            }
        }
    }

    /// Runs the request of a client again that waits for a key, if the key is such that it may find something.
    fn try_again(&mut self, now: Now<'_>, conn: ConnId, database: usize, name: &[u8]) {
        let Some(mut session) = self.take_session(conn) else { return };
        if let Some(waited) =
            session.key_wait.take_if(|waited| self.may_find(now, &waited.wait, database, name))
        {
            self.run_again(now, &mut session, waited);
        }
        if !self.put_by.is_empty() {
            self.hand_put_by(now, &mut session);
        }
        session.account(&mut self.client_memory);
        self.put_back(session);
    }

    fn may_find(&self, now: Now<'_>, wait: &Wait, database: usize, name: &[u8]) -> bool {
        let database = &self.data.databases[database];
        match database.lookup(&self.data.key(name), now.unix_ms()) {
            Lookup::Found(place) => wait.even_if_gone || database.tables.get(place).kind() == wait.kind,
            Lookup::Missing | Lookup::Expired(_) => wait.even_if_gone,
        }
    }

    fn run_again(&mut self, now: Now<'_>, session: &mut Session, waited: Box<KeyWait>) {
        let Some(call) = Call::alone_in(&waited.request) else { return };
        let (call, id) = (&call, call.id);
        self.lend_buffer(session);
        let start = session.outbox.replies.bytes.len();
        // What the user may do can have changed since.
        if !self.users.allows_all(session.caller.user)
            && let Err(error) = self.admit_user(session, call.id, &call.args, now)
        {
            session.key_wait = Some(waited);
            self.end_wait(now, session);
            self.refuse(session, Some(id), &error);
            return self.go_on_later(session, start);
        }
        if self.has_to_wait(session, call) {
            self.forget_timeout(session);
            self.postpone(session, call);
            session.key_wait = Some(waited);
            self.leave_lines(session);
            return;
        }
        let began = now.meter.micros();
        let result = self.execute(now, session, call);
        self.end_unit_of(id);
        session.ran_us += now.meter.micros().saturating_sub(began);
        self.note_reads(session, call);
        session.key_wait = Some(waited);
        if !matches!(result, Ok(Done::Block(_))) {
            let waited = self.end_wait(now, session);
            if let Err(error) = result {
                self.stats.of(id).failed += 1;
                self.fail(session, &error);
            }
            session.reply_start = start;
            self.over_at_last(now, session, &waited);
            self.go_on_later(session, start);
        }
        self.heed(now, Some(session.conn));
    }

    /// The reply that begins at `start` ends a wait; what stands behind the command will be run by [`Node::resume`].
    fn go_on_later(&mut self, session: &mut Session, start: usize) {
        session.silence(start);
        self.queue_send(session);
        self.lines.resumed(session.conn);
    }

    /// Runs what stands behind the commands of those who wait no more.
    pub(crate) fn resume(&mut self, now: Now<'_>) {
        while let Some(conn) = self.lines.resumed.pop_front() {
            let Some(mut session) = self.take_session(conn) else { continue };
            self.go_on(now, &mut session);
            self.queue_send(&mut session);
            session.account(&mut self.client_memory);
            self.put_back(session);
        }
    }

    /// Whether a change has consequences that someone is to be told of decides whether changes are written down.
    pub(crate) fn follow_listeners(&mut self) {
        self.effects.listening =
            !self.lines.is_empty() || !self.watches.is_empty() || self.tracking.listens() || self.notifies();
    }

    /// Works out what follows from the changes written down, for everyone but those who wait. `author` is whose command
    /// made them, if anyone's.
    pub(crate) fn heed(&mut self, now: Now<'_>, author: Option<ConnId>) {
        // Taken for the moment: to tell of a change makes none. The memory goes back.
        let mut facts = std::mem::take(&mut self.effects.facts);
        for fact in facts.drain(..) {
            if fact.serves() {
                self.lines.note(fact.database, &fact.key);
            }
            self.watches.note(&fact);
            if self.tracking.listens() {
                self.invalidate(now, author, &fact);
            }
            if self.notifies() {
                self.notify(now, &fact);
            }
        }
        self.effects.facts = facts;
    }

    /// The same, and serves those who wait.
    #[cold]
    pub(crate) fn follow_facts(&mut self, now: Now<'_>, author: Option<ConnId>) {
        self.heed(now, author);
        self.serve_lines(now);
    }
}

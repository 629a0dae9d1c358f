//! A command that a script calls: what it is refused for, and its run.
//!
//! ```text
//! no such command, arguments, not for scripts, not permitted to the caller, a write that must not be, out of memory
//! ```

use super::{Asker, Run, Runner};
use crate::boundary::Now;
use crate::call::Call;
use crate::node::Node;
use crate::session::Session;
use crate::straits::Straits;
use crate::users;
use acl::Context;
use catalog::{CommandId, Flag};
use commands::CommandError;
use conn::{Args, Head};
use resp::Protocol;

/// Of the places where writes are sent, the append-only file.
const TO_FILE: u8 = 1;

impl Node {
    /// Runs the command that a script calls; its reply is in the outbox of the script's session. `asker` is who asked for
    /// the script, if its session is in the hands of a caller.
    pub(super) fn call(
        &mut self,
        now: Now<'_>,
        runner: &mut Runner,
        asker: Option<Asker<'_>>,
    ) -> Result<(), CommandError> {
        let Runner { machine, session, request, run, .. } = runner;
        machine.take_words(&mut request.bytes, &mut request.spans);
        session.outbox.replies.clear();
        session.protocol = if machine.wants_resp3() { Protocol::Resp3 } else { Protocol::Resp2 };
        let mut head =
            Head { argc: request.spans.len() as u32, wire_bytes: 0, key_at: 0, ..request.requests[0] };
        run.repeats = machine.places() & TO_FILE != 0;
        let args = request.args(&head);
        head.command = self.lexicon.names.resolve(&args);
        let result = match self.admit_call(now, (session, run, asker), &head, &args) {
            Ok(id) => self.run_call(now, (session, asker, run), &Call { id, args, head: &head }),
            Err(error) => {
                if let Ok(id) = head.command {
                    self.stats.of(id).rejected += 1;
                }
                Err(error)
            }
        };
        if let Err(error) = &result {
            self.stats.error(&error.0);
        }
        machine.take_words(&mut request.bytes, &mut request.spans);
        result
    }

    fn run_call(
        &mut self,
        now: Now<'_>,
        (session, asker, run): (&mut Session, Option<Asker<'_>>, &Run),
        call: &Call<'_>,
    ) -> Result<(), CommandError> {
        let began = now.meter.micros();
        if self.straits.has(Straits::MONITORED) {
            self.show_command(now, session, call);
        }
        let written = self.effects.writes.len();
        let result = self.execute(now, session, call);
        if !run.repeats {
            self.effects.writes.truncate(written);
        }
        let micros = now.meter.micros().saturating_sub(began);
        self.count(session, call.id, micros);
        if self.is_notable(session, micros) {
            self.for_asker(run, asker.map(|asker| asker.session), session, |node, asker| {
                node.note_command(now, session, asker, call, micros);
            });
        }
        if !self.effects.facts.is_empty() {
            self.heed(now, run.author);
        }
        if let Some(tracker) = run.tracker {
            self.note_reads_of(tracker, call);
        }
        // What is left to the shell is done behind the script.
        if session.blocked.take().is_some() && session.outbox.is_empty() {
            session.reply().ok();
        }
        if result.is_err() {
            self.stats.of(call.id).failed += 1;
        }
        result.map(|_| ())
    }

    /// The refusals of a script's command, in order.
    fn admit_call(
        &mut self,
        now: Now<'_>,
        (session, run, asker): (&Session, &mut Run, Option<Asker<'_>>),
        head: &Head,
        args: &Args<'_>,
    ) -> Result<CommandId, CommandError> {
        let Ok(id) = head.command else {
            return Err(CommandError::of("Unknown command called from script"));
        };
        if !id.accepts(args.len()) {
            return Err(CommandError::of("Wrong number of args calling command from script"));
        }
        let flags = id.flags();
        if flags.has(Flag::NoScript) && !self.scripting.allow_all {
            return Err(CommandError::of(format!(
                "This {} command is not allowed from script",
                self.title()
            )));
        }
        if !self.users.allows_all(session.caller.user)
            && let Err(denial) = self.permits(session.caller.user, id, args)
        {
            let client = self.asker_info(now, run, asker);
            let user = session.caller.user;
            self.note_denial(user, denial, id, args, (Context::Script, client), now);
            let user = self.users.get(user).name();
            let text = [b"ACL failure in script: ".as_slice(), &users::denials::text(user, denial, id, None)]
                .concat();
            return Err(CommandError::of(text));
        }
        if run.read_only && (flags.has(Flag::Write) || flags.has(Flag::MayReplicate)) {
            return Err(CommandError::of("Write commands are not allowed from read-only scripts."));
        }
        if !run.wrote && self.straits.has(Straits::DISK) {
            self.admit_in_straits(id, flags)?;
        }
        if flags.has(Flag::DenyOom) && run.short_of_memory && !run.allow_oom && !run.wrote {
            return Err(CommandError::OUT_OF_MEMORY);
        }
        run.wrote |= flags.has(Flag::Write);
        Ok(id)
    }

    /// Does something for which who asked for a script is wanted: the session that a caller lends, or the one that waits for
    /// its slow script. Where it has gone, the script's own stands for it.
    #[cold]
    fn for_asker(
        &mut self,
        run: &Run,
        lent: Option<&Session>,
        own: &Session,
        act: impl FnOnce(&mut Node, &Session),
    ) {
        if let Some(asker) = lent {
            return act(self, asker);
        }
        let waiting = run.asker.and_then(|(conn, id)| {
            self.sessions.get_mut(conn.0 as usize)?.take_if(|session| session.id == id)
        });
        act(self, waiting.as_deref().unwrap_or(own));
        if let Some(session) = waiting {
            self.put_back(session);
        }
    }

    /// The client that a script runs for, as CLIENT LIST shows it.
    #[cold]
    fn asker_info(&self, now: Now<'_>, run: &Run, asker: Option<Asker<'_>>) -> String {
        if let Some(asker) = asker {
            return self.client_info_of(asker.session, asker.args.from(0).map(<[u8]>::len).sum(), now);
        }
        let waiting = run.asker.and_then(|(conn, id)| self.session(conn).filter(|session| session.id == id));
        let words = run.words.iter().map(Vec::len).sum();
        waiting.map_or(String::new(), |session| self.client_info_of(session, words, now))
    }

    /// Whether the caller of a script may run a command; `None` where there is no such command.
    pub(super) fn may_call(&mut self, runner: &mut Runner) -> Option<bool> {
        let Runner { machine, session, request, .. } = runner;
        machine.take_words(&mut request.bytes, &mut request.spans);
        let head = Head { argc: request.spans.len() as u32, ..request.requests[0] };
        let args = request.args(&head);
        let id = self.lexicon.names.resolve(&args).ok();
        let user = session.caller.user;
        let may = id.map(|id| self.users.allows_all(user) || self.permits(user, id, &args).is_ok());
        machine.take_words(&mut request.bytes, &mut request.spans);
        may
    }
}

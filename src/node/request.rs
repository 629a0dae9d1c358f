//! The tour of a request: prefetch, admit, execute, settle.
//!
//! ```text
//! batch of requests, each looked up and hashed by the thread that read it, the table line of its key asked for
//!   -> prefetch    the records of the next few requests
//!   -> admit       the ordered refusals: no such command, arguments, authentication, memory
//!   -> execute     the handler, with borrows of exactly what it may touch
//!   -> settle      counters, errors, the outbox handed to the shell
//! ```

use crate::boundary::{CloseReason, ConnId, Now};
use crate::call::Call;
use crate::commandlog::Cost;
use crate::dispatch::{self, Row};
use crate::node::Node;
use crate::session::{Blocked, ReplyMode, Session};
use crate::straits::Straits;
use crate::transaction;
use catalog::{CommandId, Flag};
use commands::{CommandError, Ctx, Done};
use conn::{Args, Batch, Head};
use keyspace::values::{Value, each};
use keyspace::{Key, Record, Tables};
use resp::Reply;

/// How many requests are prefetched together: enough to hide a miss, few enough to stay in the nearest cache.
const GROUP: usize = 16;

impl Node {
    /// Runs the requests of one connection, in order. A batch that must wait, because the client is blocked, is kept.
    pub fn requests(&mut self, now: Now<'_>, conn: ConnId, batch: &mut Batch) {
        self.tick(now);
        self.stats.reads += 1;
        self.evict_clients();
        let Some(mut session) = self.take_session(conn) else {
            return batch.clear();
        };
        if session.blocked.is_some() || !session.backlog.is_empty() {
            let mut waiting = std::mem::take(batch);
            waiting.bytes.shrink_to_fit();
            session.backlog.push_back(waiting);
            self.check_input(&mut session, &[]);
        } else {
            self.run_batch(now, &mut session, batch, 0);
        }
        self.queue_send(&mut session);
        session.account(&mut self.client_memory);
        self.put_back(session);
        self.resume(now);
        self.clients_may_have_grown();
        self.settle();
    }

    /// As [`Node::requests`], of a batch that another thread has read.
    pub fn requests_of_thread(&mut self, now: Now<'_>, conn: ConnId, batch: &mut Batch) {
        let threaded = &mut self.stats.threaded;
        threaded.reads += 1;
        for group in batch.requests.chunks(GROUP).filter(|group| group.len() > 1) {
            threaded.prefetch_batches += 1;
            threaded.prefetch_entries += group.iter().filter(|head| head.key_at != 0).count() as u64;
        }
        batch.requests.iter().for_each(self.foresee(conn));
        self.requests(now, conn, batch);
    }

    /// Runs a batch from request `from` on, until it ends, the client blocks or is to be closed.
    pub(crate) fn run_batch(&mut self, now: Now<'_>, session: &mut Session, batch: &mut Batch, from: usize) {
        session.active_us = now.mono_us;
        self.lend_buffer(session);
        let mut clock = now.meter.micros();
        let mut next = from;
        while next < batch.requests.len() {
            let end = batch.requests.len().min(next + GROUP);
            self.prefetch(session, batch, &batch.requests[next..end]);
            while next < end && !session.outbox.is_full() {
                if session.closing {
                    return;
                }
                if session.blocked.is_some() {
                    return self.put_off(session, batch, next);
                }
                self.run_one(now, session, batch, &batch.requests[next], &mut clock);
                next += 1;
            }
            if self.check_output(now, session) {
                return;
            }
        }
        if let Some(error) = batch.error {
            self.refuse(session, None, &CommandError::of(error.reply()));
            self.tell_of_broken_stream(now, session, error, &batch.rest);
            self.close(session, CloseReason::WhenSent);
        }
    }

    /// Keeps the requests from `next` on for when the client is unblocked.
    #[cold]
    fn put_off(&mut self, session: &mut Session, batch: &mut Batch, next: usize) {
        let mut rest = std::mem::take(batch);
        rest.requests.drain(..next);
        // A command that has not begun stands before it.
        let at = usize::from(session.blocked == Some(Blocked::Paused));
        session.backlog.insert(at, rest);
    }

    /// Asks the memory for what a lookup of this request's key reads first. Called when a request is decoded, so that the
    /// line is under way while the next requests are.
    #[inline]
    pub fn foresee(&self, conn: ConnId) -> impl Fn(&Head) + use<'_> {
        let tables = self.session(conn).map(|session| &self.data.databases[session.caller.database].tables);
        move |head| {
            if let Some(tables) = tables
                && head.key_at != 0
            {
                tables.prefetch_bucket(head.table, head.hash);
            }
        }
    }

    /// Asks the memory for the records that these requests will read. The way to them is under way since they were decoded.
    #[inline]
    fn prefetch(&self, session: &Session, batch: &Batch, heads: &[Head]) {
        if heads.len() < 2 {
            return;
        }
        let tables = &self.data.databases[session.caller.database].tables;
        for head in heads.iter().filter(|head| head.key_at != 0) {
            tables.prefetch_record(head.table, head.hash);
        }
        if heads.windows(2).any(|pair| pair[0].hash == pair[1].hash && pair[0].key_at != 0) {
            prefetch_parts(tables, batch, heads);
        }
    }

    /// Runs one request and counts it.
    #[inline]
    fn run_one(&mut self, now: Now<'_>, session: &mut Session, batch: &Batch, head: &Head, clock: &mut u64) {
        let args = batch.args(head);
        session.bytes_in += u64::from(head.wire_bytes);
        self.stats.bytes_in += u64::from(head.wire_bytes);
        let start = session.outbox.replies.bytes.len();
        (session.request_bytes, session.reply_start) = (head.wire_bytes, start);
        session.last_command = head.command.ok();
        let unusual = self.straits.any();
        match self.admit(session, head, &args, now) {
            Err(_) if head.command.is_err() && self.shuts_out_http(now, session, args.at(0)) => return,
            Err(error) => self.turn_down(now, session, head, args, error),
            Ok(id) => {
                let call = &Call { id, args, head };
                if unusual && !self.make_ready(now, session, call) {
                    return;
                }
                if session.transaction.is_some() && transaction::joins(id) {
                    self.queue(session, call);
                } else {
                    self.carry_out(now, session, call, clock);
                    if unusual {
                        self.witness(now, session, call);
                    }
                    if session.blocked.is_some() {
                        return;
                    }
                }
            }
        }
        if session.reply_mode != ReplyMode::On {
            // What those who listen are told are messages, not replies.
            let told = head.command.is_ok_and(|id| id.has(Flag::PubSub) && id.has(Flag::NoScript));
            session.silence(if told { session.outbox.replies.bytes.len() } else { start });
        }
        if unusual {
            self.end_caching(session, head.command.ok());
        }
        if !self.put_by.is_empty() {
            self.hand_put_by(now, session);
        }
    }

    /// Executes an admitted command and sees to what follows. If its client waits now, it is counted, and its reply written
    /// or left out, when the wait ends.
    #[inline(always)]
    fn carry_out(&mut self, now: Now<'_>, session: &mut Session, call: &Call<'_>, clock: &mut u64) {
        let result = self.execute(now, session, call);
        let ended = now.meter.micros();
        let micros = ended.saturating_sub(*clock);
        *clock = ended;
        self.stats.turns.command_micros += micros;
        let result = result.map(|done| match done {
            Done::Block(wait) => self.block_on_keys(now, session, call, wait),
            Done::Replied => {}
        });
        let over = session.suspended.is_none();
        if over {
            self.end_unit_of(call.id);
        }
        if over && (!self.effects.facts.is_empty() || self.lines.has_changed()) {
            self.follow_facts(now, Some(session.conn));
        }
        if session.blocked.is_some() {
            if over {
                session.begin_wait(call, micros, ended);
            }
            return;
        }
        if let Err(error) = result {
            self.stats.of(call.id).failed += 1;
            self.fail(session, &error);
        }
        self.over(now, session, call, micros);
    }

    /// Replies to a request that was not admitted.
    #[cold]
    fn turn_down(
        &mut self,
        now: Now<'_>,
        session: &mut Session,
        head: &Head,
        args: Args<'_>,
        mut error: CommandError,
    ) {
        let command = head.command.ok();
        let in_transaction = session.transaction.is_some();
        if in_transaction {
            error = self.spoil(session, command, error);
        }
        self.refuse(session, command, &error);
        const EXEC: CommandId = catalog::id("exec");
        if in_transaction && command == Some(EXEC) && self.straits.has(Straits::MONITORED) {
            // Those who have seen the MULTI see where it ends.
            self.show(now, session, EXEC, args);
        }
    }

    /// What an unusual state has done before an admitted command. Answers whether the command is run now.
    #[cold]
    fn make_ready(&mut self, now: Now<'_>, session: &mut Session, call: &Call<'_>) -> bool {
        if self.straits.has(Straits::TRACKED) {
            self.limit_tracking(now, Some(session.conn));
            // What changed before the command, by eviction, is told before its reply.
            if !self.put_by.is_empty() {
                self.hand_put_by(now, session);
            }
        }
        let waits = self.has_to_wait(session, call);
        if waits {
            self.postpone(session, call);
        }
        !waits
    }

    /// Lets those take note of a command who want to know of each.
    #[cold]
    pub(crate) fn witness(&mut self, now: Now<'_>, session: &mut Session, call: &Call<'_>) {
        if self.straits.has(Straits::MONITORED) {
            self.show_command(now, session, call);
        }
        self.note_reads(session, call);
    }

    /// Counts a command that ran and has replied, and looks whether it is worth noting.
    #[inline]
    pub(crate) fn over(&mut self, now: Now<'_>, session: &mut Session, call: &Call<'_>, micros: u64) {
        self.count(session, call.id, micros);
        if self.is_notable(session, micros) {
            self.note_command(now, session, session, call, micros);
        }
    }

    /// Whether a command that is over may be worth noting.
    #[inline]
    pub(crate) fn is_notable(&self, session: &Session, micros: u64) -> bool {
        let replies = &session.outbox.replies;
        // Values by reference are large, so where there are any, the exact figure is worth its while.
        let reply = replies.bytes.len().wrapping_sub(session.reply_start) as u64;
        let cost = Cost { micros, request: session.request_bytes.into(), reply };
        cost.may_reach(self.least_noted) || !replies.shared.is_empty()
    }

    /// Counts a command that ran.
    #[inline]
    pub(crate) fn count(&mut self, session: &mut Session, id: CommandId, micros: u64) {
        self.stats.ran(id, micros, self.config.monitor.latency_tracking);
        session.commands += 1;
        self.stats.processed += 1;
    }

    /// Calls the handler, and takes down what is to be repeated of it, if anyone repeats.
    #[inline]
    pub(crate) fn execute(
        &mut self,
        now: Now<'_>,
        session: &mut Session,
        call: &Call<'_>,
    ) -> Result<Done, CommandError> {
        if !self.effects.recording {
            return self.run(now, session, call);
        }
        let before = self.effects.dirty;
        self.effects.begin(session.caller.database);
        let result = self.run(now, session, call);
        if self.effects.recording {
            self.effects.end(self.effects.dirty != before, call.args.from(0));
        }
        result
    }

    #[inline(always)]
    fn run(&mut self, now: Now<'_>, session: &mut Session, call: &Call<'_>) -> Result<Done, CommandError> {
        match dispatch::row(call.id) {
            Row::Data(handler) => {
                let mut cx = Ctx {
                    now: now.unix_ms(),
                    rng: &mut self.rng,
                    caller: session.caller,
                    data: &mut self.data,
                    reply: Reply::new(&mut session.outbox.replies, session.protocol),
                    effects: &mut self.effects,
                    stats: &mut self.key_stats,
                    settings: &self.settings,
                    users: &self.users,
                    head: call.head,
                    garbage: &mut self.garbage.records,
                    lzf: &mut self.lzf,
                };
                handler(&mut cx, call.args)
            }
            Row::Server(handler) => handler(self, session, call.args, now),
        }
    }

    /// Replies to a request that was not run.
    #[cold]
    pub(crate) fn refuse(&mut self, session: &mut Session, id: Option<CommandId>, error: &CommandError) {
        if let Some(id) = id {
            self.stats.of(id).rejected += 1;
        }
        self.fail(session, error);
    }

    #[cold]
    pub(crate) fn fail(&mut self, session: &mut Session, error: &CommandError) {
        // Who hears of the error may look for its reason in the log.
        self.log_remarks();
        self.stats.error(&error.0);
        session.reply().error(&error.0);
    }
}

/// Where requests in a row are about parts of one large value, asks for those parts: first for all their places in the
/// table, then for the records there.
#[inline(never)]
fn prefetch_parts(tables: &Tables, batch: &Batch, heads: &[Head]) {
    let mut parts = [None; GROUP];
    let mut last: Option<(u64, Option<&Record>)> = None;
    for (head, part) in heads.iter().zip(&mut parts) {
        let args = batch.args(head);
        let Some(name) = dispatch::part_of(head, &args).filter(|_| head.key_at != 0) else { continue };
        let record = match last {
            Some((hash, record)) if hash == head.hash => record,
            _ => {
                let name = args.at(head.key_at as usize);
                tables.find(&Key { name, hash: head.hash, table: head.table })
            }
        };
        last = Some((head.hash, record));
        let hash = record
            .and_then(|record| record.with_any(|any| each!(AnyRef, any, value => value.prefetch_part(name))));
        *part = record.zip(hash.flatten());
    }
    for (record, hash) in parts.into_iter().flatten() {
        record.with_any(|any| each!(AnyRef, any, value => value.prefetch_found(hash)));
    }
}

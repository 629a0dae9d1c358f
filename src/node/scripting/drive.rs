//! Driving a script: answering what it asks for, step by step, until it is over or has run for too long.

use super::{Asker, Run, Runner};
use crate::boundary::Now;
use crate::node::Node;
use crate::propagate::Unit;
use crate::session::{Blocked, Session};
use crate::straits::Straits;
use base::log::Level;
use commands::Done;
use conn::Args;
use resp::{Protocol, Reply, ReplyBuffer};
use script::{Answer, Kind, Step};

/// Where a script stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Over,
    /// It has run for too long, and is put aside.
    Slow,
}

impl Node {
    /// Runs a script that was begun, for a client.
    pub(super) fn run_script(
        &mut self,
        now: Now<'_>,
        session: &mut Session,
        mut runner: Box<Runner>,
        args: Args<'_>,
    ) -> Done {
        runner.run.short_of_memory = self.is_short_of_memory();
        match self.drive(now, &mut runner, Answer::Go, Some(Asker { session, args })) {
            Progress::Over => {
                self.reply_of_script(&mut runner, session);
                self.scripting.put_back(runner);
            }
            Progress::Slow => {
                runner.run.asker = Some((session.conn, session.id));
                runner.run.words = args.from(0).map(<[u8]>::to_vec).collect();
                runner.writes = std::mem::take(&mut self.effects.writes);
                session.blocked = Some(Blocked::ForScript);
                self.scripting.slow = Some(runner);
                self.straits.put(Straits::BUSY, true);
            }
        }
        // What it did is repeated, and not that it was run.
        self.effects.replicate_no_request();
        Done::Replied
    }

    /// Runs another slice of a script that was put aside.
    pub(crate) fn go_on_with_script(&mut self, now: Now<'_>) {
        let Some(mut runner) = self.scripting.slow.take() else { return };
        let answer = match (runner.run.killed, runner.machine.kind()) {
            (false, _) => Answer::Go,
            (true, Kind::Eval) => Answer::Kill("Script killed by user with SCRIPT KILL."),
            (true, Kind::Functions) => Answer::Kill("Script killed by user with FUNCTION KILL."),
        };
        if let Answer::Kill(text) = answer {
            self.log(Level::Notice, text);
        }
        self.effects.writes = std::mem::take(&mut runner.writes);
        if self.drive(now, &mut runner, answer, None) == Progress::Slow {
            runner.writes = std::mem::take(&mut self.effects.writes);
            self.scripting.slow = Some(runner);
            return;
        }
        self.straits.put(Straits::BUSY, false);
        let asker = runner.run.asker.take();
        let conn = asker.filter(|(conn, id)| self.session(*conn).is_some_and(|session| session.id == *id));
        match conn {
            Some((conn, _)) => self.release(now, conn, |node, session| {
                match &mut session.suspended {
                    Some(transaction) => transaction.keep_writes(std::mem::take(&mut node.effects.writes)),
                    None => node.end_unit(Unit::Whole),
                }
                node.reply_of_script(&mut runner, session);
                node.scripting.put_back(runner);
            }),
            None => {
                self.end_unit(Unit::Whole);
                let mut nowhere = ReplyBuffer::default();
                let mut reply = Reply::new(&mut nowhere, Protocol::Resp2);
                runner.machine.finish(b"", &mut reply, &mut |_, _| {});
                self.scripting.put_back(runner);
            }
        }
    }

    /// Writes what a script that is over returned.
    fn reply_of_script(&mut self, runner: &mut Runner, session: &mut Session) {
        let Node { stats, .. } = self;
        session.commands += runner.session.commands;
        // Quirk of the reference: errors that were counted when they arose make one failure each, all others together one.
        let (mut counted, mut others) = (0, 0);
        runner.machine.finish(&runner.run.name, &mut session.reply(), &mut |text, was_counted| {
            if was_counted {
                counted += 1;
            } else {
                stats.scripted_error(text);
                others = 1;
            }
        });
        if let Some(id) = session.last_command {
            stats.of(id).failed += counted + others;
        }
    }

    /// Answers a script until it is over or slow. While it is slow, `Run::asker` says who has asked for it.
    fn drive(
        &mut self,
        now: Now<'_>,
        runner: &mut Runner,
        first: Answer<'_>,
        asker: Option<Asker<'_>>,
    ) -> Progress {
        // The time of a script is that of its beginning.
        let now = Now { unix_us: runner.run.unix_us, ..now };
        let mut step = runner.machine.resume(first);
        loop {
            step = match step {
                Step::Done => return Progress::Over,
                Step::Call => match self.call(now, runner, asker) {
                    Ok(()) => runner.machine.resume(Answer::Reply(&runner.session.outbox.replies)),
                    Err(error) => runner.machine.resume(Answer::Error(&error.0)),
                },
                Step::Pause if self.is_slow(now, &mut runner.run, runner.machine.kind()) => {
                    return Progress::Slow;
                }
                Step::Permits => {
                    let answer = self.may_call(runner).map_or(Answer::Go, Answer::Truth);
                    runner.machine.resume(answer)
                }
                step => {
                    let answer = self.answer_aside(now, runner, step);
                    runner.machine.resume(answer)
                }
            };
        }
    }

    /// Answers what has nothing to do with data.
    pub(super) fn answer_aside(&mut self, now: Now<'_>, runner: &mut Runner, step: Step) -> Answer<'static> {
        match step {
            Step::Log(level) => {
                let text = runner.machine.take_text();
                let level = Level::ALL[usize::from(level).min(Level::ALL.len() - 1)];
                self.log(level, String::from_utf8_lossy(&text).into_owned());
                Answer::Go
            }
            Step::Clock => {
                let figures = now.meter.figures();
                Answer::Seconds((figures.cpu_sys_us + figures.cpu_user_us) as f64 / 1e6)
            }
            _ => Answer::Go,
        }
    }

    /// Whether a script has run for too long. The first time it is said in the log.
    fn is_slow(&mut self, now: Now<'_>, run: &mut Run, kind: Kind) -> bool {
        let threshold = self.config.monitor.busy_reply_threshold;
        let millis = (now.meter.micros().saturating_sub(run.began_us) / 1000) as i64;
        if !run.slow && threshold > 0 && millis >= threshold {
            run.slow = true;
            let command = if kind == Kind::Eval { "SCRIPT KILL" } else { "FUNCTION KILL" };
            let name = String::from_utf8_lossy(&run.name);
            let text = format!(
                "Slow script detected: still in execution after {millis} milliseconds. You can try killing the script \
                 using the {command} command. Script name is: {name}."
            );
            self.log(Level::Warning, text);
        }
        run.slow
    }
}

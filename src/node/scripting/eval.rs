//! EVAL, EVALSHA and their read-only forms; SCRIPT.

use super::{Kind, key_count};
use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use crate::straits::Straits;
use commands::{CommandError, Done, parse};
use conn::Args;
use script::Shebang;
use std::borrow::Cow;

type Answer = Result<Done, CommandError>;

const NO_SCRIPT: CommandError = CommandError(Cow::Borrowed(b"NOSCRIPT No matching script."));

/// `EVAL script numkeys [key ...] [arg ...]`
pub(crate) fn eval(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>) -> Answer {
    by_body(node, session, args, now, false)
}

/// `EVAL_RO script numkeys [key ...] [arg ...]`
pub(crate) fn eval_ro(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>) -> Answer {
    by_body(node, session, args, now, true)
}

/// `EVALSHA sha1 numkeys [key ...] [arg ...]`
pub(crate) fn evalsha(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>) -> Answer {
    by_sha(node, session, args, now, false)
}

/// `EVALSHA_RO sha1 numkeys [key ...] [arg ...]`
pub(crate) fn evalsha_ro(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>) -> Answer {
    by_sha(node, session, args, now, true)
}

fn by_body(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>, read_only: bool) -> Answer {
    node.show_script(now, session, args);
    let keys = key_count(parse::integer(args.at(2))?, &args)?;
    let place = match node.scripting.cache.find_body(args.at(1)) {
        Some(place) => place,
        None => node.add_script(now, args.at(1), false)?,
    };
    run(node, session, args, now, (place, keys, read_only))
}

fn by_sha(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>, read_only: bool) -> Answer {
    node.show_script(now, session, args);
    if args.at(1).len() != 40 {
        return Err(NO_SCRIPT);
    }
    let keys = key_count(parse::integer(args.at(2))?, &args)?;
    let place = node.scripting.cache.find_sha(args.at(1)).ok_or(NO_SCRIPT)?;
    run(node, session, args, now, (place, keys, read_only))
}

/// Runs the script at a place of the cache.
fn run(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
    (place, keys, read_only): (usize, usize, bool),
) -> Answer {
    let Some(script) = node.scripting.cache.get(place) else { return Err(NO_SCRIPT) };
    let (sha, flags, function) = (script.sha, script.flags, script.function);
    node.admit_script(flags, read_only)?;
    let mut runner = node.take_runner(Kind::Eval, now)?;
    node.scripting.cache.touch(place);
    runner.prepare(session, now, &sha, flags, read_only);
    runner.machine.begin(function, args.from(3).take(keys), args.from(3 + keys));
    Ok(node.run_script(now, session, runner, args))
}

impl Node {
    /// Shows a command that runs a script to those who watch: before what the script does.
    pub(super) fn show_script(&mut self, now: Now<'_>, session: &mut Session, args: Args<'_>) {
        if self.straits.has(Straits::MONITORED)
            && let Some(command) = session.last_command
        {
            self.show(now, session, command, args);
        }
    }

    /// Compiles a script and takes it into the cache; answers its place there.
    fn add_script(&mut self, now: Now<'_>, body: &[u8], stays: bool) -> Result<usize, CommandError> {
        let shebang = Shebang::of(body).map_err(CommandError::of)?;
        if !shebang.engine.eq_ignore_ascii_case(b"lua") {
            let text = [b"Could not find scripting engine '".as_slice(), &shebang.engine, b"'"].concat();
            return Err(CommandError::of(text));
        }
        let mut runner = self.take_runner(Kind::Eval, now)?;
        let compiled = runner.machine.compile(&body[shebang.len..], c"@user_script");
        let place = compiled.map(|function| {
            if !stays && let Some(forgotten) = self.scripting.cache.make_room() {
                runner.machine.release(forgotten);
                self.scripting.evicted += 1;
            }
            let sha = script::sha1_hex(body);
            self.scripting.cache.add(sha, body, shebang.flags, function, stays)
        });
        self.scripting.put_back(runner);
        place.map_err(|text| {
            CommandError::of([b"Error compiling script (new function): ".as_slice(), &text].concat())
        })
    }

    /// Ends the script or function that is being run.
    pub(super) fn kill_script(&mut self, session: &mut Session, kind: Kind) -> Answer {
        let Some(runner) = &mut self.scripting.slow else {
            return Err(CommandError(Cow::Borrowed(b"NOTBUSY No scripts in execution right now.")));
        };
        if runner.run.wrote {
            let text = "UNKILLABLE Sorry the script already executed write commands against the dataset. You can either \
                        wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.";
            return Err(CommandError(Cow::Borrowed(text.as_bytes())));
        }
        if runner.machine.kind() != kind {
            return Err(self.busy_error());
        }
        runner.run.killed = true;
        session.reply().ok();
        Ok(Done::Replied)
    }
}

/// `SCRIPT LOAD script`
pub(crate) fn script_load(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>) -> Answer {
    let place = match node.scripting.cache.find_body(args.at(2)) {
        Some(place) => {
            node.scripting.cache.keep(place);
            place
        }
        None => node.add_script(now, args.at(2), true)?,
    };
    let sha = node.scripting.cache.get(place).map(|script| script.sha).ok_or(NO_SCRIPT)?;
    session.reply().bulk(&sha);
    Ok(Done::Replied)
}

/// `SCRIPT EXISTS sha1 [sha1 ...]`
pub(crate) fn script_exists(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let mut reply = session.reply();
    reply.array(args.len() - 2);
    for sha in args.from(2) {
        reply.integer(i64::from(node.scripting.cache.find_sha(sha).is_some()));
    }
    Ok(Done::Replied)
}

/// `SCRIPT SHOW sha1`
pub(crate) fn script_show(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let place = node.scripting.cache.find_sha(args.at(2)).ok_or(NO_SCRIPT)?;
    let script = node.scripting.cache.get(place).ok_or(NO_SCRIPT)?;
    session.reply().bulk(&script.body);
    Ok(Done::Replied)
}

/// `SCRIPT FLUSH [ASYNC | SYNC]`
pub(crate) fn script_flush(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let lazily =
        node.flushes_lazily(args).ok_or(CommandError::of("SCRIPT FLUSH only support SYNC|ASYNC option"))?;
    node.flush_scripts(lazily);
    session.reply().ok();
    Ok(Done::Replied)
}

/// `SCRIPT KILL`
pub(crate) fn script_kill(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    node.kill_script(session, Kind::Eval)
}

/// `SCRIPT DEBUG YES | SYNC | NO`: there is no debugger, so there is nothing that could be switched on.
pub(crate) fn script_debug(_: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    if parse::is(args.at(2), "no") {
        session.reply().ok();
        return Ok(Done::Replied);
    }
    if parse::is(args.at(2), "yes") || parse::is(args.at(2), "sync") {
        return Err(CommandError::of("This server has no debugger for scripts"));
    }
    Err(CommandError::of("Use SCRIPT DEBUG YES/SYNC/NO"))
}

//! FCALL and FCALL_RO; FUNCTION.

use super::{Kind, dump, key_count};
use crate::boundary::Now;
use crate::node::Node;
use crate::session::Session;
use base::glob;
use commands::{CommandError, Done, parse};
use conn::Args;
use script::{Libraries, Library, LoadError, Metadata, Registered, Step};

type Answer = Result<Done, CommandError>;

/// How long the code of a library may take, in microseconds.
const LOAD_US: u64 = 500_000;

/// `FCALL function numkeys [key ...] [arg ...]`
pub(crate) fn fcall(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>) -> Answer {
    call_function(node, session, args, now, false)
}

/// `FCALL_RO function numkeys [key ...] [arg ...]`
pub(crate) fn fcall_ro(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>) -> Answer {
    call_function(node, session, args, now, true)
}

fn call_function(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
    read_only: bool,
) -> Answer {
    node.show_script(now, session, args);
    let Some(found) = node.scripting.libraries.find_to_call(args.at(1)) else {
        return Err(CommandError::of("Function not found"));
    };
    let (flags, function) = (found.flags, found.function);
    let count = parse::integer(args.at(2)).map_err(|_| CommandError::of("Bad number of keys provided"))?;
    let keys = key_count(count, &args)?;
    node.admit_script(flags, read_only)?;
    let mut runner = node.take_runner(Kind::Functions, now)?;
    let name = node.scripting.libraries.find(args.at(1)).map_or(args.at(1), |found| &found.name);
    runner.prepare(session, now, name, flags, read_only);
    runner.machine.begin(function, args.from(3).take(keys), args.from(3 + keys));
    Ok(node.run_script(now, session, runner, args))
}

impl Node {
    /// Loads a library; answers its name. Its code may take `most_us` microseconds. What reads a snapshot, or repeats what
    /// another server did, gives it as long as it takes: `u64::MAX`.
    pub(crate) fn load_library(
        &mut self,
        now: Now<'_>,
        code: &[u8],
        replace: bool,
        most_us: u64,
    ) -> Result<Vec<u8>, LoadError> {
        let metadata = Metadata::of(code)?;
        if self.scripting.libraries.has(&metadata.name) && !replace {
            return Err([b"Library '".as_slice(), &metadata.name, b"' already exists"].concat());
        }
        let registered = self.run_library(now, &code[metadata.code_at..], most_us)?;
        let fits = Libraries::check(&registered)
            .and_then(|()| self.scripting.libraries.collision(&metadata.name, &registered));
        if let Err(text) = fits {
            self.let_go(registered.iter().map(|registered| registered.function));
            return Err(text);
        }
        let old = self.scripting.libraries.remove(&metadata.name);
        self.let_go_of(old.as_slice());
        self.scripting.libraries.add(metadata.name.clone(), code.to_vec(), registered);
        Ok(metadata.name)
    }

    /// Runs the code of a library; answers what it registers.
    fn run_library(&mut self, now: Now<'_>, code: &[u8], most_us: u64) -> Result<Vec<Registered>, LoadError> {
        let mut runner = self.take_runner(Kind::Functions, now).map_err(|error| error.0.into_owned())?;
        // As a C string: up to its first NUL.
        let code = &code[..code.iter().position(|&byte| byte == 0).unwrap_or(code.len())];
        if let Err(text) = runner.machine.begin_load(code) {
            self.scripting.put_back(runner);
            return Err([b"Error compiling function: ".as_slice(), &text].concat());
        }
        let until = now.meter.micros().saturating_add(most_us);
        let mut answer = script::Answer::Go;
        loop {
            answer = match runner.machine.resume(answer) {
                Step::Done => break,
                Step::Pause if now.meter.micros() > until => script::Answer::Kill("FUNCTION LOAD timeout"),
                step => self.answer_aside(now, &mut runner, step),
            }
        }
        let loaded = runner.machine.loaded();
        self.scripting.put_back(runner);
        loaded.map_err(|text| [b"Error registering functions: ".as_slice(), &text].concat())
    }

    /// Lets the machine forget functions.
    fn let_go(&mut self, functions: impl Iterator<Item = script::Function>) {
        if let Some(runner) = &mut self.scripting.runners[Kind::Functions as usize] {
            functions.for_each(|function| runner.machine.release(function));
        }
    }

    fn let_go_of(&mut self, libraries: &[Library]) {
        self.let_go(
            libraries.iter().flat_map(|library| &library.functions).map(|function| function.function),
        );
    }
}

/// A subcommand was given more than it takes.
fn too_many(args: Args<'_>) -> CommandError {
    CommandError::unknown_subcommand(&String::from_utf8_lossy(args.at(1)), "FUNCTION")
}

/// `FUNCTION LOAD [REPLACE] code`
pub(crate) fn function_load(node: &mut Node, session: &mut Session, args: Args<'_>, now: Now<'_>) -> Answer {
    let last = args.len() - 1;
    let mut replace = false;
    for option in args.from(2).take(last - 2) {
        if !parse::is(option, "replace") {
            return Err(CommandError::of([b"Unknown option given: ".as_slice(), option].concat()));
        }
        replace = true;
    }
    let name = node.load_library(now, args.at(last), replace, LOAD_US).map_err(CommandError::of)?;
    node.effects.dirty += 1;
    session.reply().bulk(&name);
    Ok(Done::Replied)
}

/// `FUNCTION DELETE name`
pub(crate) fn function_delete(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let Some(library) = node.scripting.libraries.remove(args.at(2)) else {
        return Err(CommandError::of("Library not found"));
    };
    node.let_go_of(&[library]);
    node.effects.dirty += 1;
    session.reply().ok();
    Ok(Done::Replied)
}

/// `FUNCTION FLUSH [ASYNC | SYNC]`
pub(crate) fn function_flush(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    if args.len() > 3 {
        return Err(too_many(args));
    }
    let lazily = node
        .flushes_lazily(args)
        .ok_or(CommandError::of("FUNCTION FLUSH only supports SYNC|ASYNC option"))?;
    node.flush_functions(lazily);
    node.effects.dirty += 1;
    session.reply().ok();
    Ok(Done::Replied)
}

/// `FUNCTION LIST [LIBRARYNAME pattern] [WITHCODE]`
pub(crate) fn function_list(node: &mut Node, session: &mut Session, args: Args<'_>, _: Now<'_>) -> Answer {
    let (mut with_code, mut pattern) = (false, None);
    let mut options = args.from(2);
    while let Some(option) = options.next() {
        if !with_code && parse::is(option, "withcode") {
            with_code = true;
        } else if pattern.is_none() && parse::is(option, "libraryname") {
            pattern = Some(options.next().ok_or(CommandError::of("library name argument was not given"))?);
        } else {
            return Err(CommandError::of([b"Unknown argument ".as_slice(), option].concat()));
        }
    }
    let wanted =
        |library: &&Library| pattern.is_none_or(|pattern| glob::matches(pattern, &library.name, true));
    let mut reply = session.reply();
    reply.array(node.scripting.libraries.iter().filter(wanted).count());
    for library in node.scripting.libraries.iter().filter(wanted) {
        reply.map(if with_code { 4 } else { 3 });
        reply.bulk(b"library_name");
        reply.bulk(&library.name);
        reply.bulk(b"engine");
        reply.bulk(b"LUA");
        reply.bulk(b"functions");
        reply.array(library.functions.len());
        for function in &library.functions {
            reply.map(3);
            reply.bulk(b"name");
            reply.bulk(&function.name);
            reply.bulk(b"description");
            match &function.description {
                Some(text) => reply.bulk(text),
                None => reply.null(),
            }
            reply.bulk(b"flags");
            reply.set(function.flags.names().count());
            function.flags.names().for_each(|name| reply.simple(name.as_bytes()));
        }
        if with_code {
            reply.bulk(b"library_code");
            reply.bulk(&library.code);
        }
    }
    Ok(Done::Replied)
}

/// `FUNCTION STATS`
pub(crate) fn function_stats(node: &mut Node, session: &mut Session, _: Args<'_>, now: Now<'_>) -> Answer {
    let running = node.scripting.slow.as_ref();
    if running.is_some_and(|runner| runner.machine.kind() == Kind::Eval) {
        return Err(node.busy_error());
    }
    let mut reply = session.reply();
    reply.map(2);
    reply.bulk(b"running_script");
    match running {
        None => reply.null(),
        Some(runner) => {
            reply.map(3);
            reply.bulk(b"name");
            reply.bulk(&runner.run.name);
            reply.bulk(b"command");
            reply.array(runner.run.words.len());
            runner.run.words.iter().for_each(|word| reply.bulk(word));
            reply.bulk(b"duration_ms");
            reply.integer((now.meter.micros().saturating_sub(runner.run.began_us) / 1000) as i64);
        }
    }
    let (libraries, functions) = node.scripting.counts();
    reply.bulk(b"engines");
    reply.map(1);
    reply.bulk(b"LUA");
    reply.map(2);
    reply.bulk(b"libraries_count");
    reply.integer(libraries as i64);
    reply.bulk(b"functions_count");
    reply.integer(functions as i64);
    Ok(Done::Replied)
}

/// `FUNCTION DUMP`
pub(crate) fn function_dump(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    let Node { scripting, lzf, config, .. } = node;
    let lzf = config.snapshot.rdbcompression.then_some(lzf);
    let codes = scripting.libraries.iter().map(|library| library.code.as_slice());
    session.reply().bulk(&dump::seal(codes, lzf));
    Ok(Done::Replied)
}

/// `FUNCTION RESTORE payload [FLUSH | APPEND | REPLACE]`
pub(crate) fn function_restore(
    node: &mut Node,
    session: &mut Session,
    args: Args<'_>,
    now: Now<'_>,
) -> Answer {
    if args.len() > 4 {
        return Err(too_many(args));
    }
    let policy = args.get(3).unwrap_or(b"append");
    let is = |word| parse::is(policy, word);
    if !is("append") && !is("replace") && !is("flush") {
        return Err(CommandError::of(
            "Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.",
        ));
    }
    let codes = dump::open(args.at(2), node.settings.dump_versions)?;
    node.restore_libraries(now, &codes, is("flush"), is("replace")).map_err(CommandError::of)?;
    node.effects.dirty += 1;
    session.reply().ok();
    Ok(Done::Replied)
}

impl Node {
    /// Loads libraries beside those that there are, and takes them in if all of them can be.
    fn restore_libraries(
        &mut self,
        now: Now<'_>,
        codes: &[Result<Vec<u8>, &'static str>],
        flush: bool,
        replace: bool,
    ) -> Result<(), LoadError> {
        let new = Libraries::new(self.scripting.hash_key);
        let mut there = std::mem::replace(&mut self.scripting.libraries, new);
        let loaded = codes.iter().try_for_each(|code| {
            let code = code.as_ref().map_err(|text| text.as_bytes().to_vec())?;
            self.load_library(now, code, false, u64::MAX).map(|_| ())
        });
        let mut new =
            std::mem::replace(&mut self.scripting.libraries, Libraries::new(self.scripting.hash_key));
        let gone = match loaded {
            Ok(()) if flush => Ok(std::mem::replace(&mut there, new).take()),
            Ok(()) => there.join(&mut new, replace).inspect_err(|_| self.let_go_of(&new.take())),
            Err(text) => {
                self.let_go_of(&new.take());
                Err(text)
            }
        };
        self.scripting.libraries = there;
        self.let_go_of(&gone?);
        Ok(())
    }
}

/// `FUNCTION KILL`
pub(crate) fn function_kill(node: &mut Node, session: &mut Session, _: Args<'_>, _: Now<'_>) -> Answer {
    node.kill_script(session, Kind::Functions)
}

//! Reading the append-only files when a server starts, and beginning to write them.
//!
//! ```text
//! survey     the manifest; a single file of an older version is taken in         or the reason not to start
//! step ...   a piece of a file: commands are run as they are found               until all files are read
//! finish     the last increment is opened, or the first one made
//! ```
//!
//! The shell reads between other things it does, piece by piece ([`Loading::step`]). A file may end in the middle of a
//! command or of a transaction only if nothing comes behind it; it is cut there, if the settings allow that. A script in a
//! file that runs for too long is put aside like any other, and what stands behind it waits until it is over.

use super::files::{path, put_manifest, shown};
use super::{Aof, Asker, Progress, State};
use crate::boundary::{ConnId, FileStep, Files, Now, Peer, StepFailure};
use crate::call::Call;
use crate::node::Node;
use crate::persistence::Loading as Snapshot;
use crate::session::Session;
use crate::straits::Straits;
use crate::transaction;
use aof::loader::FormatError;
use aof::{Loader, Manifest, Step};
use base::log::{Level, Line};
use catalog::{CommandId, Flag};
use commands::CommandError;
use conn::Batch;
use std::collections::VecDeque;

/// How many bytes of a file are read at once.
const PIECE: usize = 256 * 1024;

/// The files are not loaded, and this is why. It is to be said in the log, and the process ends.
#[derive(Debug)]
pub struct Refused(pub Vec<Line>);

impl Refused {
    fn because(text: impl Into<String>) -> Refused {
        Refused(vec![Line::warning(text)])
    }
}

/// Files on their way into a node.
pub struct Loading {
    files: VecDeque<Vec<u8>>,
    current: Option<File>,
    /// How many bytes all files have.
    pub total: u64,
    /// How many of them have been read.
    pub done: u64,
    /// How many commands were run.
    pub commands: u64,
    base_len: u64,
    cut: u64,
    began_us: u64,
}

/// A file that is being read.
struct File {
    name: Vec<u8>,
    /// The snapshot that it begins with, while that is read.
    snapshot: Option<Box<Snapshot>>,
    loader: Loader,
    session: Box<Session>,
    read: u64,
    /// How many commands were run that have not been counted.
    commands: u64,
    /// Where the transaction begins that is being read.
    before_multi: u64,
    began_us: u64,
}

impl Node {
    /// Looks for append-only files, and what is to be read of them; `None` if there is nothing.
    pub fn survey_aof(&mut self, now: Now<'_>, files: &mut dyn Files) -> Result<Option<Loading>, Refused> {
        self.tick(now);
        let settings = &self.config.aof;
        let (stem, directory) = (settings.appendfilename.clone(), settings.appenddirname.clone());
        let mut manifest = read_manifest(self, files)?;
        let is_there = |files: &mut dyn Files, path: &[u8]| matches!(files.stat(path), Ok(Some(_)));
        let is_dir = matches!(files.stat(&directory), Ok(Some(stat)) if stat.is_dir);
        if is_there(files, &stem) {
            let named_only = manifest.increments.is_empty()
                && manifest.base.as_ref().is_some_and(|base| base.name == stem)
                && !is_there(files, &path(self, &stem));
            if !is_dir || manifest.is_empty() || named_only {
                self.take_in_old_file(&mut manifest, files)?;
            }
        }
        let mut loading = Loading {
            files: manifest.to_read().map(|entry| entry.name.clone()).collect(),
            current: None,
            total: 0,
            done: 0,
            commands: 0,
            base_len: 0,
            cut: 0,
            began_us: now.mono_us,
        };
        for (i, name) in loading.files.iter().enumerate() {
            let len = match files.stat(&path(self, name)) {
                Ok(Some(stat)) => stat.len,
                Ok(None) => return Err(unmeasured(name, "No such file or directory")),
                Err(error) => return Err(unmeasured(name, &error)),
            };
            loading.total += len;
            if i == 0 && manifest.base.is_some() {
                loading.base_len = len;
            }
        }
        self.aof.manifest = manifest;
        if loading.total == 0 {
            return Ok(None);
        }
        self.effects.recording = false;
        self.settings.expire_on_access = false;
        self.straits.put(Straits::LOADING, true);
        let progress = Progress { since_s: now.unix_s(), total: loading.total, done: 0, used_memory: 0 };
        self.aof.loading = Some(progress);
        Ok(Some(loading))
    }

    /// All files have been read again while they are written (`DEBUG LOADAOF`).
    fn reloaded_aof(&mut self, now: Now<'_>, (conn, client): Asker) {
        self.loaded_aof();
        self.effects.dirty = 0;
        let is_there = !self.aof.manifest.is_empty();
        if is_there {
            self.log(Level::Notice, "Append Only File loaded by DEBUG LOADAOF");
        }
        if self.session(conn).is_some_and(|session| session.id == client) {
            self.release(now, conn, |node, session| match is_there {
                true => session.reply().ok(),
                false => node.fail(
                    session,
                    &CommandError::of("Error trying to load the AOF files, check server logs."),
                ),
            });
        }
    }

    /// Nothing is being loaded any more.
    fn loaded_aof(&mut self) {
        self.aof.loading = None;
        self.straits.put(Straits::LOADING, false);
        self.follow_settings();
        self.follow_readers();
    }

    /// Empties the data, so that the files can be read again.
    pub fn empty_for_reload(&mut self, now: Now<'_>) {
        self.tick(now);
        for index in 0..self.data.databases.len() {
            self.flush(now, index, false);
        }
        self.flush_functions(false);
    }

    /// Makes a single file, as older versions wrote, the base.
    fn take_in_old_file(&mut self, manifest: &mut Manifest, files: &mut dyn Files) -> Result<(), Refused> {
        let settings = &self.config.aof;
        let (stem, directory) = (settings.appendfilename.clone(), settings.appenddirname.clone());
        manifest.adopt(&stem);
        let steps = [
            FileStep::MakeDirectory(directory.clone()),
            put_manifest(self, manifest),
            FileStep::Rename { from: stem.clone(), to: path(self, &stem) },
        ];
        let (stem, directory) = (shown(&stem), shown(&directory));
        files.take(&steps).map_err(|StepFailure { step, text }| {
            Refused::because(match step {
                0 => format!("Can't open or create append-only dir {directory}: {text}"),
                1 => format!("Can't write the AOF manifest file: {text}"),
                _ => format!("Error trying to move the old AOF file {stem} into dir {directory}: {text}"),
            })
        })?;
        self.log(
            Level::Notice,
            format!(
                "Successfully migrated an old-style AOF file ({stem}) into the AOF directory ({directory})."
            ),
        );
        Ok(())
    }

    /// All files have been read, or there were none: from now on writes are appended, as they were if it was done again.
    pub fn open_aof(
        &mut self,
        now: Now<'_>,
        files: &mut dyn Files,
        loaded: Option<&Loading>,
    ) -> Result<(), Refused> {
        if let Some(asker) = self.aof.asker.take() {
            self.reloaded_aof(now, asker);
            return Ok(());
        }
        if let Some(loading) = loaded {
            let seconds = now.later().mono_us.saturating_sub(loading.began_us) as f64 / 1e6;
            self.log(Level::Notice, format!("DB loaded from append only file: {seconds:.3} seconds"));
        }
        self.loaded_aof();
        let stem = self.config.aof.appendfilename.clone();
        let mut manifest = self.aof.manifest.clone();
        let mut steps = vec![FileStep::MakeDirectory(self.config.aof.appenddirname.clone())];
        let mut first_base = None;
        if manifest.is_empty() {
            let base = manifest.new_base(&stem, self.config.aof.aof_use_rdb_preamble);
            steps.push(FileStep::Put {
                path: path(self, &base),
                temporary: b"temp-rewriteaof.aof".to_vec(),
                text: self.empty_base(now),
            });
            first_base = Some(base);
        }
        let (name, is_new) = match manifest.increments.last() {
            Some(last) => (last.name.clone(), false),
            None => (manifest.new_increment(&stem), true),
        };
        let increment = path(self, &name);
        steps.push(FileStep::Open { path: increment.clone(), fresh: false });
        if manifest != self.aof.manifest {
            steps.push(put_manifest(self, &manifest));
        }
        files.take(&steps).map_err(|failure| {
            let text = failure.text;
            Refused::because(match steps[failure.step] {
                FileStep::MakeDirectory(_) => {
                    format!(
                        "Can't open or create append-only dir {}: {text}",
                        shown(&self.config.aof.appenddirname)
                    )
                }
                FileStep::Open { .. } => format!("Can't open the append-only file {}: {text}", shown(&name)),
                _ => format!("Can't write the AOF manifest file: {text}"),
            })
        })?;
        if let Some(base) = first_base {
            self.log(Level::Notice, format!("Creating AOF base file {} on server start", shown(&base)));
        }
        let verb = if is_new { "Creating" } else { "Opening" };
        self.log(Level::Notice, format!("{verb} AOF incr file {} on server start", shown(&name)));
        let len = |files: &mut dyn Files| files.stat(&increment).ok().flatten().map_or(0, |stat| stat.len);
        let increment_len = len(files);
        self.aof = Aof {
            state: State::On,
            manifest,
            increment_len,
            synced_len: increment_len,
            current_len: loaded.map_or(0, |loading| loading.total - loading.cut),
            base_len: loaded.map_or(0, |loading| loading.base_len),
            last_sync_us: self.now_us,
            ..Aof::default()
        };
        self.readers.aof.on = true;
        self.follow_aof_settings();
        self.follow_readers();
        Ok(())
    }
}

impl Node {
    /// What a base holds while there is no data.
    fn empty_base(&self, now: Now<'_>) -> Vec<u8> {
        let mut bytes = Vec::new();
        if self.config.aof.aof_use_rdb_preamble {
            let mut walk = self.snapshot(now, true);
            while walk.step(&self.data, &mut bytes) {}
        } else if self.config.aof.aof_timestamp_enabled {
            bytes.extend_from_slice(format!("#TS:{}\r\n", now.unix_s()).as_bytes());
        }
        bytes
    }
}

/// What the manifest says; nothing if there is none.
fn read_manifest(node: &Node, files: &mut dyn Files) -> Result<Manifest, Refused> {
    const MOST: usize = 64 << 20;
    let path = path(node, &Manifest::file_name(&node.config.aof.appendfilename));
    match files.stat(&path) {
        Ok(Some(_)) => {}
        Ok(None) | Err(_) => return Ok(Manifest::default()),
    }
    let text = files.read(&path, 0, MOST).map_err(|error| {
        let path = shown(&path);
        Refused::because(format!("Fatal error: can't open the AOF manifest file {path} for reading: {error}"))
    })?;
    Manifest::parse(&text).map_err(|error| {
        let mut lines = vec![Line::warning("\n*** FATAL AOF MANIFEST FILE ERROR ***\n")];
        if let Some((number, line)) = error.line {
            lines.push(Line::warning(format!("Reading the manifest file, at line {number}\n")));
            lines.push(Line::warning(format!(">>> '{}'\n", shown(&line))));
        }
        lines.push(Line::warning(format!("{}\n", error.what)));
        Refused(lines)
    })
}

fn unmeasured(name: &[u8], error: &str) -> Refused {
    Refused::because(format!("Unable to obtain the AOF file {} length. stat: {error}", shown(name)))
}

impl Loading {
    /// Reads a piece, or goes on with the last one where a script held it up. Answers whether there is more to come.
    pub fn step(&mut self, now: Now<'_>, node: &mut Node, files: &mut dyn Files) -> Result<bool, Refused> {
        node.tick(now);
        let Some(file) = &mut self.current else {
            let Some(name) = self.files.pop_front() else { return Ok(false) };
            self.current = Some(File::new(name, now));
            return Ok(true);
        };
        if file.is_held_up() {
            if !node.scripting.is_slow() {
                file.go_on(now, node)?;
            }
            return Ok(true);
        }
        let at = path(node, &file.name);
        let bytes = files.read(&at, file.read, PIECE).map_err(|error| {
            let name = shown(&file.name);
            Refused::because(format!("Unrecoverable error reading the append only file {name}: {error}"))
        })?;
        file.read += bytes.len() as u64;
        self.done += bytes.len() as u64;
        if bytes.is_empty() {
            file.end_snapshot(now, node)?;
            if file.is_held_up() {
                return Ok(true);
            }
            let file = self.current.take().expect("it is being read");
            self.end_of_file(now, node, files, &file)?;
        } else {
            file.take(now, node, bytes, self.total)?;
            self.commands += std::mem::take(&mut file.commands);
        }
        if let Some(shown) = &mut node.aof.loading {
            shown.done = self.done;
            if let Some(snapshot) = self.current.as_ref().and_then(|file| file.snapshot.as_ref()) {
                shown.used_memory = snapshot.used_memory;
            }
        }
        Ok(true)
    }

    /// A file is read to its end.
    fn end_of_file(
        &mut self,
        now: Now<'_>,
        node: &mut Node,
        files: &mut dyn Files,
        file: &File,
    ) -> Result<(), Refused> {
        let name = shown(&file.name);
        let mut place = file.loader.place();
        if file.session.transaction.is_some() {
            node.log(Level::Warning, format!("Revert incomplete MULTI/EXEC transaction in AOF file {name}"));
            place = file.before_multi;
        }
        if place < file.read {
            self.cut_off(node, files, file, place)?;
        }
        let kind = match node.aof.manifest.base.as_ref().is_some_and(|base| base.name == file.name) {
            true => "base",
            false => "incr",
        };
        if file.read == 0 {
            return Ok(());
        }
        let seconds = now.later().mono_us.saturating_sub(file.began_us) as f64 / 1e6;
        node.log(Level::Notice, format!("DB loaded from {kind} file {name}: {seconds:.3} seconds"));
        Ok(())
    }

    /// The end of a file is not whole: it goes, or the server does not start.
    fn cut_off(
        &mut self,
        node: &mut Node,
        files: &mut dyn Files,
        file: &File,
        place: u64,
    ) -> Result<(), Refused> {
        let name = shown(&file.name);
        if node.config.aof.aof_load_truncated {
            node.log(Level::Warning, format!("!!! Warning: short read while loading the AOF file {name}!!!"));
            node.log(Level::Warning, format!("!!! Truncating the AOF {name} at offset {place} !!!"));
            let step = FileStep::Truncate { path: path(node, &file.name), len: place };
            match files.take(&[step]) {
                // Where putting a manifest has failed half-way, the last file may be one that was never written to.
                Ok(_) if self.done < self.total => {
                    return Err(Refused::because("Fatal error: the truncated file is not the last file"));
                }
                Ok(_) => {
                    node.log(
                        Level::Warning,
                        format!("AOF {name} loaded anyway because aof-load-truncated is enabled"),
                    );
                    self.cut = file.read - place;
                    return Ok(());
                }
                Err(failure) => {
                    let text = format!("Error truncating the AOF file {name}: {}", failure.text);
                    node.log(Level::Warning, text);
                }
            }
        }
        Err(Refused::because(format!(
            "Unexpected end of file reading the append only file {name}. You can: 1) Make a backup of your AOF file, then \
             use ./valkey-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' \
             configuration option to yes and restart the server."
        )))
    }
}

impl File {
    fn new(name: Vec<u8>, now: Now<'_>) -> File {
        let peer = Peer::Unix { path: String::new() };
        let mut session = Box::new(Session::new(ConnId(u32::MAX), 0, peer, true, now.mono_us));
        // Nothing expires meanwhile: whether a key has, the commands themselves say.
        session.caller.import_source = true;
        let began_us = now.mono_us;
        let loader = Loader::default();
        File { name, snapshot: None, loader, session, read: 0, commands: 0, before_multi: 0, began_us }
    }

    /// Takes in what a piece holds.
    fn take(&mut self, now: Now<'_>, node: &mut Node, mut bytes: Vec<u8>, total: u64) -> Result<(), Refused> {
        let is_first = self.read == bytes.len() as u64;
        if is_first && (bytes.starts_with(b"REDIS0") || bytes.starts_with(b"VALKEY")) {
            let is_old = self.name == node.config.aof.appendfilename;
            let what = if is_old {
                "Reading RDB preamble from AOF file..."
            } else {
                "Reading RDB base file on AOF loading..."
            };
            node.log(Level::Notice, what);
            self.snapshot = Some(Box::new(node.base_loading(now, total)));
        }
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.loader.push(&bytes);
            if !self.take_records(now, node)? {
                return Ok(());
            }
            bytes = self.leave_snapshot(node);
        }
        self.run_all(now, node, &bytes)
    }

    /// The snapshot is complete: from here on there are commands, the first of which have come already.
    fn leave_snapshot(&mut self, node: &mut Node) -> Vec<u8> {
        let Some(snapshot) = self.snapshot.take() else { return Vec::new() };
        self.loader = Loader::from(snapshot.loader.position());
        node.log_loaded(&snapshot);
        if self.name == node.config.aof.appendfilename {
            node.log(Level::Notice, "Reading the remaining AOF tail...");
        }
        snapshot.loader.rest().to_vec()
    }

    /// Takes in the records of a snapshot that have come. Answers whether it is complete.
    fn take_records(&mut self, now: Now<'_>, node: &mut Node) -> Result<bool, Refused> {
        let Some(snapshot) = &mut self.snapshot else { return Ok(true) };
        node.take_events(now, snapshot).map_err(|trouble| {
            let (name, at) = (shown(&self.name), snapshot.loader.position());
            let what = if self.name == node.config.aof.appendfilename {
                format!("Error reading the RDB preamble of the AOF file {name}, AOF loading aborted")
            } else {
                format!("Error reading the RDB base file {name}, AOF loading aborted")
            };
            let why = format!("Internal error in RDB reading offset {at} -> {trouble}");
            Refused(vec![Line::warning(why), Line::warning(what)])
        })
    }

    /// The file is at its end: if that is within a snapshot, it is not whole.
    fn end_snapshot(&mut self, now: Now<'_>, node: &mut Node) -> Result<(), Refused> {
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.loader.complete();
            // A large value is looked at again only when more bytes have come, or none are to come.
            self.take_records(now, node)?;
            let bytes = self.leave_snapshot(node);
            return self.run_all(now, node, &bytes);
        }
        Ok(())
    }

    /// Whether a command waits for its script, and all that follows with it.
    fn is_held_up(&self) -> bool {
        self.session.blocked.is_some()
    }

    /// Goes on behind a script that is over.
    fn go_on(&mut self, now: Now<'_>, node: &mut Node) -> Result<(), Refused> {
        drop(node.end_wait(now, &mut self.session));
        if let Some(transaction) = self.session.suspended.take() {
            node.run_queue(now, &mut self.session, transaction);
        }
        self.forget_effects(node);
        self.run_all(now, node, &[])
    }

    /// Runs the commands of a piece, up to one that is held up.
    fn run_all(&mut self, now: Now<'_>, node: &mut Node, bytes: &[u8]) -> Result<(), Refused> {
        self.loader.feed(bytes);
        loop {
            if self.is_held_up() {
                return Ok(());
            }
            let before = self.loader.place();
            match self.loader.next_step() {
                Ok(Step::More) => return Ok(()),
                Ok(Step::Annotation(_)) => {}
                Ok(Step::Command) => self.run(now, node, before)?,
                Err(FormatError { .. }) => {
                    let name = shown(&self.name);
                    return Err(Refused::because(format!(
                        "Bad file format reading the append only file {name}: make a backup of your AOF file, then use \
                         ./valkey-check-aof --fix <filename.manifest>"
                    )));
                }
            }
        }
    }

    /// Runs the command that was read.
    fn run(&mut self, now: Now<'_>, node: &mut Node, place: u64) -> Result<(), Refused> {
        let words: Vec<&[u8]> = self.loader.words().collect();
        let command = node.lexicon.names.resolve(&words);
        let batch = Batch::of_words(command, words);
        let head = &batch.requests[0];
        let args = batch.args(head);
        let known = match command {
            Err(unknown) => Err(crate::admit::unknown_command(unknown, &args)),
            Ok(id) if !id.accepts(args.len()) => Err(CommandError::arity(id.full_name())),
            Ok(id) => Ok(id),
        };
        let id = known.map_err(|error| {
            let (name, error) = (shown(&self.name), String::from_utf8_lossy(&error.0).into_owned());
            let error = error.strip_prefix("ERR ").unwrap_or(&error);
            Refused::because(format!("Error reading the append only file {name}, error: {error}"))
        })?;
        if id == const { catalog::id("multi") } {
            self.before_multi = place;
        }
        let call = &Call { id, args, head };
        let session = &mut self.session;
        session.caller.must_not_block = true;
        let outcome = if is_for_operators_or_listeners(id) {
            Err(CommandError::of("It has no place in a file of commands"))
        } else if session.transaction.is_some() && transaction::joins(id) {
            node.queue(session, call);
            Ok(())
        } else {
            node.execute(now, session, call).map(drop)
        };
        if let Err(error) = outcome {
            log_failed(node, id, &error);
        }
        self.commands += 1;
        self.forget_effects(node);
        Ok(())
    }

    /// Nobody hears a reply, and nothing that is read is to be repeated.
    fn forget_effects(&mut self, node: &mut Node) {
        self.session.outbox.clear();
        node.effects.clear();
        node.hand_over_garbage();
    }
}

/// Whether a command serves those who run the server or listen to it. None of them is ever written down, and some, were
/// they found in a file, would never end or leave a listener behind that is no client.
fn is_for_operators_or_listeners(id: CommandId) -> bool {
    let flags = id.flags();
    flags.has(Flag::PubSub) || (flags.has(Flag::Admin) && !flags.has(Flag::Write))
}

/// A command has failed that should have failed when it was to be written.
fn log_failed(node: &mut Node, id: CommandId, error: &CommandError) {
    let error = String::from_utf8_lossy(&error.0);
    let error = error.strip_prefix("ERR ").map_or_else(|| format!("-{error}"), str::to_owned);
    let text = "== CRITICAL == This server is sending an error to its AOF-loading-client:";
    node.log(Level::Warning, format!("{text} '{error}' after processing the command '{}'", id.full_name()));
}

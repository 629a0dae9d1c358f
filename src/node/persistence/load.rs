//! Loading: bytes of a file become data.
//!
//! The shell opens the file and hands it over in slices ([`Node::load_room`], [`Node::load`]); between two slices it may
//! serve, and whoever asks for data is told to come later. Nothing expires and nothing is evicted meanwhile.
//!
//! Bytes from a file are trusted as little as those of a client: what they announce is believed as far as the length of
//! the file bears it out.

use super::{Coming, Loading, Purpose, Reload};
use crate::boundary::{Now, Output};
use crate::job::Opened;
use crate::node::Node;
use crate::straits::Straits;
use base::int::MAX_TEXT;
use base::log::Level;
use commands::CommandError;
use config::RdbVersionCheck;
use keyspace::{Key, Keyspace, NewValue, Record};
use rdb::loader::{Checksum, Entry, Reading, Told};
use rdb::{Event, LoadError, Loader, Versions, loader::Step};

/// So many keys are added together: enough to hide that memory is slow, few enough to stay in the nearest cache.
const TOGETHER: usize = 16;

/// Why loading ends before its time.
pub(crate) enum Trouble {
    /// With the bytes.
    File(LoadError),
    /// With what they ask for.
    Refused(String),
    /// With a library of functions.
    Library(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::File(error) => error.fmt(f),
            Trouble::Refused(text) | Trouble::Library(text) => f.write_str(text),
        }
    }
}

impl From<LoadError> for Trouble {
    fn from(error: LoadError) -> Trouble {
        Trouble::File(error)
    }
}

/// An entry of the table takes about as much as so many bytes of a file at least hold: no more room is made.
const BYTES_PER_KEY: u64 = 3;
/// Keys without a value are named in the log up to so many.
const EMPTY_NAMED: u64 = 10;

impl Node {
    /// Begins to serve: first of all the data is loaded.
    pub(crate) fn begin(&mut self, now: Now<'_>) {
        if !self.config.aof.appendonly {
            self.begin_loading(now, Purpose::Begin);
        }
    }

    /// A snapshot that is the base of append-only files, whose bytes come from elsewhere.
    pub(crate) fn base_loading(&mut self, now: Now<'_>, total: u64) -> Loading {
        self.persistence.keys_loaded = 0;
        self.persistence.keys_expired = 0;
        Loading { total, ..self.loading_for(now, Purpose::Base) }
    }

    /// Asks for the snapshot file.
    fn begin_loading(&mut self, now: Now<'_>, purpose: Purpose) {
        self.persistence.loading = Some(Box::new(self.loading_for(now, purpose)));
        self.outputs.push_back(Output::Load);
    }

    fn loading_for(&self, now: Now<'_>, purpose: Purpose) -> Loading {
        let snapshot = &self.config.snapshot;
        let reading = Reading {
            versions: match snapshot.rdb_version_check {
                RdbVersionCheck::Strict => Versions::Known,
                RdbVersionCheck::Relaxed => Versions::Any,
            },
            checksum: snapshot.rdbchecksum && self.settings.dump_checksums,
            skip_modules: false,
        };
        Loading {
            purpose,
            loader: Loader::new(reading),
            database: 0,
            since_s: now.unix_s(),
            since_us: now.mono_us,
            total: 0,
            done: 0,
            used_memory: 0,
            empty: 0,
            coming: Vec::with_capacity(TOGETHER),
        }
    }

    /// Whether a file is being loaded, or about to be.
    pub fn is_loading(&self) -> bool {
        self.persistence.loading.is_some() || self.aof.loading.is_some()
    }

    /// The shell has looked for the file.
    pub(crate) fn opened(&mut self, now: Now<'_>, opened: Opened) {
        let Some(loading) = &mut self.persistence.loading else { return };
        match opened {
            Opened::Size(total) => {
                loading.total = total;
                self.persistence.keys_loaded = 0;
                self.persistence.keys_expired = 0;
                self.straits.put(Straits::LOADING, true);
            }
            Opened::Missing => self.end_loading(now, Ok(false)),
            Opened::Failed(reason) => {
                let name = String::from_utf8_lossy(&self.config.snapshot.dbfilename).into_owned();
                let text = format!("Fatal error: can't open the RDB file {name} for reading: {reason}");
                self.log(Level::Warning, text);
                self.end_loading(now, Err(false));
            }
        }
    }

    /// Room for the next bytes of the file, while one is being loaded.
    pub fn load_room(&mut self) -> Option<&mut [u8]> {
        self.persistence.loading.as_mut().map(|loading| loading.loader.room())
    }

    /// So many bytes have come into that room; none, when there are no more. Answers how many keys they held.
    pub fn load(&mut self, now: Now<'_>, count: usize) -> u64 {
        self.tick(now);
        let Some(mut loading) = self.persistence.loading.take() else { return 0 };
        let before = self.persistence.keys_loaded + self.persistence.keys_expired;
        loading.loader.filled(count);
        let result = self.take_events(now, &mut loading);
        loading.done = loading.loader.position();
        let keys = self.persistence.keys_loaded + self.persistence.keys_expired - before;
        self.persistence.loading = Some(loading);
        self.stats.peak_memory = self.stats.peak_memory.max(now.meter.used_memory());
        match result {
            Ok(true) => self.end_loading(now, Ok(true)),
            Ok(false) => {}
            Err(trouble) => self.fail_loading(now, &trouble),
        }
        self.settle();
        keys
    }

    /// The file could not be read on.
    pub fn load_failed(&mut self, now: Now<'_>, reason: &str) {
        self.log(Level::Warning, format!("Error reading the RDB file: {reason}"));
        self.end_loading(now, Err(true));
    }

    /// Takes in what has come. Answers whether the file is complete.
    pub(crate) fn take_events(&mut self, now: Now<'_>, loading: &mut Loading) -> Result<bool, Trouble> {
        let mut digits = [0; MAX_TEXT];
        loop {
            match loading.loader.next(&self.settings.rules)? {
                Step::Hungry => {
                    add_all(&mut self.data, &mut loading.coming, loading.database, loading.purpose)?;
                    return Ok(false);
                }
                Step::Event(Event::Record(entry)) => {
                    let expired = entry.told.expiry.is_some_and(|when| when < now.unix_ms())
                        && loading.purpose != Purpose::Base;
                    if expired {
                        self.persistence.keys_expired += 1;
                        continue;
                    }
                    self.persistence.keys_loaded += 1;
                    loading.coming.push(prepare(&self.data, loading.database, entry));
                    if loading.coming.len() == TOGETHER {
                        add_all(&mut self.data, &mut loading.coming, loading.database, loading.purpose)?;
                    }
                }
                Step::Event(Event::Select(number)) => {
                    add_all(&mut self.data, &mut loading.coming, loading.database, loading.purpose)?;
                    let count = self.data.databases.len();
                    let known = usize::try_from(number).ok().filter(|&number| number < count);
                    loading.database = known.ok_or_else(|| {
                        Trouble::Refused(format!(
                            "FATAL: Data file was created with a Valkey server configured to handle more than {count} \
                             databases. Exiting"
                        ))
                    })?;
                }
                Step::Event(Event::Resize(keys, _)) => {
                    let most = keys.min(loading.total / BYTES_PER_KEY);
                    self.data.databases[loading.database].tables.reserve(most as usize);
                }
                Step::Event(Event::Aux { name, text }) => {
                    let (name, text) = (name.into_bytes(), text.into_bytes());
                    self.take_aux(now, loading, &name, &text)?;
                }
                Step::Event(Event::Library(code)) => {
                    let code = code.into_bytes();
                    self.take_library(now, loading, &code)?;
                }
                Step::Event(Event::Empty(name)) => {
                    loading.empty += 1;
                    if loading.empty <= EMPTY_NAMED {
                        let name = String::from_utf8_lossy(name.bytes(&mut digits)).into_owned();
                        self.log(Level::Notice, format!("rdbLoadObject skipping empty key: {name}"));
                    }
                }
                Step::Event(Event::SlotImport) => return Err(LoadError::SlotImport.into()),
                Step::Event(Event::Module(_, id) | Event::ModuleAux(id)) => {
                    return Err(LoadError::Module(id).into());
                }
                Step::Event(Event::End(checksum)) => {
                    add_all(&mut self.data, &mut loading.coming, loading.database, loading.purpose)?;
                    if checksum == Checksum::Missing {
                        self.log(
                            Level::Notice,
                            "RDB file was saved with checksum disabled: no check performed.",
                        );
                    }
                    return Ok(true);
                }
            }
        }
    }

    /// What the writer said of itself and the data.
    fn take_aux(
        &mut self,
        now: Now<'_>,
        loading: &mut Loading,
        name: &[u8],
        text: &[u8],
    ) -> Result<(), Trouble> {
        let shown = String::from_utf8_lossy(text);
        let number = || base::int::parse_i64(text).unwrap_or(0);
        let line = match name.to_ascii_lowercase().as_slice() {
            [b'%', ..] => format!("RDB '{}': {shown}", String::from_utf8_lossy(name)),
            b"redis-ver" => format!("Loading RDB produced by Redis version {shown}"),
            b"valkey-ver" => format!("Loading RDB produced by Valkey version {shown}"),
            b"ctime" => format!("RDB age {} seconds", now.unix_s().saturating_sub(number()).max(0)),
            b"used-mem" => {
                loading.used_memory = number().max(0) as u64;
                let megabytes = number() as f64 / f64::from(1 << 20);
                format!("RDB memory usage when created {megabytes:.2} Mb")
            }
            b"aof-preamble" if number() != 0 => "RDB has an AOF tail".to_owned(),
            b"aof-base" if number() != 0 => "RDB is base AOF".to_owned(),
            b"slot-info" => {
                let fields = text.split(|&byte| byte == b',').take(3);
                if fields.filter(|field| base::int::parse_i64(field).is_some()).count() < 3 {
                    return Err(LoadError::Ended.into());
                }
                return Ok(());
            }
            b"aof-preamble" | b"aof-base" | b"redis-bits" | b"lua" | b"repl-stream-db" | b"repl-id"
            | b"repl-offset" => return Ok(()),
            _ => {
                let name = String::from_utf8_lossy(name);
                self.log(Level::Debug, format!("Unrecognized RDB AUX field: '{name}'"));
                return Ok(());
            }
        };
        self.log(Level::Notice, line);
        Ok(())
    }

    /// The code of a library of functions that came with the data.
    fn take_library(&mut self, now: Now<'_>, loading: &Loading, code: &[u8]) -> Result<(), Trouble> {
        let merge = matches!(loading.purpose, Purpose::Reload(reload) if reload.merge);
        self.load_library(now, code, merge, u64::MAX).map(|_| ()).map_err(|error| {
            Trouble::Library(format!("Failed loading library, {}", String::from_utf8_lossy(&error)))
        })
    }

    fn fail_loading(&mut self, now: Now<'_>, trouble: &Trouble) {
        let at = self.persistence.loading.as_ref().map_or(0, |loading| loading.done);
        let relaxed = self.config.snapshot.rdb_version_check == RdbVersionCheck::Relaxed;
        let fatal = match trouble {
            Trouble::Refused(text) => {
                self.log(Level::Warning, text.clone());
                true
            }
            Trouble::Library(text) => {
                self.log(Level::Warning, text.clone());
                false
            }
            Trouble::File(LoadError::UnknownType(_)) if relaxed => {
                self.log(
                    Level::Warning,
                    "Unknown type or opcode when loading DB. Unrecoverable error, aborting now.",
                );
                false
            }
            Trouble::File(
                error @ (LoadError::Signature | LoadError::Version(_) | LoadError::ForeignType(..)),
            ) => {
                self.log(Level::Warning, error.to_string());
                false
            }
            Trouble::File(LoadError::Module(_)) => {
                let Trouble::File(error) = trouble else { return };
                self.log(Level::Warning, error.to_string());
                true
            }
            Trouble::File(error) => {
                match error {
                    LoadError::Ended => {
                        let text = "Short read or OOM loading DB. Unrecoverable error, aborting now.";
                        self.log(Level::Warning, text);
                    }
                    LoadError::Checksum { .. } => self.log(Level::Warning, error.to_string()),
                    _ => {}
                }
                let lines = self.persistence.loading.as_ref().map(|loading| loading.loader.explain(*error));
                let lines = lines.unwrap_or_default();
                let what = lines.first().and_then(|line| line.split_once("] ")).map_or("", |(_, what)| what);
                let text = format!("Internal error in RDB reading offset {at} -> {what}");
                self.log(Level::Warning, text);
                self.log(Level::Warning, "--- RDB ERROR DETECTED ---");
                lines.into_iter().for_each(|line| self.log(Level::Warning, line));
                self.log(Level::Warning, "Terminating server after rdb file reading failure.");
                true
            }
        };
        self.end_loading(now, Err(fatal));
    }

    /// Loading is over: with data, without any, or failed, which may be the end of the process.
    fn end_loading(&mut self, now: Now<'_>, result: Result<bool, bool>) {
        let Some(loading) = self.persistence.loading.take() else { return };
        self.straits.put(Straits::LOADING, false);
        if result == Ok(true) {
            self.log_loaded(&loading);
        }
        match (loading.purpose, result) {
            (Purpose::Begin, Ok(true)) => {
                let seconds = now.later().mono_us.saturating_sub(loading.since_us) as f64 / 1e6;
                self.log(Level::Notice, format!("DB loaded from disk: {seconds:.3} seconds"));
            }
            (Purpose::Begin, Ok(false)) => {}
            (Purpose::Begin, Err(_)) => {
                self.log(Level::Warning, "Fatal error loading the DB, check server logs. Exiting.");
                self.outputs.push_back(Output::Exit(1));
            }
            (Purpose::Base, _) => {}
            (Purpose::Reload(_), Err(true)) => self.outputs.push_back(Output::Exit(1)),
            (Purpose::Reload(Reload { conn, client, .. }), result) => {
                if result == Ok(true) {
                    self.log(Level::Notice, "DB reloaded by DEBUG RELOAD");
                }
                if self.session(conn).is_some_and(|session| session.id == client) {
                    self.release(now, conn, |node, session| match result {
                        Ok(true) => session.reply().ok(),
                        _ => node.fail(
                            session,
                            &CommandError::of("Error trying to load the RDB dump, check server logs."),
                        ),
                    });
                }
            }
        }
    }

    /// Tells how much a snapshot held.
    pub(crate) fn log_loaded(&mut self, loading: &Loading) {
        let (loaded, expired) = (self.persistence.keys_loaded, self.persistence.keys_expired);
        let mut text = format!("Done loading RDB, keys loaded: {loaded}, keys expired: {expired}");
        if loading.empty > 0 {
            text.push_str(&format!(", empty keys skipped: {}", loading.empty));
        }
        self.log(Level::Notice, text + ".");
    }

    /// Loads the data again, for a client that waits for it.
    pub(crate) fn reload(&mut self, now: Now<'_>, reload: Reload) {
        if reload.flush {
            // Nobody made a change: what goes comes back.
            let dirty = self.effects.dirty;
            for index in 0..self.data.databases.len() {
                self.flush(now, index, false);
            }
            self.effects.dirty = dirty;
            self.flush_functions(false);
        }
        self.begin_loading(now, Purpose::Reload(reload));
    }
}

/// Makes a record of a key, and asks the memory for the place where it belongs.
fn prepare(data: &Keyspace, index: usize, entry: Entry<'_>) -> Coming {
    let mut digits = [0; MAX_TEXT];
    let name = entry.name.bytes(&mut digits);
    let Key { hash, table, .. } = data.key(name);
    data.databases[index].tables.prefetch_bucket(table, hash);
    let (expiry, access) = (entry.told.expiry, access(data, entry.told));
    let record = entry.value.give(|value: NewValue<'_>| Record::new(name, value, expiry, access, false));
    Coming { hash, table, record }
}

/// Adds keys. One that is there already makes room, if they are to be merged; else it is an error.
fn add_all(
    data: &mut Keyspace,
    coming: &mut Vec<Coming>,
    index: usize,
    purpose: Purpose,
) -> Result<(), Trouble> {
    let tables = &mut data.databases[index].tables;
    for Coming { hash, table, record } in coming.drain(..) {
        let old = tables.locate(&Key { name: record.key(), hash, table });
        if let Some(place) = old {
            if !matches!(purpose, Purpose::Reload(Reload { merge: true, .. })) {
                let name = String::from_utf8_lossy(record.key()).into_owned();
                return Err(Trouble::Refused(format!("RDB has duplicated key '{name}' in DB {index}")));
            }
            tables.remove(place);
        }
        tables.add(hash, table, record);
    }
    Ok(())
}

/// The access clock of a key that is loaded.
fn access(data: &Keyspace, told: Told) -> u32 {
    let clock = &data.clock;
    match (told.frequency, told.idle) {
        (Some(frequency), _) if clock.lfu => clock.with_frequency(frequency),
        (_, Some(idle)) if !clock.lfu => clock.with_idle(idle),
        _ => clock.fresh(),
    }
}

//! What a command handler sees of the server: disjoint borrows, made anew for each command.

use crate::{CommandError, Effects};
use acl::{UserId, Users};
use base::lzf::Scratch;
use base::rng::Rng;
use conn::{Args, Head};
use keyspace::tables::Place;
use keyspace::values::Rules;
use keyspace::{AccessClock, Database, Key, Keyspace, Kind, Lookup, Record};
use resp::Reply;
use std::cmp::Ordering;
use std::ffi::CStr;
use std::ops::Range;

/// A handler: reads its arguments, does its work, writes its reply.
pub type Handler = fn(&mut Ctx<'_>, Args<'_>) -> Result<Done, CommandError>;

/// How a command ended when it did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// The reply is written.
    Replied,
    /// There is nothing to reply with yet: the client waits, and the command is run again when a key has changed.
    Block(Box<Wait>),
}

/// What a client waits for that has been told to block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The arguments that are the keys.
    pub keys: Range<usize>,
    /// The type that a key must have for the command to be run again.
    pub kind: Kind,
    /// Whether a key that goes, or changes its type, is something to run it again for too.
    pub even_if_gone: bool,
    /// For how long, in milliseconds; for ever if `None`.
    pub timeout: Option<i64>,
    /// What is replied when that is over.
    pub in_vain: InVain,
    /// Arguments that are other ones when the command is run again.
    pub rewritten: Vec<(usize, Vec<u8>)>,
}

/// What is replied to a client that has waited in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InVain {
    /// No string.
    Null,
    /// No array.
    NullArray,
}

/// Who calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caller {
    /// The selected database.
    pub database: usize,
    /// Whether uses leave access clocks alone (`CLIENT NO-TOUCH`).
    pub no_touch: bool,
    /// Whether this client imports data (`CLIENT IMPORT-SOURCE`) and sees expired keys.
    pub import_source: bool,
    /// Whether this client must not be made to wait: its command is part of a transaction or a script.
    pub must_not_block: bool,
    /// Whether it is a script that calls.
    pub in_script: bool,
    /// The user that it is logged in as.
    pub user: UserId,
}

/// Counters of lookups.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyStats {
    /// Reads that found their key.
    pub hits: u64,
    /// Reads that did not.
    pub misses: u64,
    /// Keys removed because their time had come.
    pub expired: u64,
    /// Fields of hashes removed because their time had come.
    pub expired_fields: u64,
}

/// Compares texts by the rules of a language.
pub type Collate = fn(&CStr, &CStr) -> Ordering;

/// The settings that handlers read.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// `proto-max-bulk-len`.
    pub max_bulk: u64,
    /// Whose payloads RESTORE takes: `rdb-version-check`.
    pub dump_versions: rdb::Versions,
    /// Whether RESTORE holds the checksum of a payload against its bytes.
    pub dump_checksums: bool,
    /// Whether expired keys are removed when met: not while data is imported.
    pub expire_on_access: bool,
    /// `lazyfree-lazy-expire`, `-user-del`, `-server-del`, in turn.
    pub lazy_expire: bool,
    /// Whether DEL frees in the background.
    pub lazy_user_del: bool,
    /// Whether replaced values are freed in the background.
    pub lazy_server_del: bool,
    /// `rdbcompression`.
    pub compress: bool,
    /// How texts compare where the language matters (`locale-collate`); by their bytes if `None`.
    pub collate: Option<Collate>,
    /// What values go by.
    pub rules: Rules,
}

/// What came of [`Ctx::alter`].
pub enum Altered<R> {
    /// The key is written.
    Done(R),
    /// There is no such key, not even one past its time: it can be added.
    Absent,
    /// The whole way is still to go, by [`Ctx::write`].
    Not,
}

/// What a command may touch.
pub struct Ctx<'a> {
    /// The time, in Unix milliseconds: the same for the whole command.
    pub now: i64,
    /// Randomness.
    pub rng: &'a mut Rng,
    /// Who calls.
    pub caller: Caller,
    /// The data.
    pub data: &'a mut Keyspace,
    /// Where the reply goes.
    pub reply: Reply<'a>,
    /// What changed.
    pub effects: &'a mut Effects,
    /// Lookup counters.
    pub stats: &'a mut KeyStats,
    /// Settings.
    pub settings: &'a Settings,
    /// What the caller may do besides this command.
    pub users: &'a Users,
    /// The request, for what was computed of it on arrival.
    pub head: &'a Head,
    /// Records to be freed elsewhere.
    pub garbage: &'a mut Vec<Record>,
    /// Memory of the compressor.
    pub lzf: &'a mut Scratch,
}

impl<'a> Ctx<'a> {
    /// The key that argument `index` names.
    #[inline]
    pub fn key<'k>(&self, args: &Args<'k>, index: usize) -> Key<'k> {
        let name = args.at(index);
        if self.head.key_at as usize == index && index > 0 {
            return Key { name, hash: self.head.hash, table: self.head.table };
        }
        self.data.key(name)
    }

    /// Calls `each` with every `step`th argument from `first` on as a key, in order. Keys are looked at in groups whose
    /// memory is asked for together, so that a command of many keys waits once for a group and not once for each.
    pub(crate) fn for_each_key<'k>(
        &mut self,
        args: &Args<'k>,
        first: usize,
        step: usize,
        mut each: impl FnMut(&mut Self, usize, &Key<'k>),
    ) {
        const GROUP: usize = 16;
        let mut at = first;
        while at < args.len() {
            let count = (args.len() - at).div_ceil(step).min(GROUP);
            let mut keys = [Key { name: b"", hash: 0, table: 0 }; GROUP];
            for (i, key) in keys[..count].iter_mut().enumerate() {
                *key = self.key(args, at + i * step);
            }
            let tables = &self.data.databases[self.caller.database].tables;
            if count > 1 {
                keys[..count].iter().for_each(|key| tables.prefetch_bucket(key.table, key.hash));
                keys[..count].iter().for_each(|key| tables.prefetch_record(key.table, key.hash));
            }
            for (i, key) in keys[..count].iter().enumerate() {
                each(self, at + i * step, key);
            }
            at += count * step;
        }
    }

    /// The caller's database.
    #[inline]
    pub fn db(&mut self) -> &mut Database {
        &mut self.data.databases[self.caller.database]
    }

    /// Reads a key, counted as a hit or a miss: `f` is given its record, if it is there, and the reply.
    #[inline]
    pub fn read<R>(&mut self, key: &Key<'_>, f: impl FnOnce(Option<&Record>, &mut Reply<'a>) -> R) -> R {
        let clock = self.data.clock;
        let record = self.data.databases[self.caller.database].tables.find_mut(key);
        match record {
            Some(record) if record.expiry().is_none_or(|when| when >= self.now) => {
                self.stats.hits += 1;
                if !self.caller.no_touch {
                    mark_use(record, clock, self.rng);
                }
                f(Some(record), &mut self.reply)
            }
            Some(_) => self.read_expired(key, f),
            None => {
                self.missed(key);
                f(None, &mut self.reply)
            }
        }
    }

    /// A key that was to be read is not there.
    #[inline]
    fn missed(&mut self, key: &Key<'_>) {
        self.stats.misses += 1;
        if self.effects.listening {
            self.effects.noted(self.caller.database, key.name, "keymiss", 0);
        }
    }

    /// Writes a key where it stands, if it is there, its time has not come, and `f` can: a write of one lookup. `f` answers
    /// `None` when it has done nothing.
    #[inline]
    pub fn alter<R>(&mut self, key: &Key<'_>, f: impl FnOnce(&mut Record) -> Option<R>) -> Altered<R> {
        let clock = self.data.clock;
        let Some(record) = self.data.databases[self.caller.database].tables.find_mut(key) else {
            return Altered::Absent;
        };
        if record.expiry().is_some_and(|when| when < self.now) {
            return Altered::Not;
        }
        let Some(done) = f(record) else { return Altered::Not };
        if !self.caller.no_touch {
            mark_use(record, clock, self.rng);
        }
        Altered::Done(done)
    }

    /// The record of a key to be read, counted as a hit or a miss: for handlers that need it longer than a closure lasts.
    pub fn record(&mut self, key: &Key<'_>) -> Option<&Record> {
        let place = self.read_place(key)?;
        Some(self.at(place))
    }

    /// The place of a key to be read, counted as a hit or a miss.
    pub(crate) fn read_place(&mut self, key: &Key<'_>) -> Option<Place> {
        let place = self.inspect(key)?;
        self.touch(place);
        Some(place)
    }

    /// Reads a key past its time: there for those who import data, gone for all others.
    #[cold]
    fn read_expired<R>(&mut self, key: &Key<'_>, f: impl FnOnce(Option<&Record>, &mut Reply<'a>) -> R) -> R {
        let place = self.peek(key);
        match place {
            Some(_) => self.stats.hits += 1,
            None => self.missed(key),
        }
        let tables = &self.data.databases[self.caller.database].tables;
        f(place.map(|place| tables.get(place)), &mut self.reply)
    }

    /// The place of a key to be written.
    #[inline]
    pub fn write(&mut self, key: &Key<'_>) -> Option<Place> {
        let place = self.peek(key)?;
        self.touch(place);
        Some(place)
    }

    /// The place of a key that is looked at from outside: counted as a hit or a miss, but not used.
    #[inline]
    pub fn inspect(&mut self, key: &Key<'_>) -> Option<Place> {
        let place = self.peek(key);
        match place {
            Some(_) => self.stats.hits += 1,
            None => self.missed(key),
        }
        place
    }

    /// The place of a key that is to be removed: there also when its time has come but expired keys are kept.
    pub fn doomed(&mut self, key: &Key<'_>) -> Option<Place> {
        match self.data.databases[self.caller.database].lookup(key, self.now) {
            Lookup::Found(place) => Some(place),
            Lookup::Missing => None,
            Lookup::Expired(place) if !self.settings.expire_on_access => Some(place),
            Lookup::Expired(place) => self.expired(key, place),
        }
    }

    /// Whether a key that is given this time to end is not to be kept at all. Where expired keys are kept, it is.
    #[inline]
    pub fn is_past(&self, when: i64) -> bool {
        when <= self.now && self.settings.expire_on_access
    }

    /// Whether the caller must not see a record, because its time has come.
    pub fn hides(&self, record: &Record) -> bool {
        record.expiry().is_some_and(|when| when < self.now)
            && (self.settings.expire_on_access || !self.caller.import_source)
    }

    /// The place of a key, leaving counters and its access clock alone.
    #[inline]
    pub fn peek(&mut self, key: &Key<'_>) -> Option<Place> {
        match self.data.databases[self.caller.database].lookup(key, self.now) {
            Lookup::Found(place) => Some(place),
            Lookup::Missing => None,
            Lookup::Expired(place) => self.expired(key, place),
        }
    }

    /// A key past its time was met: it goes, unless data is being imported.
    #[cold]
    fn expired(&mut self, key: &Key<'_>, place: Place) -> Option<Place> {
        if self.settings.expire_on_access {
            let record = self.db().tables.remove(place);
            self.free(record, self.settings.lazy_expire);
            self.stats.expired += 1;
            self.effects.key_expired(self.caller.database, key.name, self.settings.lazy_expire);
            return None;
        }
        self.caller.import_source.then_some(place)
    }

    /// Says that a key was used.
    #[inline]
    pub fn touch(&mut self, place: Place) {
        if self.caller.no_touch {
            return;
        }
        let clock = self.data.clock;
        let record = self.data.databases[self.caller.database].tables.get_mut(place);
        mark_use(record, clock, self.rng);
    }

    /// The record at a place.
    #[inline]
    pub fn at(&self, place: Place) -> &Record {
        self.data.databases[self.caller.database].tables.get(place)
    }

    /// The record at a place, to be edited.
    #[inline]
    pub(crate) fn at_mut(&mut self, place: Place) -> &mut Record {
        self.db().tables.get_mut(place)
    }

    /// Says that a key changed.
    #[inline]
    pub fn changed(&mut self, key: &Key<'_>, event: &'static str, count: u64) {
        self.effects.changed(self.caller.database, key.name, event, count);
    }

    /// Says that something was done to a key that is no change for those who watch it: [`Effects::noted`].
    #[inline]
    pub fn noted(&mut self, key: &Key<'_>, event: &'static str, count: u64) {
        self.effects.noted(self.caller.database, key.name, event, count);
    }

    /// Adds the record of a key that [`Ctx::peek`] does not find. What is left of it from before its time came, where
    /// expired keys are kept, makes room.
    #[inline]
    pub fn insert(&mut self, key: &Key<'_>, record: Record) -> Place {
        if !self.settings.expire_on_access
            && let Some(place) = self.doomed(key)
        {
            self.remove(place, self.settings.lazy_server_del);
        }
        if self.effects.listening {
            self.noted(key, "new", 0);
        }
        self.db().tables.insert(key, record)
    }

    /// Works in another database for a while.
    pub fn within<R>(&mut self, database: usize, work: impl FnOnce(&mut Self) -> R) -> R {
        let home = std::mem::replace(&mut self.caller.database, database);
        let result = work(self);
        self.caller.database = home;
        result
    }

    /// A database by its number, as an argument gives it.
    pub fn database(&self, text: &[u8]) -> Result<usize, CommandError> {
        match usize::try_from(crate::parse::int(text)?) {
            Ok(index) if index < self.data.databases.len() => Ok(index),
            _ => Err(CommandError::DB_OUT_OF_RANGE),
        }
    }

    /// Removes the key at `place`.
    pub fn remove(&mut self, place: Place, lazily: bool) {
        let record = self.db().tables.remove(place);
        self.free(record, lazily);
    }

    /// Frees a record, elsewhere if that is wished and the record is costly to free.
    pub fn free(&mut self, record: Record, lazily: bool) {
        if lazily && record.is_costly_to_free() {
            self.garbage.push(record);
        }
    }
}

/// Sets a record's access clock to now.
#[inline]
fn mark_use(record: &mut Record, clock: AccessClock, rng: &mut Rng) {
    let now = clock.touched(record.access(), rng);
    if now != record.access() {
        record.set_access(now);
    }
}

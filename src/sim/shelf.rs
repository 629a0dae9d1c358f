//! Files that are made up, on a disk that forgets, fills and fails.
//!
//! ```text
//! a file    | synced | written since |    of what was written since, any part of its beginning outlives a crash
//! names     those on the disk, and changes since then in their order, of which any first ones outlive a crash
//! ```
//!
//! Changes of names are on the disk when a directory is synced, whichever: they all wait in one line, as in the journal of a
//! file system. Directories are there as soon as they are made. Each thing that is done counts; one of them, by its number,
//! may be where a [`Trouble`] begins.

use base::rng::Rng;
use node::boundary::{AppendError, Appended, FileStep, Files, Stat, StepFailure};
use std::collections::BTreeMap;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One thing fails, and nothing else.
    Fails,
    /// Everything fails from there on.
    Breaks,
    /// Whatever takes room fails from there on.
    Fills,
    /// Of what is written half gets there, and cannot be cut off again; anything else fails.
    Tears,
    /// The power goes in the middle of it.
    Dies,
}

/// What goes wrong, and at which thing that is done.
#[derive(Clone, Copy, Debug)]
pub struct Trouble {
    /// The number of the thing.
    pub at: u64,
    /// What happens to it.
    pub kind: Kind,
}

/// Things that are done with files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// A new file, or one that is emptied.
    Create,
    /// Bytes behind those that are there.
    Write,
    /// What was written is put on the disk.
    Sync,
    /// A file gets another name.
    Rename,
    /// What names there are is put on the disk.
    SyncDirectory,
    /// A file is cut.
    Truncate,
    /// A name goes.
    Remove,
}

#[derive(Clone, Debug, Default)]
struct File {
    bytes: Vec<u8>,
    /// How many of them are surely on the disk.
    synced: usize,
}

type Names = BTreeMap<Vec<u8>, usize>;

#[derive(Clone, Debug)]
enum Change {
    Give(Vec<u8>, usize),
    Rename(Vec<u8>, Vec<u8>),
    Remove(Vec<u8>),
}

/// All files of a server.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    files: Vec<File>,
    names: Names,
    /// The names on the disk, and what has changed since then.
    settled: Names,
    journal: Vec<Change>,
    directories: Vec<Vec<u8>>,
    /// The file that is appended to.
    current: Option<usize>,
    /// The file that was made last.
    made: Option<(Vec<u8>, usize)>,
    /// How many things were done.
    pub done: u64,
    /// What goes wrong.
    pub trouble: Option<Trouble>,
    /// What was hit by it, in the order of happening.
    pub hit: Vec<Deed>,
    dead: bool,
}

const FULL: &str = "No space left on device";
const BROKEN: &str = "Input/output error";
const MISSING: &str = "No such file or directory";

impl Shelf {
    /// Whether the power has gone: nothing is done any more.
    pub fn is_dead(&self) -> bool {
        self.dead
    }

    /// What a file holds.
    pub fn read_whole(&self, path: &[u8]) -> Option<&[u8]> {
        self.names.get(path).map(|&file| self.files[file].bytes.as_slice())
    }

    /// A file that someone else has written, and put on the disk.
    pub fn put(&mut self, path: &[u8], bytes: Vec<u8>) {
        let synced = bytes.len();
        self.files.push(File { bytes, synced });
        self.change(Change::Give(path.to_vec(), self.files.len() - 1));
        self.settle();
    }

    /// A file that someone else has removed.
    pub fn forget(&mut self, path: &[u8]) {
        self.change(Change::Remove(path.to_vec()));
        self.settle();
    }

    /// The power comes back: what the disk has is what there is, and nothing goes wrong any more.
    pub fn crash(&mut self, rng: &mut Rng) {
        let kept = rng.index(self.journal.len() + 1);
        self.names = std::mem::take(&mut self.settled);
        for change in std::mem::take(&mut self.journal).into_iter().take(kept) {
            apply(&mut self.names, change);
        }
        self.settle();
        for file in &mut self.files {
            let lost = file.bytes.len() - file.synced;
            file.bytes.truncate(file.synced + rng.index(lost + 1));
            file.synced = file.bytes.len();
        }
        (self.current, self.made, self.trouble, self.dead) = (None, None, None, false);
    }

    /// Counts a thing that is done. Answers whether it is, or why not.
    fn begin(&mut self, deed: Deed) -> Result<(), Fault> {
        if self.dead {
            return Err(Fault { torn: false, text: BROKEN });
        }
        let number = self.done;
        self.done += 1;
        let Some(Trouble { at, kind }) = self.trouble else { return Ok(()) };
        let takes_room = matches!(deed, Deed::Create | Deed::Write);
        let is_hit = match kind {
            Kind::Fails | Kind::Tears | Kind::Dies => number == at,
            Kind::Breaks => number >= at,
            Kind::Fills => number >= at && takes_room,
        };
        if !is_hit {
            return Ok(());
        }
        self.hit.push(deed);
        match kind {
            Kind::Dies => {
                self.dead = true;
                // Whether it was still done is left open: where it is a write or a name, it waits for its sync.
                let is_done = !matches!(deed, Deed::Sync | Deed::SyncDirectory);
                is_done.then_some(()).ok_or(Fault { torn: false, text: BROKEN })
            }
            _ => Err(Fault { torn: kind == Kind::Tears, text: if takes_room { FULL } else { BROKEN } }),
        }
    }

    fn change(&mut self, change: Change) {
        apply(&mut self.names, change.clone());
        self.journal.push(change);
    }

    fn settle(&mut self) {
        self.settled = self.names.clone();
        self.journal.clear();
    }

    fn create(&mut self, path: &[u8]) -> Result<usize, Fault> {
        self.begin(Deed::Create)?;
        self.files.push(File::default());
        let file = self.files.len() - 1;
        self.change(Change::Give(path.to_vec(), file));
        Ok(file)
    }

    fn write(&mut self, file: usize, bytes: &[u8]) -> Result<(), Fault> {
        self.begin(Deed::Write).inspect_err(|fault| {
            if fault.torn {
                self.files[file].bytes.extend_from_slice(&bytes[..bytes.len() / 2]);
            }
        })?;
        self.files[file].bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn sync_file(&mut self, file: usize) -> Result<(), Fault> {
        self.begin(Deed::Sync)?;
        self.files[file].synced = self.files[file].bytes.len();
        Ok(())
    }

    fn rename(&mut self, from: &[u8], to: &[u8]) -> Result<usize, Fault> {
        self.begin(Deed::Rename)?;
        let file = *self.names.get(from).ok_or(Fault { torn: false, text: MISSING })?;
        self.change(Change::Rename(from.to_vec(), to.to_vec()));
        Ok(file)
    }

    fn sync_directory(&mut self) -> Result<(), Fault> {
        self.begin(Deed::SyncDirectory)?;
        self.settle();
        Ok(())
    }

    fn remove(&mut self, path: &[u8]) {
        if self.begin(Deed::Remove).is_ok() {
            self.change(Change::Remove(path.to_vec()));
        }
    }

    /// Writes a file beside its place, in pieces, and puts it there when it is whole. What goes wrong before leaves nothing.
    pub fn replace(&mut self, path: &[u8], beside: &[u8], bytes: &[u8], piece: usize) -> Result<(), String> {
        let written = self.create(beside).and_then(|file| {
            bytes.chunks(piece.max(1)).try_for_each(|piece| self.write(file, piece))?;
            self.sync_file(file)?;
            self.rename(beside, path)
        });
        written.map_err(|fault| {
            self.remove(beside);
            fault.text
        })?;
        Ok(self.sync_directory()?)
    }

    /// Appends bytes. Where only half of them got there, that is cut off again, unless it cannot be.
    pub fn append(&mut self, bytes: Vec<u8>) -> Appended {
        let Some(file) = self.current else {
            let written = bytes.len();
            return Appended { bytes, written, error: None };
        };
        let Err(fault) = self.write(file, &bytes) else {
            let written = bytes.len();
            return Appended { bytes, written, error: None };
        };
        let half = bytes.len() / 2;
        let written = if fault.torn { half } else { 0 };
        let uncut = fault.torn.then(|| BROKEN.to_owned());
        let error = AppendError { text: fault.text.into(), short: (half > 0).then_some(half), uncut };
        Appended { bytes, written, error: Some(error) }
    }

    /// The file that is appended to, to be synced later.
    pub(crate) fn appended_to(&self) -> Option<usize> {
        self.current
    }

    /// Puts what was appended on the disk.
    pub fn sync(&mut self) -> Result<(), String> {
        self.sync_one(self.current)
    }

    /// Puts what was written to a file on the disk.
    pub(crate) fn sync_one(&mut self, file: Option<usize>) -> Result<(), String> {
        Ok(file.map_or(Ok(()), |file| self.sync_file(file))?)
    }

    fn step(&mut self, step: &FileStep) -> Result<Option<u64>, Fault> {
        match step {
            FileStep::MakeDirectory(path) if self.directories.contains(path) => {}
            FileStep::MakeDirectory(path) => {
                self.begin(Deed::Create)?;
                self.directories.push(path.clone());
            }
            FileStep::Make(path) => self.made = Some((path.clone(), self.create(path)?)),
            FileStep::Open { path, fresh } => {
                let made = self.made.take().filter(|(name, _)| name == path).map(|(_, file)| file);
                let found = self.names.get(path).copied().filter(|_| !fresh);
                let file = made.or(found).map_or_else(|| self.create(path), Ok)?;
                // What was written to the one before is left to be synced at leisure: it may never be.
                self.current = Some(file);
            }
            FileStep::Sync => self.current.map_or(Ok(()), |file| self.sync_file(file))?,
            FileStep::Close => {
                self.current.map_or(Ok(()), |file| self.sync_file(file))?;
                self.current = None;
            }
            FileStep::Put { path, temporary, text } => {
                let file = self.create(temporary)?;
                self.write(file, text)?;
                self.sync_file(file)?;
                self.rename(temporary, path)?;
                self.sync_directory()?;
            }
            FileStep::Rename { from, to } => {
                let file = self.rename(from, to)?;
                return Ok(Some(self.files[file].bytes.len() as u64));
            }
            FileStep::Truncate { path, len } => {
                self.begin(Deed::Truncate)?;
                let file = *self.names.get(path).ok_or(Fault { torn: false, text: MISSING })?;
                let File { bytes, synced } = &mut self.files[file];
                bytes.truncate(*len as usize);
                *synced = bytes.len();
            }
            FileStep::Remove(path) => self.remove(path),
        }
        Ok(None)
    }
}

/// Why a thing was not done.
struct Fault {
    /// Whether half of what was to be written has got there.
    torn: bool,
    text: &'static str,
}

impl From<Fault> for String {
    fn from(fault: Fault) -> String {
        fault.text.to_owned()
    }
}

fn apply(names: &mut Names, change: Change) {
    match change {
        Change::Give(path, file) => drop(names.insert(path, file)),
        Change::Rename(from, to) => {
            if let Some(file) = names.remove(&from) {
                names.insert(to, file);
            }
        }
        Change::Remove(path) => drop(names.remove(&path)),
    }
}

impl Files for Shelf {
    fn stat(&mut self, path: &[u8]) -> Result<Option<Stat>, String> {
        if self.directories.iter().any(|directory| directory == path) {
            return Ok(Some(Stat { len: 0, is_dir: true }));
        }
        Ok(self.read_whole(path).map(|bytes| Stat { len: bytes.len() as u64, is_dir: false }))
    }

    fn read(&mut self, path: &[u8], from: u64, most: usize) -> Result<Vec<u8>, String> {
        let rest = self.read_whole(path).ok_or(MISSING)?.get(from as usize..).unwrap_or_default();
        Ok(rest[..rest.len().min(most)].to_vec())
    }

    fn take(&mut self, steps: &[FileStep]) -> Result<Vec<u64>, StepFailure> {
        let mut lens = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            if self.dead {
                return Err(StepFailure { step: at, text: BROKEN.into() });
            }
            lens.extend(self.step(step).map_err(|fault| StepFailure { step: at, text: fault.into() })?);
        }
        Ok(lens)
    }
}

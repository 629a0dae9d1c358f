//! Files that are made up: what was written and synced stays when a node crashes, of the rest any part of its beginning.
//!
//! Each thing that is done counts; one that is named by [`Shelf::fails_at`] goes wrong, as on a disk that is full or broken.
//! Names are on the disk as soon as they are given.

use base::rng::Rng;
use node::boundary::{AppendError, Appended, FileStep, Files, Stat, StepFailure};
use std::collections::BTreeMap;

/// A file: its bytes, and how many of them are surely on the disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// What was written.
    pub bytes: Vec<u8>,
    synced: usize,
}

/// All files of a server.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// By their paths.
    pub files: BTreeMap<Vec<u8>, File>,
    directories: Vec<Vec<u8>>,
    /// The file that is appended to.
    current: Option<Vec<u8>>,
    /// The file that was made last.
    made: Option<Vec<u8>>,
    /// How many things were done.
    pub done: u64,
    /// Which of them goes wrong.
    pub fails_at: Option<u64>,
    /// Whether those behind it go wrong as well.
    pub stays_broken: bool,
}

const FULL: &str = "No space left on device";

impl Shelf {
    /// Whether the next thing goes wrong.
    fn breaks(&mut self) -> bool {
        let number = self.done;
        self.done += 1;
        self.fails_at.is_some_and(|at| number == at || (self.stays_broken && number > at))
    }

    /// Appends bytes; where there is no room, half of them, which are cut off again.
    pub fn append(&mut self, bytes: Vec<u8>) -> Appended {
        let short = bytes.len() / 2;
        if self.breaks() {
            let error = AppendError { text: FULL.into(), short: (short > 0).then_some(short), uncut: None };
            return Appended { bytes, written: 0, error: Some(error) };
        }
        if let Some(file) = self.current.as_ref().and_then(|path| self.files.get_mut(path)) {
            file.bytes.extend_from_slice(&bytes);
        }
        let written = bytes.len();
        Appended { bytes, written, error: None }
    }

    /// Puts what was appended on the disk.
    pub fn sync(&mut self) -> Result<(), String> {
        if self.breaks() {
            return Err("Input/output error".into());
        }
        if let Some(file) = self.current.as_ref().and_then(|path| self.files.get_mut(path)) {
            file.synced = file.bytes.len();
        }
        Ok(())
    }

    /// A file that someone else has written, and put on the disk.
    pub fn put(&mut self, path: &[u8], bytes: Vec<u8>) {
        let synced = bytes.len();
        self.files.insert(path.to_vec(), File { bytes, synced });
    }

    /// The power goes: of what is not synced, some of the beginning stays.
    pub fn crash(&mut self, rng: &mut Rng) {
        for file in self.files.values_mut() {
            let lost = file.bytes.len() - file.synced;
            file.bytes.truncate(file.synced + rng.index(lost + 1));
            file.synced = file.bytes.len();
        }
        (self.current, self.made) = (None, None);
        (self.fails_at, self.stays_broken) = (None, false);
    }

    fn step(&mut self, step: &FileStep) -> Result<Option<u64>, String> {
        let is_held = matches!(step, FileStep::Open { path, .. } if self.made.as_ref() == Some(path));
        if !is_held && self.breaks() {
            return Err(FULL.into());
        }
        match step {
            FileStep::MakeDirectory(path) => self.directories.push(path.clone()),
            FileStep::Make(path) => {
                self.put(path, Vec::new());
                self.made = Some(path.clone());
            }
            FileStep::Open { path, fresh } => {
                // The file of before is synced as it is closed.
                let _ = self.current.take().and_then(|old| {
                    let file = self.files.get_mut(&old)?;
                    file.synced = file.bytes.len();
                    Some(())
                });
                let file = self.files.entry(path.clone()).or_default();
                if *fresh {
                    *file = File::default();
                }
                self.current = Some(path.clone());
                self.made = None;
            }
            FileStep::Close => {
                self.done -= 1;
                self.sync()?;
                self.current = None;
            }
            FileStep::Put { path, text, .. } => self.put(path, text.clone()),
            FileStep::Rename { from, to } => {
                let file = self.files.remove(from).ok_or("No such file or directory")?;
                let len = file.bytes.len() as u64;
                if self.current.as_ref() == Some(from) {
                    self.current = Some(to.clone());
                }
                self.files.insert(to.clone(), file);
                return Ok(Some(len));
            }
            FileStep::Truncate { path, len } => {
                let file = self.files.get_mut(path).ok_or("No such file or directory")?;
                file.bytes.truncate(*len as usize);
                file.synced = file.bytes.len();
            }
            FileStep::Remove(path) => drop(self.files.remove(path)),
        }
        Ok(None)
    }
}

impl Files for Shelf {
    fn stat(&mut self, path: &[u8]) -> Result<Option<Stat>, String> {
        if self.directories.iter().any(|directory| directory == path) {
            return Ok(Some(Stat { len: 0, is_dir: true }));
        }
        Ok(self.files.get(path).map(|file| Stat { len: file.bytes.len() as u64, is_dir: false }))
    }

    fn read(&mut self, path: &[u8], from: u64, most: usize) -> Result<Vec<u8>, String> {
        let file = self.files.get(path).ok_or("No such file or directory")?;
        let rest = file.bytes.get(from as usize..).unwrap_or_default();
        Ok(rest[..rest.len().min(most)].to_vec())
    }

    fn take(&mut self, steps: &[FileStep]) -> Result<Vec<u64>, StepFailure> {
        let mut lens = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            lens.extend(self.step(step).map_err(|text| StepFailure { step: at, text })?);
        }
        Ok(lens)
    }
}

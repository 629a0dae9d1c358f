//! The append-only file on the disk: bytes appended, files opened, renamed and synced, as the node asks for it.
//!
//! ```text
//! this thread       Append Append Sync      Files(...)
//! the other one                    SyncAside -> sync   -> told of      syncs of files that were closed, and letting go of files
//! ```
//!
//! What the disk answers is told to the node as it is: nothing is tried again here, and nothing is passed over. A piece of
//! bytes that could be written in part only is cut off again, so that the file ends with a whole command.

use crate::sys;
use mio::unix::pipe::{self, Receiver};
use node::boundary::{AppendError, Appended, FileStep, Files, Stat, StepFailure};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::mpsc::{self, Sender};

/// The append-only file.
pub struct AppendOnly {
    current: Option<Current>,
    /// A file that was made, to be appended to soon: once the manifest names it, that must not fail any more.
    made: Option<(Vec<u8>, File)>,
    aside: Aside,
    /// What to do nothing for before each write, in microseconds.
    pub pause_us: u64,
}

/// The file that is appended to.
struct Current {
    file: File,
    len: u64,
}

/// The thread that does what need not be waited for.
struct Aside {
    to: Sender<Chore>,
    results: mpsc::Receiver<Result<(), String>>,
    told: Receiver,
}

/// What it does.
enum Chore {
    /// Sync this file and tell.
    Sync(File),
    /// Sync this file and close it.
    Close(File),
    /// Let go of a file whose name is gone already: only then does it take no room any more, which takes time.
    LetGo(File),
}

impl Aside {
    /// Starts the thread, on these processors.
    fn start(cpulist: &[u8]) -> io::Result<Aside> {
        let (mut bell, told) = pipe::new()?;
        let (to, chores) = mpsc::channel();
        let (tell, results) = mpsc::channel();
        let cpulist = cpulist.to_vec();
        let work = move || {
            crate::standing::affinity::pin(&cpulist);
            crate::alloc::register_thread();
            for chore in chores {
                match chore {
                    Chore::Sync(file) => {
                        let result = file.sync_data().map_err(|error| sys::reason(&error));
                        if tell.send(result).is_err() {
                            break;
                        }
                        // A full pipe is as good as another byte.
                        let _ = bell.write(&[0]);
                    }
                    Chore::Close(file) => {
                        let _ = file.sync_data();
                    }
                    Chore::LetGo(file) => drop(file),
                }
            }
            // The thread's memory is counted for as long as the process lives, so the thread stays.
            loop {
                std::thread::park();
            }
        };
        std::thread::Builder::new().name("aof_fsync".into()).spawn(work)?;
        Ok(Aside { to, results, told })
    }
}

impl AppendOnly {
    /// No file yet. What need not be waited for is done on the processors of a list.
    pub fn new(cpulist: &[u8]) -> io::Result<AppendOnly> {
        Ok(AppendOnly { current: None, made: None, aside: Aside::start(cpulist)?, pause_us: 0 })
    }

    /// The pipe that tells that a sync has ended, to be registered with the poller.
    pub fn bell(&mut self) -> &mut Receiver {
        &mut self.aside.told
    }

    /// Appends bytes.
    pub fn append(&mut self, bytes: Vec<u8>) -> Appended {
        if self.pause_us > 0 {
            #[expect(clippy::disallowed_methods, reason = "it was asked for")]
            std::thread::sleep(std::time::Duration::from_micros(self.pause_us));
        }
        let Some(current) = &mut self.current else {
            // The file was closed for good behind these bytes.
            let written = bytes.len();
            return Appended { bytes, written, error: None };
        };
        let (written, error) = write(&current.file, &bytes);
        let Some(error) = error else {
            current.len += written as u64;
            return Appended { bytes, written, error: None };
        };
        let mut error = AppendError { text: sys::reason(&error), short: None, uncut: None };
        if written == 0 {
            return Appended { bytes, written, error: Some(error) };
        }
        error.short = Some(written);
        match current.file.set_len(current.len) {
            Ok(()) => Appended { bytes, written: 0, error: Some(error) },
            Err(uncut) => {
                current.len += written as u64;
                error.uncut = Some(sys::reason(&uncut));
                Appended { bytes, written, error: Some(error) }
            }
        }
    }

    /// Puts what was appended on the disk, and waits for that.
    pub fn sync(&self) -> Result<(), String> {
        self.current
            .as_ref()
            .map_or(Ok(()), |current| current.file.sync_data().map_err(|error| sys::reason(&error)))
    }

    /// Has what was appended put on the disk; [`AppendOnly::synced_aside`] tells when that is done.
    pub fn sync_aside(&mut self) -> Option<Result<(), String>> {
        let file = match self.current.as_ref()?.file.try_clone() {
            Ok(file) => file,
            Err(error) => return Some(Err(sys::reason(&error))),
        };
        match self.aside.to.send(Chore::Sync(file)) {
            Ok(()) => None,
            Err(_) => Some(self.sync()),
        }
    }

    /// A sync that has ended since this was asked last.
    pub fn synced_aside(&mut self) -> Option<Result<(), String>> {
        let mut rings = [0; 64];
        while self.aside.told.read(&mut rings).is_ok_and(|count| count > 0) {}
        self.aside.results.try_recv().ok()
    }

    /// Takes a step.
    fn step(&mut self, step: &FileStep) -> io::Result<Option<u64>> {
        match step {
            FileStep::MakeDirectory(path) => make_directory(sys::path(path))?,
            FileStep::Make(path) => self.made = Some((path.clone(), open(sys::path(path), true)?)),
            FileStep::Open { path, fresh } => {
                let made = self.made.take().filter(|(made, _)| made == path);
                let file = made.map_or_else(|| open(sys::path(path), *fresh), |(_, file)| Ok(file))?;
                let len = file.metadata()?.len();
                self.close_aside();
                self.current = Some(Current { file, len });
            }
            FileStep::Sync => {
                if let Some(current) = &self.current {
                    current.file.sync_data()?;
                }
            }
            FileStep::Close => {
                if let Some(current) = self.current.take() {
                    current.file.sync_data()?;
                }
            }
            FileStep::Put { path, temporary, text } => put(sys::path(path), sys::path(temporary), text)?,
            FileStep::Rename { from, to } => {
                std::fs::rename(sys::path(from), sys::path(to))?;
                return Ok(Some(std::fs::metadata(sys::path(to))?.len()));
            }
            FileStep::Truncate { path, len } => {
                OpenOptions::new().write(true).open(sys::path(path))?.set_len(*len)?;
            }
            FileStep::Remove(path) => self.remove(sys::path(path)),
        }
        Ok(None)
    }

    fn close_aside(&mut self) {
        if let Some(old) = self.current.take()
            && let Err(unsent) = self.aside.to.send(Chore::Close(old.file))
            && let Chore::Close(file) = unsent.0
        {
            let _ = file.sync_data();
        }
    }

    /// Removes a file: its name at once, as another may be about to get it, and what it holds in the background.
    fn remove(&mut self, path: &Path) {
        #[expect(clippy::disallowed_methods, reason = "the append-only file is the shell's")]
        let held = File::open(path);
        let _ = std::fs::remove_file(path);
        if let Ok(held) = held {
            let _ = self.aside.to.send(Chore::LetGo(held));
        }
    }
}

impl Files for AppendOnly {
    fn stat(&mut self, path: &[u8]) -> Result<Option<Stat>, String> {
        match std::fs::metadata(sys::path(path)) {
            Ok(found) => Ok(Some(Stat { len: found.len(), is_dir: found.is_dir() })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(sys::reason(&error)),
        }
    }

    fn read(&mut self, path: &[u8], from: u64, most: usize) -> Result<Vec<u8>, String> {
        read(sys::path(path), from, most).map_err(|error| sys::reason(&error))
    }

    fn take(&mut self, steps: &[FileStep]) -> Result<Vec<u64>, StepFailure> {
        let mut lens = Vec::new();
        for (at, step) in steps.iter().enumerate() {
            match self.step(step) {
                Ok(len) => lens.extend(len),
                Err(error) => return Err(StepFailure { step: at, text: sys::reason(&error) }),
            }
        }
        Ok(lens)
    }
}

/// Writes as much as can be; answers how much that is, and why it is not all.
fn write(mut file: &File, bytes: &[u8]) -> (usize, Option<io::Error>) {
    let mut written = 0;
    while written < bytes.len() {
        match file.write(&bytes[written..]) {
            Ok(0) => return (written, Some(io::Error::from_raw_os_error(libc::ENOSPC))),
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (written, Some(error)),
        }
    }
    (written, None)
}

fn read(path: &Path, from: u64, most: usize) -> io::Result<Vec<u8>> {
    #[expect(clippy::disallowed_methods, reason = "the append-only file is the shell's")]
    let file = File::open(path)?;
    let mut bytes = vec![0; most.min(file.metadata()?.len().saturating_sub(from) as usize)];
    let mut got = 0;
    while got < bytes.len() {
        match file.read_at(&mut bytes[got..], from + got as u64) {
            Ok(0) => break,
            Ok(count) => got += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(got);
    Ok(bytes)
}

fn make_directory(path: &Path) -> io::Result<()> {
    match std::fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match path.is_dir() {
            true => Ok(()),
            false => Err(io::Error::from_raw_os_error(libc::ENOTDIR)),
        },
        made => made,
    }
}

fn open(path: &Path, fresh: bool) -> io::Result<File> {
    let file = OpenOptions::new().append(true).create(true).open(path)?;
    if fresh {
        file.set_len(0)?;
    }
    Ok(file)
}

/// Writes a file beside its place and puts it there when it is whole, so that at no moment there is half of it.
fn put(path: &Path, temporary: &Path, text: &[u8]) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "the append-only file is the shell's")]
    let mut file = File::create(temporary)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(temporary, path)?;
    let directory = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    #[expect(clippy::disallowed_methods, reason = "the append-only file is the shell's")]
    File::open(directory)?.sync_all()
}

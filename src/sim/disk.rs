//! What is done with snapshots: the child that writes one on a shelf, and a file that is read in slices.

use crate::shelf::Shelf;
use node::{Ending, Job, Node, Now, Opened};

/// The number of every child process.
pub(crate) const CHILD: u32 = 2;
/// Into so many pieces the file of a child falls, each of which is written by itself.
const PIECES: usize = 4;

/// What is being done.
#[derive(Default)]
pub struct Disk {
    /// How long a child takes, in microseconds.
    pub child_us: u64,
    /// How long a slice takes to be read, in microseconds.
    pub slice_us: u64,
    /// How many bytes a slice has; all there are room for, if zero.
    pub slice: usize,
    /// Whether children fail.
    pub fails: bool,
    child: Option<Child>,
    /// What was read of the file that is being loaded, and when it is read on.
    position: usize,
    read_us: u64,
}

struct Child {
    job: Job,
    ends_us: u64,
    file: Vec<u8>,
    stopped: bool,
}

/// The file that a walk over the data comes to.
pub fn walk(node: &Node, now: Now<'_>) -> Vec<u8> {
    let mut walk = node.snapshot(now, false);
    let mut file = Vec::new();
    while walk.step(&node.data, &mut file) {}
    file
}

/// What a child writes that is to begin the append-only files.
pub(crate) fn base(node: &Node, now: Now<'_>) -> Vec<u8> {
    let mut file = Vec::new();
    if node.config.aof.aof_use_rdb_preamble {
        let mut walk = node.snapshot(now, true);
        while walk.step(&node.data, &mut file) {}
        return file;
    }
    let mut out = aof::rewrite::Rewriter::new(&mut file);
    for (index, database) in node.data.databases.iter().enumerate().filter(|(_, it)| !it.tables.is_empty()) {
        out.select(index);
        database.tables.iter().for_each(|record| out.record(record));
    }
    out.finish();
    file
}

/// Writes a snapshot as `host` does: beside the old one, and then in its place.
pub(crate) fn save(shelf: &mut Shelf, name: &[u8], file: &[u8]) -> Result<(), String> {
    replace(shelf, name, b"temp-2.rdb", file)
}

fn replace(shelf: &mut Shelf, name: &[u8], beside: &[u8], file: &[u8]) -> Result<(), String> {
    shelf.replace(name, beside, file, file.len().div_ceil(PIECES))
}

impl Disk {
    pub(crate) fn start(&mut self, job: Job, now_us: u64, file: Vec<u8>) {
        assert!(self.child.is_none(), "one child at a time");
        self.child = Some(Child { job, ends_us: now_us + self.child_us, file, stopped: false });
    }

    pub(crate) fn stop(&mut self) {
        if let Some(child) = &mut self.child {
            (child.stopped, child.ends_us) = (true, 0);
        }
    }

    /// When something happens next.
    pub(crate) fn next_event_us(&self, loading: bool) -> u64 {
        let child = self.child.as_ref().map_or(u64::MAX, |child| child.ends_us);
        if loading { child.min(self.read_us) } else { child }
    }

    /// A child that has ended by now. All that it does with files it does at its end.
    pub(crate) fn child_ended(
        &mut self,
        now_us: u64,
        shelf: &mut Shelf,
        name: &[u8],
    ) -> Option<(Job, Ending)> {
        let child = self.child.take_if(|child| child.ends_us <= now_us)?;
        let mut written = || match child.job {
            Job::Snapshot => save(shelf, name, &child.file),
            Job::Rewrite => replace(shelf, &Job::rewritten(CHILD), b"temp-rewriteaof-2.aof", &child.file),
        };
        let ending = match (child.stopped, self.fails) {
            (true, _) => Ending::Stopped(10),
            (false, true) => Ending::Code(1),
            (false, false) => Ending::Code(i32::from(written().is_err())),
        };
        Some((child.job, ending))
    }

    pub(crate) fn open(&mut self, file: Option<&[u8]>) -> Opened {
        (self.position, self.read_us) = (0, 0);
        file.map_or(Opened::Missing, |file| Opened::Size(file.len() as u64))
    }

    /// Reads a slice of the file. Answers its length.
    pub(crate) fn read(&mut self, now_us: u64, file: &[u8], room: &mut [u8]) -> usize {
        let most = if self.slice == 0 { room.len() } else { self.slice.min(room.len()) };
        let slice = file.get(self.position..).unwrap_or_default();
        let slice = &slice[..slice.len().min(most)];
        room[..slice.len()].copy_from_slice(slice);
        self.position += slice.len();
        self.read_us = now_us + self.slice_us;
        slice.len()
    }
}

//! What the two servers append to their files of commands: the same, for the same commands.
//!
//! Moments differ by as much as the servers are apart, so a word that is a moment near the other's is the same.

use crate::common::shown;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// The end of a file that a server writes.
pub(crate) struct Tail {
    path: PathBuf,
    offset: u64,
}

impl Tail {
    /// The file in a server's folder, from its beginning on.
    pub(crate) fn of(folder: &Path) -> Tail {
        Tail { path: folder.join("appendonlydir/appendonly.aof.1.incr.aof"), offset: 0 }
    }

    /// What has been appended since this was asked last.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        let file = File::open(&self.path).expect("the append-only file");
        let len = file.metadata().expect("its length").len();
        let mut bytes = vec![0; (len - self.offset) as usize];
        file.read_exact_at(&mut bytes, self.offset).expect("its end");
        self.offset = len;
        bytes
    }
}

/// Whether two pieces of such files are the same.
pub(crate) fn same(ours: &[u8], reference: &[u8]) -> bool {
    if ours == reference {
        return true;
    }
    let lines = |bytes: &[u8]| bytes.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (ours, reference) = (lines(ours), lines(reference));
    ours.len() == reference.len() && ours.iter().zip(&reference).all(|(a, b)| a == b || near(a, b))
}

/// Whether two lines are moments, in milliseconds or at the head of a stream's ID, within a minute.
fn near(a: &[u8], b: &[u8]) -> bool {
    let moment = |line: &[u8]| {
        let text = String::from_utf8_lossy(line).trim_end().to_owned();
        let head = text.split('-').next().unwrap_or_default().to_owned();
        head.parse::<i64>().ok().filter(|moment| *moment > 1_000_000_000_000)
    };
    matches!((moment(a), moment(b)), (Some(a), Some(b)) if (a - b).abs() < 60_000)
}

/// A piece to read.
pub(crate) fn readable(bytes: &[u8]) -> String {
    let words =
        bytes.split(|&byte| byte == b'\n').filter(|line| !line.starts_with(b"*") && !line.starts_with(b"$"));
    words.map(shown).collect::<Vec<_>>().join(" ")
}

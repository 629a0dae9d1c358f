//! What a node asks of a disk, and what it is told: the part of the boundary that files are.

/// What became of bytes that were to be appended.
#[derive(Debug)]
pub struct Appended {
    /// The bytes, given back.
    pub bytes: Vec<u8>,
    /// How many of them are in the file now.
    pub written: usize,
    /// Why not all are.
    pub error: Option<AppendError>,
}

/// Why bytes could not be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppendError {
    /// What the system says.
    pub text: String,
    /// How many bytes were written before there was no more room. They were cut off again, unless `uncut` says why not.
    pub short: Option<usize>,
    /// Why what was written could not be cut off.
    pub uncut: Option<String>,
}

/// A step that failed. Those behind it were not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFailure {
    /// Which one it was.
    pub step: usize,
    /// What the system says.
    pub text: String,
}

/// One thing to be done with files. Their paths begin at the directory of the data, `dir`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileStep {
    /// Make this directory, unless it is there.
    MakeDirectory(Vec<u8>),
    /// Make this file, or take out what it holds. To open it afterwards cannot fail.
    Make(Vec<u8>),
    /// Append to this file from now on. The one before is synced and closed in the background.
    Open {
        /// The file.
        path: Vec<u8>,
        /// Whether what it holds is to go.
        fresh: bool,
    },
    /// Sync the file that is appended to.
    Sync,
    /// Sync it, and close it.
    Close,
    /// Write this text to a file, sync it, give it the name of another, and sync the directory.
    Put {
        /// The name that it gets.
        path: Vec<u8>,
        /// The name under which it is written.
        temporary: Vec<u8>,
        /// What it holds.
        text: Vec<u8>,
    },
    /// Give a file another name.
    Rename {
        /// The name of before.
        from: Vec<u8>,
        /// The name of from now on.
        to: Vec<u8>,
    },
    /// Cut a file to a length.
    Truncate {
        /// The file.
        path: Vec<u8>,
        /// The length.
        len: u64,
    },
    /// Remove a file; what it holds goes in the background. Nobody hears whether it could be.
    Remove(Vec<u8>),
}

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// How long it is.
    pub len: u64,
    /// Whether it is a directory.
    pub is_dir: bool,
}

/// The files of a server, as it reads them before it can serve.
pub trait Files {
    /// What is known of a file; `None` if there is no such file.
    fn stat(&mut self, path: &[u8]) -> Result<Option<Stat>, String>;
    /// Reads bytes of a file from an offset on, up to a number; fewer only at its end.
    fn read(&mut self, path: &[u8], from: u64, most: usize) -> Result<Vec<u8>, String>;
    /// Takes steps, up to the first that fails. Tells how long the files are that were renamed.
    fn take(&mut self, steps: &[FileStep]) -> Result<Vec<u64>, StepFailure>;
}

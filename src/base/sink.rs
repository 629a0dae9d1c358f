//! Where the bytes of a file go while it is made, in pieces that are far smaller than what it holds.

/// Takes a file, piece by piece.
pub trait Sink {
    /// Takes the next bytes.
    fn take(&mut self, bytes: &[u8]);

    /// Whoever makes the file will not look at this stretch of the data again. It is told of large ones only.
    fn done_with(&mut self, _stretch: &[u8]) {}
}

impl Sink for Vec<u8> {
    fn take(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// A stretch of the data of so many bytes is large: one that is told of, and that goes to its file without being copied.
pub const LARGE: usize = 16 * 1024;

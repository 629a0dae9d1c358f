//! What is unusual about the state of a server, in one byte: an admission looks at it once, and further only if it is not 0.

/// A set of unusual states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Straits(u8);

impl Straits {
    /// The data set is being loaded.
    pub(crate) const LOADING: Straits = Straits(1);
    /// A script has run for too long.
    pub(crate) const BUSY: Straits = Straits(2);
    /// The disk refused what was to be kept.
    pub(crate) const DISK: Straits = Straits(4);
    /// Clients were told to wait.
    pub(crate) const PAUSED: Straits = Straits(8);
    /// Somebody watches every command.
    pub(crate) const MONITORED: Straits = Straits(16);
    /// Somebody tracks what it reads.
    pub(crate) const TRACKED: Straits = Straits(64);

    /// Whether there is any.
    #[inline(always)]
    pub(crate) fn any(self) -> bool {
        self.0 != 0
    }

    /// Whether it is in this one.
    #[inline]
    pub(crate) fn has(self, strait: Straits) -> bool {
        self.0 & strait.0 != 0
    }

    /// Enters one, or leaves it.
    #[inline]
    pub(crate) fn put(&mut self, strait: Straits, is: bool) {
        self.0 = if is { self.0 | strait.0 } else { self.0 & !strait.0 };
    }
}

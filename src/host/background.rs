//! The thread that frees: it takes what a node no longer needs, drops it, and counts what it dropped.
//!
//! Garbage goes through a channel, so handing it over never waits. The thread lives as long as the process does.

use node::boundary::{Freed, Garbage};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

static OBJECTS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// The way to the thread.
pub struct Background {
    to: Sender<Garbage>,
}

impl Background {
    /// Starts the thread, on these processors.
    pub fn start(cpulist: &[u8]) -> io::Result<Background> {
        let (to, from) = channel();
        let cpulist = cpulist.to_vec();
        std::thread::Builder::new().name("lazy_free".into()).spawn(move || {
            crate::standing::affinity::pin(&cpulist);
            crate::signals::prepare_thread();
            bioProcessBackgroundJobs(&from);
        })?;
        Ok(Background { to })
    }

    /// Hands garbage over.
    pub fn free(&self, garbage: Garbage) {
        // Without the thread it is freed here.
        if let Err(unsent) = self.to.send(garbage) {
            free(unsent.0);
        }
    }
}

/// How much was freed so far.
pub fn freed() -> Freed {
    // The bytes are read first: what they stand for is then surely out of the allocator's sum.
    let bytes = BYTES.load(Ordering::Acquire);
    Freed { objects: OBJECTS.load(Ordering::Acquire), bytes }
}

/// Quirk: the name is not of our making. Those who read crash reports, and the reference's tests, look for it in stack
/// traces.
#[expect(non_snake_case, reason = "see above")]
#[inline(never)]
fn bioProcessBackgroundJobs(from: &Receiver<Garbage>) {
    crate::alloc::register_thread();
    while let Ok(garbage) = from.recv() {
        free(garbage);
    }
    // The thread's memory is counted for as long as the process lives, so the thread stays.
    loop {
        std::thread::park();
    }
}

fn free(garbage: Garbage) {
    let (objects, bytes) = (garbage.objects, garbage.bytes);
    drop(garbage);
    BYTES.fetch_add(bytes, Ordering::Release);
    OBJECTS.fetch_add(objects, Ordering::Release);
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyspace::{NewValue, Record};

    #[test]
    fn what_is_handed_over_is_freed_and_counted() {
        let before = freed();
        let background = Background::start(b"").unwrap();
        for _ in 0..10 {
            let records = vec![Record::new(b"key", NewValue::Bytes(&[b'v'; 1000]), None, 0, false)];
            background.free(Garbage { records, objects: 1, bytes: 1000, ..Garbage::default() });
        }
        while freed().objects < before.objects + 10 {
            std::thread::yield_now();
        }
        assert_eq!(freed().bytes, before.bytes + 10_000);
    }
}

//! A snapshot, from the walk over the data to the file: in a child, or while everything waits.

use super::output::{Failed, Manner, Output, beside};
use crate::sys;
use config::Config;
use keyspace::Keyspace;
use rdb::Snapshot;
use std::time::Duration;

/// What is written, and where.
pub(crate) struct Target {
    /// The name of the file.
    pub(crate) name: Vec<u8>,
    /// Whether it is put on the disk as it grows.
    gradually: bool,
    /// How long to dawdle at each key.
    delay: Delay,
}

/// What the system makes of a sleep of a microsecond, which is what the reference asks for.
const SHORTEST_SLEEP_US: u64 = 50;

/// How long to dawdle at each key, for tests.
#[derive(Clone, Copy)]
pub(crate) struct Delay(pub(crate) i32);

impl Target {
    /// As the configuration has it.
    pub(crate) fn of(config: &Config) -> Target {
        Target {
            name: config.snapshot.dbfilename.clone(),
            gradually: config.snapshot.rdb_save_incremental_fsync,
            delay: Delay(config.snapshot.rdb_key_save_delay),
        }
    }
}

/// Writes the whole walk. Tells how many keys there were so far, from time to time. The data is the server's own, or the
/// frozen copy of a child.
pub(crate) fn write(
    mut walk: Snapshot,
    data: &Keyspace,
    target: &Target,
    frozen: bool,
    mut told: impl FnMut(u64),
) -> Result<(), Failed> {
    let manner = Manner { gradually: target.gradually, frozen };
    let mut output = Output::create(&beside(std::process::id()), manner)?;
    let mut keys = 0;
    while !output.failed() && walk.step(data, &mut output) {
        target.delay.dawdle(walk.keys() - keys);
        keys = walk.keys();
        told(keys);
    }
    output.finish(sys::path(&target.name))
}

impl Delay {
    /// Dawdles at so many keys: so many microseconds each, or one sleep of the shortest kind every so many keys where
    /// it is negative.
    pub(crate) fn dawdle(self, keys: u64) {
        let time = self.time(keys);
        if !time.is_zero() {
            #[expect(clippy::disallowed_methods, reason = "a test asked for it")]
            std::thread::sleep(time);
        }
    }

    /// How long that is.
    pub(crate) fn time(self, keys: u64) -> Duration {
        let micros = match self.0 {
            0.. => keys * u64::from(self.0.unsigned_abs()),
            _ => SHORTEST_SLEEP_US * (keys / u64::from(self.0.unsigned_abs())),
        };
        Duration::from_micros(micros)
    }
}

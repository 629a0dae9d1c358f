//! Runners: made when they are first needed, taken for a run, and put back.

use super::{Run, Runner};
use crate::boundary::{ConnId, Now, Peer};
use crate::node::Node;
use crate::session::Session;
use catalog::{CommandId, id};
use commands::{CommandError, Writes};
use conn::Batch;
use script::{Kind, Machine, Setup};

/// Stands where no command has been called yet.
const NOTHING: CommandId = id("ping");

impl Node {
    /// Takes the runner of a kind, to be put back when it has run. There is none while its script is put aside.
    pub(super) fn take_runner(&mut self, kind: Kind, now: Now<'_>) -> Result<Box<Runner>, CommandError> {
        if self.scripting.is_slow() {
            return Err(self.busy_error());
        }
        if let Some(runner) = self.scripting.runners[kind as usize].take() {
            return Ok(runner);
        }
        let setup = Setup {
            insecure: self.config.security.lua_enable_insecure_api,
            version: (crate::VERSION, 0x0009_0004),
            redis_version: (crate::REDIS_VERSION, 0x0007_0204),
            name: "valkey",
        };
        let mut machine = Machine::new(kind, &setup);
        machine.seed(self.rng.next_u64() as u32);
        machine.set_budget(self.script_budget());
        // A session that no connection has: what is sent to it goes nowhere.
        let session =
            Session::new(ConnId(u32::MAX), 0, Peer::Unix { path: String::new() }, true, now.mono_us);
        Ok(Box::new(Runner {
            machine,
            session,
            request: Batch::of_words(Ok(NOTHING), []),
            writes: Writes::default(),
            run: Run::default(),
        }))
    }

    /// How much memory the scripts of a kind may hold: as much as the data may, or half of the machine's.
    fn script_budget(&self) -> usize {
        const LEAST: u64 = 64 << 20;
        let limit = match self.memory_limit() {
            0 => self.process.system_memory / 2,
            limit => limit,
        };
        usize::try_from(if limit == 0 { u64::MAX } else { limit.max(LEAST) }).unwrap_or(usize::MAX)
    }

    /// The sources of the libraries, in the order in which they were loaded: what snapshots and rewritten files hold.
    pub fn libraries(&self) -> impl Iterator<Item = &[u8]> {
        self.scripting.libraries.iter().map(|library| library.code.as_slice())
    }
}

//! What the node reads of its configuration, and what follows when it changes.

use crate::boundary::Now;
use crate::node::Node;
use catalog::Flags;
use commands::CommandError;
use commands::ctx::Settings;

impl Node {
    pub(crate) fn requirepass(&self) -> &[u8] {
        b""
    }
    pub(crate) fn extended_compat(&self) -> bool {
        false
    }
    pub(crate) fn lazy_user_flush(&self) -> bool {
        true
    }
    pub(crate) fn hz(&self) -> u32 {
        10
    }
    pub(crate) fn memory_limit(&self) -> u64 {
        0
    }
    pub(crate) fn admit_memory(&mut self, _flags: Flags, _now: Now<'_>) -> Result<(), CommandError> {
        Ok(())
    }
    pub(crate) fn flush(&mut self, index: usize, _lazily: bool) {
        let tables = self.data.databases[index].tables.take();
        self.effects.dirty += tables.len() as u64;
    }
}
pub(crate) fn settings() -> Settings {
    Settings { max_bulk: 512 << 20, expire_on_access: true, lazy_expire: true, lazy_user_del: true, lazy_server_del: true, compress: true }
}

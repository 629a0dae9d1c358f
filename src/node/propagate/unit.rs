//! Where what was done in one ends, and whether any of it is written down.

use super::Unit;
use crate::node::Node;
use catalog::{CommandId, Flag};

impl Node {
    /// What was done in one has ended.
    #[inline]
    pub(crate) fn end_unit(&mut self, unit: Unit) {
        if !self.effects.writes.is_empty() {
            self.readers.publish(&mut self.effects, unit, self.data.clock.seconds);
        }
    }

    /// The same, of a command that a client asked for. What one takes along that goes over arbitrary keys was not done for
    /// its sake.
    #[inline]
    pub(crate) fn end_unit_of(&mut self, command: CommandId) {
        let whole = self.effects.writes.len() < 2 || !command.has(Flag::TouchesArbitraryKeys);
        self.end_unit(if whole { Unit::Whole } else { Unit::Each });
    }

    /// Whether anyone reads decides whether anything is written down.
    pub(crate) fn follow_readers(&mut self) {
        self.effects.recording = self.readers.aof.on;
    }
}

//! Streams.

use crate::{Any, Kind, Value};
use structures::own::Own;

/// A stream.
#[derive(Debug)]
pub enum Stream {
    /// Entries in nodes.
    Nodes(Own<Nodes>),
}

/// The nodes of a stream.
#[derive(Clone, Debug, Default)]
pub struct Nodes {}

impl Value for Stream {
    const KIND: Kind = Kind::Stream;

    fn is_empty(&self) -> bool {
        true
    }

    fn encoding(&self) -> &'static str {
        "stream"
    }

    fn alloc_size(&self, _samples: usize) -> usize {
        size_of::<Nodes>()
    }

    fn free_effort(&self) -> usize {
        1
    }

    fn duplicate(&self) -> Stream {
        let Stream::Nodes(nodes) = self;
        Stream::Nodes(Own::new(Nodes::clone(nodes)))
    }

    fn into_any(self) -> Any {
        Any::Stream(self)
    }
}

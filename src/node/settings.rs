//! What the node reads of its configuration, and what follows when it changes.

use crate::boundary::Now;
use crate::node::Node;
use catalog::Flags;
use commands::CommandError;
use commands::ctx::Settings;

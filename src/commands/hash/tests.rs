//! Tests of the hash commands.

use super::*;
use crate::testing::{Bench, START};

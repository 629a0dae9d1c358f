//! Scenarios.

mod expiry;
mod limits;
mod memory;
mod order;
mod workload;

//! Scenarios.

mod expiry;
mod limits;
mod memory;
mod order;
mod waiting;
mod workload;

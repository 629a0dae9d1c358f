//! Scenarios.

mod durable;
mod expiry;
mod limits;
mod memory;
mod order;
mod persistence;
mod waiting;
mod workload;

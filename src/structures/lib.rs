//! Data structures that know nothing of keys, commands or clients. Most of the project's `unsafe` lives here.

pub mod agenda;
pub mod bits;
pub mod blob;
pub mod field;
pub mod hashtable;
pub mod hll;
pub mod intset;
pub mod listpack;
pub mod member;
pub mod mover;
pub mod order;
pub mod own;
pub mod pack;
pub mod prefetch;
pub mod ranking;
pub mod readers;

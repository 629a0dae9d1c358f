//! See `bodies/streams.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::streams::run_entries(input));

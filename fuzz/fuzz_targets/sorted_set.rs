//! See `bodies/collections.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::collections::run_sorted_set(input));

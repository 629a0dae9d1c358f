//! See `bodies/scripts.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::scripts::run_input(input));

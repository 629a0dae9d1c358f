//! See `bodies/strangers.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::strangers::run(input));

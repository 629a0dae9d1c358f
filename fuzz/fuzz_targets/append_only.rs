//! See `bodies/append_only.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::append_only::run(input));

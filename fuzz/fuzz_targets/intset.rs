//! See `bodies/members.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::members::run_numbers(input));

//! See `bodies/orders.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::orders::run_usual(input));

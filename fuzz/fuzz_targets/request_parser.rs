//! See `bodies/request_parser.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::request_parser::run(input));

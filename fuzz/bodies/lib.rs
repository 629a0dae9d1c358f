//! What the fuzz targets do with their input: bodies that panic when something is wrong.
//!
//! A new target is a body here, a line in [`BODIES`], a file in `fuzz_targets/` and a `[[bin]]` in `Cargo.toml`.
#![forbid(unsafe_code)]

pub mod acl;
pub mod config;
pub mod dump;
pub mod request_parser;

/// A body, which panics when the input shows a fault.
pub type Body = fn(&[u8]);

/// Every body, the words its inputs like to be made of, by name.
pub const BODIES: &[(&str, Body, &[&[u8]])] = &[
    ("acl", acl::run, acl::WORDS),
    ("config", config::run, config::WORDS),
    ("dump", dump::run, dump::WORDS),
    ("request_parser", request_parser::run, request_parser::WORDS),
];

#[cfg(test)]
mod tests {
    use super::BODIES;
    use base::rng::Rng;

    const ROUNDS: usize = 20_000;

    /// A few words and a few bytes, in any order.
    fn input(rng: &mut Rng, words: &[&[u8]]) -> Vec<u8> {
        let mut input = Vec::new();
        for _ in 0..rng.below(40) {
            if rng.chance(1, 4) {
                input.push(rng.below(256) as u8);
            } else {
                input.extend_from_slice(words[rng.index(words.len())]);
            }
        }
        input
    }

    #[test]
    fn no_body_finds_a_fault_in_random_inputs() {
        for (name, body, words) in BODIES {
            for round in 0..ROUNDS {
                let input = input(&mut Rng::seed(round as u64), words);
                let outcome = std::panic::catch_unwind(|| body(&input));
                assert!(outcome.is_ok(), "{name}: {}", input.escape_ascii());
            }
        }
    }
}

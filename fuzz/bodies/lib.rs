//! What the fuzz targets do with their input: bodies that panic when something is wrong.
//!
//! A new target is a body here, a line in [`BODIES`], a file in `fuzz_targets/` and a `[[bin]]` in `Cargo.toml`. Bodies of
//! structures read their input as operations (`draw`), and compare with a naive model after each.
//!
//! Inputs worth keeping, one a file, stand in `corpus/NAME/`: what libFuzzer found to reach code that nothing else reached,
//! and what once showed a fault. The test runs them all, and libFuzzer begins with them (`run` says how).
//!
//! `ROUNDS` is how many inputs the test draws for each body, `FIRST` where their seeds begin, and `ONLY` picks one body:
//! `ROUNDS=1000000 ONLY=hash cargo test --release --manifest-path fuzz/Cargo.toml --no-default-features`
#![forbid(unsafe_code)]

pub mod acl;
pub mod append_only;
pub mod collections;
pub mod config;
pub mod draw;
pub mod dump;
pub mod hll;
pub mod hostile;
pub mod manifest;
pub mod members;
pub mod orders;
pub mod packs;
pub mod request_parser;
pub mod scripts;
pub mod snapshot;
pub mod strangers;
pub mod streams;

/// A body, which panics when the input shows a fault.
pub type Body = fn(&[u8]);

/// Every body, the words its inputs like to be made of, by name.
pub const BODIES: &[(&str, Body, &[&[u8]])] = &[
    ("acl", acl::run, acl::WORDS),
    ("agenda", orders::run_agenda, draw::WORDS),
    ("append_only", append_only::run, append_only::WORDS),
    ("config", config::run, config::WORDS),
    ("dump", dump::run, dump::WORDS),
    ("field", members::run_field, draw::WORDS),
    ("group", streams::run_group, draw::WORDS),
    ("hash", collections::run_hash, draw::WORDS),
    ("hll", hll::run, draw::WORDS),
    ("hll_damaged", hll::run_damaged, draw::WORDS),
    ("intset", members::run_numbers, draw::WORDS),
    ("list", collections::run_list, draw::WORDS),
    ("listpack", packs::run_listpack, draw::WORDS),
    ("manifest", manifest::run, manifest::WORDS),
    ("members", members::run_members, draw::WORDS),
    ("order", orders::run_usual, draw::WORDS),
    ("order_deep", orders::run_small, draw::WORDS),
    ("pack", packs::run, draw::WORDS),
    ("request_parser", request_parser::run, request_parser::WORDS),
    ("scripts", scripts::run_input, scripts::WORDS),
    ("set", collections::run_set, draw::WORDS),
    ("snapshot", snapshot::run, snapshot::WORDS),
    ("sorted_set", collections::run_sorted_set, draw::WORDS),
    ("stream", streams::run_entries, draw::WORDS),
    ("strangers", strangers::run, strangers::WORDS),
];

#[cfg(test)]
mod tests {
    use super::BODIES;
    use base::rng::Rng;

    const USUAL_ROUNDS: u64 = 2_000;
    /// A round of scripts takes as long as many of the others.
    const ROUNDS_OF_SCRIPTS: u64 = 200;

    fn number(name: &str, usual: u64) -> u64 {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    }

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

    /// The bodies of what is read from files and payloads have inputs that were kept.
    const KEPT: [&str; 4] = ["append_only", "dump", "manifest", "snapshot"];

    #[test]
    fn no_body_finds_a_fault_in_the_inputs_that_were_kept() {
        let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        for (name, body, _) in BODIES {
            let Ok(files) = std::fs::read_dir(corpus.join(name)) else {
                assert!(!KEPT.contains(name), "nothing is kept for {name}");
                continue;
            };
            for file in files {
                let path = file.expect("a file").path();
                let input = std::fs::read(&path).expect("its bytes");
                let outcome = std::panic::catch_unwind(|| body(&input));
                assert!(outcome.is_ok(), "{}", path.display());
            }
        }
    }

    #[test]
    fn no_body_finds_a_fault_in_random_inputs() {
        let only = std::env::var("ONLY").unwrap_or_default();
        let first = number("FIRST", 0);
        for (name, body, words) in BODIES.iter().filter(|row| only.is_empty() || row.0 == only) {
            let usual = if *name == "scripts" { ROUNDS_OF_SCRIPTS } else { USUAL_ROUNDS };
            let rounds = number("ROUNDS", usual);
            for round in first..first + rounds {
                let input = input(&mut Rng::seed(round), words);
                let outcome = std::panic::catch_unwind(|| body(&input));
                assert!(outcome.is_ok(), "{name}: {}", input.escape_ascii());
            }
        }
    }
}

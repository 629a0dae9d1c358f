//! The node against the naive model. `OPS` sets the number of commands, `SEED` the first seed.

use crate::World;
use crate::workload::{Shape, run};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn strings_keys_and_expiry_do_what_the_model_does() {
    let (ops, seed) = (number("OPS", 40_000), number("SEED", 1));
    for (i, largest_piece) in [1_000_000, 3000, 60].into_iter().enumerate() {
        let seed = seed + i as u64;
        let shape = Shape { ops: ops / 3, ..Shape::default() };
        let world = run(seed, World::new(seed).cut(largest_piece, 0), shape);
        assert!(world.node.key_stats.expired > 0);
    }
}

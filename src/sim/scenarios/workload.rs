//! The node against the naive model. `OPS` sets the number of commands, `SEED` the first seed.

use crate::World;
use crate::workload::{Shape, run};
use config::Config;
use node::boundary::Fragmentation;

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

#[test]
fn nothing_else_changes_when_all_memory_moves() {
    let (ops, seed) = (number("OPS", 15_000), number("SEED", 7));
    let mut config = Config::default();
    let settings = b"activedefrag yes\nhz 500\nactive-defrag-max-scan-fields 5";
    config.load(settings, &mut config::NoSurroundings).expect("good settings");
    let world = World::with(seed, config).cut(3000, 0);
    world.clock.fragmentation.set(Fragmentation { gaps: 1 << 30, allocated: 1 << 30 });
    let mut world = run(seed, world, Shape { ops, ..Shape::default() });
    let client = world.client();
    let text = world.ask(client, "INFO stats").text();
    let hits = text.lines().find_map(|line| line.strip_prefix("active_defrag_hits:"));
    assert!(hits.and_then(|hits| hits.parse().ok()).unwrap_or(0u64) > 10_000, "{hits:?}");
}

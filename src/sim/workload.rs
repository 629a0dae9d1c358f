//! A random workload against the model: several clients, each with keys of its own, pipelines of random commands, cut at
//! random, and every byte of every reply compared.
//!
//! Time stands still while a round is under way and jumps between rounds, so that the model knows at what time each
//! command ran, whichever way the bytes travelled.

use crate::model::{Model, Op};
use crate::world::{Client, World};
use base::rng::Rng;

/// How large and how wild a workload is.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// How many commands.
    pub ops: u64,
    /// How many clients.
    pub clients: usize,
    /// How many keys each client has.
    pub keys: usize,
    /// The most commands in one pipeline.
    pub pipeline: usize,
    /// One pipeline in so many has a value that is received in memory of its own; none if zero.
    pub big_every: u64,
    /// The longest jump of time between two rounds, in milliseconds.
    pub longest_pause_ms: u64,
}

impl Default for Shape {
    fn default() -> Shape {
        Shape { ops: 20_000, clients: 4, keys: 40, pipeline: 24, big_every: 200, longest_pause_ms: 40 }
    }
}

/// Runs a workload and answers the world at its end. Panics where the node and the model differ.
pub fn run(seed: u64, mut world: World, shape: Shape) -> World {
    let mut rng = Rng::seed(seed ^ 0x776f_726b);
    let clients: Vec<Client> = (0..shape.clients).map(|_| world.client()).collect();
    let mut models = vec![Model::default(); shape.clients];
    let mut done = 0;
    while done < shape.ops {
        let now = world.clock.now().unix_ms();
        let mut expected = vec![Vec::new(); shape.clients];
        for (i, model) in models.iter_mut().enumerate() {
            for _ in 0..rng.index(shape.pipeline + 1) {
                let op = random_op(&mut rng, i, shape);
                let words = op.words();
                world.send_words(clients[i], &words.iter().map(Vec::as_slice).collect::<Vec<_>>());
                expected[i].extend(model.apply(&op, now));
                done += 1;
            }
        }
        world.settle();
        assert_eq!(world.clock.now().unix_ms(), now, "a round takes no time");
        for (i, expected) in expected.iter().enumerate() {
            let received = world.received(clients[i]);
            assert!(
                received == *expected,
                "seed {seed}, after {done} commands, client {i}: {} instead of {}",
                received.escape_ascii(),
                expected.escape_ascii()
            );
        }
        world.advance(rng.below(shape.longest_pause_ms + 1));
    }
    compare(&world, &models);
    world
}

/// What the node holds at the end is what the models hold, apart from keys whose time has come.
fn compare(world: &World, models: &[Model]) {
    let now = world.clock.now().unix_ms();
    let tables = &world.node.data.databases[0].tables;
    let live = tables.iter().filter(|record| record.expiry().is_none_or(|when| when >= now)).count();
    let expected: usize = models.iter().map(|model| model.live(now).count()).sum();
    assert_eq!(live, expected);
}

fn random_op(rng: &mut Rng, client: usize, shape: Shape) -> Op {
    let key = |rng: &mut Rng| format!("{client}:{}", rng.index(shape.keys)).into_bytes();
    let ttl = |rng: &mut Rng| rng.below(3 * shape.longest_pause_ms) as i64 + 1;
    match rng.below(20) {
        0..=2 => Op::Set(key(rng), value(rng, shape), None),
        3..=5 => Op::Set(key(rng), value(rng, shape), Some(ttl(rng))),
        6..=9 => Op::Get(key(rng)),
        10 => Op::Del(key(rng), rng.chance(1, 2)),
        11 | 12 => Op::Append(key(rng), value(rng, shape)),
        13 => {
            Op::IncrBy(key(rng), if rng.chance(1, 10) { i64::MAX - 3 } else { rng.below(200) as i64 - 100 })
        }
        14 => Op::Strlen(key(rng)),
        15 => Op::Exists(key(rng)),
        16 => Op::Pexpire(key(rng), ttl(rng) - 10),
        17 => Op::Pttl(key(rng)),
        18 => Op::Persist(key(rng)),
        _ => Op::Rename(key(rng), key(rng)),
    }
}

/// A value: a number, a short text, a longer one, seldom one of more than a buffer.
fn value(rng: &mut Rng, shape: Shape) -> Vec<u8> {
    let len = match rng.below(8) {
        0..=2 => return (rng.next_u64() as i64 >> rng.below(64)).to_string().into_bytes(),
        3..=5 => rng.index(40),
        _ if shape.big_every > 0 && rng.chance(1, shape.big_every) => 30_000 + rng.index(50_000),
        _ => rng.index(400),
    };
    let mut bytes = vec![0; len];
    rng.fill(&mut bytes);
    bytes
}

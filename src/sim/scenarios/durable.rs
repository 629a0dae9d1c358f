//! What was acknowledged survives: a disk that fails, fills, tears or dies at any one thing that is done with it, and then a
//! crash.

use crate::reply::Reply;
use crate::shelf::{Deed, Kind, Shelf, Trouble};
use crate::world::{Client, World};
use base::rng::Rng;
use config::{Config, NoSurroundings};
use std::collections::{BTreeMap, BTreeSet};

const KINDS: [Kind; 5] = [Kind::Fails, Kind::Breaks, Kind::Fills, Kind::Tears, Kind::Dies];
/// So many writes are tried.
const ROUNDS: u64 = 36;
/// How long a sync in the background takes, in microseconds.
const SYNC_US: u64 = 200_000;
/// Under `everysec`, what is older than this many milliseconds is on the disk: a second, the sync that begins then, and a
/// turn of the timer.
const LEEWAY_MS: u64 = 1_500;

fn config(text: &str) -> Config {
    let mut config = Config::default();
    config.load(text.as_bytes(), &mut NoSurroundings).unwrap();
    config
}

/// A server's settings, where a run begins, and what goes wrong in it.
#[derive(Clone, Copy, Debug)]
struct Case {
    seed: u64,
    policy: &'static str,
    preamble: &'static str,
    /// Whether the file is turned on in the run, by its client.
    late: bool,
    trouble: Option<Trouble>,
}

impl Case {
    fn config(self, on: bool) -> Config {
        config(&format!(
            "appendonly {}\nappendfsync {}\naof-use-rdb-preamble {}\nsave \"\"\n",
            if on { "yes" } else { "no" },
            self.policy,
            self.preamble
        ))
    }
}

/// Writes that were acknowledged: the key, its number, and when that was, in milliseconds.
type Promised = Vec<(String, i64, u64)>;

/// Counts up some keys, and rewrites now and then, until the server gives up or enough is done.
fn work(world: &mut World, client: Client, rng: &mut Rng, promised: &mut Promised) {
    for round in 0..ROUNDS {
        if world.is_over() || world.ended(client) {
            return;
        }
        let key = format!("k{}", rng.below(5));
        world.send(client, &format!("INCR {key}"));
        if round % 16 == 8 {
            // Once there is little to be synced before, once there is much.
            if round % 32 == 8 {
                world.send(client, &format!("SET much {}", "x".repeat(70_000)));
            }
            world.send(client, "BGREWRITEAOF");
        }
        world.advance(1 + rng.below(90));
        while let Some(reply) = world.receive(client) {
            if let Reply::Integer(number) = reply {
                promised.push((key.clone(), number, world.time_us() / 1000));
            }
        }
    }
}

fn read(world: &mut World, client: Client, key: &str) -> i64 {
    match world.ask(client, &format!("GET {key}")) {
        Reply::Bulk(text) => String::from_utf8(text).unwrap().parse().unwrap(),
        _ => 0,
    }
}

/// What came of a run.
struct Run {
    /// How many things were done with files.
    done: u64,
    /// What went wrong.
    hit: Vec<Deed>,
}

/// One life, in which the disk is in trouble, and the next life.
fn live_twice(case: Case) -> Run {
    let mut rng = Rng::seed(case.seed);
    let mut world =
        World::on(case.seed, case.config(!case.late), Shelf::default()).expect("an empty shelf can be used");
    (world.disk.child_us, world.sync_us, world.checked) = (50_000, SYNC_US, false);
    let client = world.client();
    let began = world.shelf.done;
    world.shelf.trouble = case.trouble.map(|trouble| Trouble { at: began + trouble.at, ..trouble });
    let mut promised = Promised::new();
    if case.late {
        world.send(client, "CONFIG SET appendonly yes");
        world.advance(400);
        promised.clear();
    }
    work(&mut world, client, &mut rng, &mut promised);
    let (done, died_ms) = (world.shelf.done - began, world.time_us() / 1000);
    // Where it could not be turned on, or what is written is refused, nothing was promised.
    let field = |world: &mut World, name: &str| {
        let watcher = world.client();
        world.ask(watcher, "INFO persistence").text().contains(name)
    };
    let is_kept = world.is_over() || field(&mut world, "aof_enabled:1\r\n");

    let mut shelf = std::mem::take(&mut world.shelf);
    let hit = std::mem::take(&mut shelf.hit);
    shelf.crash(&mut rng);
    drop(world);
    let mut world = World::on(case.seed + 1, case.config(true), shelf)
        .unwrap_or_else(|lines| panic!("{case:?}: the server does not start: {lines:?}"));
    let client = world.client();
    // What is late is promised from when the first base is in place.
    let is_kept =
        is_kept && !(case.late && matches!(case.trouble, Some(trouble) if trouble.kind != Kind::Fails));
    let mut most = BTreeMap::new();
    for (key, number, at_ms) in &promised {
        most.insert(key.clone(), *number);
        let must = match case.policy {
            "always" => true,
            "everysec" => at_ms + LEEWAY_MS < died_ms && case.trouble.is_none_or(|it| it.kind == Kind::Dies),
            _ => false,
        };
        let found = read(&mut world, client, key);
        assert!(
            !(must && is_kept) || found >= *number,
            "{case:?}: {key} was {number} at {at_ms}, is {found}"
        );
    }
    for (key, most) in most {
        let found = read(&mut world, client, &key);
        assert!(found <= most + 1, "{case:?}: {key} is {found} and was never more than {most}");
    }
    assert_eq!(world.ask(client, "INCR again"), Reply::Integer(1), "{case:?}");
    Run { done, hit }
}

/// Runs a case with each trouble at each thing that is done in it, and sees that every sort of thing was hit.
fn trouble_everywhere(case: Case, deeds: &[Deed]) {
    let quiet = live_twice(case);
    assert!(quiet.done > 60 && quiet.hit.is_empty(), "{}", quiet.done);
    for kind in KINDS {
        let mut hit = BTreeSet::new();
        for at in 0..quiet.done {
            hit.extend(live_twice(Case { trouble: Some(Trouble { at, kind }), ..case }).hit);
        }
        let takes_room = |deed: &&Deed| matches!(deed, Deed::Create | Deed::Write);
        let missed: Vec<_> = deeds.iter().filter(|deed| !hit.contains(*deed)).collect();
        let missed = missed.into_iter().filter(|deed| kind != Kind::Fills || takes_room(deed));
        assert_eq!(missed.count(), 0, "{kind:?} hit only {hit:?}");
    }
}

const DEEDS: [Deed; 6] =
    [Deed::Create, Deed::Write, Deed::Sync, Deed::Rename, Deed::SyncDirectory, Deed::Remove];

#[test]
fn nothing_acknowledged_is_lost_whatever_happens_under_always() {
    for preamble in ["yes", "no"] {
        let case = Case { seed: 1, policy: "always", preamble, late: false, trouble: None };
        trouble_everywhere(case, &DEEDS);
    }
}

#[test]
fn about_a_second_is_lost_at_most_under_everysec() {
    trouble_everywhere(
        Case { seed: 2, policy: "everysec", preamble: "yes", late: false, trouble: None },
        &DEEDS,
    );
}

#[test]
fn the_server_starts_again_whatever_happens_without_syncs() {
    trouble_everywhere(Case { seed: 3, policy: "no", preamble: "no", late: false, trouble: None }, &DEEDS);
}

#[test]
fn the_file_may_be_turned_on_whatever_happens() {
    trouble_everywhere(
        Case { seed: 4, policy: "always", preamble: "yes", late: true, trouble: None },
        &DEEDS,
    );
}

/// One life with snapshots, in which the disk is in trouble, and the next, which begins with one of those that were begun, and
/// with none older than the last one that is said to be there.
fn save_twice(seed: u64, trouble: Option<Trouble>) -> Run {
    let mut rng = Rng::seed(seed);
    let mut world = World::with(seed, config("save \"\"\n"));
    world.disk.child_us = 30_000;
    let client = world.client();
    world.shelf.trouble = trouble;
    let (mut saved, mut begun) = (0, vec![0]);
    for round in 1..=12 {
        if world.shelf.is_dead() {
            break;
        }
        assert_eq!(world.ask(client, "INCR number"), Reply::Integer(round));
        begun.push(round);
        if round % 3 == 0 {
            world.send(client, "SAVE");
            world.advance(5);
            if let Some(Reply::Simple(_)) = world.receive(client) {
                saved = round;
            }
        } else {
            world.send(client, "BGSAVE");
            world.advance(20 + rng.below(40));
            world.receive(client);
            if !world.shelf.is_dead() {
                world.advance(100);
            }
            if !world.shelf.is_dead()
                && world.ask(client, "INFO persistence").text().contains("rdb_last_bgsave_status:ok")
            {
                saved = round;
            }
        }
    }
    let mut shelf = std::mem::take(&mut world.shelf);
    let (done, hit) = (shelf.done, std::mem::take(&mut shelf.hit));
    shelf.crash(&mut rng);
    drop(world);
    let mut world = World::with_snapshot(seed + 1, config("save \"\"\n"), shelf);
    assert_eq!(world.exit, None, "{trouble:?}: the server does not start");
    let client = world.client();
    let found = read(&mut world, client, "number");
    assert!(begun.contains(&found) && found >= saved, "{trouble:?}: {saved} was saved, {found} is there");
    assert_eq!(world.ask(client, "SAVE").text(), "OK");
    Run { done, hit }
}

#[test]
fn a_snapshot_is_the_old_one_or_the_new_one_whatever_happens() {
    let quiet = save_twice(1, None);
    let mut hit = BTreeSet::new();
    for kind in KINDS {
        for at in 0..quiet.done {
            hit.extend(save_twice(1, Some(Trouble { at, kind })).hit);
        }
    }
    assert_eq!(hit, BTreeSet::from(DEEDS));
}

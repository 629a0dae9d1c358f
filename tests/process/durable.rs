//! Append-only files against sudden death: the process is killed under load, and started again on what it has left.
//!
//! ```text
//! load       at any time
//! rotation   when a new increment has been made, or up to some milliseconds later: its manifest is being put in place
//! rewrite    while the child writes a new base
//! rename     when the base has got its name, or up to some milliseconds later: the manifest is put, the old files go
//! ```
//!
//! `CRASH_ROUNDS` is how often, for each policy at each of these moments; `SEED` where the drawing begins:
//! `CRASH_ROUNDS=500 cargo test --release --test process durable -- --nocapture`

use crate::common::{Client, PATIENCE, Server, encode};
use crate::watch::Watch;
use base::rng::Rng;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// So many keys are counted up.
const KEYS: usize = 100;
/// So many requests are sent together.
const TOGETHER: usize = 32;
/// What is older than this may not be lost under `everysec`: a write waits for a sync that is under way for so long.
const LEEWAY: Duration = Duration::from_secs(2);
/// Where the seconds of `everysec` are to be seen, one round in so many is long.
const LONG_EACH: u64 = 20;

/// Before one round in so many under load there is a rewrite, so that what is loaded stays small.
const REWRITE_EACH: u64 = 10;

type Numbers = [u64; KEYS];

#[derive(Clone, Copy, Debug)]
enum Moment {
    Load,
    Rotation,
    Rewrite,
    Rename,
}

impl Moment {
    /// Whether this is the name of the file that tells that it has come.
    fn is_told_by(self, name: &str) -> bool {
        match self {
            Moment::Load => false,
            Moment::Rotation => name.ends_with(".incr.aof"),
            Moment::Rewrite => name.starts_with("temp-rewriteaof-") && !name.contains("bg"),
            Moment::Rename => name.contains(".base."),
        }
    }
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Kills the process when its moment has come and a while has passed. Answers whether it came.
fn kill_at(moment: Moment, mut watch: Watch, pid: u32, pause: Duration) -> JoinHandle<bool> {
    thread::spawn(move || {
        let came = matches!(moment, Moment::Load) || watch.until(|name| moment.is_told_by(name), PATIENCE);
        thread::park_timeout(pause);
        // SAFETY: a signal to a child of this process that nobody has waited for yet.
        unsafe { libc::kill(pid as i32, libc::SIGKILL) };
        came
    })
}

/// What clients were told.
struct Ledger {
    sent: Numbers,
    acknowledged: Numbers,
    /// What was acknowledged up to earlier moments, the last of which is far enough back.
    before: Vec<(Instant, Numbers)>,
}

impl Ledger {
    fn begin(found: Numbers) -> Ledger {
        Ledger { sent: found, acknowledged: found, before: vec![(Instant::now(), found)] }
    }

    /// Counts up until the process is gone.
    fn work(&mut self, client: &mut Client, rng: &mut Rng, rewrites: bool) {
        if rewrites {
            // Now there is much to be synced before, now little.
            let value = "x".repeat(rng.index(2) * 100_000);
            client.send(&[encode(&["SET", "value", &value]), encode(&["BGREWRITEAOF"])].concat());
            if client.try_reply().is_err() || client.try_reply().is_err() {
                return;
            }
        }
        loop {
            let keys: [usize; TOGETHER] = std::array::from_fn(|_| rng.index(KEYS));
            let mut request = Vec::new();
            for key in keys {
                request.extend(encode(&["INCR", &format!("key:{key}")]));
                self.sent[key] += 1;
            }
            if client.socket().write_all(&request).is_err() {
                return;
            }
            for key in keys {
                let Ok(reply) = client.try_reply() else { return };
                self.acknowledged[key] = integer(&reply);
            }
            self.before.push((Instant::now(), self.acknowledged));
        }
    }

    /// The least that each key must be at, for a process that died just now.
    fn promised(&self, policy: &str) -> &Numbers {
        if policy != "everysec" {
            return &self.acknowledged;
        }
        let old = self.before.iter().rev().find(|(when, _)| when.elapsed() > LEEWAY);
        // What the round began with had been loaded from the files.
        &old.unwrap_or(&self.before[0]).1
    }
}

/// The number in a reply of one.
fn integer(reply: &[u8]) -> u64 {
    let digits = |line: &str| line.trim_start_matches(':').trim_end().parse().ok();
    std::str::from_utf8(reply).ok().and_then(digits).unwrap_or_else(|| panic!("{}", reply.escape_ascii()))
}

/// What the keys are at.
fn read(client: &mut Client) -> Numbers {
    let mut request = vec!["MGET".to_owned()];
    request.extend((0..KEYS).map(|key| format!("key:{key}")));
    let reply = client.command(&request);
    let text = String::from_utf8_lossy(&reply).into_owned();
    let mut lines = text.lines().skip(1);
    std::array::from_fn(|_| match lines.next() {
        Some("$-1") => 0,
        _ => lines.next().and_then(|line| line.parse().ok()).expect("a number"),
    })
}

/// Has the files rewritten, up to the end of that.
fn rewrite(client: &mut Client) {
    let reply = client.command(&["BGREWRITEAOF"]);
    assert!(reply.starts_with(b"+"), "{}", reply.escape_ascii());
    let is_under_way = |client: &mut Client| {
        let info = client.command(&["INFO", "persistence"]);
        ["aof_rewrite_in_progress:1", "aof_rewrite_scheduled:1"]
            .iter()
            .any(|line| String::from_utf8_lossy(&info).contains(line))
    };
    while is_under_way(client) {}
}

/// What the files look like that a process has left: how far a rewrite had come.
fn stage(folder: &Path) -> &'static str {
    let directory = folder.join("appendonlydir");
    let manifest = fs::read_to_string(directory.join("appendonly.aof.manifest")).unwrap_or_default();
    let names = |folder: &Path| -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    };
    let files = names(&directory);
    let unnamed = |kind| files.iter().any(|name| name.contains(kind) && !manifest.contains(name.as_str()));
    if files.iter().any(|name| name.starts_with("temp-")) {
        "a manifest half put"
    } else if unnamed(".base.") && manifest.lines().count() > 2 {
        "a base that is not named yet"
    } else if manifest.contains("type h") {
        "history that is to go"
    } else if unnamed(".incr.") {
        "an increment not named, or not any more"
    } else if manifest.lines().count() > 2 {
        "a base being written"
    } else {
        "nothing under way"
    }
}

fn survive(policy: &str, moment: Moment) {
    let rounds = number("CRASH_ROUNDS", 3);
    // A child takes a few milliseconds for the keys.
    let arguments = |preamble| {
        let rest = ["--save", "", "--rdb-key-save-delay", "100", "--auto-aof-rewrite-percentage", "0"];
        [&["--appendonly", "yes", "--appendfsync", policy, "--aof-use-rdb-preamble", preamble], &rest[..]]
            .concat()
    };
    let mut rng = Rng::seed(number("SEED", 1));
    let mut server = Server::start(&arguments("yes"));
    let (mut found, mut acknowledged, mut lost) = ([0; KEYS], 0, 0);
    let mut stages = BTreeMap::new();
    for round in 0..rounds {
        let mut client = server.client();
        if matches!(moment, Moment::Load) && round % REWRITE_EACH == 1 {
            rewrite(&mut client);
        }
        let folder = server.folder().to_owned();
        let watch = Watch::over(&[&folder, &folder.join("appendonlydir")]);
        let is_long =
            matches!(moment, Moment::Load) && policy == "everysec" && round % LONG_EACH == LONG_EACH - 1;
        let pause = match moment {
            _ if is_long => 2_000_000 + rng.below(1_000_000),
            Moment::Load => rng.below(25_000),
            Moment::Rewrite => rng.below(15_000),
            Moment::Rotation | Moment::Rename => rng.below(8).pow(2) * rng.below(100),
        };
        let killer = kill_at(moment, watch, server.pid(), Duration::from_micros(pause));
        let mut ledger = Ledger::begin(found);
        ledger.work(&mut client, &mut rng, !matches!(moment, Moment::Load));
        let came = killer.join().expect("the one who kills");
        assert!(came, "round {round} of {policy}, {moment:?}: the moment did not come\n{}", server.log());
        *stages.entry(stage(&folder)).or_insert(0_u64) += 1;
        let promised = *ledger.promised(policy);
        server.kill_and_restart(&arguments(["yes", "no"][rng.index(2)]));
        let before = found;
        found = read(&mut server.client());
        for key in 0..KEYS {
            let case = format!("round {round} of {policy}, {moment:?}, key {key}");
            assert!(
                found[key] >= promised[key],
                "{case}: {} was promised, it is {}",
                promised[key],
                found[key]
            );
            assert!(
                found[key] <= ledger.sent[key],
                "{case}: {} at most, it is {}",
                ledger.sent[key],
                found[key]
            );
            acknowledged += ledger.acknowledged[key] - before[key];
            lost += ledger.acknowledged[key].saturating_sub(found[key]);
        }
    }
    println!(
        "{policy} {moment:?}: {rounds} rounds, {acknowledged} acknowledged, {lost} of them lost, {stages:?}"
    );
}

macro_rules! survives {
    ($($name:ident: $policy:literal, $moment:ident;)*) => {$(
        #[test]
        fn $name() {
            survive($policy, Moment::$moment);
        }
    )*};
}

survives! {
    always_under_load: "always", Load;
    always_in_a_rotation: "always", Rotation;
    always_in_a_rewrite: "always", Rewrite;
    always_in_a_rename: "always", Rename;
    everysec_under_load: "everysec", Load;
    everysec_in_a_rotation: "everysec", Rotation;
    everysec_in_a_rewrite: "everysec", Rewrite;
    everysec_in_a_rename: "everysec", Rename;
    no_syncs_under_load: "no", Load;
    no_syncs_in_a_rotation: "no", Rotation;
    no_syncs_in_a_rewrite: "no", Rewrite;
    no_syncs_in_a_rename: "no", Rename;
}

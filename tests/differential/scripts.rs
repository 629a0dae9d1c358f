//! The same scripts to both servers, one stretch in the second version of the protocol, the next in the third.
//!
//! `OPS` is how many scripts are sent in all, `SEED` where the drawing begins, and `DIFFERENCES` after how many of them, each
//! in a stretch of its own, the test gives up; the rest is as in `main.rs`. For millions:
//! `OPS=5000000 REFERENCE_SERVER=... cargo test --release --test differential scripts -- --nocapture`

use crate::common;
use crate::lua::{LEFT_OUT, PRELUDE, Scribe};
use crate::pair::{Command, Pair};
use crate::table::{CHANGED_LATER, COMMANDS, Row};
use crate::words::Draw;
use crate::{TOGETHER, number, shrink, state};

const USUAL_OPS: u64 = 10_000;
/// After so many scripts the keys are compared, and both servers begin anew.
const STRETCH: u64 = 2_000;

#[test]
fn scripts_agree() {
    let Some(reference) = common::reference() else {
        println!("skipped: REFERENCE_SERVER names no server to compare with");
        return;
    };
    // What was slow is chance.
    let calm = ["--commandlog-execution-slower-than", "-1"];
    let mut pairs = ["2", "3"].map(|protocol| Pair::start_with(&reference, protocol, &calm));
    let same_version = pairs[0].same_version;
    let left_out = |name: &str| {
        LEFT_OUT.contains(&name) || !same_version && CHANGED_LATER.iter().any(|row| row.0 == name)
    };
    let rows: Vec<&Row> =
        COMMANDS.iter().filter(|row| !left_out(row.name) && pairs[0].both_have(row.name)).collect();
    let (seed, ops) = (number("SEED", 1), number("OPS", USUAL_OPS));
    println!("{ops} scripts over {} commands from seed {seed}", rows.len());
    let mut draw = Draw::new(seed);
    let (mut done, mut differences) = (0, Vec::new());
    let most = number("DIFFERENCES", 1);
    while done < ops {
        let pair = &mut pairs[(done / STRETCH % 2) as usize];
        let stretch = STRETCH.min(ops - done);
        let scribe = Scribe::new(&mut draw, &rows);
        let mut scribe = if same_version { scribe } else { scribe.across_versions() };
        let told = walk(pair, &mut scribe, stretch).err();
        done += stretch;
        let told = told.or_else(|| {
            let difference = state::compare(pair, &left_out).err()?;
            Some(format!("after {done} scripts (seed {seed}) the keys differ:\n{difference}"))
        });
        differences.extend(told);
        assert!((differences.len() as u64) < most, "{}", differences.join("\n\n"));
        pair.begin_anew();
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

/// Sends so many drawn scripts. Fails where the replies differ, and tells how. While the servers work on some, the next are drawn.
fn walk(pair: &mut Pair, scribe: &mut Scribe<'_>, scripts: u64) -> Result<(), String> {
    let mut sent: Vec<Command> = Vec::new();
    let mut left = scripts;
    let mut under_way = 0;
    while left > 0 || under_way > 0 {
        let together = TOGETHER.min(left);
        let next: Vec<Command> = (0..together).flat_map(|_| scribe.next()).collect();
        left -= together;
        let before = sent.len() - under_way;
        if let Some((at, difference)) = pair.hear(&sent[before..]) {
            sent.truncate(before + at + 1);
            let source = String::from_utf8_lossy(&sent[before + at].concat()).replace(PRELUDE, "");
            return Err(format!("{}\n  in {}", shrink::told(pair, sent, &difference), source.escape_debug()));
        }
        pair.say(&next);
        under_way = next.len();
        sent.extend(next);
    }
    Ok(())
}

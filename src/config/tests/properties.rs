//! What must hold whatever the values are.

use crate::Row;
use crate::form::Source;
use crate::{CommandLine, Config, Flag, NoSurroundings, Percentiles, ROWS, Runtime, SetBy};
use proptest::prelude::*;

/// Texts of which each form takes some.
const TEXTS: &[&str] = &[
    "",
    "0",
    "1",
    "-1",
    "7",
    "yes",
    "no",
    "100",
    "65535",
    "1mb",
    "3gb",
    "12345",
    "30%",
    "always",
    "volatile-ttl",
    "local",
    "verbose",
    "systemd",
    "swapdb",
    "optional",
    "CN",
    "relative",
    "hostname",
    "panic",
    "iso8601",
    "nosave force",
    "60 1",
    "900 1 300 10",
    "KEA",
    "KEAn",
    "gxE$",
    "replica 1mb 2kb 3 normal 1 1 1",
    "1 200 800",
    "50 99.9 99.999999",
    "127.0.0.1 -::1",
    "::1",
    "127.0.0.1",
    "a.example",
    "{port} x",
    "a b",
    "a\"b",
    "'",
    "\\",
    "#",
    "a\nhz 1",
    " x ",
    "\u{e4}",
];

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::sample::select(TEXTS).prop_map(|text| text.as_bytes().to_vec()),
        1 => any::<i64>().prop_map(|number| number.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

fn row() -> impl Strategy<Value = &'static Row> {
    (0..ROWS.len()).prop_map(|index| &ROWS[index])
}

fn assign(config: &mut Config, row: &Row, value: &[u8]) -> bool {
    let words: Vec<&[u8]> = value.split(|&byte| byte == b' ').collect();
    let args: &[&[u8]] = match (row.has(Flag::Multi), value) {
        (true, b"") => &[],
        (true, _) => &words,
        (false, _) => &[value],
    };
    row.directive.assign(config, args, Source::Command).is_ok()
}

/// Settings that anything may have been done to; what was refused is not there.
fn settings() -> impl Strategy<Value = Config> {
    prop::collection::vec((row(), value()), 0..120).prop_map(|changes| {
        let mut config = Config::default();
        config.process.dir = b"/srv".to_vec();
        for (row, value) in changes {
            assign(&mut config, row, &value);
        }
        // In a cluster `replicaof` is neither written nor loaded.
        config.cluster.cluster_enabled &= config.replication.replicaof.is_none();
        config
    })
}

/// The settings with what the file rounds rounded.
fn rounded(mut config: Config) -> Config {
    let shown: Vec<String> = config
        .monitor
        .latency_tracking_info_percentiles
        .as_slice()
        .iter()
        .map(|&p| Percentiles::text(p))
        .collect();
    let row = ROWS.iter().find(|row| row.name == "latency-tracking-info-percentiles").unwrap();
    assert!(assign(&mut config, row, shown.join(" ").as_bytes()));
    config
}

proptest! {
    #[test]
    fn what_is_shown_sets_the_same(config in settings()) {
        // No working directory and no primary are shown as nothing, which sets nothing; and whether a title is a good
        // one depends on other settings.
        let odd = ["dir", "replicaof", "proc-title-template"];
        for row in ROWS.iter().filter(|row| !odd.contains(&row.name)) {
            let shown = config.show(row.id);
            let mut copy = Config::default();
            prop_assert!(assign(&mut copy, row, &shown), "{} {:?}", row.name, shown);
            prop_assert_eq!(copy.show(row.id), shown, "{}", row.name);
        }
    }

    #[test]
    fn what_is_rewritten_loads_the_same(config in settings(), old in prop::collection::vec((row(), value()), 0..40)) {
        let mut text = Vec::new();
        for (row, value) in old {
            text.extend_from_slice(row.alias.unwrap_or(row.name).as_bytes());
            text.push(b' ');
            text.extend_from_slice(&value);
            text.push(b'\n');
        }
        let new = config.rewrite(&text, Runtime::default());
        let mut loaded = Config::default();
        let result = loaded.load(&new, &mut NoSurroundings);
        prop_assert_eq!(result, Ok(()), "{}", String::from_utf8_lossy(&new));
        loaded.declared = config.declared.clone();
        prop_assert_eq!(loaded, rounded(config), "{}", String::from_utf8_lossy(&new));
    }

    #[test]
    fn a_refused_set_changes_nothing(config in settings(), pairs in prop::collection::vec((row(), value()), 1..5)) {
        let mut copy = config.clone();
        let pairs: Vec<(&[u8], &[u8])> = pairs.iter().map(|(row, value)| (row.name.as_bytes(), value.as_slice())).collect();
        match copy.set(&pairs, SetBy { local: true, loading: false }) {
            Ok(applied) => {
                prop_assert_eq!(applied.previous(), &config);
                for row in ROWS {
                    let differs = copy.show(row.id) != config.show(row.id);
                    prop_assert!(!differs || applied.changed.contains(&row.id));
                }
            }
            Err(error) => {
                prop_assert!(error.message().is_some_and(|text| !text.is_empty()));
                prop_assert_eq!(copy, config);
            }
        }
    }

    #[test]
    fn no_text_panics(lines in prop::collection::vec(prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        "[a-z-]{0,12}( [\"'a-z0-9 \\\\]{0,9}){0,4}".prop_map(String::into_bytes),
        (row(), value()).prop_map(|(row, value)| [row.name.as_bytes(), b" ", &value].concat()),
    ], 0..20)) {
        let text = lines.join(&b'\n');
        let mut config = Config::default();
        if let Err(error) = config.load(&text, &mut NoSurroundings) {
            error.fatal_text("9.0.4");
        }
        config.rewrite(&text, Runtime::default());
        config.get(lines.iter().map(Vec::as_slice));
        CommandLine::parse(&lines);
    }
}

//! One text as a configuration: as a file, as a command line and as settings to change. Whatever it says, it is refused
//! or taken; a refused change changes nothing; and what was taken, rewritten over the text and read again, is the same.
//!
//! ```text
//! line \n line \n line         the lines of a file; the arguments of a command line, one each
//! name value \n name value     what is set
//! ```

use config::{CommandLine, Config, Id, NoSurroundings, Runtime, SetBy, startup_text};

/// What configurations are made of.
pub const WORDS: &[&[u8]] = &[
    b"\n",
    b" ",
    b"\"",
    b"'",
    b"\\x00",
    b"\x00",
    b"#",
    b"--",
    b"-\n",
    b"port 6380\n",
    b"--port\n6381\n",
    b"save 60 1\n",
    b"save \"900 1 300 10\"\n",
    b"save \"\"\n",
    b"--save\n",
    b"maxmemory 1gb\n",
    b"maxmemory-policy allkeys-lru\n",
    b"client-output-buffer-limit replica 1mb 2kb 3\n",
    b"latency-tracking-info-percentiles 50 99.9 99.99999999\n",
    b"proc-title-template \"{title} {port}\"\n",
    b"notify-keyspace-events KEA\n",
    b"replicaof ::1 6379\n",
    b"cluster-enabled yes\n",
    b"bind * -::*\n",
    b"shutdown-on-sigterm nosave force\n",
    b"oom-score-adj-values 0 200 800\n",
    b"unixsocketperm 755\n",
    b"maxmemory-clients 3%\n",
    b"logfile \"a b\\n\"\n",
    b"requirepass ",
    b"slave-priority 7\n",
    b"dir /srv\n",
    b"enable-protected-configs yes\n",
    b"include x\n",
    b"rename-command FLUSHALL \"\"\n",
    b"user worker on +@all\n",
    b"aclfile /a\n",
    b"loadmodule /m.so 1\n",
    b"module.setting 5\n",
    b"sentinel\n",
];

/// The body.
pub fn run(text: &[u8]) {
    let mut config = load(text);
    if let Some(config) = &config {
        check(config, text);
    }
    let lines: Vec<Vec<u8>> = text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
    let line = CommandLine::parse(&lines);
    let whole = startup_text(text, text, &line.options);
    if let Some(config) = load(&whole) {
        check(&config, &whole);
    }
    set(config.get_or_insert_with(fresh), &lines);
}

/// The settings of a server that has just been started.
fn fresh() -> Config {
    let mut config = Config::default();
    config.process.dir = b"/".to_vec();
    config
}

fn load(text: &[u8]) -> Option<Config> {
    let mut config = fresh();
    match config.load(text, &mut NoSurroundings) {
        Ok(()) => Some(config),
        Err(error) => {
            assert!(!error.fatal_text("9.0.4").is_empty(), "an error without a word");
            None
        }
    }
}

/// Rewrites the settings over a text that loads, and reads what comes out.
fn check(config: &Config, old: &[u8]) {
    for everything in [false, true] {
        let new = config.rewrite(old, Runtime { everything, ..Runtime::default() });
        let mut again = fresh();
        let outcome = again.load(&new, &mut NoSurroundings);
        assert_eq!(outcome, Ok(()), "{}", new.escape_ascii());
        assert_eq!(again.declared.renamed_commands, config.declared.renamed_commands);
        again.declared = config.declared.clone();
        assert!(again == rounded(config), "{}", new.escape_ascii());
    }
}

/// The settings as the file has them, which rounds percentiles.
fn rounded(config: &Config) -> Config {
    let mut rounded = config.clone();
    let shown = config.show(Id::latency_tracking_info_percentiles);
    let outcome =
        rounded.set(&[(b"latency-tracking-info-percentiles", &shown)], SetBy { local: true, loading: false });
    assert!(outcome.is_ok(), "what is shown cannot be set: {}", shown.escape_ascii());
    rounded
}

/// Sets what the lines say, all at once, and if that is refused then line by line.
fn set(config: &mut Config, lines: &[Vec<u8>]) {
    let pairs: Vec<(&[u8], &[u8])> = lines.iter().map(|line| pair(line)).collect();
    let by = SetBy { local: true, loading: false };
    let before = config.clone();
    if config.set(&pairs, by).is_err() {
        assert!(*config == before, "a refused change shows");
        for pair in pairs {
            let _ = config.set(&[pair], by);
        }
    }
    // In a cluster `replicaof` is neither written nor read.
    if !config.cluster.cluster_enabled || config.replication.replicaof.is_none() {
        config.declared = Default::default();
        check(config, b"");
    }
}

/// A line's name and value.
fn pair(line: &[u8]) -> (&[u8], &[u8]) {
    let blank = line.iter().position(|&byte| byte == b' ').unwrap_or(line.len());
    (&line[..blank], line.get(blank + 1..).unwrap_or_default())
}

//! Loading and rewriting files, with what a 9.0.4 made of them.

use super::{get, load};
use crate::{Config, LoadError, NoSurroundings, Reason, Runtime, SetBy, Surroundings};

#[test]
fn lines_that_load() {
    let cases = [
        ("save 1 2\nsave 3 4", "save", "1 2 3 4"),
        ("save 1 2\nsave \"\"", "save", ""),
        ("save \"\"\nsave 1 2", "save", "1 2"),
        ("save", "save", ""),
        ("save \"1 2 3 4\"", "save", "1 2 3 4"),
        ("save '\"1'", "save", ""),
        ("bind \"127.0.0.1 -::1\"", "bind", "127.0.0.1 -::1"),
        ("bind \"  \"", "bind", ""),
        ("  HZ\t12  \r\n# hz 13\n\n", "hz", "12"),
        ("h\"z\" '11'", "hz", "11"),
        ("slaveof \"127.0.0.1 2\"", "replicaof", "127.0.0.1 2"),
        ("replicaof h 1\nreplicaof No One", "replicaof", ""),
        ("unixsocketperm 777", "unixsocketperm", "777"),
        ("requirepass \"a b\\x00c\"", "requirepass", "a b\0c"),
        ("dynamic-hz yes\nio-threads-do-reads no", "hz", "10"),
        ("shutdown-on-sigint save force", "shutdown-on-sigint", "save force"),
    ];
    for (text, name, shown) in cases {
        assert_eq!(get(&load(text).unwrap(), name), shown, "{text:?}");
    }
}

#[test]
fn lines_that_do_not_load() {
    let cases = [
        ("hz", "wrong number of arguments"),
        ("hz 1 2", "wrong number of arguments"),
        ("hz \"", "Unbalanced quotes in configuration line"),
        ("foo bar", "Bad directive or wrong number of arguments"),
        ("include", "Bad directive or wrong number of arguments"),
        ("dynamic-hz", "Bad directive or wrong number of arguments"),
        ("\"\" 1", "Bad directive or wrong number of arguments"),
        ("foo.bar", "Module config specified without value"),
        ("sentinel x y", "sentinel directive while not in sentinel mode"),
        ("slaveof 127.0.0.1 99999", "Invalid primary port"),
        ("slaveof a", "wrong number of arguments"),
        ("appenddirname a/b", "appenddirname can't be a path, just a dirname"),
        ("dbfilename \"\"", "dbfilename can't be empty"),
        ("dir \"\"", "dir can't be empty"),
        ("unixsocketperm 778", "argument couldn't be parsed as an octal number"),
        ("unixsocketperm 1000", "argument must be between 0 and 777 inclusive"),
        (
            "shutdown-on-sigint \"save nosave\"",
            "shutdown options SAVE and NOSAVE can't be used simultaneously",
        ),
    ];
    for (line, reason) in cases {
        let error = load(&format!("\n{line}\n")).unwrap_err();
        assert_eq!(error, LoadError::Line { number: 2, line: line.into(), reason: reason.into() });
    }
}

#[test]
fn fatal_texts() {
    let text = |config: &str| String::from_utf8(load(config).unwrap_err().fatal_text("9.0.4")).unwrap();
    assert_eq!(
        text("# a\n  hz  x\r\n"),
        "\n*** FATAL CONFIG FILE ERROR (Version 9.0.4) ***\nReading the configuration file, at line 2\n\
         >>> 'hz  x'\nargument couldn't be parsed into an integer\n"
    );
    assert_eq!(
        text("cluster-enabled yes\nreplicaof h 1"),
        "\n*** FATAL CONFIG FILE ERROR (Version 9.0.4) ***\nreplicaof directive not allowed in cluster mode\n"
    );
    assert_eq!(text("include a"), "Fatal error, can't open config file 'a': No such file or directory");
}

/// Two files, a directory, and no command called FOO.
struct Files;

impl Surroundings for Files {
    fn include(&mut self, path: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        match path {
            b"inc.conf" => Ok(b"hz 33\nsave 7 7\n".to_vec()),
            b"loop.conf" => Ok(b"# again\ninclude loop.conf".to_vec()),
            _ => NoSurroundings.include(path),
        }
    }

    fn enter(&mut self, path: &[u8]) -> Result<Vec<u8>, Reason> {
        if path == b"data" { Ok(b"/srv/data".to_vec()) } else { Err("No such file or directory".into()) }
    }

    fn rename_command(&mut self, from: &[u8], _: &[u8]) -> Result<(), Reason> {
        if from == b"FOO" { Err("No such command in rename-command".into()) } else { Ok(()) }
    }
}

#[test]
fn includes_directories_and_declarations() {
    let load = |text: &str| {
        let mut config = Config::default();
        config.load(text.as_bytes(), &mut Files).map(|()| config)
    };
    let config = load("save 1 1\ninclude inc.conf\ndir data").unwrap();
    assert_eq!(
        (get(&config, "hz"), get(&config, "save"), get(&config, "dir")),
        ("33".into(), "1 1 7 7".into(), "/srv/data".into())
    );
    // Behind an include, lines of `save` replace each other.
    let config = load("save 1 1\ninclude inc.conf\nsave 2 2\nsave 3 3").unwrap();
    assert_eq!(get(&config, "save"), "3 3");
    let LoadError::Line { number, line, .. } = load("include loop.conf").unwrap_err() else { panic!() };
    assert_eq!((number, line), (2, b"include loop.conf".to_vec()));
    for line in ["rename-command FOO x", "dir nowhere"] {
        assert!(matches!(load(line), Err(LoadError::Line { number: 1, .. })), "{line}");
    }
    let declared =
        load("rename-command A \"\"\nuser u +@all\nloadmodule m.so 1\nM.x 1\nm.x 2 3").unwrap().declared;
    assert_eq!(declared.renamed_commands, [(b"A".to_vec(), vec![])]);
    assert_eq!(declared.users, [[b"u".to_vec(), b"+@all".to_vec()]]);
    assert_eq!(declared.modules, [[b"m.so".to_vec(), b"1".to_vec()]]);
    assert_eq!(declared.module_settings, [(b"m.x".to_vec(), b"2 3".to_vec())]);
}

fn rewrite(old: &str, changes: &str) -> String {
    let mut config = load(old).unwrap();
    config.load(changes.as_bytes(), &mut NoSurroundings).unwrap();
    let users = [b"default on nopass".to_vec()];
    String::from_utf8(config.rewrite(old.as_bytes(), Runtime { users: &users, ..Runtime::default() }))
        .unwrap()
}

const ALWAYS: &str = "# Generated by CONFIG REWRITE\nsave 3600 1 300 100 60 10000\n\
                      latency-tracking-info-percentiles 50 99 99.9\nuser default on nopass\n";

#[test]
fn lines_are_brought_up_to_date_in_place() {
    let old = "# mine\n\n\n  Slave-Priority 5\nport 7000\nhz 12\nhz 13\nio-threads-do-reads yes\nrename-command A b\n\
               pidfile \"\"\n# end";
    let new = "# mine\n\nreplica-priority 7\nport 7000\nhz 13\n\n# ??? io-threads-do-reads yes\nrename-command A b\n\n# end\n";
    assert_eq!(rewrite(old, "replica-priority 7"), format!("{new}{ALWAYS}"));
}

#[test]
fn a_second_rewrite_changes_nothing() {
    let old = "port 7000\nsave 1 1\nsave 2 2\nclient-output-buffer-limit normal 1 2 3\n";
    let once =
        rewrite(old, "maxmemory 3gb\nmaxmemory-clients 5%\nnotify-keyspace-events KAn\nprimaryauth 'a\"b'");
    let expected = "port 7000\nsave 1 1 2 2\n\nclient-output-buffer-limit normal 1 2 3\n\n# Generated by CONFIG REWRITE\n\
                    maxmemory 3gb\nmaxmemory-clients 5%\nnotify-keyspace-events \"AnK\"\n\
                    primaryauth \"a\\\"b\"\nlatency-tracking-info-percentiles 50 99 99.9\nuser default on nopass\n";
    assert_eq!(once, expected);
    let twice = rewrite(&once, "");
    assert_eq!(twice.trim_end(), once.trim_end());
    assert_eq!(rewrite(&twice, ""), twice);
}

/// To the file an address that ends where it begins is the same as none, so it is none from the start.
#[test]
fn an_address_without_text_is_rewritten_as_none() {
    let mut config = Config::default();
    config.process.dir = b"/".to_vec();
    config.set(&[(b"bind", b"\0x")], SetBy::default()).expect("an address");
    let mut again = Config::default();
    again.load(&config.rewrite(b"", Runtime::default()), &mut NoSurroundings).expect("what was written");
    assert_eq!(again, config);
}

#[test]
fn what_is_not_written() {
    let text = rewrite("bind 127.0.0.1\naclfile users.acl\nuser a on", "bind * -::*");
    assert!(!text.contains("bind") && !text.contains("user "), "{text}");
    let everything = Config::default().rewrite(b"", Runtime { everything: true, ..Runtime::default() });
    let everything = String::from_utf8(everything).unwrap();
    assert!(everything.contains("\nhz 10\n") && everything.contains("\nlogfile \"\"\n"), "{everything}");
    let report = String::from_utf8(Config::default().report()).unwrap();
    assert!(report.starts_with("client-query-buffer-limit 1gb\n") && !report.contains("\nport"), "{report}");
}

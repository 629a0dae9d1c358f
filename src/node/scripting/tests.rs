//! Scripts as clients see them.

use crate::boundary::{ConnId, Input, Output};
use crate::testing::Bench;

/// Asks with words that may hold blanks.
fn ask(bench: &mut Bench, conn: ConnId, words: &[&str]) -> String {
    bench.ask_words(conn, words);
    bench.sent(conn)
}

fn eval(bench: &mut Bench, conn: ConnId, script: &str) -> String {
    ask(bench, conn, &["EVAL", script, "0"])
}

/// The timer comes, and with it the next slice of a slow script.
fn slice(bench: &mut Bench) {
    bench.with(|node, now| node.handle(now, Input::Timeout));
}

#[test]
fn scripts_run_and_call() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    assert_eq!(bench.ask(client, &["EVAL return(1) 0"]), ":1\r\n");
    assert_eq!(bench.ask(client, &["EVAL return(redis.call('SET',KEYS[1],ARGV[1])) 1 key value"]), "+OK\r\n");
    assert_eq!(bench.ask(client, &["GET key"]), "$5\r\nvalue\r\n");
    let sha = String::from_utf8(script::sha1_hex(b"return(1)").to_vec()).unwrap();
    assert_eq!(bench.ask(client, &[&format!("EVALSHA {} 0", sha.to_uppercase())]), ":1\r\n");
    assert_eq!(bench.ask(client, &[&format!("SCRIPT EXISTS {sha} x")]), "*2\r\n:1\r\n:0\r\n");
    assert_eq!(
        bench.ask(client, &["SCRIPT FLUSH", &format!("EVALSHA {sha} 0")]),
        "+OK\r\n-NOSCRIPT No matching script.\r\n"
    );
    assert_eq!(
        bench.ask(client, &["EVAL return(1) 1"]),
        "-ERR Number of keys can't be greater than number of args\r\n"
    );
    assert_eq!(bench.ask(client, &["EVAL return(1) -1"]), "-ERR Number of keys can't be negative\r\n");
}

#[test]
fn what_scripts_are_refused() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    for (script, error) in [
        ("return redis.call('nosuch')", "ERR Unknown command called from script"),
        ("return redis.call('get')", "ERR Wrong number of args calling command from script"),
        ("return redis.call('subscribe', 'x')", "ERR This Valkey command is not allowed from script"),
        ("return redis.call('incr', 'text')", "ERR value is not an integer or out of range"),
    ] {
        ask(&mut bench, client, &["SET", "text", "x"]);
        let reply = eval(&mut bench, client, script);
        assert!(reply.starts_with(&format!("-{error} script: ")), "{reply}");
    }
    let write = "return redis.call('set', 'x', 1)";
    let reply = ask(&mut bench, client, &["EVAL_RO", write, "0"]);
    assert!(reply.starts_with("-ERR Write commands are not allowed from read-only scripts."), "{reply}");
    let declared = format!("#!lua flags=no-writes\n{write}");
    assert!(eval(&mut bench, client, &declared).starts_with("-ERR Write commands are not allowed"));
    let writes = "#!lua\nreturn 1";
    let reply = ask(&mut bench, client, &["EVAL_RO", writes, "0"]);
    assert_eq!(reply, "-ERR Can not execute a script with write flag using *_ro command.\r\n");
    assert!(
        eval(&mut bench, client, "return +")
            .starts_with("-ERR Error compiling script (new function): user_script:1:")
    );
}

#[test]
fn a_slow_script_lets_others_hear_that_it_is_slow() {
    let mut bench = Bench::new("busy-reply-threshold 5");
    let (asker, other) = (bench.connect(0), bench.connect(1));
    bench.tick = 1000;
    assert_eq!(eval(&mut bench, asker, "while true do end"), "");
    let busy = "-BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n";
    assert_eq!(ask(&mut bench, other, &["GET", "x"]), busy);
    assert_eq!(ask(&mut bench, other, &["FUNCTION", "KILL"]), busy);
    assert_eq!(ask(&mut bench, asker, &["ECHO", "later"]), "", "it waits behind the script");
    slice(&mut bench);
    assert_eq!(ask(&mut bench, other, &["SCRIPT", "KILL"]), "+OK\r\n");
    slice(&mut bench);
    let reply = bench.sent(asker);
    assert!(reply.starts_with("-ERR Script killed by user with SCRIPT KILL."), "{reply}");
    assert!(reply.ends_with("$5\r\nlater\r\n"), "{reply}");
    assert_eq!(
        ask(&mut bench, other, &["SCRIPT", "KILL"]),
        "-NOTBUSY No scripts in execution right now.\r\n"
    );
    assert_eq!(ask(&mut bench, other, &["GET", "x"]), "$-1\r\n");
}

#[test]
fn a_script_that_has_written_is_not_killed() {
    let mut bench = Bench::new("busy-reply-threshold 5");
    let (asker, other) = (bench.connect(0), bench.connect(1));
    bench.tick = 1000;
    let script = "redis.call('set', 'x', 1) for i = 1, 3000000 do end return redis.call('incr', 'x')";
    assert_eq!(eval(&mut bench, asker, script), "");
    assert!(ask(&mut bench, other, &["SCRIPT", "KILL"]).starts_with("-UNKILLABLE "));
    while bench.node.scripting.is_slow() {
        slice(&mut bench);
    }
    assert_eq!(bench.sent(asker), ":2\r\n");
}

#[test]
fn a_slow_script_in_a_transaction_holds_the_transaction_up() {
    let mut bench = Bench::new("busy-reply-threshold 5");
    let (asker, other) = (bench.connect(0), bench.connect(1));
    bench.tick = 1000;
    bench.ask(asker, &["MULTI", "INCR x"]);
    eval(&mut bench, asker, "while true do end");
    bench.ask(asker, &["INCR x"]);
    bench.ask(asker, &["EXEC"]);
    assert!(ask(&mut bench, other, &["GET", "x"]).starts_with("-BUSY"));
    ask(&mut bench, other, &["SCRIPT", "KILL"]);
    slice(&mut bench);
    assert!(bench.sent(asker).ends_with("@user_script:1.\r\n:2\r\n"));
}

#[test]
fn an_asker_that_goes_leaves_its_script_behind() {
    let mut bench = Bench::new("busy-reply-threshold 5");
    let (asker, other) = (bench.connect(0), bench.connect(1));
    bench.tick = 1000;
    eval(&mut bench, asker, "while true do end");
    bench.close(asker);
    assert!(ask(&mut bench, other, &["GET", "x"]).starts_with("-BUSY"));
    ask(&mut bench, other, &["SCRIPT", "KILL"]);
    slice(&mut bench);
    assert_eq!(ask(&mut bench, other, &["GET", "x"]), "$-1\r\n");
}

const LIBRARY: &str = "#!lua name=lib\nserver.register_function('f', function(keys, args) return {keys[1], args[1]} end)\n\
                       server.register_function{function_name='ro', callback=function() return 1 end, flags={'no-writes'}}";

#[test]
fn functions_are_loaded_called_dumped_and_restored() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    assert_eq!(ask(&mut bench, client, &["FUNCTION", "LOAD", LIBRARY]), "$3\r\nlib\r\n");
    assert_eq!(
        ask(&mut bench, client, &["FUNCTION", "LOAD", LIBRARY]),
        "-ERR Library 'lib' already exists\r\n"
    );
    assert_eq!(ask(&mut bench, client, &["FUNCTION", "LOAD", "REPLACE", LIBRARY]), "$3\r\nlib\r\n");
    assert_eq!(bench.ask(client, &["FCALL F 1 key arg"]), "*2\r\n$3\r\nkey\r\n$3\r\narg\r\n");
    assert_eq!(bench.ask(client, &["FCALL_RO ro 0"]), ":1\r\n");
    assert!(
        bench.ask(client, &["FCALL_RO f 0"]).starts_with("-ERR Can not execute a script with write flag")
    );
    assert_eq!(bench.ask(client, &["FCALL none 0"]), "-ERR Function not found\r\n");
    assert!(bench.ask(client, &["FUNCTION LIST"]).contains("$12\r\nlibrary_name\r\n$3\r\nlib\r\n"));
    let other = LIBRARY.replace("name=lib", "name=other");
    assert_eq!(ask(&mut bench, client, &["FUNCTION", "LOAD", &other]), "-ERR Function f already exists\r\n");
    assert_eq!(
        bench.ask(client, &["FUNCTION DELETE lib", "FCALL f 0"]),
        "+OK\r\n-ERR Function not found\r\n"
    );
    assert_eq!(bench.ask(client, &["FUNCTION DELETE lib"]), "-ERR Library not found\r\n");
}

#[test]
fn libraries_go_through_a_payload() {
    let mut bench = Bench::new("");
    let codes = [LIBRARY.as_bytes().to_vec(), b"12".to_vec()];
    let payload = super::dump::seal(codes.iter().map(Vec::as_slice), None);
    let versions = bench.node.settings.dump_versions;
    let opened: Vec<_> =
        super::dump::open(&payload, versions).unwrap().into_iter().map(Result::unwrap).collect();
    assert_eq!(opened, codes);
    for at in 0..payload.len() {
        let mut damaged = payload.clone();
        damaged[at] ^= 1;
        assert!(super::dump::open(&damaged, versions).is_err());
    }
    let client = bench.connect(0);
    let payload = super::dump::seal(std::iter::once(LIBRARY.as_bytes()), None);
    let words: [&[u8]; 3] = [b"FUNCTION", b"RESTORE", &payload];
    for expected in ["+OK\r\n", "-ERR Library lib already exists\r\n"] {
        bench.ask_words(client, &words);
        assert_eq!(bench.sent(client), expected);
    }
    assert_eq!(bench.ask(client, &["FCALL ro 0"]), ":1\r\n");
}

#[test]
fn scripts_of_a_user_do_what_the_user_may() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    assert_eq!(bench.ask(client, &["ACL SETUSER limited on nopass +@all -set ~*"]), "+OK\r\n");
    assert_eq!(bench.ask(client, &["AUTH limited x"]), "+OK\r\n");
    let reply = eval(&mut bench, client, "return redis.call('set', 'x', 1)");
    assert!(
        reply.starts_with(
            "-ERR ACL failure in script: User limited has no permissions to run the 'set' command"
        ),
        "{reply}"
    );
    assert_eq!(eval(&mut bench, client, "return redis.acl_check_cmd('set', 'x', '1')"), "$-1\r\n");
    assert_eq!(eval(&mut bench, client, "return redis.acl_check_cmd('get', 'x')"), ":1\r\n");
}

#[test]
fn changes_of_scripts_are_heard_of() {
    let mut bench = Bench::new("");
    let (waiter, watcher, client) = (bench.connect(0), bench.connect(1), bench.connect(2));
    bench.ask(waiter, &["BLPOP list 0"]);
    bench.ask(watcher, &["WATCH list", "MULTI", "PING"]);
    assert_eq!(eval(&mut bench, client, "return redis.call('rpush', 'list', 'a', 'b')"), ":2\r\n");
    assert_eq!(bench.sent(waiter), "*2\r\n$4\r\nlist\r\n$1\r\na\r\n");
    assert_eq!(bench.ask(watcher, &["EXEC"]), "*-1\r\n");
    assert_eq!(eval(&mut bench, client, "return redis.call('blpop', 'none', 0)"), "$-1\r\n");
    assert_eq!(eval(&mut bench, client, "redis.log(redis.LOG_WARNING, 'a', 1)"), "$-1\r\n");
    assert!(bench.outputs.iter().any(|output| matches!(output, Output::Log(line) if line.text == "a 1")));
}

#[test]
fn what_flushes_or_replaces_a_function_waits_until_it_is_over() {
    // CVE-2026-23631: its machine must not be freed under it.
    let mut bench = Bench::new("busy-reply-threshold 5");
    let (asker, other) = (bench.connect(0), bench.connect(1));
    bench.tick = 1000;
    let code =
        "#!lua name=lib\nserver.register_function('f', function() for i = 1, 3000000 do end return 7 end)";
    ask(&mut bench, other, &["FUNCTION", "LOAD", code]);
    assert_eq!(ask(&mut bench, asker, &["FCALL", "f", "0"]), "");
    for words in [
        &["FUNCTION", "FLUSH"][..],
        &["FUNCTION", "FLUSH", "ASYNC"],
        &["FUNCTION", "DELETE", "lib"],
        &["FUNCTION", "LOAD", "REPLACE", code],
        &["FUNCTION", "RESTORE", "x", "FLUSH"],
        &["SCRIPT", "FLUSH"],
        &["EVAL", "return 1", "0"],
        &["CONFIG", "SET", "maxmemory", "1"],
        &["SHUTDOWN"],
        &["SHUTDOWN", "SAVE"],
    ] {
        assert!(ask(&mut bench, other, words).starts_with("-BUSY "), "{words:?}");
    }
    while bench.node.scripting.is_slow() {
        slice(&mut bench);
    }
    assert_eq!(bench.sent(asker), ":7\r\n");
}

#[test]
fn many_scripts_are_freed_elsewhere_where_that_is_wished() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    let freed = |bench: &mut Bench| {
        let mut objects = 0;
        bench.outputs.retain(|output| match output {
            Output::Free(garbage) => {
                objects += garbage.objects;
                false
            }
            _ => true,
        });
        objects
    };
    for (count, words, expected) in [
        (100, &["SCRIPT", "FLUSH", "ASYNC"][..], 100),
        (100, &["SCRIPT", "FLUSH"], 100),
        (100, &["SCRIPT", "FLUSH", "SYNC"], 0),
        (10, &["SCRIPT", "FLUSH", "ASYNC"], 0),
    ] {
        (0..count).for_each(|i| drop(ask(&mut bench, client, &["SCRIPT", "LOAD", &format!("return {i}")])));
        assert_eq!(ask(&mut bench, client, words), "+OK\r\n");
        assert_eq!(freed(&mut bench), expected, "{words:?}");
        assert_eq!(eval(&mut bench, client, "return 5"), ":5\r\n");
        ask(&mut bench, client, &["SCRIPT", "FLUSH", "SYNC"]);
    }
    let functions: String =
        (0..100).map(|i| format!("redis.register_function('f{i}', function() return {i} end) ")).collect();
    ask(&mut bench, client, &["FUNCTION", "LOAD", &format!("#!lua name=lib\n{functions}")]);
    assert_eq!(
        bench.ask(client, &["FCALL f77 0", "FUNCTION FLUSH ASYNC", "FCALL f77 0"]),
        ":77\r\n+OK\r\n-ERR Function not found\r\n"
    );
    assert_eq!(freed(&mut bench), 100);
    let wrong = "SCRIPT FLUSH only support SYNC|ASYNC option";
    assert_eq!(bench.ask(client, &["SCRIPT FLUSH NOW"]), format!("-ERR {wrong}\r\n"));
}

#[test]
fn the_logs_name_who_asked_for_a_script() {
    let mut bench = Bench::new("commandlog-execution-slower-than 0\nbusy-reply-threshold 5");
    let (client, other) = (bench.connect(0), bench.connect(1));
    bench.ask(client, &["CLIENT SETNAME asker", "ACL SETUSER limited on nopass +@all -set ~*"]);
    bench.ask(client, &["AUTH limited x"]);
    eval(&mut bench, client, "redis.call('get', 'x') return redis.pcall('set', 'x', 1)");
    let log = bench.ask(other, &["COMMANDLOG GET -1 slow"]);
    let entry = log.split("\r\n*6\r\n").find(|entry| entry.contains("$3\r\nget")).unwrap();
    assert!(entry.contains("$5\r\nasker"), "{entry}");
    assert!(bench.ask(other, &["ACL LOG"]).contains("name=asker"));
    // The same when the script has been put aside.
    bench.ask(other, &["ACL LOG RESET"]);
    bench.tick = 1000;
    let script = "for i = 1, 3000000 do end return redis.pcall('set', 'x', 1)";
    assert_eq!(eval(&mut bench, client, script), "");
    while bench.node.scripting.is_slow() {
        slice(&mut bench);
    }
    assert!(bench.ask(other, &["ACL LOG"]).contains("name=asker"));
}

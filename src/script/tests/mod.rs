//! The machine, driven by hand.

mod libraries;
mod sandbox;

use crate::{Answer, Kind, Machine, Setup, Step};
use resp::{Protocol, Reply, ReplyBuffer};

pub(crate) const SETUP: Setup = Setup {
    insecure: false,
    version: ("9.0.4", 0x0009_0004),
    redis_version: ("7.2.4", 0x0007_0204),
    name: "valkey",
};

/// Runs a script whose commands are answered by `answer`, and answers its reply.
pub(crate) fn run_with(
    machine: &mut Machine,
    source: &str,
    words: (&[&str], &[&str]),
    mut answer: impl FnMut(&[Vec<u8>]) -> Vec<u8>,
) -> String {
    let function = match machine.compile(source.as_bytes(), c"@user_script") {
        Ok(function) => function,
        Err(text) => return String::from_utf8(text).unwrap(),
    };
    machine.begin(function, words.0.iter().map(|w| w.as_bytes()), words.1.iter().map(|w| w.as_bytes()));
    let mut buffer = ReplyBuffer::default();
    let mut step = machine.resume(Answer::Go);
    while step != Step::Done {
        step = match step {
            Step::Call => {
                let (mut bytes, mut spans) = (Vec::new(), Vec::new());
                machine.take_words(&mut bytes, &mut spans);
                let words: Vec<Vec<u8>> = spans
                    .iter()
                    .map(|span| bytes[span.start as usize..][..span.len as usize].to_vec())
                    .collect();
                machine.take_words(&mut bytes, &mut spans);
                buffer.bytes = answer(&words);
                machine.resume(Answer::Reply(&buffer))
            }
            Step::Clock => machine.resume(Answer::Seconds(1.5)),
            Step::Permits => machine.resume(Answer::Truth(true)),
            _ => machine.resume(Answer::Go),
        };
    }
    let mut out = ReplyBuffer::default();
    machine.finish(b"name", &mut Reply::new(&mut out, Protocol::Resp2), &mut |_, _| {});
    machine.release(function);
    String::from_utf8_lossy(&out.bytes).into_owned()
}

pub(crate) fn run(source: &str) -> String {
    run_with(&mut Machine::new(Kind::Eval, &SETUP), source, (&[], &[]), |_| b"+OK\r\n".to_vec())
}

#[test]
fn values_become_replies() {
    assert_eq!(run("return 1"), ":1\r\n");
    assert_eq!(run("return 3.99"), ":3\r\n");
    assert_eq!(run("return 1e300"), ":-9223372036854775808\r\n");
    assert_eq!(run("return 'a\\0b'"), "$3\r\na\0b\r\n");
    assert_eq!(run("return true"), ":1\r\n");
    assert_eq!(run("return false"), "$-1\r\n");
    assert_eq!(run("return nil"), "$-1\r\n");
    assert_eq!(run("return {1, {2, 'x'}, nil, 4}"), "*2\r\n:1\r\n*2\r\n:2\r\n$1\r\nx\r\n");
    assert_eq!(run("return {ok = 'fine\\r\\n'}"), "+fine  \r\n");
    assert_eq!(run("return {err = 'MY text'}"), "-MY text\r\n");
    assert_eq!(run("return {double = 3.5}"), "$3\r\n3.5\r\n");
    assert_eq!(run("return {map = {a = 1}}"), "*2\r\n$1\r\na\r\n:1\r\n");
    assert_eq!(run("return {set = {a = true}}"), "*1\r\n$1\r\na\r\n");
    // Lua says that the outer one has five elements, and the map is in its second.
    let late = "local t = {1, {map = {a = {2, nil, 3, 4}}}, 5, nil, 6} assert(#t == 5) return t";
    assert_eq!(run(late), "*3\r\n:1\r\n*2\r\n$1\r\na\r\n*1\r\n:2\r\n:5\r\n");
    assert_eq!(run("return {verbatim_string = {format = 'txt', string = 'x'}}"), "$1\r\nx\r\n");
    assert_eq!(
        run("return print"),
        "-ERR user_script:1: Script attempted to access nonexistent global variable \
        'print' script: name, on @user_script:1.\r\n"
    );
    assert_eq!(run("return cjson"), "*0\r\n");
    assert!(run("error(cjson.null)").starts_with("-ERR userdata: (nil) script: name"));
    assert!(run("error(error)").starts_with("-ERR function: 0x"));
}

#[test]
fn keys_and_arguments_are_given() {
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    for _ in 0..200 {
        let reply = run_with(
            &mut machine,
            "return {KEYS[1], ARGV[1], ARGV[2], #KEYS}",
            (&["k"], &["a", "b"]),
            |_| Vec::new(),
        );
        assert_eq!(reply, "*4\r\n$1\r\nk\r\n$1\r\na\r\n$1\r\nb\r\n:1\r\n");
    }
}

#[test]
fn commands_are_called() {
    let call = |source: &str, reply: &str| {
        let mut machine = Machine::new(Kind::Eval, &SETUP);
        run_with(&mut machine, source, (&[], &[]), |words| {
            assert_eq!(words[0], b"GET");
            reply.as_bytes().to_vec()
        })
    };
    assert_eq!(call("return redis.call('GET', 1)", "$1\r\nx\r\n"), "$1\r\nx\r\n");
    assert_eq!(call("return type(redis.call('GET', 1))", "$-1\r\n"), "$7\r\nboolean\r\n");
    assert_eq!(call("return redis.call('GET').ok", "+OK\r\n"), "$2\r\nOK\r\n");
    assert_eq!(call("return #redis.call('GET')", "*2\r\n:1\r\n*1\r\n$-1\r\n"), ":2\r\n");
    assert_eq!(call("return redis.pcall('GET').err", "-ERR no\r\n"), "$6\r\nERR no\r\n");
    assert_eq!(
        call("return redis.call('GET')", "-ERR no\r\n"),
        "-ERR no script: name, on @user_script:1.\r\n"
    );
    assert_eq!(call("local ok, e = pcall(redis.call, 'GET') return e", "-ERR no\r\n"), "$6\r\nERR no\r\n");
    assert_eq!(call("redis.setresp(3) return redis.call('GET').map.a", "%1\r\n+a\r\n:7\r\n"), "$-1\r\n");
    assert_eq!(call("redis.setresp(3) return redis.call('GET').double * 2", ",1.5\r\n"), ":3\r\n");
    assert_eq!(
        call("return redis.call()", ""),
        "-ERR Please specify at least one argument for this call script: \
        name, on @user_script:1.\r\n"
    );
    assert_eq!(
        call("return redis.pcall({}).err", ""),
        "$49\r\nERR Command arguments must be strings or integers\r\n"
    );
}

#[test]
fn a_script_can_be_put_off_and_ended_anywhere() {
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    for source in [
        "while true do end",
        "while true do pcall(function() while true do end end) end",
        "return string.gsub('abc', '.', function() while true do end end)",
        "local co = coroutine.wrap(function() while true do end end) while true do pcall(co) end",
        "table.sort({3, 2, 1}, function() while true do end end)",
        // What one call of a library does may take as long.
        "return string.find(string.rep('a', 3000), string.rep('a-', 30) .. 'b')",
        "return string.gsub(string.rep('(', 300000), '%b()', 'x')",
        "return string.gsub(string.rep('a', 300000), 'a*b', 'x')",
        "return string.find(string.rep('(', 300000), '(%(*)%1x')",
        "return string.find(string.rep('a', 4000), '[' .. string.rep('b', 40000) .. 'a]-x')",
        "return string.find(string.rep('a', 5000000), string.rep('a', 2500000) .. 'b', 1, true)",
        "return string.rep('', 2147483647)",
        "table.insert({}, -2147483648, 1)",
        "local t = {1, 2, nil, 4} for i = 0, 27 do t[5 * 2 ^ i] = i end table.insert(t, 1, 0)",
        "local t = {1, 2, nil, 4} for i = 0, 27 do t[5 * 2 ^ i] = i end table.remove(t, 1)",
        "local t = {1, 2, nil, 4} for i = 0, 27 do t[5 * 2 ^ i] = i end table.foreachi(t, math.randomseed)",
        "local s = string.rep('x', 5000000) while true do local t = s .. 'y' end",
        "local s = string.rep('x', 5000000) while true do pcall(string.upper, s) end",
        "while true do xpcall(function() while true do end end, function() while true do end end) end",
        "local function f(n) for i = 1, 9000 do if n > 0 then coroutine.wrap(f)(n - 1) end end end while true do f(5) end",
        "while true do coroutine.wrap(function() while true do pcall(error) end end)() end",
        "local t = {} for i = 1, 100000 do t[i] = {} end while true do collectgarbage() end",
        "local t = {} for i = 1, 100000 do t[i] = {} end collectgarbage('setpause', 0) \
         collectgarbage('setstepmul', 1000000000) while true do local x = {} end",
    ] {
        let function = machine.compile(source.as_bytes(), c"@user_script").unwrap();
        machine.begin(function, [].into_iter(), [].into_iter());
        for _ in 0..10 {
            assert_eq!(machine.resume(Answer::Go), Step::Pause, "{source}");
        }
        let mut step = machine.resume(Answer::Kill("Script killed by user with SCRIPT KILL."));
        while step == Step::Pause {
            step = machine.resume(Answer::Kill("again"));
        }
        assert_eq!(step, Step::Done);
        let mut out = ReplyBuffer::default();
        machine.finish(b"name", &mut Reply::new(&mut out, Protocol::Resp2), &mut |_, _| {});
        let reply = String::from_utf8_lossy(&out.bytes).into_owned();
        assert!(reply.starts_with("-ERR Script killed by user"), "{source}: {reply}");
    }
    assert_eq!(run_with(&mut machine, "return 1", (&[], &[]), |_| Vec::new()), ":1\r\n");
}

#[test]
fn a_machine_can_be_dropped_in_the_midst_of_a_script() {
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    let function =
        machine.compile(b"pcall(function() return redis.call('GET', 'x') end)", c"@user_script").unwrap();
    machine.begin(function, [].into_iter(), [].into_iter());
    assert_eq!(machine.resume(Answer::Go), Step::Call);
}

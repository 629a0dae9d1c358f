//! Attempts to get out: each must fail, and leave the machine as it was.

use super::{SETUP, run, run_with};
use crate::{Kind, Machine};

/// The reply to a script in a machine that other scripts have used and will use.
fn fails(machine: &mut Machine, source: &str, why: &str) {
    let reply = run_with(machine, source, (&[], &[]), |_| b"+OK\r\n".to_vec());
    assert!(reply.starts_with('-') && reply.contains(why), "{source}\n{reply}");
}

const LOCKED: &str = "Attempt to modify a readonly table";
const MISSING: &str = "Script attempted to access nonexistent global variable";

#[test]
fn what_scripts_share_is_locked() {
    // CVE-2022-24735: what a script changes here would be run by the scripts of other users.
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    for source in [
        "a = 1",
        "function f() end",
        "_G.a = 1",
        "rawset(_G, 'a', 1)",
        "redis.call = 1",
        "server.call = 1",
        "cjson.decode = 1",
        "math.random = 1",
        "table.insert(math, 1)",
        "string.format = 1",
        "bit.band = 1",
        "cmsgpack.pack = 1",
        "struct.pack = 1",
        "os.clock = 1",
        "coroutine.create = 1",
        "setmetatable(_G, {})",
        "setmetatable(redis, {})",
        "getmetatable(_G).__index = nil",
        "getmetatable('').__index = nil",
        "getmetatable('').__gsub = 1",
        "getmetatable(redis) return rawset(redis, 'call', 1)",
    ] {
        fails(&mut machine, source, LOCKED);
    }
    assert_eq!(run_with(&mut machine, "return ('x'):upper()", (&[], &[]), |_| Vec::new()), "$1\r\nX\r\n");
}

#[test]
fn metatables_of_basic_types_cannot_be_made() {
    // CVE-2025-46818: what a script puts there would be run by the scripts of other users.
    for value in ["1", "nil", "true", "print", "function() end"] {
        let mut machine = Machine::new(Kind::Eval, &SETUP);
        let source = format!("local m = getmetatable({value}) m.__index = m return 1");
        let reply = run_with(&mut machine, &source, (&[], &[]), |_| Vec::new());
        assert!(reply.starts_with('-'), "{source}: {reply}");
    }
}

#[test]
fn the_world_is_not_there() {
    // CVE-2022-0543: `package` loaded any library of the system.
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    for name in [
        "io", "package", "require", "module", "debug", "dofile", "loadfile", "print", "newproxy", "getfenv",
        "setfenv",
    ] {
        fails(&mut machine, &format!("return {name}"), MISSING);
    }
    assert_eq!(run("return os.execute"), "$-1\r\n");
    assert_eq!(run("local n = 0 for _ in pairs(os) do n = n + 1 end return n"), ":1\r\n");
}

#[test]
fn bytecode_is_no_program() {
    let reply = run("return loadstring(string.dump(function() return 1 end)) == nil");
    assert_eq!(reply, ":1\r\n");
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    assert!(machine.compile(b"\x1bLua\x51\x00\x01\x04\x08\x04\x08\x00", c"@user_script").is_err());
}

#[test]
fn the_name_of_a_chunk_is_not_collected_while_it_is_parsed() {
    // CVE-2025-49844.
    let source = "collectgarbage('setpause', 1) for i = 1, 200 do local s = {} for j = 1, 50 do s[j] = 'x' .. i .. j end \
                  loadstring('local a = ' .. string.rep('{', 50) .. string.rep('}', 50), 'chunk' .. i) \
                  loadstring('return ' .. string.rep('\"y\" .. ', 100) .. '1', string.rep('n', i)) end return 1";
    assert_eq!(run(source), ":1\r\n");
}

#[test]
fn counts_do_not_overflow() {
    // CVE-2025-46817.
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    for (source, why) in [
        ("return unpack({1}, -2147483648, 2147483647)", "too many results to unpack"),
        ("return unpack({1}, 0, 2147483647)", "too many results to unpack"),
        ("return unpack({1}, -2147483647, -1)", "too many results to unpack"),
    ] {
        fails(&mut machine, source, why);
    }
    assert_eq!(run("return {unpack({1, 2, 3}, -1, 1)}"), "*0\r\n");
    assert_eq!(run("local t = {1} return t[-2147483648] == nil and t[2147483647] == nil"), ":1\r\n");
    assert_eq!(run("return #{unpack({}, 2147483646, 2147483647)}"), ":0\r\n");
}

#[test]
fn delimiters_and_tokens_are_read_safely() {
    // CVE-2025-46819 and CVE-2022-24736.
    let source = |text: &str| format!("return loadstring({text}) == nil");
    for text in [
        "'return [' .. string.rep('=', 100000)",
        "'[==['",
        "'--[==['",
        "'return [===[x]==]'",
        "'\\\\'",
        "'\"'",
    ] {
        assert_eq!(run(&source(text)), ":1\r\n", "{text}");
    }
    assert_eq!(run("return [=[a]]b]=]"), "$4\r\na]]b\r\n");
}

#[test]
fn deep_things_end_in_errors() {
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    for (source, why) in [
        ("local function f() return f() + 1 end return f()", "stack overflow"),
        ("return string.rep('x', 10000):find(string.rep('x?', 100000))", "pattern too complex"),
        (
            "local t = {} for i = 1, 300 do t = setmetatable({}, {__index = t}) end return t.x.y",
            "loop in gettable",
        ),
        (
            "local s = string.rep('(', 1000) return loadstring('return ' .. s)()",
            "attempt to call a nil value",
        ),
        ("local t = {} t[1] = t return cjson.encode(t)", "excessive nesting"),
        ("return cjson.decode(string.rep('[', 100000))", "too many nested data structures"),
        (
            "cjson.decode_max_depth(2147483647) return cjson.decode(string.rep('[', 100000))",
            "too many nested",
        ),
        ("return cmsgpack.unpack(string.rep('\\145', 100000))", "stack overflow"),
        ("return cmsgpack.unpack(string.rep('\\129', 100000))", "stack overflow"),
        ("return string.rep('x', 1e10)", ""),
    ] {
        let mut small = Machine::new(Kind::Eval, &SETUP);
        small.set_budget(256 << 20);
        fails(if why.is_empty() { &mut small } else { &mut machine }, source, why);
    }
    assert_eq!(run("local t = {} t[1] = t return #cmsgpack.pack(t)"), ":17\r\n");
}

#[test]
fn lengths_that_lie_are_refused() {
    // CVE-2022-24834, CVE-2020-14147 and CVE-2024-31449.
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    for (source, why) in [
        ("return cmsgpack.unpack('\\219\\255\\255\\255\\255')", "Missing bytes in input."),
        ("return cmsgpack.unpack('\\221\\255\\255\\255\\255')", "Missing bytes in input."),
        ("return cmsgpack.unpack('\\193')", "Bad data format in input."),
        ("return cmsgpack.unpack('\\129\\192\\1')", "table index is nil"),
        ("return struct.unpack('I99999999999999', 'x')", "integral size overflow"),
        ("return struct.pack('!2147483647', 1)", "is not a power of 2"),
        ("return struct.unpack('c2147483647', 'x')", "data string too short"),
        ("return struct.unpack('B', 'x', -5)", "data string too short"),
        ("return struct.unpack('B', 'x', 0)", "offset must be 1 or greater"),
        ("return struct.unpack('bc0', '\\255x')", "data string too short"),
        ("return struct.unpack('>!16 !1i33', 'x')", "integral size 33 is larger than limit of 32"),
    ] {
        fails(&mut machine, source, why);
    }
    assert_eq!(run("return bit.tohex(65535, -2147483648)"), "$8\r\n0000FFFF\r\n");
    assert_eq!(run("return bit.tohex(0xABCD, 2147483647)"), "$8\r\n0000abcd\r\n");
}

#[test]
fn memory_is_counted_and_bounded() {
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    let before = machine.memory();
    machine.set_budget(before + (8 << 20));
    fails(&mut machine, "local t = {} for i = 1, 1e9 do t[i] = i end", "not enough memory");
    fails(&mut machine, "local s = 'x' while true do s = s .. s end", "not enough memory");
    machine.collect();
    assert!(machine.memory() < before + (1 << 20));
    assert_eq!(run_with(&mut machine, "return 1", (&[], &[]), |_| Vec::new()), ":1\r\n");
}

#[test]
fn nothing_is_left_of_a_script_for_the_next() {
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    assert_eq!(run_with(&mut machine, "return #KEYS", (&["a", "b"], &[]), |_| Vec::new()), ":2\r\n");
    assert_eq!(run_with(&mut machine, "return #KEYS", (&[], &[]), |_| Vec::new()), ":0\r\n");
    run_with(&mut machine, "KEYS[1] = 'x' ARGV.y = 1 return 1", (&["a"], &[]), |_| Vec::new());
    assert_eq!(run_with(&mut machine, "return {KEYS[1], ARGV.y}", (&[], &[]), |_| Vec::new()), "*0\r\n");
}

#[test]
fn insecure_functions_come_only_when_allowed_and_cannot_break_out_of_ours() {
    let setup = crate::Setup { insecure: true, ..SETUP };
    let mut machine = Machine::new(Kind::Eval, &setup);
    // Finalizers that fail, and that call commands while something else is being done.
    let source = "for i = 1, 2000 do local p = newproxy(true) \
                  getmetatable(p).__gc = function() redis.call('GET', 'x') error('no') end \
                  p = nil cjson.encode({i, tostring(i)}) cjson.decode('[1,2,[3,\"' .. i .. '\"]]') end return 1";
    assert_eq!(run_with(&mut machine, source, (&[], &[]), |_| b"*1\r\n$1\r\nx\r\n".to_vec()), ":1\r\n");
    machine.collect();
}

#[test]
fn replies_are_bounded() {
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    machine.set_budget(8 << 20);
    for source in ["local e = {} e[1] = e e[2] = e return e", "local e = {} e.map = e e.x = e return e"] {
        fails(&mut machine, source, "the reply of the script is too large");
    }
    assert_eq!(run_with(&mut machine, "return {1}", (&[], &[]), |_| Vec::new()), "*1\r\n:1\r\n");
}

#[test]
fn finalizers_that_do_not_end_are_ended() {
    let setup = crate::Setup { insecure: true, ..SETUP };
    let mut machine = Machine::new(Kind::Eval, &setup);
    let endless = "local p = newproxy(true) getmetatable(p).__gc = function() \
                   while true do pcall(function() while true do end end) end end p = nil";
    // In the midst of our own work, where nothing can be put off; and when the machine is closed.
    let source = format!("{endless} for i = 1, 3000 do cjson.decode('[1,[2,[3,{{}}]]]') end return 1");
    let reply = run_with(&mut machine, &source, (&[], &[]), |_| Vec::new());
    assert!(reply == ":1\r\n" || reply.starts_with("-ERR a finalizer ran for too long"), "{reply}");
    machine.collect();
    assert_eq!(run_with(&mut machine, &format!("{endless} return 1"), (&[], &[]), |_| Vec::new()), ":1\r\n");
}

#[test]
fn finalizers_that_run_at_the_end_meet_nothing_that_was_freed() {
    // CVE-2024-46981: the machine ends while its collector is in the midst of its work.
    let setup = crate::Setup { insecure: true, ..SETUP };
    for steps in 0..40 {
        let mut machine = Machine::new(Kind::Eval, &setup);
        let source = format!(
            "local last for i = 1, 300 do local p, t = newproxy(true), {{tostring(i), {{i}}, last}} \
             getmetatable(p).__gc = function() t[4] = table.concat({{t[1], t[2][1]}}) .. #tostring(t[3]) end \
             getmetatable(p).__index = t last = i % 3 == 0 and p or nil end \
             for i = 1, {steps} do collectgarbage('step', 0) end return 1"
        );
        assert_eq!(run_with(&mut machine, &source, (&[], &[]), |_| Vec::new()), ":1\r\n");
    }
}

#[test]
fn texts_that_grow_as_they_are_encoded_have_their_room() {
    // CVE-2022-24834: each byte becomes six.
    assert_eq!(run("return #cjson.encode(string.rep('\\0', 1000000))"), ":6000002\r\n");
    let source = "local t = {} for i = 1, 20000 do t['\\1\\2x' .. i] = string.rep('\\31', 20) end \
                  return cjson.decode(cjson.encode(t))['\\1\\2x777'] == string.rep('\\31', 20)";
    assert_eq!(run(source), ":1\r\n");
    let source = "local t = {} for i = 1, 70000 do t[i] = i end \
                  return #cmsgpack.unpack(cmsgpack.pack(t)) + #cmsgpack.unpack(cmsgpack.pack(string.rep('x', 70000)))";
    assert_eq!(run(source), ":140000\r\n");
}

#[test]
fn a_reply_holds_one_reply() {
    // CVE-2025-67733: what stands behind the end of a line would be taken for the next reply.
    for (source, reply) in [
        ("return redis.error_reply('MY a\\r\\n+OK')", "-MY a  +OK\r\n"),
        ("return {err = 'MY a\\r\\n+OK\\r\\n'}", "-MY a  +OK\r\n"),
        ("return {ok = 'a\\r\\n+OK'}", "+a  +OK\r\n"),
        ("error({err = 'MY a\\r\\n+OK'})", ""),
        ("error('a\\r\\n+OK')", ""),
        ("return redis.call('a\\r\\n+OK')", ""),
        ("return {{err = 'a\\n:1'}, redis.status_reply('b\\r:1')}", "*2\r\n-a :1\r\n+b :1\r\n"),
    ] {
        let call = |_: &[Vec<u8>]| b"-ERR no\r\n".to_vec();
        let got = run_with(&mut Machine::new(Kind::Eval, &SETUP), source, (&[], &[]), call);
        assert!(reply.is_empty() || got == reply, "{source}: {got:?}");
        let lines = got.matches("\r\n").count();
        let expected = if got.starts_with('*') { 3 } else { 1 };
        assert_eq!(lines, expected, "{source}: {got:?}");
        assert_eq!(got.matches(['\r', '\n']).count(), 2 * lines, "{source}: {got:?}");
    }
}

#[test]
fn the_stack_is_asked_for_room() {
    // CVE-2021-32626.
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    let reply = |_: &[Vec<u8>]| b"*2\r\n*1\r\n*1\r\n:1\r\n$1\r\nx\r\n".to_vec();
    for source in [
        "return #redis.call(unpack({}, 1, 7000))",
        "local t = {} for i = 1, 7990 do t[i] = 'x' end return #redis.call(unpack(t))",
        "local t = {} for i = 1, 7990 do t[i] = 'x' end return #redis.pcall(unpack(t))",
        "local t = {} for i = 1, 7990 do t[i] = 'x' end return redis.acl_check_cmd(unpack(t))",
        "local t = {} for i = 1, 7990 do t[i] = 'x' end return #cmsgpack.pack(unpack(t))",
        "local t = {} for i = 1, 7990 do t[i] = 1 end return #struct.pack(string.rep('b', 7990), unpack(t))",
        "return #{struct.unpack(string.rep('b', 7990), string.rep('x', 7990))}",
        "return #{cmsgpack.unpack(string.rep('\\1', 9000))}",
        "local function f(n) if n == 0 then return redis.call('x') end return #{f(n - 1)} end return f(150)",
        "local t = {} for i = 1, 10000 do t = {t} end return t",
    ] {
        let reply = run_with(&mut machine, source, (&[], &[]), reply);
        assert!(!reply.is_empty(), "{source}");
    }
    assert_eq!(run_with(&mut machine, "return 1", (&[], &[]), reply), ":1\r\n");
}

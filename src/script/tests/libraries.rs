//! `cjson`, `cmsgpack`, `struct`, `bit`: what they answer, and that what goes in comes out.

use super::{SETUP, run, run_with};
use crate::{Answer, Kind, Machine, Step};
use proptest::prelude::*;

#[test]
fn json() {
    for (source, reply) in [
        ("return cjson.encode({1, 2.5, 'x', true, cjson.null})", "[1,2.5,\"x\",true,null]"),
        ("return cjson.encode({})", "{}"),
        ("return cjson.encode({[1] = 1, [3] = 3})", "[1,null,3]"),
        ("return cjson.encode({a = '/\\n\\0\"'})", "{\"a\":\"\\/\\n\\u0000\\\"\"}"),
        ("return cjson.encode(1/3)", "0.33333333333333"),
        ("return cjson.encode(2^53)", "9.007199254741e+15"),
        ("return cjson.encode(cjson.decode('[1,[],{\"a\":null}]'))", "[1,{},{\"a\":null}]"),
        ("return cjson.decode('\"\\\\ud83d\\\\ude00\\\\u00e9\"')", "😀é"),
        ("return tostring(cjson.decode('1e3'))", "1000"),
        ("return tostring(cjson.decode('0x10'))", "16"),
        (
            "return select(2, pcall(cjson.encode, {[1000] = 1}))",
            "Cannot serialise table: excessively sparse array",
        ),
        (
            "cjson.encode_sparse_array(false, 2^30, 1) return select(2, pcall(cjson.encode, {[9] = 1, [5] = 1, 1, 1}))",
            "Cannot serialise table: excessively sparse array",
        ),
        ("return select(2, pcall(cjson.encode, 0/0))", "Cannot serialise number: must not be NaN or Inf"),
        ("return select(2, pcall(cjson.encode, error))", "Cannot serialise function: type not supported"),
        (
            "return select(2, pcall(cjson.decode, '[1,]'))",
            "Expected value but found T_ARR_END at character 4",
        ),
        (
            "return select(2, pcall(cjson.decode, '{\"a\"}'))",
            "Expected colon but found T_OBJ_END at character 5",
        ),
        (
            "return select(2, pcall(cjson.decode, '{1:2}'))",
            "Expected object key string but found T_NUMBER at character 2",
        ),
        (
            "return select(2, pcall(cjson.decode, '[1 2]'))",
            "Expected comma or array end but found T_NUMBER at character 4",
        ),
        (
            "return select(2, pcall(cjson.decode, 'x'))",
            "Expected value but found invalid token at character 1",
        ),
        (
            "return select(2, pcall(cjson.decode, '\"a'))",
            "Expected value but found unexpected end of string at character 3",
        ),
        (
            "return select(2, pcall(cjson.decode, '\"\\\\ud800\"'))",
            "Expected value but found invalid unicode escape code at character 2",
        ),
        (
            "return select(2, pcall(cjson.decode, '1 1'))",
            "Expected the end but found T_NUMBER at character 3",
        ),
        ("return select(2, pcall(cjson.decode))", "bad argument #1 to '?' (expected 1 argument)"),
        ("cjson.encode_number_precision(3) return cjson.encode(1/3)", "0.333"),
        ("return tostring(cjson.encode_invalid_numbers('null')) .. cjson.encode({0/0})", "null[null]"),
    ] {
        assert_eq!(run(source), format!("${}\r\n{reply}\r\n", reply.len()), "{source}");
    }
}

#[test]
fn messagepack_structs_and_bits() {
    for (source, reply) in [
        ("return cmsgpack.unpack(cmsgpack.pack({1, 2, 3}))", "*3\r\n:1\r\n:2\r\n:3\r\n"),
        ("return cmsgpack.pack({}, 1, -1, 200, 'a') == '\\144\\1\\255\\204\\200\\161a'", ":1\r\n"),
        ("return {cmsgpack.unpack_one(cmsgpack.pack(1, 2))}", "*2\r\n:1\r\n:1\r\n"),
        ("return {cmsgpack.unpack_limit(cmsgpack.pack(1, 2), 2, 0)}", "*3\r\n:-1\r\n:1\r\n:2\r\n"),
        ("return struct.pack('>I2i1', 258, -1) == '\\1\\2\\255'", ":1\r\n"),
        ("return {struct.unpack('>I2i1', '\\1\\2\\255')}", "*3\r\n:258\r\n:-1\r\n:4\r\n"),
        ("return {struct.unpack('Bc0s', '\\3abcd\\0')}", "*3\r\n$3\r\nabc\r\n$1\r\nd\r\n:7\r\n"),
        ("return struct.size('!8bd')", ":16\r\n"),
        ("return bit.bxor(0xF0F0, 0x0FF0)", ":65280\r\n"),
        ("return bit.rol(0x80000001, 1)", ":3\r\n"),
        ("return bit.arshift(-256, 4)", ":-16\r\n"),
        ("return bit.bswap(0x01020304)", ":67305985\r\n"),
        ("return math.random() == math.random()", "$-1\r\n"),
        ("math.randomseed(1) local a = math.random() math.randomseed(1) return a == math.random()", ":1\r\n"),
        ("return os.clock() * 2", ":3\r\n"),
        ("return redis.sha1hex('')", "$40\r\nda39a3ee5e6b4b0d3255bfef95601890afd80709\r\n"),
        ("return redis.error_reply('My Err')", "-My Err\r\n"),
        ("return redis.error_reply('Err')", "-ERR Err\r\n"),
        ("return redis.status_reply('fine')", "+fine\r\n"),
        ("return {redis.VALKEY_VERSION, server.SERVER_NAME}", "*2\r\n$5\r\n9.0.4\r\n$6\r\nvalkey\r\n"),
        ("return redis.acl_check_cmd('GET', 'x')", ":1\r\n"),
        ("return {redis.breakpoint(), redis.replicate_commands(), redis.debug()}", "*2\r\n$-1\r\n:1\r\n"),
    ] {
        assert_eq!(run(source), reply, "{source}");
    }
}

#[test]
fn libraries_register_functions() {
    let mut machine = Machine::new(Kind::Functions, &SETUP);
    let mut load = |code: &str| {
        machine.begin_load(code.as_bytes())?;
        while machine.resume(Answer::Go) != Step::Done {}
        machine
            .loaded()
            .map(|all| all.into_iter().map(|one| String::from_utf8(one.name).unwrap()).collect::<Vec<_>>())
    };
    assert_eq!(load("server.register_function('f', function() end)").unwrap(), ["f"]);
    let named = "redis.register_function{function_name='g', callback=function() end, flags={'no-writes'}}";
    assert_eq!(load(named).unwrap(), ["g"]);
    for (code, why) in [
        ("redis.register_function()", "wrong number of arguments to server.register_function"),
        ("redis.register_function('f', 1)", "second argument to server.register_function must be a function"),
        ("redis.register_function{function_name='f'}", "must get a callback argument"),
        ("redis.register_function{callback=function() end}", "must get a function name argument"),
        (
            "redis.register_function{function_name='f', callback=function() end, flags={'x'}}",
            "unknown flag given",
        ),
        ("redis.register_function{x=1}", "unknown argument given to server.register_function"),
        ("redis.call('GET', 'x')", "nonexistent global variable 'call'"),
        ("return math.floor(1)", "nonexistent global variable 'math'"),
        ("x = 1", "Attempt to modify a readonly table"),
        ("return 1 +", "unexpected symbol near '<eof>'"),
    ] {
        let text = String::from_utf8(load(code).unwrap_err()).unwrap();
        assert!(text.contains(why), "{code}: {text}");
    }
}

/// A Lua value of numbers, texts, booleans and tables, as source text.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<i32>().prop_map(|n| n.to_string()),
        (-1e9..1e9f64).prop_map(|n| format!("{n}")),
        "[a-z/\\\\\"]{0,6}".prop_map(|text| format!("{text:?}")),
        any::<bool>().prop_map(|b| b.to_string()),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..5).prop_map(|all| format!("{{{}}}", all.join(","))),
            prop::collection::btree_map("[a-z]{1,3}", inner, 1..5).prop_map(|all| {
                let fields: Vec<String> = all.iter().map(|(k, v)| format!("[{k:?}]={v}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

/// Compares deeply; numbers that JSON rounds to fourteen digits are close enough.
const SAME: &str = "local function same(a, b) if type(a) ~= type(b) then return false end \
    if type(a) == 'number' then return math.abs(a - b) <= 1e-9 * math.abs(a) end \
    if type(a) ~= 'table' then return a == b end \
    for k, v in pairs(a) do if not same(v, b[k]) then return false end end \
    for k in pairs(b) do if a[k] == nil then return false end end return true end ";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_is_read_back(value in value()) {
        let mut machine = Machine::new(Kind::Eval, &SETUP);
        for (write, read) in [("cjson.encode", "cjson.decode"), ("cmsgpack.pack", "cmsgpack.unpack")] {
            let source = format!("{SAME} local v = {value} return same(v, {read}({write}(v)))");
            prop_assert_eq!(run_with(&mut machine, &source, (&[], &[]), |_| Vec::new()), ":1\r\n", "{}", source);
        }
    }

    #[test]
    fn numbers_are_packed_and_unpacked(numbers in prop::collection::vec(any::<i32>(), 1..6), big in any::<bool>()) {
        let mut machine = Machine::new(Kind::Eval, &SETUP);
        let format = format!("{}!4{}", if big { ">" } else { "<" }, "bi4".repeat(numbers.len()));
        let words: Vec<String> = numbers.iter().map(|n| format!("{},{n}", n % 100)).collect();
        let words = words.join(",");
        let source = format!(
            "local a = {{{words}}} local b = {{struct.unpack('{format}', struct.pack('{format}', {words}))}} \
             for i, v in ipairs(a) do if b[i] ~= v then return i end end return struct.size('{format}') + 1 == b[#b]"
        );
        prop_assert_eq!(run_with(&mut machine, &source, (&[], &[]), |_| Vec::new()), ":1\r\n", "{}", source);
    }

    #[test]
    fn no_bytes_break_the_readers(bytes: Vec<u8>) {
        let mut machine = Machine::new(Kind::Eval, &SETUP);
        let text: String = bytes.iter().map(|byte| format!("\\{byte:03}")).collect();
        for call in ["cjson.decode", "cmsgpack.unpack", "loadstring"] {
            let source = format!("pcall({call}, '{text}') return 1");
            prop_assert_eq!(run_with(&mut machine, &source, (&[], &[]), |_| Vec::new()), ":1\r\n");
        }
        let source = format!("pcall(struct.unpack, '{text}', '{text}') pcall(struct.pack, '{text}', 1, 2, 'x') return 1");
        prop_assert_eq!(run_with(&mut machine, &source, (&[], &[]), |_| Vec::new()), ":1\r\n");
    }
}

//! Scripts and what they read: an input is run as a script, as the choices of which a hostile script is written, and read as
//! JSON, MessagePack and packed structures. Nothing may panic, hang or use more memory than it is given; afterwards what scripts
//! share is as it was, and the machine does its work as before.

use crate::hostile;
use resp::{Protocol, Reply, ReplyBuffer};
use script::{Answer, Kind, Machine, Setup, Step};

/// Words that scripts are made of.
pub const WORDS: &[&[u8]] = &[
    b"local a = ",
    b"return ",
    b"function() ",
    b" end ",
    b"if a then ",
    b"for i = 1, 9 do ",
    b"while a do ",
    b"{",
    b"}",
    b"(",
    b")",
    b"[[",
    b"]]",
    b"'",
    b"\"",
    b"a",
    b"1",
    b"..",
    b"redis.call(",
    b"redis.pcall(",
    b"'GET'",
    b",",
    b"cjson.decode(",
    b"cmsgpack.unpack(",
    b"struct.unpack(",
    b"pcall(",
    b"error(",
    b"unpack(",
    b"setmetatable(",
    b"_G",
    b"string.rep(",
    b"\xdd\xff\xff\xff\xff",
    b"\x91",
    b"\\u",
    b"null",
    b"coroutine.wrap(",
];

const SETUP: Setup = Setup {
    insecure: false,
    version: ("9.0.4", 0x0009_0004),
    redis_version: ("7.2.4", 0x0007_0204),
    name: "valkey",
};
/// What a script finds: every name that scripts share and what it is, and that it works.
const LOOK: &[u8] = b"local out, seen = {}, {} \
    local function look(t, name) if seen[t] then return end seen[t] = true \
    for k, v in pairs(t) do local full = name .. '.' .. tostring(k) out[#out + 1] = full .. '=' .. type(v) \
    if type(v) == 'table' and k ~= 'KEYS' and k ~= 'ARGV' then look(v, full) end end \
    local m = getmetatable(t) if type(m) == 'table' then look(m, name .. '!') end end \
    look(_G, '') look(getmetatable(''), 'text') table.sort(out) \
    out[#out + 1] = ('x'):upper() .. #string.rep('a', 3) .. tostring(pcall(error)) .. tostring(redis.call('x')[2]) \
    out[#out + 1] = tostring(pcall(function() new = 1 end)) .. tostring(pcall(rawset, _G, 'new', 1)) \
    return table.concat(out, ' ')";
const READ: &[u8] =
    b"local t = ARGV[1] pcall(cjson.decode, t) pcall(cmsgpack.unpack, t) pcall(struct.unpack, t, t) \
                      pcall(struct.size, t) pcall(string.find, 'aaaaaaaa', t:sub(1, 16)) return 'fine'";

/// Runs a script to its end, or ends it. Answers its reply.
fn run(machine: &mut Machine, source: &[u8], argument: &[u8]) -> Option<Vec<u8>> {
    let function = machine.compile(source, c"@user_script").ok()?;
    machine.begin(function, [].into_iter(), [argument].into_iter());
    let mut buffer = ReplyBuffer::default();
    buffer.bytes = b"*2\r\n$1\r\nx\r\n:1\r\n".to_vec();
    let mut pauses = 0;
    let mut step = machine.resume(Answer::Go);
    while step != Step::Done {
        step = match step {
            Step::Call => machine.resume(Answer::Reply(&buffer)),
            Step::Permits => machine.resume(Answer::Truth(true)),
            Step::Clock => machine.resume(Answer::Seconds(1.0)),
            Step::Pause if pauses > 5 => machine.resume(Answer::Kill("ended")),
            _ => {
                pauses += 1;
                machine.resume(Answer::Go)
            }
        };
    }
    let mut out = ReplyBuffer::default();
    machine.finish(b"name", &mut Reply::new(&mut out, Protocol::Resp3), &mut |_, _| {});
    machine.release(function);
    Some(out.bytes)
}

/// The body.
pub fn run_input(input: &[u8]) {
    let hostile = hostile::script(input);
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    machine.set_budget(64 << 20);
    let before = run(&mut machine, LOOK, b"");
    let _ = run(&mut machine, input, b"");
    let _ = run(&mut machine, hostile.as_bytes(), input);
    machine.collect();
    assert_eq!(run(&mut machine, LOOK, b""), before, "{hostile}");
    assert_eq!(run(&mut machine, READ, input).as_deref(), Some(&b"$4\r\nfine\r\n"[..]), "{hostile}");
    assert!(machine.memory() <= 96 << 20);

    // With what is insecure, scripts may change what they share, but not break out of it.
    let mut machine = Machine::new(Kind::Eval, &Setup { insecure: true, ..SETUP });
    machine.set_budget(64 << 20);
    let _ = run(&mut machine, hostile.as_bytes(), input);
    machine.collect();
    assert!(machine.memory() <= 96 << 20);
}

#[cfg(test)]
mod tests {
    use super::{Kind, LOOK, Machine, SETUP, run};
    use base::rng::Rng;

    #[test]
    fn hostile_scripts_are_mostly_well_formed() {
        let mut machine = Machine::new(Kind::Eval, &SETUP);
        machine.set_budget(64 << 20);
        assert!(run(&mut machine, LOOK, b"").unwrap().len() > 1000);
        let mut rng = Rng::seed(1);
        let well_formed = (0..100)
            .map(|_| (0..60).map(|_| rng.below(256) as u8).collect::<Vec<u8>>())
            .filter(|input| machine.compile(crate::hostile::script(input).as_bytes(), c"@s").is_ok())
            .count();
        assert!(well_formed > 95, "{well_formed} of 100");
    }
}

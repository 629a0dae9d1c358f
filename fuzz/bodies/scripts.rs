//! Scripts and what they read: an input is run as a script, and read as JSON, MessagePack and packed structures. Nothing may
//! panic, hang or use more memory than it is given; afterwards the machine must do its work as before.

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
            Step::Pause if pauses > 2 => machine.resume(Answer::Kill("ended")),
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
    let mut machine = Machine::new(Kind::Eval, &SETUP);
    machine.set_budget(64 << 20);
    let _ = run(&mut machine, input, b"");
    assert_eq!(run(&mut machine, READ, input).as_deref(), Some(&b"$4\r\nfine\r\n"[..]));
    assert!(machine.memory() <= 96 << 20);
}

//! Data that is drawn: keys of every type, of sizes about which encodings change, and items from where their forms do.

use crate::pair::Command;
use crate::words::Draw;

/// How many items a key has.
const COUNTS: &[usize] = &[1, 2, 3, 5, 16, 17, 64, 100, 127, 128, 129, 130, 500, 511, 512, 513, 600];
/// How long texts are: about where lengths, compression and encodings begin to be others.
const LENGTHS: &[usize] =
    &[0, 1, 2, 5, 11, 12, 19, 20, 21, 22, 43, 44, 45, 62, 63, 64, 65, 66, 127, 128, 200, 253, 254, 255, 256];
/// Longer ones: about the sizes of nodes, chunks and lengths of three and five bytes.
const LONG: &[usize] = &[1000, 4095, 4096, 8191, 8192, 8193, 16_383, 16_384, 40_000, 140_000];
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "12",
    "13",
    "63",
    "64",
    "127",
    "128",
    "-128",
    "-129",
    "4095",
    "4096",
    "-4096",
    "-4097",
    "32767",
    "32768",
    "-32768",
    "-32769",
    "8388607",
    "8388608",
    "-8388608",
    "-8388609",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "01",
    "-0",
    "+1",
    " 1",
    "1.5",
    "1e3",
];
const SCORES: &[&str] = &[
    "0",
    "-0.0",
    "1",
    "2.5",
    "-3",
    "inf",
    "-inf",
    "1e300",
    "-1e-300",
    "0.1",
    "3.0000000000000004",
    "4611686018427387904",
    "4611686018427387905",
    "-4611686018427387905",
    "9007199254740993",
    "123456789.125",
];
/// Far from now.
const MOMENTS: &[&str] = &["4102444800000", "4102444800001", "9000000000000"];

/// Commands that make so many keys. Streams with consumers, which note when they were seen, are called `crowd:` and a number.
pub(crate) fn data(draw: &mut Draw, keys: usize) -> Vec<Command> {
    let mut out = Writing { commands: Vec::new() };
    out.say(&[
        "FUNCTION",
        "LOAD",
        "REPLACE",
        "#!lua name=drawn\nserver.register_function('f', function() return 1 end)",
    ]);
    for number in 0..keys {
        if number % 10 == 0 {
            out.say(&["SELECT", draw.one_of(&["0", "0", "1", "9"])]);
        }
        match draw.below(8) {
            0 | 1 => string(&mut out, draw, &format!("string:{number}")),
            2 => list(&mut out, draw, &format!("list:{number}")),
            3 => set(&mut out, draw, &format!("set:{number}")),
            4 => hash(&mut out, draw, &format!("hash:{number}")),
            5 => sorted_set(&mut out, draw, &format!("zset:{number}")),
            6 => stream(&mut out, draw, &format!("stream:{number}")),
            _ => crowd(&mut out, draw, &format!("crowd:{number}")),
        }
    }
    out.say(&["SELECT", "0"]);
    out.commands
}

/// Commands being written.
struct Writing {
    commands: Vec<Command>,
}

impl Writing {
    fn say<W: AsRef<[u8]>>(&mut self, words: &[W]) {
        self.commands.push(words.iter().map(|word| word.as_ref().to_vec()).collect());
    }

    /// A command with items, some at a time.
    fn some(&mut self, head: &[&str], items: &[Vec<u8>], together: usize) {
        for items in items.chunks(together) {
            let head = head.iter().map(|word| word.as_bytes().to_vec());
            self.commands.push(head.chain(items.iter().cloned()).collect());
        }
    }
}

/// A text: a number, letters, or bytes of all kinds, which repeat or do not.
fn text(draw: &mut Draw, longest: usize) -> Vec<u8> {
    let length = if draw.below(40) == 0 { draw.one_of(LONG) } else { draw.one_of(LENGTHS) }.min(longest);
    match draw.below(6) {
        0 | 1 => draw.one_of(NUMBERS).into(),
        2 => draw.next().cast_signed().to_string().into_bytes(),
        3 => (0..length).map(|_| draw.next() as u8).collect(),
        4 => (0..length).map(|at| b"abcabdabe"[at % 9]).collect(),
        _ => (0..length).map(|_| b'a' + draw.below(3) as u8).collect(),
    }
}

/// Items that differ from each other, about as many as drawn.
fn items(draw: &mut Draw) -> Vec<Vec<u8>> {
    let count = draw.one_of(COUNTS);
    // Now and then one long item is among them, and now and then all are short.
    let longest = draw.one_of(&[8, 63, 64, 65, 300, 20_000]);
    let mut items: Vec<Vec<u8>> = match draw.below(3) {
        0 => {
            let spread = draw.one_of(&[200, 60_000, 1 << 30, 1 << 60]);
            (0..count)
                .map(|_| (draw.next() % spread) as i64 - 50)
                .map(|n| n.to_string().into_bytes())
                .collect()
        }
        1 => (0..count).map(|n| format!("item:{n}").into_bytes()).collect(),
        _ => (0..count).map(|_| text(draw, longest)).collect(),
    };
    items.sort_unstable();
    items.dedup();
    let turn = draw.below(items.len());
    items.rotate_left(turn);
    items
}

/// Perhaps the key expires.
fn time(out: &mut Writing, draw: &mut Draw, key: &str) {
    if draw.below(4) == 0 {
        out.say(&["PEXPIREAT", key, draw.one_of(MOMENTS)]);
    }
}

fn string(out: &mut Writing, draw: &mut Draw, key: &str) {
    match draw.below(6) {
        0 => out.say(&["SETRANGE", key, &draw.one_of(&[0, 100, 5000]).to_string(), "x"]),
        1 => {
            let elements = items(draw);
            out.some(&["PFADD", key], &elements, 50);
        }
        _ => out.say(&[b"SET", key.as_bytes(), &text(draw, usize::MAX)]),
    }
    time(out, draw, key);
}

fn list(out: &mut Writing, draw: &mut Draw, key: &str) {
    let items = items(draw);
    out.some(&[draw.one_of(&["RPUSH", "LPUSH"]), key], &items, 64);
    match draw.below(5) {
        0 => out.say(&[b"LSET", key.as_bytes(), b"0", &text(draw, usize::MAX)]),
        1 => out.say(&["LTRIM", key, "0", &draw.below(20).to_string()]),
        2 => out.say(&[b"LINSERT", key.as_bytes(), b"BEFORE", &items[items.len() / 2], &text(draw, 100)]),
        _ => {}
    }
    time(out, draw, key);
}

fn set(out: &mut Writing, draw: &mut Draw, key: &str) {
    let members = items(draw);
    out.some(&["SADD", key], &members, 64);
    if draw.below(3) == 0 {
        out.some(&["SREM", key], &members[..members.len() / 3], 64);
    }
    time(out, draw, key);
}

fn hash(out: &mut Writing, draw: &mut Draw, key: &str) {
    let names = items(draw);
    let longest = draw.one_of(&[10, 64, 65, 20_000]);
    let pairs: Vec<Vec<u8>> = names.iter().flat_map(|name| [name.clone(), text(draw, longest)]).collect();
    out.some(&["HSET", key], &pairs, 64);
    if draw.below(3) == 0 {
        for name in names.iter().step_by(draw.below(5) + 1) {
            let moment = draw.one_of(MOMENTS).as_bytes();
            out.say(&[b"HPEXPIREAT", key.as_bytes(), moment, b"FIELDS", b"1", name]);
        }
    }
    if draw.below(3) == 0 {
        out.some(&["HDEL", key], &names[..names.len() / 3], 64);
    }
    time(out, draw, key);
}

fn sorted_set(out: &mut Writing, draw: &mut Draw, key: &str) {
    let members = items(draw);
    let pairs: Vec<Vec<u8>> = members
        .iter()
        .flat_map(|member| {
            let score = match draw.below(3) {
                0 => draw.one_of(SCORES).to_owned(),
                1 => (draw.below(1000) as f64 / 8.0).to_string(),
                _ => draw.below(50).to_string(),
            };
            [score.into_bytes(), member.clone()]
        })
        .collect();
    out.some(&["ZADD", key], &pairs, 64);
    if draw.below(3) == 0 {
        out.some(&["ZREM", key], &members[..members.len() / 3], 64);
    }
    time(out, draw, key);
}

/// Entries whose fields are the same as those before, or others.
fn stream(out: &mut Writing, draw: &mut Draw, key: &str) {
    let count = draw.one_of(COUNTS);
    let same = draw.below(2) == 0;
    for number in 0..count {
        let id = format!("{}-{}", 1 + number / 3, number % 3 + 1);
        let field = if same { b"field".to_vec() } else { text(draw, 30) };
        out.say(&[
            b"XADD",
            key.as_bytes(),
            id.as_bytes(),
            &field,
            &text(draw, 300),
            b"n",
            number.to_string().as_bytes(),
        ]);
    }
    for _ in 0..draw.below(4) {
        let number = draw.below(count);
        out.say(&["XDEL", key, &format!("{}-{}", 1 + number / 3, number % 3 + 1)]);
    }
    match draw.below(5) {
        0 => out.say(&["XTRIM", key, "MAXLEN", &draw.below(count + 1).to_string()]),
        1 => out.say(&["XSETID", key, "9000-7", "ENTRIESADDED", "5000", "MAXDELETEDID", "8999-1"]),
        _ => {}
    }
    time(out, draw, key);
}

/// A stream with groups, consumers and what is pending.
fn crowd(out: &mut Writing, draw: &mut Draw, key: &str) {
    stream(out, draw, key);
    for group in ["g1", "g2"] {
        out.say(&["XGROUP", "CREATE", key, group, draw.one_of(&["0", "$", "2-1"])]);
        for consumer in ["alice", "bob"] {
            let count = draw.below(40).to_string();
            out.say(&["XREADGROUP", "GROUP", group, consumer, "COUNT", &count, "STREAMS", key, ">"]);
        }
        out.say(&["XACK", key, group, "1-1", "1-3", "4-2"]);
        out.say(&["XCLAIM", key, group, "carol", "0", "1-2", "2-2"]);
        out.say(&["XGROUP", "CREATECONSUMER", key, group, "idle"]);
    }
}

//! Drawing words: few keys, so that commands meet; values and numbers from where behaviour changes.

use crate::table::Row;
use base::crc64::crc64;

/// The keys that commands use.
const KEYS: &[&str] = &["a", "b", "c", "d", "{tag}e", "{tag}f", "number", "bits", ""];

/// Keys that hold sorted sets as a rule; the members of the last two have one score.
const SORTED_SETS: &[&str] = &["z1", "z2", "{tag}z", "lex1", "lex2"];

/// The keys that hold lists as a rule, so that they grow.
const LISTS: &[&str] = &["q", "{tag}q", "r"];

const INTEGERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "7",
    "10",
    "-10",
    "100",
    "255",
    "1000",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775808",
    "2147483647",
    "4294967296",
    "01",
    "+1",
    " 1",
    "1.0",
    "",
    "x",
];
/// What makes users. No user of these is ever logged in as.
const RULES: &[&str] = &[
    "on",
    "off",
    "nopass",
    "resetpass",
    ">secret",
    "<secret",
    "#ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "#ba7816",
    "skip-sanitize-payload",
    "SANITIZE-payload",
    "~*",
    "~a*",
    "~b",
    "%R~c",
    "%W~c",
    "%rw~d",
    "%~d",
    "~two words",
    "allkeys",
    "resetkeys",
    "&*",
    "&news:*",
    "&news:1",
    "allchannels",
    "resetchannels",
    "+@all",
    "-@all",
    "+@read",
    "-@READ",
    "+@write",
    "+@pubsub",
    "+@nothing",
    "+get",
    "-GET",
    "+Set",
    "+config",
    "-config|set",
    "+config|get",
    "+config|nothing",
    "+select|0",
    "+select|B",
    "-select|0",
    "+nothing",
    "nothing",
    "(+get ~a)",
    "(%R~b* +@read)",
    "( &x +publish",
    "+psubscribe )",
    "(nothing)",
    "clearselectors",
    "reset",
    "",
];
const SMALL: &[&str] = &["0", "1", "2", "3", "5", "8", "13", "21", "34", "100", "-1", "-2", "-3", "-100"];
const BIT_OFFSETS: &[&str] =
    &["0", "1", "6", "7", "8", "9", "63", "64", "100", "1000", "4095", "-1", "x", "#1", "4294967296"];
const FLOATS: &[&str] = &[
    "0",
    "1",
    "-1",
    "0.1",
    "1.5",
    "3.0e3",
    "-2.25",
    "1e-7",
    "123456789.123",
    "1e17",
    "5e-324",
    "inf",
    "nan",
    "x",
    "",
];
const SCORES: &[&str] = &[
    "0",
    "1",
    "1",
    "2",
    "3",
    "-1",
    "-0",
    "1.5",
    "0.1",
    "3.141592653589793",
    "1e10",
    "123456789012345678",
    "4611686018427387904",
    "-9223372036854775808",
    "1e300",
    "5e-324",
    "+inf",
    "-inf",
    "nan",
    "0x10",
    "1e400",
    "x",
    "",
];
const ENDS: &[&str] = &[
    "0", "1", "2", "3", "(1", "(0", "-1", "(1.5", "0.1", "-inf", "-inf", "+inf", "+inf", "(+inf", "inf",
    "1e400", "(", "", " 1", "nan", "x",
];
const LEX_ENDS: &[&str] = &[
    "-", "-", "+", "+", "[a", "(a", "[b", "(b", "[aa", "(c", "[d", "[", "(", "[1", "(m100", "[m300", "x", "",
    "a",
];
const TYPES: &[&str] = &["u1", "u2", "u8", "u16", "u63", "u64", "i1", "i5", "i8", "i33", "i64", "i65", "x"];
const VALUES: &[&str] = &[
    "",
    "v",
    "value",
    "foobar",
    "ohmytext",
    "mynewtext",
    "0",
    "1",
    "12",
    "-7",
    "3.25",
    "10000",
    "\u{ff}\u{0}\r\n",
];
/// Requests whose keys are asked for, with words parted by blanks.
const REQUESTS: &[&str] = &[
    "GET a",
    "get",
    "MSET a 1 b 2",
    "MSET a",
    "BITOP AND a b c",
    "SET a b",
    "PING",
    "COPY a b",
    "OBJECT ENCODING a",
    "OBJECT",
    "LCS a b",
    "CONFIG GET a",
    "DEL a b c",
    "nothing",
];
/// Names of commands without subcommands, as those that are not there yet are missing in ours, and without notes on their
/// keys, which are sentences.
const NAMES: &[&str] =
    &["get", "SETNX", "mset", "bitop", "bitfield_ro", "scan", "restore", "ping", "auth", "object|freq", "x"];
/// Directives whose values change nothing that is compared here.
pub(crate) const DIRECTIVES: &[&str] = &[
    "maxmemory-samples",
    "lfu-decay-time",
    "lfu-log-factor",
    "HASH-max-listpack-entries",
    "latency-tracking",
    "client-output-buffer-limit",
    "notify-keyspace-events",
    "oom-score-adj-values",
    "latency-tracking-info-percentiles",
    "repl-backlog-ttl",
    "loglevel",
    "databases",
    "nothing",
];
const SETTINGS: &[&str] = &[
    "1",
    "5",
    "0",
    "-1",
    "99999999999",
    "1mb",
    "10%",
    "yes",
    "no",
    "Kg$",
    "normal 0 0 0",
    "pubsub 32mb 8mb 60",
    "1 2 3",
    "50 99.9",
    "notice",
    "x",
    "",
];
const FIELDS: &[&str] = &["f", "g", "field", "10", "-7", "007", ""];
const PATTERNS: &[&str] = &["*", "?", "a*", "[a-c]", "{tag}*", "[^a]", "nothing", "\\a", "*b*", ""];

/// IDs of entries, and what is none.
const IDS: &[&str] =
    &["0", "5", "5-1", "5-2", "7", "7-3", "7-5", "8-0", "9-1", "9-2", "-", "+", "(5-1", "(9", "5-", "x"];
/// IDs that entries may be given: most of them grow.
const NEW_IDS: &[&str] = &["5-*", "7-*", "8-*", "8-*", "9-*", "9-*", "9-*", "5-2", "7-5", "9", "0-0", "x"];

/// Replaces what later versions take for a number no more: blanks before it, and base sixteen.
pub(crate) fn simplify_numbers(command: &mut [Vec<u8>]) {
    for word in command {
        if word.starts_with(b" ") || word.starts_with(b"0x") {
            *word = b"1".to_vec();
        }
    }
}

/// A seeded source of words.
pub(crate) struct Draw {
    state: u64,
}

impl Draw {
    /// The same seed draws the same words.
    pub(crate) fn new(seed: u64) -> Draw {
        Draw { state: seed }
    }

    /// SplitMix64.
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let n = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        n ^ n >> 31
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// Any element.
    pub(crate) fn one_of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A command of a row: its name, and a word for each part of its pattern.
    pub(crate) fn command(&mut self, row: &Row) -> Vec<Vec<u8>> {
        let mut command: Vec<Vec<u8>> = row.name.split(' ').map(|word| word.as_bytes().to_vec()).collect();
        let form = self.one_of(row.forms);
        self.expand(form, &mut command);
        // Now and then a word too few or too many.
        match self.below(60) {
            0 if command.len() > 1 => drop(command.pop()),
            1 => command.push(b"extra".to_vec()),
            _ => {}
        }
        command
    }

    /// Appends a word for each part of a form; see `table` for what the parts mean.
    fn expand(&mut self, form: &str, into: &mut Vec<Vec<u8>>) {
        for part in form.split_whitespace() {
            if part == "place" {
                into.extend([self.degree(), self.degree(), format!("p{}", self.below(40)).into_bytes()]);
                continue;
            }
            if part == "corner" {
                into.extend(
                    [60, 80]
                        .map(|most| format!("{}.5", self.below(2 * most) as i64 - most as i64).into_bytes()),
                );
                continue;
            }
            if let Some(repeated) = part.strip_suffix("...") {
                for _ in 0..=self.below(4) {
                    self.expand(&repeated.replace('+', " "), into);
                }
            } else if let Some(maybe) = part.strip_suffix('?') {
                if self.below(2) == 0 {
                    self.expand(&maybe.replace('+', " "), into);
                }
            } else if part.contains('|') {
                let choices: Vec<&str> = part.split('|').collect();
                let choice = self.one_of(&choices).replace('+', " ");
                self.expand(&choice, into);
            } else if part == "command" {
                into.extend(self.one_of(REQUESTS).split(' ').map(|word| word.as_bytes().to_vec()));
            } else {
                into.push(self.word(part));
            }
        }
    }

    fn word(&mut self, part: &str) -> Vec<u8> {
        let text = match part {
            "key" => self.one_of(KEYS),
            "int" => self.one_of(INTEGERS),
            "small" => self.one_of(SMALL),
            "bit" => self.one_of(BIT_OFFSETS),
            "float" => self.one_of(FLOATS),
            "type" => self.one_of(TYPES),
            "pattern" => self.one_of(PATTERNS),
            "db" => self.one_of(&["0", "0", "0", "1", "2", "3", "16", "-1", "x"]),
            // Times are absolute and far off, or refused: two servers that are asked one after the other must agree.
            "seconds" => self.one_of(&["0", "-1", "x", "9223372036854775807"]),
            "at" => self.one_of(&["33177117420", "33177117999", "1", "0", "-1", "x", "9223372036854775807"]),
            "atms" => self.one_of(&["33177117420000", "33177117999001", "1", "0", "-1", "x"]),
            "id" => self.one_of(IDS),
            "newid" => self.one_of(NEW_IDS),
            "team" => self.one_of(&["red", "red", "blue"]),
            "who" => self.one_of(&["ann", "ann", "bob"]),
            "name" => self.one_of(NAMES),
            "directive" => self.one_of(DIRECTIVES),
            "setting" => self.one_of(SETTINGS),
            "payload" => return self.payload(),
            "field" => self.one_of(FIELDS),
            "sketch" => self.one_of(&["h1", "h2"]),
            // Keys that nothing but a hash is written to.
            "newhash" => self.one_of(&["hash", "{tag}hash"]),
            "zkey" => return self.sorted_set_key(),
            "inkey" if self.below(3) == 0 => self.one_of(KEYS),
            "inkey" => return self.sorted_set_key(),
            "gkey" if self.below(20) == 0 => return self.sorted_set_key(),
            "gkey" => self.one_of(&["geo", "geo", "geo2"]),
            "gmember" => return format!("p{}", self.below(40)).into_bytes(),
            "degree" => return self.degree(),
            "length" => self.one_of(&["0", "1", "100", "2500", "1e7", "3000000", "0.5", "-1", "x"]),
            "unit" => self.one_of(&["m", "km", "KM", "ft", "mi", "m", "km", "yd"]),
            "smallzkey" => "z1",
            "lkey" => self.one_of(&SORTED_SETS[3..]),
            "score" => self.one_of(SCORES),
            "end" => self.one_of(ENDS),
            "lexend" => self.one_of(LEX_ENDS),
            "zmember" => return self.sorted_member(),
            "longmember" => "a member that is longer than the sixty-four bytes that a small set takes",
            "timeout" => self.one_of(&["0.001", "-1", "x", "inf"]),
            "value" => return self.value(),
            "member" => return self.member(),
            "person" => self.one_of(&["amy", "amy", "joe", "nobody", "two words"]),
            "rule" => self.one_of(RULES),
            "channel" => self.one_of(&["news:1", "news:*", "x", ""]),
            "queue" => self.one_of(LISTS),
            literal => literal,
        };
        text.as_bytes().to_vec()
    }

    /// A member of a collection: one of few, so that they meet, and now and then one that changes an encoding.
    fn member(&mut self) -> Vec<u8> {
        match self.below(24) {
            0 => vec![b'm'; self.one_of(&[63, 64, 65, 300])],
            1 => self.next().cast_signed().to_string().into_bytes(),
            2..9 => self.below(400).to_string().into_bytes(),
            9..14 => (self.below(40) as i64 * 10_000 - 200_000).to_string().into_bytes(),
            14..22 => format!("m{}", self.below(60)).into_bytes(),
            _ => self.value(),
        }
    }

    /// What RESTORE takes: a short string, of this version of the format or another, now and then damaged.
    fn payload(&mut self) -> Vec<u8> {
        let value = self.one_of(VALUES).as_bytes();
        let kind = self.one_of(&[0, 0, 0, 0, 0, 0, 8, 23, 255]);
        let version: u16 = self.one_of(&[80, 80, 80, 80, 11, 1, 12, 79, 81, 0]);
        let mut payload = [&[kind, value.len() as u8], value, &version.to_le_bytes()].concat();
        payload.extend(crc64(&payload).to_le_bytes());
        if self.below(10) == 0 {
            let at = self.below(payload.len());
            payload[at] ^= 1;
        }
        payload
    }

    /// Keys that hold sorted sets as a rule, so that they grow.
    fn sorted_set_key(&mut self) -> Vec<u8> {
        let key = if self.below(20) == 0 { self.one_of(KEYS) } else { self.one_of(&SORTED_SETS[..3]) };
        key.as_bytes().to_vec()
    }

    fn sorted_member(&mut self) -> Vec<u8> {
        match self.below(8) {
            0 => self.value(),
            1 => (self.below(400) as i64 - 200).to_string().into_bytes(),
            2 => format!("m{:03}", self.below(500)).into_bytes(),
            _ => self.one_of(&["a", "b", "c", "d", "e", "aa", "ab", "", "0", "1", "12"]).as_bytes().to_vec(),
        }
    }

    /// A longitude or, mostly, a latitude too.
    fn degree(&mut self) -> Vec<u8> {
        match self.below(12) {
            0 => self
                .one_of(&["180", "-180", "85.05112878", "-85.05112878", "90", "181", "x", "0"])
                .as_bytes()
                .to_vec(),
            1 => format!("{}", self.below(340) as f64 - 170.0).into_bytes(),
            _ => format!("{}", (self.below(1_600_000) as f64 - 800_000.0) / 10_000.0).into_bytes(),
        }
    }

    fn value(&mut self) -> Vec<u8> {
        match self.below(8) {
            0 => {
                let length = self.one_of(&[1, 20, 44, 45, 64, 200, 5000]);
                (0..length).map(|_| self.next() as u8).collect()
            }
            1 => self.next().to_string().into_bytes(),
            _ => self.one_of(VALUES).as_bytes().to_vec(),
        }
    }
}

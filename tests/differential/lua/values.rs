//! Values as scripts write them: numbers where conversions change, texts, tables of every shape, JSON, packed bytes.

use super::Scribe;
use crate::words;

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "3",
    "3.0",
    "0.1",
    "-0.5",
    "2.5",
    "3.99",
    "-3.99",
    "1/3",
    "1e14",
    "123456789012345",
    "1e15",
    "1e17",
    "1e100",
    "-1e300",
    "5e-324",
    "1e-7",
    "0/0",
    "1/0",
    "-1/0",
    "0*-1",
    "127",
    "128",
    "-128",
    "-129",
    "255",
    "256",
    "-32768",
    "-32769",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "4294967295",
    "4294967296",
    "2^51",
    "2^53",
    "2^53+1",
    "2^63",
    "-2^63",
    "2^64",
    "9223372036854775807",
    "99999999999999999999",
    "0x10",
    "1.5e3",
];
const TEXTS: &[&str] = &[
    "",
    "a",
    "value",
    "10",
    " 10 ",
    "-7",
    "3.25",
    "0x1F",
    "1e3",
    "nan",
    "inf",
    "true",
    "two words",
    "line\r\nline",
    "quote\"quote",
    "back\\slash",
    "a/b",
    "\u{0}",
    "a\u{0}b",
    "\u{1}\u{1f}\u{7f}",
    "\u{e9}\u{20ac}\u{1f600}",
    "-ERR text",
    "$5",
];
/// Texts that replies are made of.
const REPLIES: &[&str] = &[
    "OK",
    "",
    "ERR",
    "ERR text",
    "-ERR text",
    "MY text",
    "text",
    "-",
    " text",
    "two  words",
    "\r\n",
    "ERR \r\ntext\r\n",
    "ERR a\r\nb",
    "a\u{0}b",
    "CODE ",
];
const PATTERNS: &[&str] = &[
    ".", "%a", "%d", "%s", "%w+", "%W", "[a-c]", "[^%s]", "[%w_]", "a", "e", "l", "o", "(", ")", "()", "(.)",
    "(%a+)", "*", "+", "-", "?", "^", "$", "%b()", "%1", "%f[%w]", "[", "]", "%", "%z", "%%",
];
const LITERALS: &[&str] = &[
    "null",
    "true",
    "false",
    "nul",
    "1",
    "-1",
    "0",
    "01",
    "-",
    "+1",
    "1.5",
    "1.",
    ".5",
    "1e5",
    "1E-2",
    "0x1F",
    "1e400",
    "NaN",
    "nan",
    "Infinity",
    "-inf",
    "123456789012345678901234567890",
    "9007199254740993",
];
const ESCAPES: &[&str] = &[
    "a",
    "bc",
    "\\n",
    "\\t",
    "\\\"",
    "\\\\",
    "\\/",
    "\\b",
    "\\f",
    "\\r",
    "\\u0041",
    "\\u00e9",
    "\\u20AC",
    "\\ud83d\\ude00",
    "\\ud83d",
    "\\ude00",
    "\\u12",
    "\\x",
    "\\u0000",
    "\u{e9}",
    "\t",
];

/// A text as a script quotes it.
pub(super) fn quoted(text: &[u8]) -> String {
    let mut out = String::from("'");
    for &byte in text {
        match byte {
            b'\'' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03}")),
        }
    }
    out.push('\'');
    out
}

impl Scribe<'_> {
    pub(super) fn number(&mut self) -> String {
        match self.draw.below(8) {
            0 => (self.draw.below(2000) as i64 - 1000).to_string(),
            1 => self.draw.next().cast_signed().to_string(),
            2 => {
                format!("{:e}", f64::from_bits(self.draw.next())).replace("NaN", "0/0").replace("inf", "1/0")
            }
            3 => format!("{}", self.draw.below(1_000_000) as f64 / 1000.0),
            _ => self.draw.one_of(NUMBERS).to_owned(),
        }
    }

    pub(super) fn bytes(&mut self) -> Vec<u8> {
        match self.draw.below(8) {
            0 => {
                let length = self.draw.one_of(&[1, 4, 8, 16, 33, 80]);
                (0..length).map(|_| self.draw.next() as u8).collect()
            }
            1 => vec![b'x'; self.draw.one_of(&[31, 32, 127, 255, 256, 300])],
            _ => {
                let mut text = [self.draw.one_of(TEXTS).as_bytes().to_vec()];
                if self.across_versions {
                    words::simplify_numbers(&mut text);
                }
                text.concat()
            }
        }
    }

    pub(super) fn text(&mut self) -> String {
        quoted(&self.bytes())
    }

    /// A text that replies are made of.
    pub(super) fn reply(&mut self) -> String {
        let reply = self.draw.one_of(REPLIES);
        let is_blank = reply == "\r\n";
        quoted(if self.across_versions && is_blank { "ERR" } else { reply }.as_bytes())
    }

    /// A table, of values that are tables in turn while there is depth left.
    pub(super) fn table(&mut self) -> String {
        match self.draw.below(4) {
            0 => self.array(),
            1 => self.special(),
            _ => {
                let fields: Vec<String> = (0..self.draw.below(4))
                    .map(|_| match self.draw.below(4) {
                        0 => self.any(),
                        1 => format!("[{}]={}", self.plain(), self.any()),
                        _ => format!("{}={}", self.draw.one_of(&["x", "y", "ok", "err", "map"]), self.any()),
                    })
                    .collect();
                format!("{{{}}}", fields.join(","))
            }
        }
    }

    /// A list, now and then with holes.
    pub(super) fn array(&mut self) -> String {
        let items: Vec<String> = (0..self.draw.below(5)).map(|_| self.any()).collect();
        format!("{{{}}}", items.join(","))
    }

    /// A list with large holes.
    pub(super) fn sparse(&mut self) -> String {
        let fields: Vec<String> = (0..self.draw.below(6))
            .map(|_| {
                format!(
                    "[{}]={}",
                    self.draw.one_of(&["1", "2", "3", "5", "9", "12", "40", "1.5", "0", "-1"]),
                    self.plain()
                )
            })
            .collect();
        format!("{{{}}}", fields.join(","))
    }

    /// Tables within tables.
    pub(super) fn deep(&mut self) -> String {
        let depth = self.draw.one_of(&[1, 3, 9, 15, 16, 17, 18, 40]);
        let (open, close) = self.draw.one_of(&[("{", "}"), ("{x=", "}"), ("{1,", "}")]);
        format!("{}{}{}", open.repeat(depth), self.plain(), close.repeat(depth))
    }

    /// A table that stands for something else when it is replied.
    pub(super) fn special(&mut self) -> String {
        match self.draw.below(9) {
            0 => format!("{{ok={}}}", self.reply()),
            1 => format!("{{err={}}}", self.reply()),
            2 => format!("{{err={},ignore_error_stats_update={}}}", self.reply(), self.plain()),
            3 => format!("{{double={}}}", self.number()),
            4 => format!("{{map={}}}", self.table()),
            5 => format!("{{set={}}}", self.table()),
            6 => format!(
                "{{big_number={}}}",
                self.draw.one_of(&["'123'", "'-99999999999999999999'", "'x'", "'1\\r\\n2'", "5"])
            ),
            7 => format!(
                "{{verbatim_string={{format={},string={}}}}}",
                self.draw.one_of(&["'txt'", "'mkdn'", "''", "'a'", "5"]),
                self.text()
            ),
            _ => {
                let names = ["ok", "err", "double", "map", "set", "verbatim_string", "big_number"];
                // A later version ends a big number where a zero byte is.
                let name = self.draw.one_of(&names[..names.len() - usize::from(self.across_versions)]);
                format!("{{{name}={}}}", self.any())
            }
        }
    }

    pub(super) fn pattern(&mut self) -> String {
        let parts: String = (0..self.draw.below(5)).map(|_| self.draw.one_of(PATTERNS)).collect();
        quoted(parts.as_bytes())
    }

    /// A format and its arguments.
    pub(super) fn format(&mut self) -> String {
        let (mut format, mut arguments) = (String::new(), String::new());
        for _ in 0..=self.draw.below(3) {
            let flags = self.draw.one_of(&[
                "", "", "", "-", "0", "+", " ", "#", "5", "05", "-8", ".3", "8.2", ".0", "123", "#+-0 #",
            ]);
            let kind = self.draw.one_of(&[
                "d", "i", "u", "x", "X", "o", "c", "e", "f", "g", "G", "s", "s", "q", "%", "y", "",
            ]);
            format.push_str(&format!("{}%{flags}{kind}", self.draw.one_of(&["", "a", " "])));
            arguments.push(',');
            let argument = match kind {
                "s" | "q" => self.text(),
                "c" => self.draw.below(256).to_string(),
                _ => self.number(),
            };
            arguments.push_str(&argument);
        }
        quoted(format.as_bytes()) + &arguments
    }

    /// How `struct` lays bytes out.
    pub(super) fn layout(&mut self) -> String {
        const PARTS: &[&str] = &[
            "<",
            ">",
            "=",
            "!",
            "!4",
            "!8",
            "!3",
            "!16",
            "b",
            "B",
            "h",
            "H",
            "i",
            "I",
            "i1",
            "i3",
            "I8",
            "i9",
            "I16",
            "i32",
            "l",
            "L",
            "T",
            "f",
            "d",
            "s",
            "c0",
            "c3",
            "c",
            "x",
            "Bc0",
            " ",
            "z",
            "c999999999999",
            "i33",
        ];
        let parts: String = (0..=self.draw.below(4)).map(|_| self.draw.one_of(PARTS)).collect();
        quoted(parts.as_bytes())
    }

    /// A JSON text, now and then damaged.
    pub(super) fn json(&mut self) -> Vec<u8> {
        let mut text = String::new();
        self.json_value(&mut text, 4);
        let mut bytes = text.into_bytes();
        match self.draw.below(8) {
            0 if !bytes.is_empty() => bytes.truncate(self.draw.below(bytes.len())),
            1 if !bytes.is_empty() => {
                let at = self.draw.below(bytes.len());
                bytes[at] = self.draw.one_of(b"{}[]\",: \x00\xff1e-.");
            }
            2 => bytes.extend_from_slice(self.draw.one_of(&[" ", "x", "}", ",1", "\0"]).as_bytes()),
            _ => {}
        }
        bytes
    }

    fn json_value(&mut self, out: &mut String, depth: usize) {
        let blank = self.draw.one_of(&["", "", "", " ", "\n"]);
        match self.draw.below(if depth > 0 { 6 } else { 3 }) {
            0 | 1 => out.push_str(self.draw.one_of(LITERALS)),
            2 => self.json_text(out),
            3 | 4 => {
                out.push('[');
                for number in 0..self.draw.below(4) {
                    out.push_str(if number > 0 { "," } else { blank });
                    self.json_value(out, depth - 1);
                }
                out.push_str(blank);
                out.push(']');
            }
            _ => {
                out.push('{');
                for number in 0..self.draw.below(4) {
                    out.push_str(if number > 0 { "," } else { blank });
                    self.json_text(out);
                    out.push(':');
                    self.json_value(out, depth - 1);
                }
                out.push('}');
            }
        }
    }

    fn json_text(&mut self, out: &mut String) {
        out.push('"');
        for _ in 0..self.draw.below(4) {
            out.push_str(self.draw.one_of(ESCAPES));
        }
        out.push('"');
    }

    /// Packed bytes, now and then damaged.
    pub(super) fn packed(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..self.draw.one_of(&[1, 1, 1, 2, 3]) {
            self.packed_value(&mut bytes, 3);
        }
        match self.draw.below(6) {
            0 => bytes.truncate(self.draw.below(bytes.len() + 1)),
            1 => {
                let at = self.draw.below(bytes.len());
                bytes[at] = self.draw.next() as u8;
            }
            _ => {}
        }
        bytes
    }

    fn packed_value(&mut self, out: &mut Vec<u8>, depth: usize) {
        let count = self.draw.below(4) as u8;
        match self.draw.below(if depth > 0 { 12 } else { 7 }) {
            0 => out.push(self.draw.one_of(&[0, 1, 0x7f, 0xe0, 0xff, 0xc0, 0xc2, 0xc3])),
            1 => {
                let (tag, width) = self.draw.one_of(&[
                    (0xcc, 1),
                    (0xcd, 2),
                    (0xce, 4),
                    (0xcf, 8),
                    (0xd0, 1),
                    (0xd1, 2),
                    (0xd2, 4),
                    (0xd3, 8),
                ]);
                out.push(tag);
                out.extend((0..width).map(|_| self.draw.one_of(&[0, 1, 0x7f, 0x80, 0xff])));
            }
            2 => {
                out.push(0xcb);
                out.extend(f64::from_bits(self.draw.next()).to_be_bytes());
            }
            3 => {
                out.push(0xca);
                out.extend((self.draw.below(1000) as f32 / 8.0).to_be_bytes());
            }
            4 => out.extend([&[0xa0 + count], &b"text"[..usize::from(count)]].concat()),
            5 => out
                .extend([&[self.draw.one_of(&[0xd9, 0xc4]), count], &b"text"[..usize::from(count)]].concat()),
            6 => out.push(self.draw.one_of(&[0xc1, 0xc7, 0xd4, 0xdb, 0xdd, 0xdf, 0xda, 0xc5])),
            7..10 => {
                out.extend(self.draw.one_of(&[
                    &[0x90 + count][..],
                    &[0xdc, 0, count],
                    &[0xdd, 0, 0, 0, count],
                ]));
                (0..count).for_each(|_| self.packed_value(out, depth - 1));
            }
            _ => {
                out.extend(self.draw.one_of(&[
                    &[0x80 + count][..],
                    &[0xde, 0, count],
                    &[0xdf, 0, 0, 0, count],
                ]));
                for _ in 0..count {
                    // Tables as keys would come in the order of their addresses.
                    self.packed_value(out, 0);
                    self.packed_value(out, depth - 1);
                }
            }
        }
    }
}

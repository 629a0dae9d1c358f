//! Drawing scripts: what they compute, what they call, what they return, and how they fail.
//!
//! A script is an expression or a few statements over drawn values. What it comes to is replied as it is, or written out by
//! `show`, with every digit, where a reply would hide it. No script
//! runs for long, asks for the time or for chance, or shows an address.

mod functions;
mod values;

use crate::pair::Command;
use crate::table::Row;
use crate::words::{self, Draw};
use functions::{Function, LIBRARIES, PLAIN, SWITCHES};
use values::quoted;

/// What scripts find before their own text: `show`, and chance that is none.
pub(crate) const PRELUDE: &str = "local function show(v, d) d = d or 0 local t = type(v) if t == 'number' then return string.format('%.17g', v) \
    elseif t == 'string' then return string.format('%q', v) elseif t ~= 'table' then return t == 'boolean' and tostring(v) or t end \
    if d > 5 then return '...' end local s = {} for k, x in pairs(v) do s[#s + 1] = show(k, d + 1) .. '=' .. show(x, d + 1) end \
    table.sort(s) return '{' .. table.concat(s, ',') .. '}' end \
    local function seeded(n, ...) math.randomseed(n) return math.random(...), math.random() end ";

/// Words of scripts that mostly make no sense. None of them begins a loop that might not end.
const SOUP: &[&str] = &[
    "local",
    "a",
    "b",
    "=",
    "==",
    "~=",
    "1",
    "0x",
    "1e",
    "'x'",
    "\"",
    "[[",
    "]]",
    "[=[",
    "--",
    "--[[x]]",
    "\n",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ";",
    ",",
    ".",
    "..",
    "...",
    "+",
    "-",
    "*",
    "/",
    "^",
    "%",
    "#",
    "not",
    "and",
    "or",
    "nil",
    "true",
    "false",
    "function",
    "end",
    "if",
    "then",
    "else",
    "elseif",
    "for",
    "in",
    "do",
    "return",
    "return",
    "break",
    "until",
    "goto",
    "redis.call",
    "KEYS",
    "KEYS[1]",
    "ARGV",
    "cjson",
    "pairs(",
    "'\\300'",
    "'\\x'",
    "\u{1}",
    "$",
    "a.b",
    "a:b()",
    "3.4.5",
    "local function a()",
];

/// Commands whose replies come in no order, or of which each server tells differently.
pub(crate) const LEFT_OUT: &[&str] = &[
    "SMEMBERS",
    "SINTER",
    "SUNION",
    "SDIFF",
    "SSCAN",
    "HGETALL",
    "HKEYS",
    "HVALS",
    "HSCAN",
    "ZSCAN",
    "KEYS",
    "SCAN",
    "CONFIG GET",
    // To a key of another type the reference sends half an answer, behind which scripts cannot call any more.
    "HPERSIST",
    "COMMAND LIST FILTERBY",
    "COMMAND INFO",
    "ZRANDMEMBER",
    "SORT",
    "SORT_RO",
    "DUMP",
];

/// What draws scripts.
pub(crate) struct Scribe<'a> {
    draw: &'a mut Draw,
    rows: &'a [&'a Row],
    /// How much deeper what is drawn may nest.
    depth: usize,
    /// Whether there are variables to be named.
    variables: bool,
    /// Whether a later version is to answer as ours does.
    across_versions: bool,
}

impl<'a> Scribe<'a> {
    /// Draws scripts that call these commands.
    pub(crate) fn new(draw: &'a mut Draw, rows: &'a [&'a Row]) -> Scribe<'a> {
        Scribe { draw, rows, depth: 0, variables: false, across_versions: false }
    }

    /// Draws nothing that a later version answers otherwise: numbers that it does not take for some, subcommands that there
    /// are not, which it names in another error, words in the place of `FIELDS`, errors without a text.
    pub(crate) fn across_versions(self) -> Scribe<'a> {
        Scribe { across_versions: true, ..self }
    }

    /// Commands that run one script, and make ready for it.
    pub(crate) fn next(&mut self) -> Vec<Command> {
        if self.draw.below(40) == 0 {
            return self.function_of_library();
        }
        let source = self.source();
        let name = if self.draw.below(12) == 0 { "EVAL_RO" } else { "EVAL" };
        vec![self.with_keys(&[name.as_bytes(), source.as_bytes()])]
    }

    /// A library with a function, and its call.
    fn function_of_library(&mut self) -> Vec<Command> {
        let body = self.source();
        let head = self.draw.one_of(&[
            "#!lua name=lib",
            "#!lua name=lib",
            "#!lua name=lib other=x",
            "#!lua",
            "#!js name=lib",
            "#!lua name=lib,x",
        ]);
        let flags = self.draw.one_of(&["", "'no-writes'", "'allow-oom','no-writes'", "'nothing'", "5"]);
        // While a library is loaded, 9.1.2 dies of what is said to its log.
        let registered = match self.draw.below(if self.across_versions { 2 } else { 4 }) {
            0 => format!("redis.register_function('f', function(KEYS, ARGV) {body}\nend)"),
            1 => format!(
                "server.register_function{{function_name='f', callback=function(KEYS, ARGV) {body}\nend, flags={{{flags}}}}}"
            ),
            2 => format!("redis.register_function({}, {})", self.any(), self.any()),
            _ => body,
        };
        let code = format!("{head}\n{registered}");
        let load = ["FUNCTION", "LOAD", "REPLACE", &code].map(|word| word.as_bytes().to_vec());
        let name = self.draw.one_of(&["FCALL", "FCALL", "FCALL_RO"]);
        let function = self.draw.one_of(&["f", "f", "F", "g"]);
        let call = self.with_keys(&[name.as_bytes(), function.as_bytes()]);
        vec![load.to_vec(), call]
    }

    /// A command with the number of its keys, keys and arguments behind it.
    fn with_keys(&mut self, words: &[&[u8]]) -> Command {
        let mut command: Command = words.iter().map(|word| word.to_vec()).collect();
        let keys = self.draw.below(3);
        let count = match self.draw.below(60) {
            0 => self.draw.one_of(&["-1", "x", "9", ""]).to_owned(),
            _ => keys.to_string(),
        };
        command.push(count.into_bytes());
        command.extend((0..keys).map(|_| self.draw.one_of(&["a", "b", "q", "z1"]).as_bytes().to_vec()));
        command.extend((0..self.draw.below(3)).map(|_| self.bytes()).collect::<Vec<_>>());
        command
    }

    /// A script.
    fn source(&mut self) -> String {
        self.depth = 2;
        self.variables = false;
        let head = self.draw.one_of(&[
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
            "#!lua\n",
            "#!lua flags=no-writes\n",
            "#!lua flags=nothing\n",
            "#!lua x\n",
        ]);
        let version = self.draw.one_of(&["", "", "redis.setresp(2) ", "redis.setresp(3) "]);
        let text = match self.draw.below(24) {
            0..4 => format!("return {}", self.any()),
            4..9 => self.calling(),
            9..18 => {
                let call = self.call_of(LIBRARIES);
                self.returned(&call)
            }
            18..20 => {
                let call = self.call_of(PLAIN);
                self.returned(&call)
            }
            20 => {
                let (switch, call) = (self.call_of(SWITCHES), self.call_of(&LIBRARIES[..8]));
                let both = format!("pcall(function() return {switch} end), {call}");
                self.returned(&both)
            }
            21 => self.soup(),
            22 => self.failing(),
            _ => self.program(),
        };
        let prelude = if text.contains("show(") || text.contains("seeded(") { PRELUDE } else { "" };
        format!("{head}{version}{prelude}{text}")
    }

    /// Returns what an expression comes to: as a reply, or written out.
    fn returned(&mut self, expression: &str) -> String {
        match self.draw.below(4) {
            0 => format!("return {expression}"),
            1 => format!("return {{{expression}}}"),
            2 => format!("return show({{pcall(function() return {expression} end)}})"),
            _ => format!("return show({{{expression}}})"),
        }
    }

    /// A script that calls commands.
    fn calling(&mut self) -> String {
        let how = self.draw.one_of(&["redis.call", "redis.call", "server.call", "redis.pcall"]);
        let calls: Vec<String> =
            (0..=self.draw.below(2)).map(|_| format!("{how}({})", self.command())).collect();
        let calls = calls.join(",");
        match self.draw.below(8) {
            0..3 => format!("return {calls}"),
            3 => format!("return {{{calls}}}"),
            4 => format!("local t = {{{calls}}} return cjson.encode(t)"),
            5 => format!("local t = redis.call('SMEMBERS', 'a') table.sort(t) return {{t, {calls}}}"),
            6 => format!("return {{pcall(function() return {calls} end)}}"),
            _ => format!("return show({{{calls}}})"),
        }
    }

    /// The words of a command as a script names them.
    fn command(&mut self) -> String {
        let row = self.draw.one_of(self.rows);
        let mut words = self.draw.command(row);
        if self.across_versions {
            words::simplify_numbers(&mut words);
        }
        let name = row.name.split(' ').count();
        // A time to live stays what it is: a short one would be over for one server and not for the other. So do the scores of
        // sets that are asked for ranges of texts, which mean something where all scores are the same; and how much memory a key takes
        // is for each server to say.
        let kept = row.name == "MEMORY USAGE"
            || row.forms.iter().any(|form| form.contains("seconds"))
            || words.iter().any(|word| word.starts_with(b"lex"));
        let words: Vec<String> = words
            .iter()
            .enumerate()
            .map(|(at, word)| {
                let is_fixed = at < name || word.as_slice() == b"FIELDS";
                let kept = kept || self.across_versions && is_fixed;
                let is_number = std::str::from_utf8(word)
                    .is_ok_and(|text| text.parse::<i64>().is_ok() && !text.starts_with('+'));
                match self.draw.below(60) {
                    0..4 if kept => quoted(word),
                    0 => self.any(),
                    1 => "KEYS[1]".to_owned(),
                    2 => "ARGV[1]".to_owned(),
                    3 => self.number(),
                    4..20 if is_number => String::from_utf8_lossy(word).into_owned(),
                    _ => quoted(word),
                }
            })
            .collect();
        words.join(",")
    }

    /// Words in any order.
    fn soup(&mut self) -> String {
        let words: Vec<&str> = (0..self.draw.below(14)).map(|_| self.draw.one_of(SOUP)).collect();
        words.join(" ")
    }

    /// A script that fails, here or further down.
    fn failing(&mut self) -> String {
        let failure = match self.draw.below(6) {
            0 => format!("error({})", self.special()),
            1 => format!("error({}, {})", self.plain(), self.draw.one_of(&["0", "1", "2", "3"])),
            2 => format!("local x = {} return x.y.z", self.any()),
            3 => format!("local x = {} return x + {}", self.any(), self.any()),
            4 => format!("return redis.call({})", self.command()),
            _ => format!("redis.nothing({})", self.any()),
        };
        match self.draw.below(5) {
            0 => format!("local function f() {failure} end\nf()"),
            1 => format!("return {{pcall(function() {failure} end)}}"),
            2 => format!("return show({{pcall(function()\n{failure} end)}})"),
            3 => format!(
                "local ok, e = pcall(function() {failure} end) if type(e) == 'table' then return e end return redis.error_reply(e)"
            ),
            _ => failure,
        }
    }

    /// A few statements over a few variables.
    fn program(&mut self) -> String {
        let mut text = format!("local a, b, t = {}, {}, {}\n", self.any(), self.any(), self.array());
        self.variables = true;
        for _ in 0..self.draw.below(4) {
            self.depth = 1;
            let statement = match self.draw.below(9) {
                0 => format!("a = {} ", self.any()),
                1 => format!("t[{}] = {} ", self.plain(), self.any()),
                2 => format!("if {} then b = {} else t = {} end ", self.any(), self.any(), self.any()),
                3 => format!("for i = {}, 3 do t[i] = {} end\n", self.draw.below(4), self.any()),
                4 => format!("for k, v in pairs(t) do a = {{k, v, a}} b = {} end ", self.any()),
                5 => format!("table.insert(t, ({})) b = table.remove(t) ", self.any()),
                6 => "table.sort(t) ".to_owned(),
                7 => format!(
                    "for w in string.gmatch({}, {}) do t[#t + 1] = w end ",
                    self.text(),
                    self.pattern()
                ),
                _ => format!(
                    "local function f(...) return select({}, ...) end t = {{f(t, {})}} ",
                    self.draw.below(4),
                    self.any()
                ),
            };
            text.push_str(&statement);
        }
        text.push_str(self.draw.one_of(&[
            "return {a, b, t}",
            "return show({a, b, t})",
            "return show(t)",
            "return t",
        ]));
        text
    }

    /// A call of one of these.
    fn call_of(&mut self, functions: &[Function]) -> String {
        let (name, kinds) = self.draw.one_of(functions);
        let mut arguments = Vec::new();
        for kind in kinds.split_whitespace() {
            if let Some(kind) = kind.strip_suffix("...") {
                (0..self.draw.below(4)).for_each(|_| arguments.push(self.argument(kind)));
            } else if let Some(kind) = kind.strip_suffix('?') {
                if self.draw.below(2) == 0 {
                    arguments.push(self.argument(kind));
                }
            } else {
                arguments.push(self.argument(kind));
            }
        }
        match self.draw.below(40) {
            0 => drop(arguments.pop()),
            1 => arguments.push(self.any()),
            _ => {}
        }
        format!("{name}({})", arguments.join(","))
    }

    /// An argument of a kind.
    fn argument(&mut self, kind: &str) -> String {
        // Now and then one of another kind; but how often a text is repeated is memory.
        if kind != "times" && self.draw.below(40) == 0 {
            return self.any();
        }
        match kind {
            "times" => {
                self.draw.one_of(&["0", "1", "3", "-1", "2.9", "'2'", "nil", "'x'", "0/0", "1/0"]).to_owned()
            }
            "any" => self.any(),
            "plain" => self.plain(),
            "number" => self.number(),
            "small" => self
                .draw
                .one_of(&["0", "1", "2", "3", "4", "8", "16", "-1", "-2", "40", "1.5", "'2'"])
                .to_owned(),
            "bool" => self.draw.one_of(&["true", "false", "nil"]).to_owned(),
            "choice" => self.draw.one_of(&["true", "false", "'null'", "'on'", "'off'", "'x'"]).to_owned(),
            "text" | "short" => self.text(),
            "bytes" => match self.draw.below(3) {
                0 => self.call_of(&[("struct.pack", "layout number...")]),
                _ => self.text(),
            },
            "numeric" => self
                .draw
                .one_of(&[
                    "'10'",
                    "'0x1f'",
                    "' 7 '",
                    "'zz'",
                    "'1e3'",
                    "'1 0'",
                    "''",
                    "'-11'",
                    "'7fffffff'",
                    "10",
                ])
                .to_owned(),
            "reply" => self.reply(),
            "table" => self.table(),
            "array" => self.array(),
            "sparse" => self.sparse(),
            "deep" => self.deep(),
            "special" => self.special(),
            "function" => format!("function(...) return {} end", self.any()),
            "pattern" => self.pattern(),
            "replacement" => match self.draw.below(3) {
                0 => format!("function(...) return {} end", self.plain()),
                1 => self.table(),
                _ => self.draw.one_of(&["'x'", "'%1'", "'%0%0'", "'%'", "'%2'", "''", "'%%'"]).to_owned(),
            },
            "format" => self.format(),
            "layout" => self.layout(),
            "json" => quoted(&self.json()),
            "packed" => match self.draw.below(3) {
                0 => format!("cmsgpack.pack({})", self.any()),
                _ => quoted(&self.packed()),
            },
            "command" => self.command(),
            "source" => quoted(self.soup().as_bytes()),
            literal => literal.to_owned(),
        }
    }

    /// A value that is no table.
    fn plain(&mut self) -> String {
        match self.draw.below(8) {
            0 => self.draw.one_of(&["nil", "true", "false"]).to_owned(),
            1..4 => self.number(),
            _ => self.text(),
        }
    }

    /// Any value.
    fn any(&mut self) -> String {
        if self.depth == 0 {
            return self.plain();
        }
        self.depth -= 1;
        let text = match self.draw.below(24) {
            0..9 => self.plain(),
            9..13 => self.table(),
            13 => self.special(),
            14 => self.array(),
            15..17 => self.call_of(LIBRARIES),
            17 => self.call_of(PLAIN),
            18 => self
                .draw
                .one_of(&[
                    "KEYS",
                    "ARGV",
                    "KEYS[1]",
                    "ARGV[1]",
                    "cjson.null",
                    "#ARGV",
                    "redis.REPL_ALL",
                    "_VERSION",
                    "cjson._VERSION",
                ])
                .to_owned(),
            19 => format!("redis.pcall({})", self.command()),
            20 => format!(
                "{}{}{}",
                self.operand(),
                self.draw.one_of(&["+", "-", "*", "/", "%", "^", "..", "==", "<", "<=", " and ", " or "]),
                self.operand()
            ),
            21 => format!("{}{}", self.draw.one_of(&["-", "not ", "#"]), self.operand()),
            22 => self
                .draw
                .one_of(&["print", "string.len", "redis.call", "function() end", "coroutine.create(print)"])
                .to_owned(),
            _ => self.plain(),
        };
        self.depth += 1;
        text
    }

    fn operand(&mut self) -> String {
        if self.variables && self.draw.below(3) > 0 {
            // A table must not come to hold itself: a reply of two such would never end.
            return self.draw.one_of(&["a", "b", "#t", "t[1]"]).to_owned();
        }
        format!("({})", self.any())
    }
}

//! Scripts that mean harm, written from choices: sizes that overflow, patterns that never end, comparators that lie, metatables
//! everywhere, errors within errors, coroutines, collections in the midst of things, bytes that are no values.
//!
//! A script that is written here is nearly always well formed, so that what it does is reached and not only the compiler.

use crate::draw::Draw;

/// A function and the kinds of its arguments, one letter each, as `Writer::argument` tells them.
type Function = (&'static str, &'static str);

const FUNCTIONS: &[Function] = &[
    ("string.rep", "sn"),
    ("string.format", "gnse"),
    ("string.gsub", "spr"),
    ("string.gsub", "spfn"),
    ("string.find", "spn"),
    ("string.match", "spn"),
    ("string.gmatch", "sp"),
    ("string.byte", "snn"),
    ("string.char", "nnn"),
    ("string.sub", "snn"),
    ("string.reverse", "s"),
    ("string.dump", "f"),
    ("table.concat", "tsnn"),
    ("table.insert", "tne"),
    ("table.remove", "tn"),
    ("table.sort", "tf"),
    ("table.maxn", "t"),
    ("table.foreach", "tf"),
    ("table.foreachi", "tf"),
    ("table.getn", "t"),
    ("table.setn", "tn"),
    ("unpack", "tnn"),
    ("select", "nee"),
    ("next", "te"),
    ("pairs", "t"),
    ("rawget", "te"),
    ("rawset", "tee"),
    ("rawequal", "ee"),
    ("setmetatable", "tm"),
    ("getmetatable", "e"),
    ("loadstring", "cs"),
    ("load", "fs"),
    ("pcall", "feee"),
    ("xpcall", "ff"),
    ("error", "en"),
    ("assert", "ee"),
    ("tostring", "e"),
    ("tonumber", "sn"),
    ("coroutine.create", "f"),
    ("coroutine.wrap", "f"),
    ("coroutine.resume", "eee"),
    ("coroutine.yield", "ee"),
    ("coroutine.status", "e"),
    ("collectgarbage", "on"),
    ("getfenv", "e"),
    ("setfenv", "et"),
    ("newproxy", "e"),
    ("math.random", "nn"),
    ("math.fmod", "nn"),
    ("cjson.encode", "e"),
    ("cjson.decode", "s"),
    ("cjson.encode_max_depth", "n"),
    ("cjson.decode_max_depth", "n"),
    ("cjson.encode_sparse_array", "enn"),
    ("cjson.encode_number_precision", "n"),
    ("cjson.new", ""),
    ("cmsgpack.pack", "eee"),
    ("cmsgpack.unpack", "s"),
    ("cmsgpack.unpack_limit", "snn"),
    ("cmsgpack.unpack_one", "sn"),
    ("struct.pack", "lnes"),
    ("struct.unpack", "lsn"),
    ("struct.size", "l"),
    ("bit.lshift", "nn"),
    ("bit.tohex", "nn"),
    ("bit.band", "nnn"),
    ("redis.call", "see"),
    ("redis.pcall", "see"),
    ("redis.acl_check_cmd", "se"),
    ("redis.error_reply", "s"),
    ("redis.status_reply", "s"),
    ("redis.sha1hex", "s"),
    ("redis.log", "ns"),
    ("redis.setresp", "n"),
    ("redis.set_repl", "n"),
    ("redis.register_function", "sf"),
    ("redis.register_function", "t"),
    ("os.clock", ""),
];
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "-1",
    "7",
    "40",
    "255",
    "7999",
    "8001",
    "65536",
    "1e6",
    "2147483647",
    "-2147483648",
    "2147483648",
    "4294967296",
    "2^53",
    "-2^63",
    "1e300",
    "0/0",
    "1/0",
    "-1/0",
    "0.5",
    "#c",
    "#b",
];
const TEXTS: &[&str] = &[
    "''",
    "'a'",
    "'GET'",
    "'x,y'",
    "'%s%d'",
    "'[1,{\"a\":[null,1e999]}]'",
    "'\\0'",
    "'\\27Lua'",
    "'aaaaaaaab'",
    "string.rep('a', 300)",
    "string.rep('a', 100000)",
    "string.rep('(', 5000)",
    "string.rep('[', 70000)",
    "string.rep('\\145', 70000)",
    "string.rep('\\129', 3000)",
    "'\\221\\255\\255\\255\\255'",
    "'\\219\\255\\255\\255\\255'",
    "'\\198\\127\\255\\255\\255'",
    "'err'",
    "'ok'",
    "'\\r\\n'",
];
const PATTERNS: &[&str] = &[
    "'.-b'",
    "'a*a*a*a*a*b'",
    "'%b()'",
    "'%f[%w]'",
    "'(a*)(a*)%1%2'",
    "'%1'",
    "'('",
    "'()'",
    "'[^%z]'",
    "'[a'",
    "'%'",
    "string.rep('a?', 4100)",
    "string.rep('(', 33)",
    "string.rep('.-', 40)",
    "'[' .. string.rep('x', 5000) .. ']*y'",
];
const REPLACEMENTS: &[&str] =
    &["'%0%0%0%0'", "'%1'", "'%'", "string.rep('x', 10000)", "{a = 'b', [1] = false}"];
const FORMATS: &[&str] = &[
    "'%d %s %q'",
    "'%99.99f'",
    "'%-#0+ 99d'",
    "'%s'",
    "'%q%q'",
    "'%999d'",
    "'%c%c%c'",
    "'%5.3s|%x'",
    "'%'",
    "string.rep('%s', 300)",
];
const LAYOUTS: &[&str] = &[
    "'>!16i32d'",
    "'c0'",
    "'Bc0'",
    "'s'",
    "'i33'",
    "'!2147483647i'",
    "'c2147483647'",
    "string.rep('i16', 9000)",
    "'<I8I1h'",
    "'xxxxfs'",
];
const CODES: &[&str] = &[
    "string.dump(d)",
    "'return ' .. string.rep('(', 250) .. '1' .. string.rep(')', 250)",
    "'\\27Lua\\81\\0\\1\\4\\8\\4\\8\\0'",
    "'local x = ' .. string.rep('{', 300)",
    "'return [' .. string.rep('=', 9000) .. '['",
    "'goto = 1'",
    "'local ' .. string.rep('a,', 300) .. 'a'",
    "string.rep('if a then ', 300)",
    "string.rep('a = b or c ', 500)",
    "'return ...'",
    "'x = 1'",
    "'\\\\'",
];
const COLLECTIONS: &[&str] =
    &["'collect'", "'step'", "'count'", "'setpause'", "'setstepmul'", "'stop'", "'restart'", "'x'"];
const EVENTS: &[&str] = &[
    "__index",
    "__newindex",
    "__call",
    "__tostring",
    "__concat",
    "__lt",
    "__le",
    "__eq",
    "__add",
    "__unm",
    "__len",
    "__gc",
    "__metatable",
];
const FIELDS: &[&str] =
    &["ok", "err", "map", "set", "double", "big_number", "verbatim_string", "format", "string", "n", "x"];
const GLOBALS: &[&str] = &[
    "_G",
    "redis",
    "server",
    "string",
    "math",
    "table",
    "cjson",
    "bit",
    "os",
    "getmetatable('')",
    "KEYS",
    "ARGV",
];

/// A script of a few statements.
pub fn script(input: &[u8]) -> String {
    let mut writer = Writer { draw: Draw::new(input), out: String::new(), depth: 0 };
    writer.out.push_str("local a, b, c, d = 1, 'xyz', {3, 1, 2, x = {}}, function(...) return ... end\n");
    while writer.draw.more() && writer.out.len() < 6000 {
        writer.statement();
        writer.out.push('\n');
    }
    writer.out.push_str("return a, b, c");
    writer.out
}

struct Writer<'a> {
    draw: Draw<'a>,
    out: String,
    depth: usize,
}

impl Writer<'_> {
    fn say(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Texts with expressions between them; `#` stands for a value, `@` for statements, `~` for a function.
    fn fill(&mut self, shape: &str) {
        for piece in shape.chars() {
            match piece {
                '#' => self.value(),
                '~' => self.function(),
                '@' => {
                    self.statement();
                    self.say(" ");
                }
                other => self.out.push(other),
            }
        }
    }

    fn statement(&mut self) {
        const SHAPES: &[&str] = &[
            "a = #",
            "b = #",
            "c = {#, #, c}",
            "c[#] = #",
            "c.x = #",
            "d = ~",
            "local ok, e = pcall(~, #) a = e",
            "pcall(function() @@ end)",
            "xpcall(function() @@ error(#) end, function(e) @ return e end)",
            "for i = 1, # do @@ if i > 50 then break end end",
            "for k, v in pairs(c) do c[#] = v @ end",
            "while # do @ break end",
            "repeat @ until true",
            "local function r(n) @ return r(#) + 1 end pcall(r, 1)",
            "local function r(...) return pcall(r, #, ...) end a = r(#)",
            "table.sort(c, function(x, y) @ return # end)",
            "table.sort({5, 3, 8, 1, 9, 2, 7, 4, 6, 0, 5, 3}, function(x, y) return # end)",
            "local co = coroutine.wrap(function(...) @ coroutine.yield(#) @ end) pcall(co, #) pcall(co, #)",
            "a = string.gsub(b, '.', function(...) @ return # end)",
            "setmetatable(c, {__index = ~, __newindex = ~})",
            "a = setmetatable({}, {__mode = 'kv', __index = c}) a[#] = {} collectgarbage()",
            "local p = newproxy(true) getmetatable(p).__gc = function() @ end p = nil collectgarbage()",
            "b = b .. b .. b",
            "c = {c, c, c}",
            "for i = 1, 300 do c = {c} end",
            "local e = {} e[1] = e e.map = e c = e",
            "error(#)",
            "if # == # then @ else @ end",
            "pcall(function() while true do @ end end)",
        ];
        if self.depth > 4 {
            return self.say("a = 1");
        }
        self.depth += 1;
        match self.draw.below(SHAPES.len() + 12) {
            at if at < SHAPES.len() => self.fill(SHAPES[at]),
            at if at % 4 == 0 => {
                let global = self.draw.one_of(GLOBALS);
                self.say("pcall(function() ");
                self.say(global);
                self.fill("[#] = # end)");
            }
            _ => {
                self.say("a = {pcall(function() return ");
                self.call();
                self.say(" end)}");
            }
        }
        self.depth -= 1;
    }

    fn call(&mut self) {
        let (name, kinds) = self.draw.one_of(FUNCTIONS);
        self.say(name);
        self.say("(");
        for (at, kind) in kinds.chars().enumerate() {
            if at > 0 {
                self.say(", ");
            }
            self.argument(kind);
        }
        self.say(")");
    }

    fn argument(&mut self, kind: char) {
        // Now and then one of another kind.
        if self.draw.below(24) == 23 {
            return self.value();
        }
        let from = match kind {
            'n' => NUMBERS,
            's' => TEXTS,
            'p' => PATTERNS,
            'r' => REPLACEMENTS,
            'g' => FORMATS,
            'l' => LAYOUTS,
            'c' => CODES,
            'o' => COLLECTIONS,
            't' => return self.table(),
            'm' => return self.metatable(),
            'f' => return self.function(),
            _ => return self.value(),
        };
        let word = self.draw.one_of(from);
        self.say(word);
    }

    fn value(&mut self) {
        if self.depth > 5 {
            return self.say("1");
        }
        self.depth += 1;
        match self.draw.below(16) {
            0..3 => self.argument('n'),
            3..5 => self.argument('s'),
            5 => self.bytes(),
            6 | 7 => self.table(),
            8 => self.function(),
            9..12 => self.call(),
            12 => {
                let name = self.draw.one_of(&[
                    "a",
                    "b",
                    "c",
                    "d",
                    "nil",
                    "true",
                    "false",
                    "...",
                    "KEYS",
                    "cjson.null",
                ]);
                self.say(if name == "..." { "select(1, unpack(c))" } else { name });
            }
            13 => {
                let operator =
                    self.draw.one_of(&["+", "-", "*", "/", "%", "^", "..", "==", "<", "<=", " and ", " or "]);
                self.fill("(#)");
                self.say(operator);
                self.fill("(#)");
            }
            14 => self.fill("(#)[#]"),
            _ => self.argument('c'),
        }
        self.depth -= 1;
    }

    fn table(&mut self) {
        match self.draw.below(6) {
            0 => self.say("c"),
            1 => {
                let field = self.draw.one_of(FIELDS);
                self.say("{");
                self.say(field);
                self.fill(" = #}");
            }
            2 => self.fill("{#, #, #}"),
            3 => self.fill("{[#] = #, #}"),
            4 => {
                self.say("setmetatable({}, ");
                self.metatable();
                self.say(")");
            }
            _ => self.say("{1, 2, nil, 4, [5] = 1, [10] = 1, [20] = 1, [1e9] = 1}"),
        }
    }

    fn metatable(&mut self) {
        self.say("{");
        for _ in 0..=self.draw.below(3) {
            let event = self.draw.one_of(EVENTS);
            self.say(event);
            self.fill(" = ~, ");
        }
        self.say("}");
    }

    fn function(&mut self) {
        if self.depth > 4 {
            return self.say("d");
        }
        match self.draw.below(6) {
            0 => self.say("d"),
            1 => {
                let (name, _) = self.draw.one_of(FUNCTIONS);
                self.say(name);
            }
            2 => self.fill("function(...) @ return ... end"),
            _ => self.fill("function(x, y) @ return # end"),
        }
    }

    /// A few of the input's own bytes as a text.
    fn bytes(&mut self) {
        self.say("'");
        for _ in 0..self.draw.below(20) {
            let byte = self.draw.byte();
            self.say(&format!("\\{byte:03}"));
        }
        self.say("'");
    }
}

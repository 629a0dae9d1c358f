//! Replies of commands as Lua values, made straight from the bytes that a handler wrote.
//!
//! ```text
//! :1          1                    $3..  'abc'                 *2..   { first, second }
//! +OK         { ok = 'OK' }        $-1   false                 *-1    false
//! -ERR text   { err = 'ERR text', ignore_error_stats_update = true }
//! _           nil                  #t    true                  ,1.5   { double = 1.5 }
//! (123        { big_number = '123' }     =..  { verbatim_string = { string = ..., format = 'txt' } }
//! %2..        { map = {...} }      ~2..  { set = { member = true } }       |..  attributes are passed over
//! ```

use super::ffi::*;
use resp::{ReplyBuffer, Shared};
use std::ffi::{c_char, c_int};

/// Where the reading of a buffer stands.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The values that stand between the plain bytes, from the next one on.
    shared: &'a [Shared],
}

/// Pushes a reply; answers whether it is an error.
///
/// # Safety
/// `l` is live, no error is caught on the way, and memory is not refused.
pub(super) unsafe fn push(l: *mut State, buffer: &ReplyBuffer) -> bool {
    let mut reader = Reader { bytes: &buffer.bytes, at: 0, shared: &buffer.shared };
    let is_error = buffer.bytes.first() == Some(&b'-');
    // SAFETY: as promised.
    unsafe { value(l, &mut reader) };
    is_error
}

impl<'a> Reader<'a> {
    /// The next line, without its end.
    fn line(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        let end = rest.windows(2).position(|pair| pair == b"\r\n").unwrap_or(rest.len());
        self.at += end + 2;
        &rest[..end]
    }

    /// A number that ends the line.
    #[inline]
    fn number(&mut self) -> i64 {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        // Most are of one digit.
        if let [digit @ b'0'..=b'9', b'\r', b'\n', ..] = rest {
            self.at += 3;
            return i64::from(digit - b'0');
        }
        let line = self.line();
        base::int::parse_i64(line).unwrap_or(0)
    }

    /// So many bytes, and the end of the line behind them.
    fn bytes(&mut self, len: usize) -> &'a [u8] {
        if let [first, rest @ ..] = self.shared
            && first.at == self.at
        {
            self.shared = rest;
            self.at += 2;
            return &first.value;
        }
        let start = self.at.min(self.bytes.len());
        let end = (start + len).min(self.bytes.len());
        self.at = end + 2;
        &self.bytes[start..end]
    }
}

/// # Safety
/// As [`push`].
unsafe fn text(l: *mut State, text: &[u8]) {
    // SAFETY: the text is copied.
    unsafe { lua_pushlstring(l, text.as_ptr().cast::<c_char>(), text.len()) }
}

/// Pushes a table with one field.
///
/// # Safety
/// As [`push`], and there is room for three values.
unsafe fn table_of(l: *mut State, name: &[u8], push: impl FnOnce()) {
    // SAFETY: a new table is not locked, and the key is a text.
    unsafe {
        lua_createtable(l, 0, 1);
        text(l, name);
        push();
        lua_rawset(l, -3);
    }
}

/// Pushes the next value.
///
/// # Safety
/// As [`push`].
unsafe fn value(l: *mut State, reader: &mut Reader<'_>) {
    let kind = reader.bytes.get(reader.at).copied().unwrap_or(b'_');
    reader.at += 1;
    // SAFETY: the deepest of what follows needs five slots; replies nest far less deep than the stack.
    unsafe {
        let room = lua_checkstack(l, 8);
        assert!(room != 0, "replies do not nest that deep");
        match kind {
            b':' => lua_pushnumber(l, reader.number() as f64),
            b'$' => match usize::try_from(reader.number()) {
                Ok(len) => text(l, reader.bytes(len)),
                Err(_) => lua_pushboolean(l, 0),
            },
            b'*' => match usize::try_from(reader.number()) {
                Ok(len) => array(l, reader, len),
                Err(_) => lua_pushboolean(l, 0),
            },
            b'+' => {
                let line = reader.line();
                table_of(l, b"ok", || text(l, line));
            }
            b'-' => {
                let line = reader.line();
                error(l, line);
            }
            b'#' => lua_pushboolean(l, c_int::from(reader.line() == b"t")),
            b',' => {
                let number = base::double::parse_f64(reader.line()).unwrap_or(f64::NAN);
                table_of(l, b"double", || lua_pushnumber(l, number));
            }
            b'(' => {
                let digits = reader.line();
                table_of(l, b"big_number", || text(l, digits));
            }
            b'=' => {
                let len = usize::try_from(reader.number()).unwrap_or(0);
                let (format, string) = reader.bytes(len).split_at_checked(4).unwrap_or((b"txt:", b""));
                table_of(l, b"verbatim_string", || {
                    lua_createtable(l, 0, 2);
                    text(l, b"string");
                    text(l, string);
                    lua_rawset(l, -3);
                    text(l, b"format");
                    text(l, &format[..3]);
                    lua_rawset(l, -3);
                });
            }
            b'%' => {
                let len = reader.number();
                table_of(l, b"map", || pairs(l, reader, len, true));
            }
            b'~' => {
                let len = reader.number();
                table_of(l, b"set", || pairs(l, reader, len, false));
            }
            b'|' => {
                for _ in 0..reader.number() * 2 {
                    value(l, reader);
                    lua_settop(l, -2);
                }
                value(l, reader);
            }
            _ => {
                reader.line();
                lua_pushnil(l);
            }
        }
    }
}

/// # Safety
/// As [`push`].
unsafe fn array(l: *mut State, reader: &mut Reader<'_>, len: usize) {
    let len = c_int::try_from(len).unwrap_or(c_int::MAX);
    // SAFETY: the table is new, so it is not locked; an element takes one slot at a time.
    unsafe {
        lua_createtable(l, len, 0);
        for i in 1..=len {
            value(l, reader);
            lua_rawseti(l, -2, i);
        }
    }
}

/// The content of a map, or of a set, whose members are keys. Keys that Lua knows no such key for (nil) are left out.
///
/// # Safety
/// As [`push`].
unsafe fn pairs(l: *mut State, reader: &mut Reader<'_>, len: i64, is_map: bool) {
    // SAFETY: `lua_put` checks the key.
    unsafe {
        lua_createtable(l, 0, c_int::try_from(len).unwrap_or(0));
        for _ in 0..len {
            value(l, reader);
            if is_map {
                value(l, reader);
            } else {
                lua_pushboolean(l, 1);
            }
            lua_put(l, -3);
        }
    }
}

/// # Safety
/// As [`push`], and there is room for three values.
unsafe fn error(l: *mut State, line: &[u8]) {
    // SAFETY: the table is new, and the keys are texts.
    unsafe {
        lua_createtable(l, 0, 2);
        text(l, b"err");
        match line.contains(&b' ') {
            true => text(l, line),
            // A code without a text is taken for a text without a code.
            false => text(l, &[b"ERR ".as_slice(), line].concat()),
        }
        lua_rawset(l, -3);
        text(l, b"ignore_error_stats_update");
        lua_pushboolean(l, 1);
        lua_rawset(l, -3);
    }
}

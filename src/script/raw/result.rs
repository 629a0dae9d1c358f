//! What a script returned, or why it failed, as a reply.

use super::ffi::*;
use super::frame::{Type, text_at, truncated};
use super::setup::Field;
use resp::{Protocol, Reply, WrongHeads};

/// Who hears of the errors that are replied: the text, and whether it was counted when it arose.
pub(super) type Told<'a> = &'a mut dyn FnMut(&[u8], bool);

/// An error as scripts see it.
pub(super) struct Failed {
    /// Its text, with its code.
    pub(super) text: Vec<u8>,
    /// Where it was raised: the name of the chunk and the line.
    place: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether it was counted when it arose.
    counted: bool,
}

/// # Safety
/// Of all functions here: `l` is live and idle, at the base of its stack, the value in question stands on top, and memory is
/// not refused.
unsafe fn kind(l: *mut State) -> Type {
    // SAFETY: as promised.
    Type::of(unsafe { lua_type(l, -1) })
}

/// Pushes a field of the table on top.
unsafe fn field(l: *mut State, field: Field) -> Type {
    // SAFETY: there is a table, and the field's name stands at its place near the base.
    unsafe {
        lua_pushvalue(l, field as i32);
        lua_rawget(l, -2);
        kind(l)
    }
}

/// Writes the value on top, and takes it off. Answers whether all of it was written: nothing more of a table is once it has
/// come to `most` bytes, or to the client's limit, since one that holds itself twice would never end.
pub(super) unsafe fn write(
    l: *mut State,
    reply: &mut Reply<'_>,
    resp3: bool,
    most: usize,
    told: Told<'_>,
) -> bool {
    let most = reply.len().saturating_add(most);
    let mut writer = Writer { l, reply, resp3, told, heads: WrongHeads::default(), most, is_cut: false };
    // SAFETY: as promised.
    unsafe { writer.value() };
    let Writer { reply, heads, is_cut, .. } = writer;
    if !is_cut {
        reply.correct(heads);
    }
    !is_cut
}

/// Who writes a value, with what is in it.
struct Writer<'w, 'b> {
    l: *mut State,
    reply: &'w mut Reply<'b>,
    resp3: bool,
    told: Told<'w>,
    /// Lengths that were not known when they were written.
    heads: WrongHeads,
    /// How long the reply may become.
    most: usize,
    /// Whether something was left out.
    is_cut: bool,
}

/// # Safety
/// The methods ask for what the functions do, and bring the stack back to where it was but for what they say.
impl Writer<'_, '_> {
    /// Whether nothing more of a table is to be written.
    fn is_enough(&mut self) -> bool {
        self.is_cut = self.is_cut
            || self.reply.is_full()
            || self.reply.len().saturating_add(self.heads.memory()) > self.most;
        self.is_cut
    }

    /// Writes the value on top, and takes it off.
    unsafe fn value(&mut self) {
        let l = self.l;
        // SAFETY: as promised; what is pushed is taken off again, and there is room for it.
        unsafe {
            if lua_checkstack(l, 4) == 0 {
                let text = b"ERR reached lua stack limit";
                (self.told)(text, false);
                self.reply.error(text);
                return lua_settop(l, -2);
            }
            match kind(l) {
                Type::Text => self.reply.bulk(text_at(l, -1)),
                Type::Number => self.reply.integer(truncated(lua_tonumber(l, -1))),
                Type::Boolean => match (self.resp3, lua_toboolean(l, -1) != 0) {
                    (true, value) => self.reply.boolean(value),
                    (false, true) => self.reply.integer(1),
                    (false, false) => self.reply.null(),
                },
                Type::Table => {
                    if lua_hashless(l, -1) != 0 || !self.special() {
                        self.array();
                    }
                }
                _ => self.reply.null(),
            }
            lua_settop(l, -2);
        }
    }

    /// Writes the table on top up to its first nil.
    unsafe fn array(&mut self) {
        let l = self.l;
        // SAFETY: as promised.
        unsafe {
            let head = self.reply.position();
            // Lua's notion of the length is right unless there are holes.
            let supposed = lua_objlen(l, -1);
            self.reply.array(supposed);
            let mut len = 0;
            loop {
                lua_rawgeti(l, -1, len + 1);
                if kind(l) == Type::Nil || self.is_enough() {
                    lua_settop(l, -2);
                    break;
                }
                self.value();
                len += 1;
            }
            if len as usize != supposed {
                self.heads.note(head, len as usize);
            }
        }
    }

    /// Writes a table that stands for something else than an array, if it does.
    unsafe fn special(&mut self) -> bool {
        let l = self.l;
        // SAFETY: as promised; where something is written, the stack is brought back to the table.
        unsafe {
            let table = lua_gettop(l);
            let mut written = true;
            if field(l, Field::Err) == Type::Text {
                lua_settop(l, table);
                let failed = failure(l);
                let text = cleaned(&failed.text);
                (self.told)(&text, failed.counted);
                self.reply.error(&text);
            } else if next_field(l, Field::Ok) == Type::Text {
                let text = text_at(l, -1);
                let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
                self.reply.simple(&one_line(&text[..end]));
            } else if next_field(l, Field::Double) == Type::Number {
                self.reply.double(lua_tonumber(l, -1));
            } else if next_field(l, Field::BigNumber) == Type::Text {
                self.reply.big_number(&one_line(text_at(l, -1)));
            } else if next_field(l, Field::VerbatimString) == Type::Table && self.verbatim() {
            } else {
                lua_settop(l, table);
                written = self.keyed();
            }
            lua_settop(l, table);
            written
        }
    }

    /// Writes a text with a format, if the table on top is one. Two values are pushed.
    unsafe fn verbatim(&mut self) -> bool {
        let l = self.l;
        // SAFETY: as promised; the caller takes off what is pushed.
        unsafe {
            if field(l, Field::Format) != Type::Text {
                return false;
            }
            lua_pushvalue(l, Field::String as i32);
            lua_rawget(l, -3);
            if kind(l) != Type::Text {
                return false;
            }
            let mut format = *b"   ";
            for (to, from) in format.iter_mut().zip(text_at(l, -2)).take_while(|(_, from)| **from != 0) {
                *to = *from;
            }
            self.reply.verbatim(&format, text_at(l, -1));
            true
        }
    }

    /// Writes a map or a set, if the table on top is one. One value is pushed, and what stands where it stopped.
    unsafe fn keyed(&mut self) -> bool {
        let l = self.l;
        // SAFETY: as promised; the walk changes nothing, so its keys are the table's.
        unsafe {
            let is_map = field(l, Field::Map) == Type::Table;
            if !is_map && next_field(l, Field::Set) != Type::Table {
                return false;
            }
            let head = self.reply.position();
            match is_map {
                true => self.reply.map(0),
                false => self.reply.set(0),
            }
            let mut len = 0;
            lua_pushnil(l);
            while lua_next(l, -2) != 0 && !self.is_enough() {
                if is_map {
                    lua_pushvalue(l, -2);
                    self.value();
                    self.value();
                } else {
                    lua_settop(l, -2);
                    lua_pushvalue(l, -1);
                    self.value();
                }
                len += if is_map && self.reply.protocol() == Protocol::Resp2 { 2 } else { 1 };
            }
            if len > 0 {
                self.heads.note(head, len);
            }
            true
        }
    }
}

/// As [`field`], in place of the one looked at before.
unsafe fn next_field(l: *mut State, name: Field) -> Type {
    // SAFETY: the field looked at before stands above the table.
    unsafe {
        lua_settop(l, -2);
        field(l, name)
    }
}

/// What an error value on top says. A text is an error of the usual code.
pub(super) unsafe fn failure(l: *mut State) -> Failed {
    // SAFETY: as promised; numbers are made texts on copies.
    unsafe {
        let mut failed = Failed { text: b"ERR unknown error".to_vec(), place: None, counted: false };
        match kind(l) {
            Type::Text | Type::Number => failed.text = [b"ERR ", text_at(l, -1)].concat(),
            Type::Table => {
                if let Some(text) = field_text(l, Field::Err) {
                    failed.text = text;
                }
                failed.place = field_text(l, Field::Source).zip(field_text(l, Field::Line));
                failed.counted = field(l, Field::Ignore) == Type::Boolean && lua_toboolean(l, -1) != 0;
                lua_settop(l, -2);
            }
            _ => {}
        }
        failed
    }
}

unsafe fn field_text(l: *mut State, name: Field) -> Option<Vec<u8>> {
    // SAFETY: as promised.
    unsafe {
        let text = matches!(field(l, name), Type::Text | Type::Number).then(|| text_at(l, -1).to_vec());
        lua_settop(l, -2);
        text.map(|mut text| {
            text.truncate(text.iter().position(|&byte| byte == 0).unwrap_or(text.len()));
            text
        })
    }
}

/// Writes why a script failed.
pub(super) unsafe fn write_failure(l: *mut State, name: &[u8], reply: &mut Reply<'_>, told: Told<'_>) {
    // SAFETY: as promised.
    unsafe {
        if kind(l) != Type::Table {
            let why = if kind(l) == Type::Text { text_at(l, -1) } else { b"execution failure" };
            let why = &why[..why.len().min(100)];
            let text = cleaned(&[b"ERR Error running script ", name, b", ", why].concat());
            told(&text, false);
            return reply.error(&text);
        }
        let Failed { mut text, place, counted } = failure(l);
        if let Some((source, line)) = place {
            text = [&text, b" script: ".as_slice(), name, b", on ", &source, b":", &line, b"."].concat();
        }
        let text = cleaned(&text);
        told(&text, counted);
        reply.error(&text);
    }
}

/// A text as one line, without ends of lines at its own end (CVE-2025-67733).
fn cleaned(text: &[u8]) -> Vec<u8> {
    let end = text.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |at| at + 1);
    one_line(&text[..end])
}

/// A text as a reply that is a line shows it.
pub(super) fn one_line(text: &[u8]) -> Vec<u8> {
    text.iter().map(|&byte| if matches!(byte, b'\r' | b'\n') { b' ' } else { byte }).collect()
}

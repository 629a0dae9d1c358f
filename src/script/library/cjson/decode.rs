//! `cjson.decode`: JSON as a Lua value. `null` is a pointer to nothing, since a table cannot hold nil.

use super::{Setting, setting};
use crate::number;
use crate::raw::{Fault, Frame, Outcome};

/// A piece of JSON.
#[derive(Debug)]
enum Token {
    ObjectBegin,
    ObjectEnd,
    ArrayBegin,
    ArrayEnd,
    /// Its text is in [`Decoder::text`].
    Text,
    Number(f64),
    Boolean(bool),
    Null,
    Colon,
    Comma,
    End,
    Error(&'static str),
}

impl Token {
    /// As errors call it.
    fn name(&self) -> &'static str {
        match self {
            Token::ObjectBegin => "T_OBJ_BEGIN",
            Token::ObjectEnd => "T_OBJ_END",
            Token::ArrayBegin => "T_ARR_BEGIN",
            Token::ArrayEnd => "T_ARR_END",
            Token::Text => "T_STRING",
            Token::Number(_) => "T_NUMBER",
            Token::Boolean(_) => "T_BOOLEAN",
            Token::Null => "T_NULL",
            Token::Colon => "T_COLON",
            Token::Comma => "T_COMMA",
            Token::End => "T_END",
            Token::Error(what) => what,
        }
    }
}

struct Decoder {
    /// The JSON, and a NUL behind it, at which everything ends.
    json: Vec<u8>,
    at: usize,
    /// Where the last token began, or went wrong.
    token_at: usize,
    /// The last text.
    text: Vec<u8>,
    depth: i32,
    max_depth: i32,
    /// Whether numbers that JSON has not are read too.
    invalid: bool,
}

/// `cjson.decode(text)`
pub(super) fn decode(frame: &mut Frame<'_>) -> Outcome {
    if frame.top() != 1 {
        return Err(frame.bad_argument(1, "expected 1 argument"));
    }
    frame.check_text(1)?;
    let mut json = frame.bytes(1).unwrap_or_default().to_vec();
    if json.len() >= 2 && (json[0] == 0 || json[1] == 0) {
        return Err(frame.fail("JSON parser does not support UTF-16 or UTF-32"));
    }
    json.push(0);
    let max_depth = setting(frame, Setting::DecodeDepth);
    let invalid = setting(frame, Setting::DecodeInvalid) != 0;
    let mut decoder = Decoder { json, at: 0, token_at: 0, text: Vec::new(), depth: 0, max_depth, invalid };
    let token = decoder.next();
    decoder.value(frame, &token)?;
    match decoder.next() {
        Token::End => Ok(1),
        token => Err(decoder.expected(frame, "the end", &token)),
    }
}

impl Decoder {
    /// The byte so far behind the position; NUL behind the end.
    fn peek(&self, ahead: usize) -> u8 {
        self.json.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn expected(&self, frame: &mut Frame<'_>, what: &str, found: &Token) -> Fault {
        let (found, at) = (found.name(), self.token_at + 1);
        frame.fail(format!("Expected {what} but found {found} at character {at}"))
    }

    fn error(&mut self, what: &'static str) -> Token {
        self.token_at = self.at;
        Token::Error(what)
    }

    fn next(&mut self) -> Token {
        while matches!(self.peek(0), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
        self.token_at = self.at;
        let token = match self.peek(0) {
            0 => return Token::End,
            b'{' => Token::ObjectBegin,
            b'}' => Token::ObjectEnd,
            b'[' => Token::ArrayBegin,
            b']' => Token::ArrayEnd,
            b',' => Token::Comma,
            b':' => Token::Colon,
            b'"' => return self.text(),
            b'-' | b'0'..=b'9' => {
                if !self.invalid && self.is_invalid_number() {
                    return self.error("invalid number");
                }
                return self.number();
            }
            b'f' | b'i' | b'I' | b'n' | b'N' | b't' | b'+' => return self.word(),
            _ => return self.error("invalid token"),
        };
        self.at += 1;
        token
    }

    fn word(&mut self) -> Token {
        let rest = &self.json[self.at..];
        for (word, token) in
            [("true", Token::Boolean(true)), ("false", Token::Boolean(false)), ("null", Token::Null)]
        {
            if rest.starts_with(word.as_bytes()) {
                self.at += word.len();
                return token;
            }
        }
        if self.invalid && self.is_invalid_number() {
            return self.number();
        }
        self.error("invalid token")
    }

    fn number(&mut self) -> Token {
        let end = self.json.len() - 1;
        let (value, len) = number::leading(&self.json[self.at..end]);
        if len == 0 {
            return self.error("invalid number");
        }
        self.at += len;
        Token::Number(value)
    }

    /// Whether here begins what C would read as a number and JSON would not.
    fn is_invalid_number(&self) -> bool {
        let sign = usize::from(self.peek(0) == b'-');
        let begins = |word: &[u8]| {
            let start = self.at + sign;
            self.json.get(start..start + word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word))
        };
        match self.peek(sign) {
            b'+' if sign == 0 => true,
            b'0' => matches!(self.peek(sign + 1), b'x' | b'X' | b'0'..=b'9'),
            0..=b'9' => false,
            _ => begins(b"inf") || begins(b"nan"),
        }
    }

    fn text(&mut self) -> Token {
        self.at += 1;
        self.text.clear();
        loop {
            let plain =
                self.json[self.at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | 0)).unwrap_or(0);
            self.text.extend_from_slice(&self.json[self.at..self.at + plain]);
            self.at += plain;
            match self.peek(0) {
                b'"' => {
                    self.at += 1;
                    return Token::Text;
                }
                0 => return self.error("unexpected end of string"),
                _ => {
                    let byte = match self.peek(1) {
                        byte @ (b'"' | b'\\' | b'/') => byte,
                        b'b' => 8,
                        b't' => b'\t',
                        b'n' => b'\n',
                        b'f' => 12,
                        b'r' => b'\r',
                        b'u' => match self.unicode_escape() {
                            Some(()) => continue,
                            None => return self.error("invalid unicode escape code"),
                        },
                        _ => return self.error("invalid escape code"),
                    };
                    self.text.push(byte);
                    self.at += 2;
                }
            }
        }
    }

    /// Takes `\uXXXX` in, or a pair of them.
    fn unicode_escape(&mut self) -> Option<()> {
        let mut code = self.hex4(2)?;
        let mut len = 6;
        if code & 0xf800 == 0xd800 {
            if code & 0x400 != 0 || self.peek(6) != b'\\' || self.peek(7) != b'u' {
                return None;
            }
            let low = self.hex4(8).filter(|low| low & 0xfc00 == 0xdc00)?;
            code = ((code & 0x3ff) << 10 | low & 0x3ff) + 0x10000;
            len = 12;
        }
        let mut utf8 = [0; 4];
        self.text.extend_from_slice(char::from_u32(code)?.encode_utf8(&mut utf8).as_bytes());
        self.at += len;
        Some(())
    }

    fn hex4(&self, ahead: usize) -> Option<u32> {
        (0..4).try_fold(0, |code, i| Some(code << 4 | char::from(self.peek(ahead + i)).to_digit(16)?))
    }

    /// Pushes the value that begins with a token.
    fn value(&mut self, frame: &mut Frame<'_>, token: &Token) -> Result<(), Fault> {
        match token {
            Token::Text => frame.push_bytes(&self.text),
            Token::Number(number) => frame.push_number(*number),
            Token::Boolean(value) => frame.push_bool(*value),
            Token::Null => frame.push_null_pointer(),
            Token::ObjectBegin => return self.object(frame),
            Token::ArrayBegin => return self.array(frame),
            other => return Err(self.expected(frame, "value", other)),
        }
        Ok(())
    }

    fn descend(&mut self, frame: &mut Frame<'_>) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > self.max_depth || !frame.room(4) {
            let (depth, at) = (self.depth, self.at);
            return Err(
                frame.fail(format!("Found too many nested data structures ({depth}) at character {at}"))
            );
        }
        frame.push_table();
        Ok(())
    }

    fn object(&mut self, frame: &mut Frame<'_>) -> Result<(), Fault> {
        self.descend(frame)?;
        let mut token = self.next();
        while !matches!(token, Token::ObjectEnd) {
            if !matches!(token, Token::Text) {
                return Err(self.expected(frame, "object key string", &token));
            }
            frame.push_bytes(&self.text);
            token = self.next();
            if !matches!(token, Token::Colon) {
                return Err(self.expected(frame, "colon", &token));
            }
            token = self.next();
            self.value(frame, &token)?;
            frame.raw_set(-3);
            token = self.next();
            match token {
                Token::ObjectEnd => break,
                Token::Comma => token = self.next(),
                _ => return Err(self.expected(frame, "comma or object end", &token)),
            }
            // Behind a comma there must be another member.
            if matches!(token, Token::ObjectEnd) {
                return Err(self.expected(frame, "object key string", &token));
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn array(&mut self, frame: &mut Frame<'_>) -> Result<(), Fault> {
        self.descend(frame)?;
        let mut token = self.next();
        let mut len = 0.0;
        while !matches!(token, Token::ArrayEnd) || len > 0.0 {
            self.value(frame, &token)?;
            len += 1.0;
            frame.set_at(-2, len);
            token = self.next();
            match token {
                Token::ArrayEnd => break,
                Token::Comma => token = self.next(),
                _ => return Err(self.expected(frame, "comma or array end", &token)),
            }
        }
        self.depth -= 1;
        Ok(())
    }
}

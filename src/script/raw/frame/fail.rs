//! Errors: arguments that are not what they should be, and what scripts see of that.

use super::{Fault, Frame, Type, truncated};

impl Frame<'_> {
    /// Fails with a text, preceded by where the caller is.
    pub(crate) fn fail(&mut self, text: impl AsRef<[u8]>) -> Fault {
        self.push_fault(text.as_ref());
        Fault::Text
    }

    /// Fails for an argument that is not right.
    pub(crate) fn bad_argument(&mut self, number: i32, text: impl AsRef<[u8]>) -> Fault {
        self.push_fault(text.as_ref());
        Fault::Argument(number)
    }

    fn push_fault(&mut self, text: &[u8]) {
        if !self.room(2) {
            self.pop(2);
        }
        self.push_bytes(text);
    }

    fn wrong_type(&mut self, number: i32, wanted: &str) -> Fault {
        let got = self.kind(number).name();
        self.bad_argument(number, format!("{wanted} expected, got {got}"))
    }

    /// An argument that must be a number.
    pub(crate) fn check_number(&mut self, number: i32) -> Result<f64, Fault> {
        if self.is_number(number) { Ok(self.number(number)) } else { Err(self.wrong_type(number, "number")) }
    }

    /// An argument that is an integer, or absent.
    pub(crate) fn optional_integer(&mut self, number: i32, default: i64) -> Result<i64, Fault> {
        match self.kind(number) {
            Type::None | Type::Nil => Ok(default),
            _ => self.check_number(number).map(truncated),
        }
    }

    /// Makes sure that an argument is a text; a number becomes one.
    pub(crate) fn check_text(&mut self, number: i32) -> Result<(), Fault> {
        match self.text(number) {
            Some(_) => Ok(()),
            None => Err(self.wrong_type(number, "string")),
        }
    }

    /// Pushes an error as scripts see it: a table with the text under `err`. `told` marks one that was counted already.
    pub(crate) fn push_error(&mut self, text: &[u8], told: bool) {
        self.push_table();
        self.push_bytes(text);
        self.set_field(-2, "err");
        if told {
            self.push_bool(true);
            self.set_field(-2, "ignore_error_stats_update");
        }
    }

    /// Fails with an error as scripts see it, of the usual code.
    pub(crate) fn raise(&mut self, text: &str) -> Fault {
        if !self.room(4) {
            self.pop(4);
        }
        self.push_error(format!("ERR {text}").as_bytes(), false);
        Fault::Value
    }
}

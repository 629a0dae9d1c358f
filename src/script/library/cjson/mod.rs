//! `cjson`: JSON. This page makes the table and keeps its settings; `encode.rs` and `decode.rs` do the work.
//!
//! A table's settings are a Lua table, the upvalue of its functions, so that `cjson.new()` makes settings that are collected
//! like anything else.

mod decode;
mod encode;

use crate::raw::{Fault, Frame, Outcome, Type, truncated};

type Entry = fn(&mut Frame<'_>) -> Outcome;

/// A setting, by its place in the table of settings; its value there is a number.
#[derive(Clone, Copy)]
enum Setting {
    SparseConvert = 1,
    SparseRatio,
    SparseSafe,
    EncodeDepth,
    DecodeDepth,
    Precision,
    KeepBuffer,
    EncodeInvalid,
    DecodeInvalid,
}

const DEFAULTS: [(Setting, f64); 9] = [
    (Setting::SparseConvert, 0.0),
    (Setting::SparseRatio, 2.0),
    (Setting::SparseSafe, 10.0),
    (Setting::EncodeDepth, 1000.0),
    (Setting::DecodeDepth, 1000.0),
    (Setting::Precision, 14.0),
    (Setting::KeepBuffer, 1.0),
    (Setting::EncodeInvalid, 0.0),
    (Setting::DecodeInvalid, 1.0),
];

const FUNCTIONS: [(&str, Entry); 10] = [
    ("encode", encode::encode),
    ("decode", decode::decode),
    ("encode_sparse_array", encode_sparse_array),
    ("encode_max_depth", |frame| one_integer(frame, Setting::EncodeDepth, 1, i32::MAX)),
    ("decode_max_depth", |frame| one_integer(frame, Setting::DecodeDepth, 1, i32::MAX)),
    ("encode_number_precision", |frame| one_integer(frame, Setting::Precision, 1, 14)),
    ("encode_keep_buffer", |frame| one_choice(frame, Setting::KeepBuffer, SWITCH)),
    ("encode_invalid_numbers", |frame| one_choice(frame, Setting::EncodeInvalid, &["off", "on", "null"])),
    ("decode_invalid_numbers", |frame| one_choice(frame, Setting::DecodeInvalid, SWITCH)),
    ("new", |frame| {
        push(frame);
        Ok(1)
    }),
];

const SWITCH: &[&str] = &["off", "on"];

/// Pushes the table, with settings of its own.
pub(super) fn push(frame: &mut Frame<'_>) {
    frame.push_table();
    frame.push_table();
    for (setting, value) in DEFAULTS {
        frame.push_number(value);
        frame.set_at(-2, f64::from(setting as i32));
    }
    for (name, entry) in FUNCTIONS {
        frame.push_value(-1);
        frame.push_function(entry, 1);
        frame.set_field(-3, name);
    }
    frame.pop(1);
    frame.push_null_pointer();
    frame.set_field(-2, "null");
    frame.push_bytes(b"cjson");
    frame.set_field(-2, "_NAME");
    frame.push_bytes(b"2.1.0");
    frame.set_field(-2, "_VERSION");
}

/// The value of a setting.
fn setting(frame: &mut Frame<'_>, setting: Setting) -> i32 {
    frame.push_upvalue(1);
    frame.raw_get_at(-1, setting as i32);
    let value = frame.number(-1) as i32;
    frame.pop(2);
    value
}

fn set(frame: &mut Frame<'_>, setting: Setting, value: i32) {
    frame.push_upvalue(1);
    frame.push_number(f64::from(value));
    frame.set_at(-2, f64::from(setting as i32));
    frame.pop(1);
}

/// Makes sure that there are no more than so many arguments; those that are missing are nil.
fn arguments(frame: &mut Frame<'_>, most: i32) -> Result<(), Fault> {
    if frame.top() > most {
        return Err(frame.bad_argument(most + 1, "found too many arguments"));
    }
    frame.set_top(most);
    Ok(())
}

fn one_integer(frame: &mut Frame<'_>, which: Setting, least: i32, most: i32) -> Outcome {
    arguments(frame, 1)?;
    integer(frame, 1, which, least, most)
}

fn one_choice(frame: &mut Frame<'_>, which: Setting, words: &[&str]) -> Outcome {
    arguments(frame, 1)?;
    choice(frame, 1, which, words)
}

fn encode_sparse_array(frame: &mut Frame<'_>) -> Outcome {
    arguments(frame, 3)?;
    choice(frame, 1, Setting::SparseConvert, SWITCH)?;
    integer(frame, 2, Setting::SparseRatio, 0, i32::MAX)?;
    integer(frame, 3, Setting::SparseSafe, 0, i32::MAX)?;
    Ok(3)
}

/// Sets a number, if there is one, and answers what it is now.
fn integer(frame: &mut Frame<'_>, argument: i32, which: Setting, least: i32, most: i32) -> Outcome {
    if frame.kind(argument) != Type::Nil {
        let value = truncated(frame.check_number(argument)?) as i32;
        if !(least..=most).contains(&value) {
            return Err(frame.bad_argument(1, format!("expected integer between {least} and {most}")));
        }
        set(frame, which, value);
    }
    let value = setting(frame, which);
    frame.push_number(f64::from(value));
    Ok(1)
}

/// Sets one of some words, if there is one, and answers which it is now. Of the first two, `off` and `on`, also as a boolean.
fn choice(frame: &mut Frame<'_>, argument: i32, which: Setting, words: &[&str]) -> Outcome {
    match frame.kind(argument) {
        Type::Nil => {}
        Type::Boolean => {
            let on = frame.truth(argument);
            set(frame, which, i32::from(on));
        }
        _ => {
            frame.check_text(argument)?;
            let word = frame.bytes(argument).unwrap_or_default();
            let Some(value) = words.iter().position(|known| known.as_bytes() == word) else {
                let text = [b"invalid option '".as_slice(), word, b"'"].concat();
                return Err(frame.bad_argument(argument, text));
            };
            set(frame, which, value as i32);
        }
    }
    match setting(frame, which) {
        value @ (0 | 1) => frame.push_bool(value == 1),
        value => frame.push_bytes(words[value as usize].as_bytes()),
    }
    Ok(1)
}

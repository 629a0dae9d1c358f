//! `server.register_function`, with which the code of a library says which functions it has.

use crate::Flags;
use crate::raw::{Fault, Frame, Function, Outcome, Registered, Type};

/// `server.register_function(name, function)` or `server.register_function{function_name=..., callback=..., ...}`
pub(super) fn register_function(frame: &mut Frame<'_>) -> Outcome {
    if !frame.is_loading() {
        return Err(frame.raise("server.register_function can only be called on FUNCTION LOAD command"));
    }
    let registered = match frame.top() {
        1 => named(frame)?,
        2 => positional(frame)?,
        _ => return Err(frame.raise("wrong number of arguments to server.register_function")),
    };
    frame.register(registered);
    Ok(0)
}

fn positional(frame: &mut Frame<'_>) -> Result<Registered, Fault> {
    let Some(name) = frame.text(1).map(<[u8]>::to_vec) else {
        return Err(frame.raise("first argument to server.register_function must be a string"));
    };
    if frame.kind(2) != Type::Function {
        return Err(frame.raise("second argument to server.register_function must be a function"));
    }
    Ok(Registered { name, description: None, flags: Flags::default(), function: frame.keep() })
}

/// What has been read of the arguments so far.
#[derive(Default)]
struct Named {
    name: Option<Vec<u8>>,
    description: Option<Vec<u8>>,
    flags: Flags,
    function: Option<Function>,
}

fn named(frame: &mut Frame<'_>) -> Result<Registered, Fault> {
    let mut read = Named::default();
    let problem = match frame.kind(1) {
        Type::Table => {
            let mut problem = None;
            frame.each(1, |frame| {
                problem = argument(frame, &mut read).err();
                Ok(problem.is_none())
            })?;
            problem
        }
        _ => Some(
            "calling server.register_function with a single argument is only applicable to Lua table (representing \
             named arguments).",
        ),
    };
    let problem = problem
        .or_else(|| {
            read.name.is_none().then_some("server.register_function must get a function name argument")
        })
        .or_else(|| {
            read.function.is_none().then_some("server.register_function must get a callback argument")
        });
    match (problem, read.name, read.function) {
        (None, Some(name), Some(function)) => {
            Ok(Registered { name, description: read.description, flags: read.flags, function })
        }
        (problem, _, function) => {
            if let Some(function) = function {
                frame.let_go(function);
            }
            Err(frame.raise(problem.unwrap_or_default()))
        }
    }
}

/// Reads one named argument: the name below the top, the value on top.
fn argument(frame: &mut Frame<'_>, read: &mut Named) -> Result<(), &'static str> {
    // A number as a key counts as a text, and is no argument's name.
    let key = match frame.kind(-2) {
        Type::Text => frame.bytes(-2).unwrap_or_default().to_ascii_lowercase(),
        Type::Number => Vec::new(),
        _ => return Err("named argument key given to server.register_function is not a string"),
    };
    match key.as_slice() {
        b"function_name" => match frame.text(-1) {
            Some(name) => read.name = Some(name.to_vec()),
            None => return Err("function_name argument given to server.register_function must be a string"),
        },
        b"description" => match frame.text(-1) {
            Some(text) => read.description = Some(text.to_vec()),
            None => return Err("description argument given to server.register_function must be a string"),
        },
        b"callback" => {
            if frame.kind(-1) != Type::Function {
                return Err("callback argument given to server.register_function must be a function");
            }
            if let Some(before) = read.function.replace(frame.keep()) {
                frame.let_go(before);
            }
        }
        b"flags" => {
            if frame.kind(-1) != Type::Table {
                return Err(
                    "flags argument to server.register_function must be a table representing function flags",
                );
            }
            read.flags = flags(frame).ok_or("unknown flag given")?;
        }
        _ => return Err("unknown argument given to server.register_function"),
    }
    Ok(())
}

/// The flags that the array on top names.
fn flags(frame: &mut Frame<'_>) -> Option<Flags> {
    let table = frame.top();
    let mut flags = Flags::default();
    for number in 1.. {
        frame.raw_get_at(table, number);
        if frame.kind(-1) == Type::Nil {
            break;
        }
        let word = frame.text(-1)?.to_ascii_lowercase();
        flags = flags.with(Flags::by_name(&word)?);
        frame.pop(1);
    }
    Some(flags)
}

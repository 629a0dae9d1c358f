//! `server.*`: what a script can ask of the server, and small helpers around it.

use crate::raw::{Fault, Frame, Outcome, Type, truncated};

/// `server.call(...)`: an error ends the script.
pub(super) fn call(frame: &mut Frame<'_>) -> Outcome {
    command(frame, true)
}

/// `server.pcall(...)`: an error is answered.
pub(super) fn pcall(frame: &mut Frame<'_>) -> Outcome {
    command(frame, false)
}

fn command(frame: &mut Frame<'_>, raises: bool) -> Outcome {
    if let Err(text) = frame.gather() {
        frame.set_top(0);
        let fault = frame.raise(text);
        return if raises { Err(fault) } else { Ok(1) };
    }
    match frame.call() {
        Some(true) if raises => Err(Fault::Value),
        Some(_) => Ok(1),
        None => {
            frame.set_top(0);
            Err(frame.raise("commands can be called while a script is being run, and not from finalizers"))
        }
    }
}

/// `server.sha1hex(text)`
pub(super) fn sha1hex(frame: &mut Frame<'_>) -> Outcome {
    if frame.top() != 1 {
        return Err(frame.raise("wrong number of arguments"));
    }
    let hex = crate::sha1_hex(frame.text(1).unwrap_or_default());
    frame.push_bytes(&hex);
    Ok(1)
}

/// `server.error_reply(text)`: what a script returns to reply with an error.
pub(super) fn error_reply(frame: &mut Frame<'_>) -> Outcome {
    if frame.top() != 1 || frame.kind(1) != Type::Text {
        frame.raise("wrong number or type of arguments");
        return Ok(1);
    }
    let text = frame.bytes(1).unwrap_or_default();
    let text = &text[..text.iter().position(|&byte| byte == 0).unwrap_or(text.len())];
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    // Up to the first space stands the code. A text without one has the usual code.
    let (code, rest) = match text.iter().position(|&byte| byte == b' ') {
        Some(space) => (&text[..space], &text[space + 1..]),
        None => (b"ERR".as_slice(), text),
    };
    let from = rest.iter().position(|byte| !is_end(byte)).unwrap_or(rest.len());
    let to = rest.iter().rposition(|byte| !is_end(byte)).map_or(from, |at| at + 1);
    let whole = [code, b" ", &rest[from..to]].concat();
    frame.push_error(&whole, false);
    Ok(1)
}

/// `server.status_reply(text)`: what a script returns to reply with a status.
pub(super) fn status_reply(frame: &mut Frame<'_>) -> Outcome {
    if frame.top() != 1 || frame.kind(1) != Type::Text {
        frame.raise("wrong number or type of arguments");
        return Ok(1);
    }
    frame.push_table();
    frame.push_value(1);
    frame.set_field(-2, "ok");
    Ok(1)
}

/// `server.set_repl(where)`
pub(super) fn set_repl(frame: &mut Frame<'_>) -> Outcome {
    if frame.top() != 1 {
        return Err(frame.raise("server.set_repl() requires one argument."));
    }
    let Some(places) = u8::try_from(truncated(frame.number(1))).ok().filter(|places| *places <= 3) else {
        return Err(
            frame.raise("Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.")
        );
    };
    frame.set_repl(places);
    Ok(0)
}

/// `server.setresp(version)`
pub(super) fn setresp(frame: &mut Frame<'_>) -> Outcome {
    if frame.top() != 1 {
        return Err(frame.raise("server.setresp() requires one argument."));
    }
    match truncated(frame.number(1)) {
        version @ (2 | 3) => frame.set_resp3(version == 3),
        _ => return Err(frame.raise("RESP version must be 2 or 3.")),
    }
    Ok(0)
}

/// `server.acl_check_cmd(...)`: whether the caller may run a command.
pub(super) fn acl_check_cmd(frame: &mut Frame<'_>) -> Outcome {
    if let Err(text) = frame.gather() {
        return Err(frame.raise(text));
    }
    match frame.permits() {
        Some(may) => {
            frame.push_bool(may);
            Ok(1)
        }
        None => Err(frame.raise("Invalid command passed to server.acl_check_cmd()")),
    }
}

/// `server.log(level, ...)`
pub(super) fn log(frame: &mut Frame<'_>) -> Outcome {
    let count = frame.top();
    if count < 2 {
        return Err(frame.raise("server.log() requires two arguments or more."));
    }
    if !frame.is_number(1) {
        return Err(frame.raise("First argument must be a number (log level)."));
    }
    let Some(level) = u8::try_from(truncated(frame.number(1))).ok().filter(|level| *level <= 3) else {
        return Err(frame.raise("Invalid log level."));
    };
    let mut line = Vec::new();
    for number in 2..=count {
        if let Some(text) = frame.text(number) {
            if number > 2 {
                line.push(b' ');
            }
            line.extend_from_slice(text);
        }
    }
    frame.log(level, line);
    Ok(0)
}

/// `server.breakpoint()`: there is no debugger that could stop here.
pub(super) fn breakpoint(frame: &mut Frame<'_>) -> Outcome {
    frame.push_bool(false);
    Ok(1)
}

/// `server.debug(...)`: there is no debugger that could show it.
pub(super) fn debug(_: &mut Frame<'_>) -> Outcome {
    Ok(0)
}

/// `server.replicate_commands()`: as it always is.
pub(super) fn replicate_commands(frame: &mut Frame<'_>) -> Outcome {
    frame.push_bool(true);
    Ok(1)
}

/// `os.clock()`
pub(super) fn clock(frame: &mut Frame<'_>) -> Outcome {
    let seconds = frame.clock();
    frame.push_number(seconds);
    Ok(1)
}

//! What the two servers hold: the same keys, with the same values and times, in memory and as payloads.

use crate::pair::{Difference, Pair, without_order, words};

/// A payload of keys that begin so changes with the clock: what consumers do leaves times behind.
const TIMED: &str = "crowd";
/// Under these names payloads are restored.
const RESTORED: [&str; 2] = ["restored:ours", "restored:reference"];

/// Compares every key of the databases that commands use.
pub(crate) fn compare(pair: &mut Pair, left_out: &dyn Fn(&str) -> bool) -> Result<(), Difference> {
    let dumps = !left_out("DUMP") && pair.both_have("DUMP") && same_dumps(pair);
    let asks: Vec<&str> = ["TYPE", "PEXPIRETIME", "OBJECT ENCODING", "DEBUG DIGEST-VALUE"]
        .into_iter()
        .filter(|ask| !left_out(ask) && pair.both_have(ask))
        .collect();
    for database in 0..4 {
        pair.send(&words(&["SELECT", &database.to_string()]))?;
        pair.send(&words(&["DBSIZE"]))?;
        pair.send(&words(&["KEYS", "*"]))?;
        for key in names(pair) {
            for ask in &asks {
                let mut command = words(&ask.split(' ').collect::<Vec<_>>());
                command.push(key.clone());
                pair.send(&command)?;
            }
            if dumps && !key.starts_with(TIMED.as_bytes()) {
                exchange(pair, &key)?;
            }
        }
        if database == 0 && pair.both_have("DEBUG DIGEST") {
            pair.send(&words(&["DEBUG", "DIGEST"]))?;
        }
    }
    Ok(())
}

/// The keys of the database that both have selected.
fn names(pair: &mut Pair) -> Vec<Vec<u8>> {
    let [reply, _] = pair.ask(&words(&["KEYS", "*"]));
    bulks(&reply)
}

/// Each server writes a payload of a key, and both read both: what comes out is the same. The payloads are compared too,
/// but for the order of tables, which each server has its own of.
fn exchange(pair: &mut Pair, key: &[u8]) -> Result<(), Difference> {
    let replies = pair.ask(&[b"DUMP".to_vec(), key.to_vec()]);
    let payloads = replies.each_ref().map(|reply| bulks(reply).pop().unwrap_or_default());
    let [ours, reference] = replies.map(without_order);
    if ours != reference {
        return Err(Difference { command: format!("DUMP {}", key.escape_ascii()), ours, reference });
    }
    for (name, payload) in RESTORED.iter().zip(payloads) {
        let name = [name.as_bytes(), b":", key].concat();
        let restore =
            [b"RESTORE".to_vec(), name.clone(), b"0".to_vec(), payload.clone(), b"REPLACE".to_vec()];
        pair.send(&restore)?;
        for ask in ["OBJECT ENCODING", "DEBUG DIGEST-VALUE"] {
            let mut command = words(&ask.split(' ').collect::<Vec<_>>());
            command.push(name.clone());
            pair.send(&command).map_err(|difference| Difference {
                command: format!("{}, restored from {}", difference.command, payload.escape_ascii()),
                ..difference
            })?;
        }
        pair.send(&[b"DEL".to_vec(), name])?;
    }
    Ok(())
}

/// The bulk strings of a reply.
pub(crate) fn bulks(mut reply: &[u8]) -> Vec<Vec<u8>> {
    let mut bulks = Vec::new();
    while let Some(end) = reply.iter().position(|&byte| byte == b'\n') {
        let (line, rest) = reply.split_at(end + 1);
        reply = rest;
        let length =
            line.strip_prefix(b"$").and_then(|text| std::str::from_utf8(text).ok()?.trim().parse().ok());
        if let Some(length) = length.filter(|&length: &usize| length + 2 <= reply.len()) {
            bulks.push(reply[..length].to_vec());
            reply = &reply[length + 2..];
        }
    }
    bulks
}

/// Whether both write the same version of the format, whose number stands ten bytes from the end.
fn same_dumps(pair: &mut Pair) -> bool {
    pair.ask(&words(&["SET", "dump:version", "v"]));
    let versions = pair
        .ask(&words(&["DUMP", "dump:version"]))
        .map(|reply| reply[reply.len().saturating_sub(12)..reply.len().saturating_sub(10)].to_vec());
    pair.ask(&words(&["DEL", "dump:version"]));
    versions[0] == versions[1]
}

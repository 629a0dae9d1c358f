//! DUMP and RESTORE: values as payloads that travel between servers.

use crate::effects::removal;
use crate::{CommandError, Ctx, Done, parse};
use base::int;
use base::log::Line;
use bytes::Bytes;
use conn::Args;
use keyspace::Key;
use rdb::payload::{self, PayloadError};

/// `DUMP key`
pub fn dump(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let Some(place) = cx.read_place(&key) else {
        cx.reply.null();
        return Ok(Done::Replied);
    };
    let record = cx.data.databases[cx.caller.database].tables.get(place);
    let payload = payload::seal(record, cx.settings.compress.then_some(&mut *cx.lzf));
    cx.reply.bulk_shared(Bytes::from(payload));
    Ok(Done::Replied)
}

/// `RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds | FREQ frequency]`
pub fn restore(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let options = Options::parse(args)?;
    let key = cx.key(&args, 1);
    if !options.replace && cx.write(&key).is_some() {
        return Err(CommandError::BUSY_KEY);
    }
    let ttl = parse::integer(args.at(2))?;
    if ttl < 0 {
        return Err(CommandError::of("Invalid TTL value, must be >= 0"));
    }
    let (versions, rules) = (cx.settings.dump_versions, &cx.settings.rules);
    let (payload, checksum_counts) = (args.at(3), cx.settings.dump_checksums);
    let value = payload::open_of(versions, checksum_counts, payload, rules).map_err(|error| match error {
        PayloadError::Footer => CommandError::BAD_PAYLOAD_CHECKSUM,
        PayloadError::Value(error) => {
            let what = rdb::value::describe(payload[0], error.flaw);
            let text = format!("Internal error in RDB reading offset {} -> {what}", error.at);
            cx.effects.remarks.push(Line::verbose(text));
            CommandError::BAD_PAYLOAD
        }
        PayloadError::ForeignType(kind) => CommandError::of(format!("Unsupported foreign data type: {kind}")),
    })?;

    let replaced = options.replace && remove_old(cx, &key);
    let base = if options.absolute { 0 } else { cx.now };
    // Quirk of the reference: a time beyond all numbers is one of long ago.
    let expiry = (ttl != 0).then(|| ttl.wrapping_add(base));
    if cx.settings.expire_on_access && expiry.is_some_and(|when| when <= cx.now) {
        if replaced {
            cx.changed(&key, "del", 1);
            cx.replicate_as(&[removal(cx.settings.lazy_server_del), key.name]);
        }
    } else {
        let mut record = value.give(|value| cx.data.record(key.name, value, expiry));
        if let Some(access) = options.access(cx) {
            record.set_access(access);
        }
        cx.insert(&key, record);
        cx.changed(&key, "restore", 1);
        if let Some(when) = expiry.filter(|_| cx.effects.recording && !options.absolute) {
            let mut digits = [0; int::MAX_TEXT];
            let mut words: Vec<&[u8]> = args.from(0).collect();
            words[2] = int::format_i64(when, &mut digits);
            words.push(b"ABSTTL");
            cx.replicate_as(&words);
        }
    }

    cx.reply.ok();
    Ok(Done::Replied)
}

/// Removes what a key has, if it has anything.
fn remove_old(cx: &mut Ctx<'_>, key: &Key<'_>) -> bool {
    let place = cx.db().tables.locate(key);
    if let Some(place) = place {
        cx.remove(place, cx.settings.lazy_server_del);
    }
    place.is_some()
}

#[derive(Clone, Copy, Debug, Default)]
struct Options {
    replace: bool,
    absolute: bool,
    /// Seconds since the last use. Excludes a frequency.
    idle: Option<u64>,
    frequency: Option<u8>,
}

impl Options {
    fn parse(args: Args<'_>) -> Result<Options, CommandError> {
        let mut options = Options::default();
        let mut at = 4;
        while at < args.len() {
            match (args.at(at).to_ascii_lowercase().as_slice(), args.get(at + 1)) {
                (b"replace", _) => options.replace = true,
                (b"absttl", _) => options.absolute = true,
                (b"idletime", Some(seconds)) if options.frequency.is_none() => {
                    let seconds = u64::try_from(parse::integer(seconds)?)
                        .map_err(|_| CommandError::of("Invalid IDLETIME value, must be >= 0"))?;
                    options.idle = Some(seconds);
                    at += 1;
                }
                (b"freq", Some(frequency)) if options.idle.is_none() => {
                    let frequency = u8::try_from(parse::integer(frequency)?)
                        .map_err(|_| CommandError::of("Invalid FREQ value, must be >= 0 and <= 255"))?;
                    options.frequency = Some(frequency);
                    at += 1;
                }
                _ => return Err(CommandError::SYNTAX),
            }
            at += 1;
        }
        Ok(options)
    }

    /// The access clock that is asked for. What does not fit the eviction policy is passed over.
    fn access(&self, cx: &Ctx<'_>) -> Option<u32> {
        let clock = &cx.data.clock;
        match clock.lfu {
            true => self.frequency.map(|frequency| clock.with_frequency(frequency)),
            false => self.idle.map(|idle| clock.with_idle(idle)),
        }
    }
}

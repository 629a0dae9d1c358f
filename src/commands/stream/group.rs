//! XGROUP: groups and their consumers come and go.

use super::{bad_subcommand, ids, no_group_of_key};
use crate::{CommandError, Ctx, Done, help, parse};
use conn::Args;
use keyspace::Key;
use keyspace::tables::Place;
use keyspace::values::Stream;
use keyspace::values::stream::{Group, Id, Log};

/// `XGROUP CREATE key group id | $ [MKSTREAM] [ENTRIESREAD entries-read]`
pub fn xgroup_create(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let options = Options::parse(args, true)?;
    let key = cx.key(&args, 2);
    let place = cx.place_of::<Stream>(&key)?;
    if place.is_none() && !options.make {
        return Err(no_key());
    }
    if args.len() > 8 {
        return Err(bad_subcommand(args));
    }
    let last = position(cx, place, args.at(4), ids::strict)?;

    let is_new = place.is_none();
    let place = match place {
        Some(place) => place,
        None => cx.place_or_new(&key, |_| Stream::new(Log::default()))?,
    };
    if cx.value::<Stream>(place).groups.contains_key(args.at(3)) {
        return Err(CommandError(b"BUSYGROUP Consumer Group name already exists".into()));
    }
    cx.open::<Stream>(place).value.groups.insert(args.at(3).into(), Group::new(last, options.read));
    match is_new {
        true => cx.changed(&key, "xgroup-create", 1),
        false => cx.noted(&key, "xgroup-create", 1),
    }

    cx.reply.ok();
    Ok(Done::Replied)
}

/// `XGROUP SETID key group id | $ [ENTRIESREAD entries-read]`
pub fn xgroup_setid(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let options = Options::parse(args, false)?;
    let key = cx.key(&args, 2);
    let place = place_of_group(cx, &key, args.at(3))?;
    if !matches!(args.len(), 5 | 7) {
        return Err(bad_subcommand(args));
    }
    // Quirk of the reference: "-" and "+" are IDs here, and not for CREATE.
    let last = position(cx, Some(place), args.at(4), |text| ids::loose(text, 0))?;

    with_group(cx, place, args.at(3), |group| (group.last, group.read) = (last, options.read));
    cx.noted(&key, "xgroup-setid", 1);

    cx.reply.ok();
    Ok(Done::Replied)
}

/// `XGROUP DESTROY key group`
pub fn xgroup_destroy(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 2);
    let place = cx.place_of::<Stream>(&key)?.ok_or_else(no_key)?;
    let gone = cx.open::<Stream>(place).value.groups.remove(args.at(3)).is_some();
    if gone {
        cx.noted(&key, "xgroup-destroy", 1);
    }
    cx.reply.integer(gone.into());
    Ok(Done::Replied)
}

/// `XGROUP CREATECONSUMER key group consumer`
pub fn xgroup_createconsumer(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 2);
    let place = place_of_group(cx, &key, args.at(3))?;
    let now = cx.now;
    let new = with_group(cx, place, args.at(3), |group| group.create(args.at(4), now).is_some());
    if new {
        cx.noted(&key, "xgroup-createconsumer", 1);
    }
    cx.reply.integer(new.into());
    Ok(Done::Replied)
}

/// `XGROUP DELCONSUMER key group consumer`
pub fn xgroup_delconsumer(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 2);
    let place = place_of_group(cx, &key, args.at(3))?;
    let pending = with_group(cx, place, args.at(3), |group| group.remove(args.at(4)));
    if pending.is_some() {
        cx.noted(&key, "xgroup-delconsumer", 1);
    }
    cx.reply.integer(pending.unwrap_or(0) as i64);
    Ok(Done::Replied)
}

/// `XGROUP HELP`
pub fn xgroup_help(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    help::reply(
        &mut cx.reply,
        args.at(0),
        &[
            "CREATE <key> <group> <id|$> [MKSTREAM] [ENTRIESREAD <count>]",
            "    Let a group begin behind <id>, or with what comes from now on ($). MKSTREAM creates",
            "    the stream where there is none; ENTRIESREAD says how many entries lie before <id>.",
            "CREATECONSUMER <key> <group> <consumer>",
            "    Add a consumer to a group.",
            "DELCONSUMER <key> <group> <consumer>",
            "    Remove a consumer, and tell how many entries it had not acknowledged.",
            "DESTROY <key> <group>",
            "    Remove a group.",
            "SETID <key> <group> <id|$> [ENTRIESREAD <count>]",
            "    Let a group go on behind <id>.",
        ],
    );
    Ok(Done::Replied)
}

/// The options of CREATE and SETID.
struct Options {
    make: bool,
    read: Option<u64>,
}

impl Options {
    fn parse(args: Args<'_>, creates: bool) -> Result<Options, CommandError> {
        let mut options = Options { make: false, read: None };
        let mut at = 5;
        while at < args.len() {
            match args.get(at + 1) {
                _ if creates && parse::is(args.at(at), "mkstream") => options.make = true,
                Some(read) if parse::is(args.at(at), "entriesread") => {
                    options.read =
                        match parse::integer(read)? {
                            -1 => None,
                            read => Some(u64::try_from(read).map_err(|_| {
                                CommandError::of("value for ENTRIESREAD must be positive or -1")
                            })?),
                        };
                    at += 1;
                }
                _ => return Err(bad_subcommand(args)),
            }
            at += 1;
        }
        Ok(options)
    }
}

fn no_key() -> CommandError {
    CommandError::of(
        "The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option \
         to create an empty stream automatically.",
    )
}

/// The place of a stream that has this group.
fn place_of_group(cx: &mut Ctx<'_>, key: &Key<'_>, group: &[u8]) -> Result<Place, CommandError> {
    let place = cx.place_of::<Stream>(key)?.ok_or_else(no_key)?;
    match cx.value::<Stream>(place).groups.contains_key(group) {
        true => Ok(place),
        false => Err(no_group_of_key(group, key.name)),
    }
}

/// The ID at which a group is to stand.
fn position(
    cx: &Ctx<'_>,
    place: Option<Place>,
    text: &[u8],
    read: impl FnOnce(&[u8]) -> Result<Id, CommandError>,
) -> Result<Id, CommandError> {
    match text {
        b"$" => Ok(place.map_or(Id::MIN, |place| cx.value::<Stream>(place).entries.marks.last)),
        _ => read(text),
    }
}

/// Changes a group that has been seen to be there.
fn with_group<R>(cx: &mut Ctx<'_>, place: Place, name: &[u8], change: impl FnOnce(&mut Group) -> R) -> R {
    let mut open = cx.open::<Stream>(place);
    change(open.value.groups.get_mut(name).expect("a group that is there"))
}

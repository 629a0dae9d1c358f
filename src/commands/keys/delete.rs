//! Whether keys are there, and making them not be.

use crate::{CommandError, Ctx, Done};
use conn::Args;

/// `DEL key [key ...]`
pub fn del(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let lazily = cx.settings.lazy_user_del;
    delete(cx, args, lazily)
}

/// `UNLINK key [key ...]`
pub fn unlink(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    delete(cx, args, true)
}

fn delete(cx: &mut Ctx<'_>, args: Args<'_>, lazily: bool) -> Result<Done, CommandError> {
    let mut deleted = 0;
    cx.for_each_key(&args, 1, 1, |cx, _, key| {
        if let Some(place) = cx.doomed(key) {
            cx.remove(place, lazily);
            cx.changed(key, "del", 1);
            deleted += 1;
        }
    });
    cx.reply.integer(deleted);
    Ok(Done::Replied)
}

/// `EXISTS key [key ...]`: a key named twice counts twice.
pub fn exists(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let mut found = 0;
    cx.for_each_key(&args, 1, 1, |cx, _, key| found += i64::from(cx.inspect(key).is_some()));
    cx.reply.integer(found);
    Ok(Done::Replied)
}

/// `TOUCH key [key ...]`: a use in itself, also for clients whose uses do not count.
pub fn touch(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    cx.caller.no_touch = false;
    let mut touched = 0;
    cx.for_each_key(&args, 1, 1, |cx, _, key| touched += i64::from(cx.read_place(key).is_some()));
    cx.reply.integer(touched);
    Ok(Done::Replied)
}

/// `TYPE key`
pub fn type_of(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let name = cx.inspect(&key).map_or("none", |place| cx.at(place).kind().name());
    cx.reply.simple(name.as_bytes());
    Ok(Done::Replied)
}

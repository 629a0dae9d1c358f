//! XDEL and XSETID.

use super::ids;
use crate::{CommandError, Ctx, Done, parse};
use conn::Args;
use keyspace::values::Stream;
use keyspace::values::stream::{Entries, Id};

/// `XDEL key id [id ...]`
pub fn xdel(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let Some(place) = cx.place_of::<Stream>(&key)? else {
        cx.reply.integer(0);
        return Ok(Done::Replied);
    };
    let ids = args.from(2).map(ids::strict).collect::<Result<Vec<Id>, _>>()?;

    let deleted = cx.open::<Stream>(place).value.entries.delete(ids.into_iter());
    if deleted > 0 {
        cx.changed(&key, "xdel", deleted);
    }

    cx.reply.integer(deleted.cast_signed());
    Ok(Done::Replied)
}

/// `XSETID key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]`
pub fn xsetid(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let marks = NewMarks::parse(args)?;

    let key = cx.key(&args, 1);
    let place = cx.place_of::<Stream>(&key)?.ok_or(CommandError::NO_SUCH_KEY)?;
    marks.check(&cx.value::<Stream>(place).entries)?;
    let mut open = cx.open::<Stream>(place);
    let old = &mut open.value.entries.marks;
    old.last = marks.last;
    old.added = marks.added.unwrap_or(old.added);
    if marks.max_deleted != Id::MIN {
        old.max_deleted = marks.max_deleted;
    }
    drop(open);
    cx.noted(&key, "xsetid", 1);

    cx.reply.ok();
    Ok(Done::Replied)
}

/// What XSETID sets.
struct NewMarks {
    last: Id,
    added: Option<u64>,
    /// 0-0 leaves it as it is.
    max_deleted: Id,
}

impl NewMarks {
    fn parse(args: Args<'_>) -> Result<NewMarks, CommandError> {
        let mut marks = NewMarks { last: ids::strict(args.at(2))?, added: None, max_deleted: Id::MIN };
        let mut at = 3;
        while at < args.len() {
            match (args.at(at), args.get(at + 1)) {
                (word, Some(added)) if parse::is(word, "entriesadded") => {
                    let added = parse::integer(added)?;
                    let negative = |_| CommandError::of("entries_added must be positive");
                    marks.added = Some(u64::try_from(added).map_err(negative)?);
                }
                (word, Some(id)) if parse::is(word, "maxdeletedid") => {
                    marks.max_deleted = ids::strict(id)?;
                    if marks.last < marks.max_deleted {
                        return Err(smaller("the provided max_deleted_entry_id"));
                    }
                }
                _ => return Err(CommandError::SYNTAX),
            }
            at += 2;
        }
        Ok(marks)
    }

    /// Whether entries may have these marks.
    fn check(&self, entries: &Entries) -> Result<(), CommandError> {
        if self.last < entries.marks.max_deleted {
            return Err(smaller("current max_deleted_entry_id"));
        }
        let Some(top) = entries.last_live() else { return Ok(()) };
        if self.last < top {
            return Err(smaller("the target stream top item"));
        }
        if self.added.is_some_and(|added| added < entries.length()) {
            return Err(CommandError::of(
                "The entries_added specified in XSETID is smaller than the target stream length",
            ));
        }
        Ok(())
    }
}

fn smaller(than: &str) -> CommandError {
    CommandError::of(format!("The ID specified in XSETID is smaller than {than}"))
}

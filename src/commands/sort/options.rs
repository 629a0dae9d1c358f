//! What SORT is asked for.

use super::Order;
use super::pattern::Pattern;
use crate::ctx::Collate;
use crate::{CommandError, Ctx, parse};
use base::slot;
use conn::Args;
use std::ops::Range;

/// The options of a request.
pub(super) struct Options<'a> {
    pub(super) order: Order<'a>,
    pub(super) descending: bool,
    /// How many items are passed over, and how many follow at most, all if that is negative.
    limit: (i64, i64),
    pub(super) gets: Vec<Pattern<'a>>,
    /// The argument that is the key to store the outcome at.
    pub(super) store: Option<usize>,
    /// How texts compare in the language of the server.
    collate: Option<Collate>,
}

impl<'a> Options<'a> {
    pub(super) fn parse(cx: &Ctx<'_>, args: Args<'a>, may_store: bool) -> Result<Options<'a>, CommandError> {
        let (mut by, mut alpha) = (None, false);
        let mut options = Options {
            order: Order::Kept,
            descending: false,
            limit: (0, -1),
            gets: Vec::new(),
            store: None,
            collate: cx.settings.collate,
        };
        let mut at = 2;
        while at < args.len() {
            let operands = args.len() - at - 1;
            match &args.at(at).to_ascii_lowercase()[..] {
                b"asc" => options.descending = false,
                b"desc" => options.descending = true,
                b"alpha" => alpha = true,
                b"limit" if operands >= 2 => {
                    options.limit = (parse::integer(args.at(at + 1))?, parse::integer(args.at(at + 2))?);
                    at += 2;
                }
                b"store" if may_store && operands >= 1 => {
                    options.store = Some(at + 1);
                    at += 1;
                }
                b"by" if operands >= 1 => {
                    let pattern = Pattern::new(args.at(at + 1));
                    if pattern.varies() {
                        check_slot(cx, args, pattern, "BY")?;
                        check_user(cx, args, "BY")?;
                    }
                    by = Some(pattern);
                    at += 1;
                }
                b"get" if operands >= 1 => {
                    let pattern = Pattern::new(args.at(at + 1));
                    if !pattern.is_item() {
                        check_slot(cx, args, pattern, "GET")?;
                    }
                    check_user(cx, args, "GET")?;
                    options.gets.push(pattern);
                    at += 1;
                }
                _ => return Err(CommandError::SYNTAX),
            }
            at += 1;
        }
        options.order = match (by, alpha) {
            (Some(pattern), _) if !pattern.varies() => Order::Kept,
            (by, true) => Order::Alpha(by),
            (by, false) => Order::Numbers(by),
        };
        Ok(options)
    }

    /// How texts compare, if not by their bytes. What is stored does not depend on the language of a server.
    pub(super) fn collation(&self) -> Option<Collate> {
        self.collate.filter(|_| self.store.is_none())
    }

    /// Which of so many items are asked for.
    pub(super) fn range(&self, len: usize) -> Range<usize> {
        let start = usize::try_from(self.limit.0).unwrap_or(0).min(len);
        let count = usize::try_from(self.limit.1).unwrap_or(len);
        start..start.saturating_add(count).min(len)
    }
}

/// Patterns may lead to any key, so the user must be allowed to read all.
fn check_user(cx: &Ctx<'_>, args: Args<'_>, option: &str) -> Result<(), CommandError> {
    let user = cx.users.get(cx.caller.user);
    if user.allows_all() || cx.head.command.is_ok_and(|id| user.permits_reading_all(id, &args)) {
        return Ok(());
    }
    Err(CommandError::of(format!("{option} option of SORT denied due to insufficient ACL permissions.")))
}

/// In cluster mode, the keys of a pattern must all be in the slot of the key that is sorted.
fn check_slot(cx: &Ctx<'_>, args: Args<'_>, pattern: Pattern<'_>, option: &str) -> Result<(), CommandError> {
    if !cx.data.cluster || slot::slot_of_pattern(pattern.text) == Some(slot::slot_of(args.at(1))) {
        return Ok(());
    }
    Err(CommandError::of(format!(
        "{option} option of SORT denied in Cluster mode when keys formed by the pattern may be in different slots."
    )))
}

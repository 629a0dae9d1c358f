//! XTRIM, and the options that it shares with XADD.

use super::ids::{self, NewId};
use crate::{CommandError, Ctx, Done, parse};
use base::int;
use conn::Args;
use keyspace::values::stream::{Entries, Keep, Trim};
use keyspace::values::{Rules, Stream};

/// `XTRIM key MAXLEN | MINID [= | ~] threshold [LIMIT count]`
pub fn xtrim(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    let options = Options::parse(args, &cx.settings.rules, false)?;
    let Some(trimming) = options.trimming else {
        return Err(CommandError::of("syntax error, XTRIM must be called with a trimming strategy"));
    };

    let key = cx.key(&args, 1);
    let Some(place) = cx.place_of::<Stream>(&key)? else {
        cx.reply.integer(0);
        return Ok(Done::Replied);
    };
    let mut open = cx.open::<Stream>(place);
    let deleted = open.value.entries.trim(&trimming.trim);
    let repeated = trimming.repeated(&open.value.entries);
    drop(open);

    if deleted > 0 {
        cx.changed(&key, "xtrim", deleted);
        if let Some(threshold) = repeated
            && cx.effects.recording
        {
            let mut words = Vec::from_iter(args.from(0));
            trimming.rewrite(&mut words, &threshold);
            cx.replicate_as(&words);
        }
    }
    cx.reply.integer(deleted.cast_signed());
    Ok(Done::Replied)
}

/// How to trim, and where that is said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trimming {
    pub(super) trim: Trim,
    /// The argument that is the threshold.
    at: usize,
}

impl Trimming {
    /// The threshold that leads elsewhere to what was left here, if trimming was not exact.
    pub(super) fn repeated(&self, entries: &Entries) -> Option<Vec<u8>> {
        if !self.trim.whole_nodes {
            return None;
        }
        let mut text = Vec::new();
        match self.trim.keep {
            Keep::Length(_) => int::push_u64(&mut text, entries.length()),
            Keep::From(_) => text.extend_from_slice(&entries.first_kept().text()),
        }
        Some(text)
    }

    /// Puts that threshold into the words of the request.
    pub(super) fn rewrite<'w>(&self, words: &mut [&'w [u8]], threshold: &'w [u8]) {
        words[self.at - 1] = b"=";
        words[self.at] = threshold;
    }
}

/// The options of XADD and XTRIM.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    pub(super) trimming: Option<Trimming>,
    pub(super) no_create: bool,
    /// The ID of XADD.
    pub(super) id: NewId,
    /// The argument that is the ID.
    pub(super) id_at: usize,
}

impl Options {
    /// Reads the options; for XADD, `adds`, up to the ID.
    pub(super) fn parse(args: Args<'_>, rules: &Rules, adds: bool) -> Result<Options, CommandError> {
        let mut options =
            Options { trimming: None, no_create: false, id: NewId::Automatic, id_at: args.len() };
        let mut limit = None;
        let mut at = 2;
        while at < args.len() {
            let word = args.at(at);
            let more = at + 1 < args.len();
            if adds && word == b"*" {
                options.id_at = at;
                break;
            } else if more && (parse::is(word, "maxlen") || parse::is(word, "minid")) {
                at = options.read_trimming(args, at)?;
            } else if more && parse::is(word, "limit") {
                at += 1;
                let most = parse::integer(args.at(at))?;
                limit = Some(
                    u64::try_from(most).map_err(|_| CommandError::of("The LIMIT argument must be >= 0."))?,
                );
            } else if adds && parse::is(word, "nomkstream") {
                options.no_create = true;
            } else if adds {
                options.id = NewId::parse(word)?;
                options.id_at = at;
                break;
            } else {
                return Err(CommandError::SYNTAX);
            }
            at += 1;
        }
        options.limit(limit, rules, adds)?;
        Ok(options)
    }

    /// Reads a strategy that begins at an argument; answers where it ends.
    fn read_trimming(&mut self, args: Args<'_>, at: usize) -> Result<usize, CommandError> {
        if self.trimming.is_some() {
            return Err(CommandError::of(
                "syntax error, MAXLEN and MINID options at the same time are not compatible",
            ));
        }
        let next = args.at(at + 1);
        let sign = at + 2 < args.len() && matches!(next, b"~" | b"=");
        let threshold = at + 1 + usize::from(sign);
        let keep = if parse::is(args.at(at), "maxlen") {
            let most = parse::integer(args.at(threshold))?;
            Keep::Length(
                u64::try_from(most).map_err(|_| CommandError::of("The MAXLEN argument must be >= 0."))?,
            )
        } else {
            Keep::From(ids::strict(args.at(threshold))?)
        };
        let whole_nodes = sign && next == b"~";
        self.trimming = Some(Trimming { trim: Trim { keep, whole_nodes, limit: 0 }, at: threshold });
        Ok(threshold)
    }

    /// Settles how much is trimmed at most: whole nodes alone go by a limit.
    fn limit(&mut self, limit: Option<u64>, rules: &Rules, adds: bool) -> Result<(), CommandError> {
        const LEAST: u64 = 10_000;
        const MOST: u64 = 1_000_000;
        let Some(trimming) = &mut self.trimming else {
            return match limit {
                Some(1..) => Err(CommandError::of(
                    "syntax error, LIMIT cannot be used without specifying a trimming strategy",
                )),
                Some(0) if adds => Err(limit_alone()),
                _ => Ok(()),
            };
        };
        trimming.trim.limit = match (limit, trimming.trim.whole_nodes) {
            (Some(_), false) => return Err(limit_alone()),
            (Some(limit), true) => limit,
            (None, false) => 0,
            (None, true) => match rules.stream_node_max_entries.saturating_mul(100) {
                0 => LEAST,
                entries => entries.min(MOST),
            },
        };
        Ok(())
    }
}

fn limit_alone() -> CommandError {
    CommandError::of("syntax error, LIMIT cannot be used without the special ~ option")
}

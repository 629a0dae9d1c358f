//! Walks that a client takes in steps, over keys or over the parts of a value: SCAN, SSCAN, HSCAN, ZSCAN. Here stands what
//! they have in common: the grammar, how far a step goes, and the reply.
//!
//! A walk has no state but its cursor. What is kept as a table is walked a place at a time, see `structures::hashtable`;
//! what is kept in one piece is small and answered as a whole, and its walk ends at once.

use crate::{CommandError, Ctx, Done, parse};
use base::text::Text;
use base::{glob, int};
use conn::Args;
use keyspace::Kind;
use keyspace::values::Value;
use resp::{Protocol, Reply, ReplyBuffer};

/// How many elements are looked at when the client does not say.
const DEFAULT_COUNT: u64 = 10;
/// How many places of a table are looked at for each element that was asked for, when few are found.
const PLACES_PER_ELEMENT: u64 = 10;

/// What the client wants of a step.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The glob that names must match.
    pub pattern: &'a [u8],
    /// The type that keys must have.
    pub kind: Option<Kind>,
    /// Whether names are answered without what belongs to them: NOVALUES, NOSCORES.
    pub only_names: bool,
    count: u64,
}

impl<'a> Options<'a> {
    /// Reads the options from argument `from` on, for a walk over values of type `of`, or over keys.
    pub fn parse(args: Args<'a>, from: usize, of: Option<Kind>) -> Result<Options<'a>, CommandError> {
        let mut options = Options { pattern: b"*", kind: None, only_names: false, count: DEFAULT_COUNT };
        let mut at = from;
        while at < args.len() {
            match (args.at(at).to_ascii_lowercase().as_slice(), args.get(at + 1)) {
                (b"count", Some(number)) => {
                    options.count = match u64::try_from(parse::integer(number)?) {
                        Ok(count @ 1..) => count,
                        _ => return Err(CommandError::SYNTAX),
                    };
                    at += 1;
                }
                (b"match", Some(pattern)) => {
                    options.pattern = pattern;
                    at += 1;
                }
                (b"type", Some(name)) if of.is_none() => {
                    options.kind = Some(kind_of(name)?);
                    at += 1;
                }
                (b"novalues", _) if of == Some(Kind::Hash) => options.only_names = true,
                (b"novalues", _) => {
                    return Err(CommandError::of("NOVALUES option can only be used in HSCAN"));
                }
                (b"noscores", _) if of == Some(Kind::SortedSet) => options.only_names = true,
                (b"noscores", _) => {
                    return Err(CommandError::of("NOSCORES option can only be used in ZSCAN"));
                }
                _ => return Err(CommandError::SYNTAX),
            }
            at += 1;
        }
        Ok(options)
    }

    /// Whether a name is wanted.
    #[inline]
    pub fn passes(&self, name: &[u8]) -> bool {
        self.pattern == b"*" || glob::matches(self.pattern, name, false)
    }

    /// Takes one step through a table. `look` visits the place of a cursor, adds how many elements it saw there to the
    /// number it is given, wanted or not, and answers the next cursor. The answer is the cursor for the client.
    pub fn walk(&self, mut cursor: u64, mut look: impl FnMut(u64, &mut u64) -> u64) -> u64 {
        let mut places = self.count.saturating_mul(PLACES_PER_ELEMENT);
        let mut seen = 0;
        loop {
            cursor = look(cursor, &mut seen);
            if cursor == 0 || places == 0 || seen >= self.count {
                return cursor;
            }
            places -= 1;
        }
    }
}

fn kind_of(name: &[u8]) -> Result<Kind, CommandError> {
    Kind::ALL
        .into_iter()
        .find(|kind| parse::is(name, kind.name()))
        .ok_or_else(|| CommandError::of([b"unknown type name '", parse::quoted(name), b"'"].concat()))
}

/// A cursor as a client gives it.
pub fn cursor(text: &[u8]) -> Result<u64, CommandError> {
    int::parse_u64_loose(text).ok_or(CommandError::INVALID_CURSOR)
}

/// What a step has found, on its way into a reply that must begin with the cursor and the number.
pub struct Found {
    elements: ReplyBuffer,
    count: usize,
    protocol: Protocol,
}

impl Found {
    /// Nothing yet.
    pub fn new(reply: &Reply<'_>) -> Found {
        Found { elements: reply.buffer_aside(), count: 0, protocol: reply.protocol() }
    }

    /// Whether the client cannot be sent any more.
    pub fn is_full(&self) -> bool {
        self.elements.is_full()
    }

    /// Adds a string.
    #[inline]
    pub fn push(&mut self, element: &[u8]) {
        Reply::new(&mut self.elements, self.protocol).bulk(element);
        self.count += 1;
    }

    /// Adds a string, however it is kept.
    #[inline]
    pub fn push_text(&mut self, element: Text<'_>) {
        self.push(element.bytes(&mut [0; int::MAX_TEXT]));
    }

    /// Replies with what was found, in an array.
    pub fn reply(mut self, reply: &mut Reply<'_>) {
        reply.array(self.count);
        reply.take_aside(&mut self.elements);
    }

    /// Replies with a cursor and with what was found.
    pub(crate) fn reply_behind(self, cursor: u64, reply: &mut Reply<'_>) {
        reply.array(2);
        reply.bulk(int::format_u64(cursor, &mut [0; int::MAX_TEXT]));
        self.reply(reply);
    }
}

/// `xSCAN key cursor [options]`, for a value of type `V`. `visit` is given the value, the cursor, the options and what to
/// put the wanted elements into, and answers the next cursor. As in the reference, nobody looks at the options of a walk
/// over a key that is not there.
pub fn collection<V: Value>(
    cx: &mut Ctx<'_>,
    args: Args<'_>,
    visit: impl FnOnce(&V, u64, &Options<'_>, &mut Found) -> u64,
) -> Result<Done, CommandError> {
    let cursor = cursor(args.at(2))?;
    let key = cx.key(&args, 1);
    cx.view::<V, _>(&key, |value, reply| {
        let mut found = Found::new(reply);
        let next = match value {
            None => 0,
            Some(value) => visit(value, cursor, &Options::parse(args, 3, Some(V::KIND))?, &mut found),
        };
        found.reply_behind(next, reply);
        Ok(Done::Replied)
    })?
}

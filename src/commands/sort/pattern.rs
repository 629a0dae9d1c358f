//! Patterns of BY and GET: which key, or which field of which hash, tells about an item.
//!
//! ```text
//! before*behind           the string at the key that has the item's text in the place of the star
//! before*behind->field    a field of the hash at such a key
//! #                       the item itself
//! ```

use crate::{Ctx, hash, parse};
use base::text::Text;
use keyspace::values::Hash;
use resp::Reply;

/// What stands before the star, what behind it, and the field.
type Parts<'a> = (&'a [u8], &'a [u8], Option<&'a [u8]>);

/// A pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Pattern<'a> {
    /// All of it.
    pub(super) text: &'a [u8],
    /// What it is made of, if it has a star.
    parts: Option<Parts<'a>>,
}

impl<'a> Pattern<'a> {
    pub(super) fn new(text: &'a [u8]) -> Pattern<'a> {
        // As in the reference, star and arrow are sought before the first NUL only.
        let visible = parse::quoted(text);
        let parts = visible.iter().position(|byte| *byte == b'*').map(|star| {
            let arrow = visible[star + 1..].windows(2).position(|pair| pair == b"->").map(|at| star + 1 + at);
            match arrow.filter(|arrow| arrow + 2 < visible.len()) {
                Some(arrow) => (&text[..star], &text[star + 1..arrow], Some(&text[arrow + 2..])),
                None => (&text[..star], &text[star + 1..], None),
            }
        });
        Pattern { text, parts }
    }

    /// Whether it leads to another key for each item.
    pub(super) fn varies(&self) -> bool {
        self.parts.is_some()
    }

    /// Whether it means the item itself.
    pub(super) fn is_item(&self) -> bool {
        parse::quoted(self.text) == b"#"
    }

    /// What it tells about an item, if anything.
    pub(super) fn look_up<'c, R>(
        &self,
        cx: &mut Ctx<'c>,
        item: &[u8],
        tell: impl FnOnce(Option<Text<'_>>, &mut Reply<'c>) -> R,
    ) -> R {
        if self.is_item() {
            return tell(Some(Text::Bytes(item)), &mut cx.reply);
        }
        let Some((before, behind, field)) = self.parts else { return tell(None, &mut cx.reply) };
        let name = [before, item, behind].concat();
        let (key, clock) = (cx.data.key(&name), hash::clock(cx));
        cx.read(&key, |record, reply| {
            let Some(field) = field else { return tell(record.and_then(keyspace::Record::text), reply) };
            let hash = record.and_then(keyspace::Record::value::<Hash>);
            let field = hash.as_ref().and_then(|hash| hash.get(field, &clock));
            tell(field.map(|field| field.value), reply)
        })
    }
}

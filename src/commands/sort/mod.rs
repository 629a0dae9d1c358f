//! `SORT`: the items of a list, set or sorted set in another order, or what other keys say about them.
//!
//! Items are copied into one piece of memory, with a number or a text beside each to order them by; then they are ordered
//! as far as they are asked for, and replied or stored.

mod merge;
mod options;
mod pattern;
#[cfg(test)]
mod tests;

use crate::list::reply_item;
use crate::{CommandError, Ctx, Done, parse};
use base::text::{Digits, Text};
use conn::Args;
use keyspace::values::list::End;
use keyspace::values::{AnyRef, List, SortedSet, Value};
use keyspace::{Key, Kind};
use options::Options;
use pattern::Pattern;
use std::cmp::Ordering;
use std::ffi::CStr;
use std::ops::Range;

/// `SORT key [BY pattern] [LIMIT offset count] [GET pattern ...] [ASC | DESC] [ALPHA] [STORE destination]`
pub fn sort(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    run(cx, args, Options::parse(cx, args, true)?)
}

/// `SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern ...] [ASC | DESC] [ALPHA]`
pub fn sort_ro(cx: &mut Ctx<'_>, args: Args<'_>) -> Result<Done, CommandError> {
    run(cx, args, Options::parse(cx, args, false)?)
}

fn run(cx: &mut Ctx<'_>, args: Args<'_>, mut options: Options<'_>) -> Result<Done, CommandError> {
    let key = cx.key(&args, 1);
    let mut items = Items::default();
    if let Some(kind) = items.load(cx, &key, &options)?
        && kind == Kind::Set
        && options.order == Order::Kept
        && (options.store.is_some() || cx.caller.in_script)
    {
        // What is stored, or decides what a script does, must not depend on how the set happens to lie in memory.
        options.order = Order::Alpha(None);
    }
    items.rank(cx, &options)?;
    let range = items.arrange(&options);

    match options.store {
        None => reply(cx, &items, range, &options),
        Some(destination) => {
            let destination = cx.key(&args, destination);
            store(cx, &items, range, &options, &destination);
        }
    }
    Ok(Done::Replied)
}

/// What items are ordered by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order<'a> {
    /// Their own order, or none.
    Kept,
    /// The numbers that they are, or that the keys of a pattern hold.
    Numbers(Option<Pattern<'a>>),
    /// Their texts, or those that the keys of a pattern hold.
    Alpha(Option<Pattern<'a>>),
}

/// A piece of [`Items::bytes`].
type Span = Range<usize>;

#[derive(Clone)]
struct Item {
    text: Span,
    number: f64,
    /// What is to be compared when texts are.
    by: Option<Span>,
}

#[derive(Default)]
struct Items {
    bytes: Vec<u8>,
    items: Vec<Item>,
}

impl Items {
    fn keep(&mut self, text: Text<'_>) -> Span {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text.bytes(&mut Digits::default()));
        // For those who compare strings of C.
        self.bytes.push(0);
        start..self.bytes.len() - 1
    }

    fn push(&mut self, text: Text<'_>) {
        let text = self.keep(text);
        self.items.push(Item { text, number: 0.0, by: None });
    }

    fn text(&self, item: &Item) -> &[u8] {
        &self.bytes[item.text.clone()]
    }

    /// Copies the items of a key, and answers its type if it is there. Items that keep their order come in it, whichever
    /// way it is asked for.
    fn load(
        &mut self,
        cx: &mut Ctx<'_>,
        key: &Key<'_>,
        options: &Options<'_>,
    ) -> Result<Option<Kind>, CommandError> {
        let Some(place) = cx.read_place(key) else { return Ok(None) };
        if cx.at(place).kind() == Kind::SortedSet {
            // Quirk of the reference: a sorted set that has once been sorted is small no more.
            let mut open = cx.open::<SortedSet>(place);
            open.value.expect(open.rules, usize::MAX, 0);
        }
        let record = cx.at(place);
        let backwards = options.descending && options.order == Order::Kept;
        record
            .with_any(|any| match any {
                AnyRef::List(list) => {
                    let (from, towards) =
                        if backwards { (list.len() - 1, End::Head) } else { (0, End::Tail) };
                    list.show(from, usize::MAX, towards, |item| self.push(item));
                    Some(Kind::List)
                }
                AnyRef::Set(set) => {
                    set.iter().for_each(|member| self.push(member));
                    Some(Kind::Set)
                }
                AnyRef::SortedSet(set) => {
                    set.walk(0..set.len(), backwards, |member, _| {
                        self.push(member);
                        true
                    });
                    Some(Kind::SortedSet)
                }
                AnyRef::Hash(_) | AnyRef::Stream(_) => None,
            })
            .flatten()
            .map_or(Err(CommandError::WRONG_TYPE), |kind| Ok(Some(kind)))
    }

    /// Finds out what each item is ordered by.
    fn rank(&mut self, cx: &mut Ctx<'_>, options: &Options<'_>) -> Result<(), CommandError> {
        let mut all_numbers = true;
        for at in 0..self.items.len() {
            let text = self.items[at].text.clone();
            match options.order {
                Order::Kept => break,
                Order::Numbers(None) => match number(&self.bytes[text]) {
                    Some(number) => self.items[at].number = number,
                    None => all_numbers = false,
                },
                Order::Numbers(Some(pattern)) => {
                    let found = pattern.look_up(cx, &self.bytes[text], |text, _| {
                        text.map(|text| number(text.bytes(&mut Digits::default())))
                    });
                    match found {
                        None => {}
                        Some(Some(number)) => self.items[at].number = number,
                        Some(None) => all_numbers = false,
                    }
                }
                Order::Alpha(None) => self.items[at].by = Some(self.compared(text, options)),
                Order::Alpha(Some(pattern)) => {
                    let item = self.bytes[text].to_vec();
                    let by = pattern.look_up(cx, &item, |text, _| text.map(|text| self.keep(text)));
                    self.items[at].by = by.map(|by| self.compared(by, options));
                }
            }
        }
        if all_numbers {
            return Ok(());
        }
        Err(CommandError::of("One or more scores can't be converted into double"))
    }

    /// What of a text is compared: all of it where the outcome is stored, otherwise what is before its first NUL byte, as
    /// the reference compares strings of C.
    fn compared(&self, text: Span, options: &Options<'_>) -> Span {
        let nul = self.bytes[text.clone()].iter().position(|&byte| byte == 0);
        match nul {
            Some(nul) if options.store.is_none() => text.start..text.start + nul,
            _ => text,
        }
    }

    /// Brings those items in order that are asked for, and answers which these are.
    fn arrange(&mut self, options: &Options<'_>) -> Range<usize> {
        let len = self.items.len();
        let range = options.range(len);
        let mut items = std::mem::take(&mut self.items);
        if let Order::Alpha(_) = options.order
            && options.collation().is_some()
        {
            merge::sort(&mut items, |a, b| self.compare(a, b, options));
        } else if options.order != Order::Kept && !range.is_empty() {
            let compare = |a: &Item, b: &Item| self.compare(a, b, options);
            let mut wanted = &mut items[..];
            if range.end < len {
                wanted.select_nth_unstable_by(range.end - 1, compare);
                wanted = &mut wanted[..range.end];
            }
            if range.start > 0 {
                wanted.select_nth_unstable_by(range.start, compare);
                wanted = &mut wanted[range.start..];
            }
            wanted.sort_by(compare);
        }
        self.items = items;
        range
    }

    fn compare(&self, a: &Item, b: &Item, options: &Options<'_>) -> Ordering {
        let texts = || self.text(a).cmp(self.text(b));
        let order = match options.order {
            Order::Kept => Ordering::Equal,
            Order::Alpha(_) => match (&a.by, &b.by) {
                (Some(a), Some(b)) => self.compare_texts(a, b, options),
                (a, b) => a.is_some().cmp(&b.is_some()),
            },
            Order::Numbers(_) => a.number.partial_cmp(&b.number).unwrap_or(Ordering::Equal).then_with(texts),
        };
        if options.descending { order.reverse() } else { order }
    }

    /// Compares two texts, each with a NUL byte behind it, by the rules of the language if there are some.
    fn compare_texts(&self, a: &Span, b: &Span, options: &Options<'_>) -> Ordering {
        let c_string =
            |text: &Span| CStr::from_bytes_until_nul(&self.bytes[text.start..]).unwrap_or_default();
        match options.collation() {
            Some(collate) => collate(c_string(a), c_string(b)),
            None => self.bytes[a.clone()].cmp(&self.bytes[b.clone()]),
        }
    }
}

/// A number as C reads it: blanks before it do not matter, and no text at all is zero.
fn number(text: &[u8]) -> Option<f64> {
    let text = parse::quoted(text);
    let blanks = text.iter().take_while(|byte| byte.is_ascii_whitespace() || **byte == b'\x0b').count();
    if text.is_empty() { Some(0.0) } else { base::double::parse_f64(&text[blanks..]) }
}

fn reply(cx: &mut Ctx<'_>, items: &Items, range: Range<usize>, options: &Options<'_>) {
    cx.reply.array(range.len() * options.gets.len().max(1));
    for item in &items.items[range] {
        let text = items.text(item);
        if options.gets.is_empty() {
            cx.reply.bulk(text);
        }
        for get in &options.gets {
            get.look_up(cx, text, |found, reply| match found {
                Some(found) => reply_item(reply, found),
                None => reply.null(),
            });
        }
    }
}

fn store(cx: &mut Ctx<'_>, items: &Items, range: Range<usize>, options: &Options<'_>, destination: &Key<'_>) {
    let rules = cx.settings.rules;
    let mut list = List::quick(&rules);
    for item in &items.items[range] {
        let text = items.text(item);
        if options.gets.is_empty() {
            list.push(End::Tail, Text::of(text), &rules);
        }
        for get in &options.gets {
            get.look_up(cx, text, |found, _| {
                let found = found.unwrap_or(Text::Bytes(b""));
                list.push(End::Tail, Text::of(found.bytes(&mut Digits::default())), &rules);
            });
        }
    }
    let len = list.len();
    if len > 0 {
        list.suit(&rules);
        if list.is_compressing() {
            list.compress(cx.lzf);
        }
        cx.store(destination, list.into_any());
        cx.changed(destination, "sortstore", len as u64);
    } else {
        cx.store_nothing(destination);
    }
    cx.reply.integer(len as i64);
}

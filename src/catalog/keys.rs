//! Finding the keys in a request, with what the command does to each.
//!
//! The specs of a command are followed one after another. Where they leave something open (a spec that may miss keys,
//! or flags that the arguments decide), the command names a `KeyFinder` that reads the arguments. Nothing here trusts a
//! request: positions never leave it, and no more keys are reported than specs times arguments.
//!
//! Quirk of the reference: a request whose keys cannot be found (a count that is no number, or that counts past the
//! end) has no keys. It is refused by the command itself, or by COMMAND GETKEYS.

use crate::command::KeyFinder;
use crate::key_spec::{Begin, Find, KeyFlag, KeyFlags, KeySpec};
use crate::table::CommandId;

/// The arguments of a request, the command's name first.
pub trait Argv {
    /// How many there are.
    fn len(&self) -> usize;

    /// The one at this position, which is less than `len`.
    fn get(&self, index: usize) -> &[u8];

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<A: AsRef<[u8]>> Argv for [A] {
    fn len(&self) -> usize {
        <[A]>::len(self)
    }

    fn get(&self, index: usize) -> &[u8] {
        self[index].as_ref()
    }
}

impl<A: AsRef<[u8]>> Argv for Vec<A> {
    fn len(&self) -> usize {
        <[A]>::len(self)
    }

    fn get(&self, index: usize) -> &[u8] {
        self[index].as_ref()
    }
}

/// A key in a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyRef {
    /// Its position.
    pub position: usize,
    /// What the command does to it.
    pub flags: KeyFlags,
}

/// The specs could not be followed.
struct BadKeys;

/// Whether a command has keys at all.
pub fn has_keys(id: CommandId) -> bool {
    let command = id.command();
    command.key_finder.is_some() || command.key_specs.iter().any(|spec| !spec.flags.has(KeyFlag::NotKey))
}

/// Replaces the content of `keys` by the keys of a request, spec by spec.
pub fn find_keys<V: Argv + ?Sized>(id: CommandId, argv: &V, keys: &mut Vec<KeyRef>) {
    keys.clear();
    let command = id.command();
    let specs = command.key_specs;
    if !specs.iter().any(|spec| spec.flags.has(KeyFlag::VariableFlags)) && follow(specs, argv, keys).is_ok() {
        return;
    }
    find_otherwise(id, argv, keys);
}

/// The same for a command that only reads, as they are remembered for clients that track. Quirk of the reference: where there
/// is another way to find keys, this one is not taken.
pub fn find_read_keys<V: Argv + ?Sized>(id: CommandId, argv: &V, keys: &mut Vec<KeyRef>) {
    if !find_otherwise(id, argv, keys) {
        find_keys(id, argv, keys);
    }
}

/// Finds the keys without following the specs, if there is a way.
fn find_otherwise<V: Argv + ?Sized>(id: CommandId, argv: &V, keys: &mut Vec<KeyRef>) -> bool {
    keys.clear();
    let command = id.command();
    match command.key_finder {
        Some(finder) => finder.find(argv, keys),
        None => return count_loosely(command.key_specs, argv, keys),
    }
    true
}

/// Reports the keys of which there are as many as an argument says, if there is such a spec, and then those of the others.
/// Quirk of the reference: here the argument only has to begin with a number, and what is done to the keys is not known.
fn count_loosely<V: Argv + ?Sized>(specs: &[KeySpec], argv: &V, keys: &mut Vec<KeyRef>) -> bool {
    let counted = specs.iter().find_map(|spec| match (spec.begin, spec.find) {
        (Begin::Index(begin), Find::Count { count_at, first, step }) => {
            Some([begin + count_at, begin + first, step.max(1)].map(usize::from))
        }
        _ => None,
    });
    let Some([count_at, first, step]) = counted else { return false };
    let most = argv.len().saturating_sub(first) / step;
    let count = if count_at < argv.len() { argv.get(count_at).trim_ascii_start() } else { b"" };
    let count = base::int::leading_u64(count.strip_prefix(b"+").unwrap_or(count));
    let count = usize::try_from(count).unwrap_or(0);
    if (1..=most).contains(&count) {
        let others = specs.iter().filter_map(|spec| match (spec.begin, spec.find) {
            (Begin::Index(begin), Find::Range { .. }) => Some(usize::from(begin)),
            _ => None,
        });
        let positions = (first..).step_by(step).take(count).chain(others);
        keys.extend(positions.map(|position| KeyRef { position, flags: KeyFlags::of(&[]) }));
    }
    true
}

/// Follows the specs, up to the first that cannot be followed.
fn follow<V: Argv + ?Sized>(specs: &[KeySpec], argv: &V, keys: &mut Vec<KeyRef>) -> Result<(), BadKeys> {
    specs.iter().filter(|spec| !spec.flags.has(KeyFlag::NotKey)).try_for_each(|spec| spec.follow(argv, keys))
}

impl KeySpec {
    /// Reports the keys of this spec.
    fn follow<V: Argv + ?Sized>(&self, argv: &V, keys: &mut Vec<KeyRef>) -> Result<(), BadKeys> {
        let Some(begin) = self.begin(argv)? else {
            return Ok(());
        };
        let (first, last, step) = self.range(argv, begin)?;
        if first > last || last >= argv.len() {
            return Err(BadKeys);
        }
        keys.extend((first..=last).step_by(step).map(|position| KeyRef { position, flags: self.flags }));
        if self.flags.has(KeyFlag::Incomplete) { Err(BadKeys) } else { Ok(()) }
    }

    /// Where the spec begins: nowhere, when its keyword is absent.
    fn begin<V: Argv + ?Sized>(&self, argv: &V) -> Result<Option<usize>, BadKeys> {
        match self.begin {
            Begin::Index(index) => Ok(Some(usize::from(index))),
            Begin::Keyword { word, from } => Ok(after_keyword(argv, word, from)),
            Begin::Unknown => Err(BadKeys),
        }
    }

    /// The first and last position of the keys, and the step between them, from where the spec begins.
    fn range<V: Argv + ?Sized>(&self, argv: &V, begin: usize) -> Result<(usize, usize, usize), BadKeys> {
        let argc = argv.len();
        match self.find {
            Find::Range { last, step, limit } => {
                let from_end = usize::from(last.unsigned_abs());
                let end = match usize::try_from(last) {
                    Ok(last) => Some(begin + last),
                    Err(_) if limit <= 1 => argc.checked_sub(from_end),
                    Err(_) => (begin + argc.saturating_sub(begin) / usize::from(limit)).checked_sub(from_end),
                };
                Ok((begin, end.ok_or(BadKeys)?, usize::from(step.max(1))))
            }
            Find::Count { count_at, first, step } => {
                let count_at = begin + usize::from(count_at);
                if count_at >= argc {
                    return Err(BadKeys);
                }
                let count = count(argv.get(count_at)).filter(|&count| count <= argc).ok_or(BadKeys)?;
                let first = begin + usize::from(first);
                Ok((first, (first + count).checked_sub(1).ok_or(BadKeys)?, usize::from(step.max(1))))
            }
            Find::Unknown => Err(BadKeys),
        }
    }
}

/// The position after a keyword, sought forwards from `from`, or backwards from the end where that is negative. Quirk
/// of the reference: forwards, the last argument is not looked at; backwards, neither is the one after the name.
fn after_keyword<V: Argv + ?Sized>(argv: &V, word: &str, from: i16) -> Option<usize> {
    let argc = argv.len();
    let is_word = |&index: &usize| argv.get(index).eq_ignore_ascii_case(word.as_bytes());
    let found = match usize::try_from(from) {
        Ok(from) => (from.max(1)..argc.saturating_sub(1)).find(is_word),
        Err(_) => {
            let start = argc.checked_sub(usize::from(from.unsigned_abs()))?;
            (2..=start).rev().find(is_word)
        }
    };
    found.map(|index| index + 1)
}

/// A count of keys: plain decimal digits without sign or leading zeros.
fn count(text: &[u8]) -> Option<usize> {
    match text {
        [b'0'] => Some(0),
        [b'1'..=b'9', ..] if text.iter().all(u8::is_ascii_digit) => {
            std::str::from_utf8(text).ok()?.parse().ok()
        }
        _ => None,
    }
}

impl KeyFinder {
    fn find<V: Argv + ?Sized>(self, argv: &V, keys: &mut Vec<KeyRef>) {
        match self {
            KeyFinder::Set => set(argv, keys),
            KeyFinder::BitField => bitfield(argv, keys),
            KeyFinder::Sort => sort(argv, keys),
            KeyFinder::SortRo => one_key(argv, keys, READ),
            KeyFinder::XRead => xread(argv, keys),
        }
    }
}

const READ: KeyFlags = KeyFlags::of(&[KeyFlag::ReadOnly, KeyFlag::Access]);
const CHANGE: KeyFlags = KeyFlags::of(&[KeyFlag::ReadWrite, KeyFlag::Access, KeyFlag::Update]);
const REPLACE: KeyFlags = KeyFlags::of(&[KeyFlag::Overwrite, KeyFlag::Update]);

/// Reports the key at position 1, if the request has that many arguments.
fn one_key<V: Argv + ?Sized>(argv: &V, keys: &mut Vec<KeyRef>, flags: KeyFlags) {
    if argv.len() > 1 {
        keys.push(KeyRef { position: 1, flags });
    }
}

/// SET reads the old value only when an option says GET.
fn set<V: Argv + ?Sized>(argv: &V, keys: &mut Vec<KeyRef>) {
    let get = (3..argv.len()).any(|i| argv.get(i).eq_ignore_ascii_case(b"get"));
    one_key(argv, keys, if get { CHANGE } else { REPLACE });
}

/// BITFIELD changes its key unless it consists of GETs alone. What cannot be understood counts as a change.
fn bitfield<V: Argv + ?Sized>(argv: &V, keys: &mut Vec<KeyRef>) {
    let mut at = 2;
    let mut reads = true;
    while at < argv.len() && reads {
        let operation = argv.get(at);
        let operands = if operation.eq_ignore_ascii_case(b"get") {
            2
        } else if operation.eq_ignore_ascii_case(b"overflow") {
            1
        } else {
            reads = false;
            0
        };
        reads &= at + operands < argv.len();
        at += 1 + operands;
    }
    one_key(argv, keys, if reads { READ } else { CHANGE });
}

/// SORT reads its first key and replaces the one behind the last STORE. What no option begins with is passed over.
fn sort<V: Argv + ?Sized>(argv: &V, keys: &mut Vec<KeyRef>) {
    one_key(argv, keys, READ);
    let (mut at, mut destination) = (2, None);
    while at < argv.len() {
        let word = argv.get(at);
        if word.eq_ignore_ascii_case(b"limit") {
            at += 2;
        } else if word.eq_ignore_ascii_case(b"get") || word.eq_ignore_ascii_case(b"by") {
            at += 1;
        } else if word.eq_ignore_ascii_case(b"store") && at + 1 < argv.len() {
            destination = Some(at + 1);
        }
        at += 1;
    }
    keys.extend(destination.map(|position| KeyRef { position, flags: REPLACE }));
}

/// XREAD reads the first half of what follows STREAMS, if nothing stands before that but options, be they those of
/// XREADGROUP.
fn xread<V: Argv + ?Sized>(argv: &V, keys: &mut Vec<KeyRef>) {
    let mut at = 1;
    while at < argv.len() {
        let is = |word: &str| argv.get(at).eq_ignore_ascii_case(word.as_bytes());
        if is("streams") {
            break;
        }
        at += if is("block") || is("count") {
            2
        } else if is("group") {
            3
        } else if is("noack") {
            1
        } else {
            return;
        };
    }
    let behind = argv.len().saturating_sub(at + 1);
    if behind.is_multiple_of(2) {
        keys.extend((at + 1..=at + behind / 2).map(|position| KeyRef { position, flags: READ }));
    }
}

#[cfg(test)]
mod tests;

//! A selector: one set of permissions.
//!
//! Which commands it allows is kept twice: as a bitmap, which is what is asked, and as the words that made it, which is
//! what is printed. A word that is given again moves to the end, and takes words along that it makes pointless: the
//! subcommands and first arguments of its command. So the words, taken in their order, always make the bitmap.
//!
//! A first argument (`+select|0`) lets a command through that is not in the bitmap, if its first argument is this one.

use crate::commands::{self, CommandSet};
use crate::error::RuleError;
use crate::pattern::{Access, KeyPattern, Pattern};
use crate::words;
use catalog::{Category, CommandId};
use std::collections::{BTreeMap, BTreeSet};

/// One set of permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    pub(crate) all_keys: bool,
    pub(crate) keys: Vec<KeyPattern>,
    pub(crate) all_channels: bool,
    pub(crate) channels: Vec<Pattern>,
    pub(crate) commands: CommandSet,
    /// Whether the words begin with all commands, those included that are not there yet.
    from_all: bool,
    /// The words behind that, each with its sign: `+@read`, `-get`.
    rules: Vec<Vec<u8>>,
    /// First arguments, in lower case, that let a command through.
    pub(crate) first_args: BTreeMap<CommandId, BTreeSet<Vec<u8>>>,
    /// Whether it stands in parentheses, where some words could not be read back.
    nested: bool,
}

impl Selector {
    /// One that allows nothing, save all channels where new ones do.
    pub(crate) fn new(all_channels: bool, nested: bool) -> Selector {
        Selector {
            all_keys: false,
            keys: Vec::new(),
            all_channels,
            channels: Vec::new(),
            commands: CommandSet::NONE,
            from_all: false,
            rules: Vec::new(),
            first_args: BTreeMap::new(),
            nested,
        }
    }

    /// The selector that a word in parentheses makes.
    pub(crate) fn parse(word: &[u8], all_channels: bool) -> Result<Selector, RuleError> {
        let mut selector = Selector::new(all_channels, true);
        let inner = word.get(1..word.len() - 1).unwrap_or_default();
        for word in base::escape::split_args(inner).ok_or(RuleError::Syntax)? {
            selector.apply(&word)?;
        }
        Ok(selector)
    }

    /// Whether it allows everything.
    pub(crate) fn allows_all(&self) -> bool {
        self.all_keys && self.all_channels && self.commands.is_all()
    }

    /// Does what a word says.
    pub(crate) fn apply(&mut self, word: &[u8]) -> Result<(), RuleError> {
        match words::visible(word).to_ascii_lowercase().as_slice() {
            b"allkeys" | b"~*" => self.reset_keys(true),
            b"resetkeys" => self.reset_keys(false),
            b"allchannels" | b"&*" => self.reset_channels(true),
            b"resetchannels" => self.reset_channels(false),
            b"allcommands" | b"+@all" => self.reset_commands(true),
            b"nocommands" | b"-@all" => self.reset_commands(false),
            [b'~' | b'%', ..] => return self.add_keys(word),
            [b'&', ..] => return self.add_channels(&word[1..]),
            [sign @ (b'+' | b'-'), b'@', category @ ..] => return self.put_category(*sign == b'+', category),
            [b'+', name @ ..] if name.contains(&b'|') => return self.put_part(name),
            [sign @ (b'+' | b'-'), name @ ..] => {
                let id = commands::find(name).ok_or(RuleError::Unknown)?;
                self.put_command(id, *sign == b'+');
                self.note(id.full_name().as_bytes(), *sign == b'+');
            }
            _ => return Err(RuleError::Syntax),
        }
        Ok(())
    }

    fn reset_keys(&mut self, all: bool) {
        self.all_keys = all;
        self.keys.clear();
    }

    fn reset_channels(&mut self, all: bool) {
        self.all_channels = all;
        self.channels.clear();
    }

    fn reset_commands(&mut self, all: bool) {
        self.commands = if all { CommandSet::ALL } else { CommandSet::NONE };
        self.from_all = all;
        self.rules.clear();
        self.first_args.clear();
    }

    /// Adds a pattern of keys: `~pattern`, `%R~pattern`.
    fn add_keys(&mut self, word: &[u8]) -> Result<(), RuleError> {
        if self.all_keys {
            return Err(RuleError::AfterAllKeys);
        }
        let (access, text) = match word {
            [b'~', text @ ..] => (Access::FULL, text),
            _ => access(&word[1..])?,
        };
        if words::has_blanks(text) || self.unreadable(text) {
            return Err(RuleError::Syntax);
        }
        match self.keys.iter_mut().find(|known| known.pattern.text() == text) {
            Some(known) => known.access = known.access.and(access),
            None => self.keys.push(KeyPattern { pattern: Pattern::new(text), access }),
        }
        Ok(())
    }

    fn add_channels(&mut self, text: &[u8]) -> Result<(), RuleError> {
        if self.all_channels {
            return Err(RuleError::AfterAllChannels);
        }
        if words::has_blanks(text) || self.unreadable(text) {
            return Err(RuleError::Syntax);
        }
        if !self.channels.iter().any(|known| known.text() == text) {
            self.channels.push(Pattern::new(text));
        }
        Ok(())
    }

    /// Whether a word with this end could not be read back from within parentheses.
    fn unreadable(&self, text: &[u8]) -> bool {
        self.nested && (text.ends_with(b")") || text.iter().any(|byte| matches!(byte, b'"' | b'\'')))
    }

    fn put_category(&mut self, allow: bool, name: &[u8]) -> Result<(), RuleError> {
        let category = Category::from_name(name).ok_or(RuleError::Unknown)?;
        self.note(&[b"@", name].concat(), allow);
        commands::of_category(category).for_each(|id| self.put_command(id, allow));
        Ok(())
    }

    /// Allows a subcommand, or a command with this first argument.
    fn put_part(&mut self, name: &[u8]) -> Result<(), RuleError> {
        let bar = name.iter().rposition(|byte| *byte == b'|').unwrap_or_default();
        let (command, part) = (&name[..bar], &name[bar + 1..]);
        let id = commands::find(command).ok_or(RuleError::Unknown)?;
        if id.parent().is_some() {
            return Err(RuleError::FirstArgOfSubcommand);
        }
        if part.is_empty() {
            return Err(RuleError::Syntax);
        }
        if id.is_container() {
            self.put_command(commands::find(name).ok_or(RuleError::Unknown)?, true);
        } else {
            let quotes = part.iter().any(|byte| matches!(byte, b'"' | b'\''));
            if words::has_blanks(part) || quotes || self.unreadable(part) {
                return Err(RuleError::Syntax);
            }
            self.first_args.entry(id).or_default().insert(part.to_vec());
        }
        self.note(name, true);
        Ok(())
    }

    /// Allows or forbids a command, with its subcommands.
    fn put_command(&mut self, id: CommandId, allow: bool) {
        self.commands.put(id, allow);
        self.first_args.remove(&id);
        id.subcommands().for_each(|sub| self.commands.put(sub, allow));
    }

    /// Takes a word down, in the place of those that it makes pointless.
    fn note(&mut self, name: &[u8], allow: bool) {
        let pointless = |rule: &Vec<u8>| matches!(rule[1..].strip_prefix(name), Some([] | [b'|', ..]));
        self.rules.retain(|rule| !pointless(rule));
        self.rules.push([if allow { b"+" } else { b"-" }, name].concat());
    }

    /// The first arguments that let commands through, as they were written: `select|0`.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let is_part = |name: &&[u8]| name.contains(&b'|') && commands::find(name).is_none();
        self.rules.iter().filter(|rule| rule[0] == b'+').map(|rule| &rule[1..]).filter(is_part)
    }

    /// The words that make its commands.
    pub fn describe_commands(&self) -> Vec<u8> {
        let mut out = if self.from_all { b"+@all".to_vec() } else { b"-@all".to_vec() };
        for rule in &self.rules {
            out.push(b' ');
            out.extend_from_slice(rule);
        }
        out
    }

    /// The words that make its keys.
    pub fn describe_keys(&self) -> Vec<u8> {
        if self.all_keys {
            return b"~*".to_vec();
        }
        let mut out = Vec::new();
        for key in &self.keys {
            if !out.is_empty() {
                out.push(b' ');
            }
            if self.keys.len() > 1 && key.pattern.is_star() && key.access == Access::FULL {
                // `~*` would be taken for all keys, behind which no other pattern may stand.
                out.extend_from_slice(b"%RW~*");
            } else {
                key.describe(&mut out);
            }
        }
        out
    }

    /// The words that make its channels.
    pub fn describe_channels(&self) -> Vec<u8> {
        if self.all_channels {
            return b"&*".to_vec();
        }
        let words: Vec<Vec<u8>> = self.channels.iter().map(|known| [b"&", known.text()].concat()).collect();
        words.join(&b' ')
    }

    /// Appends all of its words.
    pub(crate) fn describe(&self, out: &mut Vec<u8>) {
        let channels = self.describe_channels();
        let reset: &[u8] = if self.all_channels { b"" } else { b"resetchannels" };
        for words in [self.describe_keys().as_slice(), reset, &channels] {
            out.extend_from_slice(words);
            if !words.is_empty() {
                out.push(b' ');
            }
        }
        out.extend(self.describe_commands());
    }
}

/// The access that letters before a tilde say, and the pattern behind it. Quirk of the reference: the tilde may be missing
/// when there is no pattern either.
fn access(word: &[u8]) -> Result<(Access, &[u8]), RuleError> {
    let (letters, text) = match word.iter().position(|byte| *byte == b'~') {
        Some(at) => (&word[..at], &word[at + 1..]),
        None => (word, &word[word.len()..]),
    };
    let mut access = Access::NONE;
    for letter in letters {
        let one = match letter.to_ascii_uppercase() {
            b'R' => Access::READ,
            b'W' => Access::WRITE,
            _ => return Err(RuleError::Syntax),
        };
        if access.covers(one) {
            return Err(RuleError::Syntax);
        }
        access = access.and(one);
    }
    if access == Access::NONE { Err(RuleError::Syntax) } else { Ok((access, text)) }
}

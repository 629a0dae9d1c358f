//! Whether a selector, or a user, allows a request.

use crate::channels;
use crate::pattern::Access;
use crate::selector::Selector;
use crate::user::User;
use crate::words::visible;
use catalog::{Argv, CommandId, Flag, KeyFlag, KeyFlags, KeyRef};

/// What of a request is not allowed. When several selectors say no, the greatest reason is told, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The command.
    Command,
    /// A key.
    Key,
    /// To be who one says one is.
    Auth,
    /// A channel.
    Channel,
}

/// Why a request is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Denial {
    /// What is denied.
    pub reason: Reason,
    /// The argument at fault.
    pub at: usize,
}

/// The keys of a request, sought when a selector first asks for them.
struct Keys<'k> {
    found: &'k mut Vec<KeyRef>,
    ready: bool,
}

impl Keys<'_> {
    fn of<V: Argv + ?Sized>(&mut self, id: CommandId, argv: &V) -> &[KeyRef] {
        if !self.ready {
            catalog::find_keys(id, argv, self.found);
            self.ready = true;
        }
        self.found
    }
}

impl User {
    /// Whether one of the selectors allows a request. `scratch` is memory for its keys.
    pub fn permits<V: Argv + ?Sized>(
        &self,
        id: CommandId,
        argv: &V,
        scratch: &mut Vec<KeyRef>,
    ) -> Result<(), Denial> {
        if self.allows_all() {
            return Ok(());
        }
        let mut keys = Keys { found: scratch, ready: false };
        let mut denial = Denial { reason: Reason::Command, at: 0 };
        for selector in self.selectors() {
            match selector.permits(id, argv, &mut keys) {
                Ok(()) => return Ok(()),
                Err(other) => denial = denial.max(other),
            }
        }
        Err(denial)
    }

    /// Whether one of the selectors allows a request and to read every key there is.
    pub fn permits_reading_all<V: Argv + ?Sized>(&self, id: CommandId, argv: &V) -> bool {
        let mut found = Vec::new();
        let mut keys = Keys { found: &mut found, ready: false };
        self.allows_all()
            || self
                .selectors()
                .iter()
                .any(|selector| selector.permits(id, argv, &mut keys).is_ok() && selector.reads_all())
    }
}

impl Selector {
    fn permits<V: Argv + ?Sized>(&self, id: CommandId, argv: &V, keys: &mut Keys<'_>) -> Result<(), Denial> {
        if !self.commands.has(id) && !id.has(Flag::NoAuth) && !self.permits_first_arg(id, argv) {
            return Err(Denial { reason: Reason::Command, at: 0 });
        }
        if !self.all_keys && catalog::has_keys(id) {
            let denied = |key: &&KeyRef| !self.permits_key(argv.get(key.position), Access::needed(key.flags));
            if let Some(key) = keys.of(id, argv).iter().find(denied) {
                return Err(Denial { reason: Reason::Key, at: key.position });
            }
        }
        if !self.all_channels
            && let Some((mut places, is_pattern)) = channels::of(id, argv.len())
            && let Some(at) = places.find(|at| !self.permits_channel(argv.get(*at), is_pattern))
        {
            return Err(Denial { reason: Reason::Channel, at });
        }
        Ok(())
    }

    fn permits_first_arg<V: Argv + ?Sized>(&self, id: CommandId, argv: &V) -> bool {
        let Some(allowed) = self.first_args.get(&id).filter(|_| argv.len() > 1) else { return false };
        allowed.contains(visible(argv.get(1)).to_ascii_lowercase().as_slice())
    }

    fn permits_key(&self, key: &[u8], needed: Access) -> bool {
        self.all_keys || self.keys.iter().any(|pattern| pattern.allows(key, needed))
    }

    /// A pattern of channels is compared as it is: what it would match is not asked.
    fn permits_channel(&self, channel: &[u8], is_pattern: bool) -> bool {
        let allows = |known: &crate::pattern::Pattern| match is_pattern {
            true => known.text() == visible(channel),
            false => known.matches(channel),
        };
        self.all_channels || self.channels.iter().any(allows)
    }

    fn reads_all(&self) -> bool {
        let read = Access::needed(KeyFlags::of(&[KeyFlag::Access]));
        self.all_keys || self.keys.iter().any(|key| key.access.covers(read) && key.pattern.is_star())
    }
}

/// The channels that a user may still use after a change, when it may use fewer than before.
#[derive(Debug)]
pub struct Remaining<'a>(Vec<&'a [u8]>);

impl User {
    /// What of the channels that this user may use is left to it as `new`, or `None` if all are.
    pub fn channels_left<'n>(&self, new: &'n User) -> Option<Remaining<'n>> {
        if new.selectors().iter().any(|selector| selector.all_channels) {
            return None;
        }
        let texts = |user: &'n User| user.selectors().iter().flat_map(|selector| &selector.channels);
        let left: Vec<&[u8]> = texts(new).map(crate::pattern::Pattern::text).collect();
        let kept = |selector: &Selector| {
            !selector.all_channels && selector.channels.iter().all(|known| left.contains(&known.text()))
        };
        if self.selectors().iter().all(kept) { None } else { Some(Remaining(left)) }
    }
}

impl Remaining<'_> {
    /// Whether a channel, or a pattern of channels, is among them.
    pub fn has(&self, channel: &[u8], is_pattern: bool) -> bool {
        self.0.iter().any(|known| match is_pattern {
            true => *known == channel,
            false => base::glob::matches(known, channel, false),
        })
    }
}

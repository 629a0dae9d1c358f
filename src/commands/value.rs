//! Values that are no strings, as handlers get at them: each step says which type it expects.
//!
//! A handler that reads uses [`Ctx::view`]. One that writes finds the key's place, opens the value there, changes it,
//! says what changed, and closes: [`Ctx::place_of`], [`Ctx::open`], [`Ctx::changed`], [`Ctx::close`].

use crate::ctx::{InVain, Wait};
use crate::{CommandError, Ctx, Done, Effects};
use base::rng::Rng;
use keyspace::tables::Place;
use keyspace::values::{Any, Kind, Rules, Value};
use keyspace::{Held, Key, Lookup, NewValue, Opened};
use resp::Reply;

/// A value that is open, and what may be needed to change it and to reply meanwhile.
pub struct Open<'c, 'a, V: Value> {
    /// The value.
    pub value: Opened<'c, V>,
    /// Where the reply goes.
    pub reply: &'c mut Reply<'a>,
    /// What it goes by.
    pub rules: &'c Rules,
    /// Randomness.
    pub rng: &'c mut Rng,
    /// The time, in Unix milliseconds.
    pub now: i64,
    /// What changes, for handlers that learn of it as they go.
    pub effects: &'c mut Effects,
    /// The database that the key is in.
    pub database: usize,
}

impl<'a> Ctx<'a> {
    /// Reads a key whose value is of type `V`, counted as a hit or a miss: `f` is given the value, if the key is there,
    /// and the reply.
    #[inline]
    pub fn view<V: Value, R>(
        &mut self,
        key: &Key<'_>,
        f: impl FnOnce(Option<&V>, &mut Reply<'a>) -> R,
    ) -> Result<R, CommandError> {
        self.read(key, |record, reply| match record {
            None => Ok(f(None, reply)),
            Some(record) => match record.value::<V>() {
                Some(value) => Ok(f(Some(&value), reply)),
                None => Err(CommandError::WRONG_TYPE),
            },
        })
    }

    /// The place of a key to be read whose value is of type `V`, counted as a hit or a miss.
    #[inline]
    pub(crate) fn read_place_of<V: Value>(&mut self, key: &Key<'_>) -> Result<Option<Place>, CommandError> {
        let place = self.read_place(key);
        self.expect_kind(place, V::KIND)
    }

    /// The place of a key to be written whose value is of type `V`.
    #[inline]
    pub fn place_of<V: Value>(&mut self, key: &Key<'_>) -> Result<Option<Place>, CommandError> {
        let place = self.write(key);
        self.expect_kind(place, V::KIND)
    }

    /// The same place, unless the value there is of another type.
    #[inline]
    pub(crate) fn expect_kind(
        &self,
        place: Option<Place>,
        kind: Kind,
    ) -> Result<Option<Place>, CommandError> {
        match place {
            Some(place) if self.at(place).kind() != kind => Err(CommandError::WRONG_TYPE),
            place => Ok(place),
        }
    }

    /// The place of a key to be written whose value is of type `V`; where there is none, `new` makes one.
    #[inline]
    pub(crate) fn place_or_new<V: Value>(
        &mut self,
        key: &Key<'_>,
        new: impl FnOnce(&Rules) -> V,
    ) -> Result<Place, CommandError> {
        match self.place_of::<V>(key)? {
            Some(place) => Ok(place),
            None => {
                let value = new(&self.settings.rules).into_any();
                let record = self.data.record(key.name, NewValue::Other(value), None);
                Ok(self.insert(key, record))
            }
        }
    }

    /// The value at a place that is known to be of type `V`.
    #[inline]
    pub fn value<V: Value>(&self, place: Place) -> Held<'_, V> {
        self.at(place).value().expect("the place of a value of this type")
    }

    /// The value at a place that is known to be of type `V`, to be changed. Afterwards it has to be closed.
    #[inline]
    pub fn open<V: Value>(&mut self, place: Place) -> Open<'_, 'a, V> {
        let record = self.data.databases[self.caller.database].tables.get_mut(place);
        Open {
            value: record.open().expect("the place of a value of this type"),
            reply: &mut self.reply,
            rules: &self.settings.rules,
            rng: self.rng,
            now: self.now,
            effects: self.effects,
            database: self.caller.database,
        }
    }

    /// Closes a value of type `V` that was open: a key whose value has become empty goes. Answers whether it did.
    #[inline]
    pub fn close<V: Value>(&mut self, key: &Key<'_>, place: Place) -> bool {
        self.close_and::<V>(key, place, Ctx::changed)
    }

    /// The same; that a key goes is told by `tell`.
    #[inline]
    pub(crate) fn close_and<V: Value>(
        &mut self,
        key: &Key<'_>,
        place: Place,
        tell: impl Fn(&mut Self, &Key<'_>, &'static str, u64),
    ) -> bool {
        if self.value::<V>(place).is_empty() {
            self.remove(place, self.settings.lazy_server_del);
            tell(self, key, "del", 0);
            return true;
        }
        if V::KIND == Kind::Hash {
            self.db().tables.note_timed_fields(place);
        }
        false
    }

    /// Gives a key a value made by a command that stores its result, in place of whatever it had. Its expiry goes.
    pub fn store(&mut self, key: &Key<'_>, value: Any) -> Place {
        if let Some(place) = self.write(key) {
            self.remove(place, self.settings.lazy_server_del);
        }
        let record = self.data.record(key.name, NewValue::Other(value), None);
        self.insert(key, record)
    }

    /// Removes a key because a command that stores its result has none. One whose time has come is deleted too, and is not
    /// said to have expired (quirk of the reference).
    pub(crate) fn store_nothing(&mut self, key: &Key<'_>) {
        match self.data.databases[self.caller.database].lookup(key, self.now) {
            Lookup::Found(place) | Lookup::Expired(place) => {
                self.remove(place, self.settings.lazy_server_del);
                self.changed(key, "del", 1);
            }
            Lookup::Missing => {}
        }
    }

    /// Says in which words the command is to be repeated elsewhere: see [`crate::Effects::replicate_as`].
    #[inline]
    pub fn replicate_as(&mut self, words: &[&[u8]]) {
        self.effects.replicate_as(words);
    }

    /// Makes the client wait, or answers at once as if it had waited in vain, where it must not.
    pub fn block(&mut self, wait: Wait) -> Result<Done, CommandError> {
        if self.caller.must_not_block {
            in_vain(&mut self.reply, wait.in_vain);
            return Ok(Done::Replied);
        }
        Ok(Done::Block(Box::new(wait)))
    }
}

/// The reply of a wait in vain.
pub fn in_vain(reply: &mut Reply<'_>, what: InVain) {
    match what {
        InVain::Null => reply.null(),
        InVain::NullArray => reply.null_array(),
    }
}

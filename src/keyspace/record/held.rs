//! Values that a record holds by a word: getting at them, and putting them back.
//!
//! The word in the record owns the value. A [`Held`] is a second, unowned look at it, bound to a borrow of the record; a
//! [`Opened`] takes the value out for as long as it lives, since what is done to it may give it another address, and puts
//! it back.
//!
//! # Safety
//! 4. a payload of a form from LIST on is the word of a value of that form's type, and owns it.

use super::{F_FIELDS, FORM, INTEGER, Record};
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use structures::mover::Moving;
use values::{Any, AnyRef, Hash, Kind, List, Set, SortedSet, Stream, Value};

const LIST: u32 = 3;
const SET: u32 = 4;
const HASH: u32 = 5;
const SORTED_SET: u32 = 6;
const STREAM: u32 = 7;

/// The type of the value of a form.
pub(super) fn kind_of(form: u32) -> Kind {
    match form {
        LIST => Kind::List,
        SET => Kind::Set,
        HASH => Kind::Hash,
        SORTED_SET => Kind::SortedSet,
        STREAM => Kind::Stream,
        _ => Kind::String,
    }
}

fn form_of(kind: Kind) -> u32 {
    match kind {
        Kind::String => INTEGER,
        Kind::List => LIST,
        Kind::Set => SET,
        Kind::Hash => HASH,
        Kind::SortedSet => SORTED_SET,
        Kind::Stream => STREAM,
    }
}

/// The header's form and the payload of a value.
pub(super) fn hold(value: Any) -> (u32, u64) {
    fn word<V: Value>(value: V) -> (u32, u64) {
        (form_of(V::KIND), value.into_raw().as_ptr() as u64)
    }
    match value {
        Any::Hash(hash) => {
            let timed = if hash.has_times() { F_FIELDS } else { 0 };
            let (form, payload) = word(hash);
            (form | timed, payload)
        }
        Any::List(value) => word(value),
        Any::Set(value) => word(value),
        Any::SortedSet(value) => word(value),
        Any::Stream(value) => word(value),
    }
}

/// A value of type `V`, looked at.
pub struct Held<'a, V: Value> {
    value: ManuallyDrop<V>,
    record: PhantomData<&'a Record>,
}

impl<V: Value> Deref for Held<'_, V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        &self.value
    }
}

/// A value of type `V`, to be changed.
pub struct Opened<'a, V: Value> {
    value: ManuallyDrop<V>,
    record: &'a mut Record,
}

impl<V: Value> Deref for Opened<'_, V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        &self.value
    }
}

impl<V: Value> DerefMut for Opened<'_, V> {
    #[inline]
    fn deref_mut(&mut self) -> &mut V {
        &mut self.value
    }
}

impl<V: Value> Drop for Opened<'_, V> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the value is taken once, here, and goes back to the record, which has owned none since it was opened.
        let value = unsafe { ManuallyDrop::take(&mut self.value) };
        let at = self.record.payload_at();
        self.record.set_word(at, value.into_raw().as_ptr() as u64);
        self.record.set_header((self.record.header() & !FORM) | form_of(V::KIND));
    }
}

impl Record {
    /// The value, if it is of type `V`.
    #[inline]
    pub fn value<V: Value>(&self) -> Option<Held<'_, V>> {
        (self.header() & FORM == form_of(V::KIND)).then(|| self.held())
    }

    /// The value, to be changed, if it is of type `V`.
    #[inline]
    pub fn open<V: Value>(&mut self) -> Option<Opened<'_, V>> {
        if self.header() & FORM != form_of(V::KIND) {
            return None;
        }
        let value = self.held().value;
        // While the value is out, the record owns none: whatever happens, it is dropped once.
        self.set_header((self.header() & !FORM) | INTEGER);
        Some(Opened { value, record: self })
    }

    /// The value, if it is no string.
    pub fn with_any<R>(&self, look: impl FnOnce(AnyRef<'_>) -> R) -> Option<R> {
        Some(match self.kind() {
            Kind::String => return None,
            Kind::List => look(AnyRef::List(&self.held())),
            Kind::Set => look(AnyRef::Set(&self.held())),
            Kind::Hash => look(AnyRef::Hash(&self.held())),
            Kind::SortedSet => look(AnyRef::SortedSet(&self.held())),
            Kind::Stream => look(AnyRef::Stream(&self.held())),
        })
    }

    /// Looks at the value, whose type the form has been seen to be.
    #[inline]
    fn held<V: Value>(&self) -> Held<'_, V> {
        let word = NonNull::new(self.payload() as *mut u8).expect("a word is never null");
        debug_assert_eq!(self.header() & FORM, form_of(V::KIND));
        // SAFETY: (4): the form says that the word is of this type. It is not dropped here; that nobody looks at it while
        // it is written to is what borrowing the record sees to, as `Opened` does so exclusively.
        Held { value: ManuallyDrop::new(unsafe { V::from_raw(word) }), record: PhantomData }
    }

    /// Moves a piece of a value that is no string to better places, and answers the cursor of the next: see
    /// [`Value::relocate`].
    pub(crate) fn relocate_value(&mut self, cursor: u64, moving: &mut Moving<'_>) -> u64 {
        fn relocate<V: Value>(record: &mut Record, cursor: u64, moving: &mut Moving<'_>) -> u64 {
            record.open::<V>().map_or(0, |mut value| value.relocate(cursor, moving))
        }
        match self.kind() {
            Kind::String => 0,
            Kind::List => relocate::<List>(self, cursor, moving),
            Kind::Set => relocate::<Set>(self, cursor, moving),
            Kind::Hash => relocate::<Hash>(self, cursor, moving),
            Kind::SortedSet => relocate::<SortedSet>(self, cursor, moving),
            Kind::Stream => relocate::<Stream>(self, cursor, moving),
        }
    }

    /// Drops the value that the payload owns, if it is one of ours.
    pub(super) fn drop_held(&mut self) {
        fn drop_as<V: Value>(record: &mut Record) {
            let value = record.held::<V>().value;
            record.set_header((record.header() & !FORM) | INTEGER);
            drop(ManuallyDrop::into_inner(value));
        }
        match self.kind() {
            Kind::String => {}
            Kind::List => drop_as::<List>(self),
            Kind::Set => drop_as::<Set>(self),
            Kind::Hash => drop_as::<Hash>(self),
            Kind::SortedSet => drop_as::<SortedSet>(self),
            Kind::Stream => drop_as::<Stream>(self),
        }
    }

    /// Whether the value is a hash with fields that expire.
    #[inline]
    pub fn has_timed_fields(&self) -> bool {
        self.header() & F_FIELDS != 0
    }

    /// Takes note of whether the value is a hash with fields that expire. Answers whether that is news.
    #[inline]
    pub(crate) fn note_timed_fields(&mut self) -> bool {
        let now = self.value::<Hash>().is_some_and(|hash| hash.has_times());
        let news = now != self.has_timed_fields();
        self.set_header((self.header() & !F_FIELDS) | if now { F_FIELDS } else { 0 });
        news
    }
}

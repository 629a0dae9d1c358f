//! A group: consumers that share the entries of a stream, and what each was given and has not acknowledged.
//!
//! What is pending stands once, in the group, by ID, with the number of its consumer. Each consumer has the IDs alone. So
//! either list is in order, and they never disagree about times or counts.

use super::id::Id;
use std::collections::{BTreeMap, BTreeSet};
use structures::mover::Moving;

/// The active time of a consumer that was never given anything.
pub const NEVER: i64 = -1;

/// The number of a consumer within its group, as long as it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumerId(u32);

/// An entry that was given to a consumer and is not acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// When it was last given, in Unix milliseconds.
    pub time: i64,
    /// How often it was given.
    pub count: u64,
    owner: ConsumerId,
}

impl Pending {
    /// Whom it was given to.
    pub fn owner(&self) -> ConsumerId {
        self.owner
    }
}

/// A consumer.
#[derive(Clone, Debug)]
pub struct Consumer {
    name: Box<[u8]>,
    /// When it last asked for something, in Unix milliseconds.
    pub seen: i64,
    /// When it last got something, or [`NEVER`].
    pub active: i64,
    pending: BTreeSet<Id>,
}

impl Consumer {
    /// Its name.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The IDs of what it was given and has not acknowledged, in order.
    pub fn pending(&self) -> &BTreeSet<Id> {
        &self.pending
    }
}

/// A group of consumers.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The last entry that was given to any of them.
    pub last: Id,
    /// How many entries were given, where that is known.
    pub read: Option<u64>,
    pending: BTreeMap<Id, Pending>,
    /// By number. The place of one that is gone is used again.
    consumers: Vec<Option<Consumer>>,
    /// The numbers in the order of the names.
    order: Vec<ConsumerId>,
}

impl Group {
    /// A group without consumers.
    pub fn new(last: Id, read: Option<u64>) -> Group {
        Group { last, read, ..Group::default() }
    }

    /// What is pending, in order.
    pub fn pending(&self) -> &BTreeMap<Id, Pending> {
        &self.pending
    }

    /// What is pending, to be given again.
    pub fn pending_mut(&mut self, id: Id) -> Option<&mut Pending> {
        self.pending.get_mut(&id)
    }

    /// How many consumers there are.
    pub fn consumers_len(&self) -> usize {
        self.order.len()
    }

    /// The consumers, by name.
    pub fn consumers(&self) -> impl Iterator<Item = &Consumer> + Clone {
        self.order.iter().map(|id| self.consumer(*id))
    }

    fn seek(&self, name: &[u8]) -> Result<usize, usize> {
        self.order.binary_search_by(|id| self.consumer(*id).name().cmp(name))
    }

    /// The consumer of a name.
    pub fn find(&self, name: &[u8]) -> Option<ConsumerId> {
        self.seek(name).ok().map(|at| self.order[at])
    }

    /// A consumer by its number.
    pub fn consumer(&self, id: ConsumerId) -> &Consumer {
        self.consumers[id.0 as usize].as_ref().expect("numbers are of consumers that live")
    }

    /// A consumer by its number, to be changed.
    pub fn consumer_mut(&mut self, id: ConsumerId) -> &mut Consumer {
        self.consumers[id.0 as usize].as_mut().expect("numbers are of consumers that live")
    }

    /// Adds a consumer that was seen at a time, unless there is one of that name.
    pub fn create(&mut self, name: &[u8], seen: i64) -> Option<ConsumerId> {
        let at = self.seek(name).err()?;
        let consumer = Consumer { name: name.into(), seen, active: NEVER, pending: BTreeSet::new() };
        if self.order.len() == self.consumers.len() {
            self.consumers.push(None);
        }
        let number = self.consumers.iter().rposition(Option::is_none).expect("there is a free place");
        self.consumers[number] = Some(consumer);
        let id = ConsumerId(u32::try_from(number).expect("consumers are counted in 32 bits"));
        self.order.insert(at, id);
        Some(id)
    }

    /// Removes a consumer, and what it has not acknowledged; answers how much that was.
    pub fn remove(&mut self, name: &[u8]) -> Option<usize> {
        let at = self.seek(name).ok()?;
        let id = self.order.remove(at);
        let consumer = self.consumers[id.0 as usize].take()?;
        for pending in &consumer.pending {
            self.pending.remove(pending);
        }
        Some(consumer.pending.len())
    }

    /// Notes that an entry was given to a consumer, whoever had it before; answers what is noted.
    pub fn give(&mut self, id: Id, owner: ConsumerId, time: i64, count: u64) -> Pending {
        let pending = Pending { time, count, owner };
        let before = self.pending.insert(id, pending).map(|before| before.owner);
        if before != Some(owner) {
            if let Some(before) = before {
                self.consumer_mut(before).pending.remove(&id);
            }
            self.consumer_mut(owner).pending.insert(id);
        }
        pending
    }

    /// An entry is acknowledged, or exists no more. Answers whether it was pending.
    pub fn acknowledge(&mut self, id: Id) -> bool {
        let Some(pending) = self.pending.remove(&id) else { return false };
        self.consumer_mut(pending.owner).pending.remove(&id);
        true
    }

    /// Moves the consumers and their names to better places.
    pub(super) fn relocate(&mut self, moving: &mut Moving<'_>) {
        moving.vec(&mut self.order);
        moving.vec(&mut self.consumers);
        self.consumers.iter_mut().flatten().for_each(|consumer| moving.slice(&mut consumer.name));
    }

    /// The bytes of memory taken, roughly: trees are two thirds full.
    pub(super) fn alloc_size(&self) -> usize {
        let pending = self.pending.len() * (size_of::<(Id, Pending)>() + size_of::<Id>()) * 3 / 2;
        let names = self.consumers().map(|consumer| consumer.name.len()).sum::<usize>();
        let table = self.consumers.capacity() * size_of::<Option<Consumer>>();
        size_of::<Group>() + pending + names + table + self.order.capacity() * size_of::<ConsumerId>()
    }

    /// Panics if the group contradicts itself.
    pub fn check_invariants(&self) {
        let owned = self.consumers().map(|consumer| consumer.pending.len()).sum::<usize>();
        assert_eq!(owned, self.pending.len());
        for (id, pending) in &self.pending {
            assert!(self.consumer(pending.owner).pending.contains(id));
        }
        assert!(self.order.iter().map(|id| self.consumer(*id).name()).is_sorted());
        assert_eq!(self.order.len(), self.consumers.iter().flatten().count());
    }
}

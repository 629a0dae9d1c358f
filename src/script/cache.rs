//! The scripts that EVALSHA knows. A script is found by its name, the SHA-1 of its body, and by its body itself: EVAL of a
//! script that was run before computes no SHA-1 and copies nothing.
//!
//! Scripts that came by EVAL are forgotten when there are too many, the one that was used longest ago first. Those that came
//! by SCRIPT LOAD stay.

use crate::{Flags, Function};
use base::map::{SipMap, SipState};
use base::siphash;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use structures::mover::Moving;

/// How many scripts of EVAL are kept.
const MOST: usize = 500;

/// A compiled script.
#[derive(Debug)]
pub struct Script {
    /// Its name.
    pub sha: [u8; 40],
    /// Its source.
    pub body: Box<[u8]>,
    /// What its first line says.
    pub flags: Flags,
    /// What is to be run.
    pub function: Function,
    /// When it was used, counted in uses of scripts; none for one that stays.
    used: Option<u64>,
}

/// All of them.
#[derive(Debug)]
pub struct Cache {
    scripts: Vec<Option<Script>>,
    free: Vec<usize>,
    by_sha: SipMap<[u8; 40], usize>,
    /// The places of scripts, by their bodies, which stand with the scripts alone.
    by_body: HashTable<usize>,
    hasher: SipState,
    /// The one that was found last.
    last: usize,
    uses: u64,
    passing: usize,
    bytes: usize,
}

impl Cache {
    /// None.
    pub fn new(key: siphash::Key) -> Cache {
        Cache {
            scripts: Vec::new(),
            free: Vec::new(),
            by_sha: SipMap::with_hasher(SipState::new(key)),
            by_body: HashTable::new(),
            hasher: SipState::new(key),
            last: 0,
            uses: 0,
            passing: 0,
            bytes: 0,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_sha.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_sha.is_empty()
    }

    /// The bytes that they take, beside what the machine holds.
    pub fn memory(&self) -> usize {
        let each = size_of::<Script>() + size_of::<usize>() + size_of::<([u8; 40], usize)>();
        self.bytes + self.scripts.len() * each
    }

    /// The script at a place that `find` answered.
    pub fn get(&self, place: usize) -> Option<&Script> {
        self.scripts.get(place)?.as_ref()
    }

    /// The place of the script with this body.
    pub fn find_body(&mut self, body: &[u8]) -> Option<usize> {
        if self.get(self.last).is_some_and(|script| *script.body == *body) {
            return Some(self.last);
        }
        let is_it = |&place: &usize| self.get(place).is_some_and(|script| *script.body == *body);
        let place = *self.by_body.find(self.hasher.hash_one(body), is_it)?;
        self.last = place;
        Some(place)
    }

    /// The place of the script with this name, in whatever case.
    pub fn find_sha(&self, sha: &[u8]) -> Option<usize> {
        let mut sha: [u8; 40] = sha.try_into().ok()?;
        if let Some(script) = self.get(self.last)
            && script.sha == sha
        {
            return Some(self.last);
        }
        sha.make_ascii_lowercase();
        self.by_sha.get(&sha).copied()
    }

    /// Notes that a script was used.
    pub fn touch(&mut self, place: usize) {
        self.uses += 1;
        if let Some(Some(Script { used: Some(used), .. })) = self.scripts.get_mut(place) {
            *used = self.uses;
        }
    }

    /// Lets a script stay that came by EVAL.
    pub fn keep(&mut self, place: usize) {
        if let Some(Some(script)) = self.scripts.get_mut(place)
            && script.used.take().is_some()
        {
            self.passing -= 1;
        }
    }

    /// Adds a script; `stays` if it is not to be forgotten. Answers its place.
    pub fn add(
        &mut self,
        sha: [u8; 40],
        body: &[u8],
        flags: Flags,
        function: Function,
        stays: bool,
    ) -> usize {
        self.uses += 1;
        self.passing += usize::from(!stays);
        self.bytes += body.len();
        let used = (!stays).then_some(self.uses);
        let hash = self.hasher.hash_one(body);
        let script = Script { sha, body: body.into(), flags, function, used };
        let place = self.free.pop().unwrap_or_else(|| {
            self.scripts.push(None);
            self.scripts.len() - 1
        });
        self.scripts[place] = Some(script);
        self.by_sha.insert(sha, place);
        let Cache { scripts, by_body, hasher, .. } = self;
        let hash_of =
            |&place: &usize| scripts[place].as_ref().map_or(0, |script| hasher.hash_one(&*script.body));
        by_body.insert_unique(hash, place, hash_of);
        self.last = place;
        place
    }

    /// Moves the bodies of some scripts to better places, from a place on, and answers the next one; 0 behind the last.
    pub fn relocate(&mut self, from: u64, moving: &mut Moving<'_>) -> u64 {
        const TOGETHER: usize = 64;
        let from = from as usize;
        let some = self.scripts.iter_mut().skip(from).take(TOGETHER);
        some.flatten().for_each(|script| moving.slice(&mut script.body));
        let next = from.saturating_add(TOGETHER);
        if next < self.scripts.len() { next as u64 } else { 0 }
    }

    /// Forgets the script that was used longest ago, if another one of EVAL would be too many. Answers what is to be let go.
    pub fn make_room(&mut self) -> Option<Function> {
        if self.passing < MOST {
            return None;
        }
        let used = |place: &usize| self.get(*place).and_then(|script| script.used);
        let oldest = (0..self.scripts.len()).filter(|place| used(place).is_some()).min_by_key(used)?;
        let script = self.scripts[oldest].take()?;
        self.free.push(oldest);
        self.passing -= 1;
        self.bytes -= script.body.len();
        self.by_sha.remove(&script.sha);
        let hash = self.hasher.hash_one(&*script.body);
        if let Ok(entry) = self.by_body.find_entry(hash, |&place| place == oldest) {
            entry.remove();
        }
        Some(script.function)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Machine, tests::SETUP};

    fn function() -> Function {
        Machine::new(Kind::Eval, &SETUP).compile(b"return 1", c"@x").unwrap()
    }

    #[test]
    fn scripts_of_eval_are_forgotten_in_the_order_of_their_use() {
        let function = function();
        let mut cache = Cache::new(siphash::Key::new(1, 2));
        let add = |cache: &mut Cache, i: usize, stays| {
            let body = format!("return {i}");
            cache.add(crate::sha1_hex(body.as_bytes()), body.as_bytes(), Flags::default(), function, stays)
        };
        add(&mut cache, 100_000, true);
        for i in 0..MOST {
            assert_eq!(cache.make_room(), None);
            add(&mut cache, i, false);
        }
        let first = cache.find_body(b"return 0").unwrap();
        cache.touch(first);
        assert!(cache.make_room().is_some());
        add(&mut cache, MOST, false);
        assert_eq!(cache.len(), MOST + 1);
        assert!(cache.find_body(b"return 0").is_some());
        assert!(cache.find_body(b"return 1").is_none());
        assert!(cache.find_body(b"return 100000").is_some());
        let sha = crate::sha1_hex(b"return 2").to_ascii_uppercase();
        let place = cache.find_sha(&sha).unwrap();
        assert_eq!(*cache.get(place).unwrap().body, *b"return 2");
        cache.keep(place);
        assert!(cache.find_sha(b"short").is_none());
    }
}

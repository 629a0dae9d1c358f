//! The naive model: what keys, strings and expiry should do, without any of the means that make it quick.

use std::collections::BTreeMap;

/// A database as a sorted map.
#[derive(Clone, Debug, Default)]
pub struct Model {
    keys: BTreeMap<Vec<u8>, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    value: Vec<u8>,
    expiry: Option<i64>,
}

/// What is done to the model and to the node alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// `SET key value [PX ms]`
    Set(Vec<u8>, Vec<u8>, Option<i64>),
    /// `GET key`
    Get(Vec<u8>),
    /// `DEL key`, or `UNLINK` of it.
    Del(Vec<u8>, bool),
    /// `APPEND key value`
    Append(Vec<u8>, Vec<u8>),
    /// `INCRBY key delta`
    IncrBy(Vec<u8>, i64),
    /// `STRLEN key`
    Strlen(Vec<u8>),
    /// `EXISTS key`
    Exists(Vec<u8>),
    /// `PEXPIRE key ms`
    Pexpire(Vec<u8>, i64),
    /// `PTTL key`
    Pttl(Vec<u8>),
    /// `PERSIST key`
    Persist(Vec<u8>),
    /// `RENAME key key`
    Rename(Vec<u8>, Vec<u8>),
}

impl Op {
    /// The command.
    pub fn words(&self) -> Vec<Vec<u8>> {
        let word = |text: &str| text.as_bytes().to_vec();
        let number = |n: &i64| n.to_string().into_bytes();
        match self {
            Op::Set(key, value, None) => vec![word("SET"), key.clone(), value.clone()],
            Op::Set(key, value, Some(ms)) => {
                vec![word("set"), key.clone(), value.clone(), word("px"), number(ms)]
            }
            Op::Get(key) => vec![word("GET"), key.clone()],
            Op::Del(key, false) => vec![word("DEL"), key.clone()],
            Op::Del(key, true) => vec![word("UNLINK"), key.clone()],
            Op::Append(key, value) => vec![word("APPEND"), key.clone(), value.clone()],
            Op::IncrBy(key, delta) => vec![word("INCRBY"), key.clone(), number(delta)],
            Op::Strlen(key) => vec![word("STRLEN"), key.clone()],
            Op::Exists(key) => vec![word("EXISTS"), key.clone()],
            Op::Pexpire(key, ms) => vec![word("PEXPIRE"), key.clone(), number(ms)],
            Op::Pttl(key) => vec![word("PTTL"), key.clone()],
            Op::Persist(key) => vec![word("PERSIST"), key.clone()],
            Op::Rename(from, to) => vec![word("RENAME"), from.clone(), to.clone()],
        }
    }
}

impl Model {
    /// Forgets the keys whose time has come.
    fn expire(&mut self, key: &[u8], now: i64) {
        if self.keys.get(key).is_some_and(|entry| entry.expiry.is_some_and(|when| when < now)) {
            self.keys.remove(key);
        }
    }

    /// Does something at a time, and answers the bytes of the reply.
    pub fn apply(&mut self, op: &Op, now: i64) -> Vec<u8> {
        for key in &op.words()[1..] {
            self.expire(key, now);
        }
        match op {
            Op::Set(key, value, px) => {
                let expiry = px.map(|ms| now + ms);
                self.keys.insert(key.clone(), Entry { value: value.clone(), expiry });
                ok()
            }
            Op::Get(key) => match self.keys.get(key) {
                Some(entry) => bulk(&entry.value),
                None => b"$-1\r\n".to_vec(),
            },
            Op::Del(key, _) => integer(i64::from(self.keys.remove(key).is_some())),
            Op::Append(key, value) => {
                let entry = self.entry(key);
                entry.value.extend_from_slice(value);
                integer(entry.value.len() as i64)
            }
            Op::IncrBy(key, delta) => self.incr_by(key, *delta),
            Op::Strlen(key) => integer(self.keys.get(key).map_or(0, |entry| entry.value.len() as i64)),
            Op::Exists(key) => integer(i64::from(self.keys.contains_key(key))),
            Op::Pexpire(key, ms) => match self.keys.get_mut(key) {
                None => integer(0),
                Some(_) if *ms <= 0 => {
                    self.keys.remove(key);
                    integer(1)
                }
                Some(entry) => {
                    entry.expiry = Some(now + ms);
                    integer(1)
                }
            },
            Op::Pttl(key) => integer(match self.keys.get(key) {
                None => -2,
                Some(entry) => entry.expiry.map_or(-1, |when| when - now),
            }),
            Op::Persist(key) => {
                let had = self.keys.get_mut(key).is_some_and(|entry| entry.expiry.take().is_some());
                integer(i64::from(had))
            }
            Op::Rename(from, to) => match self.keys.remove(from) {
                None => b"-ERR no such key\r\n".to_vec(),
                Some(entry) => {
                    self.keys.insert(to.clone(), entry);
                    ok()
                }
            },
        }
    }

    fn entry(&mut self, key: &[u8]) -> &mut Entry {
        self.keys.entry(key.to_vec()).or_insert_with(|| Entry { value: Vec::new(), expiry: None })
    }

    fn incr_by(&mut self, key: &[u8], delta: i64) -> Vec<u8> {
        let old = self.keys.get(key).map_or(Some(0), |entry| canonical(&entry.value));
        let Some(old) = old else { return b"-ERR value is not an integer or out of range\r\n".to_vec() };
        let Some(new) = old.checked_add(delta) else {
            return b"-ERR increment or decrement would overflow\r\n".to_vec();
        };
        self.entry(key).value = new.to_string().into_bytes();
        integer(new)
    }

    /// The keys that are there at a time, with their values.
    pub fn live(&self, now: i64) -> impl Iterator<Item = (&[u8], &[u8])> {
        let lives = move |entry: &Entry| entry.expiry.is_none_or(|when| when >= now);
        let live = self.keys.iter().filter(move |(_, entry)| lives(entry));
        live.map(|(key, entry)| (key.as_slice(), entry.value.as_slice()))
    }
}

/// A number in the one way to write it.
fn canonical(text: &[u8]) -> Option<i64> {
    let number = std::str::from_utf8(text).ok()?.parse::<i64>().ok()?;
    (number.to_string().as_bytes() == text).then_some(number)
}

fn ok() -> Vec<u8> {
    b"+OK\r\n".to_vec()
}

fn integer(n: i64) -> Vec<u8> {
    format!(":{n}\r\n").into_bytes()
}

fn bulk(bytes: &[u8]) -> Vec<u8> {
    [format!("${}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

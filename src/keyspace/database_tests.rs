//! Tests of the databases.

use super::*;
use structures::blob::Blob;

fn keyspace(cluster: bool) -> Keyspace {
    let clock = AccessClock { lfu: false, log_factor: 10, decay_minutes: 1, seconds: 1000 };
    Keyspace::new(2, siphash::Key::new(1, 2), cluster, clock)
}

fn put(data: &mut Keyspace, name: &[u8], value: NewValue<'_>, expiry: Option<i64>) -> Place {
    let (key, record) = (data.key(name), data.record(name, value, expiry));
    data.databases[0].tables.insert(&key, record)
}

#[test]
fn a_key_expires_after_its_moment_not_at_it() {
    let mut data = keyspace(false);
    let place = put(&mut data, b"a", NewValue::Integer(1), Some(100));
    let (key, absent) = (data.key(b"a"), data.key(b"b"));
    let database = &data.databases[0];
    assert_eq!(database.lookup(&key, i64::MIN), Lookup::Found(place));
    assert_eq!(database.lookup(&key, 100), Lookup::Found(place));
    assert_eq!(database.lookup(&key, 101), Lookup::Expired(place));
    assert_eq!(database.lookup(&absent, 0), Lookup::Missing);
    assert_eq!(data.databases[1].lookup(&key, 0), Lookup::Missing);
    assert_eq!((data.len(), data.is_empty()), (1, false));
}

#[test]
fn overwriting_leads_from_any_value_to_any_other() {
    let long = vec![b'x'; 500];
    let values = || {
        [
            NewValue::Integer(-7),
            NewValue::Bytes(b""),
            NewValue::Bytes(b"short"),
            NewValue::Bytes(b"shorter than a blob, longer than short"),
            NewValue::Bytes(&long),
            NewValue::Blob(Blob::from_slice(&long)),
        ]
    };
    let text = |value: &NewValue<'_>| match value {
        NewValue::Integer(number) => number.to_string().into_bytes(),
        NewValue::Bytes(bytes) => bytes.to_vec(),
        NewValue::Blob(blob) => blob.to_vec(),
        NewValue::Other(_) => unreachable!("strings alone"),
    };
    for before in 0..values().len() {
        for after in 0..values().len() {
            for (old, new) in [(None, None), (None, Some(5)), (Some(5), None), (Some(5), Some(6))] {
                let mut data = keyspace(true);
                let value = values().into_iter().nth(before).expect("a value");
                let place = put(&mut data, b"key", value, old);
                data.databases[0].tables.get_mut(place).set_access(123);
                let value = values().into_iter().nth(after).expect("a value");
                let expected = text(&value);
                data.databases[0].overwrite(place, value, new);
                let record = data.databases[0].tables.get(place);
                let found = record.text().expect("a string").to_vec();
                assert_eq!((found, record.expiry(), record.access()), (expected, new, 123));
                assert_eq!(record.key(), b"key");
                data.databases[0].tables.check_invariants();
            }
        }
    }
}

#[test]
fn setting_an_expiry_marks_the_key() {
    let mut data = keyspace(false);
    let place = put(&mut data, b"a", NewValue::Bytes(b"v"), None);
    let database = &mut data.databases[0];
    for (expiry, volatile) in [(None, 0), (Some(5), 1), (Some(9), 1), (None, 0), (None, 0), (Some(1), 1)] {
        database.set_expiry(place, expiry);
        assert_eq!(database.tables.get(place).expiry(), expiry);
        assert_eq!(database.tables.volatile_len(), volatile);
        database.tables.check_invariants();
    }
}

#[test]
fn keys_are_named_with_their_slots_only_in_a_cluster() {
    assert_eq!(keyspace(false).key(b"foo").table, 0);
    assert_eq!(keyspace(true).key(b"foo").table, 12182);
    assert_eq!(keyspace(true).key(b"foo").hash, keyspace(false).key(b"foo").hash);
}

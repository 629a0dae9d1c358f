//! Tests of the key record.

use super::*;
use proptest::prelude::*;

/// Lengths around every border of the layout: lengths of one byte and of four, inline and not.
const LENGTHS: [usize; 12] = [0, 1, 7, 31, 32, 44, 200, 236, 255, 256, 1000, 70_000];
const EXPIRIES: [Option<i64>; 4] = [None, Some(0), Some(i64::MAX), Some(-1)];

fn bytes(len: usize, seed: u8) -> Vec<u8> {
    (0..len).map(|i| (i as u8).wrapping_mul(31) ^ seed).collect()
}

fn value_of(record: &Record) -> Vec<u8> {
    record.text().expect("a string").to_vec()
}

#[test]
fn a_record_is_no_larger_than_drawn() {
    let (key, value) = (bytes(16, 1), bytes(16, 2));
    let plain = Record::new(&key, NewValue::Bytes(&value), None, 0, false);
    assert_eq!(plain.alloc_size(5), 40);
    assert_eq!(plain.with_expiry(Some(1)).alloc_size(5), 48);
    assert_eq!(Record::new(&key, NewValue::Integer(7), None, 0, false).alloc_size(5), 32);
    assert_eq!(Record::placeholder().alloc_size(5), 16);
    assert_eq!(size_of::<Option<Record>>(), 8);
}

#[test]
fn every_form_keeps_what_it_was_given() {
    let (keys, values) =
        if cfg!(miri) { (&LENGTHS[6..9], &LENGTHS[5..10]) } else { (&LENGTHS[..], &LENGTHS[..]) };
    for &key_len in keys {
        let key = bytes(key_len, 3);
        for expiry in EXPIRIES {
            for &len in values {
                let value = bytes(len, 4);
                for new in [NewValue::Bytes(&value), NewValue::Blob(Blob::from_slice(&value))] {
                    let record = Record::new(&key, new, expiry, 0xff_ffff, false);
                    assert_eq!((record.key(), record.expiry()), (&key[..], expiry));
                    assert_eq!((value_of(&record), record.access()), (value.clone(), 0xff_ffff));
                    // Only what is too large to lie inside is shared.
                    let inside = size_of_inline(record.header(), key_len, len) <= INLINE_LIMIT;
                    assert_eq!(record.share().is_none(), inside, "{key_len} {len}");
                }
            }
            for number in [0, -1, i64::MIN, i64::MAX] {
                let record = Record::new(&key, NewValue::Integer(number), expiry, 5, true);
                assert_eq!((record.key(), record.expiry(), record.access()), (&key[..], expiry, 5));
                assert!(matches!(record.text(), Some(Text::Integer(n)) if n == number));
                assert_eq!(record.encoding(), "int");
            }
        }
    }
}

#[test]
fn a_value_is_overwritten_in_place_only_within_its_allocation() {
    let mut record = Record::new(b"key", NewValue::Bytes(&bytes(20, 1)), None, 9, true);
    let size = record.alloc_size(5);
    assert_eq!(record.encoding(), "raw");
    // 4 + 1 + 1 + 3 + 20 = 29 bytes take 32.
    assert!(record.overwrite(&bytes(23, 2), None));
    assert_eq!((value_of(&record), record.alloc_size(5), record.access()), (bytes(23, 2), size, 9));
    assert_eq!(record.encoding(), "embstr", "a value set anew has not been edited");
    assert!(!record.overwrite(&bytes(24, 3), None), "too long");
    assert!(!record.overwrite(&bytes(15, 3), None), "so short that it would waste memory");
    assert!(!record.overwrite(&bytes(20, 3), Some(1)), "no room for an expiry");
    assert_eq!(value_of(&record), bytes(23, 2));
    assert!(!record.set_expiry(1) && !record.set_integer(1));

    let mut record = record.with_expiry(Some(1));
    assert!(record.overwrite(&bytes(20, 4), Some(2)));
    assert_eq!((value_of(&record), record.expiry()), (bytes(20, 4), Some(2)));
    assert!(!record.overwrite(&bytes(20, 4), None));
    assert!(record.set_expiry(3));
    assert_eq!(record.expiry(), Some(3));
}

#[test]
fn a_blob_is_edited_without_leaving_the_record() {
    let mut record = Record::new(b"key", NewValue::Bytes(&bytes(300, 1)), Some(7), 9, false);
    let seen = record.share().expect("a blob");
    assert_eq!(record.edit_blob(|blob| blob.append(b"tail")), Some(()));
    assert_eq!(value_of(&record), [&bytes(300, 1)[..], b"tail"].concat());
    assert_eq!(seen.as_slice(), bytes(300, 1), "who shares the value sees none of the edit");
    assert_eq!((record.expiry(), record.access(), record.encoding()), (Some(7), 9, "raw"));
    // A blob that an edit made short stays one.
    record.edit_blob(|blob| *blob = Blob::from_slice(b"short"));
    assert_eq!((value_of(&record), record.encoding()), (b"short".to_vec(), "raw"));
    assert!(record.inline_mut().is_none());
    let moved = record.with_key(&bytes(300, 2), None);
    assert_eq!((moved.key(), value_of(&moved)), (&bytes(300, 2)[..], b"short".to_vec()));
}

#[test]
fn an_edit_that_panics_frees_the_blob_once() {
    let mut record = Record::new(b"key", NewValue::Bytes(&bytes(300, 1)), None, 0, false);
    let kept = record.share().expect("a blob");
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        record.edit_blob(|_| std::panic::resume_unwind(Box::new(())))
    }));
    assert!(panicked.is_err());
    assert!(kept.is_unique(), "the record has let go of it");
    assert_eq!(record.key(), b"key");
    drop(record);
    assert_eq!(kept.as_slice(), bytes(300, 1));
}

#[test]
fn duplicates_share_large_values_and_keep_the_name_of_the_encoding() {
    let record = Record::new(b"a", NewValue::Bytes(&bytes(300, 1)), Some(1), 2, false);
    let copy = record.duplicate(b"b", None, 3);
    assert_eq!((copy.key(), copy.expiry(), copy.access()), (b"b".as_slice(), None, 3));
    let (one, other) = (record.share().expect("a blob"), copy.share().expect("a blob"));
    assert_eq!(one.as_slice().as_ptr(), other.as_slice().as_ptr());
    drop(record);
    assert_eq!(value_of(&copy), bytes(300, 1));

    let mut short = Record::new(b"a", NewValue::Bytes(b"v"), None, 0, false);
    assert_eq!(short.duplicate(b"b", None, 0).encoding(), "embstr");
    short.inline_mut().expect("inside")[0] = b'w';
    let copy = short.duplicate(b"b", None, 0);
    assert_eq!((value_of(&copy), copy.encoding()), (b"w".to_vec(), "raw"));
    assert_eq!(short.duplicate(&bytes(40, 1), None, 0).encoding(), "raw");
    let number = Record::new(b"a", NewValue::Integer(-5), None, 0, false).duplicate(b"b", Some(1), 0);
    assert!(matches!(number.text(), Some(Text::Integer(-5))));
}

/// What is known of a record, kept as plainly as can be.
#[derive(Clone, Debug)]
struct Model {
    key: Vec<u8>,
    value: Vec<u8>,
    expiry: Option<i64>,
    access: u32,
}

#[derive(Clone, Debug)]
enum Edit {
    SetValue(Vec<u8>, Option<i64>, bool),
    SetNumber(i64, Option<i64>),
    Overwrite(Vec<u8>, Option<i64>),
    OverwriteNumber(i64),
    Append(Vec<u8>),
    Fill(u8),
    Expiry(Option<i64>),
    ExpiryInPlace(i64),
    Key(Vec<u8>, Option<i64>),
    Duplicate(Vec<u8>, Option<i64>, u32),
    Access(u32),
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    let longest: usize = if cfg!(miri) { 300 } else { 1200 };
    prop_oneof![0..64usize, 220..270usize, 0..longest]
        .prop_flat_map(|len| any::<u8>().prop_map(move |seed| bytes(len, seed)))
}

fn edit() -> impl Strategy<Value = Edit> {
    use Edit::*;
    let access = || 0..1u32 << 24;
    prop_oneof![
        (content(), any::<Option<i64>>(), any::<bool>()).prop_map(|(v, e, blob)| SetValue(v, e, blob)),
        any::<(i64, Option<i64>)>().prop_map(|(n, e)| SetNumber(n, e)),
        (content(), any::<Option<i64>>()).prop_map(|(v, e)| Overwrite(v, e)),
        any::<i64>().prop_map(OverwriteNumber),
        content().prop_map(Append),
        any::<u8>().prop_map(Fill),
        any::<Option<i64>>().prop_map(Expiry),
        any::<i64>().prop_map(ExpiryInPlace),
        (content(), any::<Option<i64>>()).prop_map(|(k, e)| Key(k, e)),
        (content(), any::<Option<i64>>(), access()).prop_map(|(k, e, a)| Duplicate(k, e, a)),
        access().prop_map(Access),
    ]
}

/// Makes one edit to both.
fn apply(mut record: Record, model: &mut Model, edit: Edit) -> Record {
    match edit {
        Edit::SetValue(value, expiry, as_blob) => {
            let new =
                if as_blob { NewValue::Blob(Blob::from_slice(&value)) } else { NewValue::Bytes(&value) };
            record = record.with_value(new, expiry, false);
            (model.value, model.expiry) = (value, expiry);
        }
        Edit::SetNumber(number, expiry) => {
            record = record.with_value(NewValue::Integer(number), expiry, false);
            (model.value, model.expiry) = (number.to_string().into_bytes(), expiry);
        }
        Edit::Overwrite(value, expiry) => {
            if record.overwrite(&value, expiry) {
                (model.value, model.expiry) = (value, expiry);
            }
        }
        Edit::OverwriteNumber(number) => {
            let is_number = matches!(record.text(), Some(Text::Integer(_)));
            assert_eq!(record.set_integer(number), is_number);
            if is_number {
                model.value = number.to_string().into_bytes();
            }
        }
        Edit::Append(tail) => {
            if record.edit_blob(|blob| blob.append(&tail)).is_some() {
                model.value.extend(tail);
            }
        }
        Edit::Fill(byte) => {
            if let Some(inside) = record.inline_mut() {
                inside.fill(byte);
                model.value.fill(byte);
            }
        }
        Edit::Expiry(expiry) => {
            record = record.with_expiry(expiry);
            model.expiry = expiry;
        }
        Edit::ExpiryInPlace(when) => {
            assert_eq!(record.set_expiry(when), model.expiry.is_some());
            model.expiry = model.expiry.map(|_| when);
        }
        Edit::Key(key, expiry) => {
            record = record.with_key(&key, expiry);
            (model.key, model.expiry) = (key, expiry);
        }
        Edit::Duplicate(key, expiry, access) => {
            record = record.duplicate(&key, expiry, access);
            *model = Model { key, value: model.value.clone(), expiry, access };
        }
        Edit::Access(access) => {
            record.set_access(access);
            model.access = access;
        }
    }
    record
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 10 } else { 512 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn edits_of_any_kind_keep_all_parts(
        key in content(),
        value in content(),
        edits in prop::collection::vec(edit(), 0..20),
    ) {
        let mut record = Record::new(&key, NewValue::Bytes(&value), None, 77, false);
        let mut model = Model { key, value, expiry: None, access: 77 };
        // Who shares the value keeps what it was then.
        let mut sharers: Vec<(Blob, Vec<u8>)> = Vec::new();
        for edit in edits {
            record = apply(record, &mut model, edit);
            prop_assert_eq!(record.key(), &model.key[..]);
            prop_assert_eq!(&value_of(&record), &model.value);
            prop_assert_eq!((record.expiry(), record.access()), (model.expiry, model.access));
            let least = model.key.len() + if matches!(record.text(), Some(Text::Integer(_))) { 8 } else { model.value.len() };
            prop_assert!(record.alloc_size(5) > least && record.alloc_size(5) < least * 5 / 4 + 64);
            sharers.extend(record.share().map(|blob| (blob, model.value.clone())));
        }
        drop(record);
        for (blob, value) in sharers {
            prop_assert_eq!(blob.as_slice(), &value[..]);
        }
    }
}

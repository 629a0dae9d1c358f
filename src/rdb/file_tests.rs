//! Tests of whole files: what is written is read, in pieces of any size, and no damage goes unnoticed or does harm.

use crate::loader::{Checksum, Entry, Event, LoadError, Loader, Reading, Step};
use crate::snapshot::{History, Plan, Snapshot};
use crate::{Value, Versions, value};
use base::sink::Sink;
use base::siphash;
use base::text::Text;
use keyspace::values::{Any, Rules, Set};
use keyspace::{AccessClock, Keyspace, NewValue};
use proptest::prelude::*;

const RULES: Rules = Rules::default_with(siphash::Key::new(1, 2));
const READING: Reading = Reading { versions: Versions::Known, checksum: true, skip_modules: false };
const PLAN: Plan<'static> = Plan {
    version: "9.0.4",
    now_s: 1_700_000_000,
    used_memory: 1 << 20,
    history: None,
    aof_base: false,
    compress: true,
    checksum: true,
    access: false,
    haltingly: false,
};

fn keyspace(lfu: bool) -> Keyspace {
    let clock = AccessClock { lfu, log_factor: 10, decay_minutes: 1, seconds: 1_700_000_000 };
    Keyspace::new(16, siphash::Key::new(1, 2), false, clock)
}

fn add(data: &mut Keyspace, index: usize, name: &[u8], value: &[u8], expiry: Option<i64>) {
    let record = data.record(name, NewValue::Bytes(value), expiry);
    let key = data.key(name);
    data.databases[index].tables.insert(&key, record);
}

fn written(data: &Keyspace, plan: &Plan<'_>) -> Vec<u8> {
    let mut snapshot = Snapshot::new(plan, [&b"#!lua name=x"[..]].into_iter());
    let mut file = Vec::new();
    while snapshot.step(data, &mut file) {}
    assert_eq!(snapshot.keys(), data.len() as u64);
    file
}

/// What a file says, as lines, when it comes in pieces of `piece` bytes.
fn told(file: &[u8], piece: usize) -> Result<Vec<String>, (LoadError, u64)> {
    let mut loader = Loader::new(READING);
    let mut pieces = file.chunks(piece.max(1));
    let mut lines = Vec::new();
    loop {
        match loader.next(&RULES) {
            Err(error) => return Err((error, loader.position())),
            Ok(Step::Hungry) => match pieces.next() {
                Some(piece) => loader.push(piece),
                None => loader.complete(),
            },
            Ok(Step::Event(Event::End(checksum))) => {
                lines.push(format!("{checksum:?}"));
                return Ok(lines);
            }
            Ok(Step::Event(Event::Record(Entry { name, value, told }))) => {
                let value = value.give(|value| format!("{value:?}"));
                lines.push(format!("{:?} {value} {told:?}", name.into_bytes()));
            }
            Ok(Step::Event(event)) => lines.push(format!("{event:?}")),
        }
    }
}

#[test]
fn a_file_begins_and_ends_as_those_of_the_reference() {
    let file = written(&keyspace(false), &Plan { checksum: false, ..PLAN });
    let head = b"VALKEY080\xfa\x0avalkey-ver\x059.0.4\xfa\x0aredis-bits\xc0\x40\xfa\x05ctime\xc2\x00\xf1\x53\x65\
                 \xfa\x08used-mem\xc2\x00\x00\x10\x00\xfa\x08aof-base\xc0\x00\xf5\x0c#!lua name=x\xff\0\0\0\0\0\0\0\0";
    assert_eq!(file, head);
    let history = Some(History { id: "abc", offset: 70, database: 3 });
    let file = written(&keyspace(false), &Plan { history, ..PLAN });
    let place = b"\xfa\x0erepl-stream-db\xc0\x03\xfa\x07repl-id\x03abc\xfa\x0brepl-offset\xc0\x46";
    assert!(file.windows(place.len()).any(|window| window == place));
}

#[test]
fn what_is_told_of_a_key_stands_before_it() {
    for (lfu, opcode) in [(true, &b"\xf9\x05"[..]), (false, b"\xf8\x00")] {
        let mut data = keyspace(lfu);
        add(&mut data, 3, b"key", b"value", Some(0x0102_0304));
        let file = written(&data, &Plan { access: true, ..PLAN });
        let expected =
            [b"\xfe\x03\xfb\x01\x01\xfc\x04\x03\x02\x01\0\0\0\0", opcode, b"\x00\x03key\x05value\xff"]
                .concat();
        assert_eq!(file[file.len() - 8 - expected.len()..file.len() - 8], expected);
        let lines = told(&file, 7).expect("sound");
        assert!(lines[lines.len() - 2].contains("expiry: Some(16909060)"), "{lines:?}");
    }
}

#[test]
fn halting_chunks_are_a_few_keys_each_and_the_same_file() {
    let mut data = keyspace(false);
    for number in 0..1000 {
        add(&mut data, number % 3, format!("key:{number}").as_bytes(), b"value", None);
    }
    let whole = written(&data, &PLAN);
    assert_eq!(written(&data, &Plan { haltingly: true, ..PLAN }), whole);
    let mut snapshot = Snapshot::new(&Plan { haltingly: true, ..PLAN }, std::iter::empty());
    let mut last = 0;
    while snapshot.step(&data, &mut Vec::new()) {
        assert!(snapshot.keys() - last < 30);
        last = snapshot.keys();
    }
}

#[test]
fn versions_and_signatures() {
    let with = |signature: &[u8], versions| {
        let mut loader = Loader::new(Reading { versions, ..READING });
        loader.push(signature);
        loader.push(b"\xff");
        loader.complete();
        loader.next(&RULES).map(|step| format!("{step:?}"))
    };
    assert!(with(b"REDIS0001", Versions::Known).is_ok() && with(b"REDIS0004", Versions::Known).is_ok());
    assert_eq!(with(b"REDIS0011", Versions::Known), Err(LoadError::Ended), "it wants a checksum");
    for (signature, version) in
        [(b"REDIS0012", 12), (b"REDIS0080", 80), (b"VALKEY079", 79), (b"VALKEY081", 81)]
    {
        assert_eq!(with(signature, Versions::Known), Err(LoadError::Version(version)));
    }
    assert_eq!(with(b"VALKEY987", Versions::Any), Err(LoadError::Ended));
    assert_eq!(with(b"REDIS0012", Versions::Any), Err(LoadError::Ended));
    assert_eq!(with(b"REDIX0011", Versions::Any), Err(LoadError::Signature));
    assert_eq!(with(b"REDIS0000", Versions::Any), Err(LoadError::Version(0)));
    let foreign = told(b"REDIS0011\x96", 1).expect_err("foreign");
    assert_eq!(foreign, (LoadError::ForeignType(150, 11), 10));
}

#[test]
fn empty_values_modules_and_old_opcodes() {
    let file = b"REDIS0004\xf8\x05\x02\x01a\x00\xfd\x01\0\0\0\x00\x01b\x01c\xf4\x01\x02\x03\xff";
    let lines = told(file, 1).expect("sound");
    assert!(lines[0].starts_with("Empty"), "{lines:?}");
    assert!(lines[1].contains("expiry: Some(1000), idle: None"), "{lines:?}");
    let module = b"REDIS0004\x07\x01a\x81\x00\x0c\xca\x31\xe7\x8f\xdc\x01\x02\x07\x00\xff";
    assert!(matches!(told(module, 100), Err((LoadError::Module(_), _))));
    let mut loader = Loader::new(Reading { skip_modules: true, ..READING });
    loader.push(module);
    assert!(matches!(loader.next(&RULES), Ok(Step::Event(Event::Module(..)))));
    assert!(matches!(loader.next(&RULES), Ok(Step::Event(Event::End(Checksum::Unread)))));
}

#[test]
fn a_long_value_is_not_parsed_again_for_each_piece() {
    let mut data = keyspace(false);
    add(&mut data, 0, b"key", &vec![b'x'; 1 << 20], None);
    let file = written(&data, &Plan { compress: false, ..PLAN });
    let mut loader = Loader::new(READING);
    let mut attempts = 0;
    for piece in file.chunks(64) {
        loader.push(piece);
        let before = loader.want;
        while let Ok(Step::Event(_)) = loader.next(&RULES) {}
        attempts += usize::from(loader.want != before);
    }
    assert!(attempts < 40, "{attempts}");
    loader.complete();
    while !matches!(loader.next(&RULES), Ok(Step::Event(Event::End(Checksum::Right)))) {}
    assert_eq!(loader.position(), file.len() as u64);
}

proptest! {
    #[test]
    fn what_is_written_is_read_in_any_pieces_and_damage_is_seen(
        keys in prop::collection::btree_map(
            prop::collection::vec(any::<u8>(), 0..40),
            (prop::collection::vec(any::<u8>(), 0..300), prop::option::of(0i64..), 0usize..16),
            0..30,
        ),
        piece in 1usize..200, at: usize, damage in 1u8..,
    ) {
        let mut data = keyspace(false);
        for (name, (value, expiry, index)) in &keys {
            add(&mut data, *index, name, value, *expiry);
        }
        let mut file = written(&data, &PLAN);
        let lines = told(&file, piece).expect("sound");
        prop_assert_eq!(lines.last().map(String::as_str), Some("Right"));
        prop_assert_eq!(&lines, &told(&file, usize::MAX).expect("sound"));
        for (name, (value, expiry, _)) in &keys {
            let value = Text::of(value);
            let start = format!("{name:?} ");
            let line = lines.iter().find(|line| line.starts_with(&start)).expect("there");
            let end = format!("{:?}", crate::loader::Told { expiry: *expiry, ..Default::default() });
            prop_assert!(line.ends_with(&end), "{line} {value:?}");
        }
        for cut in [file.len() - 1, file.len() / 2] {
            prop_assert!(told(&file[..cut], piece).is_err());
        }
        let at = at % file.len();
        file[at] ^= damage;
        if let Ok(lines) = told(&file, piece) {
            // Eight zeros say that there is no checksum.
            prop_assert!(lines.last().map(String::as_str) == Some("Missing"));
        }
    }
}

#[test]
fn types_that_are_known_are_those_that_are_read() {
    for kind in 0..=255 {
        let known = matches!(kind, 0..=5 | 9..=22);
        assert_eq!(value::knows(kind), known, "{kind}");
    }
}

/// Takes a file, and notes how it came.
#[derive(Default)]
struct Pieces {
    file: Vec<u8>,
    longest: usize,
    given_up: Vec<usize>,
}

impl Sink for Pieces {
    fn take(&mut self, bytes: &[u8]) {
        self.longest = self.longest.max(bytes.len());
        self.file.extend_from_slice(bytes);
    }

    fn done_with(&mut self, stretch: &[u8]) {
        self.given_up.push(stretch.len());
    }
}

#[test]
fn a_large_value_is_written_and_read_in_pieces() {
    const MEMBERS: usize = 100_000;
    let mut data = keyspace(false);
    let mut set = Set::table(&RULES);
    for number in 0..MEMBERS {
        set.add(Text::Bytes(format!("member:{number}").as_bytes()), &RULES);
    }
    let record = data.record(b"set", NewValue::Other(Any::Set(set)), Some(5000));
    let key = data.key(b"set");
    data.databases[0].tables.insert(&key, record);
    let mut pieces = Pieces::default();
    let mut snapshot = Snapshot::new(&PLAN, std::iter::empty());
    while snapshot.step(&data, &mut pieces) {}
    assert!(pieces.file.len() > 1_000_000 && pieces.longest < 140_000, "{}", pieces.longest);
    let mut loader = Loader::new(READING);
    let mut rest = pieces.file.chunks(1000);
    let mut read = None;
    loop {
        match loader.next(&RULES).expect("a sound file") {
            Step::Hungry => {
                assert!(loader.rest().len() < 2000, "parts are not kept");
                match rest.next() {
                    Some(piece) => loader.push(piece),
                    None => loader.complete(),
                }
            }
            Step::Event(Event::Record(Entry { name, value: Value::Other(Any::Set(set)), told })) => {
                read = Some((told.expiry, name.into_bytes(), set.len()));
            }
            Step::Event(Event::End(checksum)) => break assert_eq!(checksum, Checksum::Right),
            Step::Event(_) => {}
        }
    }
    assert_eq!(read, Some((Some(5000), b"set".to_vec(), MEMBERS)));
}

#[test]
fn a_value_of_many_parts_that_ends_too_early_is_told_of_with_its_name() {
    let file = b"VALKEY080\xfe\x00\x02\x03set\x05\x01a\x01b";
    for piece in [1, 100] {
        let mut loader = Loader::new(READING);
        let mut pieces = file.chunks(piece);
        let error = loop {
            match loader.next(&RULES) {
                Ok(Step::Hungry) => match pieces.next() {
                    Some(piece) => loader.push(piece),
                    None => loader.complete(),
                },
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!((error, loader.position()), (LoadError::Ended, file.len() as u64));
        let failing = loader.failing();
        assert_eq!((failing.kind, failing.name), (Some(2), Some(b"set".to_vec())));
    }
}

#[test]
fn a_long_string_goes_to_its_file_as_it_lies_and_is_given_up() {
    let mut data = keyspace(false);
    let long: Vec<u8> =
        (0..1u32 << 20).map(|number| (number.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect();
    add(&mut data, 0, b"long", &long, None);
    add(&mut data, 0, b"short", b"value", None);
    let mut pieces = Pieces::default();
    let mut snapshot = Snapshot::new(&Plan { compress: false, ..PLAN }, std::iter::empty());
    while snapshot.step(&data, &mut pieces) {}
    assert_eq!((pieces.longest, pieces.given_up.as_slice()), (long.len(), &[long.len()][..]));
    assert!(told(&pieces.file, 5000).is_ok_and(|lines| lines.len() > 3));
}

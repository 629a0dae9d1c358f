//! Key extraction against the reference's answers, against the plain range, and against garbage.

use proptest::prelude::*;

use super::*;
use crate::flags::Flag;
use crate::key_spec::{not_key, ow, ro};
use crate::{CommandId, Names, id};

/// What COMMAND GETKEYSANDFLAGS answers, in the form of the vectors; `None` for a command that the table lacks.
fn get_keys_and_flags(names: &Names, argv: &[&str]) -> Option<String> {
    let id = match names.resolve(argv) {
        Ok(id) => id,
        Err(crate::Unknown::Subcommand(_)) => return Some("! Invalid command specified".to_owned()),
        Err(crate::Unknown::Command) if argv[0] == "nosuch" => {
            return Some("! Invalid command specified".to_owned());
        }
        Err(crate::Unknown::Command) => return None,
    };
    if !has_keys(id) {
        return Some("! The command has no key arguments".to_owned());
    }
    if !id.accepts(argv.len()) {
        return Some("! Invalid number of arguments specified for command".to_owned());
    }
    let mut keys = Vec::new();
    find_keys(id, argv, &mut keys);
    if keys.is_empty() {
        let fine = id.has(Flag::NoMandatoryKeys);
        return Some(if fine { "(none)" } else { "! Invalid arguments specified for command" }.to_owned());
    }
    Some(keys.iter().map(|key| show(argv, key)).collect::<Vec<_>>().join(", "))
}

fn show(argv: &[&str], key: &KeyRef) -> String {
    let flags: Vec<&str> = key.flags.iter().map(KeyFlag::name).collect();
    format!("{} {}", argv[key.position], flags.join(" "))
}

#[test]
fn keys_are_those_that_the_reference_finds() {
    let names = Names::new();
    let mut checked = 0;
    for line in include_str!("vectors.txt").lines().filter(|line| !line.starts_with('#')) {
        let (request, expected) = line.split_once(" => ").unwrap();
        let argv: Vec<&str> = request.split(' ').collect();
        if let Some(answer) = get_keys_and_flags(&names, &argv) {
            assert_eq!(answer, expected, "{request}");
            checked += 1;
        }
    }
    assert!(checked >= 70, "only {checked} vectors were for commands of the table");
}

/// The positions that specs find in a request; `None` when they cannot be followed.
fn positions(specs: &[KeySpec], request: &str) -> Option<Vec<usize>> {
    let argv: Vec<&str> = request.split(' ').collect();
    let mut keys = Vec::new();
    follow(specs, &argv, &mut keys).ok()?;
    Some(keys.iter().map(|key| key.position).collect())
}

#[test]
fn a_count_says_how_many_keys_follow() {
    let specs = [ow(1).update(), ro(2).access().counted()];
    assert_eq!(positions(&specs, "zunionstore dst 2 a b weights 1 2"), Some(vec![1, 3, 4]));
    for bad in ["0 a", "3 a b", "-1 a", "x a", "01 a", "18446744073709551616 a", "99999999999 a", ""] {
        assert_eq!(positions(&specs, &format!("zunionstore dst {bad}")), None, "{bad}");
    }
    assert_eq!(positions(&specs, "zunionstore dst"), None);
}

#[test]
fn a_keyword_is_sought_forwards_up_to_the_last_argument() {
    let specs = [ro(1).access().after("STREAMS", 1).to(-1).limit(2)];
    assert_eq!(positions(&specs, "xread count 2 streams a b 0 0"), Some(vec![4, 5]));
    assert_eq!(positions(&specs, "xread STREAMS a b 0"), Some(vec![2]));
    assert_eq!(positions(&specs, "xread count 2 streams"), Some(vec![]));
    assert_eq!(positions(&specs, "xread streams a"), None);
    let store = [ro(1), ow(1).after("STORE", 6), ow(1).after("STOREDIST", 6)];
    assert_eq!(positions(&store, "georadius k 0 0 1 m store d1 storedist d2"), Some(vec![1, 7, 9]));
    assert_eq!(positions(&store, "georadius k 0 0 1 m"), Some(vec![1]));
}

#[test]
fn a_keyword_is_sought_backwards_down_to_the_second_argument() {
    let specs = [ro(1).after("KEYS", -2).to(-1)];
    assert_eq!(positions(&specs, "migrate h 6379 - 0 10 auth keys keys a b"), Some(vec![9, 10]));
    assert_eq!(positions(&specs, "m keys a b"), Some(vec![]));
    assert_eq!(positions(&specs, "m"), Some(vec![]));
}

#[test]
fn what_cannot_be_said_or_may_be_incomplete_is_refused() {
    assert_eq!(positions(&[ro(1).unknown()], "sort k by w"), None);
    assert_eq!(positions(&[ro(1).incomplete()], "migrate k"), None);
    assert_eq!(positions(&[not_key(1), ro(2)], "x a b"), Some(vec![2]));
    assert_eq!(positions(&[ro(1).to(-1).step(2)], "mset a 1 b 2 c"), Some(vec![1, 3, 5]));
    assert_eq!(positions(&[ro(1).to(-2)], "blpop a"), None);
}

/// A word of some command's grammar, a number, or anything.
fn argument() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "get", "set", "OVERFLOW", "incrby", "store", "keys", "STREAMS", "streams", "-1", "0", "2", "4", "",
        "k",
    ];
    prop_oneof![
        4 => proptest::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..12),
    ]
}

fn request() -> impl Strategy<Value = Vec<Vec<u8>>> {
    proptest::collection::vec(argument(), 0..12)
}

fn spec() -> impl Strategy<Value = KeySpec> {
    let begin = prop_oneof![
        (0u16..12).prop_map(Begin::Index),
        (-8i16..8).prop_map(|from| Begin::Keyword { word: "KEYS", from }),
        any::<i16>().prop_map(|from| Begin::Keyword { word: "streams", from }),
        Just(Begin::Unknown),
    ];
    let find = prop_oneof![
        (any::<i16>(), 0u16..4, 0u16..4).prop_map(|(last, step, limit)| Find::Range { last, step, limit }),
        (-4i16..4, 0u16..4, 0u16..4).prop_map(|(last, step, limit)| Find::Range { last, step, limit }),
        (0u16..4, 0u16..4, 0u16..4).prop_map(|(count_at, first, step)| Find::Count { count_at, first, step }),
    ];
    (begin, find).prop_map(|(begin, find)| KeySpec { begin, find, ..ro(1) })
}

proptest! {
    #[test]
    fn no_request_yields_a_key_outside_itself(index in 0..crate::COUNT, argv in request()) {
        let id = CommandId::from_index(index).unwrap();
        let mut keys = Vec::new();
        find_keys(id, &argv, &mut keys);
        prop_assert!(keys.iter().all(|key| (1..argv.len()).contains(&key.position)));
    }

    #[test]
    fn no_spec_yields_a_key_outside_the_request(spec in spec(), argv in request()) {
        let mut keys = Vec::new();
        let _ = follow(&[spec], &argv, &mut keys);
        prop_assert!(keys.len() <= argv.len());
        prop_assert!(keys.iter().all(|key| key.position < argv.len()));
    }

    /// A command without movable keys has all its keys in the plain range, and the first of them first.
    #[test]
    fn the_plain_range_is_all_keys_unless_they_move(index in 0..crate::COUNT, argv in request()) {
        let id = CommandId::from_index(index).unwrap();
        let mut specs = id.command().key_specs.iter();
        prop_assume!(!id.has(Flag::MovableKeys) && id.accepts(argv.len()));
        prop_assume!(!specs.any(|spec| spec.flags.has(KeyFlag::NotKey)));
        let mut keys = Vec::new();
        find_keys(id, &argv, &mut keys);
        let plain: Vec<usize> = id.key_range().positions(argv.len()).collect();
        // A request that its specs do not fit has no keys at all: PFMERGE without sources.
        prop_assume!(!keys.is_empty() || plain.is_empty());
        prop_assert_eq!(&plain, &keys.iter().map(|key| key.position).collect::<Vec<_>>());
        prop_assert_eq!(plain.first().copied(), id.first_key(argv.len()));
    }
}

#[test]
fn the_vector_of_keys_is_replaced() {
    let mut keys = Vec::new();
    find_keys(id("mget"), &["mget", "a", "b"][..], &mut keys);
    find_keys(id("get"), &["get", "a"][..], &mut keys);
    assert_eq!(keys.len(), 1);
    find_keys(id("ping"), &["ping"][..], &mut keys);
    assert!(keys.is_empty());
}

/// The keys that a request is remembered to have read.
fn read(request: &str) -> String {
    let argv: Vec<&str> = request.split('_').collect();
    let mut keys = Vec::new();
    find_read_keys(id(argv[0]), &argv, &mut keys);
    keys.iter().map(|key| argv[key.position]).collect::<Vec<_>>().join(" ")
}

#[test]
fn an_xread_without_an_id_for_each_key_reads_nothing() {
    assert_eq!(read("xread_count_1_block_0_streams_a_b_1_2"), "a b");
    assert_eq!(read("xread_streams_a_b_1"), "");
    assert_eq!(read("xread_group_g_c_noack_streams_a_1"), "a");
    assert_eq!(read("xread_other_streams_a_1"), "");
    assert_eq!(read("xread_count"), "");
    assert_eq!(read("xread_count_streams"), "");
}

#[test]
fn what_a_count_of_keys_begins_with_is_its_number() {
    assert_eq!(read("zunion_2_a_b_c"), "a b");
    assert_eq!(read("sintercard_ +1.5_a_b"), "a");
    assert_eq!(read("eval_return_01_a_b"), "a");
    assert_eq!(read("zunionstore_x_02_a_b"), "a b x");
    for none in ["zdiff_x_a", "zdiff_0_a", "zinter_-1_a", "zintercard_2_a", "zinter_9999999999_a", "zunion_1"]
    {
        assert_eq!(read(none), "", "{none}");
    }
}

//! Bitmap commands as a client sees them: replies, refusals in their order, and what is said to have changed.

use super::{bitcount, bitfield, bitfield_ro, bitop, bitpos, getbit, setbit};
use crate::string::{get, set, strlen};
use crate::testing::Bench;
use keyspace::Text;

const BIT_OFFSET: &str = "-ERR bit offset is not an integer or out of range";
const SYNTAX: &str = "-ERR syntax error";

/// The bytes of a key, which must be kept as bytes.
fn bytes(bench: &Bench, key: &[u8]) -> Vec<u8> {
    let record = bench.data.databases[0].tables.find(&bench.data.key(key)).expect("the key is there");
    match record.text() {
        Some(Text::Bytes(bytes)) => bytes.to_vec(),
        other => panic!("kept as {other:?}"),
    }
}

fn store(bench: &mut Bench, key: &[u8], value: &[u8]) {
    bench.run_bytes(set, &[b"set", key, value]);
}

fn encoding(bench: &Bench, key: &[u8]) -> &'static str {
    bench.data.databases[0].tables.find(&bench.data.key(key)).expect("the key is there").encoding()
}

#[test]
fn a_bit_is_set_where_the_string_must_grow_and_read_where_it_is_not() {
    let mut bench = Bench::new();
    assert_eq!(bench.run(setbit, "setbit k 9 1"), ":0");
    assert_eq!(bytes(&bench, b"k"), [0, 0x40]);
    assert_eq!(bench.run(setbit, "setbit k 9 0"), ":1");
    assert_eq!(bench.run(getbit, "getbit k 9"), ":0");
    assert_eq!(bench.run(getbit, "getbit k 4294967295"), ":0");
    assert_eq!(bench.run(setbit, "setbit k 7999 1"), ":0");
    assert_eq!(bench.run(strlen, "strlen k"), ":1000");
    assert_eq!(bench.run(getbit, "getbit k 7999"), ":1");
    assert_eq!(encoding(&bench, b"k"), "raw");
}

#[test]
fn a_number_becomes_its_text_for_good_when_a_bit_is_written() {
    let mut bench = Bench::new();
    bench.run(set, "set n 12");
    assert_eq!(bench.run(bitcount, "bitcount n"), ":6");
    assert_eq!(encoding(&bench, b"n"), "int");
    assert_eq!(bench.run(getbit, "getbit n 3"), ":1");
    bench.facts();
    assert_eq!(bench.run(setbit, "setbit n 3 1"), ":1");
    assert_eq!(bench.facts(), [] as [&str; 0], "the bit was set already");
    assert_eq!(encoding(&bench, b"n"), "raw");
    assert_eq!(bench.run(get, "get n"), "$2 12");
}

#[test]
fn a_write_is_a_change_when_a_bit_or_the_length_changes() {
    let mut bench = Bench::new();
    bench.run(setbit, "setbit k 0 0");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["setbit k".to_string()], 1));
    bench.run(setbit, "setbit k 1 0");
    assert_eq!((bench.facts(), bench.dirty()), (Vec::<String>::new(), 0));
    bench.run(bitfield, "bitfield k set u8 0 0 set u8 8 0 incrby u8 0 1");
    assert_eq!(
        (bench.facts(), bench.dirty()),
        (vec!["setbit k".to_string()], 3),
        "the string grew: every write counts"
    );
    bench.run(bitfield, "bitfield k set u8 0 1 get u8 0 incrby u8 0 1");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["setbit k".to_string()], 1));
    bench.run(bitfield, "bitfield new overflow fail incrby u2 0 9");
    assert_eq!(
        (bench.facts(), bench.dirty()),
        (Vec::<String>::new(), 0),
        "the key is made, yet no change is told"
    );
    assert_eq!(bytes(&bench, b"new"), [0]);
}

#[test]
fn offsets_and_bits_are_refused_in_order() {
    let mut bench = Bench::new();
    for offset in ["-1", "x", "4294967296", "9223372036854775808", "#1", "01", ""] {
        assert_eq!(bench.run(getbit, &format!("getbit k {offset}")), BIT_OFFSET);
        assert_eq!(bench.run(setbit, &format!("setbit k {offset} 7")), BIT_OFFSET);
    }
    for bit in ["2", "-1", "x", "01"] {
        let line = format!("setbit k 1 {bit}");
        assert_eq!(bench.run(setbit, &line), "-ERR bit is not an integer or out of range");
    }
    assert!(bench.data.is_empty());
}

#[test]
fn ranges_count_bytes_or_bits_from_either_end() {
    let mut bench = Bench::new();
    bench.run(set, "set k foobar");
    let cases = [
        ("", 26),
        (" 0 0", 4),
        (" 1 1", 6),
        (" 1", 22),
        (" 0 0 byte", 4),
        (" 5 30 BIT", 17),
        (" -2 -1", 7),
        (" -1 -2", 0),
        (" 9 20", 0),
        (" 0 -100", 4),
        (" -100 -50 bit", 0),
    ];
    for (range, expected) in cases {
        assert_eq!(bench.run(bitcount, &format!("bitcount k{range}")), format!(":{expected}"), "{range}");
    }
    assert_eq!(bench.run(bitcount, "bitcount none 0 -1"), ":0");
    assert_eq!(bench.run(bitcount, "bitcount k 0 x wrong"), SYNTAX, "the unit is looked at before the end");
    assert_eq!(bench.run(bitcount, "bitcount k x 0 wrong"), "-ERR value is not an integer or out of range");
    assert_eq!(bench.run(bitcount, "bitcount k 0 0 bit more"), SYNTAX);
}

#[test]
fn zeroes_follow_a_string_unless_an_end_is_given() {
    let mut bench = Bench::new();
    store(&mut bench, b"k", &[0xff, 0xff]);
    let cases = [
        ("0", 16),
        ("0 1", 16),
        ("0 0 -1", -1),
        ("0 2", -1),
        ("1 1", 8),
        ("1 3 -1 bit", 3),
        ("0 3 9 bit", -1),
    ];
    for (rest, expected) in cases {
        assert_eq!(bench.run(bitpos, &format!("bitpos k {rest}")), format!(":{expected}"), "{rest}");
    }
    store(&mut bench, b"k", b"");
    assert_eq!(bench.run(bitpos, "bitpos k 0"), ":-1");
    assert_eq!(bench.run(bitpos, "bitpos none 0"), ":0");
    assert_eq!(bench.run(bitpos, "bitpos none 1"), ":-1");
    assert_eq!(bench.run(bitpos, "bitpos k 2"), "-ERR The bit argument must be 1 or 0.");
    assert_eq!(bench.run(bitpos, "bitpos k 1 0 1 wrong"), SYNTAX);
}

#[test]
fn strings_are_combined_as_if_zeroes_followed_the_shorter() {
    let mut bench = Bench::new();
    store(&mut bench, b"a", &[0xf0, 0xff, 0x0f]);
    store(&mut bench, b"b", &[0xff, 0x0f]);
    bench.facts();
    let cases: [(&str, &[u8]); 5] = [
        ("and d a b", &[0xf0, 0x0f, 0]),
        ("OR d a b none", &[0xff, 0xff, 0x0f]),
        ("xor d a b", &[0x0f, 0xf0, 0x0f]),
        ("not d a", &[0x0f, 0, 0xf0]),
        ("and d a none", &[0, 0, 0]),
    ];
    for (rest, expected) in cases {
        assert_eq!(bench.run(bitop, &format!("bitop {rest}")), ":3");
        assert_eq!(bytes(&bench, b"d"), expected, "{rest}");
        assert_eq!(encoding(&bench, b"d"), "raw");
        assert_eq!(bench.facts(), ["set d"]);
    }
    assert_eq!(bench.run(bitop, "bitop xor a a a"), ":3");
    assert_eq!(bytes(&bench, b"a"), [0, 0, 0]);
    bench.facts();
    assert_eq!(bench.run(bitop, "bitop or d none"), ":0");
    assert_eq!(bench.facts(), ["del d"]);
    assert_eq!(bench.run(bitop, "bitop or d none"), ":0");
    assert_eq!(bench.facts(), [] as [&str; 0]);
    assert_eq!(
        bench.run(bitop, "bitop not d a b"),
        "-ERR BITOP NOT must be called with a single source key."
    );
    assert_eq!(bench.run(bitop, "bitop diff d a b"), SYNTAX);
}

#[test]
fn fields_wrap_saturate_or_fail() {
    let mut bench = Bench::new();
    let cases = [
        ("set u8 0 255 get u8 0 get i8 0", "*3 :0 :255 :-1"),
        ("incrby u8 #0 10", "*1 :9"),
        ("overflow sat incrby u8 0 1000 overflow wrap incrby u8 0 2", "*2 :255 :1"),
        ("overflow fail incrby u2 100 4 get u2 100", "*2 $-1 :0"),
        ("set i5 #3 -16 overflow sat incrby i5 #3 -1 get i5 15", "*3 :0 :-16 :-16"),
        ("get u63 100000", "*1 :0"),
        ("", "*0"),
    ];
    for (rest, expected) in cases {
        assert_eq!(bench.run(bitfield, format!("bitfield k {rest}").trim_end()), expected, "{rest}");
    }
    assert_eq!(bench.run(bitfield_ro, "bitfield_ro k get u8 0 get u8 #0"), "*2 :1 :1");
    assert_eq!(bench.run(bitfield_ro, "bitfield_ro none get i64 3"), "*1 :0");
}

#[test]
fn operations_are_refused_together_and_in_order() {
    let mut bench = Bench::new();
    let bad_type =
        "-ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.";
    let cases = [
        ("set u8 0 1 get u64 0", bad_type),
        ("get i65 x", bad_type),
        ("get U8 0", bad_type),
        ("get u8 x", BIT_OFFSET),
        ("get u8 ##1", BIT_OFFSET),
        ("set u8 -1 x", BIT_OFFSET),
        ("set u8 0 x", "-ERR value is not an integer or out of range"),
        ("set u8 0", SYNTAX),
        ("nothing", SYNTAX),
        ("overflow", SYNTAX),
        ("overflow none", "-ERR Invalid OVERFLOW type specified"),
    ];
    for (rest, expected) in cases {
        assert_eq!(bench.run(bitfield, &format!("bitfield k {rest}")), expected, "{rest}");
    }
    assert!(bench.data.is_empty());
    let refused = "-ERR BITFIELD_RO only supports the GET subcommand";
    assert_eq!(bench.run(bitfield_ro, "bitfield_ro k get u8 0 set u8 0 1"), refused);
}

//! Tests of the commands on HyperLogLogs.

use super::*;
use crate::keys::object_encoding;
use crate::string::{get, set, strlen};
use crate::testing::Bench;

fn bytes_of(bench: &mut Bench, key: &str) -> Vec<u8> {
    let reply = bench.run_bytes(get, &[b"get", key.as_bytes()]);
    let start = reply.iter().position(|&byte| byte == b'\n').expect("a line") + 1;
    reply[start..reply.len() - 2].to_vec()
}

#[test]
fn elements_are_counted_once() {
    let mut bench = Bench::new();
    assert_eq!(bench.run(pfadd, "pfadd h"), ":1");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["pfadd h".to_string()], 1));
    assert_eq!(bench.run(pfadd, "pfadd h"), ":0");
    assert_eq!(bench.run(pfadd, "pfadd h a b c"), ":1");
    assert_eq!((bench.facts(), bench.dirty()), (vec!["pfadd h".to_string()], 3));
    assert_eq!(bench.run(pfadd, "pfadd h a c"), ":0");
    assert_eq!((bench.facts(), bench.dirty()), (vec![], 0));
    assert_eq!(bench.run(object_encoding, "object encoding h"), "$3 raw");

    assert_eq!(bench.run(pfcount, "pfcount h"), ":3");
    assert_eq!((bench.facts(), bench.dirty()), (vec![" h".to_string()], 1), "the estimate is kept");
    assert_eq!(bench.run(pfcount, "pfcount h"), ":3");
    assert_eq!((bench.facts(), bench.dirty()), (vec![], 0));
    assert_eq!(bench.run(pfcount, "pfcount none"), ":0");
    assert_eq!(bench.run(pfcount, "pfcount none h none"), ":3");
}

#[test]
fn many_elements_make_it_dense() {
    let mut bench = Bench::new();
    for round in 0..40 {
        let elements: Vec<String> = (0..50).map(|n| format!("{round}:{n}")).collect();
        bench.run(pfadd, &format!("pfadd h {}", elements.join(" ")));
        bench.run(pfadd, &format!("pfadd other {}", elements.join(" ")));
        bench.run(pfcount, "pfcount h");
    }
    assert_eq!(bench.run(strlen, "strlen h"), ":12304");
    assert_eq!(bench.run(pfdebug, "pfdebug encoding h"), "+dense");
    let alone = bench.run(pfcount, "pfcount h");
    assert_eq!(bench.run(pfcount, "pfcount h other"), alone);
    assert_eq!(bench.run(pfdebug, "pfdebug simd off"), "+disabled");
    assert_eq!(bench.run(pfcount, "pfcount h other"), alone);
    assert!(["+enabled", "+disabled"].contains(&bench.run(pfdebug, "pfdebug simd on").as_str()));
    let wrong = "-ERR Argument must be ON or OFF";
    assert_eq!(bench.run(pfdebug, "pfdebug simd maybe"), wrong);

    bench.settings.rules.hll_sparse_max_bytes = 100;
    bench.run(pfadd, "pfadd small 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20");
    let converted = (bench.run(pfdebug, "pfdebug todense small"), bench.run(strlen, "strlen small"));
    assert_eq!(converted, (":1".to_string(), ":12304".to_string()));
    assert_eq!(bench.run(pfdebug, "pfdebug todense small"), ":0");
}

#[test]
fn a_merger_has_seen_what_its_sources_have() {
    let mut bench = Bench::new();
    bench.run(pfadd, "pfadd a 1 2 3");
    bench.run(pfadd, "pfadd b 3 4");
    bench.facts();
    assert_eq!(bench.run(pfmerge, "pfmerge d a b none"), "+OK");
    assert_eq!(bench.facts(), ["pfadd d"]);
    assert_eq!(bench.run(pfcount, "pfcount d"), ":4");
    assert_eq!(bench.run(pfdebug, "pfdebug encoding d"), "+sparse");
    bench.run(pfadd, "pfadd c 5");
    bench.run(pfdebug, "pfdebug todense c");
    assert_eq!(bench.run(pfmerge, "pfmerge d c"), "+OK");
    assert_eq!(
        (bench.run(pfcount, "pfcount d"), bench.run(strlen, "strlen d")),
        (":5".into(), ":12304".into())
    );
    assert_eq!(bench.run(pfmerge, "pfmerge new"), "+OK");
    assert_eq!(bytes_of(&mut bench, "new"), b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff");
}

#[test]
fn what_is_no_hyperloglog_is_refused() {
    let mut bench = Bench::new();
    bench.run(pfadd, "pfadd good a");
    let good = bytes_of(&mut bench, "good");
    let no_such_form = "-WRONGTYPE Key is not a valid HyperLogLog string value.\r\n";
    let corrupted = "-INVALIDOBJ Corrupted HLL object detected\r\n";
    let cases = [
        (b"12".to_vec(), no_such_form),
        (b"foo".to_vec(), no_such_form),
        ([b"H", &good[..]].concat(), no_such_form),
        ([&good[..4], b"\x02", &good[5..]].concat(), no_such_form),
        ([&good[..4], b"\x00", &good[5..]].concat(), no_such_form),
        (good[..16].to_vec(), corrupted),
        ([&good[..], b"\x00"].concat(), corrupted),
        (good[..good.len() - 1].to_vec(), corrupted),
    ];
    for (bytes, error) in cases {
        bench.run_bytes(set, &[b"set", b"bad", &bytes]);
        let replies = [
            bench.run_bytes(pfcount, &[b"pfcount", b"bad"]),
            bench.run_bytes(pfcount, &[b"pfcount", b"good", b"bad"]),
            bench.run_bytes(pfmerge, &[b"pfmerge", b"new", b"good", b"bad"]),
            bench.run_bytes(pfdebug, &[b"pfdebug", b"getreg", b"bad"]),
        ];
        for reply in replies {
            assert_eq!(String::from_utf8_lossy(&reply), error, "{}", bytes.escape_ascii());
        }
        assert_eq!(bytes_of(&mut bench, "bad"), bytes, "it stays as it is");
    }
    let reply = bench.run(pfdebug, "pfdebug encoding none");
    assert_eq!(reply, "-ERR The specified key does not exist");
    assert_eq!(bench.run(pfdebug, "pfdebug what good"), "-ERR Unknown PFDEBUG subcommand 'what'");
}

#[test]
fn the_test_passes() {
    let mut bench = Bench::new();
    assert_eq!(bench.run(pfselftest, "pfselftest"), "+OK");
    bench.run(pfadd, "pfadd h a");
    let decoded = bench.run(pfdebug, "pfdebug decode h");
    let registers = bench.run(pfdebug, "pfdebug getreg h");
    assert!(decoded.contains("v:2,1") && registers.starts_with("*16384 :0 "), "{decoded}");
    assert_eq!(registers.split(' ').filter(|&word| word == ":2").count(), 1);
    assert_eq!(bench.run(pfdebug, "pfdebug decode h"), "-ERR HLL encoding is not sparse");
}

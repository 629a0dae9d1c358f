//! SORT, on a server without a server.

use super::{sort, sort_ro};
use crate::list::{lrange, rpush};
use crate::string::set;
use crate::testing::Bench;

fn filled() -> Bench {
    let mut bench = Bench::new();
    bench.run(rpush, "RPUSH l 3 10 1 2");
    for (item, weight) in [("1", "30"), ("2", "20"), ("10", "25")] {
        bench.run(set, &format!("SET w_{item} {weight}"));
        bench.run(set, &format!("SET n_{item}_x name{item}"));
    }
    bench.facts();
    bench.dirty();
    bench
}

/// The items of a reply, without the protocol around them.
fn sorted(bench: &mut Bench, line: &str) -> String {
    let reply = bench.run(sort, line);
    assert!(reply.starts_with('*'), "{line}: {reply}");
    let words = reply.split(' ').skip(1).filter(|word| !word.starts_with('$') || *word == "$-1");
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn items_are_ordered_as_numbers_or_as_texts() {
    let mut bench = filled();
    assert_eq!(sorted(&mut bench, "SORT l"), "1 2 3 10");
    assert_eq!(sorted(&mut bench, "SORT l DESC"), "10 3 2 1");
    assert_eq!(sorted(&mut bench, "SORT l ALPHA"), "1 10 2 3");
    assert_eq!(sorted(&mut bench, "SORT l LIMIT 1 2"), "2 3");
    assert_eq!(sorted(&mut bench, "SORT l LIMIT -5 1 DESC"), "10");
    assert_eq!(sorted(&mut bench, "SORT l LIMIT 9 9"), "");
    assert_eq!(sorted(&mut bench, "SORT l LIMIT 3 -1"), "10");
    assert_eq!(sorted(&mut bench, "SORT none"), "");
    bench.run(rpush, "RPUSH l x");
    assert_eq!(bench.run(sort, "SORT l"), "-ERR One or more scores can't be converted into double");
    assert_eq!(sorted(&mut bench, "SORT l ALPHA DESC"), "x 3 2 10 1");
}

#[test]
fn other_keys_say_what_counts() {
    let mut bench = filled();
    assert_eq!(sorted(&mut bench, "SORT l BY w_*"), "3 2 10 1");
    assert_eq!(sorted(&mut bench, "SORT l BY w_* ALPHA DESC"), "1 10 2 3");
    assert_eq!(sorted(&mut bench, "SORT l BY nosort"), "3 10 1 2");
    assert_eq!(sorted(&mut bench, "SORT l BY nosort DESC LIMIT 1 2"), "1 10");
    assert_eq!(sorted(&mut bench, "SORT l BY w_* GET # GET n_*_x"), "3 $-1 2 name2 10 name10 1 name1");
    assert_eq!(sorted(&mut bench, "SORT l GET fixed LIMIT 0 1"), "$-1");
    assert_eq!(sorted(&mut bench, "SORT l GET w_*->field LIMIT 0 1"), "$-1");
    bench.run(set, "SET w_3 heavy");
    assert_eq!(bench.run(sort, "SORT l BY w_*"), "-ERR One or more scores can't be converted into double");
}

#[test]
fn texts_compare_as_in_the_language_of_the_server_unless_they_are_stored() {
    let mut bench = Bench::new();
    bench.run(rpush, "RPUSH l b A a B");
    for (item, weight) in [("a", "Y"), ("A", "z"), ("b", "x")] {
        bench.run(set, &format!("SET w_{item} {weight}"));
    }
    assert_eq!(sorted(&mut bench, "SORT l ALPHA"), "A B a b");
    // A language in which small and large letters are the same, but where they alone differ.
    bench.settings.collate = Some(|a, b| {
        let [small_a, small_b] = [a, b].map(|text| text.to_bytes().to_ascii_lowercase());
        small_a.cmp(&small_b).then(a.cmp(b))
    });
    assert_eq!(sorted(&mut bench, "SORT l ALPHA"), "A a B b");
    assert_eq!(sorted(&mut bench, "SORT l ALPHA DESC LIMIT 0 3"), "b B a");
    assert_eq!(sorted(&mut bench, "SORT l BY w_* ALPHA"), "B b a A");
    bench.run(sort, "SORT l ALPHA STORE stored");
    assert_eq!(sorted(&mut bench, "SORT stored BY nosort"), "A B a b");
}

#[test]
fn texts_end_for_a_reader_where_c_ends_them() {
    let mut bench = Bench::new();
    bench.run_bytes(rpush, &[b"rpush", b"l", b"a\0b", b"a\0a", b"a"]);
    assert_eq!(sorted(&mut bench, "SORT l ALPHA"), "a\0b a\0a a");
    bench.run(sort, "SORT l ALPHA STORE stored");
    assert_eq!(sorted(&mut bench, "SORT stored BY nosort"), "a a\0a a\0b");
}

#[test]
fn the_outcome_is_stored_as_a_list() {
    let mut bench = filled();
    assert_eq!(bench.run(sort, "SORT l STORE m"), ":4");
    assert_eq!(bench.run(sort, "SORT l GET n_*_x STORE o"), ":4");
    assert_eq!(bench.facts(), ["sortstore m", "sortstore o"]);
    assert_eq!(bench.dirty(), 8);
    assert_eq!(bench.run(lrange, "LRANGE m 0 -1"), "*4 $1 1 $1 2 $1 3 $2 10");
    assert_eq!(bench.run(lrange, "LRANGE o 2 -1"), "*2 $0  $6 name10");
    assert_eq!(bench.run(sort, "SORT none STORE m"), ":0");
    assert_eq!(bench.facts(), ["del m"]);
}

#[test]
fn requests_are_checked_in_their_order() {
    let mut bench = filled();
    let syntax = "-ERR syntax error";
    for line in ["SORT l LIMIT 1", "SORT l BY", "SORT l GET", "SORT l STORE", "SORT l UP"] {
        assert_eq!(bench.run(sort, line), syntax, "{line}");
    }
    assert_eq!(bench.run(sort, "SORT l LIMIT x 1"), "-ERR value is not an integer or out of range");
    assert_eq!(bench.run(sort_ro, "SORT_RO l STORE m"), syntax);
    assert_eq!(
        bench.run(sort, "SORT w_1"),
        "-WRONGTYPE Operation against a key holding the wrong kind of value"
    );
}

#[test]
fn in_a_cluster_patterns_stay_in_the_slot() {
    let mut bench = Bench::cluster();
    bench.run(rpush, "RPUSH {a}l 2 1");
    bench.run(set, "SET {a}w_1 9");
    assert_eq!(sorted(&mut bench, "SORT {a}l BY {a}w_* GET # GET {a}w_*"), "2 $-1 1 9");
    let refused = |option| {
        format!(
            "-ERR {option} option of SORT denied in Cluster mode when keys formed by the pattern may be in different \
             slots."
        )
    };
    assert_eq!(bench.run(sort, "SORT {a}l BY w_*"), refused("BY"));
    assert_eq!(bench.run(sort, "SORT {a}l GET {b}w_*"), refused("GET"));
    assert_eq!(sorted(&mut bench, "SORT {a}l BY nosort GET #"), "2 1");
}

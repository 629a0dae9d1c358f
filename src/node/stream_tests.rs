//! Clients that wait for streams, on a node without a server.

use crate::testing::Bench;

const ENTRY: &str = "*2\r\n$1\r\nf\r\n$1\r\nv\r\n";

#[test]
fn readers_are_served_what_comes_after_they_asked() {
    let mut bench = Bench::new("");
    let (one, two, other) = (bench.connect(1), bench.connect(2), bench.connect(3));
    bench.ask(other, &["XADD s 1 f v"]);
    assert_eq!(bench.ask(one, &["XREAD BLOCK 0 STREAMS none s $ $"]), "");
    assert_eq!(bench.ask(two, &["XREAD BLOCK 20 STREAMS s $"]), "");
    bench.ask(other, &["XDEL s 1", "SET none x", "DEL none"]);
    assert_eq!((bench.sent(one), bench.sent(two)), (String::new(), String::new()));
    bench.ask(other, &["XADD s 2 f v"]);
    let served = format!("*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n2-0\r\n{ENTRY}");
    assert_eq!((bench.sent(one), bench.sent(two)), (served.clone(), served));
    assert_eq!(bench.ask(one, &["XREAD BLOCK 20 STREAMS s $"]), "");
    bench.wait(21_000);
    assert_eq!(bench.sent(one), "*-1\r\n");
}

#[test]
fn consumers_wait_until_there_is_something_new_or_their_group_goes() {
    let mut bench = Bench::new("");
    let (one, two, other) = (bench.connect(1), bench.connect(2), bench.connect(3));
    bench.ask(other, &["XADD s 1 f v", "XGROUP CREATE s g $"]);
    bench.ask(one, &["XREADGROUP GROUP g a BLOCK 0 STREAMS s >"]);
    bench.ask(two, &["XREADGROUP GROUP g b BLOCK 0 STREAMS s >"]);
    // Quirk of the reference: a group that is taken back is noticed when the next entry comes, and a consumer that is
    // removed while it waits is made anew then.
    assert_eq!(bench.ask(other, &["XGROUP DELCONSUMER s g b", "XGROUP SETID s g 0"]), ":0\r\n+OK\r\n");
    assert_eq!((bench.sent(one), bench.sent(two)), (String::new(), String::new()));
    bench.ask(other, &["XADD s 2 f v"]);
    assert_eq!(
        bench.sent(one),
        format!("*1\r\n*2\r\n$1\r\ns\r\n*2\r\n*2\r\n$3\r\n1-0\r\n{ENTRY}*2\r\n$3\r\n2-0\r\n{ENTRY}")
    );
    assert_eq!(bench.sent(two), "", "the first in line had it all");
    bench.ask(other, &["XGROUP DESTROY s g"]);
    let gone = "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option\r\n";
    assert_eq!(bench.sent(two), gone);
    bench.ask(other, &["XGROUP CREATE s g $"]);
    bench.ask(one, &["XREADGROUP GROUP g a BLOCK 0 STREAMS s >"]);
    bench.ask(other, &["DEL s"]);
    assert_eq!(bench.sent(one), gone);
    bench.ask(other, &["XGROUP CREATE s g $ MKSTREAM"]);
    bench.ask(one, &["XREADGROUP GROUP g a BLOCK 0 STREAMS s >"]);
    bench.ask(other, &["SET s x"]);
    assert!(bench.sent(one).starts_with("-WRONGTYPE"));
}

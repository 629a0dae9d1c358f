//! Scripts as clients see them.

use crate::testing::Bench;

#[test]
fn scripts_run_and_call() {
    let mut bench = Bench::new("");
    let client = bench.connect(0);
    assert_eq!(bench.ask(client, &["EVAL return(1) 0"]), ":1\r\n");
    assert_eq!(bench.ask(client, &["EVAL return(redis.call('SET',KEYS[1],ARGV[1])) 1 key value"]), "+OK\r\n");
    assert_eq!(bench.ask(client, &["GET key"]), "$5\r\nvalue\r\n");
}

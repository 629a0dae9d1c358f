//! Messages and their ways, on a node without a server.

use crate::testing::Bench;

#[test]
fn a_message_reaches_listeners_of_its_channel_and_of_patterns() {
    let mut bench = Bench::new("");
    let (ear, other, mouth) = (bench.connect(1), bench.connect(2), bench.connect(3));
    assert_eq!(
        bench.ask(ear, &["SUBSCRIBE news.a news.b"]),
        "*3\r\n$9\r\nsubscribe\r\n$6\r\nnews.a\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$6\r\nnews.b\r\n:2\r\n"
    );
    bench.ask(other, &["PSUBSCRIBE news.* n?ws.a x* news.[bc]"]);
    assert_eq!(bench.ask(mouth, &["PUBLISH news.a hello"]), ":3\r\n");
    assert_eq!(bench.sent(ear), "*3\r\n$7\r\nmessage\r\n$6\r\nnews.a\r\n$5\r\nhello\r\n");
    let mut got: Vec<String> = bench
        .sent(other)
        .split("*4\r\n")
        .skip(1)
        .map(|m| m.split("\r\n").nth(3).unwrap().to_owned())
        .collect();
    got.sort();
    assert_eq!(got, ["n?ws.a", "news.*"]);
    assert_eq!(
        bench.ask(mouth, &["PUBSUB NUMPAT", "PUBSUB NUMSUB news.a no"]),
        ":4\r\n*4\r\n$6\r\nnews.a\r\n:1\r\n$2\r\nno\r\n:0\r\n"
    );
    bench.ask(other, &["PUNSUBSCRIBE"]);
    bench.ask(ear, &["UNSUBSCRIBE news.a"]);
    assert_eq!(bench.ask(mouth, &["PUBLISH news.a hello", "PUBSUB NUMPAT"]), ":0\r\n:0\r\n");
}

#[test]
fn a_listener_of_the_older_protocol_may_ask_for_little() {
    let mut bench = Bench::new("");
    let ear = bench.connect(1);
    bench.ask(ear, &["SUBSCRIBE a"]);
    assert!(bench.ask(ear, &["GET key"]).starts_with("-ERR Can't execute 'get': only (P|S)SUBSCRIBE / "));
    assert_eq!(bench.ask(ear, &["PING"]), "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
    assert_eq!(bench.ask(ear, &["UNSUBSCRIBE"]), "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n");
    assert_eq!(bench.ask(ear, &["UNSUBSCRIBE"]), "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n");
    assert_eq!(bench.ask(ear, &["PING"]), "+PONG\r\n");
}

#[test]
fn what_a_client_sends_to_itself_follows_the_reply() {
    let mut bench = Bench::new("");
    let own = bench.connect(1);
    bench.ask(own, &["HELLO 3", "SUBSCRIBE a"]);
    assert_eq!(bench.ask(own, &["PUBLISH a x"]), ":1\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nx\r\n");
}

#[test]
fn changes_of_keys_are_messages_where_they_are_wanted() {
    let mut bench = Bench::new("notify-keyspace-events Kg$x");
    let (ear, hand) = (bench.connect(1), bench.connect(2));
    bench.ask(ear, &["PSUBSCRIBE *"]);
    bench.ask(hand, &["SET key 1 PX 1000", "DEL key", "GET key"]);
    let heard: Vec<String> = bench.sent(ear).split("\r\n").skip(8).step_by(9).map(str::to_owned).collect();
    assert_eq!(heard, ["set", "expire", "del"]);
    bench.ask(hand, &["CONFIG SET notify-keyspace-events Enm", "GET none", "SET none 1"]);
    let heard: Vec<String> = bench.sent(ear).split("\r\n").skip(6).step_by(9).map(str::to_owned).collect();
    assert_eq!(heard, ["__keyevent@0__:keymiss", "__keyevent@0__:new"]);
    bench.ask(hand, &["SET key 1 PX 100", "CONFIG SET notify-keyspace-events Ex"]);
    bench.sent(ear);
    bench.wait(2_000_000);
    assert!(
        bench
            .sent(ear)
            .ends_with("$18\r\n__keyevent@0__:expired\r\n$3\r\nkey\r\n".replace("$18", "$22").as_str())
    );
}

#[test]
fn nothing_is_left_of_listeners_that_went() {
    let mut bench = Bench::new("");
    let (ear, other) = (bench.connect(1), bench.connect(2));
    bench.ask(ear, &["SUBSCRIBE a b", "PSUBSCRIBE c*", "SSUBSCRIBE d"]);
    bench.close(ear);
    assert_eq!(
        bench.ask(other, &["PUBSUB CHANNELS", "PUBSUB SHARDCHANNELS", "PUBSUB NUMPAT"]),
        "*0\r\n*0\r\n:0\r\n"
    );
    assert!(bench.ask(other, &["INFO clients"]).contains("pubsub_clients:0\r\n"));
}

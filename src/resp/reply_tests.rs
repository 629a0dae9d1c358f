//! Each kind of reply in both versions, and values sent by reference among lengths written late.

use super::*;
use proptest::prelude::*;

fn wire(buffer: &ReplyBuffer) -> Vec<u8> {
    let bytes: Vec<u8> = buffer.pieces().flatten().copied().collect();
    assert_eq!(bytes.len(), buffer.len());
    bytes
}

fn written(protocol: Protocol, write: impl FnOnce(&mut Reply<'_>)) -> String {
    let mut buffer = ReplyBuffer::default();
    write(&mut Reply::new(&mut buffer, protocol));
    String::from_utf8(wire(&buffer)).unwrap()
}

#[test]
fn every_kind_has_its_form_in_both_versions() {
    type Case = (fn(&mut Reply<'_>), &'static str, &'static str);
    let cases: [Case; 19] = [
        (|r| r.ok(), "+OK\r\n", "+OK\r\n"),
        (|r| r.simple(b"PONG"), "+PONG\r\n", "+PONG\r\n"),
        (|r| r.error(b"ERR a\r\nb"), "-ERR a  b\r\n", "-ERR a  b\r\n"),
        (|r| r.integer(-12), ":-12\r\n", ":-12\r\n"),
        (|r| r.integer(i64::MIN), ":-9223372036854775808\r\n", ":-9223372036854775808\r\n"),
        (|r| r.bulk(b""), "$0\r\n\r\n", "$0\r\n\r\n"),
        (|r| r.bulk(&[b'x'; 10]), "$10\r\nxxxxxxxxxx\r\n", "$10\r\nxxxxxxxxxx\r\n"),
        (|r| r.bulk_integer(-1), "$2\r\n-1\r\n", "$2\r\n-1\r\n"),
        (|r| r.null(), "$-1\r\n", "_\r\n"),
        (|r| r.null_array(), "*-1\r\n", "_\r\n"),
        (|r| r.array(100), "*100\r\n", "*100\r\n"),
        (|r| r.map(2), "*4\r\n", "%2\r\n"),
        (|r| r.set(3), "*3\r\n", "~3\r\n"),
        (|r| r.push(3), "*3\r\n", ">3\r\n"),
        (|r| r.boolean(true), ":1\r\n", "#t\r\n"),
        (|r| r.boolean(false), ":0\r\n", "#f\r\n"),
        (|r| r.double(1.5), "$3\r\n1.5\r\n", ",1.5\r\n"),
        (|r| r.big_number(b"12"), "$2\r\n12\r\n", "(12\r\n"),
        (|r| r.verbatim(b"txt", b"hi"), "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n"),
    ];
    for (write, older, newer) in cases {
        assert_eq!(written(Protocol::Resp2, write), older);
        assert_eq!(written(Protocol::Resp3, write), newer);
    }
}

#[test]
fn late_lengths_of_maps_and_sets_follow_the_version() {
    let write = |r: &mut Reply<'_>| {
        let map = r.array_deferred();
        r.bulk(b"k");
        let set = r.array_deferred();
        r.set_set(&set, 0);
        r.set_map(&map, 1);
    };
    assert_eq!(written(Protocol::Resp2, write), "*2\r\n$1\r\nk\r\n*0\r\n");
    assert_eq!(written(Protocol::Resp3, write), "%1\r\n$1\r\nk\r\n~0\r\n");
}

#[test]
fn what_is_taken_back_takes_its_shared_values_along() {
    let mut buffer = ReplyBuffer::default();
    let mut reply = Reply::new(&mut buffer, Protocol::Resp2);
    reply.bulk_shared(Bytes::from_static(b"kept"));
    let position = reply.position();
    reply.bulk_shared(Bytes::from_static(b"gone"));
    reply.truncate(position);
    reply.ok();
    assert_eq!(wire(&buffer), b"$4\r\nkept\r\n+OK\r\n");
    buffer.truncate(0);
    assert!(buffer.is_empty());
}

#[derive(Clone, Debug)]
enum Node {
    Plain(Vec<u8>),
    Shared(Vec<u8>),
    Array(Vec<Node>),
    Late(Vec<Node>),
}

impl Node {
    /// Writes it, and what has a late length with a wrong one, if those are gathered.
    fn write(&self, reply: &mut Reply<'_>, wrong: &mut Option<WrongHeads>) {
        match self {
            Node::Plain(bytes) => reply.bulk(bytes),
            Node::Shared(bytes) => reply.bulk_shared(Bytes::from(bytes.clone())),
            Node::Array(nodes) => {
                reply.array(nodes.len());
                nodes.iter().for_each(|node| node.write(reply, wrong));
            }
            Node::Late(nodes) if wrong.is_some() => {
                let head = reply.position();
                reply.array([0, 12_345][head % 2]);
                nodes.iter().for_each(|node| node.write(reply, wrong));
                wrong.iter_mut().for_each(|wrong| wrong.note(head, nodes.len()));
            }
            Node::Late(nodes) => {
                let head = reply.array_deferred();
                nodes.iter().for_each(|node| node.write(reply, wrong));
                reply.set_array(&head, nodes.len());
            }
        }
    }

    fn expected(&self, out: &mut Vec<u8>) {
        match self {
            Node::Plain(bytes) | Node::Shared(bytes) => {
                out.extend_from_slice(format!("${}\r\n", bytes.len()).as_bytes());
                out.extend_from_slice(bytes);
                out.extend_from_slice(b"\r\n");
            }
            Node::Array(nodes) | Node::Late(nodes) => {
                out.extend_from_slice(format!("*{}\r\n", nodes.len()).as_bytes());
                nodes.iter().for_each(|node| node.expected(out));
            }
        }
    }
}

fn node() -> impl Strategy<Value = Node> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..120);
    let leaf = prop_oneof![bytes().prop_map(Node::Plain), bytes().prop_map(Node::Shared)];
    leaf.prop_recursive(4, 40, 12, |inner| {
        let nodes = || prop::collection::vec(inner.clone(), 0..12);
        prop_oneof![nodes().prop_map(Node::Array), nodes().prop_map(Node::Late)]
    })
}

proptest! {
    #[test]
    fn references_and_late_lengths_come_out_where_they_belong(
        nodes in prop::collection::vec(node(), 1..5),
        split in any::<usize>(),
        gathered in any::<bool>(),
    ) {
        let (mut first, mut second, mut expected) = (ReplyBuffer::default(), ReplyBuffer::default(), Vec::new());
        let split = split % (nodes.len() + 1);
        for (i, node) in nodes.iter().enumerate() {
            let mut reply = Reply::new(if i < split { &mut first } else { &mut second }, Protocol::Resp2);
            let mut wrong = gathered.then(WrongHeads::default);
            node.write(&mut reply, &mut wrong);
            wrong.into_iter().for_each(|wrong| reply.correct(wrong));
            node.expected(&mut expected);
        }
        first.append(&mut second);
        prop_assert!(second.is_empty());
        prop_assert_eq!(wire(&first), expected);
    }
}

#[test]
fn a_bounded_buffer_leaves_out_what_it_has_no_room_for_and_says_so() {
    let mut buffer = ReplyBuffer::bounded(1000);
    let mut reply = Reply::new(&mut buffer, Protocol::Resp2);
    reply.array(20);
    for _ in 0..20 {
        reply.bulk(&[b'x'; 90]);
    }
    assert!(reply.is_full() && reply.is_bounded());
    reply.truncate(reply.position() - 10);
    assert!(reply.is_full(), "it may have been left out before");
    assert!(buffer.bytes.capacity() <= 1000, "{}", buffer.bytes.capacity());
    buffer.truncate(0);
    assert!(!buffer.is_full());
    Reply::new(&mut buffer, Protocol::Resp2).bulk_shared(Bytes::from_static(&[b'y'; 2000]));
    assert!(!buffer.is_full(), "what is referred to takes no memory");
    Reply::new(&mut buffer, Protocol::Resp2).raw(&[b'z'; 1000]);
    assert!(buffer.is_full());
}

#[test]
fn every_kind_may_be_left_out() {
    for bound in 0..70 {
        let mut buffer = ReplyBuffer::bounded(bound);
        let mut reply = Reply::new(&mut buffer, Protocol::Resp3);
        let place = reply.array_deferred();
        let mut heads = WrongHeads::default();
        for _ in 0..bound / 8 {
            heads.note(reply.position(), 12);
            reply.array(0);
        }
        reply.correct(heads);
        reply.error(b"ERR no");
        reply.double(1.25);
        reply.integer(-5);
        reply.verbatim(b"txt", b"text");
        reply.bulk_shared(Bytes::from_static(b"shared"));
        reply.big_number(b"123");
        reply.set_map(&place, 3);
        let mut aside = reply.buffer_aside();
        Reply::new(&mut aside, Protocol::Resp3).bulk(&[b'x'; 70]);
        reply.take_aside(&mut aside);
        assert!(reply.is_full());
    }
}
